"""All students with where they stand and since when, and what arrived on which day."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, or_, select

from pipeline.batch.rounds import StudentState
from pipeline.core.rules import Verdict
from pipeline.ledger.proofs import last_proofs
from pipeline.ledger.season import ZONE, open_run
from pipeline.ledger.tables import handovers, proofs, runs, season, students, submissions
from pipeline.ledger.verdicts import first_passed, handed_over
from pipeline.ledger.views import Stand, stands

Stamp = tuple[object, ...]
_ROUNDS = 20  # of the newest


@dataclass(frozen=True, slots=True)
class Since:
    """Since which day (Asia/Shanghai) a student has come so far as now; None: not so far."""

    collected: date | None = None  # a photo arrived
    passed: date | None = None  # the one that speaks for the student passed, and is not disputed
    uploaded: date | None = None  # its file was handed over
    confirmed: date | None = None  # the student said that it is right


class Person(NamedTuple):
    """One student, and where he or she stands; a tuple, for many are made anew at every change."""

    place: int  # in the roster: it names the student in addresses
    key: str
    name: str
    college: str
    major: str
    class_name: str
    telephone: str  # of the roster's carried columns, the first
    state: StudentState
    since: Since


Record = tuple[int, str, str, str, str, str, str]  # of a person, what the roster has


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over the season."""

    opened_at: datetime
    closed_at: datetime | None
    kind: str
    files: int  # that arrived in it
    counts: Mapping[str, int]  # students by verdict at its end


@dataclass(frozen=True)
class Board:
    """A season at one moment."""

    people: tuple[Person, ...]  # in the order of the roster
    by_day: Mapping[date, int]  # submissions, days in Asia/Shanghai
    strays: int  # files of no student
    rounds: tuple[Round, ...]  # the newest first
    roster_sha256: str
    records: tuple[Record, ...]  # as that roster has them


def stamp(connection: Connection) -> Stamp:
    """Return what changes whenever a board does; decisions change it when a run follows them."""
    newest = [
        connection.scalar(select(func.max(table.c.id)))
        for table in (proofs, handovers, submissions, runs)
    ]
    closed = connection.scalar(select(func.count(runs.c.closed_at)))
    return *newest, closed, connection.scalar(select(season.c.roster_sha256))


def read_board(connection: Connection, before: Board | None = None) -> Board:
    """Read where all students stand.

    Parameters
    ----------
    before
        An earlier board, whose records stand where the roster is still the same.
    """
    roster = connection.scalar(select(season.c.roster_sha256)) or ""
    same = before is not None and before.roster_sha256 == roster
    records = before.records if before is not None and same else _records(connection)
    since = _since(connection)
    now = {stand[0]: (stand[1], since(stand)) for stand in stands(connection)}
    people = tuple(Person(*record, *now[record[1]]) for record in records)
    arrived = select(submissions.c.arrived_at, func.count()).group_by(submissions.c.arrived_at)
    days: Counter[date] = Counter()
    for at, count in connection.execute(arrived).tuples():
        days[_day(at)] += count
    stray = select(func.count()).where(submissions.c.student_key.is_(None))
    return Board(
        people,
        dict(sorted(days.items())),
        connection.scalar(stray) or 0,
        _rounds(connection),
        roster,
        records,
    )


def _records(connection: Connection) -> tuple[Record, ...]:
    columns = ("place", "key", "name", "college", "major", "class_name", "carried")
    asked = select(*(students.c[name] for name in columns)).where(students.c.present)
    rows = connection.execute(asked.order_by(students.c.place)).tuples()
    return tuple((*row, _first(carried)) for *row, carried in rows)


def _first(carried: Any) -> str:  # noqa: ANN401 - a document
    return str(carried[0][1]) if carried else ""


def _since(connection: Connection) -> Callable[[Stand], Since]:
    """Return what says since when a student has come so far."""
    opened = dict(connection.execute(select(runs.c.id, runs.c.opened_at)).tuples().all())
    handed, said, run_of = (
        handed_over(connection),
        last_proofs(connection),
        first_passed(connection),
    )
    first = _first_arrivals(connection)

    def since(stand: Stand) -> Since:
        key, state, verdict, submission, upload, arrived = stand
        passed = uploaded = None
        if verdict is Verdict.PASS and state is not StudentState.DISPUTED:
            passed = opened.get(run_of.get(submission or 0, 0))
            uploaded = handed.get((key, upload or ""))
        confirmed = said[key].at if state is StudentState.CONFIRMED else None
        return days((first.get(key, arrived), passed, uploaded, confirmed))

    @cache  # many have the same
    def days(moments: tuple[datetime | None, ...]) -> Since:
        return Since(*(None if at is None else _day(at) for at in moments))

    return since


def _first_arrivals(connection: Connection) -> dict[str | None, datetime]:
    """When the first photo of a student arrived, where it is not the one that speaks."""
    run, owner = open_run(connection), submissions.c.student_key
    other = func.count() > 1
    if run is not None:  # what arrived in it speaks for nobody yet
        other = or_(other, func.max(submissions.c.run_id) == run.id)
    asked = select(owner, func.min(submissions.c.arrived_at)).group_by(owner).having(other)
    return dict(connection.execute(asked).tuples().all())


def _rounds(connection: Connection) -> tuple[Round, ...]:
    arrived = select(submissions.c.run_id, func.count()).group_by(submissions.c.run_id)
    files: dict[int, int] = dict(connection.execute(arrived).tuples().all())
    rows = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(_ROUNDS))
    return tuple(
        Round(r.opened_at, r.closed_at, r.kind, files.get(r.id, 0), r.counts or {}) for r in rows
    )


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()
