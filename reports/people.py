"""Students of a run as people act on them: the entry of a run, beside the record of the roster.

Whether names are full is decided here, once, for lists and notices.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from PIL import Image

from pipeline.batch.rounds import StudentState
from pipeline.core.output_files import OutputFile
from pipeline.core.records import Student, carried_heads
from pipeline.core.rules import Lang, Text, Verdict
from pipeline.ledger.proofs import Proof
from pipeline.spec.document import Output
from pipeline.spec.school import School
from reports.entries import Entry, RunHead
from reports.masking import Presentation
from reports.page_pictures import A_SHEET, CELL, COLUMNS
from reports.shared_words import MISSING_HINT

By = Literal["class", "college", "major", "counsellor"]
_DISPUTED = Text(
    "你在平台校对时答“有误”：请联系老师核对，要换照片就再交一张",
    "you called the picture wrong on the platform: see your teacher; to replace it, send another",
)
COUNSELLOR = ("辅导员", "班主任", "counsellor")


@dataclass(frozen=True)
class Person:
    """One student, with what the lists and notices say of them."""

    student: Student
    entry: Entry
    name: str  # as it is shown
    proof: Proof | None = None  # what the student said on the platform

    @property
    def verdict(self) -> Verdict:
        """On which list the student is: a picture that passed and is called wrong is irregular."""
        disputed = self.entry.state == StudentState.DISPUTED
        return Verdict.FAIL if disputed else self.entry.verdict

    def advice(self, lang: Lang) -> tuple[str, ...]:
        """Return what the student is to do, each cause once."""
        if self.verdict is Verdict.MISSING:
            return (MISSING_HINT[lang],)
        if self.verdict is not self.entry.verdict:
            return (_DISPUTED[lang],)
        return tuple(dict.fromkeys(text[lang] for text in self.entry.advice))

    def unit(self, by: By) -> str:
        """Return the unit whose list holds the student; empty where the roster has none."""
        student = self.student
        if by == "counsellor":
            carried = {head.lower(): value for head, value in student.carried}
            return next((carried[head] for head in COUNSELLOR if carried.get(head)), "")
        if by == "college":
            return student.college
        if by == "major":
            return " ".join(filter(None, (student.college, student.major)))
        return student.class_name


@dataclass(frozen=True)
class People:
    """All students of a run, in the order of the roster, and what lists say of all of them."""

    persons: tuple[Person, ...]
    head: RunHead
    school: School | None
    pictures: Path  # `report_files` of the run
    presentation: Presentation
    fallback: Output | None = None  # how the file must be that is mailed where all else failed

    @property
    def carried(self) -> tuple[str, ...]:
        """Heads of the columns that are carried."""
        return carried_heads(one.student for one in self.persons)


def people_of(
    students: Iterable[Student],
    entries: Iterable[Entry],
    head: RunHead,
    school: School | None,
    out: Path,
    presentation: Presentation,
    *,
    proofs: Mapping[str, Proof] = MappingProxyType({}),
    fallback: Output | None = None,
) -> People:
    """Put entries and records side by side; a record that the run did not know is left out."""
    by_key = {entry.key: entry for entry in entries}
    persons = tuple(
        Person(s, by_key[s.key], presentation.shown_name(s.name), proofs.get(s.key))
        for s in students
        if s.key in by_key
    )
    return People(persons, head, school, out / OutputFile.PAGE_PICTURES, presentation, fallback)


def thumbnails(pictures: Path, persons: Iterable[Person]) -> Mapping[str, bytes]:
    """Cut the thumbnails of some students out of their sheets, by student."""
    found: dict[str, bytes] = {}
    for number, some in _by_sheet(persons):
        try:
            with Image.open(pictures / f"thumbs-{number:04}.jpg") as sheet:
                for key, place in some:
                    row, column = divmod(place % A_SHEET, COLUMNS)
                    left, top = column * CELL[0], row * CELL[1]
                    stream = io.BytesIO()
                    cell = sheet.crop((left, top, left + CELL[0], top + CELL[1]))
                    cell.save(stream, "JPEG", quality=80)
                    found[key] = stream.getvalue()
        except OSError:
            continue  # the folder was not handed on: lists go without
    return found


def preview_file(pictures: Path, person: Person) -> Path | None:
    """Return the large picture of a student's photo, where there is one."""
    place = person.entry.place
    path = None if place is None else pictures / f"p{place:06}.jpg"
    return path if path is not None and path.is_file() else None


def _by_sheet(persons: Iterable[Person]) -> Iterator[tuple[int, list[tuple[str, int]]]]:
    sheets: dict[int, list[tuple[str, int]]] = {}
    for person in persons:
        if (place := person.entry.place) is not None:
            sheets.setdefault(place // A_SHEET, []).append((person.entry.key, place))
    yield from sorted(sheets.items())
