"""ED: the picture is as the camera took it, as far as pixels tell."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.head_facts import HeadFacts
from pipeline.image.decode import Pixels

ED001 = Rule(
    "ED001",
    Remedy.NOTE,
    fault=Text("疑似电脑换底", "the background looks replaced by software"),
    student=Text("请交没有换过背景的原图", "hand in the original, with its own background"),
    photographer=Text("交未换底的原片", "hand in the original, with its own background"),
    quantity=Text("背景中颜色完全一致的比例", "share of the background of one exact colour"),
    unit="",
    source="standard.md §5.2 (U) 「修改过照片底色的照片」; S121 S12; §8 BG_EDITED",
    decimals=2,
)

_SAME = 1.0  # 8-bit levels to either side
_CLIPPED = 3.0  # levels below white: a wall that is overexposed has no noise either
_NEARLY_BLACK = 48.0  # levels: the tone curve leaves no noise there
_ENOUGH = 0.02  # of the crop: background that can be looked at


class EditedLimits(Limits):
    """How much of a background may be of one exact colour."""

    filled: Band = Field(description="share of the background within a level of its median")


def _run(facts: HeadFacts, limits: EditedLimits) -> Iterable[Finding]:
    share = filled_share(facts.registration_crop, facts.background)
    if share is None:
        yield ED001.skipped(
            Text("背景过亮、过暗或过少，看不出是否换底", "too bright, dark or little of it to say")
        )
    else:
        yield ED001.judge(share, limits.filled)


def filled_share(pixels: Pixels, background: NDArray[np.bool_]) -> float | None:
    """Share of the background that is one and the same colour to `_SAME` levels, 0..1.

    A camera leaves noise everywhere and no lamp lights a wall to within a level from
    end to end; a colour that was filled in has neither. A wall that is clipped, or nearly
    black, cannot be told from a filling: None, as where too little of it is seen.

    Parameters
    ----------
    pixels
        (2h, 2w, 3) uint8 sRGB; of an odd side the last row or column is in no cell.
    background
        (h, w) bool, cells of 2 x 2 pixels; a cell counts that is of the colour as a whole.
    """
    if background.mean() < _ENOUGH:
        return None
    rows, columns = background.shape
    pixels = pixels[: 2 * rows, : 2 * columns]
    colour = np.median(pixels[::4, ::4][background[::2, ::2]], axis=0)
    if colour.min() > 255 - _CLIPPED or colour.max() < _NEARLY_BLACK:
        return None
    same = cv2.inRange(pixels, colour - _SAME, colour + _SAME) > 0
    whole = same[::2, ::2] & same[1::2, ::2] & same[::2, 1::2] & same[1::2, 1::2]
    return float(whole[background].mean())


CHECK = Check(
    "edited", (ED001,), EditedLimits, _run, needs=HeadFacts, bands={"ED001": "limits.edited.filled"}
)
