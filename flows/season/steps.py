"""A season's rounds, from what arrives to its reports: plain functions, no Prefect.

`take_in` copies what arrived and writes it down, `examine_pending` runs the models on what
has not been examined, `publish` compares and judges all of the season and writes its lists.
Each can be killed at any moment and called again: what is done is not done twice, and the
lists come out the same. `ingest` calls the three.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from checks import CHECKS
from flows.season.begin import init as init  # noqa: PLC0414 - the first of the steps
from flows.season.examining import examine_pending, provenance
from flows.season.faces import key_of
from flows.season.intake import Taken, every_file, take_in
from flows.season.judging import OTHER_RULES, compare_season, header_lines, judge_season
from flows.season.writing import write_season
from flows.shoot.progress import (
    COMPARING,
    JUDGING,
    LISTING,
    WAITING,
    WRITING,
    Tell,
    counted,
    details_counted,
    silent,
)
from flows.shoot.stages import Stage, files_written, pairs_counted, plainly
from flows.shoot.worker import PoolOf, worker_pool
from pipeline.batch.sightings import sightings
from pipeline.core.errors import UsageError
from pipeline.core.one_run import NO_PATIENCE, Patience
from pipeline.core.output_files import OutputFile
from pipeline.core.records import Result, Submission
from pipeline.core.rules import Judge, Text
from pipeline.ledger import examinations as kept
from pipeline.ledger.database import locked, open_database
from pipeline.ledger.season import (
    ROUND,
    Season,
    begin_run,
    droppings,
    end_run,
    open_run,
    read_season,
)
from pipeline.ledger.sightings import keep_sightings
from pipeline.ledger.store import REPORTS, sweep
from pipeline.ledger.verdicts import (
    add_verdicts,
    count_arrived,
    count_verdicts,
    set_student_states,
)
from pipeline.spec.spec import Spec
from reports.families import FamilyCounts, by_family
from reports.masking import Presentation
from reports.shared_words import students_line
from reports.summary import summary

_PATIENCE_S = 300.0  # a desk's pass over the season ends in that time


@dataclass(frozen=True)
class Ingested:
    """What a round came to: counts only, so that it may be shown and kept anywhere."""

    taken: Taken
    examined: int
    students: dict[str, int]  # by verdict
    header_lines: tuple[Text, ...]  # the deadlines, in words
    last: date | None = None  # the deadline
    set_aside: int = 0  # files beside photos, of those that the lists show
    arrived: Mapping[str, int] = field(default_factory=dict)  # the round's photos, by verdict
    families: tuple[FamilyCounts, ...] = ()  # all photos that count; none: nothing was judged


@contextmanager
def open_season(
    folder: Path,
    ledger: str | None = None,
    *,
    writing: bool = True,
    spec: Spec | None = None,
    patience: Patience = NO_PATIENCE,
) -> Iterator[Season]:
    """Open a season; for ``writing`` it is locked, and what a killed run left is tidied.

    Raises
    ------
    UsageError
        There is none, or another run is at work on it.
    """
    engine = open_database(folder, ledger, create=False)
    try:
        if not writing:
            yield read_season(folder, engine, CHECKS, spec)
            return
        with locked(folder, engine, patience):
            sweep(folder)
            season = replace(read_season(folder, engine, CHECKS, spec), locked=True)
            key_of(season)  # before anything is done that could not be completed
            yield season
    finally:
        engine.dispose()


def ingest(
    folder: Path,
    inbox: Path,
    *,
    ledger: str | None = None,
    workers: int = 0,
    judge_as: Judge = "auto",
    manifest: Path | None = None,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
    ready: Callable[[Submission], bool] = every_file,
    pool: PoolOf = worker_pool,
    progress: Tell = silent,
    stage: Stage = plainly,
) -> Ingested:
    """Take in what arrived, examine it, and write the lists of the whole season.

    Each step is done through ``stage``; ``progress`` is told how far it is.

    Raises
    ------
    UsageError
        Season, inbox or manifest cannot be used.
    """
    patience = Patience(_PATIENCE_S, partial(progress, WAITING))
    with open_season(folder, ledger, patience=patience) as season:
        finish_interrupted(season, presentation)
        refuse_other_rules(season)
        progress(LISTING)
        taken = stage(
            LISTING,
            lambda: take_in(
                season, inbox, judge_as=judge_as, manifest=manifest, now=now, ready=ready
            ),
            lambda done: Text(
                f"新收 {done.new}，已有 {done.known}，等待 {done.waiting}",
                f"new {done.new}, known {done.known}, waiting {done.waiting}",
            ),
        )
        examined = examine_pending(season, workers, pool=pool, progress=progress)
        with season.engine.begin() as connection:
            run = open_run(connection)
            written = (folder / REPORTS / OutputFile.PAGE).is_file()
            if run is None and not written:
                run = begin_run(
                    connection,
                    "report",
                    now=now or datetime.now(UTC),
                    spec_sha256=season.spec_sha256,
                )
        result = None
        if run is not None:
            result = publish(season, presentation, now=now, progress=progress, stage=stage)
        with season.engine.connect() as connection:
            done = Ingested(
                taken, examined, count_verdicts(connection), header_lines(season), season.last
            )
            if run is None or result is None:
                return done
            return replace(
                done,
                set_aside=summary(result).set_aside,
                arrived=count_arrived(connection, run),
                families=by_family(result),
            )


def finish_interrupted(season: Season, presentation: Presentation) -> None:
    """Write the lists that a killed review, roster or rejudgement did not come to write."""
    with season.engine.connect() as connection:
        run = open_run(connection)
    if run is not None and run.kind != ROUND:
        publish(season, presentation)


def refuse_other_rules(season: Season) -> None:
    """See that what the ledger holds was found by the rules of today.

    Raises
    ------
    UsageError
        It was not: `season rejudge` must come first.
    """
    with season.engine.connect() as connection:
        if kept.by_other_rules(connection, season.spec_sha256, provenance()):
            raise UsageError(OTHER_RULES)


def publish(
    season: Season,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
    *,
    progress: Tell = silent,
    stage: Stage = plainly,
) -> Result:
    """Judge all of the season, write its lists, and close the run under way.

    Raises
    ------
    UsageError
        No run is under way, a photo still waits for its examination, or the folder of the
        reports cannot be written.
    """
    with season.engine.connect() as connection:
        run = open_run(connection)
        if run is None:
            raise UsageError(
                Text(
                    "没有正在进行的运行：没有可以发布的内容",
                    "no run is under way: there is nothing to publish",
                )
            )
        progress(COMPARING)
        together = stage(
            COMPARING,
            lambda: compare_season(season, connection, tell=counted(progress, COMPARING)),
            lambda done: pairs_counted(done.compared),
        )
        progress(JUDGING)
        judged = stage(
            JUDGING,
            lambda: judge_season(season, connection, droppings(connection), together),
            lambda done: students_line(summary(done.result).students),
        )
        progress(WRITING)
        shown = replace(judged, result=details_counted(judged.result, counted(progress, WRITING)))
        stage(
            WRITING,
            lambda: write_season(season, shown, presentation),
            lambda _: files_written(judged.result),
        )
    result = judged.result
    with season.engine.begin() as connection:
        add_verdicts(connection, run, {judged.ids[row.photo]: row for row in result.photos})
        uploads = {u.student_key: u.upload.sha256 for u in result.uploads}
        set_student_states(connection, result.students, judged.ids, uploads)
        keep_sightings(connection, sightings(together.compared), judged.ids)
        counts = {str(v): n for v, n in summary(result).students.items()}
        end_run(connection, run, now or datetime.now(UTC), counts)
    return result
