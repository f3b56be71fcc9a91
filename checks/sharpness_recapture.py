"""SH002: traces of an enlargement, of a print or screen that was photographed, of a screenshot."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Remedy, Rule, Text
from pipeline.examine.check import Check, Judged, Limits
from pipeline.examine.facts import Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.image.decode import Pixels

SH002 = Rule(
    "SH002",
    Remedy.NOTE,
    fault=Text("疑似放大小图、截图或翻拍", "enlarged, a screenshot, or a picture of a picture"),
    student=Text(
        "请交相机拍的原图，不要截图或翻拍",
        "hand in the camera's original, not a screenshot or a picture of a picture",
    ),
    photographer=Text(
        "交原片，不要放大、截图或翻拍",
        "hand in the original: not enlarged, no screenshot, no picture of a picture",
    ),
    quantity=Text("规则纹理强度", "strength of a regular pattern"),
    unit="",
    source=(
        "standard.md §5.2 (U) 「翻拍，扫描」; §8 RECAPTURE; "
        "measure: Gallagher 2005, doi:10.1109/CRV.2005.33"
    ),
    decimals=1,
)

_LEAST_PX = 96  # of the face: a shorter signal has no clear peaks
_MOST_PX = 320
_LOWEST = 0.06  # cycles a pixel: below it lie the features themselves
_SAME_COLOUR = 6  # 8-bit levels to either side
_OF_A_BAR = 0.75  # of a line across a bar: clock, battery and buttons are on it too
_AROUND_JPEG = 2.5  # bins to either side of the multiples of 1/8, which are JPEG's own blocks


class RecaptureLimits(Limits):
    """How strong a regular pattern may be in a face; what frame no camera gives."""

    regular: Band = Field(description="highest peak of the spectrum over its median")
    screen: Band = Field(description="longer side over the shorter: more is a screen's shape")
    bars: Band = Field(description="share of the longer side that one-coloured bars take at an end")


def _run(facts: HeadFacts, limits: RecaptureLimits) -> Iterable[Finding]:
    sign = _screenshot(facts, limits)
    if sign is not None:
        yield SH002.broken(detail=sign)
        return
    points = facts.mesh.points[:, :2] * facts.photo.scale
    low, high = points.min(axis=0), points.max(axis=0)
    half = np.minimum((high - low) / 2, _MOST_PX / 2)
    start = np.clip((low + high) / 2 - half, 0, None).astype(int)
    end = ((low + high) / 2 + half).astype(int)
    face = facts.photo.pixels[start[1] : end[1], start[0] : end[0], 1]
    if min(face.shape) < _LEAST_PX:
        yield SH002.skipped(Text("面部像素太少，看不出", "too few pixels of a face to say"))
    else:
        yield SH002.judge(regularity(face.astype(np.float32)), limits.regular)


def _screenshot(facts: Facts, limits: RecaptureLimits) -> Text | None:
    """Say by what a screenshot is known; None where by nothing.

    Phones and computers write screenshots as PNG, which no camera does, and in the shape of
    the screen; sent on as a JPEG they keep the bars above and below the photo that is shown.
    """
    if facts.file.is_screenshot:
        return Text("文件自称截图", "the file calls itself a screenshot")
    if facts.file.has_camera:
        return None
    is_png = facts.file.format == "PNG"
    is_screen = not limits.screen.allows(max(facts.frame) / min(facts.frame))
    if is_png and is_screen:
        return Text("屏幕比例的 PNG 截图", "a PNG in the shape of a screen")
    if (is_png or is_screen) and not limits.bars.allows(bars(facts.photo.pixels)):
        return Text("截图，两端有纯色条", "a screenshot, with bars of one colour at its ends")
    return None


def bars(pixels: Pixels) -> float:
    """Return the smaller of two bars of one colour at the ends of the longer side, as its share.

    Parameters
    ----------
    pixels
        (H, W, 3) uint8 sRGB.

    Returns
    -------
    float
        0..1; 0 where the ends are of different colours.
    """
    height, width = pixels.shape[:2]
    lines = pixels if height >= width else pixels.transpose(1, 0, 2)
    colour = np.median(lines[0], axis=0)
    if np.abs(np.median(lines[-1], axis=0) - colour).max() > _SAME_COLOUR:
        return 0.0
    same = cv2.inRange(np.ascontiguousarray(lines), colour - _SAME_COLOUR, colour + _SAME_COLOUR)
    other = np.flatnonzero((same > 0).mean(axis=1) < _OF_A_BAR)
    if other.size == 0:
        return 1.0
    return float(min(other[0], len(lines) - 1 - other[-1]) / len(lines))


def regularity(green: NDArray[np.float32]) -> float:
    """Return the highest peak over the median in the spectrum of how curved rows and columns are.

    Interpolated pixels are smoother than those they lie between, in step with the
    factor; so are the edges of JPEG blocks that were enlarged, and the lines of a screen.
    About 5 for a plain picture. Bicubic enlarging and blur leave little or nothing: a
    low value says nothing.

    Parameters
    ----------
    green
        (h, w) float32, 0-255, at the scale that the file was stored in.
    """
    return max(_highest_peak(green), _highest_peak(np.ascontiguousarray(green.T)))


def _highest_peak(rows: NDArray[np.float32]) -> float:
    curved = np.abs(2 * rows[:, 1:-1] - rows[:, :-2] - rows[:, 2:])
    profile = np.minimum(curved, 20).mean(axis=0)  # the outlines of features count no more
    local = cv2.blur(profile[None], (33, 1))[0]
    wave = profile / (local + 1e-3) - 1
    count = wave.size
    size = np.abs(np.fft.rfft(wave * np.hanning(count)))
    frequency = np.fft.rfftfreq(count)
    high = frequency > _LOWEST
    of_jpeg = np.abs(frequency * 8 - np.round(frequency * 8)) / 8 < _AROUND_JPEG / count
    floor = float(np.median(size[high]))
    return float(size[high & ~of_jpeg].max() / floor) if floor > 0 else 0.0


# SH002 is not among the bands: a screenshot is known by other signs than the pattern.
CHECK = Check("recapture", (SH002,), RecaptureLimits, _run, needs=HeadFacts, judges=Judged.FRAME)
