"""`gradphoto pack` and `gradphoto verify`: the hand-over, made and checked."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    ROSTER_HELP,
    AllSheetsOption,
    LangOption,
    NamesOption,
    SheetOption,
    SpecOption,
    WorkersOption,
    as_language,
    as_presentation,
    as_sheets,
)
from pipeline.core.errors import UsageError
from pipeline.core.places import lies_in
from pipeline.core.rules import Split


def pack(
    out: Annotated[Path, typer.Argument(help="the --out folder of a finished check")],
    to: Annotated[
        Path | None,
        typer.Option("--to", help="the zip, or with --split the folder of the zips"),
    ] = None,
    split_by: Annotated[
        Split | None, typer.Option("--split", help="one zip for each 学院, or each 专业")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="名单 of the run; needed by --split")
    ] = None,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    lang: LangOption = "zh",
) -> None:
    """Pack the registration files of a run for hand-over: photos only, the list beside the zip."""
    from flows.shoot.hand_over import pack_run
    from pipeline.handover.manifest import beside
    from pipeline.intake.roster import read_roster
    from reports.terminal.package import print_packed
    from reports.terminal.run import print_roster

    language, sheets = as_language(lang), as_sheets(sheet, all_sheets)
    read = None
    if roster is not None:
        read = read_roster(roster, sheets, by_id=True)
        print_roster(read, language)
    packed = pack_run(out, to, split_by, read)
    print_packed(packed, [beside(one.path) for one in packed], language)


def verify(
    package: Annotated[Path, typer.Argument(help="zip, or folder of photos or of zips")],
    manifest: Annotated[
        Path | None,
        typer.Option("--manifest", help="the list: file, sha256, student_id; else the one beside"),
    ] = None,
    roster: Annotated[Path | None, typer.Option("--roster", help=ROSTER_HELP)] = None,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    spec: SpecOption = "chsi_graduate",
    out: Annotated[
        Path | None, typer.Option("--out", help="a folder for verify.csv, with every row")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="exit 1 unless the package is good and complete")
    ] = False,
    workers: WorkersOption = 0,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Check a package that someone else made against its list, the roster and the rules.

    Exit 0: it was checked, whatever was found; the first line says what it comes to.
    """
    from rich.console import Console
    from rich.progress import Progress

    from checks import CHECKS
    from flows.shoot.hand_over import verify_package
    from flows.shoot.progress import CHECKING
    from pipeline.core.one_run import alone_in
    from pipeline.handover.incoming import open_package
    from pipeline.spec.spec import load_spec
    from reports.terminal.package import print_verification, write_verification
    from reports.terminal.run import print_roster

    presentation = as_presentation(lang, full_names)
    if out is not None and lies_in(out, package):
        raise UsageError(f"--out {out.name} lies inside the package; choose a folder outside it")
    standard = load_spec(spec, CHECKS)
    opened = open_package(package, manifest, roster, standard, as_sheets(sheet, all_sheets))
    if opened.roster is not None:
        print_roster(opened.roster, presentation.lang)
    sys.stderr.write(f"{len(opened.submissions)} files, spec {standard.id}\n")
    with nullcontext() if out is None else alone_in(out):
        # Off a terminal this bar ends in an empty line, which `verify` has always written.
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(CHECKING[presentation.lang], total=len(opened.submissions))
            verification = verify_package(
                opened, standard, workers, lambda done, _of: bar.update(task, completed=done)
            )
        if out is not None:
            write_verification(verification, out, presentation)
    print_verification(verification, opened, presentation)
    if strict and not (verification.sound and verification.complete):
        raise typer.Exit(1)
