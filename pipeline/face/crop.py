"""The crop that would be made of a source: the best of all, or why there is none.

Every measure of the standard is linear in three numbers: ``k``, output pixels for one
pixel of the frame, and the crop's corner times ``k``, ``u`` across and ``v`` down. So
the crop with the largest smallest margin is a linear program, solved exactly, and where
no crop keeps every window the program's multipliers name those that stand against one
another. The picture is never turned: roll within its limit is left alone.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from pipeline.core.bands import Band
from pipeline.image.geometry import Crop, Head, Hold
from pipeline.spec.document import Output

# Windows that are kept only by giving up another are kept by this much, in output
# pixels, so that rounding does not break them as well.
_INSIDE = 0.01
_TINY = 1e-6  # the solver's own tolerance is a tenth of it
_COEFFICIENTS = 3  # k, u, v
_FREE_BUT_MARGIN = [(None, None)] * _COEFFICIENTS + [(None, 1)]


@dataclass(frozen=True)
class _Limit:
    """``row`` · (k, u, v) <= ``bound``, in output pixels; one end of a window, or hard.

    ``half`` is half the window's width, which margins are counted in; 0 for what is hard:
    the frame's edges, and enlarging. ``asked`` is False for a framing that the spec leaves
    open: it is given up first and breaks no rule. ``unsure`` is the uncertainty of what the
    window is for, in the unit of ``bound``.
    """

    hold: Hold
    row: tuple[float, float, float]
    bound: float
    half: float = 0.0
    asked: bool = True
    unsure: float = 0.0


def plan_crop(head: Head, width: int, height: int, output: Output) -> Crop:
    """Choose the crop inside a frame of ``width`` x ``height`` pixels.

    Of all crops that lie in the frame, enlarge no more than ``output.scale`` allows and, where
    that can be, keep out of the uncertainty of every window's ends (its guard band), the one
    whose smallest margin to the crown, eye-line, face-width and centring windows
    is the largest; then the next smallest, and so on. A margin counts in half widths of
    its window: 0 on the limit, 1 in the middle.

    Returns
    -------
    Crop
        Always a crop. Where none keeps every window, one that breaks as few as can be, first
        those that it misses by less than their uncertainty, by as little as can be, and keeps
        the others with the most room; ``broken`` and
        ``held_by`` then say what cannot be had together. Where enlarging is all that is
        wrong, that is what breaks.
    """
    edges = _edges(width, height, output)
    limits = _limits(head, output)
    for hard in ([*edges, *_guards(limits)], edges):
        found = _widest(hard, limits, {})
        if found is not None and found[1] >= _TINY:
            return _crop(found[0], output)
    return _nearest(edges, limits, output)


def _limits(head: Head, output: Output) -> list[_Limit]:
    """Both ends of every window, and the enlargement."""
    to_px = output.width_px / 100
    crown, face = output.crown, output.face_width
    top_y = head.hairline_y if output.crown_reading == "hairline" else head.crown_y
    windows: tuple[tuple[str, tuple[float, float, float], float, Band | None, float], ...] = (
        ("crown", (top_y, 0, -1), 0, crown or _usual(output.height_px, 0.04, 0.25), 1),
        ("eye", (head.eye_y, 0, -1), 0, output.eye, 1),
        ("face_width", (head.face_width, 0, 0), 0, face or _usual(output.width_px, 0.25, 0.65), 1),
        ("head_width", (head.head_width, 0, 0), 0, output.head_width, 1),
        ("head_height", (head.chin_y - head.crown_y, 0, 0), 0, output.head_height, 1),
        ("centring", (head.centre_x, -1, 0), -output.width_px / 2, output.centring, to_px),
    )
    limits = []
    for name, row, offset, band, unit in windows:
        if band is None:
            continue
        asked = getattr(output, name) is not None
        half, unsure = _half(band) * unit, (band.uncertainty or 0.0) * unit
        if band.low is not None:
            low = _Limit(Hold(name, "low", band.low), _negative(row), offset - band.low * unit)
            limits.append(replace(low, half=half, asked=asked, unsure=unsure))
        if band.high is not None:
            high = _Limit(Hold(name, "high", band.high), row, band.high * unit - offset)
            limits.append(replace(high, half=half, asked=asked, unsure=unsure))
    if (least := output.scale.low) is not None:
        unsure = 1 / (least - (output.scale.uncertainty or 0.0)) - 1 / least
        limits.append(_Limit(Hold("scale", "low", least), (1, 0, 0), 1 / least, unsure=unsure))
    return limits


def _guards(limits: Sequence[_Limit]) -> list[_Limit]:
    """The guard bands of windows: what no value may enter, so that noise breaks none of them.

    How far a crop is enlarged is exact; only what it is enlarged for is not.
    """
    return [
        replace(limit, bound=limit.bound - limit.unsure - _INSIDE, half=0.0)
        for limit in limits
        if limit.half and limit.unsure
    ]


def _edges(width: int, height: int, output: Output) -> list[_Limit]:
    """The crop lies inside the frame."""
    return [
        _Limit(Hold("top"), (0, 0, -1), 0),
        _Limit(Hold("bottom"), (-height, 0, 1), -output.height_px),
        _Limit(Hold("left"), (0, -1, 0), 0),
        _Limit(Hold("right"), (-width, 1, 0), -output.width_px),
    ]


def _widest(
    edges: Sequence[_Limit], limits: Sequence[_Limit], lacking: dict[str, float]
) -> tuple[NDArray[np.float64], float] | None:
    """Make the smallest margin as large as it can be, then the next, and so on.

    Windows in ``lacking`` may be missed by so many half widths (those of no width: by so
    much). Gives (k, u, v) and the smallest margin; None where a hard limit cannot be kept.
    """
    fixed = {
        n: -(lacking[limit.hold.name] + _TINY) if limit.hold.name in lacking else 0.0
        for n, limit in enumerate(limits)
        if not limit.half or limit.hold.name in lacking
    }
    smallest: float | None = None
    best = np.zeros(_COEFFICIENTS)
    for _ in range(_COEFFICIENTS):  # each round settles one of them at least
        rows = [(*edge.row, 0.0) for edge in edges]
        bounds = [edge.bound for edge in edges]
        for n, limit in enumerate(limits):
            rows.append((*limit.row, 0.0 if n in fixed else limit.half))
            bounds.append(limit.bound - fixed.get(n, 0.0) * (limit.half or 1.0))
        solved = scipy.optimize.linprog((0, 0, 0, -1), rows, bounds, bounds=_FREE_BUT_MARGIN)
        if not solved.success:
            break
        best, margin = solved.x[:_COEFFICIENTS], float(solved.x[-1])
        smallest = margin if smallest is None else smallest
        binding = np.flatnonzero(solved.ineqlin.marginals[len(edges) :] < -_TINY)
        settled = [n for n in binding if n not in fixed]
        fixed |= {int(n): margin - _TINY for n in settled}
        if not settled or len(fixed) == len(limits):
            break
    return None if smallest is None else (best, smallest)


def _nearest(edges: Sequence[_Limit], limits: Sequence[_Limit], output: Output) -> Crop:
    """Give up as few windows as can be, and of those the ones that lack the least."""
    asked = {limit.hold.name for limit in limits if limit.asked}
    unsure = {limit.hold.name: limit.unsure / (limit.half or 1.0) for limit in limits}
    tried: list[tuple[tuple[int, float], dict[str, float], tuple[Hold, ...]]] = []
    for given_up in _fewest(edges, _inside(limits, (), _INSIDE), asked):
        lacks, pressing = _least(edges, _inside(limits, given_up, _INSIDE / 2), given_up)
        held = tuple(hold for hold in pressing if hold.name not in lacks)
        surely = sum(lacks[name] > unsure[name] for name in lacks if name in asked)
        # Enlarging comes before any window: the picture is right, and too small.
        missed = sum(lacks[name] for name in lacks if name != "scale")
        tried.append(((surely, missed), lacks, held))
    _, lacks, held = min(tried, key=lambda found: found[0])
    widest = _widest(edges, _inside(limits, lacks, _INSIDE / 2), lacks)
    assert widest is not None
    broken = tuple(name for name in lacks if name in asked)
    return replace(_crop(widest[0], output), broken=broken, held_by=held)


def _fewest(
    edges: Sequence[_Limit], limits: Sequence[_Limit], asked: Container[str]
) -> list[tuple[str, ...]]:
    """Find the smallest sets of windows that, given up, let the others be kept.

    Of windows in conflict one at least must go: each is tried, until no conflict is left.
    What is not asked for counts nothing.
    """
    names = tuple(dict.fromkeys(limit.hold.name for limit in limits))
    queue: list[tuple[str, ...]] = [()]
    while True:
        found: list[tuple[str, ...]] = []
        later: list[tuple[str, ...]] = []
        for way in queue:  # grows while it is gone through
            rest = [name for name in names if name not in way]
            lacks, held = _least(edges, limits, rest, dropped=way)
            if sum(lacks.values()) <= _TINY:
                found.append(way)
                continue
            for name in dict.fromkeys(hold.name for hold in held if hold.name in rest):
                more, child = (later if name in asked else queue), tuple(sorted((*way, name)))
                if child not in more:
                    more.append(child)
        if found:
            return found
        queue = later


def _least(
    edges: Sequence[_Limit],
    limits: Sequence[_Limit],
    elastic: Sequence[str],
    dropped: Container[str] = (),
) -> tuple[dict[str, float], tuple[Hold, ...]]:
    """By how much the ``elastic`` windows must be missed, and all limits that press there.

    In half widths of each (the enlargement: in output pixels for one of the frame).
    """
    kept = [limit for limit in (*edges, *limits) if limit.hold.name not in dropped]
    rows = [
        (*limit.row, *(-(limit.half or 1.0) * (limit.hold.name == name) for name in elastic))
        for limit in kept
    ]
    cost = (0, 0, 0, *[1] * len(elastic))
    ends: list[tuple[int | None, None]] = [(None, None)] * 3 + [(0, None)] * len(elastic)
    solved = scipy.optimize.linprog(cost, rows, [limit.bound for limit in kept], bounds=ends)
    weights = solved.ineqlin.marginals
    pressing = tuple(
        limit.hold for limit, weight in zip(kept, weights, strict=True) if weight < -_TINY
    )
    return dict(zip(elastic, solved.x[_COEFFICIENTS:].tolist(), strict=True)), pressing


def _inside(limits: Sequence[_Limit], given_up: Container[str], by: float) -> list[_Limit]:
    """Draw the windows that are kept in by so many output pixels."""
    return [
        replace(limit, bound=limit.bound - by)
        if limit.half and limit.hold.name not in given_up
        else limit
        for limit in limits
    ]


def _crop(corner: NDArray[np.float64], output: Output) -> Crop:
    k, u, v = (float(value) for value in corner)
    return Crop(max(0.0, u / k), max(0.0, v / k), output.width_px / k, output.height_px / k, 1 / k)


def _usual(side: int, low: float, high: float) -> Band:
    """How a portrait is framed where the spec leaves it open; it decides no verdict."""
    return Band(low=low * side, high=high * side, source="ours: framing only", confidence="P")


def _half(band: Band) -> float:
    """Half the width of a window; of a window with one end, half of that end."""
    if band.low is not None and band.high is not None:
        return (band.high - band.low) / 2
    return abs(band.low if band.low is not None else band.high or 0.0) / 2 or 1.0


def _negative(row: tuple[float, float, float]) -> tuple[float, float, float]:
    return -row[0], -row[1], -row[2]
