"""The booth in words: what its latest frames measure beside the limits, its faults and drifts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from pipeline.batch.booth_setup import Part, SetupFrame
from pipeline.batch.booth_table import CameraRow, Drift
from pipeline.core.records import BoothFault
from pipeline.core.rules import Finding, Lang, Outcome, Rule, Text
from reports.rule_states import window

_CAMERA = Text("机位", "booth")
_PARTS = {
    "wall": Text("空背景", "empty wall"),
    "assistant": Text("助手", "assistant"),
}
_ASK = {
    "wall": Text("拍一张空背景", "a frame of the empty wall"),
    "assistant": Text("请助手坐下，拍一张", "a frame of an assistant who sits there"),
}
READY = Text(
    "机位就绪，可以开始。请把试拍的照片移出文件夹，否则清单会把它们列为无对应学生",
    "the booth is ready. Move the test frames out of the folder: the lists name them as nobody's",
)
_TEST = Text("试拍", "test frames")
_NOT_SEEN = Text("↻ 这张不算", "↻ this one does not count")
_NONE_CAME = Text("↻ 还没有照片", "↻ no frame yet")
_LEFT_RIGHT = Text("亮度 左/右", "light left/right")
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
        yield f"{head}{Text('：', ': ')[lang]}" + "  ".join(one.text for one in measures)


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


def setup_word(frame: SetupFrame) -> Text:
    """Name a test frame, and say whether it is fit."""
    if frame.part is None:
        return _NOT_SEEN if frame.photo else _NONE_CAME
    part = _PARTS[frame.part]
    if frame.is_fit and frame.moves:
        return Text(f"√ {part.zh}可以，最好再调", f"√ {part.en}: fit, better adjusted")
    if frame.is_fit:
        return Text(f"√ {part.zh}可以", f"√ {part.en}: fit")
    return Text(f"↻ {part.zh}要调整", f"↻ {part.en}: adjust")


def setup_measures(frame: SetupFrame, lang: Lang) -> tuple[Shown, ...]:
    """Return what was measured on a test frame."""
    measured = tuple(shown(rule, finding, lang) for rule, finding in frame.measures)
    if frame.left_right is None:
        return measured
    return (*measured, Shown(_LEFT_RIGHT[lang], f"{frame.left_right:.2f}", "", is_kept=True))


def asked_words(asked: Sequence[Part]) -> Text:
    """Say which test frames are asked for."""
    if not asked:
        return READY
    asks = [_ASK[part] for part in asked]
    zh, en = "；".join(ask.zh for ask in asks), "; ".join(ask.en for ask in asks)
    return Text(f"试拍：{zh}", f"test frames: {en}")


def setup_said(frame: SetupFrame | None, asked: Sequence[Part], lang: Lang) -> dict[str, object]:
    """Return what the page shows of a test frame, as JSON can hold it."""
    asks = asked_words(asked)[lang]
    if frame is None:
        field = {"verdict": "ask", "sign": "", "word": _TEST[lang], "who": "", "advice": asks}
        return {**field, "further": [], "foot": asks}
    sign, _, word = setup_word(frame)[lang].partition(" ")
    measures = [asdict(one) for one in setup_measures(frame, lang)]
    camera = "" if frame.part is None else _PARTS[frame.part][lang]
    return {
        "verdict": "pass" if frame.is_fit else "retake",
        "alarm": not frame.is_fit,
        "sign": sign,
        "word": word,
        "who": "",
        "advice": next((move[lang] for move in frame.moves), asks),
        "further": [move[lang] for move in frame.moves[1:]],
        "arrow": None,
        "drawn": "",
        "foot": asks,
        "measures": [{"camera": camera, "measures": measures}] if measures else [],
    }
