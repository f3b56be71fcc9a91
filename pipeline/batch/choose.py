"""Which of several frames of one student speaks, where nobody has said: the best, or the last.

Without such a choice a person is asked (RC003). The others are spares: they keep their rows.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pipeline.core.records import Examination, Match
from pipeline.core.rules import Choose, Finding, Outcome, Remedy, Text, Verdict
from pipeline.core.run_photos import Matched
from pipeline.core.verdict import counting, verdict_of
from pipeline.rules.roster import RC003

_SPARE = Text("备用：采用了同一学生的另一张", "a spare: another photo of the student was chosen")
_OF_THE_FILE = frozenset({"FS001", "FS002"})  # what is made of a frame, not the frame
_BETTER = (Verdict.PASS, Verdict.RETAKE, Verdict.FAIL)
_SHARPNESS, _EYES = "SH001", "EY001"  # of both less is better: blur, closed eyes


def choose_among(matched: Matched, how: Choose, remedy: Mapping[str, Remedy]) -> Matched:
    """Choose one photo of each student who has several and none that is preferred.

    ``best`` is the photo that passes with the most room to its nearest limit, the sharper and
    wider-eyed of two equals; where none passes, the one that lacks least. ``last`` is the one
    that was taken last: by capture time, then by the numbers in its name. ``ask`` chooses none.
    """
    several: dict[str, list[str]] = defaultdict(list)
    for photo, found in matched.matches.items():
        if found.student_key is not None and _is_undecided(found):
            several[found.student_key].append(photo)
    if how == "ask" or not several:
        return matched
    worth = _by_time(matched) if how == "last" else _by_worth(matched, several.values(), remedy)
    matches = dict(matched.matches)
    for photos in several.values():
        first = min(sorted(photos), key=worth)
        for photo in photos:
            matches[photo] = _decided(matches[photo], chosen=photo == first)
    return replace(matched, matches=matches)


def room(finding: Finding) -> float:
    """Return how far a value lies inside its limits, as a share: 0 at a limit, 1 at the best."""
    value, low, high = finding.measured, finding.low, finding.high
    if value is None or (low is None and high is None):
        return 1.0
    if low is not None and high is not None:
        return min(value - low, high - value) / ((high - low) / 2) if high > low else 0.0
    end = high if low is None else low
    assert end is not None
    inside = value - end if high is None else end - value
    return min(1.0, inside / (max(abs(end), abs(value)) or 1.0))


def _is_undecided(found: Match) -> bool:
    return any(f.code == RC003.code and f.outcome is Outcome.BROKEN for f in found.findings)


def _decided(found: Match, *, chosen: bool) -> Match:
    findings = tuple(
        RC003.passed(f.measured, None if chosen else _SPARE) if f.code == RC003.code else f
        for f in found.findings
    )
    return replace(found, findings=findings, preferred=chosen)


def _by_time(matched: Matched) -> Callable[[str], Any]:
    """Later ones first: as a key of `min`."""
    places = {
        photo: -at
        for at, photo in enumerate(
            sorted(
                matched.summaries,
                key=lambda p: (
                    matched.summaries[p].captured,
                    [int(digits) for digits in re.findall(r"[0-9]+", p)],
                    p,
                ),
            )
        )
    }
    return places.__getitem__


def _by_worth(
    matched: Matched, groups: Iterable[list[str]], remedy: Mapping[str, Remedy]
) -> Callable[[str], Any]:
    photos = [photo for group in groups for photo in group]
    read = zip(photos, matched.photos.read(photos), strict=True)
    return {photo: _worth(one, remedy) for photo, one in read}.__getitem__


def _worth(examined: Examination, remedy: Mapping[str, Remedy]) -> tuple[float, ...]:
    """Say how good a photo is: what compares as less is better."""
    findings = [f for f in examined.findings if f.code in remedy]
    counted = counting(findings, remedy)
    verdict = verdict_of(counted, remedy)
    measured = {f.code: f.measured for f in findings if f.measured is not None}
    rooms = [
        room(f)
        for f in findings
        if f.outcome is Outcome.PASSED
        and remedy[f.code] is not Remedy.NOTE
        and f.code not in _OF_THE_FILE
    ]
    return (
        _BETTER.index(verdict),
        len(counted),
        -round(min(rooms, default=0.0), 6),
        measured.get(_SHARPNESS, 1.0),
        measured.get(_EYES, 1.0),
    )
