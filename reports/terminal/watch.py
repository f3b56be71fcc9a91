"""A watched shoot on the terminal: what each frame comes to, as it is answered."""

import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text as Line

from pipeline.batch.booth_setup import Part, SetupFrame
from pipeline.batch.booth_table import Drift
from pipeline.core.output_files import OutputFile
from pipeline.core.records import Answer, BoothFault, FileKind, Result, Student
from pipeline.core.rules import Text, Verdict
from reports.booth_measures import (
    asked_words,
    booth_words,
    row_lines,
    setup_measures,
    setup_word,
)
from reports.masking import Presentation
from reports.safe_text import visible
from reports.terminal.findings import COLOURS
from reports.watch_page import (
    StandingOf,
    advice_of,
    by_class,
    field_of,
    foot,
    who,
)

_DARK = ("red", "blue")  # as terminals have them; on green and yellow white is hard to read
_TABLE_EVERY = 10  # frames between two tables of the booth
_NAMED = 40  # students a list, at the end
_LATEST = 5  # who come again, named while it goes on
_AGAIN_LATELY = Text("需补拍（最近的）", "once more, lately")
_AGAIN = (Verdict.RETAKE, Verdict.FAIL)


class JsonTeller:
    """One JSON object a frame on standard output, for other programs; nothing else."""

    def __init__(self, presentation: Presentation) -> None:
        self._presentation = presentation

    def setup(self, _frame: SetupFrame | None, _asked: Sequence[Part]) -> None:
        """Say nothing."""

    def begin(self, taken_before: int, _standing: StandingOf) -> None:
        """Say nothing."""

    def answer(self, answer: Answer, _waiting: int, _standing: StandingOf) -> None:
        """Print what a frame came to."""
        said = {
            "photo": answer.photo,
            "student_id": None if answer.student is None else answer.student.key,
            "verdict": FileKind.CARD if answer.is_card else answer.verdict,
            "advice": _joined(advice_of(answer, self._presentation), self._presentation),
            "waited_s": answer.waited_s,
        }
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def booth(self, _fault: BoothFault | Drift) -> None:
        """Say nothing."""

    def queue(self, _waiting: int) -> None:
        """Say nothing."""

    def end(self, _waiting: int) -> None:
        """Say nothing."""


class TerminalTeller:
    """One field a frame, for whoever stands beside the camera."""

    def __init__(self, presentation: Presentation) -> None:
        self._presentation, self._console = presentation, Console(stderr=True, highlight=False)
        self._answered = 0

    def setup(self, frame: SetupFrame | None, asked: Sequence[Part]) -> None:
        """Say what a test frame came to, what to move, and which are asked for still."""
        lang = self._presentation.lang
        if frame is not None:
            colour = COLOURS[Verdict.PASS if frame.is_fit else Verdict.RETAKE]
            self._field(setup_word(frame)[lang], colour)
            if frame.measures:
                measures = "  ".join(one.text for one in setup_measures(frame, lang))
                self._console.print(Line(measures), soft_wrap=True)
            for move in frame.moves:
                self._console.print(Line(move[lang], style="bold"), soft_wrap=True)
        self._say(asked_words(asked))

    def begin(self, taken_before: int, _standing: StandingOf) -> None:
        """Say that frames may come."""
        before = Text(f"，先前已检查 {taken_before} 张", f"; {taken_before} of an earlier run")
        self._say(
            Text(
                f"正在等照片{before.zh if taken_before else ''}；按 Ctrl-C 结束并写出清单",
                f"waiting for frames{before.en if taken_before else ''}; Ctrl-C ends, and writes "
                "the lists",
            )
        )

    def answer(self, answer: Answer, waiting: int, standing: StandingOf) -> None:
        """Fill the width with the word, and say below who it is and what to move."""
        lang = self._presentation.lang
        field = field_of(answer)
        colour = "blue" if field.verdict is None else COLOURS[field.verdict]
        self._field(f"{field.sign} {field.word[lang]}", colour)
        self._centred(who(answer.student, self._presentation), "none")
        advice = advice_of(answer, self._presentation)
        self._centred(_joined(advice[:1], self._presentation), "bold")
        self._centred(_joined(advice[1:], self._presentation), "dim")
        queue = Text(f"  排队 {waiting}", f"  waiting {waiting}") if waiting else Text("", "")
        far = foot(standing, answer.student)
        self._say(Text(far.zh + queue.zh, far.en + queue.en))
        self._answered += 1
        if self._answered % _TABLE_EVERY == 0:
            for line in row_lines(standing.booth, lang):
                self._console.print(Line(visible(line), style="dim"), soft_wrap=True)
            _print_students(_AGAIN_LATELY, standing.again[-_LATEST:], self._presentation)

    def booth(self, fault: BoothFault | Drift) -> None:
        """Say that the booth has a fault."""
        words = booth_words(fault)[self._presentation.lang]
        self._console.print(Line(visible(words), style="bold magenta"), soft_wrap=True)

    def queue(self, waiting: int) -> None:
        """Say that frames wait."""
        self._say(Text(f"还有 {waiting} 张在排队", f"{waiting} frames are waiting"))

    def end(self, waiting: int) -> None:
        """Say that the lists come."""
        self._say(
            Text(f"还有 {waiting} 张，然后写清单", f"{waiting} more frames, then the lists")
            if waiting
            else Text("正在写清单", "writing the lists")
        )

    def _field(self, word: str, colour: str) -> None:
        line, ink = Line(word, justify="center"), "white" if colour in _DARK else "black"
        self._console.print(Padding(line, (1, 0), style=f"bold {ink} on {colour}", expand=True))

    def _centred(self, words: str, style: str) -> None:
        if words:
            self._console.print(Line(visible(words), style=style), justify="center")

    def _say(self, words: Text) -> None:
        self._console.print(words[self._presentation.lang], soft_wrap=True)


def _joined(sentences: Sequence[str], presentation: Presentation) -> str:
    joined = Text("；", "; ")[presentation.lang].join(sentences)
    return joined.replace("？；", "？").replace("?; ", "? ")


def print_left(result: Result, presentation: Presentation) -> None:
    """Print by class who comes again and who has not come, with how they are reached.

    The lists have all of them.
    """
    again = [row.student for row in result.students if row.verdict in _AGAIN]
    missing = [row.student for row in result.students if row.verdict is Verdict.MISSING]
    _print_students(Text("需补拍", "once more"), again, presentation)
    _print_students(Text("还没到的", "not here yet"), missing, presentation)


def _print_students(head: Text, students: Sequence[Student], presentation: Presentation) -> None:
    console, lang = Console(stderr=True, highlight=False), presentation.lang
    for name, named in by_class(students[:_NAMED], presentation).items():
        line = f"{head[lang]} {name}".strip() + Text("：", ": ")[lang] + ", ".join(named)
        console.print(Line(visible(line)), soft_wrap=True)
    if (more := len(students) - _NAMED) > 0:
        words = Text(
            f"{head.zh}另有 {more} 人，见 {OutputFile.STUDENTS}",
            f"{head.en}: {more} more, see {OutputFile.STUDENTS}",
        )
        console.print(Line(words[lang]), soft_wrap=True)
