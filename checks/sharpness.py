"""SH: sharp enough, whatever the size of the source."""

from collections.abc import Iterable

import cv2
import numpy as np
from pydantic import Field
from skimage import measure

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.facts import HeadFacts

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


class SharpnessLimits(Limits):
    """Blur effect of the face at the output size."""

    blur: Band = Field(description="skimage.measure.blur_effect of the face's luminance, 0..1")


def _run(facts: HeadFacts, limits: SharpnessLimits) -> Iterable[Finding]:
    # The face only: an even background has nothing that could be sharp.
    low = np.clip(np.floor(facts.points.min(axis=0)), 0, None).astype(int)
    high = np.ceil(facts.points.max(axis=0)).astype(int)
    face = facts.registration_crop[low[1] : high[1], low[0] : high[0]]
    if min(face.shape[:2]) < 32:
        yield SH001.skipped(Text("面部在画面外", "the face lies outside the picture"))
    else:
        grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY)
        yield SH001.judge(float(measure.blur_effect(grey)), limits.blur)


CHECK = Check(
    "sharpness",
    (SH001,),
    SharpnessLimits,
    _run,
    needs=HeadFacts,
    bands={"SH001": "limits.sharpness.blur"},
)
