"""`gradphoto check` and `gradphoto inspect`: photos with a roster, and without one."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    AsOption,
    LangOption,
    SpecOption,
    as_judge,
    as_language,
)
from flows.commands.shoot_options import of_shoot
from flows.settings import DEFAULT_SPEC, in_chinese, told
from flows.shoot.request import Request
from pipeline.core.rules import Lang
from reports.masking import Presentation


@of_shoot
@in_chinese("按名单检查一批照片，写出全部清单。不需要服务器。")
def check(
    request: Request, out: Path, workers: int, presentation: Presentation, lang: Lang
) -> None:
    """Check one shoot against its roster and write every list. Needs no server."""
    from flows.shoot.progress import READING, told_progress
    from flows.shoot.reading import prepare
    from flows.shoot.steps import check_shoot
    from reports.terminal.run import print_given, print_roster, print_summary

    with told_progress(lang) as progress:
        progress(READING)
        shoot = prepare(request)
    print_given(
        len(shoot.submissions),
        len(shoot.students),
        shoot.spec,
        shoot.mode,
        shoot.references,
        lang,
    )
    print_roster(shoot.roster, lang)
    with told_progress(lang) as progress:
        result = check_shoot(
            shoot, out, workers=workers, presentation=presentation, progress=progress
        )
    print_summary(result, out, replace(presentation, lang=lang))


@in_chinese("不用名单，检查照片并显示结果。")
def inspect(
    files: Annotated[
        list[Path], typer.Argument(help=told("照片", "photos"), metavar="FILE…", exists=True)
    ],
    spec: SpecOption = DEFAULT_SPEC,
    judge_as: AsOption = "auto",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help=told("每个文件一行 JSON", "one JSON object a file"))
    ] = False,
    overlay: Annotated[
        Path | None,
        typer.Option(
            "--overlay",
            help=told(
                "画出原因：.png 或 .jpg；照片不止一张时给文件夹",
                "draw why: a .png or .jpg, or a folder for several photos",
            ),
        ),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Check photos without a roster and show what was found."""
    from flows.commands.inspection import inspect_files

    inspect_files(files, spec, as_judge(judge_as), overlay, as_language(lang), as_json=jsonl)
