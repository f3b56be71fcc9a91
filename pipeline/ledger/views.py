"""What a season shows: where it stands in counts, and all that is known of one student."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.batch.rounds import Disposition, StudentState, attempts, days_late, state_of
from pipeline.core.errors import UsageError
from pipeline.core.records import Student
from pipeline.core.rules import Text, Verdict
from pipeline.ledger.arrivals import read_submissions
from pipeline.ledger.decisions import Decision, last_decisions
from pipeline.ledger.proofs import Proof, last_proofs, said_of
from pipeline.ledger.reassignments import assigned_now, places_now, since
from pipeline.ledger.season import ZONE, Season, modes, open_run, read_students, rounds
from pipeline.ledger.tables import examinations, students, submissions
from pipeline.ledger.templates import count_templates
from pipeline.ledger.verdicts import handed_over, verdicts_of

# Key and state of a student, the verdict, submission and registration file that speak for him or
# her, and when it arrived. A tuple: of 20,000 students each is made anew at every change.
Stand = tuple[str, StudentState, Verdict | None, int | None, str | None, datetime | None]


@dataclass(frozen=True)
class Status:
    """A season in counts, and its days."""

    spec_id: str
    last: date | None
    make_up: date | None
    today: date  # in Asia/Shanghai
    days_left: int | None  # to the last day; negative: it is over
    rounds: int
    submissions: int
    late: int
    strays: int  # files of no student
    beyond_attempts: int  # students with more attempts than the spec allows
    examinations: int
    by_mode: Mapping[str, int]
    students: Mapping[StudentState, int]
    interrupted: bool  # a run was cut short, or is under way
    templates: int | None  # kept, under a key; None: they are kept nowhere


@dataclass(frozen=True)
class Try:
    """One submission of a student, as its history tells it."""

    id: int
    day: datetime  # Asia/Shanghai
    number: int
    photo: str
    place: Disposition
    verdicts: tuple[tuple[Verdict, tuple[str, ...]], ...]  # in the order in which they came
    late: bool
    decision: Decision | None


@dataclass(frozen=True)
class History:
    """All that a season knows of one student."""

    student: Student
    state: StudentState
    tries: tuple[Try, ...]
    proof: Proof | None


def count_season(season: Season, connection: Connection, now: datetime) -> Status:
    """Count a season; reads only, a run may be at work."""
    today = now.astimezone(ZONE).date()
    rows = read_submissions(connection)
    tries = attempts(rows)
    most = season.spec.season.attempts
    often = {r.student_key for r in rows if r.id in tries and not most.allows(tries[r.id])}
    counted = Counter(states(connection).values())
    return Status(
        spec_id=season.spec.id,
        last=season.last,
        make_up=season.make_up,
        today=today,
        days_left=None if season.last is None else (season.last - today).days,
        rounds=len(rounds(connection)),
        submissions=len(rows),
        late=sum(_is_late(season, r.arrived_at) for r in rows),
        strays=sum(r.student_key is None for r in rows),
        beyond_attempts=len(often),
        examinations=connection.scalar(select(func.count()).select_from(examinations)) or 0,
        by_mode=modes(connection),
        students={state: counted[state] for state in StudentState},
        interrupted=open_run(connection) is not None,
        templates=None if season.key_check is None else count_templates(connection),
    )


def history_of(season: Season, connection: Connection, key: str) -> History:
    """Read every attempt of one student (学号, 考生号 or 采集码).

    Raises
    ------
    UsageError
        There is no such student in the season.
    """
    student = _student(connection, key)
    mine = read_submissions(connection, student=student.key)
    proofs, decisions = last_proofs(connection), last_decisions(connection)
    place = places_now(connection, mine, proofs)
    number = attempts(mine)
    came_to = verdicts_of(connection, [r.id for r in mine])
    tries = tuple(
        Try(
            id=r.id,
            day=r.arrived_at.astimezone(ZONE),
            number=number[r.id],
            photo=r.photo,
            place=place[r.id],
            verdicts=came_to.get(r.id, ()),
            late=_is_late(season, r.arrived_at),
            decision=decisions.get(r.id),
        )
        for r in mine
    )
    state = states(connection, student.key)[student.key]
    return History(student, state, tries, proofs.get(student.key))


def _student(connection: Connection, key: str) -> Student:
    for student in read_students(connection, key) if key else ():
        return student
    raise UsageError(Text("这一季没有这个号码的学生", "the season has no student of this number"))


def states(connection: Connection, student: str | None = None) -> dict[str, StudentState]:
    """Where every student (or one) stands, by key."""
    return {key: state for key, state, *_ in stands(connection, student)}


def stands(connection: Connection, student: str | None = None) -> Iterator[Stand]:
    """Where every student (or one) stands, and what that rests on."""
    proofs, handed = last_proofs(connection), handed_over(connection)
    run, waiting = open_run(connection), set[str | None]()
    if run is not None:
        arrived = select(submissions.c.student_key).where(submissions.c.run_id == run.id)
        waiting = set(connection.scalars(arrived))
    assigned = assigned_now(connection)
    names = ("key", "verdict", "submission_id", "upload_sha256")
    asked = (
        select(*(students.c[name] for name in names), submissions.c.arrived_at)
        .outerjoin(submissions, submissions.c.id == students.c.submission_id)
        .where(students.c.present)
    )
    if student is not None:
        asked = asked.where(students.c.key == student)
    rows: Iterable[tuple[Any, ...]] = connection.execute(asked).tuples()
    for key, verdict, submission, upload, at in rows:
        state = state_of(
            verdict,
            waiting=key in waiting,
            uploaded=(key, upload) in handed,
            proof=said_of(proofs.get(key), at and since(at, assigned.get(submission))),
        )
        yield key, state, verdict, submission, upload, at


def _is_late(season: Season, arrived: datetime) -> bool:
    return days_late(arrived.astimezone(ZONE).date(), season.last) > 0
