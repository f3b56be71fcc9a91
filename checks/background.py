"""BG: the background is one even colour that the spec names."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from skimage.color import deltaE_ciede2000, rgb2lab

from pipeline.check import Check, Limits, skip_without_head
from pipeline.facts import Facts
from pipeline.words import Band, Finding, Remedy, Rule, Text

BG001 = Rule(
    "BG001",
    Remedy.RETAKE,
    fault=Text("背景颜色不符合要求", "the background is not a colour that is asked for"),
    hint=Text("请用要求颜色的背景重拍", "retake before a background of the right colour"),
    quantity=Text("与要求颜色的色差 ΔE2000", "colour difference ΔE2000"),
    unit="",
    source="domain.md §1.1 背景参考值; CIE 142-2001",
    decimals=1,
)
BG002 = Rule(
    "BG002",
    Remedy.RETAKE,
    fault=Text("背景不均匀/有阴影或杂物", "the background is uneven: gradient, shadow or clutter"),
    hint=Text("离背景约1米", "stand about one metre in front of the background"),
    quantity=Text("背景各处色差 ΔE2000", "spread of the background ΔE2000"),
    unit="",
    source="domain.md §1.1: 均匀无渐变，无阴影、其他人或物体",
    decimals=1,
)

# Blocks are an eighth of the picture's width, so that noise and JPEG blocks average out.
_BLOCKS_ACROSS = 8
_ENOUGH = 0.02  # of the judged crop: below it there is no background to speak of


class BackgroundLimits(Limits):
    """The colours that are allowed, and how far from them and from even."""

    colours: tuple[tuple[int, int, int], ...] = Field(min_length=1, description="sRGB, 0-255")
    colours_source: str
    delta_e: Band = Field(description="ΔE2000 to the nearest colour")
    spread: Band = Field(description="ΔE2000 of the most deviant blocks to the median")


def _run(facts: Facts, limits: BackgroundLimits) -> Iterable[Finding]:
    rules = (BG001, BG002)
    if (skipped := skip_without_head(rules, facts)) is not None:
        yield from skipped
        return
    assert facts.background is not None
    assert facts.lab is not None
    if facts.background.mean() < _ENOUGH:
        why = Text("看不到足够的背景", "too little background is visible")
        # A face that fills the picture leaves none: then its size is the fault to mend.
        yield BG001.skipped(why, caused_by="FC006")
        yield BG002.skipped(why, caused_by="FC006")
        return
    median = np.median(facts.lab[::2, ::2][facts.background[::2, ::2]], axis=0)
    named = rgb2lab(np.array(limits.colours, dtype=np.float64)[None] / 255)[0]
    distances = deltaE_ciede2000(named, median[None])
    yield BG001.judge(float(distances.min()), limits.delta_e)
    yield BG002.judge(spread(facts.lab, facts.background), limits.spread)


def spread(lab: NDArray[np.float32], background: NDArray[np.bool_]) -> float:
    """Give how far the most deviant blocks lie from the median block, in ΔE2000.

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
    rows = round(_BLOCKS_ACROSS * background.shape[0] / background.shape[1])
    size = (_BLOCKS_ACROSS, rows)
    weight = background.astype(np.float32)
    share = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(lab * weight[:, :, None], size, interpolation=cv2.INTER_AREA)
    enough = share >= 0.5
    if not enough.any():
        return 0.0
    means = sums[enough] / share[enough][:, None]
    centre = np.median(means, axis=0)
    return float(np.percentile(deltaE_ciede2000(means, centre[None]), 95))


CHECK = Check("background", (BG001, BG002), BackgroundLimits, _run)
