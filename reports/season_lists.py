"""The lists that only a season has: every attempt, and 图像信息异常登记表.

``attempts.csv`` has a row for every file that ever arrived, those too that another
superseded: nothing disappears. ``states.csv`` says where every student stands. The register
of wrong pictures (standard.md §5.6) lists the students who said 有误 on the national platform;
offices hand it on, so its heads are theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pipeline.batch.rounds import STUDENT_STATES, StudentState
from pipeline.core.output_files import REGISTER, OutputFile
from pipeline.core.records import Result
from pipeline.core.rules import Text
from reports.beside import Attempt
from reports.masking import Presentation
from reports.shared_words import SAYS
from reports.sheets import Column
from reports.tables import Cell, write_rows
from reports.workbook import CLASS, COLLEGE, MAJOR, NAME, STUDENT, write_list

ATTEMPTS = (
    "student_id",
    "attempt",
    "photo",
    "sha256",
    "place",
    "verdict",
    "late",
    "review",
)
STANDING = ("student_id", "name", "state", "words", "attempts")
EXAM_NO = Column(Text("考生号", "Exam no."), 18)
RESULT = Column(Text("校对结果", "Said"), 10)
WHY = Column(Text("原因", "Reason"), 40, "wrap")
_COLUMNS = (STUDENT, EXAM_NO, NAME, COLLEGE, MAJOR, CLASS, RESULT, WHY)


class Said(Protocol):
    """What a student said on the platform."""

    @property
    def right(self) -> bool:
        """Whether the picture is."""
        ...

    @property
    def why(self) -> str:
        """The platform's reason."""
        ...


def write_season_lists(
    result: Result,
    attempts: Sequence[Attempt],
    states: Mapping[str, StudentState],
    proofs: Mapping[str, Said],
    out: Path,
    presentation: Presentation,
) -> None:
    """Write attempts.csv, states.csv, and the register as CSV and XLSX, under ``out``."""
    lang = presentation.lang
    write_rows(out / OutputFile.ATTEMPTS, ATTEMPTS, _attempts(attempts))
    tries = {one.student_key: 0 for one in attempts}
    for one in attempts:
        tries[one.student_key] = max(tries[one.student_key], one.number or 0)
    standing = (
        (
            row.student.key,
            presentation.shown_name(row.student.name),
            states[row.student.key],
            STUDENT_STATES[states[row.student.key]][lang],
            tries.get(row.student.key, 0),
        )
        for row in sorted(result.students, key=lambda row: row.student.key)
    )
    write_rows(out / OutputFile.STATES, STANDING, standing)
    rows = list(_register(result, proofs, presentation))
    heads = tuple(column.head[lang] for column in _COLUMNS)
    write_rows(out / OutputFile.REGISTER_CSV, heads, rows)
    write_list(out / OutputFile.REGISTER_XLSX, REGISTER, _COLUMNS, rows, lang)


def _attempts(attempts: Sequence[Attempt]) -> Iterator[tuple[Cell, ...]]:
    for one in sorted(attempts, key=lambda a: (a.student_key, a.number or 0, a.photo, a.sha256)):
        yield (
            one.student_key,
            one.number,
            one.photo,
            one.sha256,
            one.place,
            one.verdict,
            "yes" if one.late else "",
            one.review,
        )


def _register(
    result: Result, proofs: Mapping[str, Said], presentation: Presentation
) -> Iterator[tuple[str, ...]]:
    """Yield the students whose answer is 有误, in the order of the roster."""
    lang = presentation.lang
    for row in result.students:
        said = proofs.get(row.student.key)
        if said is not None and not said.right:
            student = row.student
            yield (
                student.key,
                student.exam_no,
                presentation.shown_name(student.name),
                student.college,
                student.major,
                student.class_name,
                SAYS[said.right][lang],
                said.why,
            )
