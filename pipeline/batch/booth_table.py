"""The booth in numbers: what the latest frames of a camera measure, and where that is going.

A fault of the booth (`pipeline.batch.booth`) has broken rules already. A drift has not yet: a lamp
that warms up, a head of a tripod that sinks, show as a trend while every frame still passes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median

from pipeline.core.rules import Finding, Outcome, Rule

# Colour and evenness of the background, eye line, width of the face, light left to right, blur.
MEASURED = ("BG001", "BG002", "FC005", "FC006", "LT002", "SH001")
# Fewer frames show no trend, whatever the students do.
_LEAST = 15
# Of Mann & Kendall's test: chance comes to it once in some ten thousand windows.
_SURE = 4.0


@dataclass(frozen=True, slots=True)
class BoothMeasure:
    """One measure over the latest frames; ``typical`` has their median and the limits."""

    rule: Rule
    typical: Finding

    @property
    def is_kept(self) -> bool:
        """Whether the median keeps the limits."""
        return self.typical.outcome is Outcome.PASSED


@dataclass(frozen=True, slots=True)
class CameraRow:
    """The latest frames of one camera; its name is empty where the frames name none."""

    camera: str
    frames: int
    measures: tuple[BoothMeasure, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """A trend that leads out of the limits within as many frames as it was seen over."""

    camera: str
    rule: Rule
    first: Finding  # where the line through the frames begins, and
    last: Finding  # where it ends
    frames: int


def camera_row(
    camera: str, frames: Sequence[Sequence[Finding]], rules: Mapping[str, Rule]
) -> CameraRow:
    """Sum up the latest frames of a camera; what none of them measures is left out."""
    measures = []
    for code in MEASURED:
        if code in rules and (found := _measured(frames, code)):
            values = [f.measured for f in found if f.measured is not None]
            measures.append(BoothMeasure(rules[code], _valued(found[-1], median(values))))
    return CameraRow(camera, len(frames), tuple(measures))


def drifts(
    camera: str, frames: Sequence[Sequence[Finding]], rules: Mapping[str, Rule]
) -> tuple[Drift, ...]:
    """Find the measures that drift out of their limits, in the order of the frames.

    A trend is one by the test of Mann & Kendall (Kendall 1975, Rank Correlation Methods); its line
    is that of Theil & Sen (Sen 1968, doi:10.1080/01621459.1968.10480934), which single frames do
    not move.
    """
    found = []
    for code in MEASURED:
        some = _measured(frames, code) if code in rules else []
        values = [f.measured for f in some if f.measured is not None]
        if len(values) < _LEAST or not _is_trend(values):
            continue
        first, last = _line(values)
        ahead, like = 2 * last - first, some[-1]
        end = like.high if last > first else like.low
        if end is not None and (ahead > end if last > first else ahead < end):
            begin, now = _valued(like, first), _valued(like, last)
            found.append(Drift(camera, rules[code], begin, now, len(values)))
    return tuple(found)


def _measured(frames: Sequence[Sequence[Finding]], code: str) -> list[Finding]:
    return [f for some in frames for f in some if f.code == code and f.measured is not None]


def _valued(like: Finding, value: float) -> Finding:
    """Return what another value comes to under the limits of a finding."""
    low, high = like.low, like.high
    outside = (low is not None and value < low) or (high is not None and value > high)
    outcome = Outcome.BROKEN if outside else Outcome.PASSED
    return replace(
        like, measured=value, outcome=outcome, because=None, borderline=False, caused_by=None
    )


def _is_trend(values: Sequence[float]) -> bool:
    count = len(values)
    pairs = combinations(values, 2)
    score = abs(sum((later > sooner) - (later < sooner) for sooner, later in pairs))
    return score - 1 >= _SURE * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)


def _line(values: Sequence[float]) -> tuple[float, float]:
    """Return where a line through the values begins and ends."""
    places = range(len(values))
    slope = median((values[b] - values[a]) / (b - a) for a, b in combinations(places, 2))
    base = median(value - slope * place for place, value in enumerate(values))
    return base, base + slope * places[-1]
