"""HT: nothing on the head. A person decides on religious and medical exemptions."""

from collections.abc import Callable, Iterable, Mapping

import cv2
import numpy as np
from pydantic import Field

from pipeline.core.rules import Band, Finding, Outcome, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits
from pipeline.examine.facts import HeadFacts
from pipeline.face.head_measures import FOREHEAD, with_face
from pipeline.face.head_view import HeadView
from pipeline.face.models import BACKGROUND, CLOTHES, FACE_SKIN, HAIR, OTHERS

HT001 = Rule(
    "HT001",
    Remedy.STAFF,
    fault=Text("佩戴帽子、头巾等头部覆盖物", "head covering: hat, cap, hood, scarf, headband"),
    student=Text(
        "请摘下帽子、头巾等；因宗教、医疗原因佩戴的，请告诉老师",
        "take off what is on your head; tell staff if it is worn for religious or medical reasons",
    ),
    photographer=Text(
        "请学生摘下；宗教、医疗原因的由老师决定",
        "ask for it to be taken off; staff decide on religious and medical reasons",
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
_TOUCH = 0.1  # nearer to the head than this
_SURE = 0.5
_AGREEING = 2  # views

Sign = Callable[[HeadView], float | None]


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
    another one as a rule does not, and what one loses the others see: two of three views
    must agree. What they agree on is looked at in natural colours, so that dyed hair is
    hair. The view from farther off and the colours cost segmentations and are asked only
    where there is something to confirm. Measured here by ``gradphoto evaluate``: bare heads
    stay below 0.05, headbands begin at 0.12.
    """
    views = [facts.close_view, facts.region_view]
    if any(map(_doubtful, views)):
        views.insert(1, facts.wide_view)
    doubted = [view for view in views if _doubtful(view)][:_AGREEING]
    natural = [(view, facts.in_natural_colours(view)) for view in doubted]
    covered, around = (_agreed(sign, views, natural) for sign in _SIGNS)
    if all(shows_no_top(view) for view in views) and shows_no_top(facts.wide_view):
        covered = 1.0
    return covered, around


def _doubtful(view: HeadView) -> bool:
    return any((sign(view) or 0.0) > doubt for sign, doubt in _SIGNS.items())


def _agreed(
    sign: Sign, views: Iterable[HeadView], natural: Iterable[tuple[HeadView, HeadView]]
) -> float | None:
    """Return what two views agree on, as far as natural colours leave it; None: none shows it."""
    found = sorted(value for view in views if (value := sign(view)) is not None)
    if not found:
        return None
    left = (
        (sign(after) or 0.0) / was
        for before, after in natural
        if (was := sign(before) or 0.0) > _SIGNS[sign]
    )
    return found[-_AGREEING:][0] * min((1.0, *left))


def shows_no_top(view: HeadView) -> bool:
    """Whether no part of the person stands above the forehead, where a bare head goes on.

    A covering that is taken for the background looks so. Bare heads end 0.15 faces above
    the mesh at the least, bald ones too.
    """
    x, y = view.places()
    middle, top = view.points[FOREHEAD]
    above = (np.abs(x - middle) < _BAND_SIDE / 2) & (y > top - _BAND_UP) & (y < top)
    empty = view.mean_over((BACKGROUND,), above)
    return empty is not None and empty > _SURE


def covered_share(view: HeadView) -> float | None:
    """Share of clothes and others in the band above the forehead; None outside the picture."""
    x, y = view.places()
    middle, top = view.points[FOREHEAD]
    band = (np.abs(x - middle) < _BAND_SIDE) & (y > top - _BAND_UP) & (y < top + _BAND_DOWN)
    return view.mean_over((CLOTHES, OTHERS), band)


def piece_around(view: HeadView) -> float:
    """Area of the largest piece of clothes and others on the upper head, in squared faces.

    Above the eyes, and touching the head: a neighbour's shoulder is no hood.
    """
    x, y = view.places()
    where = (np.abs(x) < _HOOD_SIDE) & (y > -_HOOD_UP) & (y < -_HOOD_DOWN) & view.inside
    cloth = (view.share((CLOTHES, OTHERS)) > _SURE) & where
    head = with_face(view.share((HAIR, FACE_SKIN)) > _SURE, view.cells)
    reach = round(_TOUCH / view.framing.side * len(head))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    touched = cv2.dilate(head.astype(np.uint8), kernel).astype(bool)
    _, pieces, sizes, _ = cv2.connectedComponentsWithStats(cloth.astype(np.uint8), connectivity=4)
    of_head = np.unique(pieces[cloth & touched])
    return float(sizes[of_head, cv2.CC_STAT_AREA].max(initial=0)) * view.cell_area


# Below these there is nothing to confirm: no other view is asked.
_SIGNS: Mapping[Sign, float] = {covered_share: 0.05, piece_around: 0.08}

CHECK = Check("head_covering", (HT001,), HeadCoveringLimits, _run, needs=HeadFacts)
