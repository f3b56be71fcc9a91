"""`gradphoto flow run|season|serve|profile`: the same work under Prefect."""

import os
import shlex
from collections.abc import Iterator
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
    as_presentation,
)
from flows.commands.shoot_options import of_shoot
from flows.settings import LANG_VARIABLE, in_chinese, told
from flows.shoot.request import Request
from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.places import real
from pipeline.core.rules import Lang, Text
from reports.masking import Presentation

flow_app = typer.Typer(no_args_is_help=True)


@flow_app.callback()
@in_chinese("在 Prefect 下做同样的工作。")
def private() -> None:
    """Do the same work under Prefect."""
    os.umask(0o077)  # the files of Prefect's database: it has no setting for them


PlaceArgument = Annotated[
    str,
    typer.Argument(help=told("照片文件夹或 zip，或 s3://…", "folder or zip of photos, or s3://…")),
]
ListsOption = Annotated[
    str | None,
    typer.Option(
        "--lists-to",
        help=told(
            "清单也复制到那里：s3://… 或 file://…", "copy the lists there too: s3://… or file://…"
        ),
    ),
]
PortOption = Annotated[
    int,
    typer.Option(
        "--port", min=1, max=65535, help=told("Prefect 服务器的端口", "of Prefect's server")
    ),
]


@flow_app.command("run")
@of_shoot
@in_chinese("把一批照片作为一次 Prefect 运行来检查；没有指定服务器时自己启动一个。")
def flow_run(
    request: Request, out: Path, workers: int, presentation: Presentation, lang: Lang
) -> None:
    """Check one shoot as a Prefect flow run; starts a server of its own where none is set."""
    from flows.shoot.output import staging_in
    from flows.shoot.reading import prepare
    from reports.shared_words import students_line
    from reports.terminal.run import print_roster

    # A mistake in the call is said here, in one line: inside a flow run it is a traceback.
    print_roster(prepare(request).roster, lang)
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
        columns=request.columns,
        choose=request.choose,
        all_previews=request.all_previews,
        carry=request.carry,
        thumbnails=request.thumbnails,
        cards=request.cards,
        scans=None if request.scans is None else str(request.scans),
        school=request.school,
    )
    typer.echo(students_line(counts)[lang])
    typer.echo(out / OutputFile.PAGE)


@flow_app.command("season")
@in_chinese("作为一次 Prefect 运行，看一次收件夹。")
def season(
    folder: SeasonArgument,
    inbox: PlaceArgument,
    judge_as: AsOption = "auto",
    workers: WorkersOption = 0,
    lang: LangOption = None,
    full_names: NamesOption = False,
    lists_to: ListsOption = None,
) -> None:
    """Look into the inbox once, as a Prefect flow run."""
    call = _call(folder, inbox, judge_as, workers, lang, full_names=full_names)
    call["lists_to"] = _url(lists_to)
    from flows.season_flow import season_flow
    from reports.shared_words import students_line

    counts = season_flow(**call)
    typer.echo(students_line(counts)[as_language(lang)])
    typer.echo(folder / "reports" / OutputFile.PAGE)


@flow_app.command("serve")
@in_chinese(
    "在两个采集期内一直定时看收件夹，直到停止。\n\n"
    "用 PREFECT_API_URL 或 PREFECT_HOME 指明的服务器，否则为 DIR 启动一个。"
)
def serve(
    folder: SeasonArgument,
    inbox: PlaceArgument,
    every: Annotated[
        int, typer.Option("--every", min=1, max=59, help=told("分钟", "minutes"))
    ] = 20,
    port: PortOption = 4200,
    judge_as: AsOption = "auto",
    workers: WorkersOption = 0,
    lang: LangOption = None,
    full_names: NamesOption = False,
    lists_to: ListsOption = None,
) -> None:
    """Look into the inbox all through the two seasons of collection, until stopped.

    Uses the server that PREFECT_API_URL or PREFECT_HOME names, else starts one for DIR.
    """
    call = _call(folder, inbox, judge_as, workers, lang, full_names=full_names)
    call["lists_to"] = _url(lists_to)
    from flows.prefect_glue.home import server_for

    language = as_language(lang)
    call["every"] = every
    # One line a look: what a failed one met is in its log, in Prefect.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ[LANG_VARIABLE] = language  # of the processes that the looks run in
    with server_for(folder, port):
        from flows.prefect_glue.messages import check_addresses
        from flows.season_flow import season_flow
        from flows.serving import serve_season, yearly

        check_addresses()
        for line in _before_serving(folder, port, every):
            typer.echo(line[language])
        season_flow(**call, return_state=True)  # at once; what fails is looked at again
        serve_season(call, yearly(every))


@flow_app.command("profile")
@in_chinese("把带密钥的 Prefect 设置写入 HOME，供几台机器共用的服务器使用。")
def profile(
    home: Annotated[
        Path,
        typer.Argument(metavar="HOME", help=told("文件夹：PREFECT_HOME", "a folder: PREFECT_HOME")),
    ],
    port: PortOption = 4200,
) -> None:
    """Write Prefect's settings with a secret into HOME, for a server that several share."""
    from flows.prefect_glue.home import write_profile

    write_profile(home, port)
    typer.echo(f"export PREFECT_HOME={shlex.quote(str(real(home)))}")


def _before_serving(folder: Path, port: int, every: int) -> Iterator[Text]:
    """Say where the looks can be watched, where the password lies, and how often there is one."""
    from flows.prefect_glue.home import HOME

    if "PREFECT_API_URL" not in os.environ:
        secret = folder / HOME / "profiles.toml"
        yield Text(
            f"运行情况：http://127.0.0.1:{port}，口令是 {secret} 中 PREFECT_API_AUTH_STRING 的值",
            f"to watch: http://127.0.0.1:{port}; the password is PREFECT_API_AUTH_STRING in "
            f"{secret}",
        )
    yield Text(
        f"现在看一次收件夹，以后每 {every} 分钟看一次；按 Ctrl-C 停止",
        f"the inbox is looked at now, then every {every} minutes; Ctrl-C stops",
    )


def _url(place: str | None) -> str | None:
    from pipeline.intake.remote import is_url

    if place is not None and not is_url(place):
        raise UsageError(
            Text(
                f"--lists-to {place}：须是网址，例如 s3://bucket/lists",
                f"--lists-to {place}: a URL, such as s3://bucket/lists",
            )
        )
    return place


def _call(
    folder: Path, inbox: str, judge_as: str, workers: int, lang: str | None, *, full_names: bool
) -> dict[str, Any]:
    """Return the flow's parameters. A mistake in them is said here, in one line."""
    from flows.season.faces import key_of
    from flows.season.steps import open_season
    from pipeline.intake.remote import is_url

    judge, presentation = as_judge(judge_as), as_presentation(lang, full_names)
    place = inbox if is_url(inbox) else str(real(Path(inbox)))
    if not is_url(inbox) and not Path(inbox).exists():
        raise UsageError(
            Text(
                f"{inbox}：没有这个文件夹或 zip 压缩包",
                f"{inbox}: there is no such folder or zip archive",
            )
        )
    with open_season(folder, writing=False) as season:
        key_of(season)
    return {
        "folder": str(real(folder)),
        "inbox": place,
        "judge_as": judge,
        "workers": workers,
        "lang": presentation.lang,
        "full_names": presentation.full_names,
    }
