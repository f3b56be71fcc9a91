"""Rounds: which of a student's submissions counts, and where the student stands.

A round is one pass over what arrived. A later one supersedes an earlier one, unless the
earlier was accepted. Nothing here reads a clock or a database.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from pipeline.core.records import FileKind
from pipeline.core.rules import Text, Verdict


@dataclass(frozen=True, slots=True)
class Arrival:
    """A submission as the rounds see it; ``id`` grows with the order of arrival."""

    id: int
    round: int
    photo: str
    sha256: str  # empty when it could not be read
    student_key: str | None
    kind: FileKind = field(default=FileKind.PHOTO, kw_only=True)

    @property
    def is_photo(self) -> bool:
        """Whether it may be one, as far as could be seen when it arrived."""
        return self.kind is FileKind.PHOTO


class Disposition(StrEnum):
    """What became of a submission among the student's others."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    NOT_TAKEN = "not_taken"  # the student had passed already


class StudentState(StrEnum):
    """Where a student stands (standard.md §8, the states of a student)."""

    MISSING = "missing"
    WAITING = "waiting"
    PASSED = "passed"
    RETAKE = "retake"
    REVIEW = "review"
    UPLOADED = "uploaded"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


STUDENT_STATES: Mapping[StudentState, Text] = {
    StudentState.MISSING: Text("未采集", "no photo"),
    StudentState.WAITING: Text("待审核", "waiting to be checked"),
    StudentState.PASSED: Text("合格", "passed"),
    StudentState.RETAKE: Text("驳回(需补拍)", "rejected: retake"),
    StudentState.REVIEW: Text("待人工复核", "a person must look"),
    StudentState.UPLOADED: Text("已上传", "uploaded"),
    StudentState.CONFIRMED: Text("校对正确", "confirmed on the platform"),
    StudentState.DISPUTED: Text("校对有误", "disputed on the platform"),
}


def places(
    arrivals: Iterable[Arrival],
    accepted: frozenset[int],
    amends: frozenset[int] = frozenset(),
    given: Mapping[int, int] = MappingProxyType({}),
) -> dict[int, Disposition]:
    """Say for every submission whether it is the one that counts.

    Of a student the submissions of one round stand or fall together (two of them are
    RC003's business). A file of no student gives way to the next of its name. What is no photo
    (a RAW that comes after its JPEG) takes the place of none.

    Parameters
    ----------
    accepted
        Submissions that were accepted when their round ended: they stay.
    amends
        Submissions that came after the student said that the accepted picture is wrong:
        they take its place.
    given
        Submissions that a person gave to the student, with the last round or other run before
        that: they count beside what counted then, and with it give way to what comes later.
    """
    held: dict[str, list[Arrival]] = {}
    result: dict[int, Disposition] = {}

    def turn(one: Arrival) -> tuple[int, bool, int]:
        return max(one.round, given.get(one.id, 0)), one.id in given, one.id

    for one in sorted(arrivals, key=turn):
        owner = f"student {one.student_key}" if one.student_key else f"file {one.photo}"
        before = held.get(owner, [])
        if one.id in given:
            held[owner] = [*before, one]
            result[one.id] = Disposition.CURRENT
            continue
        if before and before[0].round < one.round:
            stays = not one.is_photo and any(a.is_photo for a in before)
            if stays or (one.id not in amends and any(a.id in accepted for a in before)):
                result[one.id] = Disposition.NOT_TAKEN
                continue
            result |= {a.id: Disposition.SUPERSEDED for a in before}
            before = []
        for earlier in [a for a in before if a.photo == one.photo]:
            # The file was changed while its round was under way.
            result[earlier.id] = Disposition.SUPERSEDED
            before = [a for a in before if a is not earlier]
        held[owner] = [*before, one]
        result[one.id] = Disposition.CURRENT
    return result


def attempts(arrivals: Iterable[Arrival]) -> dict[int, int]:
    """Number the attempts of each student, from 1; files of no student are not counted.

    An attempt is a round in which something new came from the student: the same picture
    sent again, a file that could not be opened at all, or one that is no photo, is none.
    """
    rounds: dict[str, list[int]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    result = {}
    for one in sorted(arrivals, key=lambda a: (a.round, a.id)):
        if one.student_key is None:
            continue
        mine = rounds[one.student_key]
        picture = (one.student_key, one.sha256)
        if one.sha256 and one.is_photo and picture not in seen and one.round not in mine:
            mine.append(one.round)
        seen.add(picture)
        result[one.id] = max(1, len(mine))
    return result


def shown_photos(arrivals: Sequence[Arrival]) -> dict[int, str]:
    """Name each submission for the lists: its path, the second of one path ``name.jpg#2``."""
    used: set[str] = set()
    result = {}
    for one in sorted(arrivals, key=lambda a: a.id):
        name, number = one.photo, 1
        while name in used:
            number += 1
            name = f"{one.photo}#{number}"
        used.add(name)
        result[one.id] = name
    return result


def days_late(arrived: date, deadline: date | None) -> int:
    """Days after the deadline; 0 in time (the day itself is in time) or without one."""
    return 0 if deadline is None else max(0, (arrived - deadline).days)


def state_of(
    verdict: Verdict | None, *, waiting: bool, uploaded: bool, proof: bool | None
) -> StudentState:
    """Return a student's state.

    Parameters
    ----------
    verdict
        What the student came to when the last round ended; None or missing: no photo.
    waiting
        Whether a photo has arrived that no round has judged yet.
    uploaded
        Whether the file that passed was handed over.
    proof
        What the student said on the platform of the present file; None: nothing.
    """
    if proof is not None:
        return StudentState.CONFIRMED if proof else StudentState.DISPUTED
    if verdict is Verdict.PASS:
        return StudentState.UPLOADED if uploaded else StudentState.PASSED
    if waiting:
        return StudentState.WAITING
    if verdict is Verdict.RETAKE:
        return StudentState.RETAKE
    return StudentState.REVIEW if verdict is Verdict.FAIL else StudentState.MISSING


def next_deadline(today: date, days: Iterable[tuple[int, int]]) -> date:
    """Find the first of the yearly (month, day) that is today or later."""
    return min(
        found
        for month, day in days
        for year in (today.year, today.year + 1)
        if (found := date(year, month, day)) >= today
    )


def deadline_of_class(year: int, today: date, days: Iterable[tuple[int, int]]) -> date | None:
    """Find the first day of a class's year that is not over: for 2027届 in June 2027."""
    return min((day for d in days if (day := date(year, *d)) >= today), default=None)


def months_before(day: date, months: int) -> date:
    """Go back by whole months; a day that the month lacks becomes its last one."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
