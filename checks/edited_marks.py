"""ED002: a date, a watermark, a badge that was laid over the person."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.models import BACKGROUND, HAIR
from pipeline.image.decode import Pixels

ED002 = Rule(
    "ED002",
    Remedy.NOTE,
    fault=Text("人像上疑似有文字、日期或标志", "text, a date or a badge on the person"),
    student=Text("请交没有日期和水印的原图", "hand in the original, without date or watermark"),
    photographer=Text(
        "关闭相机的日期打印，不要加水印和标志", "switch the camera's date off; add no mark or logo"
    ),
    quantity=Text("最长一处占画面宽度", "the longest one, in widths of the picture"),
    unit="%",
    source="standard.md §1.1 (O~) 「不得加边框、文字、图案」; S5 S8; §8 BORDER",
    decimals=1,
)

_KERNEL = cv2.getStructuringElement(cv2.MORPH_RECT, (17, 17))  # wider than any stroke: 8.5 px
_NEAR = np.ones((9, 9), np.uint8)  # in it a stroke stands out by half of the most
_LEAST = 30  # 8-bit levels by which a letter stands out
_SIDES = (7, 80)  # px of a letter, at either scale
_LEAST_PX = 14
_EVEN = 0.2  # deviation of a letter's colour, of how much it stands out: hair and folds have more
_SOLID = 0.7  # of its rectangle: a dot or a button fills more, a letter seldom
_ALIKE = 0.65  # of the larger: height, stroke and contrast of letters of one line
_SAME_COLOUR = 30  # 8-bit levels
_OFF_LINE = 0.35  # letter heights from the line's middle
_HIGHEST = 62  # px: above it are collars and sleeves
_SPREAD = 8  # 8-bit levels between the letters of a line
_ROWS = 2  # of letters alike: more is a pattern of the clothes
_LINE = (40.0, 0.16)  # three letters and more: contrast at least, unevenness at most
_PAIR = (80.0, 0.15)  # two letters, which chance makes more often
_PAIR_BELOW = 0.85  # of the rows looked at, from the top: where apps put their badges
_WALL, _HAIR = 0.9, 0.5  # of a cell

# Eyes with their brows, and lips: dark and light strokes beside one another.
_FEATURES = (
    (33, 133, 159, 145, 70, 63, 105, 66, 107, 46, 53, 52, 65, 55),
    (263, 362, 386, 374, 300, 293, 334, 296, 336, 276, 283, 282, 295, 285),
    (61, 291, 0, 17, 37, 267, 84, 314, 39, 269, 91, 321),
)
_FOREHEAD = 10  # landmark
_WIDER = 1.25  # than their landmarks


class MarksLimits(Limits):
    """How long a line of letters on the person may be."""

    longest: Band = Field(description="longest line of letters, % of the picture's width")


def _run(facts: HeadFacts, limits: MarksLimits) -> Iterable[Finding]:
    picture = facts.registration_crop
    # Above the forehead are hair and wall alone, and a quarter of the work.
    top = int(np.clip(facts.points[_FOREHEAD, 1], 0, picture.shape[0] // 2)) // 2 * 2
    longest = longest_mark(picture[top:], _elsewhere(facts)[top:])
    yield ED002.judge(100 * longest / picture.shape[1], limits.longest)


def _elsewhere(facts: HeadFacts) -> NDArray[np.bool_]:
    """Pixels of the crop where no letters are looked for: wall, hair, eyes and mouth."""
    classes = facts.classes
    cells = (classes[:, :, BACKGROUND] > _WALL) | (classes[:, :, HAIR] > _HAIR)
    size = (facts.output.width_px, facts.output.height_px)
    mask = cv2.resize(cells.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    for landmarks in _FEATURES:
        points = facts.points[list(landmarks)]
        middle = points.mean(axis=0)
        outline = np.round(middle + _WIDER * (points - middle)).astype(np.int32)
        cv2.fillConvexPoly(mask, cv2.convexHull(outline), 1)
    return mask > 0


def longest_mark(picture: Pixels, elsewhere: NDArray[np.bool_]) -> float:
    """Return the length in pixels of the longest line of letters; 0 where there is none.

    Letters are strokes, lighter or darker than what is around them, each of one even colour;
    a line is letters of one height, stroke and colour, side by side.

    Parameters
    ----------
    picture
        (H, W, 3) uint8 sRGB.
    elsewhere
        (H, W), where no letters are looked for.
    """
    height, width = picture.shape[:2]
    size = (width // 2, height // 2)
    half = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    skip = cv2.resize(elsewhere.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    scales = ((picture, elsewhere, 1), (half, skip, 2))
    ways = (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT)
    return max(
        _longest_line(_letters(pixels, mask, scale, way), _PAIR_BELOW * height)
        for pixels, mask, scale in scales
        for way in ways
    )


@dataclass(frozen=True, eq=False)
class _Letters:
    """What may be letters, one row each, in pixels of the picture and 8-bit levels."""

    centre: NDArray[np.float64]
    size: NDArray[np.float64]
    colour: NDArray[np.float64]
    contrast: NDArray[np.float64]
    uneven: NDArray[np.float64]
    stroke: NDArray[np.float64]
    is_shaped: NDArray[np.bool_]


def _letters(picture: Pixels, skip: NDArray[np.bool_], scale: int, way: int) -> _Letters:
    """Find strokes that stand out one way, lighter or darker, and are of one colour each."""
    red, green, blue = cv2.split(cv2.morphologyEx(picture, way, _KERNEL))
    hat = cv2.max(cv2.max(red, green), blue)
    mask = ((hat >= _LEAST) & (hat > cv2.dilate(hat, _NEAR) // 2) & ~skip).astype(np.uint8)
    count, parts, boxes, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    _, _, wide, high, area = boxes.T
    of_a_letter = (
        (high >= _SIDES[0])
        & (high <= _SIDES[1])
        & (wide <= _SIDES[1])
        & (area >= _LEAST_PX)
        & ((area < 0.85 * wide * high) | (2 * wide <= high))
    )
    of_a_letter[0] = False
    kept = np.flatnonzero(of_a_letter)
    numbers = np.full(count, -1)
    numbers[kept] = np.arange(kept.size)
    at = np.flatnonzero(mask.view(np.bool_))
    part = numbers[parts.ravel()[at]]
    at, part = at[part >= 0], part[part >= 0]

    def mean(values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Mean over the pixels of each letter."""
        return np.asarray(np.bincount(part, values.astype(np.float64), kept.size) / area[kept])

    channels = picture.reshape(-1, 3)[at].astype(np.float64).T
    colour = np.stack([mean(values) for values in channels], axis=1)
    square = np.stack([mean(values**2) for values in channels], axis=1)
    contrast = mean(hat.ravel()[at])
    uneven = np.sqrt(np.maximum(square - colour**2, 0)).mean(axis=1) / np.maximum(contrast, 1)
    inner = mean(cv2.erode(mask, np.ones((3, 3), np.uint8)).ravel()[at])
    stroke = 2 / np.maximum(1 - inner, 1 / area[kept])
    good = (uneven < _EVEN) & (stroke <= np.maximum(4, high[kept] / 2))
    left = kept[good]
    filled = area[left] / (wide[left] * high[left])
    return _Letters(
        centre=centres[left] * scale,
        size=np.stack([wide[left], high[left]], axis=1) * float(scale),
        colour=colour[good],
        contrast=contrast[good],
        uneven=uneven[good],
        stroke=stroke[good] * scale,
        is_shaped=(filled < _SOLID) & (wide[left] > 0.4 * high[left]),
    )


def _longest_line(letters: _Letters, pair_below: float) -> float:
    if len(letters.centre) < 2:
        return 0.0
    line_of = _joined(_side_by_side(letters))
    lines = [np.flatnonzero(line_of == line) for line in np.unique(line_of)]
    lines = [line for line in lines if line.size > 1]
    heights = np.array([np.median(letters.size[line, 1]) for line in lines])
    colours = np.array([letters.colour[line].mean(axis=0) for line in lines]).reshape(-1, 3)
    rows = np.array([letters.centre[line, 1].mean() for line in lines])
    longest = 0.0
    for line, height, colour, row in zip(lines, heights, colours, rows, strict=True):
        alike = _alike(heights, height) & (np.abs(colours - colour).max(axis=1) < _SAME_COLOUR)
        is_pattern = np.unique(np.round(rows[alike] / height)).size > _ROWS
        if (
            height <= _HIGHEST
            and not is_pattern
            and _is_text(letters, line, is_low=row > pair_below)
        ):
            longest = max(longest, _length(letters, line, height))
    return longest


def _joined(near: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Give all that hang together the number of the first of them."""
    own = np.arange(len(near))
    joined = near | near.T | (own[:, None] == own)
    while True:
        first = np.where(joined, own, len(own)).min(axis=1)
        if (first == own).all():
            return own
        own = first


def _side_by_side(letters: _Letters) -> NDArray[np.bool_]:
    """Say of each two letters whether they can be neighbours in a line, turned by 35° at most."""
    (wide, high), (x, y) = letters.size.T, letters.centre.T
    across, down = np.abs(x[:, None] - x), np.abs(y[:, None] - y)
    reach = (wide[:, None] + wide) / 2 + np.maximum(high[:, None], high)
    near = (np.hypot(across, down) < reach) & (down < 0.7 * across + 1)
    colours = np.abs(letters.colour[:, None] - letters.colour).max(axis=2)
    same = (high, letters.contrast, letters.stroke)
    alike = np.logical_and.reduce([_alike(values[:, None], values) for values in same])
    return np.asarray(near & alike & (colours < _SAME_COLOUR))


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(np.minimum(one, other) > _ALIKE * np.maximum(one, other))


def _is_text(letters: _Letters, line: NDArray[np.intp], *, is_low: bool) -> bool:
    is_pair = line.size == 2
    contrast, uneven = _PAIR if is_pair else _LINE
    return bool(
        (is_low or not is_pair)
        and letters.is_shaped[line].sum() >= (1 if is_pair else 2)
        and letters.contrast[line].mean() >= contrast
        and letters.uneven[line].mean() < uneven
        and letters.colour[line].std(axis=0).mean() <= _SPREAD
    )


def _length(letters: _Letters, line: NDArray[np.intp], height: float) -> float:
    """Length of a line; 0 where its letters do not lie on one."""
    centres = letters.centre[line] - letters.centre[line].mean(axis=0)
    along, across = np.linalg.svd(centres)[2]
    if np.abs(centres @ across).max() > _OFF_LINE * height:
        return 0.0
    return float(np.ptp(centres @ along) + np.median(letters.size[line, 0]))


CHECK = Check(
    "marks",
    (ED002,),
    MarksLimits,
    _run,
    needs=HeadFacts,
    bands={"ED002": "limits.marks.longest"},
)
