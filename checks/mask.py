"""MK: nothing over mouth and nose, no hand at the face."""

from collections.abc import Iterable

import cv2
import numpy as np
from pydantic import Field

from pipeline.check import Check, Limits, skip_without_head
from pipeline.closeup import View
from pipeline.facts import Facts
from pipeline.head import OVAL
from pipeline.models import BODY_SKIN, CLOTHES, OTHERS
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
MK002 = Rule(
    "MK002",
    Remedy.RETAKE,
    fault=Text("手或物品遮挡面部", "hand or object over the face"),
    hint=Text("双手放下，面部不要有遮挡", "put your hands down; nothing in front of the face"),
    quantity=Text("面部或头侧的手部面积(以脸宽平方计)", "hand at the face, in squared face widths"),
    unit="",
    source="domain.md §1.1: 不得遮脸",
    decimals=3,
)

# From below the eyes' outer corners over the cheeks to the chin (face mesh indices).
_LOWER_FACE = (205, 50, 187, 147, 215, 138, 135, 169, 170, 140, 171, 175, 396, 369, 395, 394,
               364, 367, 435, 376, 411, 280, 425, 4)  # fmt: skip
_NOSE_TIP = 1
# In faces (see pipeline.closeup). A hand lies on the face, well inside its outline, or
# against it from the nose upwards; beside the jaw, bare skin is the neck.
_WELL_INSIDE, _AGAINST = 0.02, 0.25
_SURE = 0.5


class MaskLimits(Limits):
    """Clothes and other objects in the lower face, and skin of a hand at the face."""

    covered: Band = Field(description="share of the lower face, 0..1")
    hand: Band = Field(description="largest piece of a hand, in squared face widths")


def _run(facts: Facts, limits: MaskLimits) -> Iterable[Finding]:
    if (skipped := skip_without_head((MK001, MK002), facts)) is not None:
        yield from skipped
        return
    assert facts.near is not None
    covered = covered_share(facts.near)
    if covered is None:
        yield MK001.skipped(Text("口鼻不在画面内", "mouth and nose lie outside the picture"))
    else:
        yield MK001.judge(covered, limits.covered)
    yield MK002.judge(hand_area(facts.near), limits.hand)


def covered_share(view: View) -> float | None:
    """Share of clothes and others over the lower face; None where it is outside the picture."""
    return view.mean_over((CLOTHES, OTHERS), view.outline(_LOWER_FACE))


def hand_area(view: View) -> float:
    """Area of the largest piece of body skin on the face or against its upper half.

    The segmenter takes a hand for skin of the body also where it lies on the face. In
    squared faces; measured here by ``gradphoto evaluate``: a finger over the lips is
    0.04, a palm over the mouth 0.14, a palm along the cheek 0.015; 97 ID photos have none
    at all, and in press photographs the ears of bald heads come to 0.015. A hand at the
    chin hides behind the neck's place and is not seen.
    """
    face = view.outline(OVAL).astype(np.uint8)
    _, y = view.places()
    inner = cv2.erode(face, _disc(view, _WELL_INSIDE)) > 0
    outer = cv2.dilate(face, _disc(view, _AGAINST)) > 0
    where = inner | (outer & (y < view.points[_NOSE_TIP, 1]))
    skin = (view.share((BODY_SKIN,)) > _SURE) & where & view.inside
    _, _, pieces, _ = cv2.connectedComponentsWithStats(skin.astype(np.uint8), connectivity=4)
    return float(pieces[1:, cv2.CC_STAT_AREA].max(initial=0)) * view.cell_area


def _disc(view: View, radius: float) -> cv2.typing.MatLike:
    cells = int(radius / view.cell_area**0.5)
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * cells + 1, 2 * cells + 1))


CHECK = Check(
    "mask",
    (MK001, MK002),
    MaskLimits,
    _run,
    bands={"MK001": "limits.mask.covered", "MK002": "limits.mask.hand"},
)
