"""Photos are given to another student by a person: all of a swap or run, or none; and taken back.

Writes no list: see `flows.season.changes.changing`, `flows.desk.publish`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from flows.season.changes import changing
from flows.season.intake import assign_students
from flows.season.review import NEVER_JUDGED, check_words
from pipeline.batch.reviews import DecisionKind
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text
from pipeline.ledger.accounts import note_look
from pipeline.ledger.arrivals import find_submission, owners_of, rounds_of, set_students_of
from pipeline.ledger.decisions import Decision, Seen, add_review, not_undone, review_log, seen_now
from pipeline.ledger.reassignments import deed_of
from pipeline.ledger.season import read_students, rounds
from pipeline.ledger.sightings import read_sightings
from reports import deeds
from reports.masking import Presentation

_OVERTAKEN = Text(
    "没有写入：在此期间，这些照片有了新的决定或新的结论；请重新查看",
    "not written: the photos were decided on or judged anew meanwhile; look again",
)
_LATER = Text(
    "之后又有了别的决定：请先撤销那一个", "something was decided after it: undo that first"
)
_NONE = Text("没有可以撤销的改归", "there is no re-assignment to undo")
_NOBODY = Text("名单中没有这个号码的学生", "the roster has no student of this number")
_IS_HIS = Text("这张照片已在该生名下", "the photo stands under this student already")
_NO_CASE = Text(
    "最近一轮没有这个编号的建议，见 proposals.csv",
    "the last round proposed nothing by this number, see proposals.csv",
)
_WHOSE = Text("--to：请给出学生的号码", "--to: give the number of the student")


class OvertakenError(UsageError):
    """What was decided on is no longer what the person saw: nothing was written."""

    def __init__(self) -> None:
        super().__init__(_OVERTAKEN)


@dataclass(frozen=True)
class Move:
    """A submission, the student to whom it is given or was proposed, and what the person saw."""

    submission: int
    student: str
    seen: Seen


def move(
    connection: Connection,
    moves: Sequence[Move],
    kind: DecisionKind,
    *,
    why: str,
    who: str,
    now: datetime,
) -> None:
    """Give submissions to other students (``ASSIGN``), or leave them where they stand (``KEEP``).

    In one transaction, which the caller must not complete where this raises. What the photos come
    to under their students is judged with the next lists.

    Raises
    ------
    OvertakenError
        One of them is no longer what was seen.
    UsageError
        The roster has no such student.
    """
    stood = owners_of(connection, [one.submission for one in moves])
    for one in moves:
        if one.student not in {s.key for s in read_students(connection, one.student)}:
            raise UsageError(_NOBODY)
        if one.student == stood.get(one.submission):
            if seen_now(connection, one.submission) != one.seen:
                raise OvertakenError
            raise UsageError(_IS_HIS)
    deed = None
    for one in sorted(moves, key=lambda m: m.submission):  # two at once wait, neither for ever
        decision = Decision(
            kind, frozenset(), why.strip(), who, now, one.seen.verdict, one.student, deed
        )
        written = add_review(connection, one.submission, decision, one.seen)
        if written is None:
            raise OvertakenError
        deed = deed or written
        said = (deeds.ASSIGN if kind is DecisionKind.ASSIGN else deeds.KEEP).zh.format(one.student)
        note_look(connection, who, said, stood.get(one.submission) or "", now)
    if kind is DecisionKind.ASSIGN:
        set_students_of(connection, {one.submission: one.student for one in moves})


def take_back(
    connection: Connection, submission: int, *, why: str, who: str, now: datetime
) -> None:
    """Undo the deed by which a submission was re-assigned, or left, whole: all is as before it.

    In one transaction, as `move`.

    Raises
    ------
    UsageError
        There is none, or one of the photos was decided on after it.
    """
    deed = deed_of(connection, submission)
    if not deed:
        raise UsageError(_NONE)
    for one, decision in deed.items():
        last = not_undone(review_log(connection, one)).get(one, [])
        seen = seen_now(connection, one)
        if seen is None or not last or last[-1].deed != decision.deed:
            raise UsageError(_LATER)
        undone = Decision(DecisionKind.UNDO, frozenset(), why, who, now, seen.verdict)
        if add_review(connection, one, undone, seen) is None:
            raise OvertakenError
        note_look(connection, who, deeds.TAKE_BACK.zh, decision.student or "", now)
    came_in = set(rounds_of(connection, deed.keys()).values())
    for run in rounds(connection):
        if run.id in came_in:
            assign_students(connection, run)


def reassign(
    folder: Path,
    what: str,
    *,
    to: str = "",
    kind: DecisionKind = DecisionKind.ASSIGN,
    why: str,
    who: str,
    ledger: str | None = None,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
) -> int:
    """Re-assign as proposed (``swap-1``), or a photo to a student; give how many photos moved.

    ``kind`` also leaves them where they stand, or takes back what was done.

    Raises
    ------
    UsageError
        Nothing is known or proposed by that name, or no reason is given.
    """
    check_words(why, who)
    moment = now or datetime.now(UTC)
    with changing(folder, ledger, "review", moment, presentation) as (_, connection):
        if kind is DecisionKind.UNDO:
            submission = find_submission(connection, what)
            count = len(deed_of(connection, submission))
            take_back(connection, submission, why=why, who=who, now=moment)
            return count
        proposed = [s for s in read_sightings(connection) if s.shows and s.cause == what]
        if proposed:
            moves = [_as_seen(connection, s.submission, s.shows) for s in proposed]
        elif to:
            students = read_students(connection, to)
            if len(students) != 1:
                raise UsageError(_NOBODY)
            moves = [_as_seen(connection, find_submission(connection, what), students[0].key)]
        else:
            raise UsageError(_NO_CASE if "-" in what else _WHOSE)
        move(connection, moves, kind, why=why, who=who, now=moment)
        return len(moves)


def _as_seen(connection: Connection, submission: int, student: str) -> Move:
    seen = seen_now(connection, submission)
    if seen is None:
        raise UsageError(NEVER_JUDGED)
    return Move(submission, student, seen)
