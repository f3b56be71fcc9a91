"""The season as a Prefect flow: take in what arrived, examine it in chunks, write the lists.

Parameters are folders and settings, artifacts are counts: all of it lands in Prefect's
database in clear. What a run remembers is in the season's ledger, not in Prefect's: a run
that is killed is carried on by the next one.
"""

import flows.prefect_glue.settings  # isort: skip  # noqa: F401 - before prefect reads its settings

import logging
from pathlib import Path
from typing import Any

from prefect import Flow, State, flow
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.client.schemas.objects import FlowRun
from prefect.runtime import flow_run

from flows.prefect_glue.dead_runs import mark_dead_runs
from flows.prefect_glue.runners import chosen_runner, task_runner
from flows.prefect_glue.task_pool import task_pool
from flows.season.steps import ingest
from pipeline.core.output_files import OutputFile
from pipeline.core.places import real
from pipeline.core.private_files import write_private
from pipeline.core.rules import Judge, Lang
from pipeline.intake.remote import bring, is_url, send
from pipeline.intake.still_copying import lies_still
from pipeline.ledger.store import PHOTOS, REPORTS
from reports.masking import Presentation

_log = logging.getLogger(__name__)
NAME = "gradphoto-season"
_FAILED = "上次运行失败.txt"


def say_failed(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Leave a word where the office looks; the next run that ends well takes it away."""
    folder = Path(str(flow_run.parameters.get("folder", "")))
    if folder.is_dir():
        said = f"{flow.name}: run {flow_run.id} ended as {state.name}\n"
        write_private(folder / _FAILED, said.encode())
    _log.error("run %s ended as %s", flow_run.id, state.name)


@flow(
    name=NAME,
    task_runner=task_runner(chosen_runner()),
    persist_result=False,
    validate_parameters=True,
    retries=2,  # storage or a database out of reach for a moment; the next look comes anyway
    retry_delay_seconds=10,
    on_failure=[say_failed],
    on_crashed=[say_failed],
)
def season_flow(
    folder: str,
    inbox: str,
    judge_as: Judge = "auto",
    quiet_seconds: float = 60.0,
    workers: int = 0,
    lang: Lang = "zh",
    full_names: bool = False,  # noqa: FBT001 - Prefect gives parameters by name
    lists_to: str | None = None,
) -> dict[str, int]:
    """Look into the inbox once; gives the counts of students by verdict.

    The lists are written to the season's reports, and copied to ``lists_to``, an fsspec URL.
    The ledger's database is named by GRADPHOTO_LEDGER, never by a parameter: its address may
    hold a password.
    """
    home = Path(folder)
    mark_dead_runs(NAME, home, flow_run.get_id() or "")
    done = ingest(
        home,
        _here(home, inbox),
        workers=workers,
        judge_as=judge_as,
        presentation=Presentation(lang, full_names),
        ready=lambda submission: lies_still(submission, quiet_seconds),
        pool=task_pool,
    )
    if lists_to is not None:
        send(home / REPORTS, lists_to)
    (home / _FAILED).unlink(missing_ok=True)
    taken = done.taken
    create_table_artifact(
        key="gradphoto-season",
        description="Files and students by verdict. Counts only.",
        table=[{"what": f"students: {v}", "count": count} for v, count in done.students.items()]
        + [
            {"what": "new files", "count": taken.new},
            {"what": "files that wait", "count": taken.waiting},
            {"what": "examined", "count": done.examined},
        ],
    )
    create_link_artifact(
        key="gradphoto-season-report",
        link=real(home / REPORTS / OutputFile.PAGE).as_uri(),
        description="The report, on the machine that ran the season.",
    )
    return done.students


def _here(folder: Path, inbox: str) -> Path:
    """Return the inbox as a folder of this machine; what lies at a URL is brought first."""
    if not is_url(inbox):
        return Path(inbox)
    spool = folder / PHOTOS / "arrived"  # a purge removes it with the pictures
    bring(inbox, spool)
    return spool
