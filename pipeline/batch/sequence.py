"""Whose frames are, where names do not tell: by code cards, or by a list of scans with times.

Never a guess: what follows no card, or a frame that may be a card that could not be read, is
nobody's until the next card. What this gives is a manifest: a student's number by photo.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.records import FileKind, Student
from pipeline.core.rules import Text
from pipeline.core.run_photos import PhotoSummary
from pipeline.identity.shooting_order import moment_of, shooting_order
from pipeline.intake.identifiers import clean_number

_UNREAD = frozenset({"FC001", "FL001", "FL005"})  # such a frame may be a card

BEFORE_FIRST = Text(
    "这张之前没有读到码牌：请先拍码牌，再拍人",
    "no card was read before this frame: photograph the card first",
)
NO_PHOTO_BETWEEN = Text(
    "上一张码牌之后没有照片：上一位还没拍？",
    "no frame followed the card before: was that student left out?",
)
NOT_IN_ROSTER = Text("码牌上的号码不在名单中", "the number of the card is not in the roster")
MAY_BE_CARD = Text(
    "没有找到人脸，也读不出码：若是码牌请重拍；再拍码牌之前的照片不归任何人",
    "neither a face nor a code: if it is a card, take it again; frames until the next card are "
    "nobody's",
)
NO_SCAN = Text("拍摄时间之前没有扫码记录", "no scan before the time of this frame")
NO_TIME = Text("照片没有拍摄时间，无法对应扫码记录", "the frame has no time to be set beside scans")


@dataclass(frozen=True)
class Paired:
    """Whose frames are: ``numbers`` by photo, and what is to be told of some, by photo."""

    numbers: Mapping[str, str]
    told: Mapping[str, Text]


def by_cards(photos: Sequence[PhotoSummary], students: Sequence[Student]) -> Paired:
    """Give each frame to the student of the card before it, in the order of each camera."""
    known = _numbers(students)
    by_photo = {one.photo: one for one in photos}
    numbers: dict[str, str] = {}
    told: dict[str, Text] = {}
    for shots in _in_order(photos, known):
        current: str | None = None
        last_card, after_card, seen_card = "", True, False
        for photo in shots:
            one = by_photo[photo]
            if one.kind is FileKind.CARD:
                if seen_card and not after_card:
                    told[photo] = NO_PHOTO_BETWEEN
                current = number_on(one.card or "", known)
                if current is None:
                    told[photo], current = NOT_IN_ROSTER, None
                numbers[photo] = current or (one.card or "")
                # Two pictures of one card are no student left out.
                after_card = False
                if told.get(photo) is NO_PHOTO_BETWEEN and numbers[photo] == last_card:
                    del told[photo]
                last_card, seen_card = numbers[photo], True
            elif _UNREAD & {finding.code for finding in one.failing}:
                told[photo], current = MAY_BE_CARD, None
            elif current is None:
                told[photo] = BEFORE_FIRST
            else:
                numbers[photo], after_card = current, True
    return Paired(numbers, told)


def by_scans(
    photos: Sequence[PhotoSummary],
    scans: Sequence[tuple[datetime, str]],
    students: Sequence[Student],
) -> Paired:
    """Give each frame to the last student who was scanned before it was taken.

    ``scans`` are in the order of their times, by the clock of the cameras.
    """
    known = _numbers(students)
    times = [when for when, _ in scans]
    numbers: dict[str, str] = {}
    told: dict[str, Text] = {}
    for one in photos:
        taken = moment_of(one.captured)
        at = -1 if taken is None else bisect_right(times, taken) - 1
        if at < 0:
            told[one.photo] = NO_TIME if taken is None else NO_SCAN
        else:
            number = scans[at][1]
            numbers[one.photo] = number_on(number, known) or number
    return Paired(numbers, told)


def number_on(text: str, known: Mapping[str, str]) -> str | None:
    """Find the one student whose number a code holds, alone or in an address; else None."""
    whole = known.get(clean_number(text))
    if whole is not None:
        return whole
    found = {known[part] for part in re.split(r"[^0-9A-Za-z]+", text.upper()) if part in known}
    return found.pop() if len(found) == 1 else None


def _numbers(students: Sequence[Student]) -> dict[str, str]:
    """Keys of students by every number that a card may hold."""
    return {
        clean_number(number): student.key
        for student in students
        for number in (student.exam_no, student.capture_code, student.student_no, student.key)
        if number
    }


def _in_order(photos: Sequence[PhotoSummary], known: Mapping[str, str]) -> list[list[str]]:
    """Photos as each camera took them; too few for an order are sorted by time and name."""
    names = [one.photo for one in photos]
    taken = {one.photo: one.captured for one in photos if one.captured}
    found = shooting_order(names, known.keys(), taken, ()).sequences
    if found:
        return [list(shots.photos) for shots in found]
    return [sorted(names, key=lambda photo: (taken.get(photo, ""), photo))]
