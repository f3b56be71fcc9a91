"""HT: nothing on the head. A person decides on religious and medical exemptions."""

from collections.abc import Callable, Iterable

import cv2
import numpy as np
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.facts import HeadFacts
from pipeline.face.head_view import CLOSE, HeadView, over_views
from pipeline.face.landmarks import FOREHEAD
from pipeline.face.models import CLOTHES, OTHERS

HT001 = Rule(
    "HT001",
    Remedy.STAFF,
    fault=Text("佩戴帽子、头巾等头部覆盖物", "head covering: hat, cap, hood, scarf, headband"),
    hint=Text(
        "请摘下；宗教、医疗原因请说明", "take it off, or state a religious or medical reason"
    ),
    quantity=Text("额头上方被覆盖的比例", "share of the head above the forehead covered"),
    unit="",
    source=(
        "standard.md §1.1 (O~) 「不得使用头部覆盖物（宗教、医疗和文化需要除外，不得遮脸）」; "
        "S5 S8; ISO/IEC 29794-5 No head coverings"
    ),
    decimals=2,
)

# In faces (see pipeline.face.head_view). The band: over the middle of the head, from the top of
# the landmark mesh up by a hand's breadth, where a brim or a headband must pass.
_BAND_SIDE, _BAND_UP, _BAND_DOWN = 0.4, 0.3, 0.03
# Beside and above the upper face: where a hood or a wide scarf stands around the hair.
_HOOD_SIDE, _HOOD_UP, _HOOD_DOWN = 1.05, 1.15, 0.05
_SURE = 0.5
_FEW_PX = 256 / CLOSE.side  # decoded pixels across a face: one a cell of the near view
# Below these there is nothing to confirm, and the view from farther off is not asked.
_DOUBT_BAND, _DOUBT_HOOD = 0.05, 0.08


class HeadCoveringLimits(Limits):
    """Clothes and other objects in the band above the forehead, and around the upper head."""

    covered: Band = Field(description="share of the band above the forehead, 0-1")
    around: Band = Field(description="one piece around the upper head, in squared face widths")


def _run(facts: HeadFacts, limits: HeadCoveringLimits) -> Iterable[Finding]:
    covered, around = measure(facts)
    if covered is None or around is None:
        yield HT001.skipped(Text("头顶不在画面内", "the top of the head is not in the picture"))
        return
    finding = HT001.judge(covered, limits.covered)
    if finding.outcome is Outcome.PASSED and not limits.around.allows(around):
        detail = Text("头部周围有织物(如帽兜)", "cloth around the head, such as a hood")
        finding = HT001.broken(covered, detail)
    yield finding


def measure(facts: HeadFacts) -> tuple[float | None, float | None]:
    """Return the share of the band that is covered, and the largest piece around the head.

    What one framing takes for a hat (a strand of hair, a hand, the edge of the picture)
    another one as a rule does not, so the view from farther off must confirm each. It costs a
    segmentation and is asked only where there is something to confirm. Of a face with fewer
    pixels than the near view has cells, that view shows no more than the region does and
    loses a hat now and then: there the larger of both counts in the band. Measured here by
    ``gradphoto evaluate``: bare heads stay below 0.05, headbands begin at 0.12.
    """
    covered, around = covered_share(facts.close_view), piece_around(facts.close_view)
    if covered is not None and facts.head.face_width * facts.photo.scale < _FEW_PX:
        covered = over_views((facts.close_view, facts.region_view), covered_share, max)
    return (
        _confirmed(covered, covered_share, _DOUBT_BAND, facts),
        _confirmed(around, piece_around, _DOUBT_HOOD, facts),
    )


def _confirmed(
    first: float | None,
    measured: Callable[[HeadView], float | None],
    doubt: float,
    facts: HeadFacts,
) -> float | None:
    if first is None or first <= doubt:
        return first
    second = measured(facts.wide_view)
    return first if second is None else min(first, second)


def covered_share(view: HeadView) -> float | None:
    """Share of clothes and others in the band above the forehead; None outside the picture."""
    x, y = view.places()
    middle, top = view.points[FOREHEAD]
    band = (np.abs(x - middle) < _BAND_SIDE) & (y > top - _BAND_UP) & (y < top + _BAND_DOWN)
    return view.mean_over((CLOTHES, OTHERS), band)


def piece_around(view: HeadView) -> float:
    """Area of the largest piece of clothes and others above the eyes, in squared faces."""
    x, y = view.places()
    where = (np.abs(x) < _HOOD_SIDE) & (y > -_HOOD_UP) & (y < -_HOOD_DOWN) & view.inside
    cloth = (view.share((CLOTHES, OTHERS)) > _SURE) & where
    _, _, pieces, _ = cv2.connectedComponentsWithStats(cloth.astype(np.uint8), connectivity=4)
    largest = pieces[1:, cv2.CC_STAT_AREA].max(initial=0)
    return float(largest) * view.cell_area


CHECK = Check("head_covering", (HT001,), HeadCoveringLimits, _run, needs=HeadFacts)
