"""What waits for a person, and one photo as the desk shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, func, select

from pipeline.batch.reviews import DecisionKind
from pipeline.core.rules import Mode, Verdict
from pipeline.ledger.codec import codes_of
from pipeline.ledger.decisions import Seen, review_log, standing
from pipeline.ledger.examinations import Content
from pipeline.ledger.tables import proofs, reviews, runs, students, submissions, verdicts


@dataclass(frozen=True, slots=True)
class Shown:
    """One submission, whose it is, and what it came to last."""

    id: int
    photo: str
    sha256: str
    mode: Mode
    arrived_at: datetime
    seen: Seen
    verdict: Verdict
    codes: tuple[str, ...]
    student_key: str | None = None
    student_place: int | None = None  # in the roster: it names the student in addresses
    name: str = ""
    college: str | None = None
    major: str = ""
    class_name: str = ""
    speaks: bool = False  # whether it is the one that speaks for its student
    is_moved: bool = False  # it was judged under another student: what it comes to here follows

    @property
    def content(self) -> Content:
        """What was examined, and as what."""
        return self.sha256, self.mode


def waiting(connection: Connection) -> list[Shown]:
    """Read the photos that wait for a person's decision, in the order of the roster.

    A decision that was taken on what a photo came to last is one; what came up after it waits
    again.
    """
    asked = _shown().where(
        students.c.present,
        students.c.verdict == Verdict.FAIL,
        students.c.submission_id == submissions.c.id,
    )
    decided = standing(review_log(connection))
    found = [_of_row(row) for row in connection.execute(asked.order_by(students.c.place))]
    return [
        one
        for one in found
        if (last := decided.get(one.id)) is None
        or last.verdict != one.seen.verdict
        or last.kind is DecisionKind.ASSIGN  # whose it is: what it comes to there is not decided
    ]


def read_shown(connection: Connection, submission: int) -> Shown | None:
    """Read one submission; None: there is none, or it was never judged."""
    row = connection.execute(_shown().where(submissions.c.id == submission)).one_or_none()
    return None if row is None else _of_row(row)


def read_shown_all(connection: Connection, some: Iterable[int]) -> dict[int, Shown]:
    """Read some submissions, by id; those that were never judged are not in it."""
    rows = connection.execute(_shown().where(submissions.c.id.in_(list(some))))
    return {row.id: _of_row(row) for row in rows}


def shown_of_student(connection: Connection, key: str) -> list[Shown]:
    """Read every judged submission of a student, as they arrived."""
    asked = _shown().where(submissions.c.student_key == key).order_by(submissions.c.id)
    return [_of_row(row) for row in connection.execute(asked)]


def is_unpublished(connection: Connection) -> bool:
    """Whether something was decided or said after the last run began: the lists lack it."""
    last = select(func.max(runs.c.opened_at)).where(runs.c.closed_at.is_not(None))
    began = connection.scalar(last)
    moments = (connection.scalar(select(func.max(t.c.at))) for t in (reviews, proofs))
    return any(at is not None and (began is None or at > began) for at in moments)


def _shown() -> Select[tuple[object, ...]]:
    newest = (
        select(func.max(verdicts.c.id))
        .where(verdicts.c.submission_id == submissions.c.id)
        .correlate(submissions)
        .scalar_subquery()
    )
    last = (
        select(func.max(reviews.c.id))
        .where(reviews.c.submission_id == submissions.c.id)
        .correlate(submissions)
        .scalar_subquery()
    )
    return (
        select(
            submissions.c.id,
            submissions.c.photo,
            submissions.c.sha256,
            submissions.c.arrived_at,
            runs.c.mode,
            verdicts.c.id.label("verdict_id"),
            verdicts.c.verdict.label("came_to"),
            verdicts.c.codes,
            verdicts.c.student_key.label("judged_for"),
            last.label("review_id"),
            students.c.key,
            students.c.place,
            students.c.name,
            students.c.college,
            students.c.major,
            students.c.class_name,
            students.c.submission_id,
        )
        .join(runs, runs.c.id == submissions.c.run_id)
        .join(verdicts, verdicts.c.id == newest)
        .outerjoin(students, students.c.key == submissions.c.student_key)
    )


def _of_row(row: Row[tuple[object, ...]]) -> Shown:
    return Shown(
        id=row.id,
        photo=row.photo,
        sha256=row.sha256,
        mode=row.mode,
        arrived_at=row.arrived_at,
        seen=Seen(row.verdict_id, row.review_id or 0),
        verdict=row.came_to,
        codes=codes_of(row.codes),
        student_key=row.key,
        student_place=row.place,
        name=row.name or "",
        college=row.college,
        major=row.major or "",
        class_name=row.class_name or "",
        speaks=row.key is not None and row.submission_id == row.id,
        is_moved=row.judged_for is not None and row.judged_for != row.key,
    )
