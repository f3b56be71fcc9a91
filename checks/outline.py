"""BG: clothes and hair stand out from the background (黑边检测)."""

from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from skimage.color import deltaE_ciede2000

from pipeline.check import Check, Limits, skip_without_head
from pipeline.facts import Facts
from pipeline.models import BACKGROUND, CLOTHES, HAIR
from pipeline.words import Band, Finding, Remedy, Rule, Text

BG004 = Rule(
    "BG004",
    Remedy.RETAKE,
    fault=Text("黑边检测不合格(衣服或头发与背景相近)", "clothes or hair merge with the background"),
    hint=Text("换与背景深浅分明的衣服", "wear clothes that stand out from the background"),
    quantity=Text("轮廓内外色差 ΔE2000", "difference across the outline ΔE2000"),
    unit="",
    source="domain.md §1.3 黑边检测 (H); §1.1 与背景色区分明显",
    decimals=1,
)

_REACH = 4  # cells of the grid from the outline to where each side is looked at
_RUN = 15  # points of the outline: a single strand of hair does not merge a head
_ENOUGH_POINTS = 30
_MERGED_SHARE = 10  # percentile: a tenth of the outline is enough to be seen

_PARTS = {HAIR: Text("头发", "hair"), CLOTHES: Text("衣服", "clothes")}


class OutlineLimits(Limits):
    """How far clothes and hair must differ from the background beside them."""

    contrast: Band = Field(description="ΔE2000, the lower of clothes and hair")


def _run(facts: Facts, limits: OutlineLimits) -> Iterable[Finding]:
    if (skipped := skip_without_head((BG004,), facts)) is not None:
        yield from skipped
        return
    assert facts.classes is not None
    assert facts.lab is not None
    found = {
        part: float(np.percentile(values, _MERGED_SHARE))
        for part, values in contrasts(facts.classes, facts.lab).items()
        if values.size >= _ENOUGH_POINTS
    }
    if not found:
        # Without an outline the face fills the picture, and its size is the fault to mend.
        why = Text("看不到衣服和头发的轮廓", "no outline of clothes or hair is visible")
        yield BG004.skipped(why, caused_by="FC006")
        return
    part = min(found, key=lambda key: found[key])
    finding = BG004.judge(found[part], limits.contrast)
    if finding.because is not None:
        name, because = _PARTS[part], finding.because
        words = Text(f"{because.zh}（{name.zh}）", f"{because.en} ({name.en})")
        finding = replace(finding, because=words)
    yield finding


def contrasts(
    classes: NDArray[np.float32], lab: NDArray[np.float32]
) -> dict[int, NDArray[np.float32]]:
    """Give the differences across the person's outline, in ΔE2000, by what lies inside.

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
    if not outlines:
        return {}
    # The largest: the person; an island is another rule's business.
    points = max(outlines, key=len)[::2, 0]
    rim = _REACH + 1
    inside_frame = (points > rim).all(axis=1) & (points < (width - rim, height - rim)).all(axis=1)
    points = points[inside_frame]
    x, y = points[:, 0], points[:, 1]
    rise = np.stack([person[y, x + 2] - person[y, x - 2], person[y + 2, x] - person[y - 2, x]], 1)
    steps = np.round(rise / np.maximum(1e-6, np.linalg.norm(rise, axis=1))[:, None] * _REACH)
    within, beyond = (points + steps).astype(int), (points - steps).astype(int)
    colours = cv2.blur(lab, (3, 3))
    difference = deltaE_ciede2000(
        colours[within[:, 1], within[:, 0]], colours[beyond[:, 1], beyond[:, 0]]
    )
    kind = classes[within[:, 1], within[:, 0]].argmax(axis=1)
    outside = classes[beyond[:, 1], beyond[:, 0], BACKGROUND] > 0.5
    return {part: _running_median(difference[(kind == part) & outside]) for part in _PARTS}


def _running_median(values: NDArray[np.floating]) -> NDArray[np.float32]:
    if values.size < _RUN:
        return np.empty(0, np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(values, _RUN)
    result: NDArray[np.float32] = np.median(windows, axis=1).astype(np.float32)
    return result


CHECK = Check("outline", (BG004,), OutlineLimits, _run)
