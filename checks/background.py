"""BG: the background is one even colour that the spec names, with nothing in it."""

from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from skimage.color import deltaE_ciede2000, rgb2lab

from pipeline.check import Check, Limits, skip_without_head
from pipeline.facts import Facts, Mask
from pipeline.models import BACKGROUND, OTHERS
from pipeline.words import Band, Finding, Remedy, Rule, Text

Lab = NDArray[np.float32]

BG001 = Rule(
    "BG001",
    Remedy.RETAKE,
    fault=Text("背景颜色不符合要求", "the background is not a colour that is asked for"),
    hint=Text("请用要求颜色的背景重拍", "retake before a background of the right colour"),
    quantity=Text("与要求颜色的色差 ΔE2000", "colour difference ΔE2000"),
    unit="",
    source="domain.md §1.1 背景参考值; CIE 142-2001",
    decimals=1,
)
BG002 = Rule(
    "BG002",
    Remedy.RETAKE,
    fault=Text("背景不均匀/有阴影或杂物", "the background is uneven: gradient, shadow or clutter"),
    hint=Text("离背景约1米", "stand about one metre in front of the background"),
    quantity=Text("背景各处色差 ΔE2000", "spread of the background ΔE2000"),
    unit="",
    source="domain.md §1.1: 均匀无渐变，无阴影、其他人或物体",
    decimals=1,
)
BG003 = Rule(
    "BG003",
    Remedy.RETAKE,
    fault=Text("背景中有他人、杂物、文字或边框", "something in the background"),
    hint=Text(
        "背景中不得有其他人、物体、文字、图案或边框",
        "nothing else may be in the background: no person, object, text or border",
    ),
    quantity=Text("背景中轮廓线总长(照片宽度的倍数)", "length of the outlines in it, in widths"),
    unit="",
    source="domain.md §1.1: 无阴影、其他人或物体；不得加边框、文字、图案",
    decimals=2,
)

# Blocks are an eighth of the picture's width, so that noise and JPEG blocks average out.
_BLOCKS_ACROSS = 8
_ENOUGH = 0.02  # of the judged crop: below it there is no background to speak of


# An edge: so many ΔE76 from one cell of the grid to the next, over so many cells. A shadow
# or a lamp's fall-off is softer than the first, noise and hairs are shorter than the second.
_EDGE = 1.5
_EDGE_CELLS = 12
_HAIRS = 0.03  # of the width: nearer to the person, loose hair is no object
_RIM = 0.12  # of the height or width: a frame lies no further inside
_UPPER = 0.6  # of the height: below it a side belongs to the shoulders
_FREE_SIDE = 0.5  # of a side must be background for a line along it to be seen
_FRAME_STEP = 4.0  # ΔE76 over two cells, along most of a side
_STRANGER = 0.004  # of the picture: smaller islands are mistakes of the mask


class BackgroundLimits(Limits):
    """The colours that are allowed, how far from them and from even, and what may be in it."""

    colours: tuple[tuple[int, int, int], ...] = Field(min_length=1, description="sRGB, 0-255")
    colours_source: str
    delta_e: Band = Field(description="ΔE2000 to the nearest colour")
    spread: Band = Field(description="ΔE2000 of the most deviant blocks to the median")
    things: Band = Field(description="length of outlines in the background, in picture widths")


def _run(facts: Facts, limits: BackgroundLimits) -> Iterable[Finding]:
    rules = (BG001, BG002, BG003)
    if (skipped := skip_without_head(rules, facts)) is not None:
        yield from skipped
        return
    assert facts.background is not None
    assert facts.lab is not None
    assert facts.classes is not None
    lab, background = facts.lab, facts.background
    if background.mean() < _ENOUGH:
        why = Text("看不到足够的背景", "too little background is visible")
        # A face that fills the picture leaves none: then its size is the fault to mend.
        yield from (rule.skipped(why, caused_by="FC006") for rule in rules)
        return
    median = np.median(lab[::2, ::2][background[::2, ::2]], axis=0)
    named = rgb2lab(np.array(limits.colours, dtype=np.float64)[None] / 255)[0]
    distances = deltaE_ciede2000(named, median[None])
    yield BG001.judge(float(distances.min()), limits.delta_e)
    uneven = BG002.judge(spread(lab, background), limits.spread)
    yield uneven if uneven.because is None else _adding(uneven, cause(lab, background))
    shares = facts.classes
    sides = frame_sides(lab, shares[:, :, BACKGROUND] + shares[:, :, OTHERS] > 0.5)
    objects = edge_length(lab, background)
    people = stranger_length(shares[:, :, BACKGROUND])
    things = BG003.judge(max(sum(sides.values()), objects + people), limits.things)
    yield things if things.because is None else _adding(things, _what(sides, objects, people))


def _adding(finding: Finding, detail: Text) -> Finding:
    assert finding.because is not None
    zh, en = finding.because.zh, finding.because.en
    return replace(finding, because=Text(f"{zh}（{detail.zh}）", f"{en} ({detail.en})"))


def spread(lab: Lab, background: Mask) -> float:
    """Give how far the most deviant blocks lie from the median block, in ΔE2000.

    Parameters
    ----------
    lab
        (h, w, 3) float32 CIE L*a*b*.
    background
        (h, w) bool, the cells that count.

    Returns
    -------
    float
        0 for an even background; the 95th percentile over the blocks that are at
        least half background.
    """
    means, _ = _block_means(lab, background)
    if not means.size:
        return 0.0
    centre = np.median(means, axis=0)
    return float(np.percentile(deltaE_ciede2000(means, centre[None]), 95))


def _block_means(lab: Lab, background: Mask) -> tuple[Lab, NDArray[np.float32]]:
    """Mean colours (n, 3) of the blocks that are half background, and their places (n, 2).

    Places are x and y from -0.5 to 0.5, so that a slope is the drift over the picture.
    """
    rows = round(_BLOCKS_ACROSS * background.shape[0] / background.shape[1])
    size = (_BLOCKS_ACROSS, rows)
    weight = background.astype(np.float32)
    share = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(lab * weight[:, :, None], size, interpolation=cv2.INTER_AREA)
    y, x = np.nonzero(share >= 0.5)
    places = np.stack([(x + 0.5) / size[0] - 0.5, (y + 0.5) / rows - 0.5], axis=1)
    means = sums[y, x] / share[y, x][:, None]
    return np.asarray(means, np.float32), np.asarray(places, np.float32)


def cause(lab: Lab, background: Mask) -> Text:
    """Name what makes the background uneven: a drift, a shadow, or spots.

    A plane is laid through the colours of the blocks, the least for absolute distances
    (reweighted four times), so that a shadow does not tilt it. The drifts are ΔE2000
    between the plane's ends; what the plane leaves (its 95th percentile) is a shadow where
    the blocks are darker in about the same hue, else spots or things.
    """
    means, places = _block_means(lab, background)
    if len(means) < 4:
        return Text("背景太少，原因不明", "too little of it to say why")
    base = np.concatenate([np.ones((len(places), 1), np.float32), places], axis=1)
    weight = np.ones(len(means))
    plane = np.zeros((3, 3))
    for _ in range(5):
        root = np.sqrt(weight)[:, None]
        plane = np.linalg.lstsq(base * root, means * root, rcond=None)[0]
        weight = 1 / np.maximum(0.5, np.linalg.norm(means - base @ plane, axis=1))
    rest = means - base @ plane
    distance = deltaE_ciede2000(means, base @ plane)
    ends = np.array([places.min(axis=0), places.max(axis=0)])
    across, down = (
        float(deltaE_ciede2000(*(plane[0] + end * plane[1 + k] for end in ends[:, k])))
        for k in (0, 1)
    )
    left_over = float(np.percentile(distance, 95))
    if left_over > max(across, down):
        worst = rest[distance >= np.percentile(distance, 90)].mean(axis=0)
        if worst[0] < -0.6 * np.linalg.norm(worst):
            x = float(places[distance.argmax(), 0])
            zh, en = ("左", "left") if x < 0 else ("右", "right")
            return Text(
                f"人像旁有阴影，在照片{zh}侧，色差 {left_over:.0f}",
                f"a shadow beside the head, on the picture's {en}, ΔE {left_over:.0f}",
            )
        return Text(
            f"有亮斑、污渍或杂物，色差 {left_over:.0f}", f"spots or clutter, ΔE {left_over:.0f}"
        )
    if down >= across:
        zh, en = ("下", "bottom") if plane[2, 0] < 0 else ("上", "top")
        return Text(
            f"上下不均，{zh}方较暗，色差 {down:.0f}",
            f"it drifts from top to bottom, darker at the {en}, ΔE {down:.0f}",
        )
    zh, en = ("右", "right") if plane[1, 0] < 0 else ("左", "left")
    return Text(
        f"左右不均，{zh}侧较暗，色差 {across:.0f}",
        f"it drifts from left to right, darker on the {en}, ΔE {across:.0f}",
    )


def edge_length(lab: Lab, background: Mask) -> float:
    """Length of the sharp edges in the background, in widths of the picture.

    Edges are cells whose colour, smoothed over 1 cell, changes by `_EDGE` ΔE76 to the next;
    pieces shorter than `_EDGE_CELLS` do not count, nor those nearer to the person than
    `_HAIRS`. 0 for any smooth background, whatever its gradient.
    """
    width = background.shape[1]
    radius = max(1, round(_HAIRS * width))
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * radius + 1,) * 2)
    far = cv2.erode(background.astype(np.uint8), kernel, borderValue=1)
    rows = np.flatnonzero(far.any(axis=1))
    if not rows.size:
        return 0.0
    end = int(rows[-1]) + 3  # nothing below is background; 128 makes Sobel ΔE76 a cell
    down, across = (
        cv2.Sobel(lab[:end], cv2.CV_32F, dx, 1 - dx, ksize=5, scale=1 / 128) for dx in (0, 1)
    )
    squares = cv2.accumulateSquare(down, cv2.multiply(across, across))
    total = cv2.transform(squares, np.ones((1, 3), np.float32))
    sharp = (total > _EDGE**2) & (far[:end] > 0)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(sharp.astype(np.uint8), connectivity=8)
    lengths = boxes[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    return float(lengths[lengths >= _EDGE_CELLS].sum() / width)


def stranger_length(background: NDArray[np.float32]) -> float:
    """Outline of what is not background and not joined to the person, in picture widths.

    ``background`` is (h, w) float32 shares; the person is the largest piece of the rest.
    """
    height, width = background.shape
    rest = (background < 0.5).astype(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    islands = (
        np.delete(boxes[1:], boxes[1:, cv2.CC_STAT_AREA].argmax(), axis=0)
        if len(boxes) > 1
        else boxes[1:]
    )
    islands = islands[islands[:, cv2.CC_STAT_AREA] > _STRANGER * height * width]
    around = 2 * islands[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].sum(axis=1)
    return float(around.sum() / width)


def frame_sides(lab: Lab, free: Mask) -> dict[str, float]:
    """Which sides of the picture carry a line of a frame, and its length in picture widths.

    A line is a step of colour at one distance from the side along most of it: the
    median over the ``free`` cells, where nobody is, of the change over two. The foot of
    the picture, and of its sides the lower part, belong to the clothes.
    """
    height, width = lab.shape[:2]
    # The blurred edge of a head is no line of a frame.
    free = cv2.erode(free.astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=1) > 0
    upper = slice(0, round(_UPPER * height))
    across, down = (1, 0, 2), (1, 0)
    views = {
        "top": (lab, free, 1.0),
        "left": (lab[upper].transpose(across), free[upper].transpose(down), height / width),
        "right": (
            lab[upper, ::-1].transpose(across),
            free[upper, ::-1].transpose(down),
            height / width,
        ),
    }
    found = {}
    for side, (view, own, length) in views.items():
        depth = round(_RIM * width)
        both = own[2 : depth + 2, ::2] & own[:depth, ::2]
        count = both.sum(axis=1)
        wide = np.flatnonzero(count > _FREE_SIDE * both.shape[1])
        steps = (view[2 : depth + 2, ::2] - view[:depth, ::2])[wide]
        # Medians of what is free: the rest is sorted behind it.
        ranked = np.sort(np.where(both[wide, :, None], steps, np.inf), axis=1)
        medians = ranked[np.arange(wide.size), count[wide] // 2]
        if wide.size and np.linalg.norm(medians, axis=1).max() > _FRAME_STEP:
            found[side] = length
    return found


_SIDES = {"top": Text("上边", "top"), "left": Text("左边", "left"), "right": Text("右边", "right")}


def _what(sides: dict[str, float], objects: float, people: float) -> Text:
    if sum(sides.values()) >= objects + people:
        names = [_SIDES[side] for side in sides]
        return Text(
            "、".join(name.zh for name in names) + "有边框",
            "a border: " + ", ".join(name.en for name in names),
        )
    if people > objects:
        return Text("有他人或物体", "another person or object beside the sitter")
    return Text("有物体、文字、图案或接缝", "an object, text, a pattern or a seam")


CHECK = Check(
    "background",
    (BG001, BG002, BG003),
    BackgroundLimits,
    _run,
    bands={
        "BG001": "limits.background.delta_e",
        "BG002": "limits.background.spread",
        "BG003": "limits.background.things",
    },
)
