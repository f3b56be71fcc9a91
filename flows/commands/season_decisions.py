"""`gradphoto season review`, `roster`, `rejudge`, `proofs` …: what is decided after a round."""

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    ROSTER_HELP,
    AllSheetsOption,
    ColumnOption,
    LangOption,
    LedgerOption,
    NamesOption,
    SeasonArgument,
    SheetOption,
    WorkersOption,
    as_columns,
    as_language,
    as_presentation,
    as_sheets,
)
from flows.settings import in_chinese, told
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text

ByOption = Annotated[
    str | None,
    typer.Option("--by", help=told("谁决定的；不给则是当前用户", "who decides; else the user")),
]


@in_chinese("记下人工对一张照片的决定。")
def review(
    folder: SeasonArgument,
    photo: Annotated[
        str,
        typer.Argument(
            help=told("学生的号码，或照片的路径", "a student's number, or a photo's path")
        ),
    ],
    accept: Annotated[
        bool,
        typer.Option("--accept/--reject", help=told("通过，或退回", "let it pass, or refuse it")),
    ],
    why: Annotated[
        str,
        typer.Option(
            "--why",
            help=told("理由；被退回的学生会看到", "the reason; a rejected student reads it"),
        ),
    ],
    by: ByOption = None,
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Write down what a person decided on a photo."""
    from flows.season.review import review as run
    from flows.season.said import said_of_review

    who = by or _user()
    run(
        folder,
        photo,
        accept=accept,
        why=why,
        who=who,
        ledger=ledger,
        presentation=as_presentation(lang, full_names),
    )
    _end(said_of_review(who, accepted=accept), folder, ledger, lang)


@in_chinese("把照片改归另一名学生：按编号接受互换或错位的建议，或指定一张。")
def reassign(
    folder: SeasonArgument,
    what: Annotated[
        str,
        typer.Argument(
            help=told(
                "proposals.csv 中的编号（swap-1、shift-2），或照片的路径、学生的号码",
                "swap-1, shift-2 of proposals.csv; or a photo's path, a student's number",
            )
        ),
    ],
    why: Annotated[str, typer.Option("--why", help=told("理由", "the reason"))],
    to: Annotated[
        str,
        typer.Option(
            "--to", help=told("这张照片归哪个号码的学生", "the student to whom the photo goes")
        ),
    ] = "",
    keep: Annotated[
        bool,
        typer.Option("--keep", help=told("不改，也不再建议", "leave it, and propose it no more")),
    ] = False,
    undo: Annotated[
        bool,
        typer.Option(
            "--undo", help=told("撤销这张照片的改归，整组一起", "take back that of a photo, whole")
        ),
    ] = False,
    by: ByOption = None,
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Give photos to other students: a swap or run as proposed, or one photo."""
    from flows.season.reassign import reassign as run
    from flows.season.said import said_of_reassignment
    from pipeline.batch.reviews import DecisionKind

    if keep and undo:
        raise UsageError(Text("--keep 与 --undo 只能用一个", "--keep and --undo: give one of them"))
    kind = DecisionKind.UNDO if undo else DecisionKind.KEEP if keep else DecisionKind.ASSIGN
    count = run(
        folder,
        what,
        to=to,
        kind=kind,
        why=why,
        who=by or _user(),
        ledger=ledger,
        presentation=as_presentation(lang, full_names),
    )
    _end(said_of_reassignment(kind, count), folder, ledger, lang)


@in_chinese("换上更新的名单。")
def roster(
    folder: SeasonArgument,
    file: Annotated[Path, typer.Argument(help=ROSTER_HELP)],
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    column: ColumnOption = None,
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Put a newer roster in place of the season's."""
    from flows.season.changes import new_roster
    from flows.season.said import said_of_roster
    from reports.terminal.run import print_roster

    presentation = as_presentation(lang, full_names)
    read = new_roster(
        folder,
        file,
        ledger=ledger,
        presentation=presentation,
        sheets=as_sheets(sheet, all_sheets),
        columns=as_columns(column),
    )
    print_roster(read, as_language(lang))
    _end(said_of_roster(len(read.students)), folder, ledger, lang)


@in_chinese("按已测得的数据，显示换限值后谁的结论会变；--apply 执行。")
def rejudge(
    folder: SeasonArgument,
    spec: Annotated[
        str | None,
        typer.Option(
            "--spec",
            help=told(
                "不给则用这一季自己的，只处理须重新检查的",
                "else its own, for what needs examining anew",
            ),
        ),
    ] = None,
    apply: Annotated[
        bool,
        typer.Option("--apply", help=told("执行改动；不给则只显示", "change it; else only show")),
    ] = False,
    workers: WorkersOption = 0,
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Show whose verdict other limits would change, from what was measured; --apply does it."""
    from flows.season.rejudge import rejudge_season
    from reports.terminal.season import print_rejudgement

    presentation = as_presentation(lang, full_names)
    done = rejudge_season(
        folder,
        spec,
        apply=apply,
        ledger=ledger,
        workers=workers,
        presentation=presentation,
    )
    print_rejudgement(done, as_language(lang))


@in_chinese("收取校对结果：学生在学信网对照片的确认。")
def proofs(
    folder: SeasonArgument,
    file: Annotated[
        Path,
        typer.Argument(
            help=told("列：学号、结果（正确、有误）、原因", "columns 学号, 结果 (正确, 有误), 原因")
        ),
    ],
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Take in 校对: what students said of their pictures on the national platform."""
    from flows.season.changes import proofs as run
    from reports.terminal.season import print_imported

    presentation = as_presentation(lang, full_names)
    done = run(folder, file, ledger=ledger, presentation=presentation)
    print_imported(done, as_language(lang))
    _end(None, folder, ledger, lang)


@in_chinese("记下所有合格者的成品照片已经上交。")
def uploaded(
    folder: SeasonArgument,
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Note that the registration files of all who passed were handed over."""
    from flows.season.changes import uploaded as run
    from flows.season.said import said_of_hand_over

    count = run(folder, ledger=ledger, presentation=as_presentation(lang, full_names))
    _end(said_of_hand_over(count), folder, ledger, lang)


@in_chinese("给平台上没有照片的学生做备用照片（16 KB 以下）。")
def fallback(
    folder: SeasonArgument,
    students: Annotated[
        Path | None,
        typer.Option(
            "--students",
            help=told(
                "名单；不给则为校对结果为无照片的学生", "a list 名单; else 校对 that says no photo"
            ),
        ),
    ] = None,
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Make the files of at most 16 KB that are mailed where the platform shows no photo."""
    from flows.season.audit import make_fallback

    presentation = as_presentation(lang, full_names)
    done = make_fallback(folder, students, presentation, ledger=ledger)
    said = Text(
        f"备用照片 {done.made} 张，{done.without} 人没有合格照片",
        f"{done.made} fallback files; {done.without} students have no accepted photo",
    )
    sys.stdout.write(f"{said[as_language(lang)]}\n{done.folder}\n")


def _end(said: Text | None, folder: Path, ledger: str | None, lang: str | None) -> None:
    """Say in a sentence what was done, and in a line where the students stand after it."""
    from flows.season.said import students_now
    from flows.season.views import status as read

    for line in (said, students_now(read(folder, ledger=ledger))):
        if line is not None:
            typer.echo(line[as_language(lang)])


def _user() -> str:
    """Name whoever calls; in a container a user may have a number only."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # no pwd on Windows; OSError from Python 3.13
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "?"
