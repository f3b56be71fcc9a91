"""Options that several commands share, and what their values mean."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from flows.shoot.request import Request
from pipeline.core.errors import UsageError
from pipeline.core.rules import Judge, Lang
from pipeline.intake.column_names import ALL_SHEETS
from reports.masking import Presentation, mask_name

SeasonArgument = Annotated[Path, typer.Argument(metavar="DIR", help="the season's folder")]
SpecOption = Annotated[str, typer.Option("--spec", help="a shipped spec by name, or a .toml file")]
AsOption = Annotated[
    str, typer.Option("--as", help="source 原片, final 成品, or auto: decided for the whole inbox")
]
LangOption = Annotated[str, typer.Option("--lang", help="zh or en")]
InboxArgument = Annotated[Path, typer.Argument(help="folder or zip of photos")]
ROSTER_HELP = "名单: XLSX, XLS, ODS, CSV or DBF"
RosterOption = Annotated[Path, typer.Option("--roster", help=ROSTER_HELP)]
SheetOption = Annotated[
    list[str] | None,
    typer.Option("--sheet", help="a sheet of the roster 工作表 that counts; may be repeated"),
]
AllSheetsOption = Annotated[
    bool, typer.Option("--all-sheets", help="all visible sheets of the roster that fit count")
]
OutOption = Annotated[Path, typer.Option("--out", help="where the lists go")]
ManifestOption = Annotated[
    Path | None, typer.Option("--manifest", help="CSV with columns photo, student_id")
]
ReferencesOption = Annotated[
    Path | None,
    typer.Option("--references", help="photos on record 录取照片: folder or zip; needs --identity"),
]
EarlierOption = Annotated[
    list[Path] | None,
    typer.Option("--earlier", help="output folder of an earlier round or year; may be repeated"),
]
IdentityOption = Annotated[
    bool, typer.Option("--identity", help="compare faces 人脸比对; off unless asked for")
]
RepairOption = Annotated[
    bool,
    typer.Option("--repair-background", help="replace a wrong background 换底; if the spec allows"),
]
WorkersOption = Annotated[int, typer.Option("--workers", min=0, help="0: one a core")]
CarryOption = Annotated[
    list[str] | None,
    typer.Option("--carry", help="a column of the roster for the lists, 联系电话; may be repeated"),
]
ThumbnailsOption = Annotated[
    bool, typer.Option("--thumbnails", help="small pictures in report.xlsx")
]
PreviewsOption = Annotated[
    str, typer.Option("--previews", help="large pictures of: failed (who did not pass), or all")
]
NamesOption = Annotated[
    bool, typer.Option("--full-names", help=f"names in full, not {mask_name('张三')}")
]


def as_language(lang: str) -> Lang:
    """Take the value of --lang; `UsageError` for another."""
    if lang not in {"zh", "en"}:
        raise UsageError(f"--lang {lang}: zh or en")
    return "zh" if lang == "zh" else "en"


def as_sheets(sheet: list[str] | None, all_sheets: bool) -> tuple[str, ...]:  # noqa: FBT001 - as below
    """Take the values of --sheet and --all-sheets; `UsageError` for both."""
    if sheet and all_sheets:
        raise UsageError("--sheet and --all-sheets: give one of them")
    return (ALL_SHEETS,) if all_sheets else tuple(sheet or ())


def as_presentation(lang: str, full_names: bool) -> Presentation:  # noqa: FBT001 - as above
    """Take the values of --lang and --full-names."""
    return Presentation(as_language(lang), full_names)


def as_previews(previews: str) -> bool:
    """Take the value of --previews: whether all photos get one; `UsageError` for another."""
    if previews not in {"failed", "all"}:
        raise UsageError(f"--previews {previews}: failed or all")
    return previews == "all"


def as_judge(judge_as: str) -> Judge:
    """Take the value of --as; `UsageError` for another."""
    if judge_as not in get_args(Judge):
        raise UsageError(f"--as {judge_as}: source, final or auto")
    return cast("Judge", judge_as)


def of_shoot(run: Callable[[Request, Path, int, Presentation], None]) -> Callable[..., None]:
    """Make a command of a function: the options of one shoot, which two commands share."""

    def command(
        inbox: InboxArgument,
        roster: RosterOption,
        sheet: SheetOption = None,
        all_sheets: AllSheetsOption = False,
        spec: SpecOption = "chsi_graduate",
        judge_as: AsOption = "auto",
        out: OutOption = Path("gradphoto-out"),
        manifest: ManifestOption = None,
        references: ReferencesOption = None,
        earlier: EarlierOption = None,
        identity: IdentityOption = False,
        repair: RepairOption = False,
        carry: CarryOption = None,
        previews: PreviewsOption = "failed",
        thumbnails: ThumbnailsOption = False,
        workers: WorkersOption = 0,
        lang: LangOption = "zh",
        full_names: NamesOption = False,
    ) -> None:
        presentation = as_presentation(lang, full_names)
        request = Request(
            inbox,
            roster,
            spec,
            as_judge(judge_as),
            manifest,
            references,
            tuple(earlier or ()),
            identity,
            repair,
            as_sheets(sheet, all_sheets),
            as_previews(previews),
            tuple(carry or ()),
            thumbnails,
        )
        run(request, out, workers, presentation)

    command.__name__, command.__doc__ = run.__name__, run.__doc__
    return command
