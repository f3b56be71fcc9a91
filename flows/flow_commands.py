"""`gradphoto flow season|serve|profile`: a season under Prefect."""

import shlex
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from pipeline.errors import UsageError
from pipeline.words import Judge, Lang

flow_app = typer.Typer(no_args_is_help=True, help="The same work under Prefect.")

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="the season's folder")]
InboxArgument = Annotated[str, typer.Argument(help="folder or zip of photos, or s3://…")]
AsOption = Annotated[str, typer.Option("--as", help="source 原片, final 成品, or auto")]
LangOption = Annotated[str, typer.Option("--lang", help="zh or en")]
NamesOption = Annotated[bool, typer.Option("--full-names", help="names in full, not 张**")]
WorkersOption = Annotated[int, typer.Option("--workers", min=0, help="0: one a core")]
PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="of Prefect's server")]


@flow_app.command("season")
def season(
    folder: FolderArgument,
    inbox: InboxArgument,
    judge_as: AsOption = "auto",
    workers: WorkersOption = 0,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Look into the inbox once, as a Prefect flow run."""
    call = _call(folder, inbox, judge_as, workers, lang, full_names=full_names)
    from flows.season_flow import season_flow

    counts = season_flow(**call)
    typer.echo("  ".join(f"{verdict} {count}" for verdict, count in counts.items()))
    typer.echo(folder / "reports" / "report.html")


@flow_app.command("serve")
def serve(
    folder: FolderArgument,
    inbox: InboxArgument,
    every: Annotated[int, typer.Option("--every", min=1, max=59, help="minutes")] = 20,
    port: PortOption = 4200,
    judge_as: AsOption = "auto",
    workers: WorkersOption = 0,
    lang: LangOption = "zh",
    full_names: NamesOption = False,
) -> None:
    """Look into the inbox all through the two seasons of collection, until stopped.

    Uses the server that PREFECT_API_URL or PREFECT_HOME names, else starts one for DIR.
    """
    call = _call(folder, inbox, judge_as, workers, lang, full_names=full_names)
    from flows.prefect_home import server_for

    with server_for(folder, port):
        from flows.serving import serve_season, yearly

        serve_season(call, yearly(every))


@flow_app.command("profile")
def profile(
    home: Annotated[Path, typer.Argument(metavar="HOME", help="a folder: PREFECT_HOME")],
    port: PortOption = 4200,
) -> None:
    """Write Prefect's settings with a secret into HOME, for a server that several share."""
    from flows.prefect_home import write_profile

    write_profile(home, port)
    typer.echo(f"export PREFECT_HOME={shlex.quote(str(home.resolve()))}")


def _call(
    folder: Path, inbox: str, judge_as: str, workers: int, lang: str, *, full_names: bool
) -> dict[str, Any]:
    """Give the flow's parameters. A mistake in them is said here, in one line."""
    from flows.season import open_season
    from pipeline.storage import is_url

    if judge_as not in get_args(Judge):
        raise UsageError(f"--as {judge_as}: source, final or auto")
    if lang not in get_args(Lang):
        raise UsageError(f"--lang {lang}: zh or en")
    place = inbox if is_url(inbox) else str(Path(inbox).resolve())
    if not is_url(inbox) and not Path(inbox).exists():
        raise UsageError(f"{Path(inbox).name}: there is no such folder or zip archive")
    with open_season(folder, writing=False):
        pass
    return {
        "folder": str(folder.resolve()),
        "inbox": place,
        "judge_as": cast("Judge", judge_as),
        "workers": workers,
        "lang": cast("Lang", lang),
        "full_names": full_names,
    }
