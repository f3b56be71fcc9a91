"""What a round under way has still to have examined, and that done: a transaction a chunk."""

from collections.abc import Sequence

from checks import CHECKS
from flows.season.begin import init as init  # noqa: PLC0414 - the first of the steps
from flows.season.intake import CHUNK
from flows.shoot.progress import (
    CHECKING,
    LOADING,
    Tell,
    silent,
)
from flows.shoot.worker import PoolOf, default_workers, worker_pool
from pipeline.core.batched import batched
from pipeline.core.errors import UsageError
from pipeline.core.records import Examination, Submission
from pipeline.core.rules import Mode, Text
from pipeline.examine.setting import Setting
from pipeline.ledger import examinations as kept
from pipeline.ledger.provenance import provenance_of
from pipeline.ledger.season import (
    ROUND,
    Season,
    open_run,
)
from pipeline.ledger.store import staging_folder
from pipeline.rules import photo_rules


def pending(season: Season) -> tuple[Submission, ...]:
    """What the round under way has still to have examined: contents, named by their hashes."""
    with season.engine.connect() as connection:
        run = open_run(connection)
        if run is None or run.kind != ROUND:
            return ()
        contents = kept.pending(season, connection, run, provenance())
    return tuple(kept.job(season.folder, sha256) for sha256 in contents)


def provenance() -> dict[str, str]:
    """Say by what photos are examined now: models and rules."""
    return provenance_of(photo_rules(CHECKS))


def setting_of_season(season: Season, mode: Mode | None = None) -> Setting:
    """Return what the workers need to know; the mode of the round under way where none is given."""
    if mode is None:
        with season.engine.connect() as connection:
            run = open_run(connection)
        if run is None or run.mode is None:
            raise UsageError(Text("没有正在进行的轮次", "no round is under way"))
        mode = Mode(run.mode)
    return Setting(season.spec, mode, staging_folder(season.folder), stage_all=True)


def keep(season: Season, done: Sequence[Examination]) -> None:
    """Write down a chunk of examinations, all or none of them."""
    with season.engine.begin() as connection:
        kept.keep(connection, season.spec_sha256, done, provenance())


def examine_pending(
    season: Season,
    workers: int = 0,
    *,
    pool: PoolOf = worker_pool,
    progress: Tell = silent,
) -> int:
    """Examine what the round under way still needs, and give how many photos that was."""
    jobs = pending(season)
    if not jobs:
        return 0
    return examine_jobs(
        season, jobs, setting_of_season(season), workers, pool=pool, progress=progress
    )


def examine_jobs(
    season: Season,
    jobs: Sequence[Submission],
    setting: Setting,
    workers: int,
    *,
    pool: PoolOf = worker_pool,
    progress: Tell = silent,
) -> int:
    """Examine contents under one setting, a transaction every `CHUNK`."""
    done = 0
    progress(LOADING)
    with pool(setting, workers or default_workers()) as opened:
        for chunk in batched(opened.run(jobs), CHUNK):
            keep(season, chunk)
            done += len(chunk)
            progress(CHECKING, done, len(jobs))
    return done
