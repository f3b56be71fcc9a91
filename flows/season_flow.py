"""The season as a Prefect flow: take in what arrived, examine it in chunks, write the lists.

Parameters are folders and settings, artifacts are counts: all of it lands in Prefect's
database in clear. What a run remembers is in the season's ledger, not in Prefect's: a run
that is killed is carried on by the next one.
"""

import flows.prefect_glue.settings  # isort: skip  # noqa: F401 - before prefect reads its settings

import logging
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from prefect import Flow, State, flow
from prefect.client.schemas.objects import FlowRun
from prefect.runtime import flow_run

from flows.prefect_glue.artifacts import leave_checks, leave_counts
from flows.prefect_glue.dead_runs import mark_dead_runs
from flows.prefect_glue.messages import send_digest, send_message
from flows.prefect_glue.runners import chosen_runner, task_runner
from flows.prefect_glue.stages import log, stages_of
from flows.prefect_glue.task_pool import task_pool
from flows.season.looks import next_look, said_of_failed_look, said_of_look
from flows.season.steps import Ingested, ingest
from flows.settings import LANG
from pipeline.core.output_files import OutputFile
from pipeline.core.private_files import write_private
from pipeline.core.rules import Judge, Lang, Text
from pipeline.intake.remote import bring, is_url, send
from pipeline.intake.still_copying import lies_still
from pipeline.ledger.season import ZONE
from pipeline.ledger.store import PHOTOS, REPORTS
from reports.masking import Presentation

_log = logging.getLogger(__name__)
NAME = "gradphoto-season"
_FAILED = "上次运行失败.txt"


def say_failed(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Leave a word where the office looks; the next run that ends well takes it away.

    Whoever asked for messages gets one for the first of several that fail.
    """
    call = flow_run.parameters
    folder = Path(str(call.get("folder", "")))
    line = said_of_failed_look(*_when(call.get("every")))[LANG]
    if folder.is_dir():
        again = (folder / _FAILED).is_file()
        said = f"{flow.name}: run {flow_run.id} ended as {state.name}\n"
        write_private(folder / _FAILED, said.encode())
        if not again:
            send_message(f"gradphoto {folder.name}", line)
    _say(line)
    _log.error("run %s ended as %s", flow_run.id, state.name)


def name_of_run() -> str:
    """Name a run by its season and the time: ``2027届 11-27 20:20``."""
    season = Path(str(flow_run.parameters.get("folder", ""))).name
    return f"{season} {datetime.now(ZONE):%m-%d %H:%M}"


@flow(
    name=NAME,
    flow_run_name=name_of_run,
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
    every: int | None = None,
) -> dict[str, int]:
    """Look into the inbox once; gives the counts of students by verdict.

    The lists are written to the season's reports, and copied to ``lists_to``, an fsspec URL.
    ``every`` is how many minutes lie between two looks, where it is looked again by itself.
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
        pool=partial(task_pool, lang=LANG),
        stage=stages_of(LANG),
    )
    if lists_to is not None:
        send(home / REPORTS, lists_to)
    (home / _FAILED).unlink(missing_ok=True)
    _leave_artifacts(done, home / REPORTS / OutputFile.PAGE)
    now, after = _when(every)
    line = said_of_look(done, now, after)[LANG]
    log(line)
    _say(line)
    if not send_digest(home, done.students, done.last, now, LANG):
        log(Text("每日消息没有发出", "the day's message was not sent")[LANG])
    return done.students


def _here(folder: Path, inbox: str) -> Path:
    """Return the inbox as a folder of this machine; what lies at a URL is brought first."""
    if not is_url(inbox):
        return Path(inbox)
    spool = folder / PHOTOS / "arrived"  # a purge removes it with the pictures
    bring(inbox, spool)
    return spool


def _leave_artifacts(done: Ingested, report: Path) -> None:
    counts = {f"students: {verdict}": count for verdict, count in done.students.items()} | {
        "new files": done.taken.new,
        "files that wait": done.taken.waiting,
        "examined": done.examined,
    }
    leave_counts(NAME, counts, report, LANG)
    if done.families:
        leave_checks(f"{NAME}-checks", done.families, report, LANG)


def _when(every: int | None) -> tuple[datetime, datetime | None]:
    """Return what time it is, and when the next look is."""
    now = datetime.now(ZONE)
    return now, None if every is None else next_look(now, every)


def _say(line: str) -> None:
    """Say a line on the terminal: one a look."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
