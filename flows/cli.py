"""The command line. Exit 0: the run completed; 2: the call cannot be carried out."""

import io
import os
import sys
from typing import Annotated, cast

import typer

from flows.commands.check import check, inspect
from flows.commands.flow import flow_app
from flows.commands.measure import calibrate, evaluate
from flows.commands.models import models_app
from flows.commands.package import pack, verify
from flows.commands.season import season_app
from flows.commands.spec import rules, spec_app
from pipeline.core.errors import UsageError

app = typer.Typer(
    name="gradphoto",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (pack, verify, check, inspect, rules, evaluate, calibrate):
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may not speak UTF-8
    try:
        code = app(standalone_mode=False)  # None, or that of --help, --strict and Ctrl-C
        sys.stdout.flush()
    except UsageError as error:
        sys.stderr.write(f"gradphoto: {error}\n")
        sys.exit(2)
    except _BadCall as error:
        if message := error.format_message():  # empty where the help was shown instead
            sys.stderr.write(f"gradphoto: {message}\n")
        sys.exit(2)
    except BrokenPipeError:
        _stop_writing()
    except SystemExit as end:
        if end.code != 1:
            raise
        _stop_writing()  # so Typer and Rich end a closed pipe
    else:
        sys.exit(code)


def _stop_writing() -> None:
    """Whoever read stdout has seen enough (``| head -1``): that is no fault, and no more output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # also what Python flushes at its end
    sys.exit(0)


if __name__ == "__main__":
    main()
