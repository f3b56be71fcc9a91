"""BG: the background is one even colour that the spec names, with nothing in it."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from checks.background_objects import (
    edge_length,
    frame_sides,
    has_foot_bar,
    stranger_length,
    thing_found,
)
from pipeline.core.bands import Band
from pipeline.core.finite import Colour
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Judged, Limits
from pipeline.examine.facts import Mask
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.models import BACKGROUND, OTHERS
from pipeline.image.colour_difference import delta_e_2000, lab_of

Lab = NDArray[np.float32]

BG001 = Rule(
    "BG001",
    Remedy.RETAKE,
    fault=Text("背景颜色不符合要求", "the background is not a colour that is asked for"),
    student=Text(
        "请在要求颜色的背景前拍照", "have it taken before a background of the right colour"
    ),
    photographer=Text(
        "换成要求颜色的背景，再看白平衡和背景灯",
        "set up the right colour; then look at white balance and backlight",
    ),
    quantity=Text("与要求颜色的色差 ΔE2000", "colour difference ΔE2000"),
    unit="",
    source="standard.md §1.1 (O~) 「参考值浅蓝」; S5 S6 S7; §1.2; difference as CIE 142-2001",
    decimals=1,
)
BG002 = Rule(
    "BG002",
    Remedy.RETAKE,
    fault=Text("背景不均匀/有阴影或杂物", "the background is uneven: gradient, shadow or clutter"),
    student=Text("离背景远一点，避开影子", "stand away from the background, clear of shadows"),
    photographer=Text(
        "让学生离背景约 1 米，背景单独打匀",
        "seat the student a metre off, and light the background by itself",
    ),
    quantity=Text("背景各处色差 ΔE2000", "spread of the background ΔE2000"),
    unit="",
    source=(
        "standard.md §1.1 (O~) 「均匀无渐变」「无阴影」; S5 S6 S7; "
        "ISO/IEC 29794-5 Background uniformity"
    ),
    decimals=1,
)
BG003 = Rule(
    "BG003",
    Remedy.RETAKE,
    fault=Text("背景中有他人、杂物、文字或边框", "something in the background"),
    student=Text(
        "背景里不要有其他人、物品、文字或边框",
        "nothing else may be in the background: no person, object, text or border",
    ),
    photographer=Text(
        "清空背景，不加边框和文字", "clear the background; add no border and no text"
    ),
    quantity=Text("背景中轮廓线总长(照片宽度的倍数)", "length of the outlines in it, in widths"),
    unit="",
    source=(
        "standard.md §1.1 (O~) 「无阴影、其他人或物体」「不得加边框、文字、图案」; S5 S6 S7 S8; "
        "ISO/IEC 29794-5 Background uniformity"
    ),
    decimals=2,
)

# Blocks are an eighth of the picture's width, so that noise and JPEG blocks average out.
_BLOCKS_ACROSS = 8
_ENOUGH = 0.02  # of the judged crop: below it there is no background to speak of


class BackgroundLimits(Limits):
    """The colours that are allowed, how far from them and from even, and what may be in it."""

    colours: tuple[Colour, ...] = Field(min_length=1, description="sRGB, 0-255")
    colours_source: str
    delta_e: Band = Field(description="ΔE2000 to the nearest colour")
    spread: Band = Field(description="ΔE2000 of the most deviant blocks to the median")
    things: Band = Field(description="length of outlines in the background, in picture widths")


def _run(facts: HeadFacts, limits: BackgroundLimits) -> Iterable[Finding]:
    rules = (BG001, BG002, BG003)
    lab, background = facts.lab, facts.background
    if background.mean() < _ENOUGH:
        why = Text("看不到足够的背景", "too little background is visible")
        # A face that fills the picture leaves none: then its size is the fault to mend.
        yield from (rule.skipped(why, caused_by="FC006") for rule in rules)
        return
    median = np.median(lab[::2, ::2][background[::2, ::2]], axis=0)
    named = lab_of(np.array(limits.colours))
    distances = delta_e_2000(named, median[None])
    yield BG001.judge(float(distances.min()), limits.delta_e)
    uneven = BG002.judge(spread(lab, background), limits.spread)
    yield uneven if uneven.because is None else uneven.with_detail(cause(lab, background))
    shares = facts.classes
    sides = frame_sides(lab, shares[:, :, BACKGROUND] + shares[:, :, OTHERS] > 0.5)
    if has_foot_bar(lab):
        sides["foot"] = 1.0
    objects = edge_length(lab, background)
    people = stranger_length(shares[:, :, BACKGROUND])
    things = BG003.judge(max(sum(sides.values()), objects + people), limits.things)
    yield things.with_detail(thing_found(sides, objects, people))


def spread(lab: Lab, background: Mask) -> float:
    """Return how far the most deviant blocks lie from the median block, in ΔE2000.

    Parameters
    ----------
    lab
        (h, w, 3) float32 CIE L*a*b*.
    background
        (h, w) bool, the cells that count.

    Returns
    -------
    float
        0 for an even background; the 95th percentile over the blocks that are at
        least half background.
    """
    means, _ = _block_means(lab, background)
    if not means.size:
        return 0.0
    centre = np.median(means, axis=0)
    return float(np.percentile(delta_e_2000(means, centre[None]), 95))


def _block_means(lab: Lab, background: Mask) -> tuple[Lab, NDArray[np.float32]]:
    """Mean colours (n, 3) of the blocks that are half background, and their places (n, 2).

    Places are x and y from -0.5 to 0.5, so that a slope is the drift over the picture.
    """
    rows = round(_BLOCKS_ACROSS * background.shape[0] / background.shape[1])
    size = (_BLOCKS_ACROSS, rows)
    weight = background.astype(np.float32)
    share = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(lab * weight[:, :, None], size, interpolation=cv2.INTER_AREA)
    y, x = np.nonzero(share >= 0.5)
    places = np.stack([(x + 0.5) / size[0] - 0.5, (y + 0.5) / rows - 0.5], axis=1)
    means = sums[y, x] / share[y, x][:, None]
    return np.asarray(means, np.float32), np.asarray(places, np.float32)


def cause(lab: Lab, background: Mask) -> Text:
    """Name what makes the background uneven: a drift, a shadow, or spots.

    A plane is laid through the colours of the blocks, the least for absolute distances
    (reweighted four times), so that a shadow does not tilt it. The drifts are ΔE2000
    between the plane's ends; what the plane leaves (its 95th percentile) is a shadow where
    the blocks are darker in about the same hue, else spots or things.
    """
    means, places = _block_means(lab, background)
    if len(means) < 4:
        return Text("背景太少，原因不明", "too little of it to say why")
    base = np.concatenate([np.ones((len(places), 1), np.float32), places], axis=1)
    weight = np.ones(len(means))
    plane = np.zeros((3, 3))
    for _ in range(5):
        root = np.sqrt(weight)[:, None]
        plane = np.linalg.lstsq(base * root, means * root, rcond=None)[0]
        weight = 1 / np.maximum(0.5, np.linalg.norm(means - base @ plane, axis=1))
    rest = means - base @ plane
    distance = delta_e_2000(means, base @ plane)
    ends = np.array([places.min(axis=0), places.max(axis=0)])
    across, down = (
        float(delta_e_2000(*(plane[0] + end * plane[1 + k] for end in ends[:, k]))) for k in (0, 1)
    )
    left_over = float(np.percentile(distance, 95))
    if left_over > max(across, down):
        worst = rest[distance >= np.percentile(distance, 90)].mean(axis=0)
        if worst[0] < -0.6 * np.linalg.norm(worst):
            x = float(places[distance.argmax(), 0])
            zh, en = ("左", "left") if x < 0 else ("右", "right")
            return Text(
                f"人像旁有阴影，在照片{zh}侧，色差 {left_over:.0f}",
                f"a shadow beside the head, on the picture's {en}, ΔE {left_over:.0f}",
            )
        return Text(
            f"有亮斑、污渍或杂物，色差 {left_over:.0f}", f"spots or clutter, ΔE {left_over:.0f}"
        )
    if down >= across:
        zh, en = ("下", "bottom") if plane[2, 0] < 0 else ("上", "top")
        return Text(
            f"上下不均，{zh}方较暗，色差 {down:.0f}",
            f"it drifts from top to bottom, darker at the {en}, ΔE {down:.0f}",
        )
    zh, en = ("右", "right") if plane[1, 0] < 0 else ("左", "left")
    return Text(
        f"左右不均，{zh}侧较暗，色差 {across:.0f}",
        f"it drifts from left to right, darker on the {en}, ΔE {across:.0f}",
    )


CHECK = Check(
    "background",
    (BG001, BG002, BG003),
    BackgroundLimits,
    _run,
    needs=HeadFacts,
    judges=Judged.FRAME,
    bands={
        "BG001": "limits.background.delta_e",
        "BG002": "limits.background.spread",
        "BG003": "limits.background.things",
    },
)
