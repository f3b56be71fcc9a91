"""`gradphoto lists` and `gradphoto notices`: what people act on, made of a finished run."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from flows.commands.options import (
    AllSheetsOption,
    CarryOption,
    ColumnOption,
    LangOption,
    LedgerOption,
    SchoolOption,
    SheetOption,
    as_columns,
    as_language,
    as_presentation,
    as_school,
    as_sheets,
)
from flows.settings import in_chinese, told
from pipeline.core.errors import UsageError
from pipeline.core.output_files import LISTS, NOTICES
from pipeline.core.rules import Lang, Text
from reports.masking import Presentation

if TYPE_CHECKING:
    from reports.people import People

RunArgument = Annotated[
    Path,
    typer.Argument(
        metavar="OUT|SEASON",
        help=told(
            "check 的 --out 文件夹，或采集季文件夹", "--out of `check`, or a season's folder"
        ),
    ),
]
ToOption = Annotated[
    Path | None,
    typer.Option("--to", help=told("写到哪里；不给则在其中", "where they go; else in the run")),
]
FromRosterOption = Annotated[
    Path | None,
    typer.Option("--roster", help=told("拍摄的名单，取姓名用", "of a shoot, for names")),
]
NamesChoice = Annotated[
    str, typer.Option("--names", help=told("full 全名，masked 隐去 张**", "full, or masked 张**"))
]


@in_chinese("按班级、学院、专业或辅导员各写一个工作簿：未采集、需补拍、异常、合格。")
def lists(
    run: RunArgument,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help=told(
                "class 班级、college 学院、major 专业或 counsellor 辅导员",
                "class, college, major or counsellor",
            ),
        ),
    ] = "class",
    names: NamesChoice = "masked",
    to: ToOption = None,
    roster: FromRosterOption = None,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    column: ColumnOption = None,
    carry: CarryOption = None,
    school: SchoolOption = None,
    ledger: LedgerOption = None,
    audit: Annotated[
        bool,
        typer.Option(
            "--audit",
            help=told(
                "采集季：给毕业审核办公室，每名学生一行",
                "of a season: a row a student for 毕业审核",
            ),
        ),
    ] = False,
    lang: LangOption = None,
) -> None:
    """Write one workbook a class, college, major or counsellor 未采集, 需补拍, 异常, 合格."""
    from reports.lists import write_lists
    from reports.people import By

    presentation = _presentation(lang, names)
    if audit:
        from flows.season.audit import write_audit

        path = write_audit(run, to, presentation, ledger=ledger)
        _say(as_language(lang), names, Text("毕业审核名单 1 份", "list for the office: 1"), path)
        return
    if by not in get_args(By):
        known = ", ".join(get_args(By))
        raise UsageError(Text(f"--by {by}：须是 {known}", f"--by {by}: {known}"))
    people = _people(run, presentation, roster, sheet, all_sheets, column, carry, school, ledger)
    where = to or run / LISTS
    written = write_lists(people, cast("By", by), where, _today())
    made = Text(f"工作簿 {len(written)} 个", f"workbooks: {len(written)}")
    _say(as_language(lang), names, made, where)


@in_chinese("给每名需要处理的学生写一页通知（HTML、PDF）和 merge.csv。")
def notices(
    run: RunArgument,
    names: NamesChoice = "masked",
    to: ToOption = None,
    roster: FromRosterOption = None,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    column: ColumnOption = None,
    carry: CarryOption = None,
    school: SchoolOption = None,
    ledger: LedgerOption = None,
    lang: LangOption = None,
) -> None:
    """Write a page for each student who must act, as HTML and PDF, and merge.csv."""
    from reports.notices import write_notices

    presentation = _presentation(lang, names)
    people = _people(run, presentation, roster, sheet, all_sheets, column, carry, school, ledger)
    where = to or run / NOTICES
    written = write_notices(people, where, _today())
    made = Text(f"通知 {written.count} 份", f"notices: {written.count}")
    _say(as_language(lang), names, made, where)


def _people(
    run: Path,
    presentation: Presentation,
    roster: Path | None,
    sheet: list[str] | None,
    all_sheets: bool,  # noqa: FBT001 - as the command has it
    column: list[str] | None,
    carry: list[str] | None,
    school: Path | None,
    ledger: str | None,
) -> "People":
    """Read who is on the lists, by the options that both commands have."""
    from flows.season.people import gather

    return gather(
        run,
        presentation,
        roster=roster,
        sheets=as_sheets(sheet, all_sheets),
        columns=as_columns(column),
        carry=tuple(carry or ()),
        school=as_school(school),
        ledger=ledger,
    )


def _today() -> date:
    """From which day on make-ups are still to come."""
    return datetime.now().astimezone().date()


def _presentation(lang: str | None, names: str) -> Presentation:
    if names not in {"full", "masked"}:
        raise UsageError(
            Text(f"--names {names}：须是 full 或 masked", f"--names {names}: full or masked")
        )
    return as_presentation(lang, names == "full")


def _say(lang: Lang, names: str, made: Text, where: Path) -> None:
    """Say how many there are, and whether they hold names in full."""
    said = {
        ("zh", "full"): "姓名为全名，仅供办理部门使用",
        ("zh", "masked"): "姓名已隐去（--names full 写全名）",
        ("en", "full"): "names in full: for the office alone",
        ("en", "masked"): "names are masked (--names full writes them)",
    }
    sys.stdout.write(f"{made[lang]}  {said[lang, names]}\n{where}\n")
