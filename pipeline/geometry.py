"""The crop that would be made: where it lies, and what the standard measures in it.

All coordinates are pixels of the upright full-resolution picture, x to the right,
y down. `Head` is what was found; `plan_crop` chooses the rectangle of the output's
aspect inside the frame that keeps the smallest margin to every window as large as
it can be; `place` says where the head comes to lie in the output.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.spec import Output
from pipeline.words import Band

# How finely the planner looks: about 1 % steps in scale, 0.5 % of the frame in height.
_SCALES = 160
_HEIGHTS = 200


@dataclass(frozen=True)
class Head:
    """What the standard measures on a head, in full-resolution pixels.

    crown_y
        Top of the hair, from the segmentation: the default reading of 「头顶发际」
        (GA 461 uses the phrase so).
    hairline_y
        Where the forehead ends: the other reading (`pipeline.head.find_hairline`).
    eye_y, eye_x
        Midpoint of the iris centres.
    chin_y
        Lowest point of the chin.
    face_width
        Between the cheeks (脸部宽度, 两脸颊之间): the landmarks of the face oval at
        the height of the nose, not the ear roots of the ID-card sources.
    head_width
        Between the ear roots (两耳根之间): the face oval's widest landmarks.
    centre_x
        Middle between the cheeks.
    """

    crown_y: float
    eye_y: float
    eye_x: float
    chin_y: float
    face_width: float
    head_width: float
    centre_x: float
    hairline_y: float


@dataclass(frozen=True)
class Crop:
    """A rectangle of the frame; ``scale`` is frame pixels for one output pixel."""

    x: float
    y: float
    width: float
    height: float
    scale: float


@dataclass(frozen=True)
class Placement:
    """Where the head lies in the output, in output pixels; ``off_centre`` in % of width."""

    crown: float
    eye: float
    chin: float
    face_width: float
    head_width: float
    off_centre: float
    hairline: float

    def top(self, output: Output) -> float:
        """The length that ``output.crown`` is a window for, as the spec reads 「头顶发际」."""
        return self.hairline if output.crown_reading == "hairline" else self.crown


def place(head: Head, crop: Crop) -> Placement:
    """Give where ``head`` lies in ``crop`` scaled to the output size."""
    return Placement(
        crown=(head.crown_y - crop.y) / crop.scale,
        eye=(head.eye_y - crop.y) / crop.scale,
        chin=(head.chin_y - crop.y) / crop.scale,
        face_width=head.face_width / crop.scale,
        head_width=head.head_width / crop.scale,
        off_centre=100 * ((head.centre_x - crop.x) / crop.width - 0.5),
        hairline=(head.hairline_y - crop.y) / crop.scale,
    )


def whole_frame(width: int, height: int, output: Output) -> Crop:
    """Give the frame itself as the crop: a final file is judged as it is."""
    return Crop(0.0, 0.0, float(width), float(height), height / output.height_px)


def plan_crop(head: Head, width: int, height: int, output: Output) -> Crop:
    """Choose the crop inside a frame of ``width`` x ``height`` pixels.

    The crop maximises the smallest margin to the crown, eye-line, face-width and
    centring windows, each in units of its window's half width (0 = on the limit, 1 = in
    the middle). Crops that would need enlarging (scale below 1) are taken only where no
    other keeps every window.

    Returns
    -------
    Crop
        Always a crop: where none keeps all windows, one that breaks as few as can be, so
        that a student is told of the window that is at fault and of no other.
    """
    largest = min(width / output.width_px, height / output.height_px)
    widest = output.face_width.high if output.face_width is not None else None
    smallest = max(head.face_width / (widest or output.width_px) * 0.8, 1e-3)
    sizes = np.geomspace(min(smallest, largest), largest, _SCALES)
    best, score = _best(head, width, height, output, sizes[sizes >= 1.0])
    if score < 0:
        enlarged, enlarged_score = _best(head, width, height, output, sizes)
        if best is None or (enlarged_score >= 0 and enlarged is not None):
            best = enlarged
    assert best is not None
    scale, y = best
    crop_width = output.width_px * scale
    x = float(_left(head, width, np.array(crop_width)))
    return Crop(x, y, crop_width, output.height_px * scale, scale)


def _best(
    head: Head, width: int, height: int, output: Output, scales: NDArray[np.float64]
) -> tuple[tuple[float, float] | None, float]:
    """Search scale x top edge; give (scale, y) and its score, below 0 where a window breaks."""
    if scales.size == 0:
        return None, -np.inf
    scale = scales[:, None]
    room = np.maximum(0.0, height - output.height_px * scale)
    top = room * np.linspace(0.0, 1.0, _HEIGHTS)[None, :]
    across = output.width_px * scale
    off_centre = 100 * ((head.centre_x - _left(head, width, across)) / across - 0.5)
    crown_y = head.hairline_y if output.crown_reading == "hairline" else head.crown_y
    windows = (
        ((crown_y - top) / scale, output.crown or _usual(output.height_px, 0.04, 0.25)),
        ((head.eye_y - top) / scale, output.eye),
        (head.face_width / scale, output.face_width or _usual(output.width_px, 0.25, 0.65)),
        (head.head_width / scale, output.head_width),
        ((head.chin_y - head.crown_y) / scale, output.head_height),
        (off_centre, output.centring),
    )
    margins = np.stack(
        [
            np.broadcast_to(_margin(value, band), top.shape)
            for value, band in windows
            if band is not None
        ]
    )
    # A window that no crop keeps must not drag the others out with it: first as few broken
    # as can be, then the room in those that are kept, less what the broken ones lack.
    broken = margins < 0
    room_left = np.where(broken, np.inf, margins).min(axis=0)
    room_left[broken.all(axis=0)] = 0
    lacking = np.where(broken, margins, 0).sum(axis=0)
    score = room_left + lacking - 1000 * broken.sum(axis=0)
    row, column = np.unravel_index(int(np.argmax(score)), score.shape)
    found = (float(scales[row]), float(top[row, column]))
    return found, float(score[row, column])


def _usual(side: int, low: float, high: float) -> Band:
    """How a portrait is framed where the spec leaves it open; it decides no verdict."""
    return Band(low=low * side, high=high * side, source="ours: framing only", confidence="P")


def _left(head: Head, width: int, across: NDArray[np.float64]) -> NDArray[np.float64]:
    """Left edge of a crop ``across`` pixels wide: the face in its middle, as far as it can be."""
    left: NDArray[np.float64] = np.clip(
        head.centre_x - across / 2, 0, np.maximum(0.0, width - across)
    )
    return left


def _margin(value: NDArray[np.float64], band: Band) -> NDArray[np.float64]:
    """Distance to the nearer end of a window, in half widths of the window."""
    low = -np.inf if band.low is None else band.low
    high = np.inf if band.high is None else band.high
    ends = [abs(end) for end in (low, high) if np.isfinite(end)]
    half = (high - low) / 2 if len(ends) > 1 else max(ends) / 2
    result: NDArray[np.float64] = np.minimum(value - low, high - value) / half
    return result
