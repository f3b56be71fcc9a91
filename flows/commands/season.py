"""`gradphoto season …`: the command line of a season that lasts months."""

import getpass
import json
import os
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    ROSTER_HELP,
    AllSheetsOption,
    CarryOption,
    ChooseOption,
    LangOption,
    ManifestOption,
    NamesOption,
    RosterOption,
    SchoolOption,
    SeasonArgument,
    SheetOption,
    SpecOption,
    WorkersOption,
    as_choose,
    as_judge,
    as_language,
    as_presentation,
    as_school,
    as_sheets,
    as_told,
)
from flows.settings import DEFAULT_SPEC, in_chinese, told
from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.places import real
from pipeline.core.rules import Text

season_app = typer.Typer(
    no_args_is_help=True,
    help=told(
        "采集季：轮次、记录、截止日期、校对。", "A season: rounds, its memory, deadlines, proofs."
    ),
)

LedgerOption = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        envvar="GRADPHOTO_LEDGER",
        show_envvar=True,
        help=told(
            "独用的 postgresql://…；不给则是 DIR 里的文件",
            "postgresql://… of its own; else a file in DIR",
        ),
    ),
]
_DAY = "YYYY-MM-DD"


@season_app.command("init")
@in_chinese("从名单开始一个采集季，放在 DIR。")
def init(
    folder: SeasonArgument,
    roster: RosterOption,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
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


@season_app.command("rejudge")
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


@season_app.command("review")
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
    by: Annotated[
        str | None,
        typer.Option("--by", help=told("谁决定的；不给则是当前用户", "who decides; else the user")),
    ] = None,
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


@season_app.command("roster")
@in_chinese("换上更新的名单。")
def roster(
    folder: SeasonArgument,
    file: Annotated[Path, typer.Argument(help=ROSTER_HELP)],
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    ledger: LedgerOption = None,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Put a newer roster in place of the season's."""
    from flows.season.changes import new_roster
    from flows.season.said import said_of_roster
    from reports.terminal.run import print_roster

    presentation = as_presentation(lang, full_names)
    sheets = as_sheets(sheet, all_sheets)
    read = new_roster(folder, file, ledger=ledger, presentation=presentation, sheets=sheets)
    print_roster(read, as_language(lang))
    _end(said_of_roster(len(read.students)), folder, ledger, lang)


@season_app.command("proofs")
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


@season_app.command("uploaded")
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


@season_app.command("fallback")
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


@season_app.command("keep-templates")
@in_chinese("从现在起每张脸只提取一次，模板用密钥文件加密保存。")
def keep_templates(
    folder: SeasonArgument,
    key: Annotated[
        Path,
        typer.Argument(help=told("密钥文件；没有则新建", "the key file; made where there is none")),
    ],
    ledger: LedgerOption = None,
) -> None:
    """Describe each face once from now on, and keep its template, sealed by a key file."""
    from flows.season.changes import begin_keeping

    begin_keeping(folder, key, ledger=ledger)


@season_app.command("forget-templates")
@in_chinese("删除全部人脸模板，今后不再保存；不需要密钥。")
def forget_templates(
    folder: SeasonArgument, ledger: LedgerOption = None, lang: LangOption = None
) -> None:
    """Remove all templates of faces and keep none from now on; needs no key."""
    from flows.season.changes import forget_templates as run
    from flows.season.said import said_of_forgetting

    for line in said_of_forgetting(run(folder, ledger=ledger)):
        typer.echo(line[as_language(lang)])


@season_app.command("purge")
@in_chinese("删除这一季的全部照片、模板、姓名和号码；只留计数。")
def purge(
    folder: SeasonArgument,
    yes: Annotated[
        bool, typer.Option("--yes", help=told("不再询问", "do not ask before it"))
    ] = False,
    ledger: LedgerOption = None,
    lang: LangOption = None,
) -> None:
    """Remove every picture, template, name and number of the season; counts stay."""
    from flows.season.changes import purge as run
    from flows.season.said import asked_before_purge, said_of_purge
    from flows.season.views import status as read

    language = as_language(lang)
    name = real(folder).name
    if not yes:
        asked = asked_before_purge(read(folder, ledger=ledger), name)[language]
        if not sys.stdin.isatty() or typer.prompt(asked, default="", show_default=False) != name:
            raise UsageError(
                Text(
                    "没有删除任何内容；请输入文件夹名称，或用 --yes",
                    "nothing was removed: type the name of the folder, or give --yes",
                )
            )
    for line in said_of_purge(run(folder, ledger=ledger)):
        typer.echo(line[language])


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


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, no moment
    except ValueError:
        raise UsageError(
            Text(f"{option} {text}：日期写成 {_DAY}", f"{option} {text}: a day is written {_DAY}")
        ) from None
