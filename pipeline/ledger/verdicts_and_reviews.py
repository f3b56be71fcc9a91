"""Verdicts, what persons decided, and what was handed over: none of it is ever written over."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, func, insert, literal, or_, select, update

from pipeline.batch.reviews import DecisionKind, Review
from pipeline.core.records import PhotoRow, StudentRow
from pipeline.core.rules import Verdict
from pipeline.ledger.season import Run
from pipeline.ledger.tables import handovers, reviews, students, submissions, verdicts


def last_verdicts(connection: Connection) -> dict[int, tuple[Verdict, tuple[str, ...]]]:
    """What each submission came to last, with the codes that counted, by its id."""
    last = select(func.max(verdicts.c.id)).group_by(verdicts.c.submission_id)
    columns = (verdicts.c.submission_id, verdicts.c.verdict, verdicts.c.codes)
    rows = connection.execute(select(*columns).where(verdicts.c.id.in_(last))).tuples()
    same: dict[tuple[str, str], tuple[Verdict, tuple[str, ...]]] = {}  # a few kinds among many
    return {
        one: same.setdefault((verdict, codes), (verdict, _codes(codes)))
        for one, verdict, codes in rows
    }


def first_passed(connection: Connection, some: Iterable[int] | None = None) -> dict[int, int]:
    """Number the round, or other run, in which each submission (of some) first passed, by id.

    Under the student whose it is now: what it came to under another is not this one's.
    """
    own = or_(verdicts.c.student_key.is_(None), verdicts.c.student_key == submissions.c.student_key)
    asked = (
        select(verdicts.c.submission_id, func.min(verdicts.c.run_id))
        .join(submissions, submissions.c.id == verdicts.c.submission_id)
        .where(verdicts.c.verdict == Verdict.PASS.value, own)
    )
    if some is not None:
        asked = asked.where(verdicts.c.submission_id.in_(list(some)))
    rows = connection.execute(asked.group_by(verdicts.c.submission_id)).tuples()
    return dict(rows.all())


def verdicts_of(
    connection: Connection, ids: Iterable[int]
) -> dict[int, tuple[tuple[Verdict, tuple[str, ...]], ...]]:
    """All that some submissions came to, in the order in which they did."""
    asked = select(verdicts).where(verdicts.c.submission_id.in_(list(ids)))
    found: dict[int, tuple[tuple[Verdict, tuple[str, ...]], ...]] = {}
    for row in connection.execute(asked.order_by(verdicts.c.id)):
        one = (row.verdict, _codes(row.codes))
        found[row.submission_id] = (*found.get(row.submission_id, ()), one)
    return found


def add_verdicts(connection: Connection, run: Run, rows: Mapping[int, PhotoRow]) -> None:
    """Write down what submissions came to, by id, where it is not what they came to last.

    What it comes to under another student is another verdict, though it be the same.
    """
    before, judged_for = last_verdicts(connection), _judged_for(connection)
    new = [
        {
            "submission_id": one,
            "run_id": run.id,
            "verdict": row.verdict.value,
            "codes": ";".join(row.codes),
            "student_key": None if row.set_aside else row.student_key,
        }
        for one, row in sorted(rows.items())
        if before.get(one) != (row.verdict, row.codes)
        or judged_for.get(one, row.student_key) != row.student_key
    ]
    if new:
        connection.execute(insert(verdicts), new)


def _judged_for(connection: Connection) -> dict[int, str]:
    """Under which student each submission was judged last; ledgers of 0.2 do not say it."""
    last = select(func.max(verdicts.c.id)).group_by(verdicts.c.submission_id)
    asked = select(verdicts.c.submission_id, verdicts.c.student_key)
    known = asked.where(verdicts.c.id.in_(last), verdicts.c.student_key.is_not(None))
    return dict(connection.execute(known).tuples().all())


def count_verdicts(connection: Connection) -> dict[str, int]:
    """Students by what they came to last; ``missing`` before their first photo."""
    asked = select(students.c.verdict, func.count()).where(students.c.present)
    rows = connection.execute(asked.group_by(students.c.verdict)).tuples()
    counts = {verdict.value: 0 for verdict in Verdict}
    for verdict, count in rows:
        counts[verdict or Verdict.MISSING.value] += count
    return counts


def count_arrived(connection: Connection, run: Run) -> dict[str, int]:
    """Photos that arrived in a round by what they came to in it."""
    asked = (
        select(verdicts.c.verdict, func.count())
        .join(submissions, submissions.c.id == verdicts.c.submission_id)
        .where(verdicts.c.run_id == run.id, submissions.c.run_id == run.id)
        .group_by(verdicts.c.verdict)
    )
    found: dict[str, int] = dict(connection.execute(asked).tuples().all())
    return {v.value: found.get(v.value, 0) for v in Verdict if v is not Verdict.MISSING}


def student_verdicts(connection: Connection) -> dict[str, Verdict]:
    """What each student came to last, by key; missing before the first photo."""
    rows = connection.execute(select(students.c.key, students.c.verdict)).tuples()
    return {key: verdict or Verdict.MISSING for key, verdict in rows}


def set_student_states(
    connection: Connection,
    rows: Iterable[StudentRow],
    ids: Mapping[str, int],
    uploads: Mapping[str, str],
) -> None:
    """Write down what students came to.

    Parameters
    ----------
    ids
        Submission by the name that the lists show.
    uploads
        SHA-256 of the registration file by student.
    """
    values = [
        {
            "k": row.student.key,
            "v": row.verdict.value,
            "s": ids.get(row.photo or ""),
            "u": uploads.get(row.student.key),
        }
        for row in rows
    ]
    if values:
        connection.execute(
            update(students)
            .where(students.c.key == bindparam("k"))
            .values(
                verdict=bindparam("v"), submission_id=bindparam("s"), upload_sha256=bindparam("u")
            ),
            values,
        )


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
        codes = frozenset(_codes(r.codes))
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


def hand_over(connection: Connection, now: datetime) -> int:
    """Note for every student who passed that the present file was handed over; give how many."""
    there = select(handovers.c.student_key, handovers.c.upload_sha256)
    known = set(connection.execute(there).tuples())
    ready = connection.execute(
        select(students.c.key, students.c.upload_sha256).where(
            students.c.present,
            students.c.verdict == Verdict.PASS.value,
            students.c.upload_sha256.is_not(None),
        )
    ).tuples()
    new = [(key, sha256) for key, sha256 in ready if (key, sha256) not in known]
    if new:
        connection.execute(
            insert(handovers),
            [{"student_key": key, "upload_sha256": sha256, "at": now} for key, sha256 in new],
        )
    return len(new)


def handed_over(connection: Connection) -> dict[tuple[str, str], datetime]:
    """When each (student, file) was handed over."""
    rows = connection.execute(select(handovers))
    return {(r.student_key, r.upload_sha256): r.at for r in rows}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the last round came to for a student."""

    verdict: Verdict | None  # None: no round was closed yet
    submission: int | None  # the one that speaks for the student
    upload_sha256: str | None


def standings(connection: Connection, student: str | None = None) -> dict[str, Standing]:
    """Read what the last round came to, by student (of one)."""
    columns = (students.c.key, students.c.verdict, students.c.submission_id)
    asked = select(*columns, students.c.upload_sha256)
    if student is not None:
        asked = asked.where(students.c.key == student)
    rows = connection.execute(asked)
    return {r.key: Standing(r.verdict, r.submission_id, r.upload_sha256) for r in rows}


def _codes(joined: str) -> tuple[str, ...]:
    return tuple(filter(None, joined.split(";")))
