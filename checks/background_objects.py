"""What BG003 looks for: edges, strangers and frames in the background."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.rules import Text
from pipeline.examine.facts import Mask

Lab = NDArray[np.float32]

# An edge: so many ΔE76 from one cell of the grid to the next, over so many cells. A shadow
# or a lamp's fall-off is softer than the first, noise and hairs are shorter than the second.
_EDGE = 1.5
_EDGE_CELLS = 12
_HAIRS = 0.03  # of the width: nearer to the person, loose hair is no object
_RIM = 0.12  # of the height or width: a frame lies no further inside
_UPPER = 0.6  # of the height: below it a side belongs to the shoulders
_FREE_SIDE = 0.5  # of a side must be background for a line along it to be seen
_FRAME_STEP = 4.0  # ΔE76 over two cells, along most of a side
_FOOT = 0.2  # of the height: a bar at the foot is no higher
_FOOT_LINE = 0.75  # of the width: a bar's upper end is one straight line, clothes have none
_FOOT_EVEN = 3.0  # ΔE76 of nineteen in twenty of a bar's cells to its median
_STRANGER = 0.004  # of the picture: smaller islands are mistakes of the mask


def edge_length(lab: Lab, background: Mask) -> float:
    """Length of the sharp edges in the background, in widths of the picture.

    Edges are cells whose colour, smoothed over 1 cell, changes by `_EDGE` ΔE76 to the next;
    pieces shorter than `_EDGE_CELLS` do not count, nor those nearer to the person than
    `_HAIRS`. 0 for any smooth background, whatever its gradient.
    """
    width = background.shape[1]
    radius = max(1, round(_HAIRS * width))
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * radius + 1,) * 2)
    far = cv2.erode(background.astype(np.uint8), kernel, borderValue=1)
    rows = np.flatnonzero(far.any(axis=1))
    if not rows.size:
        return 0.0
    end = int(rows[-1]) + 3  # nothing below is background; 128 makes Sobel ΔE76 a cell
    down, across = (
        cv2.Sobel(lab[:end], cv2.CV_32F, dx, 1 - dx, ksize=5, scale=1 / 128) for dx in (0, 1)
    )
    squares = cv2.accumulateSquare(down, cv2.multiply(across, across))
    total = cv2.transform(squares, np.ones((1, 3), np.float32))
    sharp = (total > _EDGE**2) & (far[:end] > 0)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(sharp.astype(np.uint8), connectivity=8)
    lengths = boxes[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    return float(lengths[lengths >= _EDGE_CELLS].sum() / width)


def stranger_length(background: NDArray[np.float32]) -> float:
    """Outline of what is not background and not joined to the person, in picture widths.

    ``background`` is (h, w) float32 shares; the person is the largest piece of the rest.
    """
    height, width = background.shape
    rest = (background < 0.5).astype(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    islands = (
        np.delete(boxes[1:], boxes[1:, cv2.CC_STAT_AREA].argmax(), axis=0)
        if len(boxes) > 1
        else boxes[1:]
    )
    islands = islands[islands[:, cv2.CC_STAT_AREA] > _STRANGER * height * width]
    around = 2 * islands[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].sum(axis=1)
    return float(around.sum() / width)


def frame_sides(lab: Lab, free: Mask) -> dict[str, float]:
    """Which sides of the picture carry a line of a frame, and its length in picture widths.

    A line is a step of colour at one distance from the side along most of it: the
    median over the ``free`` cells, where nobody is, of the change over two. The lower part
    of the sides belongs to the clothes; for the foot see `has_foot_bar`.
    """
    height, width = lab.shape[:2]
    # The blurred edge of a head is no line of a frame.
    free = cv2.erode(free.astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=1) > 0
    upper = slice(0, round(_UPPER * height))
    across, down = (1, 0, 2), (1, 0)
    views = {
        "top": (lab, free, 1.0),
        "left": (lab[upper].transpose(across), free[upper].transpose(down), height / width),
        "right": (
            lab[upper, ::-1].transpose(across),
            free[upper, ::-1].transpose(down),
            height / width,
        ),
    }
    found = {}
    for side, (view, own, length) in views.items():
        depth = round(_RIM * width)
        both = own[2 : depth + 2, ::2] & own[:depth, ::2]
        count = both.sum(axis=1)
        wide = np.flatnonzero(count > _FREE_SIDE * both.shape[1])
        steps = (view[2 : depth + 2, ::2] - view[:depth, ::2])[wide]
        # Medians of what is free: the rest is sorted behind it.
        ranked = np.sort(np.where(both[wide, :, None], steps, np.inf), axis=1)
        medians = ranked[np.arange(wide.size), count[wide] // 2]
        if wide.size and np.linalg.norm(medians, axis=1).max() > _FRAME_STEP:
            found[side] = length
    return found


def has_foot_bar(lab: Lab) -> bool:
    """Whether a bar of one colour lies along the foot, from side to side.

    There the clothes leave no background to look at, but a frame or a screenshot's bar lies
    over them too: a step of `_FRAME_STEP` at one height along `_FOOT_LINE` of the width, with
    one even colour below it. A dark suit that fills the foot ends in the line of the
    shoulders, which is not level. Measured here: 7 of 472 photographs of one head, each with a
    bar or a thin line there.
    """
    rows = lab[: -round(_FOOT * lab.shape[0]) - 3 : -1, ::2]  # from the foot upwards
    steps = np.linalg.norm(rows[2:] - rows[:-2], axis=2)
    for end in np.flatnonzero((steps > _FRAME_STEP).mean(axis=1) > _FOOT_LINE):
        bar = rows[: max(1, end)].reshape(-1, 3)
        away = np.linalg.norm(bar - np.median(bar, axis=0), axis=1)
        if np.percentile(away, 95) < _FOOT_EVEN:
            return True
    return False


_SIDES = {
    "top": Text("上边", "top"),
    "left": Text("左边", "left"),
    "right": Text("右边", "right"),
    "foot": Text("下边", "foot"),
}


def thing_found(sides: dict[str, float], objects: float, people: float) -> Text:
    """Name what was found most of."""
    if sum(sides.values()) >= objects + people:
        names = [_SIDES[side] for side in sides]
        return Text(
            "、".join(name.zh for name in names) + "有边框",
            "a border: " + ", ".join(name.en for name in names),
        )
    if people > objects:
        return Text("有他人或物体", "another person or object beside the sitter")
    return Text("有物体、文字、图案或接缝", "an object, text, a pattern or a seam")
