"""LT: light on the face."""

from collections.abc import Iterable

import numpy as np
from pydantic import Field

from pipeline.check import Check, Limits, skip_without_head
from pipeline.facts import Facts
from pipeline.head import OVAL
from pipeline.models import FACE_SKIN
from pipeline.words import Band, Finding, Remedy, Rule, Text

LT001 = Rule(
    "LT001",
    Remedy.RETAKE,
    fault=Text("面部过暗、过亮或高光过曝", "the face is too dark, too bright or clipped"),
    hint=Text("请在均匀柔和的光线下拍摄", "take the picture in even, soft light"),
    quantity=Text("面部亮度 L*", "lightness of the face L*"),
    unit="",
    source="domain.md §1.1: 光线均匀，无高光光斑; ISO/IEC 29794-5 under-/over-exposure",
)

_CLIPPED = 98.0  # L*: all three channels at about 249 or more
_ENOUGH_CELLS = 50


class LightLimits(Limits):
    """Lightness of the skin, and how much of it may be clipped."""

    face: Band = Field(description="median L* of the face's skin, 0-100")
    clipped: Band = Field(description="share of the face's skin at L* 98 or more")


def _run(facts: Facts, limits: LightLimits) -> Iterable[Finding]:
    if (skipped := skip_without_head((LT001,), facts)) is not None:
        yield from skipped
        return
    assert facts.classes is not None
    assert facts.lab is not None
    skin = facts.region(OVAL) & (facts.classes[:, :, FACE_SKIN] > 0.5)
    if skin.sum() < _ENOUGH_CELLS:
        yield LT001.skipped(Text("看不到足够的面部皮肤", "too little of the face is visible"))
        return
    lightness = facts.lab[skin][:, 0]
    clipped = float((lightness >= _CLIPPED).mean())
    if not limits.clipped.allows(clipped):
        detail = Text(f"{clipped:.0%} 的面部过曝", f"{clipped:.0%} of the face is clipped")
        yield LT001.broken(float(np.median(lightness)), detail)
    else:
        yield LT001.judge(float(np.median(lightness)), limits.face)


CHECK = Check("light", (LT001,), LightLimits, _run)
