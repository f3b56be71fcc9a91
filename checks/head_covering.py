"""HT: nothing on the head. A person decides on religious and medical exemptions."""

from collections.abc import Iterable

import numpy as np

from pipeline.check import Check, Limits, skip_without_head
from pipeline.facts import Facts
from pipeline.head import FOREHEAD
from pipeline.models import CLOTHES, OTHERS
from pipeline.words import Band, Finding, Remedy, Rule, Text

HT001 = Rule(
    "HT001",
    Remedy.STAFF,
    fault=Text("佩戴帽子、头巾等头部覆盖物", "head covering: hat, cap, hood, scarf, headband"),
    hint=Text(
        "请摘下；宗教、医疗原因请说明", "take it off, or state a religious or medical reason"
    ),
    quantity=Text("头部被覆盖的比例", "share of the head covered"),
    unit="",
    source="domain.md §1.1: 不得使用头部覆盖物(宗教、医疗和文化需要除外)",
    decimals=2,
)


class HeadCoveringLimits(Limits):
    """Clothes and other objects in the band above the forehead."""

    covered: Band


def _run(facts: Facts, limits: HeadCoveringLimits) -> Iterable[Finding]:
    if (skipped := skip_without_head((HT001,), facts)) is not None:
        yield from skipped
        return
    share = covered_share(facts)
    if share is None:
        yield HT001.skipped(Text("头顶不在画面内", "the top of the head is not in the picture"))
    else:
        yield HT001.judge(share, limits.covered)


def covered_share(facts: Facts) -> float | None:
    """Share of clothes and others in a band above the forehead, 0..1.

    The band reaches from the top of the landmark mesh upwards by 30 % of the face's
    width, over the middle 80 % of it. None where it lies outside the judged crop.
    """
    assert facts.points is not None
    assert facts.placement is not None
    assert facts.classes is not None
    width = facts.placement.face_width / 2
    x, y = facts.points[FOREHEAD] / 2
    rows = slice(max(0, int(y - 0.3 * width)), max(0, int(np.ceil(y + 0.03 * width))))
    columns = slice(max(0, int(x - 0.4 * width)), max(0, int(np.ceil(x + 0.4 * width))))
    band = facts.classes[rows, columns][:, :, [CLOTHES, OTHERS]].sum(axis=2)
    return float(band.mean()) if band.size else None


CHECK = Check("head_covering", (HT001,), HeadCoveringLimits, _run)
