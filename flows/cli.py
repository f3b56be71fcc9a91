"""The command line. Exit 0: the run completed; 2: the call cannot be carried out."""

import os
import sys
from typing import Annotated, cast

import typer

from flows.commands.check import check, inspect
from flows.commands.desk import desk
from flows.commands.flow import flow_app
from flows.commands.lists import lists, notices
from flows.commands.measure import calibrate, evaluate
from flows.commands.models import models_app
from flows.commands.package import pack, verify
from flows.commands.roster import roster_app
from flows.commands.season import season_app
from flows.commands.spec import rules, spec_app
from flows.commands.typer_in_chinese import chinese_message, speak_chinese
from flows.commands.watch import watch
from flows.settings import FAULT, LANG, SETTINGS, in_chinese, told
from flows.streams import lost_output, prepare_streams
from pipeline.core.errors import UsageError
from pipeline.core.system_words import words_of

app = typer.Typer(
    name="gradphoto",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    check,
    inspect,
    watch,
    desk,
    pack,
    verify,
    lists,
    notices,
    rules,
    evaluate,
    calibrate,
):
    app.command()(command)
app.add_typer(spec_app, name="spec")
app.add_typer(flow_app, name="flow")
app.add_typer(season_app, name="season")
app.add_typer(models_app, name="models")
app.add_typer(roster_app, name="roster")


def _print_version(asked: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"gradphoto {version('gradphoto')}\n")
        raise typer.Exit


@app.callback()
@in_chinese("检查毕业照片：合格、需补拍、异常。")
def gradphoto(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help=told("显示版本", "say which it is"),
        ),
    ] = False,
) -> None:
    """Checks graduation photographs: pass 合格, retake 需补拍, fail 异常."""


# An unknown option, a missing one, a value of the wrong kind. Typer exports this one of its
# errors only; what they have in common lies in Click or in Typer's copy of it.
_BadCall = cast("type[typer.BadParameter]", typer.BadParameter.__base__)


def main() -> None:
    """Run the command line; an unusable call is one line and exit 2."""
    prepare_streams()
    command = typer.main.get_command(app)
    if LANG == "zh":
        speak_chinese(command)
    try:
        _take_settings()
        code = command(standalone_mode=False)  # None, or that of --help, --strict and Ctrl-C
    except UsageError as error:
        sys.exit(_refuse(error.why[LANG]))
    except _BadCall as error:
        said = error.format_message()
        if not said:  # the help was shown instead
            sys.exit(0)
        sys.exit(_refuse(chinese_message(said) if LANG == "zh" else said))
    lost = lost_output()
    if lost is None or isinstance(lost, BrokenPipeError):
        sys.exit(code)  # whoever read stdout may have seen enough (``| head -1``)
    why = words_of(lost)
    sys.exit(_refuse(told(f"标准输出无法写入（{why.zh}）", f"stdout cannot be written ({why.en})")))


def _take_settings() -> None:
    """Put in force what no option takes; `UsageError` where the settings are wrong."""
    if FAULT is not None:
        raise FAULT
    if SETTINGS.models is not None:
        from pipeline.face.model_manifest import FOLDER_VARIABLE

        os.environ.setdefault(FOLDER_VARIABLE, str(SETTINGS.models))


def _refuse(message: str) -> int:
    sys.stderr.write(f"gradphoto: {message}\n")
    return 2


if __name__ == "__main__":
    main()
