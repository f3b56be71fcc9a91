"""EY: open eyes that can be seen."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Text
from pipeline.examine.check import NOT_ASKED, Check, Limits
from pipeline.examine.head_facts import HeadFacts
from pipeline.examine.logistic import Linear, read_linear
from pipeline.face.head_view import SIDE_PX, HeadView, over_views, places
from pipeline.face.models import CLOTHES, OTHERS, Mesh

EY001 = Rule(
    "EY001",
    Remedy.RETAKE,
    fault=Text("闭眼或眼睛未自然睁开", "eyes closed or not naturally open"),
    student=Text("双眼自然睁开，平视镜头", "look straight ahead with open eyes"),
    photographer=Text(
        "提醒学生看镜头，多拍几张挑睁眼的", "ask the student to look up; take several and choose"
    ),
    quantity=Text("闭眼程度(1 闭合)", "closedness of the more closed eye (1 closed)"),
    unit="",
    source="standard.md §1.1 (O~) 「双眼自然睁开平视」; S5 S8; ISO/IEC 29794-5 Eyes open",
    decimals=2,
)
EY002 = Rule(
    "EY002",
    Remedy.RETAKE,
    fault=Text("佩戴墨镜或有色眼镜", "sunglasses or tinted lenses"),
    student=Text("请摘下有色眼镜", "take off tinted glasses"),
    photographer=Text("请学生摘下有色眼镜", "ask the student to take off tinted glasses"),
    quantity=Text("眼部被遮盖的比例", "share of the eyes covered"),
    unit="",
    source="standard.md §1.1 (O~) 「不得有色（含隐形）」; S5 S8; ISO/IEC 29794-5 Eyes visible",
    decimals=2,
)
EY004 = Rule(
    "EY004",
    Remedy.RETAKE,
    fault=Text("佩戴眼镜", "glasses are worn"),
    student=Text("请摘下眼镜拍摄", "take off your glasses"),
    photographer=Text("请学生摘下眼镜", "ask the student to take off the glasses"),
    quantity=Text("佩戴眼镜的可能(0.5 为界)", "score for glasses (0.5: undecided)"),
    unit="",
    source="standard.md §7.3 (P) 「Glasses」; §1.2 「摘掉眼镜进行拍摄」; S30 S31 S32",
    decimals=2,
)
_RULES = (EY001, EY002, EY004)

# Outlines of both eyes with lids, wide enough for a lens (face mesh indices).
_RIGHT_EYE = (226, 113, 225, 224, 223, 222, 221, 189, 244, 233, 232, 231, 230, 229, 228, 31)
_LEFT_EYE = (446, 342, 445, 444, 443, 442, 441, 413, 464, 453, 452, 451, 450, 449, 448, 261)
# Outer corner, two points of the upper lid, inner corner, two points of the lower lid,
# the latter from within outwards (Soukupová & Čech 2016, eye aspect ratio).
_RIGHT_LIDS = (33, 160, 158, 133, 153, 144)
_LEFT_LIDS = (362, 385, 387, 263, 373, 380)
_OPENING_COUNTS = 2.0  # an eye of ratio 0.25 is plainly open, whatever the blendshape says

_WEIGHTS = Path(__file__).with_name("learned.toml")
_RIM_PX = 19  # of 233 px a face: wider than any rim, narrower than an eye
_NOISE_PX = 1.2
_BARE = 0.06  # of the eyes; more may be a lens, and is looked at twice
_SURE_OF_NONE, _SURE = 0.05, 0.95  # score for glasses; between them it is looked at twice
_SHARE_FLOOR = 0.01  # of a share before its logarithm: the segmenter's own floor is 0.03

SUNGLASSES = Text("墨镜遮眼，无法判断", "sunglasses hide the eyes")


class EyesLimits(Limits):
    """Closed eyes, covered eyes and glasses."""

    closed: Band = Field(description="of the more closed eye: eyeBlink - 2 x aspect ratio")
    covered: Band = Field(description="share of clothes and others over the eyes, 0..1")
    frame: Band = Field(description="score for glasses, 0..1")
    glasses: Literal["allow", "note", "forbid"]
    glasses_source: str


def _run(facts: HeadFacts, limits: EyesLimits) -> Iterable[Finding]:
    covered = covered_share(facts)
    if covered is None:
        outside = Text("眼部不在画面内", "the eyes lie outside the picture")
        yield from (rule.skipped(outside) for rule in _RULES)
        return
    finding = EY002.judge(covered, limits.covered)
    yield finding
    if finding.outcome is Outcome.BROKEN:
        yield EY001.skipped(SUNGLASSES, caused_by="EY002")
    else:
        yield EY001.judge(closedness(facts.mesh), limits.closed)
    yield _judge_glasses(facts, limits)


def _judge_glasses(facts: HeadFacts, limits: EyesLimits) -> Finding:
    if limits.glasses == "allow":
        # Looking for rims costs as much as all other checks together.
        return EY004.not_applicable(NOT_ASKED)
    finding = EY004.judge(score_of_glasses(view_for_glasses(facts)), limits.frame)
    if limits.glasses == "note" and finding.outcome is Outcome.BROKEN:
        return replace(finding, outcome=Outcome.PASSED)
    return finding


def view_for_glasses(facts: HeadFacts) -> HeadView:
    """Return the near view; of a registration file the region's where it is plain enough."""
    return facts.near_views(lambda seen: _SURE_OF_NONE < score_of_glasses(seen) < _SURE)[0]


def covered_share(facts: HeadFacts) -> float | None:
    """Share of clothes and others over both eyes; None where they are outside the picture.

    The larger of two views: sunglasses that one framing loses the other one sees as a rule.
    Of a registration file one view does, but where it sees more than bare eyes show.
    Measured here by ``gradphoto evaluate``: clear glasses stay below 0.21, sunglasses
    begin at 0.61.
    """
    return over_views(facts.near_views(_is_doubtful), share_in, max)


def _is_doubtful(view: HeadView) -> bool:
    share = share_in(view)
    return share is None or share > _BARE


def share_in(view: HeadView) -> float | None:
    """The same share as one view shows it."""
    return view.mean_over((CLOTHES, OTHERS), view.outline(_RIGHT_EYE) | view.outline(_LEFT_EYE))


def closedness(mesh: Mesh) -> float:
    """How closed the more closed eye is; about 0.7 closed, below 0.1 open.

    The blendshape alone calls narrow, laughing and lowered eyes half closed; the distance
    of the lids alone is short in small pictures. So the blendshape counts, less twice the
    opening.
    """
    points = mesh.points[:, :2]
    right = mesh.blendshapes["eyeBlinkRight"] - _OPENING_COUNTS * _opening(points, _RIGHT_LIDS)
    left = mesh.blendshapes["eyeBlinkLeft"] - _OPENING_COUNTS * _opening(points, _LEFT_LIDS)
    return max(right, left)


def _opening(points: NDArray[np.float32], lids: tuple[int, ...]) -> float:
    """Eye aspect ratio: mean distance of the lids over the width of the eye."""
    outer, upper1, upper2, inner, lower2, lower1 = points[list(lids)]
    gaps = np.linalg.norm(upper1 - lower1) + np.linalg.norm(upper2 - lower2)
    return float(gaps) / max(2 * float(np.linalg.norm(outer - inner)), 1e-6)


@cache
def _glasses() -> Linear:
    return read_linear(_WEIGHTS, EY004.code)


def score_of_glasses(view: HeadView) -> float:
    """Score for glasses, 0..1, from four measures with the weights of ``learned.toml``."""
    return _glasses().score(glasses_measures(view))


def glasses_measures(view: HeadView) -> Mapping[str, float]:
    """What speaks for glasses, each as a logarithm.

    ``over_eyes`` and ``over_nose``: shares of clothes and others over the eyes and over
    the bridge of the nose, where the segmenter sees a rim. ``line_nose``, ``line_under``:
    mean height, in L*, of thin lines lighter or darker than both sides of them, over the
    bridge and below the eyes; on bare skin there are none.
    """
    covered = share_in(view)
    x, y = view.places()
    bridge = (np.abs(x) < 0.08) & (np.abs(y) < 0.10)
    over_nose = view.mean_over((CLOTHES, OTHERS), bridge)
    lines = _thin_lines(view)
    x, y = places(view.framing, SIDE_PX)
    nose = (np.abs(x) < 0.07) & (y > -0.12) & (y < 0.10)
    under = (np.abs(np.abs(x) - 0.21) < 0.13) & (y > 0.10) & (y < 0.24)
    return {
        "over_eyes": float(np.log((covered or 0.0) + _SHARE_FLOOR)),
        "over_nose": float(np.log((over_nose or 0.0) + _SHARE_FLOOR)),
        "line_nose": float(np.log1p(lines[nose].mean())),
        "line_under": float(np.log1p(lines[under].mean())),
    }


def _thin_lines(view: HeadView) -> NDArray[np.float32]:
    """Height of thin lines above or below their surroundings, (512, 512) in L*."""
    unit = view.pixels.astype(np.float32) / np.float32(255)
    lightness = np.ascontiguousarray(cv2.cvtColor(unit, cv2.COLOR_RGB2Lab)[:, :, 0])
    smooth = cv2.GaussianBlur(lightness, (0, 0), _NOISE_PX)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_RIM_PX, _RIM_PX))
    dark = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, disc)
    light = cv2.morphologyEx(smooth, cv2.MORPH_TOPHAT, disc)
    return np.asarray(np.maximum(dark, light), np.float32)


# EY002 is not among the bands: where it is broken EY001 is skipped, so its limit decides both.
CHECK = Check(
    "eyes", _RULES, EyesLimits, _run, needs=HeadFacts, bands={"EY001": "limits.eyes.closed"}
)
