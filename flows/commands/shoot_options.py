"""The options of one shoot, which `gradphoto check` and `gradphoto flow run` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    AgainOption,
    AllSheetsOption,
    AsOption,
    CardsOption,
    CarryOption,
    ChooseOption,
    ColumnOption,
    IdentityOption,
    LangOption,
    ManifestOption,
    NamesOption,
    OutOption,
    ReferencesOption,
    RosterOption,
    ScansOption,
    SchoolOption,
    SheetOption,
    SpecOption,
    WorkersOption,
    as_choose,
    as_columns,
    as_judge,
    as_language,
    as_presentation,
    as_previews,
    as_school_code,
    as_sheets,
)
from flows.settings import DEFAULT_OUT, DEFAULT_SPEC, told
from flows.shoot.request import Request
from pipeline.core.rules import Lang
from reports.masking import Presentation

InboxArgument = Annotated[
    Path, typer.Argument(help=told("照片文件夹或 zip", "folder or zip of photos"))
]
EarlierOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--earlier",
        help=told(
            "以往批次或年份的结果文件夹；可以多次给出",
            "output folder of an earlier round or year; may be repeated",
        ),
    ),
]
RepairOption = Annotated[
    bool,
    typer.Option(
        "--repair-background",
        help=told(
            "规范允许时给不合格的背景换底",
            "replace a wrong background 换底; if the spec allows",
        ),
    ),
]
ThumbnailsOption = Annotated[
    bool,
    typer.Option(
        "--thumbnails", help=told("report.xlsx 中放小图", "small pictures in report.xlsx")
    ),
]
PreviewsOption = Annotated[
    str,
    typer.Option(
        "--previews",
        help=told(
            "报告中的大图：failed 只要未合格的，all 全部",
            "large pictures of: failed (who did not pass), or all",
        ),
    ),
]


def of_shoot(
    run: Callable[[Request, Path, int, Presentation, Lang], None],
) -> Callable[..., None]:
    """Make a command of a function: the options of one shoot, which two commands share."""

    def command(
        inbox: InboxArgument,
        roster: RosterOption,
        sheet: SheetOption = None,
        all_sheets: AllSheetsOption = False,
        column: ColumnOption = None,
        spec: SpecOption = DEFAULT_SPEC,
        judge_as: AsOption = "auto",
        out: OutOption = DEFAULT_OUT,
        again: AgainOption = False,
        manifest: ManifestOption = None,
        references: ReferencesOption = None,
        earlier: EarlierOption = None,
        identity: IdentityOption = False,
        repair: RepairOption = False,
        choose: ChooseOption = "ask",
        carry: CarryOption = None,
        previews: PreviewsOption = "failed",
        thumbnails: ThumbnailsOption = False,
        cards: CardsOption = False,
        scans: ScansOption = None,
        school: SchoolOption = None,
        workers: WorkersOption = 0,
        lang: LangOption = None,
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
            as_choose(choose),
            as_previews(previews),
            tuple(carry or ()),
            thumbnails,
            cards,
            scans,
            as_columns(column),
            as_school_code(school),
        )
        from flows.shoot.output import check_out, folder_of

        check_out(out, *request.given)
        where = folder_of(out, request, again=again)
        run(request, where, workers, presentation, as_language(lang))

    command.__name__, command.__doc__ = run.__name__, run.__doc__
    return command
