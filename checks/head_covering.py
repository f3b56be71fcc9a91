"""HT: nothing on the head. A person decides on religious and medical exemptions."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Text
from pipeline.examine.check import Check, Limits, worst
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.head_measures import FOREHEAD, OVAL, with_face
from pipeline.face.head_view import HeadView, Mask
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
_FORM = 0.7  # of the band
# Beside and above the upper face: where a hood or a wide scarf stands around the hair.
_HOOD_SIDE, _HOOD_UP, _HOOD_DOWN = 1.05, 1.15, 0.05
_TOUCH = 0.1  # nearer to the head than this
_SURE = 0.5
# Along the outline of the face: from 1.05 to 1.35 of its size, temple to cheek.
_STRIP, _STRIP_UP, _STRIP_DOWN = (1.05, 1.35), 0.45, 0.15
_AGREEING = 2  # views
_AROUND = Text("头部周围织物的面积", "cloth around the head, in squared face widths")
_BESIDE = Text("脸侧被遮盖的比例", "share covered beside the face")
_HOOD = Text("头部周围有织物(如帽兜)", "cloth around the head, such as a hood")
_FRAMED = Text("脸的两侧有遮盖物(如头巾、耳机)", "something beside the face, such as a scarf")


class HeadCoveringLimits(Limits):
    """Clothes and other objects in the band above the forehead, and around the upper head."""

    covered: Band = Field(description="share of the band above the forehead, 0-1")
    around: Band = Field(description="one piece around the upper head, in squared face widths")
    beside: Band = Field(description="share of the strip beside the upper face, on both sides")


def _run(facts: HeadFacts, limits: HeadCoveringLimits) -> Iterable[Finding]:
    seen = measure(facts)
    if seen is None:
        yield HT001.skipped(Text("头顶不在画面内", "the top of the head is not in the picture"))
        return
    yield worst(
        (
            HT001.judge(seen["covered"], limits.covered),
            _judge_around(seen["around"], limits.around, _AROUND, _HOOD),
            _judge_around(seen["beside"], limits.beside, _BESIDE, _FRAMED),
        )
    )


def _judge_around(value: float, band: Band, quantity: Text, detail: Text) -> Finding:
    finding = HT001.judge(value, band, quantity)
    if finding.outcome is not Outcome.BROKEN:
        return finding
    return replace(HT001.broken(value, detail), quantity=quantity, high=band.high)


def measure(facts: HeadFacts) -> dict[str, float] | None:
    """Measure the signs of a covering; None where the frame shows no forehead's end.

    What one framing takes for a hat (a strand of hair, a hand, the edge of the picture)
    another one as a rule does not, and what one loses the others see: two of three views
    must agree. Of a registration file one view does that shows a plain bare head. What they
    agree on is looked at in natural colours, so that dyed hair is hair as far as those two
    say so, and where the frame leaves enough of the band to tell hair by its form: the strip
    of a hat that a frame's edge leaves, painted brown, is a fringe. Further views and the
    colours cost a segmentation each and are asked only while they may still change what it
    comes to; the last value that is left below every doubt is given as it is.
    Measured here by ``gradphoto evaluate``: bare heads stay below 0.05, headbands begin at
    0.12.
    """
    views = [_Look(view) for view in facts.near_views(_is_odd)]
    seen = _Evidence(facts, views, [])
    if len(seen.doubted) > 1:  # cloth, or hair in no colour of hair: the colours tell at once
        seen.look_in_colours(1)
    if seen.is_open:
        views.insert(1, _Look(facts.wide_view))
    for count in range(1, _AGREEING + 1):
        if seen.is_open:
            seen.look_in_colours(count)
    values = {sign.name: seen.agreed(sign) for sign in _SIGNS}
    if all(shows_no_top(look.view) for look in views) and shows_no_top(facts.wide_view):
        values["covered"] = 1.0
    if values["covered"] is None:
        return None
    return {name: value or 0.0 for name, value in values.items()}


def _is_odd(view: HeadView) -> bool:
    """Whether the region's view of a registration file is not that of a plain bare head."""
    return _Look(view).is_doubtful or shows_no_top(view) or covered_share(view) is None


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


def _band(view: HeadView) -> Mask:
    x, y = view.places()
    middle, top = view.points[FOREHEAD]
    beside = np.abs(x - middle) < _BAND_SIDE
    result: Mask = beside & (y > top - _BAND_UP) & (y < top + _BAND_DOWN)
    return result


def _shows_form(view: HeadView) -> bool:
    """Whether so much of the band lies in the picture that hair is known from cloth by its form."""
    band = _band(view)
    return bool((band & view.inside).sum() > _FORM * band.sum())


def covered_share(view: HeadView) -> float | None:
    """Share of clothes and others in the band above the forehead; None outside the picture."""
    return view.mean_over((CLOTHES, OTHERS), _band(view))


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


def share_beside(view: HeadView) -> float:
    """Share of clothes and others in the strip along the upper face, on the barer side.

    From temple to cheek, where a scarf, a hood or the cups of headphones frame the face;
    a hand or a neighbour is on one side, ear loops and earrings are lower.
    """
    x, y = view.places()
    strip = view.outline(OVAL, _STRIP[1]) & ~view.outline(OVAL, _STRIP[0])
    strip &= (y > -_STRIP_UP) & (y < _STRIP_DOWN)
    right = x < view.points[list(OVAL), 0].mean()
    sides = [view.mean_over((CLOTHES, OTHERS), strip & side) for side in (right, ~right)]
    return min(side or 0.0 for side in sides)


@dataclass(frozen=True)
class Sign:
    """One measure of a covering; at ``doubt`` or below there is nothing to confirm."""

    name: str
    measured: Callable[[HeadView], float | None]
    doubt: float


_SIGNS = (
    Sign("covered", covered_share, 0.05),
    Sign("around", piece_around, 0.08),
    Sign("beside", share_beside, 0.10),
)


class _Look:
    """A view, and what each sign comes to in it; None where the view does not show its place."""

    def __init__(self, view: HeadView) -> None:
        self.view = view
        self.signs = {sign: sign.measured(view) for sign in _SIGNS}

    def doubts(self, sign: Sign) -> bool:
        return (self.signs[sign] or 0.0) > sign.doubt

    @property
    def is_doubtful(self) -> bool:
        return any(map(self.doubts, _SIGNS))


@dataclass(frozen=True, eq=False)
class _Evidence:
    """The looks at a head so far, and those of them that were repeated in natural colours."""

    facts: HeadFacts
    looks: list[_Look]
    natural: list[tuple[_Look, _Look]]

    @property
    def doubted(self) -> list[_Look]:
        return [look for look in self.looks if look.is_doubtful][:_AGREEING]

    @property
    def is_open(self) -> bool:
        """Whether another look may still come to a covering."""
        return any((self.at_most(sign) or 0.0) > sign.doubt for sign in _SIGNS)

    def look_in_colours(self, count: int) -> None:
        """Repeat the first ``count`` doubted looks, each once."""
        done = [before for before, _ in self.natural]
        for look in self.doubted[:count]:
            if look not in done and _shows_form(look.view):
                self.natural.append((look, _Look(self.facts.in_natural_colours(look.view))))

    def agreed(self, sign: Sign) -> float | None:
        """What two views agree on, as far as natural colours leave it; None: none shows it."""
        return self._of_two(sign, self._found(sign)[-_AGREEING:])

    def at_most(self, sign: Sign) -> float | None:
        """What two of three views may still come to agree on; None: none shows it."""
        missing = len(self.looks) <= _AGREEING
        return self._of_two(sign, self._found(sign)[-1 if missing else -_AGREEING :])

    def _found(self, sign: Sign) -> list[float]:
        values = (look.signs[sign] for look in self.looks)
        return sorted(value for value in values if value is not None)

    def _of_two(self, sign: Sign, found: list[float]) -> float | None:
        left = [
            (after.signs[sign] or 0.0) / (before.signs[sign] or 1.0)
            for before, after in self.natural
            if before.doubts(sign)
        ]
        # Nothing is left where the colours of one view leave nothing.
        share = min(1.0, math.prod(left) ** (1 / len(left))) if left else 1.0
        return found[0] * share if found else None


CHECK = Check("head_covering", (HT001,), HeadCoveringLimits, _run, needs=HeadFacts)
