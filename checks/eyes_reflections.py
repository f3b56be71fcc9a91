"""EY: what light does to eyes: reflections on lenses, red pupils. Lids and glasses: eyes.py."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.head_measures import LEFT_IRIS, OVAL, RIGHT_IRIS
from pipeline.face.models import FACE_SKIN

EY003 = Rule(
    "EY003",
    Remedy.RETAKE,
    fault=Text("眼镜反光", "reflections on the glasses"),
    student=Text("扶正眼镜，避开镜片反光", "straighten your glasses so that they do not shine"),
    photographer=Text(
        "把灯抬高或移向两侧，避开镜片反光",
        "raise the lamps or move them aside until the glasses do not shine",
    ),
    quantity=Text("镜片处反光面积", "area of reflections around an eye"),
    unit="‰",
    source="standard.md §1.1 (O~) 「无反光」; S5 S8; §8 GLASSES",
    decimals=1,
)
EY005 = Rule(
    "EY005",
    Remedy.RETAKE,
    fault=Text("红眼", "red eyes"),
    student=Text("拍照时不要开闪光灯", "have it taken without a flash"),
    photographer=Text(
        "关闭机身闪光灯，改用侧面的灯", "switch off the camera's own flash; light from the side"
    ),
    quantity=Text("瞳孔比肤色偏红 Δa*", "redness of the pupil beyond the skin's Δa*"),
    unit="",
    source="standard.md §1.1 (O~) 「无高光光斑红眼」; S8 S9; §8 RED_EYE",
    decimals=1,
)

# Where a lens lies, from the brow to the cheekbone, and the eye's opening in it
# (face mesh indices), to the left and to the right of the picture.
_LENSES = (
    (70, 63, 105, 66, 107, 55, 193, 122, 196, 126, 142, 36, 205, 50, 117, 111, 143, 156),
    (300, 293, 334, 296, 336, 285, 417, 351, 419, 355, 371, 266, 425, 280, 346, 340, 372, 383),
)
_OPENINGS = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
)
_IRISES = (
    (RIGHT_IRIS, (469, 470, 471, 472)),
    (LEFT_IRIS, (474, 475, 476, 477)),
)
_CHEEKS_AND_FOREHEAD = (
    (116, 117, 118, 101, 36, 206, 207, 187, 123),
    (345, 346, 347, 330, 266, 426, 427, 411, 352),
    (103, 67, 109, 10, 338, 297, 332, 299, 151, 69),
)

_OVER = 6.0  # L* above the brightest twentieth of the skin: lenses shine, skin does not
_SPOT = 10.0  # L* above what surrounds it within 40 % of the lens
_PALE = 0.75  # of the skin's chroma: a lamp has no colour of skin
_PUPIL = 0.5  # of the iris's radius
_ENOUGH_CELLS = 20
_LEAST_LENS_PX = 8
_LEAST_PUPIL_PX = 4


class EyeFaultsLimits(Limits):
    """Reflections and redness."""

    reflection: Band = Field(description="thousandths of a lens's place, the worse of both eyes")
    redness: Band = Field(description="a* of the pupil less a* of the skin, the worse of both")


def _run(facts: HeadFacts, limits: EyeFaultsLimits) -> Iterable[Finding]:
    face_skin = facts.classes[:, :, FACE_SKIN] > 0.5
    shining = reflections(facts, face_skin)
    outside = Text("眼部或面部皮肤看不清，无法判断", "the eyes or the skin around are not visible")
    yield EY003.skipped(outside) if shining is None else EY003.judge(shining, limits.reflection)
    skin = facts.lab[:, :, 1][facts.region(OVAL) & face_skin]
    red = redness(facts)
    if red is None or skin.size < _ENOUGH_CELLS:
        yield EY005.skipped(outside)
    else:
        # Under blue or green light the skin has less red than grey, which makes no eye red.
        yield EY005.judge(red - max(0.0, float(np.median(skin))), limits.redness)


def reflections(facts: HeadFacts, skin: NDArray[np.bool_]) -> float | None:
    """Share of a lens's place that shines, in thousandths, the worse of both eyes.

    Shining is brighter than the skin is anywhere and than its surroundings, and pale. The
    eye's opening is left out: its white and the catchlight in the pupil are as bright.
    None where the eyes lie outside the crop, or no skin tells how bright skin is.
    """
    own = np.logical_or.reduce([facts.region(part) for part in _CHEEKS_AND_FOREHEAD]) & skin
    if own.sum() < _ENOUGH_CELLS:
        return None
    colours = facts.lab[own]
    bright = float(np.percentile(colours[:, 0], 95)) + _OVER
    pale = _PALE * float(np.median(np.hypot(colours[:, 1], colours[:, 2])))
    found = []
    for lens, opening in zip(_LENSES, _OPENINGS, strict=True):
        cut = _lab_around(facts, facts.points[list(lens)])
        if cut is None:
            return None
        lab, corner = cut
        place = _filled(facts.points[list(lens)] - corner, lab.shape[:2])
        eye = cv2.dilate(
            _filled(facts.points[list(opening)] - corner, lab.shape[:2]), np.ones((5, 5), np.uint8)
        )
        side = max(5, int(0.4 * lab.shape[1]) | 1)
        square = np.ones((side, side), np.uint8)  # separable: a disc takes ten times as long
        lightness = np.ascontiguousarray(lab[:, :, 0])
        spot = lightness - cv2.morphologyEx(lightness, cv2.MORPH_OPEN, square)
        shines = (spot > _SPOT) & (lightness > bright)
        shines &= (np.hypot(lab[:, :, 1], lab[:, :, 2]) < pale) & (place > 0) & (eye == 0)
        found.append(1000 * float(shines.sum()) / max(1, int(place.sum())))
    return max(found)


def redness(facts: HeadFacts) -> float | None:
    """Median a* of the pupil at full size, less what is blue in it; the worse of both eyes.

    A brown iris has about 10, a red pupil 30 to 60. Blue or purple is a lens's coating:
    what b* lies below 0 is taken off. None where a pupil is outside or too small.
    """
    found = []
    for centre, ring in _IRISES:
        middle = facts.points[centre]
        radius = float(np.linalg.norm(facts.points[list(ring)] - middle, axis=1).mean())
        cut = _lab_around(facts, np.stack([middle - radius, middle + radius]), least=3)
        if cut is None:
            return None
        lab, corner = cut
        y, x = np.mgrid[0 : lab.shape[0], 0 : lab.shape[1]]
        x, y = x + corner[0] - middle[0], y + corner[1] - middle[1]
        pupil = lab[np.hypot(x, y) < _PUPIL * radius]
        if len(pupil) < _LEAST_PUPIL_PX:
            return None
        _, a, b = np.median(pupil, axis=0)
        found.append(float(a + min(0.0, b)))
    return max(found)


def _lab_around(
    facts: HeadFacts, points: NDArray[np.float32], least: int = _LEAST_LENS_PX
) -> tuple[NDArray[np.float32], NDArray[np.intp]] | None:
    """CIE L*a*b* of the box around points of the judged crop at full size, and its corner."""
    height, width = facts.registration_crop.shape[:2]
    low = np.clip(np.floor(points.min(axis=0)), 0, (width, height)).astype(np.intp)
    high = np.clip(np.ceil(points.max(axis=0)) + 1, 0, (width, height)).astype(np.intp)
    if (high - low < least).any():
        return None
    box = facts.registration_crop[low[1] : high[1], low[0] : high[0]].astype(
        np.float32
    ) / np.float32(255)
    return np.asarray(cv2.cvtColor(box, cv2.COLOR_RGB2Lab), np.float32), low


def _filled(outline: NDArray[np.floating], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1)
    return mask


CHECK = Check(
    "eye_faults",
    (EY003, EY005),
    EyeFaultsLimits,
    _run,
    needs=HeadFacts,
    bands={"EY003": "limits.eye_faults.reflection", "EY005": "limits.eye_faults.redness"},
)
