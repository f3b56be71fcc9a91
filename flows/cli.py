"""The command line. Exit 0: the run completed; 2: the call cannot be carried out."""

import sys
from typing import Annotated, cast

import typer

from flows.commands.check import check, inspect
from flows.commands.flow import flow_app
from flows.commands.lists import lists, notices
from flows.commands.measure import calibrate, evaluate
from flows.commands.models import models_app
from flows.commands.package import pack, verify
from flows.commands.season import season_app
from flows.commands.spec import rules, spec_app
from flows.streams import lost_output, prepare_streams
from pipeline.core.errors import UsageError

app = typer.Typer(
    name="gradphoto",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (pack, verify, check, inspect, lists, notices, rules, evaluate, calibrate):
    app.command()(command)
app.add_typer(spec_app, name="spec")
app.add_typer(flow_app, name="flow")
app.add_typer(season_app, name="season")
app.add_typer(models_app, name="models")


def _print_version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"gradphoto {version('gradphoto')}\n")
        raise typer.Exit


@app.callback()
def gradphoto(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="say which it is"),
    ] = False,
) -> None:
    """Checks graduation photographs: pass 合格, retake 需补拍, fail 异常."""


# An unknown option, a missing one, a value of the wrong kind. Typer exports this one of its
# errors only; what they have in common lies in Click or in Typer's copy of it.
_BadCall = cast("type[typer.BadParameter]", typer.BadParameter.__base__)


def main() -> None:
    """Run the command line; an unusable call is one line and exit 2."""
    prepare_streams()
    try:
        code = app(standalone_mode=False)  # None, or that of --help, --strict and Ctrl-C
    except UsageError as error:
        sys.exit(_refuse(str(error)))
    except _BadCall as error:
        sys.exit(_refuse(error.format_message()))
    lost = lost_output()
    if lost is None or isinstance(lost, BrokenPipeError):
        sys.exit(code)  # whoever read stdout may have seen enough (``| head -1``)
    sys.exit(_refuse(f"stdout cannot be written ({lost.strerror})"))


def _refuse(message: str) -> int:
    """Say it in one line; empty where the help was shown instead."""
    if message:
        sys.stderr.write(f"gradphoto: {message}\n")
    return 2


if __name__ == "__main__":
    main()
