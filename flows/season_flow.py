"""The season as a Prefect flow: take in what arrived, examine it in chunks, write the lists.

Parameters are folders and settings, artifacts are counts: all of it lands in Prefect's
database in clear. What a run remembers is in the season's ledger, not in Prefect's: a run
that is killed is carried on by the next one.
"""

import flows.prefect_settings  # isort: skip  # noqa: F401 - before prefect reads its settings

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prefect import Flow, State, flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.futures import as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.runners import chosen_runner, task_runner
from flows.season import keep, pending, publish, setting_of_season, take_in
from flows.worker import Setting, default_workers, examine_here, worker_pool
from pipeline.arrivals import lies_still
from pipeline.ledger import Season, open_season
from pipeline.pool import WorkerPool
from pipeline.records import Examination, Result, Submission
from pipeline.storage import bring, is_url
from pipeline.words import Judge, Lang, Verdict
from reports.summary import summary

_log = logging.getLogger(__name__)
# A task costs Prefect's server 50 ms and its database 24 KB; 250 photos cost a core about a
# minute. Under 1 %, and little to do again.
CHUNK = 250


class _Pool:
    """The worker processes of this machine; what Prefect would write down of them is nothing."""

    def __init__(self, pool: WorkerPool[Submission, Examination]) -> None:
        self.run = pool.run

    def __repr__(self) -> str:
        return "<pool>"


@task(name="examine", persist_result=False, cache_policy=NO_CACHE)
def examine_chunk(
    setting: Setting, photos: Sequence[Submission], pool: _Pool | None
) -> list[Examination]:
    """Examine a chunk: in this machine's pool, or in the cluster's process that runs the task."""
    return list(pool.run(photos) if pool is not None else examine_here(setting, photos))


def say_failed(failed: Flow[Any, Any], run: FlowRun, state: State[Any]) -> None:
    """Leave a word where the office looks: the next run that ends well takes it away."""
    folder = Path(str(run.parameters.get("folder", "")))
    if folder.is_dir():
        _note(folder).write_text(f"{failed.name}: run {run.id} ended as {state.name}\n", "utf-8")
    _log.error("run %s ended as %s", run.id, state.name)


@flow(
    name="gradphoto-season",
    task_runner=task_runner(chosen_runner()),
    persist_result=False,
    validate_parameters=True,
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
) -> dict[str, int]:
    """Look into the inbox once; gives the counts of students by verdict.

    The database of the ledger is named by GRADPHOTO_LEDGER, never by a parameter: its
    address may hold a password.
    """
    with open_season(Path(folder)) as season:
        take_in(
            season,
            _here(Path(folder), inbox),
            judge_as=judge_as,
            ready=lambda submission: lies_still(submission, quiet_seconds),
        )
        _examine(season, workers)
        result = publish(season, lang=lang, full_names=full_names)
    _note(Path(folder)).unlink(missing_ok=True)
    return _publish(result)


def _examine(season: Season, workers: int) -> None:
    """Examine what has not been, a chunk a task; each chunk is kept when it comes back."""
    setting, photos = setting_of_season(season), pending(season)
    chunks = [photos[start : start + CHUNK] for start in range(0, len(photos), CHUNK)]
    with _pool(setting, workers) as pool:
        futures = {examine_chunk.submit(setting, chunk, pool): chunk for chunk in chunks}
        for future in as_completed(list(futures)):
            if future.state.is_completed():
                keep(season, future.result())
                continue
            # A photo that kills its process kills the cluster's worker and, tried again, the
            # next: here it costs itself alone.
            with worker_pool(setting, 1) as own:
                keep(season, list(own.run(futures[future])))


@contextmanager
def _pool(setting: Setting, workers: int) -> Iterator[_Pool | None]:
    context = FlowRunContext.get()
    if context is None or isinstance(context.task_runner, ThreadPoolTaskRunner):
        with worker_pool(setting, workers or default_workers()) as pool:
            yield _Pool(pool)
    else:
        yield None


def _here(folder: Path, inbox: str) -> Path:
    """Give the inbox as a folder of this machine; what lies at a URL is brought first."""
    if not is_url(inbox):
        return Path(inbox)
    spool = folder / "arrived"
    bring(inbox, spool)
    return spool


def _note(folder: Path) -> Path:
    return folder / "上次运行失败.txt"


def _publish(result: Result) -> dict[str, int]:
    """Leave an artifact of counts, and give them."""
    counts = summary(result)
    create_table_artifact(
        key="gradphoto-season",
        description="Students by verdict, photos, upload files. Counts only.",
        table=[
            {"what": f"students: {verdict}", "count": counts.students[verdict]}
            for verdict in Verdict
        ]
        + [
            {"what": "photos", "count": len(result.photos)},
            {"what": "upload files", "count": counts.uploads},
        ],
    )
    return {str(verdict): counts.students[verdict] for verdict in Verdict}
