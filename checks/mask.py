"""MK: nothing over mouth and nose, no hand at the face."""

from collections.abc import Iterable

import cv2
import numpy as np
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.head_measures import OVAL
from pipeline.face.head_view import HeadView, Mask, over_views
from pipeline.face.models import BODY_SKIN, CLOTHES, OTHERS

MK001 = Rule(
    "MK001",
    Remedy.RETAKE,
    fault=Text("佩戴口罩", "mask over mouth or nose"),
    student=Text("请摘下口罩", "take off the mask"),
    photographer=Text("请学生摘下口罩", "ask the student to take off the mask"),
    quantity=Text("口鼻被遮盖的比例", "share of mouth and nose covered"),
    unit="",
    source="standard.md §1.1 (O~) 「不得遮脸」; S5 S8; ISO/IEC 29794-5 Mouth occlusion prevention",
    decimals=2,
)
MK002 = Rule(
    "MK002",
    Remedy.RETAKE,
    fault=Text("手或物品遮挡面部", "hand or object over the face"),
    student=Text("双手放下，脸前不要有东西", "put your hands down; nothing in front of the face"),
    photographer=Text("提醒学生放下手，移开脸前的东西", "ask for hands down and a free face"),
    quantity=Text("面部或头侧的手部面积(以脸宽平方计)", "hand at the face, in squared face widths"),
    unit="",
    source="standard.md §1.1 (O~) 「不得遮脸」; S5 S8; ISO/IEC 29794-5 Face occlusion prevention",
    decimals=3,
)

# From below the eyes' outer corners over the cheeks to the chin (face mesh indices).
_LOWER_FACE = (205, 50, 187, 147, 215, 138, 135, 169, 170, 140, 171, 175, 396, 369, 395, 394,
               364, 367, 435, 376, 411, 280, 425, 4)  # fmt: skip
_NOSE_TIP = 1
# In faces (see pipeline.face.head_view). A hand lies on the face, well inside its outline, or
# against it from the nose upwards; beside the jaw, bare skin is the neck.
_WELL_INSIDE, _AGAINST = 0.02, 0.25
_OFF_THE_RIM, _BELOW_GLASSES = 0.06, 0.3
_MOST = 0.5  # of mouth and nose
_SURE = 0.5
_BARE = 0.1  # of mouth and nose; more may be a mask, and is looked at twice
_SPECK = 0.001  # squared faces; more may be a hand or a thing, and is looked at twice


class MaskLimits(Limits):
    """Clothes and other objects in the lower face, and skin of a hand at the face."""

    covered: Band = Field(description="share of the lower face, 0..1")
    hand: Band = Field(description="largest piece of a hand, in squared face widths")
    thing: Band = Field(description="largest piece of an object, in squared face widths")


def _run(facts: HeadFacts, limits: MaskLimits) -> Iterable[Finding]:
    covered = covered_share(facts)
    if covered is None:
        yield MK001.skipped(Text("口鼻不在画面内", "mouth and nose lie outside the picture"))
    else:
        yield MK001.judge(covered, limits.covered)
    hand, thing = areas(facts)
    finding = MK002.judge(hand, limits.hand)
    if finding.outcome is Outcome.PASSED and not limits.thing.allows(thing):
        finding = MK002.broken(hand, Text("有物品遮挡面部", "an object is in front of the face"))
    yield finding


def covered_share(facts: HeadFacts) -> float | None:
    """Share of clothes and others over the lower face; None where it is outside the picture.

    The larger of two views: a mask that one framing loses the other one sees as a rule, and
    neither takes a bare face for one. Of a registration file one view does, but where it sees
    more than a bare face shows.
    """
    return over_views(facts.near_views(_may_be_masked), share_in, max)


def _may_be_masked(view: HeadView) -> bool:
    share = share_in(view)
    return share is None or share > _BARE


def areas(facts: HeadFacts) -> tuple[float, float]:
    """Area of a hand and of a thing in squared faces, as the near view shows them.

    Of a registration file the region's view does where it shows none at all.
    """
    view = facts.near_views(lambda seen: max(hand_area(seen), thing_area(seen)) > _SPECK)[0]
    return hand_area(view), thing_area(view)


def share_in(view: HeadView) -> float | None:
    """The same share as one view shows it."""
    return view.mean_over((CLOTHES, OTHERS), view.outline(_LOWER_FACE))


def thing_area(view: HeadView) -> float:
    """Area of the largest piece of clothes and others well inside the lower face.

    In squared faces. Below the rims of glasses, and away from the outline, where collars and
    hair end. What covers most of mouth and nose is a mask and `MK001`'s business: 0.
    Measured here: 463 labelled photos without one stay below 0.03, portraits on which a
    microphone, a book or a telephone was drawn come to 0.05 and more in about half.
    """
    if (share_in(view) or 0.0) > _MOST:
        return 0.0
    face = view.outline(OVAL).astype(np.uint8)
    _, y = view.places()
    where = (cv2.erode(face, _disc(view, _OFF_THE_RIM)) > 0) & (y > _BELOW_GLASSES)
    return _largest_piece((view.share((CLOTHES, OTHERS)) > _SURE) & where & view.inside, view)


def hand_area(view: HeadView) -> float:
    """Area of the largest piece of body skin on the face or against its upper half.

    The segmenter takes a hand for skin of the body also where it lies on the face. In
    squared faces; measured here by ``gradphoto evaluate``: a finger over the lips is
    0.04, a palm over the mouth 0.14, a palm along the cheek 0.015; 97 ID photos have none
    at all, and in press photographs the ears of bald heads come to 0.015. A hand at the
    chin hides behind the neck's place and is not seen.
    """
    face = view.outline(OVAL).astype(np.uint8)
    _, y = view.places()
    skin = (view.share((BODY_SKIN,)) > _SURE) & view.inside
    upper = skin & (y < view.points[_NOSE_TIP, 1])
    held = skin & (cv2.erode(face, _disc(view, _WELL_INSIDE)) > 0)
    if upper.any():  # as a rule there is none, and the face need not be widened for it
        held |= upper & (cv2.dilate(face, _disc(view, _AGAINST)) > 0)
    return _largest_piece(held, view)


def _largest_piece(cells: Mask, view: HeadView) -> float:
    _, _, pieces, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=4)
    return float(pieces[1:, cv2.CC_STAT_AREA].max(initial=0)) * view.cell_area


def _disc(view: HeadView, radius: float) -> cv2.typing.MatLike:
    cells = int(radius / view.cell_area**0.5)
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * cells + 1, 2 * cells + 1))


CHECK = Check(
    "mask",
    (MK001, MK002),
    MaskLimits,
    _run,
    needs=HeadFacts,
    bands={"MK001": "limits.mask.covered"},
)
