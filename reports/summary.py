"""A run in counts: for the terminal, the Prefect artifact and the heads of the reports.

Counts only, so that it may be shown and kept where personal data may not.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.batch.rounds import StudentState
from pipeline.core.records import Result
from pipeline.core.rules import Outcome, Verdict
from pipeline.intake.inbox import unopened_archives


@dataclass(frozen=True)
class Reason:
    """How many students and photos a rule counts against."""

    code: str
    students: int
    photos: int


@dataclass(frozen=True)
class NearLimits:
    """What lies within its measure's uncertainty of a limit: findings, students, for staff."""

    findings: int
    students: int
    staff: int  # of the students: a person decides


@dataclass(frozen=True)
class Summary:
    """The counts of one run; every verdict is a key, at zero too."""

    students: Mapping[Verdict, int]
    photos: Mapping[Verdict, int]  # never ``missing``
    reasons: tuple[Reason, ...]  # most students first
    borderline: NearLimits
    pairs: Mapping[str, int]  # by kind, those that occur
    uploads: int
    droppings: int
    strays: int  # files of no student
    set_aside: int  # files of students that are no contenders: a RAW beside its JPEG, a video
    cards: int  # code cards
    unopened: Mapping[str, int]  # archives, by their extensions


def state_counts(states: Mapping[str, StudentState]) -> tuple[tuple[StudentState, int], ...]:
    """Count where the students of a season stand, in the order of a photo's way."""
    counts = Counter(states.values())
    return tuple((state, counts[state]) for state in StudentState if counts[state])


def summary(result: Result) -> Summary:
    """Count what a run came to."""
    students = Counter(row.verdict for row in result.students)
    photos = Counter(row.verdict for row in result.photos if not row.is_card)
    by_student = Counter(code for row in result.students for code in set(row.codes))
    judged = [row for row in result.photos if not row.set_aside]
    by_photo = Counter(code for row in judged for code in set(row.codes))
    reasons = [Reason(c, by_student[c], by_photo[c]) for c in {*by_student, *by_photo}]
    return Summary(
        students={verdict: students[verdict] for verdict in Verdict},
        photos={v: photos[v] for v in Verdict if v is not Verdict.MISSING},
        borderline=NearLimits(
            findings=sum(len(row.borderline) for row in result.photos),
            students=sum(bool(row.borderline) for row in result.students),
            staff=sum(
                any(f.borderline and f.outcome is Outcome.SKIPPED for f in row.findings)
                for row in result.students
            ),
        ),
        reasons=tuple(sorted(reasons, key=lambda r: (-r.students, -r.photos, r.code))),
        pairs=dict(sorted(Counter(pair.kind for pair in result.pairs).items())),
        uploads=len(result.uploads),
        droppings=result.droppings,
        strays=sum(row.student_key is None for row in judged),
        set_aside=sum(row.set_aside and not row.is_card for row in result.photos),
        cards=sum(row.is_card for row in result.photos),
        unopened=unopened_archives(row.photo for row in result.photos),
    )
