"""`gradphoto pack` and `gradphoto verify`: the hand-over, made and checked."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from pipeline.core.errors import UsageError
from pipeline.core.rules import Lang, Split

LangOption = Annotated[Lang, typer.Option("--lang", help="zh or en")]


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
    lang: LangOption = "zh",
) -> None:
    """Pack the registration files of a run for hand-over: photos only, the list beside the zip."""
    from pipeline.handover.manifest import beside
    from pipeline.handover.package import (
        UPLOAD,
        Bundle,
        read_upload,
        split,
        write_bundle,
        write_bundles,
    )
    from pipeline.intake.roster import read_roster
    from reports.terminal.package import print_packed

    target = to or out / (f"{UPLOAD}-by-{split_by}" if split_by else f"{UPLOAD}.zip")
    if (split_by is None) != (roster is None):
        raise UsageError("--split needs the --roster of the run, and nothing else does")
    if split_by is None and target.suffix.lower() != ".zip":
        raise UsageError(f"--to {target.name}: the name of a zip ends in .zip")
    if target.resolve().is_relative_to((out / UPLOAD).resolve()):
        raise UsageError(f"--to {target.name}: lies in the folder that is packed")
    listing = read_upload(out)
    if split_by is not None and roster is not None:
        bundles = split(listing, read_roster(roster).students, split_by)
        packed = write_bundles(bundles, listing, out / UPLOAD, target)
    else:
        whole = Bundle(target.stem, listing.rows)
        packed = (write_bundle(whole, listing, out / UPLOAD, target),)
    print_packed(packed, [beside(one.path) for one in packed], lang)


def verify(
    package: Annotated[Path, typer.Argument(help="zip, or folder of photos or of zips")],
    manifest: Annotated[
        Path | None,
        typer.Option("--manifest", help="the list: file, sha256, student_id; else the one beside"),
    ] = None,
    roster: Annotated[Path | None, typer.Option("--roster", help="名单: XLSX, CSV or DBF")] = None,
    spec: Annotated[
        str, typer.Option("--spec", help="a shipped spec by name, or a .toml file")
    ] = "chsi_graduate",
    out: Annotated[
        Path | None, typer.Option("--out", help="a folder for verify.csv, with every row")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="exit 1 unless the package is good and complete")
    ] = False,
    workers: Annotated[int, typer.Option("--workers", min=0, help="0: one a core")] = 0,
    lang: LangOption = "zh",
    full_names: Annotated[
        bool, typer.Option("--full-names", help="names in full, not 张**")
    ] = False,
) -> None:
    """Check a package that someone else made against its list, the roster and the rules.

    Exit 0: it was checked, whatever was found; the first line says what it comes to.
    """
    from checks import CHECKS
    from flows.shoot.worker import Setting, default_workers, worker_pool
    from pipeline.core.rules import Mode
    from pipeline.handover.incoming import open_package
    from pipeline.handover.verify import verify as lay_side_by_side
    from pipeline.rules import run_rules
    from pipeline.spec.spec import load_spec
    from reports.terminal.package import print_verification, write_verification

    if out is not None and out.resolve().is_relative_to(package.resolve()):
        raise UsageError(f"--out {out.name} lies inside the package; choose a folder outside it")
    standard = load_spec(spec, CHECKS)
    opened = open_package(package, manifest, roster, standard)
    console = Console(stderr=True)
    console.print(f"{len(opened.submissions)} files, spec {standard.id}", highlight=False)
    pool = worker_pool(Setting(standard, Mode.FINAL, None), workers or default_workers())
    with pool, Progress(console=console, transient=True) as progress:
        examined = list(
            progress.track(
                pool.run(opened.submissions),
                total=len(opened.submissions),
                description="检查" if lang == "zh" else "checking",
            )
        )
    verification = lay_side_by_side(
        examined,
        opened.listed,
        opened.students,
        spec=standard,
        rules=run_rules(CHECKS),
        unsafe=opened.unsafe,
    )
    if out is not None:
        write_verification(verification, out, lang, full_names=full_names)
    print_verification(verification, opened, lang, full_names=full_names)
    if strict and not (verification.sound and verification.complete):
        raise typer.Exit(1)
