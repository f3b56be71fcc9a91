"""A watched shoot on the terminal: what each frame comes to, as it is answered."""

import json
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text as Line

from pipeline.core.records import Answer
from pipeline.core.rules import Text, Verdict
from reports.masking import Presentation
from reports.safe_text import visible
from reports.terminal.findings import COLOURS

WORDS: Mapping[Verdict, Text] = {
    Verdict.PASS: Text("可以走", "done"),
    Verdict.RETAKE: Text("再拍一张", "once more"),
    Verdict.FAIL: Text("请叫人", "call someone"),
}
SIGNS: Mapping[Verdict, str] = {Verdict.PASS: "✓", Verdict.RETAKE: "↻", Verdict.FAIL: "!"}
NOBODY = Text("无对应学生", "no student")


class JsonTeller:
    """One JSON object a frame on standard output, for other programs; nothing else."""

    def __init__(self, presentation: Presentation) -> None:
        self._lang = presentation.lang

    def begin(self, taken_before: int) -> None:
        """Say nothing."""

    def answer(self, answer: Answer, waiting: int) -> None:  # noqa: ARG002 - of the protocol
        """Print what a frame came to."""
        said = {
            "photo": answer.photo,
            "student_id": None if answer.student is None else answer.student.key,
            "verdict": answer.verdict,
            "advice": answer.advice[self._lang],
            "waited_s": answer.waited_s,
        }
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def queue(self, waiting: int) -> None:
        """Say nothing."""

    def end(self, waiting: int) -> None:
        """Say nothing."""


class TerminalTeller:
    """One field a frame, for whoever stands beside the camera."""

    def __init__(self, presentation: Presentation) -> None:
        self._presentation, self._console = presentation, Console(stderr=True, highlight=False)

    def begin(self, taken_before: int) -> None:
        """Say that frames may come."""
        before = Text(f"，先前已检查 {taken_before} 张", f"; {taken_before} of an earlier run")
        self._say(
            Text(
                f"正在等照片{before.zh if taken_before else ''}；按 Ctrl-C 结束并写出清单",
                f"waiting for frames{before.en if taken_before else ''}; Ctrl-C ends, and writes "
                "the lists",
            )
        )

    def answer(self, answer: Answer, waiting: int) -> None:  # noqa: ARG002 - of the protocol
        """Print what a frame came to."""
        lang, student = self._presentation.lang, answer.student
        who = NOBODY[lang]
        if student is not None:
            name = self._presentation.shown_name(student.name)
            who = f"{self._presentation.shown_number(student.key)} {name}"
        word = f" {SIGNS[answer.verdict]} {WORDS[answer.verdict][lang]} "
        self._console.print(
            Line.assemble(
                (word, f"bold reverse {COLOURS[answer.verdict]}"),
                f" {visible(who)}  {visible(answer.advice[lang])}",
            ),
            soft_wrap=True,
        )

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

    def _say(self, words: Text) -> None:
        self._console.print(words[self._presentation.lang], soft_wrap=True)
