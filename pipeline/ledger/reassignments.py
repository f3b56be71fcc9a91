"""Photos that a person gave to another student: to whom, since when, and which photos count then.

Decisions as all others (`pipeline.ledger.decisions`): never written over, and undone by
another one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from pipeline.batch.reviews import DecisionKind
from pipeline.batch.rounds import Disposition, places
from pipeline.core.rules import Verdict
from pipeline.ledger.arrivals import Arrived
from pipeline.ledger.decisions import Decision, not_undone, read_log, review_log
from pipeline.ledger.proofs import Proof
from pipeline.ledger.tables import reviews, runs, students, submissions, verdicts

_MOVING = (DecisionKind.ASSIGN, DecisionKind.KEEP)


@dataclass(frozen=True, slots=True)
class Assigned:
    """To whom a person gave a submission, and when."""

    student: str
    at: datetime


def assigned_now(connection: Connection) -> dict[int, Assigned]:
    """Read who was given which submission, by its id; the last that was not undone."""
    return {
        submission: Assigned(given[-1].student, given[-1].at)
        for submission, log in _moved(connection).items()
        if (given := [one for one in log if one.kind is DecisionKind.ASSIGN])
        and given[-1].student is not None
    }


def kept_now(connection: Connection) -> frozenset[tuple[int, str]]:
    """Read which submissions stay though a student was proposed: both of each."""
    return frozenset(
        (submission, one.student)
        for submission, log in _moved(connection).items()
        for one in log
        if one.kind is DecisionKind.KEEP and one.student is not None
    )


def since(arrived: datetime, assigned: Assigned | None) -> datetime:
    """Say since when a submission is its student's."""
    return arrived if assigned is None else max(arrived, assigned.at)


def deed_of(connection: Connection, submission: int) -> dict[int, Decision]:
    """Return the last decision on a submission, with those on others that were one deed with it.

    By submission. Empty: it re-assigned nothing, nor left anything where it stands.
    """
    mine = not_undone(review_log(connection, submission)).get(submission, [])
    if not mine or mine[-1].kind not in _MOVING:
        return {}
    deed = mine[-1].deed
    same = select(reviews).where(or_(reviews.c.id == deed, reviews.c.deed == deed))
    return dict(read_log(connection, same.order_by(reviews.c.submission_id)))


def students_of(connection: Connection, deed: Mapping[int, Decision]) -> frozenset[str]:
    """Say whom a deed concerns: those who were given a photo, and those whose it was before."""
    seen = [one.verdict for one in deed.values()]
    before = select(verdicts.c.student_key).where(verdicts.c.id.in_(seen))
    concerned = {*connection.scalars(before), *(one.student for one in deed.values())}
    return frozenset(key for key in concerned if key is not None)


def is_moved(connection: Connection, submission: int) -> bool:
    """Whether a submission was judged under another student than it stands under now."""
    asked = (
        select(verdicts.c.student_key, submissions.c.student_key)
        .join(submissions, submissions.c.id == verdicts.c.submission_id)
        .where(verdicts.c.submission_id == submission)
        .order_by(verdicts.c.id.desc())
        .limit(1)
    )
    row = connection.execute(asked).tuples().one_or_none()
    return row is not None and row[0] is not None and row[0] != row[1]


def places_now(
    connection: Connection, rows: Sequence[Arrived], proofs: Mapping[str, Proof]
) -> dict[int, Disposition]:
    """Say which of some submissions count, by what the last round came to.

    Parameters
    ----------
    rows
        As `read_submissions` gives them: all, or all of one student.
    """
    passed = select(students.c.submission_id).where(students.c.verdict == Verdict.PASS.value)
    accepted = frozenset(one for one in connection.scalars(passed) if one is not None)
    wrong = {key: proof.at for key, proof in proofs.items() if not proof.right}
    amends = frozenset(
        r.id for r in rows if r.student_key in wrong and r.arrived_at > wrong[r.student_key]
    )
    given = {}
    if assigned := assigned_now(connection):
        began = connection.execute(select(runs.c.opened_at, runs.c.id)).tuples().all()
        given = {
            one: max((run for opened, run in began if opened <= to.at), default=0)
            for one, to in assigned.items()
        }
    return places(rows, accepted, amends, given)


def _moved(connection: Connection) -> dict[int, list[Decision]]:
    """Read the decisions on all that were ever re-assigned, or left where they stand."""
    moved = select(reviews.c.submission_id).where(reviews.c.kind.in_(_MOVING))
    asked = select(reviews).where(reviews.c.submission_id.in_(moved)).order_by(reviews.c.id)
    return not_undone(read_log(connection, asked))
