"""MO: lips naturally closed."""

from collections.abc import Iterable

import numpy as np

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.head_facts import HeadFacts

MO001 = Rule(
    "MO001",
    Remedy.RETAKE,
    fault=Text("嘴唇未自然闭合(露齿)", "lips not naturally closed, teeth shown"),
    student=Text("嘴唇自然闭合，不露齿", "close your lips; no teeth"),
    photographer=Text("提醒学生合上嘴再拍", "ask for closed lips before you release"),
    quantity=Text("双唇间距与嘴宽之比", "gap between the lips, of the mouth's width"),
    unit="",
    source="standard.md §1.1 (O~) 「嘴唇自然闭合」; S5 S8; ISO/IEC 29794-5 Mouth closed",
    decimals=2,
)

_CORNERS = (78, 308)  # of the inner lips
_GAPS = ((13, 14), (82, 87), (312, 317))  # upper and lower inner lip: middle, right, left


class MouthLimits(Limits):
    """The gap between the inner lips over the mouth's width."""

    gap: Band


def _run(facts: HeadFacts, limits: MouthLimits) -> Iterable[Finding]:
    points = facts.points
    width = np.linalg.norm(points[_CORNERS[0]] - points[_CORNERS[1]])
    gap = np.mean([np.linalg.norm(points[up] - points[down]) for up, down in _GAPS])
    yield MO001.judge(float(gap / max(width, 1e-6)), limits.gap)


CHECK = Check(
    "mouth", (MO001,), MouthLimits, _run, needs=HeadFacts, bands={"MO001": "limits.mouth.gap"}
)
