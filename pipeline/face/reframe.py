"""By how much a frame misses: what a photographer moves so that a crop keeps every window.

Where `pipeline.face.crop` finds that no crop of a frame keeps the windows of the standard, this
says what change of the frame would let one: another distance, another aim, more pixels. All of
it is linear in the crop's scale and corner, so each answer is the optimum of a linear program.
Stepping back by a factor is taken as the same head in a frame that is larger by it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import scipy

from pipeline.core.bands import Band
from pipeline.image.geometry import Head
from pipeline.spec.document import Output

_SIDES = ("left", "top", "right", "bottom")
_FREE = (None, None)
_AT_LEAST_0 = (0, None)
_TINY = 1e-6  # the solver's own tolerance is a tenth of it
_LEAST_PX = 0.5  # a side that lacks less lacks nothing
_PORTRAIT = 0.6  # of a side: a crop that takes so much of the frame is framed as a portrait

Row = tuple[tuple[float, ...], float]  # coefficients of (scale, x, y, …), and what bounds them


@dataclass(frozen=True)
class Reframing:
    """What would have to be different, in pixels of the frame.

    nearest, farthest
        Factors on the distance between which a crop keeps every window, wherever the camera
        points: 1 between them needs another aim only. None: at no distance.
    lacks
        How much room each side of the frame lacks, at this distance.
    shift
        By how much the frame would have to lie further right and down instead; where another
        aim alone helps.
    enlarged
        By which the sides of the picture would have to be larger to have the pixels.
    """

    nearest: float | None
    farthest: float | None
    lacks: dict[str, float]
    shift: tuple[float, float] | None
    enlarged: float


def reframe(
    head: Head, width: int, height: int, output: Output, without: Collection[str] = ()
) -> Reframing:
    """Say by how much a frame of ``width`` x ``height`` pixels misses the windows of ``output``.

    Windows in ``without`` are not asked for: what they are windows for was not measured.
    """
    windows = _windows(head, output, without)
    least = output.scale.low or 0.0
    ends = [_distance(windows, (width, height), output, least, sign) for sign in (1, -1)]
    lacks = _lacks(windows, (width, height), output)
    scale = _largest_scale(windows, (width, height), output, lacks)
    return Reframing(
        nearest=ends[0],
        farthest=ends[1],
        lacks=lacks,
        shift=_shift(windows, (width, height), output, least),
        enlarged=max(1.0, least / scale) if scale else 1.0,
    )


def scale_window(
    head: Head, output: Output, without: Collection[str] = ()
) -> tuple[float, float] | None:
    """Least and most pixels for one of the output at which a crop of any frame would do."""
    windows = _windows(head, output, without)
    ends = [_solve((sign, 0, 0), windows, [_FREE] * 3) for sign in (1, -1)]
    low, high = ends
    return None if low is None or high is None else (low[0], high[0])


def hair_is_high(head: Head, output: Output, without: Collection[str] = ()) -> bool:
    """Whether the crown alone, too far above the face, keeps every crop of any frame out."""
    band = output.crown
    if band is None or "crown" in without or scale_window(head, output, without) is not None:
        return False
    rest = _windows(head, output, {*without, "crown"})
    top = head.hairline_y if output.crown_reading == "hairline" else head.crown_y
    rows: list[Row] = rest if band.high is None else [*rest, ((-band.high, 0, -1), -top)]
    return _solve((0, 0, 0), rows, [_FREE] * 3) is not None


def is_a_portrait(scale: float, width: int, height: int, output: Output) -> bool:
    """Whether a crop of ``scale`` takes most of a frame: then its pixels are what it lacks."""
    return max(output.width_px * scale / width, output.height_px * scale / height) > _PORTRAIT


def _windows(head: Head, output: Output, without: Collection[str]) -> list[Row]:
    """Both ends of every window that is asked for, in (scale, x, y)."""
    top = head.hairline_y if output.crown_reading == "hairline" else head.crown_y
    middle = output.width_px / 2, output.width_px / 100
    asked: tuple[tuple[str, Band | None, float, tuple[float, float], tuple[float, float]], ...] = (
        ("crown", output.crown, top, (0, 1), (0, 1)),
        ("eye", output.eye, head.eye_y, (0, 1), (0, 1)),
        ("face_width", output.face_width, head.face_width, (0, 0), (0, 1)),
        ("head_width", output.head_width, head.head_width, (0, 0), (0, 1)),
        ("head_height", output.head_height, head.chin_y - head.crown_y, (0, 0), (0, 1)),
        ("centring", output.centring, head.centre_x, (1, 0), middle),
    )
    rows: list[Row] = []
    for name, band, length, (x, y), (offset, unit) in asked:
        if band is None or name in without:
            continue
        if band.low is not None:
            rows.append(((offset + band.low * unit, x, y), length))
        if band.high is not None:
            rows.append(((-(offset + band.high * unit), -x, -y), -length))
    return rows


def _distance(
    windows: Sequence[Row], frame: tuple[int, int], output: Output, least: float, sign: int
) -> float | None:
    """Least (1) or largest (-1) factor on the distance at which a crop lies in some aim.

    Further variables: the factor, and the corner of the frame that is so many times larger.
    """
    (width, height), (across, down) = frame, (output.width_px, output.height_px)
    rows: list[Row] = [((*row, 0, 0, 0), bound) for row, bound in windows]
    rows += [
        ((0, -1, 0, 0, 1, 0), 0),
        ((0, 0, -1, 0, 0, 1), 0),
        ((across, 1, 0, -width, -1, 0), 0),
        ((down, 0, 1, -height, 0, -1), 0),
        ((-1, 0, 0, least, 0, 0), 0),
    ]
    found = _solve((0, 0, 0, sign, 0, 0), rows, [_FREE] * 3 + [_AT_LEAST_0] + [_FREE] * 2)
    return None if found is None else found[3]


def _shift(
    windows: Sequence[Row], frame: tuple[int, int], output: Output, least: float
) -> tuple[float, float] | None:
    """Least move of the frame, to the right and down; None where no aim helps."""
    (width, height), (across, down) = frame, (output.width_px, output.height_px)
    rows: list[Row] = [((*row, 0, 0, 0, 0), bound) for row, bound in windows]
    rows += [
        ((0, -1, 0, 1, -1, 0, 0), 0),
        ((0, 0, -1, 0, 0, 1, -1), 0),
        ((across, 1, 0, -1, 1, 0, 0), width),
        ((down, 0, 1, 0, 0, -1, 1), height),
        ((-1, 0, 0, 0, 0, 0, 0), -least),
    ]
    found = _solve((0, 0, 0, 1, 1, 1, 1), rows, [_FREE] * 3 + [_AT_LEAST_0] * 4)
    return None if found is None else (found[3] - found[4], found[5] - found[6])


def _lacks(windows: Sequence[Row], frame: tuple[int, int], output: Output) -> dict[str, float]:
    """Least room that must be added at the sides, whatever the pixels; none where none helps."""
    (width, height), (across, down) = frame, (output.width_px, output.height_px)
    rows: list[Row] = [((*row, 0, 0, 0, 0), bound) for row, bound in windows]
    rows += [
        ((0, -1, 0, -1, 0, 0, 0), 0),
        ((0, 0, -1, 0, -1, 0, 0), 0),
        ((across, 1, 0, 0, 0, -1, 0), width),
        ((down, 0, 1, 0, 0, 0, -1), height),
    ]
    found = _solve((0, 0, 0, 1, 1, 1, 1), rows, [_FREE] * 3 + [_AT_LEAST_0] * 4)
    lacks = dict(zip(_SIDES, found[3:] if found else (), strict=False))
    return {side: room for side, room in lacks.items() if room > _LEAST_PX}


def _largest_scale(
    windows: Sequence[Row], frame: tuple[int, int], output: Output, lacks: dict[str, float]
) -> float | None:
    """Most pixels of the frame for one of the output, in the frame with what it lacks."""
    left, top, right, bottom = (lacks.get(side, 0.0) + _TINY for side in _SIDES)
    rows = [
        *windows,
        ((0, -1, 0), left),
        ((0, 0, -1), top),
        ((output.width_px, 1, 0), frame[0] + right),
        ((output.height_px, 0, 1), frame[1] + bottom),
    ]
    found = _solve((-1, 0, 0), rows, [_FREE] * 3)
    return None if found is None else found[0]


def _solve(
    cost: Sequence[float], rows: Sequence[Row], ends: Sequence[tuple[float | None, None]]
) -> list[float] | None:
    found = scipy.optimize.linprog(
        cost, [row for row, _ in rows], [b for _, b in rows], bounds=ends
    )
    return [float(value) for value in found.x] if found.success else None
