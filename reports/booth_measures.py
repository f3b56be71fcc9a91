"""The booth in words: what its latest frames measure beside the limits, its faults and drifts."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.batch.booth_table import CameraRow, Drift
from pipeline.core.records import BoothFault
from pipeline.core.rules import Finding, Lang, Outcome, Rule, Text
from reports.rule_states import window

_CAMERA = Text("机位", "booth")
# Short, for a line of the terminal and a tablet; others are named by their rules.
_NAMES = {
    "BG001": Text("背景色差", "background ΔE"),
    "BG002": Text("背景均匀", "evenness ΔE"),
    "FC005": Text("眼睛高度", "eye line"),
    "FC006": Text("脸宽", "face width"),
    "LT002": Text("左右光比", "light left/right"),
    "SH001": Text("模糊度", "blur"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One measure as it is shown."""

    name: str
    value: str
    limits: str
    is_kept: bool

    @property
    def text(self) -> str:
        """All of it in few signs; a broken limit has a sign of its own, not colour alone."""
        sign = "" if self.is_kept else "✗"
        limits = f"({self.limits})" if self.limits else ""
        return " ".join(filter(None, (self.name, f"{sign}{self.value}", limits)))


def shown(rule: Rule, finding: Finding, lang: Lang) -> Shown:
    """Return a measure beside its limits."""
    name = _NAMES.get(rule.code, finding.quantity or rule.quantity)
    kept = finding.outcome is not Outcome.BROKEN
    return Shown(name[lang], rule.shown(finding), window(finding.low, finding.high), kept)


def shown_row(row: CameraRow, lang: Lang) -> tuple[str, tuple[Shown, ...]]:
    """Return the head of a camera's row, and its measures."""
    head = Text(f"近 {row.frames} 张", f"latest {row.frames}")[lang]
    name = row.camera or _CAMERA[lang]
    return f"{name} {head}", tuple(shown(m.rule, m.typical, lang) for m in row.measures)


def row_lines(rows: tuple[CameraRow, ...], lang: Lang) -> Iterator[str]:
    """Return a line a camera, for the terminal."""
    for row in rows:
        head, measures = shown_row(row, lang)
        yield f"{head}：" + "  ".join(one.text for one in measures)


def booth_words(fault: BoothFault | Drift) -> Text:
    """Say once what most of the latest frames have, or where a measure drifts."""
    if isinstance(fault, BoothFault):
        share = f"{len(fault.photos)}/{fault.frames}"
        return Text(
            f"机位问题（近 {share} 张）：{fault.advice.zh}",
            f"the booth ({share} of the latest frames): {fault.advice.en}",
        )
    rule, frames = fault.rule, fault.frames
    name = _NAMES.get(rule.code, rule.quantity)
    first, last = rule.shown(fault.first), rule.shown(fault.last)
    limits = window(fault.last.low, fault.last.high)
    do = rule.photographer
    return Text(
        f"机位在变（近 {frames} 张）：{name.zh} {first} → {last}，要求 {limits}；{do.zh}",
        f"the booth drifts ({frames} frames): {name.en} {first} → {last}, required {limits}; "
        f"{do.en}",
    )
