"""MK: nothing over mouth and nose."""

from collections.abc import Iterable

from pydantic import Field

from pipeline.check import Check, Limits, skip_without_head
from pipeline.facts import Facts
from pipeline.models import CLOTHES, OTHERS
from pipeline.words import Band, Finding, Remedy, Rule, Text

MK001 = Rule(
    "MK001",
    Remedy.RETAKE,
    fault=Text("佩戴口罩", "mask over mouth or nose"),
    hint=Text("请摘下口罩", "take off the mask"),
    quantity=Text("口鼻被遮盖的比例", "share of mouth and nose covered"),
    unit="",
    source="domain.md §1.1: 不得遮脸",
    decimals=2,
)

# From below the eyes' outer corners over the cheeks to the chin (face mesh indices).
_LOWER_FACE = (205, 50, 187, 147, 215, 138, 135, 169, 170, 140, 171, 175, 396, 369, 395, 394,
               364, 367, 435, 376, 411, 280, 425, 4)  # fmt: skip


class MaskLimits(Limits):
    """Clothes and other objects in the lower face."""

    covered: Band = Field(description="share of the lower face, 0..1")


def _run(facts: Facts, limits: MaskLimits) -> Iterable[Finding]:
    if (skipped := skip_without_head((MK001,), facts)) is not None:
        yield from skipped
        return
    assert facts.classes is not None
    covered = facts.classes[facts.region(_LOWER_FACE)][:, [CLOTHES, OTHERS]].sum(axis=1)
    if covered.size == 0:
        yield MK001.skipped(Text("口鼻不在画面内", "mouth and nose lie outside the picture"))
    else:
        yield MK001.judge(float(covered.mean()), limits.covered)


CHECK = Check("mask", (MK001,), MaskLimits, _run)
