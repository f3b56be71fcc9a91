"""EY: open eyes that can be seen."""

from collections.abc import Iterable

from pydantic import Field

from pipeline.check import Check, Limits, skip_without_head
from pipeline.facts import Facts
from pipeline.models import CLOTHES, OTHERS
from pipeline.words import Band, Finding, Remedy, Rule, Text

EY001 = Rule(
    "EY001",
    Remedy.RETAKE,
    fault=Text("闭眼或眼睛未自然睁开", "eyes closed or not naturally open"),
    hint=Text("双眼自然睁开平视", "look straight ahead with open eyes"),
    quantity=Text("闭眼程度(0 睁开，1 闭合)", "closedness of the eyes (0 open, 1 closed)"),
    unit="",
    source="domain.md §1.1: 双眼自然睁开平视",
    decimals=2,
)
EY002 = Rule(
    "EY002",
    Remedy.RETAKE,
    fault=Text("佩戴墨镜或有色眼镜", "sunglasses or tinted lenses"),
    hint=Text("请摘下有色眼镜", "take off tinted glasses"),
    quantity=Text("眼部被遮盖的比例", "share of the eyes covered"),
    unit="",
    source="domain.md §1.1: 不得有色(含隐形)",
    decimals=2,
)

# Outlines of both eyes with lids, wide enough for a lens (face mesh indices).
_RIGHT_EYE = (226, 113, 225, 224, 223, 222, 221, 189, 244, 233, 232, 231, 230, 229, 228, 31)
_LEFT_EYE = (446, 342, 445, 444, 443, 442, 441, 413, 464, 453, 452, 451, 450, 449, 448, 261)


class EyesLimits(Limits):
    """Closed eyes and covered eyes, 0..1."""

    closed: Band = Field(description="mean of the blendshapes eyeBlinkLeft, eyeBlinkRight")
    covered: Band = Field(description="share of clothes and others over the eyes")


def _run(facts: Facts, limits: EyesLimits) -> Iterable[Finding]:
    if (skipped := skip_without_head((EY001, EY002), facts)) is not None:
        yield from skipped
        return
    assert facts.mesh is not None
    assert facts.classes is not None
    shapes = facts.mesh.blendshapes
    yield EY001.judge((shapes["eyeBlinkLeft"] + shapes["eyeBlinkRight"]) / 2, limits.closed)
    eyes = facts.region(_RIGHT_EYE) | facts.region(_LEFT_EYE)
    covered = facts.classes[eyes][:, [CLOTHES, OTHERS]].sum(axis=1)
    if covered.size == 0:
        yield EY002.skipped(Text("眼部不在画面内", "the eyes lie outside the picture"))
    else:
        yield EY002.judge(float(covered.mean()), limits.covered)


CHECK = Check("eyes", (EY001, EY002), EyesLimits, _run)
