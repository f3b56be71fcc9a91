"""The checks in sequence, family by family, in counts of photos: for whoever watches a run.

Counts only, so that it may be kept where personal data may not.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pipeline.core.records import PhotoRow, Result
from pipeline.core.rules import Text

# By the two letters of the codes; each rule is of one family.
FAMILIES: Mapping[Text, tuple[str, ...]] = {
    Text("背景", "background"): ("BG", "ED"),
    Text("人脸、居中、光线", "face, centring, light"): ("FC", "EY", "MO", "LT"),
    Text("帽子、口罩、遮挡", "hats, masks, what covers the face"): ("HT", "MK", "HR"),
    Text("分辨率、清晰度、文件大小", "resolution, sharpness, file size"): ("RS", "SH", "FS", "FL"),
    Text("重复、错换、学生记录", "duplicates, swaps, records"): ("DU", "RC", "SN"),
}
STATES = (
    Text("通过", "passed"),
    Text("临界", "borderline"),
    Text("不合格", "broken"),
    Text("无法测量", "not measurable"),
)


@dataclass(frozen=True)
class FamilyCounts:
    """How many photos one family of checks found to be what; each photo once, at its worst."""

    family: Text
    passed: int
    borderline: int
    broken: int
    not_measurable: int


def by_family(result: Result) -> tuple[FamilyCounts, ...]:
    """Count the photos of a run by family, in the order in which the checks are made."""
    photos = [row for row in result.photos if not (row.is_card or row.set_aside)]
    return tuple(_count(family, letters, photos) for family, letters in FAMILIES.items())


def _count(family: Text, letters: Collection[str], photos: Collection[PhotoRow]) -> FamilyCounts:
    states = Counter(_state(row, letters) for row in photos)
    passed, borderline, broken, unmeasured = (states[state] for state in STATES)
    return FamilyCounts(family, passed, borderline, broken, unmeasured)


def _state(row: PhotoRow, letters: Collection[str]) -> Text:
    passed, borderline, broken, unmeasured = STATES
    unassessed = set(row.skipped)
    if any(code[:2] in letters and code not in unassessed for code in row.codes):
        return broken
    if any(code[:2] in letters for code in unassessed):
        return unmeasured
    return borderline if any(code[:2] in letters for code in row.borderline) else passed
