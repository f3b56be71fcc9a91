"""`gradphoto season …`: the command line of a season that lasts months."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    AllSheetsOption,
    CarryOption,
    ChooseOption,
    ColumnOption,
    LangOption,
    LedgerOption,
    ManifestOption,
    NamesOption,
    RosterOption,
    SchoolOption,
    SeasonArgument,
    SheetOption,
    SpecOption,
    WorkersOption,
    as_choose,
    as_columns,
    as_judge,
    as_language,
    as_presentation,
    as_school,
    as_sheets,
    as_told,
)
from flows.commands.season_decisions import (
    fallback,
    proofs,
    reassign,
    rejudge,
    review,
    roster,
    uploaded,
)
from flows.commands.season_privacy import forget_templates, keep_templates, purge
from flows.settings import DEFAULT_SPEC, in_chinese, told
from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.rules import Text

season_app = typer.Typer(
    no_args_is_help=True,
    help=told(
        "采集季：轮次、记录、截止日期、校对。", "A season: rounds, its memory, deadlines, proofs."
    ),
)

_DAY = "YYYY-MM-DD"


@season_app.command("init")
@in_chinese("从名单开始一个采集季，放在 DIR。")
def init(
    folder: SeasonArgument,
    roster: RosterOption,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    column: ColumnOption = None,
    spec: SpecOption = DEFAULT_SPEC,
    deadline: Annotated[
        str | None,
        typer.Option(
            "--deadline",
            metavar=_DAY,
            help=told("不给则按规范取下一个", "else the spec's next one"),
        ),
    ] = None,
    make_up: Annotated[
        str | None,
        typer.Option(
            "--make-up", metavar=_DAY, help=told("不给则按规范提前", "else so long before it")
        ),
    ] = None,
    class_of: Annotated[
        int | None,
        typer.Option(
            "--class-of",
            min=2000,
            max=2099,
            help=told(
                "哪一届（毕业年份）；不给则看 DIR 的名称，如 2027届",
                "the year of graduation; else the one in DIR's name, as in 2027届",
            ),
        ),
    ] = None,
    identity: Annotated[
        bool,
        typer.Option(
            "--identity", help=told("每一轮都做人脸比对", "compare faces 人脸比对 in every round")
        ),
    ] = False,
    references: Annotated[
        Path | None,
        typer.Option(
            "--references", help=told("录取照片；复制到 DIR", "photos on record; copied into DIR")
        ),
    ] = None,
    template_key: Annotated[
        Path | None,
        typer.Option(
            "--template-key",
            help=told(
                "与 --identity 合用：保存模板，用这个文件加密",
                "with --identity: keep templates, sealed by this file",
            ),
        ),
    ] = None,
    choose: ChooseOption = "ask",
    carry: CarryOption = None,
    school: SchoolOption = None,
    ledger: LedgerOption = None,
    lang: LangOption = None,
) -> None:
    """Begin a season in DIR from its roster."""
    from flows.season.steps import init as run
    from reports.terminal.run import print_roster

    read = run(
        folder,
        roster,
        spec,
        ledger=ledger,
        deadline=_day("--deadline", deadline),
        make_up=_day("--make-up", make_up),
        class_of=class_of,
        identity=identity,
        references=references,
        template_key=template_key,
        sheets=as_sheets(sheet, all_sheets),
        columns=as_columns(column),
        choose=None if choose == "ask" else as_choose(choose),
        carry=tuple(carry or ()),
        school=as_school(school),
    )
    print_roster(read, as_language(lang))
    status(folder, ledger=ledger, lang=lang)


@season_app.command("ingest")
@in_chinese("收取上次以来的新照片，写出全季清单。")
def ingest(
    folder: SeasonArgument,
    inbox: Annotated[
        Path, typer.Argument(help=told("照片文件夹或 zip", "folder or zip of photos"))
    ],
    judge_as: Annotated[
        str,
        typer.Option(
            "--as",
            help=told(
                "source 原片、final 成品，或 auto：整轮自动判断",
                "source 原片, final 成品, or auto: for the whole round",
            ),
        ),
    ] = "auto",
    manifest: ManifestOption = None,
    workers: WorkersOption = 0,
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Take in what arrived since last time, and write the lists of the whole season."""
    from flows.season.said import said_of_round
    from flows.season.steps import ingest as run
    from flows.shoot.progress import told_progress

    presentation, language = as_presentation(lang, full_names), as_language(lang)
    judge = as_judge(judge_as)
    with told_progress(as_language(lang)) as progress:
        done = run(
            folder,
            inbox,
            ledger=ledger,
            workers=workers,
            judge_as=judge,
            manifest=manifest,
            presentation=presentation,
            progress=progress,
        )
    for line in said_of_round(done):
        typer.echo(line[language])
    typer.echo(folder / "reports" / OutputFile.PAGE)


@season_app.command("status")
@in_chinese("显示这一季进行到哪里：计数和截止日期。")
def status(
    folder: SeasonArgument,
    as_json: Annotated[
        bool, typer.Option("--json", help=told("供其他程序读取", "for other programs"))
    ] = False,
    ledger: LedgerOption = None,
    lang: LangOption = None,
) -> None:
    """Show where a season stands, in counts, with its deadlines."""
    from flows.season.views import status as read
    from reports.terminal.season import print_status

    language = as_language(lang)
    found = read(folder, ledger=ledger)
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), default=str, ensure_ascii=False) + "\n")
    else:
        print_status(found, language)


@season_app.command("history")
@in_chinese("列出一个学生的每次提交。")
def history(
    folder: SeasonArgument,
    student: Annotated[
        str, typer.Argument(help=told("学号、考生号或采集码", "学号, 考生号 or 采集码"))
    ],
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Tell every attempt of one student."""
    from flows.season.views import history as read
    from reports.terminal.season import print_history

    print_history(read(folder, student, ledger=ledger), as_told(lang, full_names))


_OTHERS: tuple[Callable[..., None], ...] = (
    rejudge,
    review,
    reassign,
    roster,
    proofs,
    uploaded,
    fallback,
    keep_templates,
    forget_templates,
    purge,
)
for _other in _OTHERS:
    season_app.command()(_other)


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, no moment
    except ValueError:
        raise UsageError(
            Text(f"{option} {text}：日期写成 {_DAY}", f"{option} {text}: a day is written {_DAY}")
        ) from None
