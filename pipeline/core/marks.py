"""What was measured on a photo, as lines to be drawn over it: paths, each with its rule.

Made once, beside the findings, where the pixels are (`pipeline.examine.marks`); drawn wherever
a person looks (`reports.overlay`). The unit is a pixel of the preview, `Marks.width` wide.
"""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.core.rules import Text


class Layer(StrEnum):
    """What a viewer switches on and off together, in the order in which it is drawn."""

    WINDOW = "window"  # what the spec allows
    OUTLINE = "outline"  # of the person, as the segmenter sees it
    FEATURES = "features"  # eyes, irises, lips
    FACES = "faces"
    LINES = "lines"  # crown, eyes, chin, middle, width of the face


class Standing(StrEnum):
    """How one length stands by its own window; its rule may speak for several."""

    BROKEN = "broken"  # as the rule stands
    KEPT = "kept"
    NOTED = "noted"
    NONE = "none"  # the spec asks for nothing


@dataclass(frozen=True, slots=True)
class Label:
    """Words and limits of a mark, at a row left of the picture or, with ``x``, below it."""

    text: Text
    y: float
    x: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """One path, as SVG writes it.

    Parameters
    ----------
    code
        The rule in whose colour it is drawn; empty: a neutral one.
    path
        SVG path data, pixels of the preview.
    """

    layer: Layer
    code: str
    path: str
    standing: Standing = Standing.BROKEN
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of one photo.

    Parameters
    ----------
    width, height
        Of the preview that they lie on.
    frame
        Of a source: the frame's width and height, and left, top, width and height of the crop in
        it, all in pixels of the frame.
    """

    width: int
    height: int
    marks: tuple[Mark, ...]
    frame: tuple[int, ...] = ()
