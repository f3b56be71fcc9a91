"""HR: hair leaves eyes and brows free."""

from collections.abc import Iterable

from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.models import HAIR

HR001 = Rule(
    "HR001",
    Remedy.RETAKE,
    fault=Text("头发遮挡眉毛/眼睛", "hair over the eyes or brows"),
    student=Text("把刘海别开，露出眉毛和眼睛", "pin the fringe back so that brows and eyes show"),
    photographer=Text(
        "提醒学生别开刘海，备几个发夹",
        "ask for the fringe to be pinned back; keep hairpins at hand",
    ),
    quantity=Text("眉眼被头发遮住的比例", "share of an eye or brow under hair"),
    unit="",
    source=(
        "standard.md §1.1 (O~) 「头发不遮眉毛、眼睛、耳朵」; S5 S8; ISO/IEC 29794-5 Eyes visible"
    ),
    decimals=2,
    invalidated_by=("LT001",),  # on a face in the dark the segmenter sees hair
)

# Outlines (face mesh indices). The segmenter takes a brow for skin, as it should.
_PARTS = (
    (Text("左侧眉毛", "brow on the picture's left"), (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)),
    (
        Text("右侧眉毛", "brow on the picture's right"),
        (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
    ),
    (
        Text("左侧眼睛", "eye on the picture's left"),
        (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    ),
    (
        Text("右侧眼睛", "eye on the picture's right"),
        (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
    ),
)


class HairLimits(Limits):
    """How much of an eye or a brow may lie under hair."""

    covered: Band = Field(description="mean share of hair over the worst of both eyes and brows")


def _run(facts: HeadFacts, limits: HairLimits) -> Iterable[Finding]:
    hair = facts.classes[:, :, HAIR]
    seen = [(hair[facts.region(outline)], name) for name, outline in _PARTS]
    shares = [(float(cells.mean()), name) for cells, name in seen if cells.size]
    if len(shares) < len(_PARTS):
        yield HR001.skipped(Text("眉眼不在画面内", "eyes or brows lie outside the picture"))
        return
    worst, name = max(shares, key=lambda one: one[0])
    yield HR001.judge(worst, limits.covered).with_detail(name)


CHECK = Check(
    "hair", (HR001,), HairLimits, _run, needs=HeadFacts, bands={"HR001": "limits.hair.covered"}
)
