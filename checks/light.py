"""LT: light on the face."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.finite import Range
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.facts import Mask
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.head_measures import OVAL
from pipeline.face.models import FACE_SKIN

LT001 = Rule(
    "LT001",
    Remedy.RETAKE,
    fault=Text("面部过暗、过亮或高光过曝", "the face is too dark, too bright or clipped"),
    student=Text("请在明亮柔和的光线下拍摄", "have it taken in bright, soft light"),
    photographer=Text(
        "调整灯光或曝光，面部不要过暗或过曝",
        "set lamps or exposure so that the face is neither dark nor clipped",
    ),
    quantity=Text("面部亮度 L*", "lightness of the face L*"),
    unit="",
    source=(
        "standard.md §1.1 (O~) 「光线均匀，无高光光斑红眼」; S8 S9; §8 LIGHT; "
        "ISO/IEC 29794-5 Under-exposure prevention, Over-exposure prevention"
    ),
)

LT002 = Rule(
    "LT002",
    Remedy.RETAKE,
    fault=Text("面部光线不均(阴阳脸)", "uneven light: one side of the face is in shadow"),
    student=Text(
        "请在左右一样亮的光线下拍摄", "have it taken where light falls alike from both sides"
    ),
    photographer=Text("把较弱一侧的灯调亮或移近", "turn up the weaker lamp, or move it nearer"),
    quantity=Text("左右脸亮度比", "light of the brighter side to the darker one"),
    unit="",
    source=(
        "standard.md §1.1 (O~) 「光线均匀」; S8 S9; §5.2 「阴阳脸」; "
        "ISO/IEC 29794-5 Illumination uniformity"
    ),
    decimals=1,
)
LT003 = Rule(
    "LT003",
    Remedy.RETAKE,
    fault=Text("照片为黑白或偏色", "greyscale, or a colour cast"),
    student=Text(
        "请在白光下拍彩色照片，不用滤镜", "have a colour picture taken in white light, unfiltered"
    ),
    photographer=Text(
        "校正白平衡，关掉有色的灯和滤镜", "set the white balance; no coloured lamps, no filters"
    ),
    quantity=Text("肤色偏离范围 Δab", "skin outside the range of human skin by Δab"),
    unit="",
    source=(
        "standard.md §1.1 (O~) 「24位真彩色」; S5 S7 S9 S10; §8 COLOUR; "
        "ISO/IEC 29794-5 Natural colour"
    ),
    decimals=1,
)

_CLIPPED = 98.0  # L*: all three channels at about 249 or more
_ENOUGH_CELLS = 50
_ENOUGH_OF_A_SIDE = 20
# Mirrored parts of the face, to the left and to the right of the picture (face mesh
# indices): cheek, half of the forehead, jaw. None reaches the outline of the face, so
# that a head turned by a few degrees shows both alike.
_PAIRS = (
    ((116, 117, 118, 101, 36, 206, 207, 187, 123), (345, 346, 347, 330, 266, 426, 427, 411, 352)),
    (
        (54, 103, 67, 109, 10, 151, 108, 69, 104, 68),
        (284, 332, 297, 338, 10, 151, 337, 299, 333, 298),
    ),
    ((207, 187, 147, 192, 214, 212, 216), (427, 411, 376, 416, 434, 432, 436)),
)


class LightLimits(Limits):
    """Lightness of the skin, how much of it may be clipped, its evenness and its colour."""

    face: Band = Field(description="median L* of the face's skin, 0-100")
    clipped: Band = Field(description="share of the face's skin at L* 98 or more")
    sides: Band = Field(description="linear luminance of the brighter side over the darker")
    cast: Band = Field(description="distance of the skin's a*b* from the range below")
    skin_hue: Range = Field(description="degrees of h_ab that human skin has")
    skin_chroma: Range = Field(description="C*_ab that human skin has")
    skin_source: str


def _run(facts: HeadFacts, limits: LightLimits) -> Iterable[Finding]:
    rules = (LT001, LT002, LT003)
    face_skin = facts.classes[:, :, FACE_SKIN] > 0.5
    skin = facts.region(OVAL) & face_skin
    if skin.sum() < _ENOUGH_CELLS:
        why = Text("看不到足够的面部皮肤", "too little of the face is visible")
        yield from (rule.skipped(why) for rule in rules)
        return
    colours = facts.lab[skin]
    colour = np.median(colours, axis=0)
    yield _brightness(colours[:, 0], float(colour[0]), limits)
    stops = side_stops(facts, face_skin)
    if stops is None:
        yield LT002.skipped(Text("只看得到一侧面部", "only one side of the face is visible"))
    else:
        yield _evenness(stops, limits)
    yield _colour(float(colour[1]), float(colour[2]), facts.lab[::4, ::4, 1:], limits)


def _brightness(lightness: NDArray[np.float32], median: float, limits: LightLimits) -> Finding:
    clipped = float((lightness >= _CLIPPED).mean())
    if not limits.clipped.allows(clipped):
        detail = Text(f"{clipped:.0%} 的面部过曝", f"{clipped:.0%} of the face is clipped")
        return LT001.broken(median, detail)
    return LT001.judge(median, limits.face)


def _evenness(stops: float, limits: LightLimits) -> Finding:
    finding = LT002.judge(2 ** abs(stops), limits.sides)
    if stops > 0:
        return finding.with_detail(Text("照片左侧较暗", "darker on the picture's left"))
    return finding.with_detail(Text("照片右侧较暗", "darker on the picture's right"))


def _colour(a: float, b: float, whole: NDArray[np.float32], limits: LightLimits) -> Finding:
    finding = LT003.judge(cast(a, b, limits.skin_hue, limits.skin_chroma), limits.cast)
    if np.hypot(a, b) < limits.skin_chroma[0]:
        # Blue light leaves warm skin without colour, but not all of the picture.
        if np.percentile(np.hypot(whole[..., 0], whole[..., 1]), 90) < limits.skin_chroma[0]:
            return finding.with_detail(Text("近于黑白", "next to no colour"))
        turn = np.radians(np.mean(limits.skin_hue))
        a, b = a - limits.skin_chroma[0] * np.cos(turn), b - limits.skin_chroma[0] * np.sin(turn)
    hue = np.degrees(np.arctan2(b, a))
    for colour, low, high in _CASTS:
        if low <= hue < high:
            return finding.with_detail(Text(f"偏{colour.zh}", f"a {colour.en} cast"))
    return finding


# Hue angles of CIE Lab, from -180, by name.
_CASTS = (
    (Text("绿", "green"), -180, -150),
    (Text("蓝", "blue"), -150, -45),
    (Text("紫", "magenta"), -45, 5),
    (Text("红", "red"), 5, 50),
    (Text("黄", "yellow"), 50, 105),
    (Text("绿", "green"), 105, 181),
)


def side_stops(facts: HeadFacts, skin: Mask) -> float | None:
    """Return how much brighter the right of the picture is than its left, in stops (log2).

    The median over three mirrored pairs of the face's parts (a shadow of the hair, a
    beard or a spot lies on one of them) of the difference of median linear luminance,
    over cells of skin. 0: both sides alike; 1: twice the light. None where less than two
    pairs show skin on both sides.
    """
    lightness = facts.lab[:, :, 0]
    found = []
    for pair in _PAIRS:
        sides = [lightness[facts.region(side) & skin] for side in pair]
        if min(len(side) for side in sides) >= _ENOUGH_OF_A_SIDE:
            left, right = (luminance(float(np.median(side))) for side in sides)
            found.append(np.log2(right / left))
    return float(np.median(found)) if len(found) > 1 else None


def luminance(lightness: float) -> float:
    """Relative luminance Y (0..1, linear light) of CIE L*; never quite 0."""
    y = ((lightness + 16) / 116) ** 3 if lightness > 8 else lightness / 903.3
    return max(y, 1e-3)


def cast(a: float, b: float, hue: tuple[float, float], chroma: tuple[float, float]) -> float:
    """Distance in the a*b* plane of a colour from a sector of it; 0 inside.

    Grey lies at the sector's lower chroma away, a tint the further the more it is tinted,
    and for colours of little chroma, whose hue says little, it stays small.

    Parameters
    ----------
    a, b
        CIE a*, b*.
    hue
        Lower and upper angle in degrees, less than 180 apart.
    chroma
        Lower and upper radius.
    """
    turn = np.radians(np.clip(np.degrees(np.arctan2(b, a)), *hue))
    best = np.clip(a * np.cos(turn) + b * np.sin(turn), *chroma)
    away = float(np.hypot(a - best * np.cos(turn), b - best * np.sin(turn)))
    return away if away > 1e-9 else 0.0  # inside, it is a rounding error


# LT001 is not among the bands: it is broken by clipping too.
CHECK = Check(
    "light",
    (LT001, LT002, LT003),
    LightLimits,
    _run,
    needs=HeadFacts,
    bands={"LT002": "limits.light.sides", "LT003": "limits.light.cast"},
)
