"""Whose frames are, where names do not tell: by code cards, or by a list of scans with times.

Never a guess: what follows no card, or a frame that may be a card that could not be read, is
nobody's until the next card. What this gives is a manifest: a student's number by photo.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.records import FileKind, Student
from pipeline.core.rules import Text
from pipeline.core.run_photos import PhotoSummary
from pipeline.identity.shooting_order import moment_of, shooting_order
from pipeline.intake.card_numbers import may_be_number, numbers_of, students_on
from pipeline.intake.contenders import Standing, standing
from pipeline.intake.written_paths import folded_path, stem

_UNREAD = frozenset({"FC001", "FL001", "FL005"})  # such a frame may be a card

BEFORE_FIRST = Text(
    "这张之前没有读到码牌：请先拍码牌，再拍人",
    "no card was read before this frame: photograph the card first",
)
NO_PHOTO_BETWEEN = Text(
    "上一张码牌之后没有照片：上一位还没拍？",
    "no frame followed the card before: was that student left out?",
)
NOT_IN_ROSTER = Text(
    "码牌上的号码不在名单中；再拍码牌之前的照片不归任何人",
    "the number of the card is not in the roster; frames until the next card are nobody's",
)
TWO_CARDS = Text(
    "画面里有两名学生的码牌：请只留一张重拍；再拍码牌之前的照片不归任何人",
    "cards of two students in one frame: take it again with one; frames until the next card are "
    "nobody's",
)
NOT_A_CARD = Text(
    "这个码不是名单中的学号或采集码：若是码牌请核对后重拍；再拍码牌之前的照片不归任何人",
    "this code holds no number of the roster: if it is a card, look at it and take it again; "
    "frames until the next card are nobody's",
)
BESIDE = Text(
    "画面里有一个不是码牌的二维码，没有理会",
    "a code that is no card is in the frame: it was passed over",
)
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
    known = numbers_of(students)
    beside = [one.photo for one in photos if _lies_beside(one)]
    by_photo = {one.photo: one for one in photos if not _lies_beside(one)}
    numbers: dict[str, str] = {}
    told: dict[str, Text] = {}
    for shots in _in_order(list(by_photo.values()), known):
        current: str | None = None  # whose the frames are
        unfollowed: str | None = None  # the student of a card that no frame has followed
        seen: set[str] = set()  # codes that are no cards
        for photo in shots:
            one = by_photo[photo]
            codes = one.card or ""
            named = students_on(codes, known)
            if len(named) == 1:
                (current,) = named
                numbers[photo] = current
                # Two pictures of one card are no student left out.
                if unfollowed not in {None, current}:
                    told[photo] = NO_PHOTO_BETWEEN
                unfollowed = current
            elif named:
                told[photo], current = TWO_CARDS, None
            elif may_be_number(codes):
                numbers[photo], told[photo], current = codes, NOT_IN_ROSTER, None
            elif _UNREAD & {finding.code for finding in one.failing}:
                told[photo], current = NOT_A_CARD if codes else MAY_BE_CARD, None
            elif current is None:
                told[photo] = BEFORE_FIRST
            else:
                numbers[photo], unfollowed = current, None
                if codes and codes not in seen:
                    told[photo] = BESIDE
                seen.add(codes)
    of_path = {stem(folded_path(photo)): number for photo, number in numbers.items()}
    numbers |= {p: of_path[at] for p in beside if (at := stem(folded_path(p))) in of_path}
    return Paired(numbers, told)


def _lies_beside(one: PhotoSummary) -> bool:
    """Whether a file is no picture that could be a card: a RAW beside its JPEG."""
    return one.kind is not FileKind.CARD and standing(one.photo, one.kind) is not Standing.CONTENDER


def by_scans(
    photos: Sequence[PhotoSummary],
    scans: Sequence[tuple[datetime, str]],
    students: Sequence[Student],
) -> Paired:
    """Give each frame to the last student who was scanned before it was taken.

    ``scans`` are in the order of their times, by the clock of the cameras.
    """
    known = numbers_of(students)
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
            named = students_on(number, known)
            numbers[one.photo] = next(iter(named)) if len(named) == 1 else number
    return Paired(numbers, told)


def _in_order(photos: Sequence[PhotoSummary], known: Mapping[str, str]) -> list[list[str]]:
    """Photos as each camera took them; too few for an order are sorted by time and name."""
    names = [one.photo for one in photos]
    taken = {one.photo: one.captured for one in photos if one.captured}
    found = shooting_order(names, known.keys(), taken, ()).sequences
    if found:
        return [list(shots.photos) for shots in found]
    return [sorted(names, key=lambda photo: (taken.get(photo, ""), photo))]
