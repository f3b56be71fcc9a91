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
    LangOption,
    ManifestOption,
    NamesOption,
    RosterOption,
    SeasonArgument,
    SheetOption,
    SpecOption,
    WorkersOption,
    as_judge,
    as_language,
    as_presentation,
    as_sheets,
)
from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile

season_app = typer.Typer(
    no_args_is_help=True, help="A season: rounds, its memory, deadlines, proofs."
)

LedgerOption = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        envvar="GRADPHOTO_LEDGER",
        show_envvar=True,
        help="postgresql://… of its own; else a file in DIR",
    ),
]
_DAY = "YYYY-MM-DD"


@season_app.command("init")
def init(
    folder: SeasonArgument,
    roster: RosterOption,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    spec: SpecOption = "chsi_graduate",
    deadline: Annotated[
        str | None, typer.Option("--deadline", metavar=_DAY, help="else the spec's next one")
    ] = None,
    make_up: Annotated[
        str | None, typer.Option("--make-up", metavar=_DAY, help="else so long before it")
    ] = None,
    identity: Annotated[
        bool, typer.Option("--identity", help="compare faces 人脸比对 in every round")
    ] = False,
    references: Annotated[
        Path | None, typer.Option("--references", help="photos on record; copied into DIR")
    ] = None,
    template_key: Annotated[
        Path | None,
        typer.Option("--template-key", help="with --identity: keep templates, sealed by this file"),
    ] = None,
    carry: CarryOption = None,
    school: Annotated[
        Path | None, typer.Option("--school", help="TOML: 院校代码, offices, make-up days")
    ] = None,
    ledger: LedgerOption = None,
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
        identity=identity,
        references=references,
        template_key=template_key,
        sheets=as_sheets(sheet, all_sheets),
        carry=tuple(carry or ()),
        school=school,
    )
    print_roster(read, "zh")
    status(folder, ledger=ledger)


@season_app.command("ingest")
def ingest(
    folder: SeasonArgument,
    inbox: Annotated[Path, typer.Argument(help="folder or zip of photos")],
    judge_as: Annotated[
        str, typer.Option("--as", help="source 原片, final 成品, or auto: for the whole round")
    ] = "auto",
    manifest: ManifestOption = None,
    workers: WorkersOption = 0,
    ledger: LedgerOption = None,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Take in what arrived since last time, and write the lists of the whole season."""
    from flows.season.steps import ingest as run
    from flows.shoot.progress import told_progress
    from reports.shared_words import asides

    presentation = as_presentation(lang, full_names)
    judge = as_judge(judge_as)
    with told_progress(presentation.lang) as progress:
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
    sys.stdout.write("  ".join(head[presentation.lang] for head in done.header_lines) + "\n")
    taken = done.taken
    sys.stdout.write(
        f"new {taken.new}  known {taken.known}  waiting {taken.waiting}  "
        f"system files {taken.droppings}  examined {done.examined}\n"
    )
    sys.stdout.write("  ".join(f"{name} {count}" for name, count in done.students.items()) + "\n")
    for line in asides(done.set_aside, taken.unopened):
        sys.stdout.write(f"{line[presentation.lang]}\n")
    sys.stdout.write(f"{folder / 'reports' / OutputFile.PAGE}\n")


@season_app.command("status")
def status(
    folder: SeasonArgument,
    as_json: Annotated[bool, typer.Option("--json", help="for other programs")] = False,
    ledger: LedgerOption = None,
    lang: LangOption = "zh",
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
def history(
    folder: SeasonArgument,
    student: Annotated[str, typer.Argument(help="学号, 考生号 or 采集码")],
    ledger: LedgerOption = None,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Tell every attempt of one student."""
    from flows.season.views import history as read
    from reports.terminal.season import print_history

    print_history(read(folder, student, ledger=ledger), as_presentation(lang, full_names))


@season_app.command("rejudge")
def rejudge(
    folder: SeasonArgument,
    spec: Annotated[
        str | None, typer.Option("--spec", help="else its own, for what needs examining anew")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="change it; else only show")] = False,
    workers: WorkersOption = 0,
    ledger: LedgerOption = None,
    lang: LangOption = "zh",
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
    print_rejudgement(done, presentation.lang)


@season_app.command("review")
def review(
    folder: SeasonArgument,
    photo: Annotated[str, typer.Argument(help="a student's number, or a photo's path")],
    accept: Annotated[bool, typer.Option("--accept/--reject", help="let it pass, or refuse it")],
    why: Annotated[str, typer.Option("--why", help="the reason; a rejected student reads it")],
    by: Annotated[str | None, typer.Option("--by", help="who decides; else the user")] = None,
    ledger: LedgerOption = None,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Write down what a person decided on a photo."""
    from flows.season.review import review as run

    run(
        folder,
        photo,
        accept=accept,
        why=why,
        who=by or _user(),
        ledger=ledger,
        presentation=as_presentation(lang, full_names),
    )


@season_app.command("roster")
def roster(
    folder: SeasonArgument,
    file: Annotated[Path, typer.Argument(help=ROSTER_HELP)],
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    ledger: LedgerOption = None,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Put a newer roster in place of the season's."""
    from flows.season.changes import new_roster
    from reports.terminal.run import print_roster

    presentation = as_presentation(lang, full_names)
    sheets = as_sheets(sheet, all_sheets)
    read = new_roster(folder, file, ledger=ledger, presentation=presentation, sheets=sheets)
    print_roster(read, presentation.lang)


@season_app.command("proofs")
def proofs(
    folder: SeasonArgument,
    file: Annotated[Path, typer.Argument(help="学号, 结果 (正确, 有误), 原因")],
    ledger: LedgerOption = None,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Take in 校对: what students said of their pictures on the national platform."""
    from flows.season.changes import proofs as run
    from reports.terminal.season import print_imported

    presentation = as_presentation(lang, full_names)
    done = run(folder, file, ledger=ledger, presentation=presentation)
    print_imported(done, presentation.lang)


@season_app.command("uploaded")
def uploaded(
    folder: SeasonArgument,
    ledger: LedgerOption = None,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Note that the registration files of all who passed were handed over."""
    from flows.season.changes import uploaded as run

    count = run(folder, ledger=ledger, presentation=as_presentation(lang, full_names))
    sys.stdout.write(f"{count}\n")


@season_app.command("fallback")
def fallback(
    folder: SeasonArgument,
    students: Annotated[
        Path | None, typer.Option("--students", help="a list 名单; else 校对 that says no photo")
    ] = None,
    ledger: LedgerOption = None,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Make the files of at most 16 KB that are mailed where the platform shows no photo."""
    from flows.season.audit import make_fallback

    presentation = as_presentation(lang, full_names)
    done = make_fallback(folder, students, presentation, ledger=ledger)
    sys.stdout.write(f"{done.made}  ({done.without} -)\n{done.folder}\n")


@season_app.command("keep-templates")
def keep_templates(
    folder: SeasonArgument,
    key: Annotated[Path, typer.Argument(help="the key file; made where there is none")],
    ledger: LedgerOption = None,
) -> None:
    """Describe each face once from now on, and keep its template, sealed by a key file."""
    from flows.season.changes import begin_keeping

    begin_keeping(folder, key, ledger=ledger)


@season_app.command("forget-templates")
def forget_templates(folder: SeasonArgument, ledger: LedgerOption = None) -> None:
    """Remove all templates of faces and keep none from now on; needs no key."""
    from flows.season.changes import forget_templates as run

    sys.stdout.write(json.dumps(run(folder, ledger=ledger), ensure_ascii=False) + "\n")


@season_app.command("purge")
def purge(folder: SeasonArgument, ledger: LedgerOption = None) -> None:
    """Remove every picture, template, name and number of the season; counts stay."""
    from flows.season.changes import purge as run

    asked = f"{folder}: remove all pictures, names and numbers?"
    if sys.stdin.isatty() and not typer.confirm(asked):
        raise UsageError("nothing was removed")
    counts = run(folder, ledger=ledger)
    sys.stdout.write(json.dumps(counts, ensure_ascii=False) + "\n")


def _user() -> str:
    """Name whoever calls; in a container a user may have a number only."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError from Python 3.13
        return f"uid {os.getuid()}"


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, no moment
    except ValueError:
        raise UsageError(f"{option} {text}: a day is written {_DAY}") from None
