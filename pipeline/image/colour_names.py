"""What a colour is called: white, black, grey, or by its hue."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.core.rules import Text

ColourName = Literal["white", "black", "grey", "red", "orange", "yellow", "green", "blue", "purple"]

WORDS: dict[ColourName, Text] = {
    "white": Text("白色", "white"),
    "black": Text("黑色", "black"),
    "grey": Text("灰色", "grey"),
    "red": Text("红色", "red"),
    "orange": Text("橙色", "orange"),
    "yellow": Text("黄色", "yellow"),
    "green": Text("绿色", "green"),
    "blue": Text("蓝色", "blue"),
    "purple": Text("紫色", "purple"),
}
# CIE L*a*b* (D65). White is light and hardly coloured; a hue counts from a chroma on that
# the eye names. Hue angles in degrees, each up to its number.
_WHITE_LIGHTNESS, _WHITE_CHROMA, _CHROMA = 75.0, 14.0, 18.0
_BLACK_LIGHTNESS = 25.0
_HUES: tuple[tuple[float, ColourName], ...] = (
    (50.0, "red"), (75.0, "orange"), (110.0, "yellow"), (195.0, "green"), (310.0, "blue"),
    (340.0, "purple"), (360.0, "red"),
)  # fmt: skip


def name_of(lab: NDArray[np.float32]) -> ColourName:
    """Name a colour.

    Parameters
    ----------
    lab
        (3,) CIE L*a*b*, L* 0-100.
    """
    lightness, a, b = (float(value) for value in lab)
    chroma, hue = float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a))) % 360
    if lightness >= _WHITE_LIGHTNESS and chroma <= _WHITE_CHROMA:
        return "white"
    if chroma < _CHROMA:
        return "black" if lightness < _BLACK_LIGHTNESS else "grey"
    return next(name for end, name in _HUES if hue <= end)
