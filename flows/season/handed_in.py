"""What students handed in by their links, taken into rounds of their own, as from an inbox.

Killed at any moment, it is called again: a photo leaves the folder in which it waits when the
round that took it is closed.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path

from flows.season.examining import examine_pending
from flows.season.intake import assign_arrived, copy_in
from flows.season.steps import finish_interrupted, open_season, publish, refuse_other_rules
from flows.shoot.reading import find_mode
from flows.shoot.worker import PoolOf, default_workers, worker_pool
from pipeline.core.errors import UsageError
from pipeline.core.rules import Judge, Text
from pipeline.ledger.arrivals import known_of, read_submissions
from pipeline.ledger.handed_in import SHOWN, HandedIn, forget, waiting
from pipeline.ledger.season import ROUND, Season, droppings, open_run
from reports.masking import Presentation

_log = logging.getLogger(__name__)
CUT_SHORT = Text(
    "上一轮没有完成：请先运行 `season ingest`，学生提交的照片在其后检查",
    "a round was cut short: run `season ingest`; what students handed in is examined after it",
)


_MODES: tuple[Judge, ...] = ("source", "final")


@dataclass(frozen=True)
class Drained:
    """What waited: counts of photos."""

    new: int
    strays: int  # files in the folder that no student handed in


def take_in_handed_in(
    folder: Path,
    ledger: str | None = None,
    presentation: Presentation = Presentation(),
    *,
    workers: int = 0,
    pool: PoolOf = worker_pool,
    now: datetime | None = None,
) -> Drained:
    """Take in, examine and judge all that waits; a photo is judged as it was tried: by its size.

    Half of the machine is left to whoever tries a photo meanwhile.

    Raises
    ------
    UsageError
        Another run is at work, or an inbox's round was cut short: `season ingest` completes it.
    """
    how = _How(workers or max(1, default_workers() // 2), pool, presentation)
    moment = now or datetime.now(UTC)
    with open_season(folder, ledger) as season:
        found = waiting(season.folder)
        if found.strays:
            _log.warning("handed_in: %d files or folders that no student handed in", found.strays)
        under_way = _under_way(season)
        if not found.photos and under_way is not _Round.OURS:
            return Drained(0, found.strays)
        if under_way is _Round.OF_AN_INBOX:
            raise UsageError(CUT_SHORT)
        finish_interrupted(season, presentation)
        refuse_other_rules(season)
        _judge(season, how, moment)  # what a killed one left
        modes = {one.path: find_mode([one.submission], season.spec) for one in found.photos}
        new = 0
        for judge_as in _MODES:
            mine = [one for one in found.photos if modes[one.path] == judge_as]
            new += _copy_in(season, mine, judge_as, moment)
            _judge(season, how, moment)
            forget(_taken(season, mine))
    return Drained(new, found.strays)


@dataclass(frozen=True)
class _How:
    workers: int
    pool: PoolOf
    presentation: Presentation


class _Round(Enum):
    """What is under way."""

    NONE = auto()
    OURS = auto()  # a round of photos that were handed in, and of nothing else
    OF_AN_INBOX = auto()


def _under_way(season: Season) -> _Round:
    with season.engine.connect() as connection:
        run = open_run(connection)
        if run is None or run.kind != ROUND:
            return _Round.NONE
        rows = read_submissions(connection, run)
    ours = all(row.photo.startswith(f"{SHOWN}/") for row in rows)
    return _Round.OURS if ours else _Round.OF_AN_INBOX


def _copy_in(season: Season, photos: list[HandedIn], judge_as: Judge, now: datetime) -> int:
    with season.engine.connect() as connection:
        dropped = droppings(connection)  # those of the inbox, which lists go on telling
    new = copy_in(
        season,
        [one.submission for one in photos],
        {one.submission.photo: one.student_key for one in photos},
        judge_as=judge_as,
        now=now,
        dropped=dropped,
        arrived_at={one.path: one.at for one in photos},
    )
    assign_arrived(season)
    return new


def _judge(season: Season, how: _How, now: datetime) -> None:
    if _under_way(season) is _Round.OURS:
        examine_pending(season, how.workers, pool=how.pool)
        publish(season, how.presentation, now=now)


def _taken(season: Season, photos: list[HandedIn]) -> list[HandedIn]:
    with season.engine.connect() as connection:
        known = known_of(connection, [one.submission.photo for one in photos]).contents
    return [one for one in photos if (one.submission.photo, one.sha256) in known]
