"""The order in which photos were shot: what a shift is a run of.

Cameras count their files; a file's number is the surest order. Where files were renamed, EXIF
tells when each was taken; else the manifest or the roster lists students as they were scanned.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from pipeline.core.rules import Text
from pipeline.core.run_photos import Matched
from pipeline.intake.file_name_tokens import folded, number_forms, tokens_of
from pipeline.intake.written_paths import stem

Source = Literal["file_number", "capture_time", "listed", "unknown"]

ORDER_WORDS: dict[Source, Text] = {
    "file_number": Text("按相机文件编号排序", "in the order of the camera's file numbers"),
    "capture_time": Text("按拍摄时间(EXIF)排序", "in the order of the EXIF capture times"),
    "listed": Text("按清单或名单顺序排序", "in the order of the manifest or the roster"),
    "unknown": Text("拍摄顺序未知", "the shooting order is not known"),
}

# IMG_0123, DSC01234, P1010123: letters or none, then the counter. Longer runs of digits are
# students' numbers and time stamps of messengers.
_COUNTER = re.compile(r"([A-Z]*)([0-9]{3,8})")
# A camera's folder by the DCF standard (CIPA DC-009 §3.2.3): it counts on where files roll over.
_DCF_FOLDER = re.compile(r"([1-9][0-9]{2})([A-Z0-9_]{5})")
_LAST_NUMBER = 9999  # of a DCF file: 0001 follows
_BESIDE_THE_END = 100  # numbers: how near to 0001 and to 9999 a shoot that rolled over comes
_VOID = 1000  # numbers never used between its two parts
_FEWEST = 3  # photos of one camera that make an order
_MOST = 0.8  # share of the photos that an order must place to be taken before a later kind


@dataclass(frozen=True)
class Shots:
    """Photos of one camera, or of one list, as they followed one another.

    ``skipped`` tells for each photo how many numbers are missing right before it.
    """

    name: str
    photos: tuple[str, ...]
    skipped: tuple[int, ...]


@dataclass(frozen=True)
class ShootingOrder:
    """Sequences of photos, and what they were ordered by; a photo is in one at most."""

    source: Source
    sequences: tuple[Shots, ...]

    @property
    def words(self) -> Text:
        """Which order was used, in words."""
        return ORDER_WORDS[self.source]


def shooting_order(
    photos: Collection[str],
    numbers: Collection[str],
    taken: Mapping[str, str],
    listed: Sequence[str],
) -> ShootingOrder:
    """Order photos as they were shot.

    Parameters
    ----------
    photos
        Paths relative to the inbox.
    numbers
        Every number of every student: in a file name it says whose the photo is, not when
        it was taken.
    taken
        EXIF DateTimeOriginal (``YYYY:MM:DD HH:MM:SS``) by photo, where there is one.
    listed
        Photos in the order of the manifest, or of their students in the roster.

    Returns
    -------
    ShootingOrder
        By file numbers where they place four in five of the photos, else by capture times
        where these do, else as listed; where none does, by what places most.
    """
    wanted = set(photos)
    orders: list[tuple[Source, tuple[Shots, ...]]] = [
        ("file_number", _by_number(wanted, numbers)),
        ("capture_time", _by_time(wanted, taken)),
        ("listed", _as_listed(wanted, listed)),
    ]
    placed = [sum(len(s.photos) for s in sequences) for _, sequences in orders]
    for (source, sequences), count in zip(orders, placed, strict=True):
        if count and count >= _MOST * len(wanted):
            return ShootingOrder(source, sequences)
    best = max(range(len(orders)), key=lambda at: (placed[at], -at))
    return ShootingOrder(*orders[best]) if placed[best] else ShootingOrder("unknown", ())


def order_of(matched: Matched, photos: Sequence[str]) -> ShootingOrder:
    """Order ``photos`` of a run; those of no student only by their numbers and times."""
    place = {student.key: at for at, student in enumerate(matched.students)}
    numbers = {
        number
        for s in matched.students
        for number in (s.key, s.student_no, s.exam_no, s.id_no, s.capture_code)
        if number
    }
    taken = {photo: when for photo in photos if (when := matched.summaries[photo].captured)}
    own = (photo for photo in photos if photo in matched.student_of)
    by_roster = sorted(own, key=lambda photo: (place[matched.student_of[photo]], photo))
    return shooting_order(photos, numbers, taken, matched.listed or by_roster)


def camera_number(photo: str, known: Collection[str]) -> tuple[str, int] | None:
    """Return the prefix and the counter in a file's name; None where it has none.

    ``known`` holds the tokens of students' numbers, as `number_tokens` gives them.
    """
    letters = ""
    found = None
    for token in tokens_of(stem(photo.rpartition("/")[2])):
        counter = None if token in known else _COUNTER.fullmatch(token)
        if counter:
            found = f"{letters}{counter[1]}", int(counter[2])
        if token not in known and token.isascii():
            letters += token
    return found


def number_tokens(numbers: Collection[str]) -> frozenset[str]:
    """Return the tokens under which students' numbers stand in file names."""
    return frozenset(
        token for number in numbers for form in number_forms(number) for token in form.split()
    )


def _by_number(photos: Collection[str], numbers: Collection[str]) -> tuple[Shots, ...]:
    known = number_tokens(numbers)
    groups: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for photo in photos:
        found = camera_number(photo, known)
        if found is not None:
            prefix, number = found
            folder, count = _camera_folder(photo.rpartition("/")[0])
            groups[f"{folder}/{prefix}" if folder else prefix].append((count, number, photo))
    return tuple(_count_on(name, shots) for name, shots in sorted(groups.items()) if _counts(shots))


def _counts(shots: Sequence[tuple[int, int, str]]) -> bool:
    """Whether numbers tell photos apart; the 001 of every student's first frame does not."""
    return len(shots) >= _FEWEST and 2 * len({shot[:2] for shot in shots}) > len(shots)


def _camera_folder(folder: str) -> tuple[str, int]:
    """Take ``DCIM/100CANON`` to what stays the same when the camera opens its next folder."""
    *above, last = folder.split("/")
    counted = _DCF_FOLDER.fullmatch(folded(last))
    return ("/".join([*above, counted[2]]), int(counted[1])) if counted else (folder, 0)


def _count_on(name: str, shots: list[tuple[int, int, str]]) -> Shots:
    """Sort one camera's photos, from where it began if it rolled over from 9999 to 0001."""
    shots = sorted(shots)
    used = [number for _, number, _ in shots]
    start = 0
    one_folder = shots[0][0] == shots[-1][0]
    if one_folder and used[0] + _LAST_NUMBER - used[-1] <= _BESIDE_THE_END:
        void, at = max((b - a, i) for i, (a, b) in enumerate(pairwise(used), start=1))
        start = at if void >= _VOID else 0
    shots = shots[start:] + shots[:start]
    numbers = [number for _, number, _ in shots]
    skipped = [0, *(_numbers_between(a, b) for a, b in pairwise(numbers))]
    return Shots(name, tuple(photo for *_, photo in shots), tuple(skipped))


def _numbers_between(a: int, b: int) -> int:
    return max(0, b - a - 1) if b >= a else max(0, b + _LAST_NUMBER - a - 1)


def _by_time(photos: Collection[str], taken: Mapping[str, str]) -> tuple[Shots, ...]:
    """One sequence a folder: two cameras' files lie in two folders, and their clocks differ."""
    folders: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for photo in photos:
        moment = moment_of(taken.get(photo, ""))
        if moment is not None:
            folders[photo.rpartition("/")[0]].append((moment, photo))
    return tuple(
        Shots(folder, tuple(photo for _, photo in sorted(shots)), (0,) * len(shots))
        for folder, shots in sorted(folders.items())
        if len(shots) >= _FEWEST
    )


def moment_of(text: str) -> datetime | None:
    """Read an EXIF time; None where it is none."""
    try:
        return datetime.strptime(text.strip()[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - EXIF
    except ValueError:
        return None


def _as_listed(photos: Collection[str], listed: Sequence[str]) -> tuple[Shots, ...]:
    order = tuple(photo for photo in dict.fromkeys(listed) if photo in photos)
    return (Shots("", order, (0,) * len(order)),) if len(order) >= _FEWEST else ()
