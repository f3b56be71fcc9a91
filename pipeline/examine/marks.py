"""What the models saw and what was measured, as marks over the preview; and the preview itself.

The picture is that of the facts: the crop that would be made of a source, a final file as it
is, or the whole frame where no crop could be planned.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.core.bands import Band
from pipeline.core.marks import Label, Layer, Mark, Marks, Standing
from pipeline.core.rules import Mode, Text
from pipeline.examine.facts import CropFacts, Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.head_measures import (
    LEFT_CHEEK,
    LEFT_EAR,
    LEFT_IRIS,
    RIGHT_CHEEK,
    RIGHT_EAR,
    RIGHT_IRIS,
)
from pipeline.face.models import BACKGROUND, Face
from pipeline.image.preview import preview_of, preview_scale

_BAND = 14.0  # px, thickness of a window's shade
_TICK = 12.0  # px, half the height of the ends of a width
_SMOOTH = 0.8  # px by which an outline may be simplified
_SMALL = 20  # points of a contour that is not worth drawing

# Outlines through the landmarks of the face mesh.
_EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382),
)
_IRISES = ((469, 470, 471, 472), (474, 475, 476, 477))
_LIPS = (
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146),
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95),
)
_CROWN, _EYE, _CHIN = Text("头顶", "crown"), Text("眼睛", "eyes"), Text("下巴", "chin")
_TOPS = {"top_of_hair": _CROWN, "hairline": Text("发际线", "hairline")}
_WIDTH, _HEAD_WIDTH = Text("脸宽", "face"), Text("头宽", "head")
_HEIGHT, _OFF = Text("头高", "height"), Text("偏离中线", "off centre")

Points = Sequence[tuple[float, float]] | NDArray[Any]


def preview(facts: Facts) -> bytes:
    """Return the judged picture as a JPEG that is large enough to judge it: at most 40 KB."""
    return preview_of(Image.fromarray(facts.picture))


def marks_of(facts: Facts) -> Marks:
    """Return everything that is drawn over the preview of a photo."""
    height, width = facts.picture.shape[:2]
    scale = preview_scale(width, height)
    size = (round(width * scale), round(height * scale))
    found = [*_faces(facts, scale)]
    frame: tuple[int, ...] = ()
    if isinstance(facts, CropFacts):
        found += [*_outline(facts, scale), *_windows(facts, scale), *_lines(facts, scale)]
        if facts.mode is Mode.SOURCE:
            crop = facts.crop
            box = (crop.x, crop.y, crop.width, crop.height)
            frame = (*facts.frame, *(round(edge) for edge in box))
    layers = list(Layer)
    found.sort(key=lambda mark: layers.index(mark.layer))
    return Marks(*size, tuple(found), frame)


def _path(points: Points, scale: float, *, closed: bool = True) -> str:
    """Write points as SVG path data, to a tenth of a pixel."""
    steps = (f"{_tenth(x * scale)} {_tenth(y * scale)}" for x, y in points)
    return "M" + "L".join(steps) + ("Z" if closed else "")


def _tenth(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _box(x0: float, y0: float, x1: float, y1: float) -> tuple[tuple[float, float], ...]:
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _faces(facts: Facts, scale: float) -> Iterator[Mark]:
    """A box about every face; those beside the main one in the colour of FC002."""
    for index, face in enumerate(facts.faces):
        box = _box(*_face_box(face, facts))
        yield Mark(Layer.FACES, "FC002" if index else "", _path(box, scale))


def _face_box(face: Face, facts: Facts) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a face, in pixels of the picture."""
    edges = np.array([[face.x, face.y], [face.x + face.width, face.y + face.height]])
    if isinstance(facts, CropFacts):
        crop, output = facts.crop, facts.output
        edges = edges / facts.photo.scale - np.array([crop.x, crop.y])
        edges *= np.array([output.width_px / crop.width, output.height_px / crop.height])
    x0, y0, x1, y1 = (float(edge) for edge in edges.ravel())
    return x0, y0, x1, y1


def _outline(facts: CropFacts, scale: float) -> Iterator[Mark]:
    """The person's outline, eyes, irises and lips."""
    if facts.faces:
        person = (facts.classes[:, :, BACKGROUND] < 0.5).astype(np.uint8)
        height, width = facts.picture.shape[:2]
        size = (round(width * scale), round(height * scale))
        smooth = cv2.GaussianBlur(cv2.resize(person * 255, size), (0, 0), 1.5)
        contours, _ = cv2.findContours(
            (smooth > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        paths = [
            _path(cv2.approxPolyDP(c, _SMOOTH, True).reshape(-1, 2), 1.0)  # noqa: FBT003
            for c in contours
            if len(c) > _SMALL
        ]
        if paths:
            yield Mark(Layer.OUTLINE, "", "".join(paths))
    if isinstance(facts, HeadFacts):
        for outlines, code in ((_EYES, "EY001"), (_IRISES, "EY001"), (_LIPS, "MO001")):
            paths = [_path(facts.points[list(one)], scale) for one in outlines]
            yield Mark(Layer.FEATURES, code, "".join(paths))
        irises = facts.points[[RIGHT_IRIS, LEFT_IRIS]]
        yield Mark(Layer.FEATURES, "FC007", _path(irises, scale, closed=False))


# -- windows -------------------------------------------------------------------------------


def _windows(facts: CropFacts, scale: float) -> Iterator[Mark]:
    """Where the spec wants crown and eyes (at both edges), the middle, and the cheeks."""
    output = facts.output
    width, height, thick = output.width_px, output.height_px, _BAND / scale
    for code, band in (("FC004", output.crown), ("FC005", output.eye)):
        for low, high in () if band is None else _zones(band, 0, height):
            boxes = _box(-thick, low, thick, high), _box(width - thick, low, width, high)
            yield Mark(Layer.WINDOW, code, "".join(_path(box, scale) for box in boxes))
    if output.centring is not None:
        for low, high in _zones(output.centring, -50, 50):
            left, right = ((0.5 + off / 100) * width for off in (low, high))
            box = _box(left, height - thick, right, height + thick)
            yield Mark(Layer.WINDOW, "FC003", _path(box, scale))
    if isinstance(facts, HeadFacts) and (bar := _bar(facts)).band is not None:
        for low, high in _zones(bar.band, 0, width):
            near, far, half = low / 2, high / 2, thick / 2
            boxes = (
                _box(bar.x - far, bar.y - half, bar.x - near, bar.y + half),
                _box(bar.x + near, bar.y - half, bar.x + far, bar.y + half),
            )
            yield Mark(Layer.WINDOW, "FC006", "".join(_path(box, scale) for box in boxes))


def _zones(band: Band, least: float, most: float) -> Iterator[tuple[float, float]]:
    """Return the window of a band, and where it has one the narrower window without a note."""
    low = least if band.low is None else max(least, band.low)
    high = most if band.high is None else min(most, band.high)
    yield low, high
    if band.note_low is not None or band.note_high is not None:
        yield (
            low if band.note_low is None else band.note_low,
            high if band.note_high is None else band.note_high,
        )


@dataclass(frozen=True)
class _Bar:
    """A width of the head: its middle and length in output pixels, and the window for it."""

    name: Text
    x: float
    y: float
    width: float
    band: Band | None


def _bar(facts: HeadFacts) -> _Bar:
    """The width that the spec asks for: between the cheeks, or between the ear roots."""
    output, placement = facts.output, facts.placement
    if output.face_width is None and output.head_width is not None:
        x, y = facts.points[[RIGHT_EAR, LEFT_EAR]].mean(axis=0)
        return _Bar(_HEAD_WIDTH, float(x), float(y), placement.head_width, output.head_width)
    x, y = facts.points[[RIGHT_CHEEK, LEFT_CHEEK]].mean(axis=0)
    return _Bar(_WIDTH, float(x), float(y), placement.face_width, output.face_width)


# -- lines ---------------------------------------------------------------------------------


def _lines(facts: CropFacts, scale: float) -> Iterable[Mark]:
    """Lines where things are, each with its value and its limits."""
    output, width, thick = facts.output, facts.output.width_px, _BAND / scale
    crown = _TOPS[output.crown_reading]
    if not isinstance(facts, HeadFacts):
        for name, code, band in ((crown, "FC004", output.crown), (_EYE, "FC005", output.eye)):
            if band is not None:
                low, high = next(_zones(band, 0, output.height_px))
                label = Label(name, (low + high) / 2 * scale, None, band.low, band.high)
                yield Mark(Layer.WINDOW, code, "", Standing.NONE, label)
        return
    placement, bar, tick = facts.placement, _bar(facts), _TICK / scale
    for name, code, band, row in (
        (crown, "FC004", output.crown, placement.top(output)),
        (_EYE, "FC005", output.eye, placement.eye),
        (_CHIN, "", None, placement.chin),
    ):
        path = _path(((-thick, row), (width, row)), scale, closed=False)
        yield _measured(code, path, band, row, name, row * scale)
    left, right = bar.x - bar.width / 2, bar.x + bar.width / 2
    ends = (((x, bar.y - tick), (x, bar.y + tick)) for x in (left, right))
    strokes = (((left, bar.y), (right, bar.y)), *ends)
    path = "".join(_path(stroke, scale, closed=False) for stroke in strokes)
    yield _measured("FC006", path, bar.band, bar.width, bar.name, bar.y * scale)
    if output.head_height is not None:
        tall = placement.chin - placement.crown
        yield _measured("FC006", "", output.head_height, tall, _HEIGHT, placement.chin * scale)
    column = (0.5 + placement.off_centre / 100) * width
    middle = ((column, 0.0), (column, output.height_px + thick))
    off = round(placement.off_centre, 1) + 0.0
    said = Text(f"{_OFF.zh} {off:+.1f}%", f"{_OFF.en} {off:+.1f}%")
    path, band = _path(middle, scale, closed=False), output.centring
    label = Label(said, output.height_px * scale, column * scale, *_ends(band))
    yield Mark(Layer.LINES, "FC003", path, _standing(band, placement.off_centre), label)


def _measured(
    code: str, path: str, band: Band | None, value: float, name: Text, row: float
) -> Mark:
    said = Text(f"{name.zh} {value:.0f}px", f"{name.en} {value:.0f}px")
    return Mark(
        Layer.LINES, code, path, _standing(band, value), Label(said, row, None, *_ends(band))
    )


def _ends(band: Band | None) -> tuple[float | None, float | None]:
    return (None, None) if band is None else (band.low, band.high)


def _standing(band: Band | None, value: float) -> Standing:
    if band is None:
        return Standing.NONE
    if not band.allows(value):
        return Standing.BROKEN
    sure = band.within_notes(value) and not band.is_borderline(value)
    return Standing.KEPT if sure else Standing.NOTED
