"""A photo with all that was measured drawn over it, as SVG: the one drawing that all reports share.

It needs no font of ours, it can be enlarged, its layers can be switched, it prints. The page,
the notices and `inspect --overlay` (`reports.overlay_sheet`) show the same one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from markupsafe import Markup

from pipeline.core.marks import Label, Layer, Mark, Marks, Standing
from pipeline.core.rules import Lang, Text
from reports.markup import render
from reports.rule_states import RuleState, window

# Of lines, and darker of words on paper (contrast 4.5 and more).
COLOURS = {
    RuleState.KEPT: "#18964a",
    RuleState.NOTED: "#de8a00",
    RuleState.BROKEN: "#d62828",
    RuleState.OPEN: "#707680",
}
INKS = {
    RuleState.KEPT: "#0d6b32",
    RuleState.NOTED: "#8a5200",
    RuleState.BROKEN: "#b01c1c",
    RuleState.OPEN: "#565c66",
}
_NEUTRAL = "#ebebeb"
# Named so that no system takes a Japanese face for Chinese words.
FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Micro Hei",
)  # fmt: skip
_GUTTER, _EDGE, _TOP, _FOOT = -132, 16, -12, 52  # px about the picture
_ROWS = 38  # px between two labels of the gutter
_SHOWN = Text("照片与测量", "the photo and what was measured")
_FRAME = Text("原图中裁剪的位置", "where the crop lies in the whole frame")


class States(Protocol):
    """How the rules stand on one photo."""

    def state(self, code: str) -> RuleState:
        """Return the state of one."""
        ...


@dataclass(frozen=True)
class _Line:
    d: str
    colour: str


@dataclass(frozen=True)
class _Words:
    text: str
    limits: str
    x: float
    y: float
    anchor: str
    ink: str


def overlay_svg(marks: Marks, states: States, picture: str, lang: Lang, uid: str) -> Markup:
    """Draw one photo.

    Parameters
    ----------
    picture
        Where the preview is: a path beside the page, or a ``data:`` address.
    uid
        An identifier that no other drawing of the page has.
    """
    layers = [
        (layer, [_line(mark, states) for mark in some])
        for layer, some in groupby(marks.marks, key=lambda mark: mark.layer.value)
    ]
    return render(
        "overlay.svg",
        layers=layers,
        labels=list(_labels(marks, states, lang)),
        picture=picture,
        uid=uid,
        title=_SHOWN[lang],
        fonts=", ".join((*(f"'{font}'" for font in FONTS), "sans-serif")),
        width=marks.width,
        height=marks.height,
        left=_GUTTER,
        right=_EDGE,
        top=_TOP,
        foot=_FOOT,
    )


def frame_svg(marks: Marks, lang: Lang) -> Markup | None:
    """Draw where the crop lies in the whole frame of a source; None of a final file."""
    if not marks.frame:
        return None
    width, height, x, y, crop_width, crop_height = marks.frame
    return render(
        "frame.svg",
        title=_FRAME[lang],
        width=width,
        height=height,
        x=x,
        y=y,
        crop_width=crop_width,
        crop_height=crop_height,
    )


def state_of_mark(mark: Mark, states: States) -> RuleState | None:
    """How what a mark shows stands; None of what no rule speaks of."""
    if mark.standing is Standing.NONE:
        return RuleState.OPEN
    if not mark.code:
        return None
    state = states.state(mark.code)
    if state is RuleState.OPEN or mark.standing is Standing.BROKEN:
        return state
    return RuleState(mark.standing)


def _line(mark: Mark, states: States) -> _Line:
    if mark.layer is Layer.WINDOW:
        return _Line(mark.path, COLOURS[RuleState.KEPT])
    state = state_of_mark(mark, states)
    return _Line(mark.path, _NEUTRAL if state is None else COLOURS[state])


def _labels(marks: Marks, states: States, lang: Lang) -> Iterator[_Words]:
    """Words in the gutter, from the top, none over another; and below the picture."""
    labelled = [(mark, mark.label) for mark in marks.marks if mark.label is not None]
    beside = sorted(((m, at) for m, at in labelled if at.x is None), key=lambda pair: pair[1].y)
    free = float(_TOP)
    for mark, label in beside:
        row = max(free, min(label.y, marks.height) + 5)
        free = row + _ROWS
        yield _words(mark, label, states, lang, -20, row, "end")
    for mark, label in labelled:
        if label.x is not None:
            yield _words(mark, label, states, lang, label.x, marks.height + 31, "middle")


def _words(
    mark: Mark, label: Label, states: States, lang: Lang, x: float, y: float, anchor: str
) -> _Words:
    ink = INKS[state_of_mark(mark, states) or RuleState.OPEN]
    limits = window(label.low, label.high)
    return _Words(label.text[lang], limits, x, round(y, 1), anchor, ink)
