"""What a test frame of the booth comes to, before the first student: what to move."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.batch.booth import causes_of_booth
from pipeline.batch.booth_table import MEASURED
from pipeline.core.causes import causes_of
from pipeline.core.records import Examination
from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Text
from pipeline.core.verdict import counting

Part = Literal["wall", "assistant"]
PARTS: tuple[Part, ...] = ("wall", "assistant")
_FOR_ALL = "FC002"  # more faces than one: of a student's frame no fault of the booth, here one

_NEAR = Text("（接近限值）", " (near the limit)")
_NO_FACE = Text(
    "没有找到人脸，所以按空背景看：若拍的是助手，请他坐正看镜头，再拍一张",
    "no face was found, so it was taken for the wall: if it shows an assistant, have them sit "
    "upright, look at the camera, and take another",
)
_DARK = Text("背景太暗：先把背景灯调亮", "the wall is dark: turn up its lamps first")
_UNREADABLE = Text("这张打不开：请再拍一张", "it cannot be opened: take another")
_NOTHING_CAME = Text(
    "没有照片进来：看相机是否开着，联机软件是否把照片存进这个文件夹",
    "no frame has come: is the camera on, and does its software save to this folder?",
)


@dataclass(frozen=True, slots=True)
class SetupFrame:
    """One test frame.

    Parameters
    ----------
    photo
        Empty where none has come.
    part
        What it shows: the empty wall, or a person in the place of the students; None: it cannot
        be opened, or none has come.
    moves
        What the photographer moves; of a frame that is not fit there is something, and of a wall
        that is near a limit too.
    left_right
        Of the wall: light of the picture's left third to that of its right one.
    """

    photo: str
    part: Part | None
    measures: tuple[tuple[Rule, Finding], ...]
    is_fit: bool
    moves: tuple[Text, ...]
    left_right: float | None = None


def wall_frame(
    photo: str,
    measures: tuple[tuple[Rule, Finding], ...],
    uneven: Text,
    ratio: float,
    *,
    is_dark: bool = False,
) -> SetupFrame:
    """Sum up a frame of the empty wall by what was measured on it; ``uneven`` says where."""
    own = {"BG002": Text(f"把背景灯打匀：{uneven.zh}", f"light the wall evenly: {uneven.en}")}
    if is_dark:
        own["BG001"] = _DARK
    moves = []
    for rule, finding in measures:
        do = own.get(rule.code, rule.photographer)
        if finding.outcome is Outcome.BROKEN:
            moves.append(do)
        elif finding.because is not None:
            moves.append(Text(do.zh + _NEAR.zh, do.en + _NEAR.en))
    is_fit = all(finding.outcome is not Outcome.BROKEN for _, finding in measures)
    if not is_fit:
        moves.append(_NO_FACE)
    return SetupFrame(photo, "wall", measures, is_fit, tuple(moves), ratio)


def assistant_frame(
    examined: Examination, rules: Mapping[str, Rule], remedy: Mapping[str, Remedy]
) -> SetupFrame:
    """Sum up a frame of an assistant: what the booth is at fault in, not how he looks."""
    of_spec = {code: replace(rule, remedy=remedy[code]) for code, rule in rules.items()}
    measures = tuple(
        (of_spec[f.code], f)
        for f in examined.findings
        if f.code in MEASURED and f.measured is not None
    )
    counted = counting(examined.findings, remedy)
    causes = causes_of(counted, examined.causes, of_spec)
    of_booth = causes_of_booth(counted, examined.causes, of_spec)
    moves = tuple(c.photographer for c in causes if c.key in of_booth or c.key == _FOR_ALL)
    return SetupFrame(examined.photo, "assistant", measures, not moves, moves)


def unreadable_frame(photo: str) -> SetupFrame:
    """Return what a test frame comes to that cannot be opened."""
    return SetupFrame(photo, None, (), is_fit=False, moves=(_UNREADABLE,))


def no_frame() -> SetupFrame:
    """Return what is said where no test frame has come for a while."""
    return SetupFrame("", None, (), is_fit=False, moves=(_NOTHING_CAME,))
