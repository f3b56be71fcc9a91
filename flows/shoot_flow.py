"""The shoot as a Prefect flow: chunks of photos as tasks, the work unchanged.

Parameters are folders and settings only, artifacts are counts only: all of it lands in
Prefect's database in clear. Chunk tasks are threads that hand their photos to one
shared pool of processes; examinations stay in this process's memory.
"""

import flows.prefect_settings  # isort: skip  # noqa: F401 - before prefect reads its settings

from collections.abc import Sequence
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner

from flows.output import check_out, staging_in
from flows.shoot import describe_records, finish, prepare, setting_of
from flows.worker import default_workers, worker_pool
from pipeline.pool import WorkerPool
from pipeline.records import Examination, Result, Submission
from pipeline.words import Judge, Lang, Verdict
from reports.summary import summary

# A task costs the server 50 ms; 250 photos cost a core about a minute. Under 1 %, and
# little to do again.
CHUNK = 250


@task(name="examine", persist_result=False, cache_policy=NO_CACHE)
def examine_chunk(number: int, work: "Work") -> int:
    """Examine one chunk; gives the count of photos, keeps the findings in ``work``."""
    jobs = work.chunk(number)
    work.done[number] = list(work.pool.run(jobs))
    return len(jobs)


class Work:
    """The photos of a run and what came of them; lives in the flow's process only."""

    def __init__(
        self, submissions: Sequence[Submission], pool: WorkerPool[Submission, Examination]
    ) -> None:
        self._submissions = submissions
        self.pool = pool
        self.done: dict[int, list[Examination]] = {}

    def __repr__(self) -> str:
        """Say nothing of the photos: Prefect writes parameters down by their repr."""
        return f"<{len(self._submissions)} photos>"

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-len(self._submissions) // CHUNK)

    def chunk(self, number: int) -> Sequence[Submission]:
        """Give the submissions of one chunk."""
        return self._submissions[number * CHUNK : (number + 1) * CHUNK]

    def examined(self) -> list[Examination]:
        """All examinations, in the order of the submissions."""
        return [one for number in range(self.chunks) for one in self.done[number]]


@flow(
    name="gradphoto-shoot",
    task_runner=ThreadPoolTaskRunner(max_workers=2),  # type: ignore[arg-type]
    persist_result=False,
    validate_parameters=True,
)
def shoot_flow(
    inbox: str,
    roster: str,
    out: str,
    spec: str = "chsi_graduate",
    judge_as: Judge = "auto",
    manifest: str | None = None,
    workers: int = 0,
    lang: Lang = "zh",
    full_names: bool = False,  # noqa: FBT001 - Prefect gives parameters by name
    references: str | None = None,
    earlier: tuple[str, ...] = (),
    identity: bool = False,  # noqa: FBT001
    repair: bool = False,  # noqa: FBT001
) -> dict[str, int]:
    """Check one shoot; gives the counts of students by verdict."""
    run_shoot = prepare(
        Path(inbox),
        Path(roster),
        spec,
        judge_as,
        None if manifest is None else Path(manifest),
        references=None if references is None else Path(references),
        earlier=tuple(map(Path, earlier)),
        identity=identity,
        repair=repair,
    )
    check_out(Path(out), *run_shoot.given)
    with staging_in(Path(out)) as staging:
        setting, count = setting_of(run_shoot, staging), workers or default_workers()
        records = describe_records(run_shoot, setting, count)
        with worker_pool(setting, count) as pool:
            work = Work(run_shoot.submissions, pool)
            futures = [examine_chunk.submit(number, work) for number in range(work.chunks)]
            for future in futures:
                future.result()
        result = finish(
            run_shoot,
            work.examined(),
            Path(out),
            staging,
            lang=lang,
            full_names=full_names,
            records=records,
        )
    return _publish(result)


def _publish(result: Result) -> dict[str, int]:
    """Leave an artifact of counts, and give them."""
    counts = summary(result)
    create_table_artifact(
        key="gradphoto-shoot",
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
