"""`gradphoto check` and `gradphoto inspect`: photos with a roster, and without one."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    AsOption,
    LangOption,
    SpecOption,
    as_judge,
    as_language,
    of_shoot,
)
from flows.shoot.request import Request
from reports.masking import Presentation


@of_shoot
def check(request: Request, out: Path, workers: int, presentation: Presentation) -> None:
    """Check one shoot against its roster and write every list. Needs no server."""
    from flows.shoot.output import check_out
    from flows.shoot.progress import told_progress
    from flows.shoot.steps import check_shoot, prepare
    from reports.terminal.run import print_given, print_roster, print_summary

    check_out(out, *request.given)
    shoot = prepare(request)
    print_given(
        len(shoot.submissions),
        len(shoot.students),
        shoot.spec,
        shoot.mode,
        shoot.references,
        unused=request.references is not None,
    )
    print_roster(shoot.roster, presentation.lang)
    with told_progress(presentation.lang) as progress:
        result = check_shoot(
            shoot, out, workers=workers, presentation=presentation, progress=progress
        )
    print_summary(result, out, presentation)


def inspect(
    files: Annotated[list[Path], typer.Argument(help="photos", metavar="FILE…", exists=True)],
    spec: SpecOption = "chsi_graduate",
    judge_as: AsOption = "auto",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="one JSON object a file")] = False,
    overlay: Annotated[
        Path | None,
        typer.Option("--overlay", help="draw why: a .png or .jpg, or a folder for several photos"),
    ] = None,
    lang: LangOption = "zh",
) -> None:
    """Check photos without a roster and show what was found."""
    from flows.commands.inspection import inspect_files

    inspect_files(files, spec, as_judge(judge_as), overlay, as_language(lang), as_json=jsonl)
