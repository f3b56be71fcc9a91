"""`gradphoto roster …`: the list to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from flows.settings import LANG, in_chinese, told
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text

roster_app = typer.Typer(no_args_is_help=True)


@roster_app.callback()
@in_chinese("名单：可以填写的空表。")
def roster() -> None:
    """The roster 名单: a form to fill in."""


@roster_app.command("template")
@in_chinese("写出一张名单空表，号码列已设为文本格式。")
def template(
    file: Annotated[Path, typer.Argument(help=told("新的 .xlsx 文件", "a new .xlsx file"))] = Path(
        "名单.xlsx"
    ),
) -> None:
    """Write an empty roster to fill in, whose columns of numbers hold text."""
    from pipeline.core.private_files import writing_to
    from reports.roster_form import write_form

    if file.suffix.lower() != ".xlsx":
        raise UsageError(Text(f"{file}：须以 .xlsx 结尾", f"{file}: must end in .xlsx"))
    if file.exists():
        raise UsageError(
            Text(f"{file}：已经有了，请换个名称", f"{file}: is there already; choose another name")
        )
    with writing_to(file.parent):
        write_form(file)
    said = Text(f"已写出 {file}：每名学生一行", f"{file} is written: a row a student")
    typer.echo(said[LANG])
