"""What persons decided on photos: rows that are never written over, each undone by another row."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, insert, literal, select

from pipeline.batch.reviews import DecisionKind, Review
from pipeline.ledger.codec import codes_of
from pipeline.ledger.tables import reviews, submissions, verdicts


@dataclass(frozen=True)
class Seen:
    """What a person saw of a submission when deciding: the version of its row."""

    verdict: int  # id of the last verdict
    review: int  # id of the last that a person did; 0: nothing


@dataclass(frozen=True)
class Decision:
    """What a person decided on a submission, who it was, and when."""

    kind: DecisionKind
    codes: frozenset[str]  # accepted: these count no more
    why: str
    who: str
    at: datetime
    verdict: int | None = None  # id of the verdict that was decided on
    student: str | None = None  # whose it is from now on, or was proposed to be
    deed: int | None = None  # id of the first of several that are one deed; its own where read

    @property
    def accepted(self) -> bool:
        """Whether what counted against the photo counts no more."""
        return self.kind.accepts


def seen_now(connection: Connection, submission: int) -> Seen | None:
    """Return the version of a submission's row; None: it was never judged."""
    of = verdicts.c.submission_id == submission
    verdict = connection.scalar(select(func.max(verdicts.c.id)).where(of))
    last = select(func.max(reviews.c.id)).where(reviews.c.submission_id == submission)
    return None if verdict is None else Seen(verdict, connection.scalar(last) or 0)


def add_review(
    connection: Connection, submission: int, decision: Decision, seen: Seen
) -> int | None:
    """Write down what a person did, and give its id; None: the row is no longer what was seen.

    Of two who decide at once one is written and the other is told: the row of the submission is
    held meanwhile, and SQLite has one writer at a time.
    """
    held = select(submissions.c.id).where(submissions.c.id == submission).with_for_update()
    connection.execute(held)
    values = {
        "submission_id": submission,
        "accepted": decision.accepted,
        "codes": ";".join(sorted(decision.codes)),
        "why": decision.why,
        "who": decision.who,
        "at": decision.at,
        "kind": decision.kind,
        "verdict_id": seen.verdict,
        "student_key": decision.student,
        "deed": decision.deed,
    }
    newer_verdict = select(verdicts.c.id).where(
        verdicts.c.submission_id == submission, verdicts.c.id > seen.verdict
    )
    newer_review = select(reviews.c.id).where(
        reviews.c.submission_id == submission, reviews.c.id > seen.review
    )
    row = select(*(literal(v, reviews.c[name].type) for name, v in values.items())).where(
        ~newer_verdict.exists(), ~newer_review.exists()
    )
    made = insert(reviews).from_select(list(values), row).returning(reviews.c.id)
    written: int | None = connection.scalar(made)
    return written


def review_log(
    connection: Connection, submission: int | None = None
) -> Iterator[tuple[int, Decision]]:
    """Yield all that persons did (on one submission), with its id, in the order of the deeds."""
    asked = select(reviews).order_by(reviews.c.id)
    if submission is not None:
        asked = asked.where(reviews.c.submission_id == submission)
    yield from read_log(connection, asked)


def read_log(
    connection: Connection, asked: Select[tuple[object, ...]]
) -> Iterator[tuple[int, Decision]]:
    """Yield the deeds that a statement asks for, with their submissions."""
    for r in connection.execute(asked):
        # Ledgers of 0.1 do not say the kind.
        kind = r.kind or (DecisionKind.ACCEPT if r.accepted else DecisionKind.RETAKE)
        codes = frozenset(codes_of(r.codes))
        yield (
            r.submission_id,
            Decision(kind, codes, r.why, r.who, r.at, r.verdict_id, r.student_key, r.deed or r.id),
        )


def not_undone(log: Iterable[tuple[int, Decision]]) -> dict[int, list[Decision]]:
    """Return the decisions on each submission that were not undone, in their order."""
    made: dict[int, list[Decision]] = defaultdict(list)
    for submission, one in log:
        if one.kind is DecisionKind.UNDO:
            del made[submission][-1:]
        elif one.kind is not DecisionKind.COMMENT:
            made[submission].append(one)
    return made


def standing(log: Iterable[tuple[int, Decision]]) -> dict[int, Decision]:
    """Say which decision counts for each submission: the last that was not undone.

    That it stays where it stands decides nothing more of it.
    """
    found = {
        submission: [one for one in some if one.kind is not DecisionKind.KEEP]
        for submission, some in not_undone(log).items()
    }
    return {submission: some[-1] for submission, some in found.items() if some}


def last_decisions(connection: Connection) -> dict[int, Decision]:
    """Tell who took the decision that counts for each reviewed submission, by its id."""
    return standing(review_log(connection))


def last_reviews(connection: Connection) -> dict[int, Review]:
    """What persons decided that a judgement takes into account, by submission."""
    return {
        submission: Review(one.accepted, one.codes, one.why)
        for submission, one in last_decisions(connection).items()
        # The one leaves the verdict as it is; after the other the photo is judged as it came.
        if one.kind not in {DecisionKind.FAIL, DecisionKind.ASSIGN}
    }
