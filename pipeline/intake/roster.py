"""The roster 名单: student records from whatever an office sends.

Columns are found by their headers, Chinese or English, in any order, below title rows. A
roster that is wrong in any row is refused as a whole, with the rows named: a record silently
left out would be a student without a certificate.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import RosterError
from pipeline.core.records import Student
from pipeline.core.rules import Finding, Text
from pipeline.intake.identifiers import (
    IdState,
    clean_id,
    clean_name,
    clean_number,
    id_state,
    upgrade_id,
    zeroed_by_excel,
)
from pipeline.intake.tables import Cell, Table, read_tables
from pipeline.rules.roster import RC002

# The codes are those of the CHSI tables (standard.md §1.5); headers are folded by `_fold`.
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "student_no": ("学号", "学生学号", "xh", "studentno", "studentid", "studentnumber"),
    "exam_no": ("考生号", "ksh", "examno"),
    "id_no": (
        "证件号", "证件号码", "身份证号", "身份证号码", "身份证件号", "身份证件号码", "身份证",
        "sfzh", "zjhm", "idno", "idnumber",
    ),
    "capture_code": ("采集码", "采集码编号", "capturecode"),
    "name": ("姓名", "学生姓名", "xm", "name", "studentname"),
    "college": ("学院", "院系", "学院名称", "院系名称", "college", "xy", "fy", "xsh"),
    "major": ("专业", "专业名称", "major", "zymc"),
    "class_name": ("班级", "班级名称", "class", "classname", "bh"),
    "file": ("文件名", "照片文件名", "照片", "file", "filename", "photo"),
    "reference": ("参考照片", "录取照片", "reference"),
}  # fmt: skip
# What nearly every record comes to is one object for all.
_NO_ID = RC002.not_applicable(Text("名单中没有证件号", "the roster has no ID number"))
_NO_CHECK_DIGIT = RC002.not_applicable(
    Text("不是身份证号，没有校验位", "another document: it has no check digit")
)
_VALID_ID = RC002.passed()
FIELD_OF = {header: field for field, headers in _HEADERS.items() for header in headers}
KEYS = ("student_no", "capture_code", "exam_no")
_NUMBERS = ("student_no", "exam_no", "id_no", "capture_code")
_CLEAN: Mapping[str, Callable[[str], str]] = {
    "student_no": clean_number,
    "exam_no": clean_number,
    "id_no": clean_id,
    "capture_code": clean_number,
    "name": clean_name,
}
_HEADER_WITHIN = 10  # rows
_SHOWN_ERRORS = 5
_MEND = "format the column as text in the original and export anew"


@dataclass(frozen=True)
class Header:
    """Where the columns of a table are."""

    row: int
    columns: Mapping[str, int]  # field: place in the row
    labels: tuple[str, ...]  # as written


def read_roster(path: Path, sheet: str | None = None) -> tuple[Student, ...]:
    """Read the student records of a season, in the order of the file.

    Parameters
    ----------
    path
        XLSX, CSV (UTF-8, GB18030 or UTF-16; comma, semicolon or tab) or DBF.
    sheet
        The sheet of a workbook; else the first visible one whose header fits.

    Raises
    ------
    RosterError
        No key column, or rows that cannot be used: up to five are named.
    """
    table, header = find_table(
        path, sheet, lambda columns: any(k in columns for k in KEYS), "学号, 采集码 or 考生号"
    )
    students, faults = [], []
    for row, cells in table.rows:
        if row <= header.row:
            continue
        read = _read_row(row, cells, header)
        if isinstance(read, Student):
            students.append(read)
        elif read:
            faults.append((row, read))
    faults += _doubles(students)
    if faults:
        raise RosterError(f"{path.name}: {_summary(faults)}")
    if not students:
        raise RosterError(f"{path.name}: has a header in row {header.row}, but no students")
    return tuple(students)


def id_finding(student: Student) -> Finding:
    """Hold a student's ID number against RC002 (GB 11643; standard.md §4.1)."""
    state = id_state(student.id_no)
    if state is IdState.ABSENT:
        return _NO_ID
    if state is IdState.OTHER_DOCUMENT:
        return _NO_CHECK_DIGIT
    if state is IdState.VALID:
        return _VALID_ID
    if zeroed_by_excel(student.id_no):
        return RC002.broken(
            detail=Text("末三位为000，疑似被Excel改写", "ends in 000: Excel seems to have cut it")
        )
    if state is IdState.BAD_BIRTH_DATE:
        return RC002.broken(detail=Text("出生日期不可能", "its birth date cannot be"))
    return RC002.broken()


def find_table(
    path: Path, sheet: str | None, fits: Callable[[Mapping[str, int]], bool], needed: str
) -> tuple[Table, Header]:
    """Find the first table of a file whose header fits, and that header.

    Parameters
    ----------
    fits
        Whether the columns found (field: place) are enough.
    needed
        What they should have been, for the message.

    Raises
    ------
    RosterError
        No table fits; the message lists the columns found.
    """
    nearest: Header | None = None
    for table in read_tables(path, sheet):
        header = _find_header(path.name, table)
        if header is not None and fits(header.columns):
            return table, header
        nearest = nearest or header
    if nearest is None:
        raise RosterError(
            f"{path.name}: no header within the first {_HEADER_WITHIN} rows; "
            f"one row must name the columns ({needed})"
        )
    # A cell with digits may be a person's; a header has none.
    shown = [label for label in nearest.labels if not re.search(r"\d", label)]
    raise RosterError(
        f"{path.name}: row {nearest.row} has no column {needed}; columns found: {', '.join(shown)}"
    )


def _find_header(name: str, table: Table) -> Header | None:
    """Find the row, among the first, that knows most of the columns."""
    best: Header | None = None
    for row, cells in table.rows[:_HEADER_WITHIN]:
        columns: dict[str, int] = {}
        for at, cell in enumerate(cells):
            field = FIELD_OF.get(_fold(cell.text))
            if field in columns and field in _NUMBERS:
                # Which of two numbers counts is not ours to guess.
                first = cells[columns[field]].text
                raise RosterError(
                    f"{name}: row {row}: the columns {first} and {cell.text} mean the same; "
                    "rename the one that does not count"
                )
            if field is not None:
                columns.setdefault(field, at)
        if columns and (best is None or len(columns) > len(best.columns)):
            best = Header(row, columns, tuple(cell.text for cell in cells if cell.text))
    return best


def _fold(header: str) -> str:
    """学号（必填）*, Student_No → 学号, studentno."""
    text = unicodedata.normalize("NFKC", header).lower()
    return re.sub(r"[\W_]+", "", re.sub(r"\([^)]*\)", "", text))


def _read_row(row: int, cells: Sequence[Cell], header: Header) -> Student | str:
    """Read one record; a text says what is wrong with it, an empty one that it is none."""
    found = {field: cells[at] for field, at in header.columns.items() if at < len(cells)}
    if all(FIELD_OF.get(_fold(cell.text)) == field for field, cell in found.items() if cell.text):
        return ""  # empty, or the header again: on every printed page, or in a second language
    values = {}
    for field, cell in found.items():
        if field in _NUMBERS and cell.damage:
            return f"{_label(field)} is {cell.damage}: {_MEND}"
        values[field] = _CLEAN.get(field, str.strip)(cell.text)
    key = next((values[k] for k in KEYS if values.get(k)), "")
    if not key:
        return "has data but no " + " or ".join(map(_label, KEYS))
    return Student(key, row, **values)


def _doubles(students: Sequence[Student]) -> Iterator[tuple[int, str]]:
    """Name the rows whose key or number another row has already."""
    seen: dict[tuple[str, str], int] = {}
    for student in students:
        for field in ("key", *_NUMBERS):
            value = getattr(student, field)
            if not value or (field != "key" and value == student.key):
                continue
            value = upgrade_id(value) if field == "id_no" else value.upper()
            first = seen.setdefault((field, value), student.row)
            if first != student.row:
                yield student.row, f"has the {_label(field)} of row {first}"


def _label(field: str) -> str:
    return "key (学号)" if field == "key" else _HEADERS[field][0]


def _summary(faults: Sequence[tuple[int, str]]) -> str:
    shown = [f"row {row} {fault}" for row, fault in sorted(faults)[:_SHOWN_ERRORS]]
    more = len(faults) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
