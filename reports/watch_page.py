"""The page of a watched shoot: its words, and what it is sent for each frame."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from pipeline.batch.booth_table import CameraRow
from pipeline.core.records import Answer, Examination, Student
from pipeline.core.rules import Lang, Rule, Text, Verdict
from reports.booth_measures import shown_row
from reports.markup import render
from reports.masking import Presentation
from reports.overlay import overlay_svg
from reports.rule_states import states_of

WORDS: Mapping[Verdict, Text] = {
    Verdict.PASS: Text("可以走", "done"),
    Verdict.RETAKE: Text("再拍一张", "once more"),
    Verdict.FAIL: Text("请叫人", "call someone"),
}
SIGNS: Mapping[Verdict, str] = {Verdict.PASS: "√", Verdict.RETAKE: "↻", Verdict.FAIL: "!"}
NOBODY = Text("无对应学生", "no student")
CARD = Text("码牌", "code card")
# What to move: how the arrow looks, and its words.
_ARROWS: Mapping[str, tuple[str, Text]] = {
    "frame_bottom": ("down", Text("镜头下移", "aim lower")),
    "frame_top": ("up", Text("镜头上移", "aim higher")),
    "frame_left": ("left", Text("镜头左移", "aim left")),
    "frame_right": ("right", Text("镜头右移", "aim right")),
    "too_near": ("back", Text("后退", "step back")),
    "too_far": ("nearer", Text("走近", "step nearer")),
}
_PAGE_WORDS = {
    "title": Text("拍摄现场", "on site"),
    "waiting_for": Text("等待照片", "waiting for frames"),
    "queued": Text("排队", "waiting"),
    "further": Text("另外：", "also: "),
    "between": Text("；", "; "),
    "classes": Text("各班", "classes"),
    "again": Text("需补拍", "once more"),
    "missing": Text("还没到的", "not here yet"),
    "booth": Text("机位", "the booth"),
    "sound": Text("声音", "sound"),
    "ended": Text("已结束，正在写清单", "ended: the lists are being written"),
    "lost": Text("连接中断，正在重连", "connection lost, trying again"),
}


class StandingOf(Protocol):
    """Where a shoot stands, as `flows.watch.board.Standing`."""

    @property
    def students(self) -> int:
        """All students."""
        ...

    @property
    def came(self) -> int:
        """Those of whom a frame came."""
        ...

    @property
    def passed(self) -> int:
        """Those who may go."""
        ...

    @property
    def classes(self) -> Sequence[tuple[str, int, int]]:
        """By class: name, came, all."""
        ...

    @property
    def again(self) -> Sequence[Student]:
        """Those who come again."""
        ...

    @property
    def missing(self) -> Sequence[Student]:
        """Those of whom no frame came."""
        ...

    @property
    def booth(self) -> tuple[CameraRow, ...]:
        """What the latest frames of each camera measure."""
        ...


@dataclass(frozen=True, slots=True)
class Field:
    """How the field looks: ``verdict`` gives its colour, None the one of a code card."""

    verdict: Verdict | None
    sign: str
    word: Text


def field_of(answer: Answer) -> Field:
    """Return how the field looks.

    A card that names nobody is to be taken again. A student who has a photo that passes may go.
    """
    if answer.is_card and answer.student is not None:
        return Field(None, "▦", CARD)
    verdict = Verdict.RETAKE if answer.is_card else answer.verdict
    if answer.kept:
        verdict = Verdict.PASS
    return Field(verdict, SIGNS[verdict], WORDS[verdict])


def who(student: Student | None, presentation: Presentation) -> str:
    """Name a student: number and name, as lists show them."""
    if student is None:
        return NOBODY[presentation.lang]
    number = presentation.shown_number(student.key)
    return f"{number} {presentation.shown_name(student.name)}".strip()


def reach(student: Student, presentation: Presentation) -> str:
    """Name a student with the columns that are carried: the telephone by which one is called."""
    return " ".join([who(student, presentation), *(value for _, value in student.carried if value)])


def by_class(students: Iterable[Student], presentation: Presentation) -> dict[str, list[str]]:
    """Name students with how they are reached, by class, in the order of the roster."""
    found: dict[str, list[str]] = {}
    for student in students:
        found.setdefault(student.class_name, []).append(reach(student, presentation))
    return found


def advice_of(answer: Answer, presentation: Presentation) -> tuple[str, ...]:
    """Say what to do, a sentence each; first of all, whom a frame seems to show instead."""
    said = answer.advice
    if answer.seems is not None:
        name = who(answer.seems, presentation)
        seems = Text(
            f"这张像【{name}】，上一位还没拍？",
            f"this looks like [{name}]: was the one before left out?",
        )
        said = (seems, *said)
    if answer.kept:
        kept = Text(
            f"这张不用，已有合格的 {answer.kept}",
            f"this one is not needed: {answer.kept} passes",
        )
        said = (kept, *said)
    return tuple(text[presentation.lang] for text in said if text.zh)


def foot(standing: StandingOf, student: Student | None = None) -> Text:
    """Say in one line how far the shoot is, and how far the class of a student is."""
    came, again = f"{standing.came}/{standing.students}", len(standing.again)
    name = "" if student is None else student.class_name
    here = next((f"  {n} {some}/{all_}" for n, some, all_ in standing.classes if n == name), "")
    here = here if name else ""
    return Text(
        f"已拍 {came}  可以走 {standing.passed}  需补拍 {again}{here}",
        f"came {came}  done {standing.passed}  once more {again}{here}",
    )


def _row(row: CameraRow, lang: Lang) -> dict[str, object]:
    head, measures = shown_row(row, lang)
    return {"camera": head, "measures": [asdict(one) for one in measures]}


def said_of(
    answer: Answer | None, waiting: int, standing: StandingOf, presentation: Presentation
) -> dict[str, object]:
    """Return what the page shows, as JSON can hold it."""
    lang = presentation.lang
    said: dict[str, object] = {
        "waiting": waiting,
        "foot": foot(standing, None if answer is None else answer.student)[lang],
        "classes": [f"{name} {came}/{all_}".strip() for name, came, all_ in standing.classes],
        "again": [reach(student, presentation) for student in standing.again],
        "missing": by_class(standing.missing, presentation),
        "measures": [_row(row, lang) for row in standing.booth],
    }
    if answer is None:
        return said
    advice, field = advice_of(answer, presentation), field_of(answer)
    return said | {
        "verdict": "card" if field.verdict is None else field.verdict.value,
        "alarm": bool(advice) and not answer.kept,
        "sign": field.sign,
        "word": field.word[lang],
        "who": who(answer.student, presentation),
        "advice": next(iter(advice), ""),
        "further": advice[1:],
        "arrow": None if answer.kept else _arrow(answer, lang),
    }


def _arrow(answer: Answer, lang: Lang) -> dict[str, str] | None:
    kind, words = next((_ARROWS[key] for key in answer.causes if key in _ARROWS), ("", None))
    return None if words is None else {"kind": kind, "words": words[lang]}


def drawn(examined: Examination | None, rules: Mapping[str, Rule], picture: str, lang: Lang) -> str:
    """Draw a frame with what was measured; the empty string where nothing was.

    ``rules`` are by code, with the remedies of the spec; ``picture`` is the address of the
    picture that the marks lie on.
    """
    if examined is None or examined.marks is None:
        return ""
    states = states_of(examined.findings, rules)
    return str(overlay_svg(examined.marks, states, picture, lang, "drawn"))


def watch_page(presentation: Presentation) -> str:
    """Write the page; all that changes comes to it later."""
    lang = presentation.lang
    words = {key: text[lang] for key, text in _PAGE_WORDS.items()}
    return str(render("watch_page.html", lang=lang, words=words))
