"""`gradphoto pack` and `gradphoto verify`: the hand-over, made and checked."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    ROSTER_HELP,
    AllSheetsOption,
    ColumnOption,
    LangOption,
    NamesOption,
    SheetOption,
    SpecOption,
    WorkersOption,
    as_columns,
    as_language,
    as_presentation,
    as_sheets,
    as_told,
)
from flows.settings import DEFAULT_SPEC, in_chinese, told
from pipeline.core.errors import UsageError
from pipeline.core.places import lies_in
from pipeline.core.rules import Split, Text


@in_chinese("把一次检查的成品照片打包上交：包里只有照片，清单在 zip 旁边。")
def pack(
    out: Annotated[
        Path,
        typer.Argument(help=told("check 的 --out 文件夹", "the --out folder of a finished check")),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help=told(
                "zip 文件；用 --split 时是放 zip 的文件夹",
                "the zip, or with --split the folder of the zips",
            ),
        ),
    ] = None,
    split_by: Annotated[
        Split | None,
        typer.Option(
            "--split", help=told("每个学院或专业一个 zip", "one zip for each 学院, or each 专业")
        ),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            "--roster",
            help=told("本次检查用的名单；--split 需要", "名单 of the run; needed by --split"),
        ),
    ] = None,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    column: ColumnOption = None,
    lang: LangOption = None,
) -> None:
    """Pack the registration files of a run for hand-over: photos only, the list beside the zip."""
    from flows.shoot.hand_over import pack_run
    from flows.shoot.progress import told_progress
    from pipeline.handover.manifest import beside
    from pipeline.intake.roster import read_roster
    from reports.terminal.package import print_packed
    from reports.terminal.run import print_roster

    language, sheets = as_language(lang), as_sheets(sheet, all_sheets)
    read = None
    if roster is not None:
        read = read_roster(roster, sheets, by_id=True, columns=as_columns(column))
        print_roster(read, language)
    with told_progress(language) as progress:
        packed = pack_run(out, to, split_by, read, progress)
    print_packed(packed, [beside(one.path) for one in packed], language)


@in_chinese(
    "对照清单、名单和规则，检查别人做的上传包。\n\n退出码 0：已检查，不论结果；第一行写明结论。"
)
def verify(
    package: Annotated[
        Path,
        typer.Argument(
            help=told("zip，或照片、zip 的文件夹", "zip, or folder of photos or of zips")
        ),
    ],
    manifest: Annotated[
        Path | None,
        typer.Option(
            "--manifest",
            help=told(
                "清单：file、sha256、student_id；不给则用旁边的",
                "the list: file, sha256, student_id; else the one beside",
            ),
        ),
    ] = None,
    roster: Annotated[Path | None, typer.Option("--roster", help=ROSTER_HELP)] = None,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    column: ColumnOption = None,
    spec: SpecOption = DEFAULT_SPEC,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help=told(
                "放 verify.csv 的文件夹，其中有每一行", "a folder for verify.csv, with every row"
            ),
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help=told(
                "包不合格或不齐全时以 1 退出", "exit 1 unless the package is good and complete"
            ),
        ),
    ] = False,
    workers: WorkersOption = 0,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Check a package that someone else made against its list, the roster and the rules.

    Exit 0: it was checked, whatever was found; the first line says what it comes to.
    """
    from checks import CHECKS
    from flows.shoot.hand_over import verify_package
    from flows.shoot.progress import told_progress
    from pipeline.core.one_run import alone_in
    from pipeline.handover.incoming import open_package
    from pipeline.spec.spec import load_spec
    from reports.terminal.package import print_verification, write_verification
    from reports.terminal.run import print_roster

    presentation = as_presentation(lang, full_names)
    if out is not None and lies_in(out, package):
        raise UsageError(
            Text(
                f"--out {out.name}：在上传包里面，请选它外面的文件夹",
                f"--out {out.name} lies inside the package; choose a folder outside it",
            )
        )
    standard = load_spec(spec, CHECKS)
    sheets, columns = as_sheets(sheet, all_sheets), as_columns(column)
    opened = open_package(package, manifest, roster, standard, sheets, columns)
    if opened.roster is not None:
        print_roster(opened.roster, as_language(lang))
    count = len(opened.submissions)
    given = Text(f"文件 {count} 个，规范 {standard.id}", f"{count} files, spec {standard.id}")
    sys.stderr.write(f"{given[as_language(lang)]}\n")
    with nullcontext() if out is None else alone_in(out):
        with told_progress(as_language(lang)) as progress:
            verification = verify_package(opened, standard, workers, progress)
        if out is not None:
            write_verification(verification, out, presentation)
    print_verification(verification, opened, as_told(lang, full_names))
    if strict and not (verification.sound and verification.complete):
        raise typer.Exit(1)
