"""SH: sharp enough, whatever the size of the source."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.head_facts import HeadFacts

SH001 = Rule(
    "SH001",
    Remedy.RETAKE,
    fault=Text("照片清晰度不合格", "blurred"),
    student=Text("请交原图；拍摄时不要动", "hand in the original; keep still while it is taken"),
    photographer=Text(
        "对焦在眼睛上，提高快门速度", "focus on the eyes, and use a shorter exposure"
    ),
    quantity=Text("模糊度(0 清晰，1 模糊)", "blur (0 sharp, 1 blurred)"),
    unit="",
    source=(
        "standard.md §1.3 (H) 「照片清晰度不合格」; S13; §8 BLUR; ISO/IEC 29794-5 Sharpness; "
        "measure: Crete et al. 2007, doi:10.1117/12.702790"
    ),
    decimals=2,
)


_WINDOW = 11  # pixels


class SharpnessLimits(Limits):
    """Blur effect of the face at the output size."""

    blur: Band = Field(description="`blur_effect` of the face's luminance, 0..1")


def _run(facts: HeadFacts, limits: SharpnessLimits) -> Iterable[Finding]:
    # The face only: an even background has nothing that could be sharp.
    low = np.clip(np.floor(facts.points.min(axis=0)), 0, None).astype(int)
    high = np.ceil(facts.points.max(axis=0)).astype(int)
    face = facts.registration_crop[low[1] : high[1], low[0] : high[0]]
    if min(face.shape[:2]) < 32:
        yield SH001.skipped(Text("面部在画面外", "the face lies outside the picture"))
    else:
        grey = np.asarray(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), np.uint8)
        yield SH001.judge(blur_effect(grey), limits.blur)


def blur_effect(grey: NDArray[np.uint8]) -> float:
    """Return how much less the differences of neighbours would be if it were blurred once more.

    What is blurred already loses little. The same as ``skimage.measure.blur_effect``, which
    takes six times as long and loads a second of other modules (`tests/test_sharpness.py`).

    Parameters
    ----------
    grey
        (h, w) uint8, at least 5 x 5.

    Returns
    -------
    float
        0 sharp, 1 blurred; the larger of along the rows and along the columns.

    References
    ----------
    Crete, Dolmiere, Ladret, Nicolas, The blur effect, SPIE 6492 (2007), doi:10.1117/12.702790.
    """
    unit, found = grey.astype(np.float32) / np.float32(255), []
    for across, down in ((0, 1), (1, 0)):
        window = (1 + (_WINDOW - 1) * across, 1 + (_WINDOW - 1) * down)
        again = cv2.blur(unit, window, borderType=cv2.BORDER_REFLECT)
        sharp, blurred = (
            np.abs(cv2.Sobel(each, cv2.CV_32F, across, down, borderType=cv2.BORDER_REFLECT))
            for each in (unit, again)
        )
        lost = np.maximum(0, sharp - blurred)
        whole, less = (float(part[2:-1, 2:-1].sum(dtype=np.float64)) for part in (sharp, lost))
        found.append(1 - less / whole if whole else 1.0)
    return max(found)


CHECK = Check(
    "sharpness",
    (SH001,),
    SharpnessLimits,
    _run,
    needs=HeadFacts,
    bands={"SH001": "limits.sharpness.blur"},
)
