"""All students with where they stand, and what arrived on which day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from pipeline.batch.rounds import StudentState
from pipeline.ledger.season import ZONE
from pipeline.ledger.tables import handovers, proofs, reviews, runs, season, students, submissions
from pipeline.ledger.views import states

Stamp = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One student, and where he or she stands."""

    place: int  # in the roster: it names the student in addresses
    key: str
    name: str
    college: str
    major: str
    class_name: str
    telephone: str  # of the roster's carried columns, the first
    state: StudentState


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over what arrived."""

    opened_at: datetime
    closed_at: datetime | None
    kind: str


@dataclass(frozen=True)
class Board:
    """A season at one moment."""

    people: tuple[Person, ...]  # in the order of the roster
    by_day: Mapping[date, int]  # submissions, days in Asia/Shanghai
    strays: int  # files of no student
    rounds: tuple[Round, ...]  # the newest first


def stamp(connection: Connection) -> Stamp:
    """Return what changes whenever a board does."""
    newest = [
        connection.scalar(select(func.max(table.c.id)))
        for table in (reviews, proofs, handovers, submissions, runs)
    ]
    closed = connection.scalar(select(func.count(runs.c.closed_at)))
    return *newest, closed, connection.scalar(select(season.c.roster_sha256))


def read_board(connection: Connection) -> Board:
    """Read where all students stand."""
    now = states(connection)
    columns = ("place", "key", "name", "college", "major", "class_name", "carried")
    asked = select(*(students.c[name] for name in columns)).where(students.c.present)
    people = tuple(
        Person(
            row.place,
            row.key,
            row.name,
            row.college,
            row.major,
            row.class_name,
            str(row.carried[0][1]) if row.carried else "",
            now[row.key],
        )
        for row in connection.execute(asked.order_by(students.c.place))
    )
    arrived = select(submissions.c.arrived_at, func.count()).group_by(submissions.c.arrived_at)
    days: Counter[date] = Counter()
    for at, count in connection.execute(arrived).tuples():
        days[at.astimezone(ZONE).date()] += count
    stray = select(func.count()).where(submissions.c.student_key.is_(None))
    passes = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(20))
    return Board(
        people,
        dict(sorted(days.items())),
        connection.scalar(stray) or 0,
        tuple(Round(r.opened_at, r.closed_at, r.kind) for r in passes),
    )
