"""What photos and students came to, and what was handed over: none of it is ever written over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from pipeline.core.records import PhotoRow, StudentRow
from pipeline.core.rules import Verdict
from pipeline.ledger.codec import codes_of
from pipeline.ledger.season import Run
from pipeline.ledger.tables import handovers, students, submissions, verdicts


def last_verdicts(connection: Connection) -> dict[int, tuple[Verdict, tuple[str, ...]]]:
    """What each submission came to last, with the codes that counted, by its id."""
    last = select(func.max(verdicts.c.id)).group_by(verdicts.c.submission_id)
    columns = (verdicts.c.submission_id, verdicts.c.verdict, verdicts.c.codes)
    rows = connection.execute(select(*columns).where(verdicts.c.id.in_(last))).tuples()
    same: dict[tuple[str, str], tuple[Verdict, tuple[str, ...]]] = {}  # a few kinds among many
    return {
        one: same.setdefault((verdict, codes), (verdict, codes_of(codes)))
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
        one = (row.verdict, codes_of(row.codes))
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
