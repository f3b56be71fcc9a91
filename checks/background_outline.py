"""BG: clothes and hair stand out from the background (黑边检测)."""

from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Text
from pipeline.examine.check import Check, Judged, Limits
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.head_measures import CHIN
from pipeline.face.models import BACKGROUND, CLOTHES, HAIR
from pipeline.image.colour_difference import delta_e_2000
from pipeline.image.colour_names import WORDS, ColourName, name_of

BG004 = Rule(
    "BG004",
    Remedy.RETAKE,
    fault=Text("黑边检测不合格(衣服或头发与背景相近)", "clothes or hair merge with the background"),
    student=Text("换一件与背景深浅分明的衣服", "wear clothes that stand out from the background"),
    photographer=Text(
        "给头发和肩部补轮廓光，或备一件深浅分明的外套",
        "light the outline of hair and shoulders, or keep a jacket at hand that stands out",
    ),
    quantity=Text("轮廓内外色差 ΔE2000", "difference across the outline ΔE2000"),
    unit="",
    source="standard.md §1.3 (H) 「黑边检测不合格」; S13; §1.1 「与背景色区分明显」",
    decimals=1,
    invalidated_by=("FL003",),  # on its side, the body is not below the chin
)

_REACH = 4  # cells of the grid from the outline to where each side is looked at
_RUN = 15  # points of the outline: a single strand of hair does not merge a head
_ENOUGH_POINTS = 30
_LEAST_OUTLINE = 120  # cells around a piece that counts
_WALL = 20.0  # ΔE2000 to the background's median: what is further away is not the wall
_BODY = 0.4  # of a real sitter's body at least half is seen: measured, 2 of 224 less
_LEAST_BODY = 6  # rows and columns of cells
_SURE = 0.9
_LEAST_CLOTHES = 200  # cells of the grid
_MERGED_SHARE = 10  # percentile: a tenth of the outline is enough to be seen

_PARTS = {HAIR: Text("头发", "hair"), CLOTHES: Text("衣服", "clothes")}


class OutlineLimits(Limits):
    """How far clothes and hair must differ from the background beside them."""

    contrast: Band = Field(description="ΔE2000, the lower of clothes and hair")
    clothes_avoid: tuple[ColourName, ...] = Field(description="colours that are noted")
    clothes_source: str


def _run(facts: HeadFacts, limits: OutlineLimits) -> Iterable[Finding]:
    found = {
        part: float(np.percentile(values, _MERGED_SHARE))
        for part, values in contrasts(facts.classes, facts.lab).items()
        if values.size >= _ENOUGH_POINTS
    }
    seen = body_share(facts)
    if found and seen is not None and seen < _BODY:
        found[CLOTHES] = 0.0
    if not found:
        # Without an outline the face fills the picture, and its size is the fault to mend.
        why = Text("看不到衣服和头发的轮廓", "no outline of clothes or hair is visible")
        yield BG004.skipped(why, caused_by="FC006")
        return
    part = min(found, key=lambda key: found[key])
    finding = BG004.judge(found[part], limits.contrast).with_detail(_PARTS[part])
    colour = clothes_colour(facts)
    if finding.outcome is Outcome.PASSED and colour in limits.clothes_avoid:
        name = WORDS[colour]
        noted = Text(f"衣服为{name.zh}，本标准要求避免", f"{name.en} clothes: better avoided here")
        finding = replace(finding, because=noted)
    yield finding


def clothes_colour(facts: HeadFacts) -> ColourName | None:
    """Name the median colour of the clothes in the judged crop; None where few are to be seen.

    What one school forbids another suggests (standard.md §1.2), so it is a note, never a fault.
    """
    clothes = facts.classes[:, :, CLOTHES] > _SURE
    if int(clothes.sum()) < _LEAST_CLOTHES:
        return None
    return name_of(np.median(facts.lab[clothes], axis=0))


def body_share(facts: HeadFacts) -> float | None:
    """Share of what lies under the chin that is taken for a person, 0..1.

    Where clothes have the wall's own colour, the segmenter sees none, and there is no outline
    to look along. Looked at over a face's width from half a face's width below the chin
    to the foot of the picture; None where the picture ends above.
    """
    width = facts.placement.face_width / 2
    x, top = facts.points[CHIN, 0] / 2, int(facts.placement.chin / 2 + 0.45 * width)
    columns = slice(max(0, int(x - 0.45 * width)), max(0, int(x + 0.45 * width)))
    below = facts.classes[max(0, top) :, columns, BACKGROUND]
    if below.shape[0] < _LEAST_BODY or below.shape[1] < _LEAST_BODY:
        return None
    return float((below < 0.5).mean())


def contrasts(
    classes: NDArray[np.float32], lab: NDArray[np.float32]
) -> dict[int, NDArray[np.float32]]:
    """Return the differences across the person's outline, in ΔE2000, by what lies inside.

    At every second point of the outline the colour `_REACH` cells inwards is held
    against the one as far outwards, each a mean over 3 x 3 cells; then a running
    median over `_RUN` points. Skin is left out: nobody can change its colour.

    Parameters
    ----------
    classes
        (h, w, 6) float32 shares of the segmenter's classes.
    lab
        (h, w, 3) float32 CIE L*a*b*.

    Returns
    -------
    dict
        `HAIR` and `CLOTHES`: (n,) float32, one value a point of the outline.
    """
    height, width = lab.shape[:2]
    person = cv2.GaussianBlur(1 - np.ascontiguousarray(classes[:, :, BACKGROUND]), (0, 0), 2.0)
    outlines, _ = cv2.findContours(
        (person > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    # Small islands are mistakes of the mask; clothes may be torn off the head by merging.
    outlines = [outline[::2, 0] for outline in outlines if len(outline) >= _LEAST_OUTLINE]
    wall = np.ascontiguousarray(classes[::4, ::4, BACKGROUND]) > 0.9
    if not outlines or not wall.any():
        return {}
    points = np.concatenate(outlines)
    rim = _REACH + 1
    inside_frame = (points > rim).all(axis=1) & (points < (width - rim, height - rim)).all(axis=1)
    points = points[inside_frame]
    x, y = points[:, 0], points[:, 1]
    rise = np.stack([person[y, x + 2] - person[y, x - 2], person[y + 2, x] - person[y - 2, x]], 1)
    steps = np.round(rise / np.maximum(1e-6, np.linalg.norm(rise, axis=1))[:, None] * _REACH)
    within, beyond = (points + steps).astype(int), (points - steps).astype(int)
    colours = cv2.blur(lab, (3, 3))
    difference = delta_e_2000(
        colours[within[:, 1], within[:, 0]], colours[beyond[:, 1], beyond[:, 0]]
    )
    # Where the mask leaves out a piece of the clothes, their own colour lies beyond.
    colour = np.median(lab[::4, ::4][wall], axis=0)
    away = delta_e_2000(colours[beyond[:, 1], beyond[:, 0]], colour[None])
    kind = classes[within[:, 1], within[:, 0]].argmax(axis=1)
    outside = (classes[beyond[:, 1], beyond[:, 0], BACKGROUND] > 0.5) & (away < _WALL)
    return {part: _running_median(difference[(kind == part) & outside]) for part in _PARTS}


def _running_median(values: NDArray[np.floating]) -> NDArray[np.float32]:
    if values.size < _RUN:
        return np.empty(0, np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(values, _RUN)
    result: NDArray[np.float32] = np.median(windows, axis=1).astype(np.float32)
    return result


CHECK = Check(
    "outline",
    (BG004,),
    OutlineLimits,
    _run,
    needs=HeadFacts,
    judges=Judged.FRAME,
    bands={"BG004": "limits.outline.contrast"},
)
