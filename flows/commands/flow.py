"""`gradphoto flow run|season|serve|profile`: the same work under Prefect."""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.commands.options import (
    AsOption,
    LangOption,
    NamesOption,
    SeasonArgument,
    WorkersOption,
    as_judge,
    as_language,
    of_shoot,
)
from flows.shoot.request import Request
from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.places import real
from reports.masking import Presentation

flow_app = typer.Typer(no_args_is_help=True)


@flow_app.callback()
def private() -> None:
    """Do the same work under Prefect."""
    os.umask(0o077)  # the files of Prefect's database: it has no setting for them


PlaceArgument = Annotated[str, typer.Argument(help="folder or zip of photos, or s3://…")]
ListsOption = Annotated[
    str | None, typer.Option("--lists-to", help="copy the lists there too: s3://… or file://…")
]
PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="of Prefect's server")]


@flow_app.command("run")
@of_shoot
def flow_run(request: Request, out: Path, workers: int, presentation: Presentation) -> None:
    """Check one shoot as a Prefect flow run; starts a server of its own where none is set."""
    from flows.shoot.output import check_out, staging_in
    from flows.shoot.steps import prepare
    from reports.terminal.run import print_roster

    # A mistake in the call is said here, in one line: inside a flow run it is a traceback.
    check_out(out, *request.given)
    print_roster(prepare(request).roster, presentation.lang)
    with staging_in(out):
        pass
    from flows.shoot_flow import shoot_flow

    counts = shoot_flow(
        str(request.inbox),
        str(request.roster),
        str(out),
        request.spec,
        request.judge_as,
        manifest=None if request.manifest is None else str(request.manifest),
        workers=workers,
        lang=presentation.lang,
        full_names=presentation.full_names,
        references=None if request.references is None else str(request.references),
        earlier=tuple(map(str, request.earlier)),
        identity=request.identity,
        repair=request.repair,
        sheets=request.sheets,
    )
    sys.stdout.write("  ".join(f"{verdict} {count}" for verdict, count in counts.items()) + "\n")
    sys.stdout.write(f"{out / OutputFile.PAGE}\n")


@flow_app.command("season")
def season(
    folder: SeasonArgument,
    inbox: PlaceArgument,
    judge_as: AsOption = "auto",
    workers: WorkersOption = 0,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
    lists_to: ListsOption = None,
) -> None:
    """Look into the inbox once, as a Prefect flow run."""
    call = _call(folder, inbox, judge_as, workers, lang, full_names=full_names)
    call["lists_to"] = _url(lists_to)
    from flows.season_flow import season_flow

    counts = season_flow(**call)
    typer.echo("  ".join(f"{verdict} {count}" for verdict, count in counts.items()))
    typer.echo(folder / "reports" / OutputFile.PAGE)


@flow_app.command("serve")
def serve(
    folder: SeasonArgument,
    inbox: PlaceArgument,
    every: Annotated[int, typer.Option("--every", min=1, max=59, help="minutes")] = 20,
    port: PortOption = 4200,
    judge_as: AsOption = "auto",
    workers: WorkersOption = 0,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
    lists_to: ListsOption = None,
) -> None:
    """Look into the inbox all through the two seasons of collection, until stopped.

    Uses the server that PREFECT_API_URL or PREFECT_HOME names, else starts one for DIR.
    """
    call = _call(folder, inbox, judge_as, workers, lang, full_names=full_names)
    call["lists_to"] = _url(lists_to)
    from flows.prefect_glue.home import server_for

    with server_for(folder, port):
        from flows.serving import serve_season, yearly

        serve_season(call, yearly(every))


@flow_app.command("profile")
def profile(
    home: Annotated[Path, typer.Argument(metavar="HOME", help="a folder: PREFECT_HOME")],
    port: PortOption = 4200,
) -> None:
    """Write Prefect's settings with a secret into HOME, for a server that several share."""
    from flows.prefect_glue.home import write_profile

    write_profile(home, port)
    typer.echo(f"export PREFECT_HOME={shlex.quote(str(real(home)))}")


def _url(place: str | None) -> str | None:
    from pipeline.intake.remote import is_url

    if place is not None and not is_url(place):
        raise UsageError(f"--lists-to {place}: a URL, such as s3://bucket/lists")
    return place


def _call(
    folder: Path, inbox: str, judge_as: str, workers: int, lang: str, *, full_names: bool
) -> dict[str, Any]:
    """Return the flow's parameters. A mistake in them is said here, in one line."""
    from flows.season.faces import key_of
    from flows.season.steps import open_season
    from pipeline.intake.remote import is_url

    judge, language = as_judge(judge_as), as_language(lang)
    place = inbox if is_url(inbox) else str(real(Path(inbox)))
    if not is_url(inbox) and not Path(inbox).exists():
        raise UsageError(f"{Path(inbox).name}: there is no such folder or zip archive")
    with open_season(folder, writing=False) as season:
        key_of(season)
    return {
        "folder": str(real(folder)),
        "inbox": place,
        "judge_as": judge,
        "workers": workers,
        "lang": language,
        "full_names": full_names,
    }
