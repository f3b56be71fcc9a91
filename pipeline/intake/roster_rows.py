"""One row of a roster: a student, no student, or a fault that stops the roster.

In doubt a row is a fault: a record silently left out would be a student without a certificate.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.records import Student
from pipeline.core.rules import Text
from pipeline.intake.column_names import NAMES, exact_field, field_of
from pipeline.intake.headers import ID_KEY, KEYS, NUMBERS, Header
from pipeline.intake.identifiers import CJK, IdState, clean_id, clean_name, clean_number, id_state
from pipeline.intake.no_student import (
    is_advice,
    is_date,
    is_example,
    is_note,
    is_placeholder,
    is_total,
)
from pipeline.intake.tables.cells import FORMULA_ERROR, MEND, Cell, Row, Table

_CLEAN: Mapping[str, Callable[[str], str]] = {
    "student_no": clean_number,
    "exam_no": clean_number,
    "id_no": clean_id,
    "capture_code": clean_number,
    "name": clean_name,
}
# Fields in which 无 means that there is none; in a name or a college it may be a word.
_MAY_BE_NONE = (*NUMBERS, "file", "reference")
_SHARED = frozenset(("college", "major", "class_name"))  # one cell may stand for many students
_EXAMPLES_WITHIN = 3  # rows below the header
_A_NAME = re.compile(rf"[{CJK}]{{2,4}}")
_CHINESE = re.compile(rf"[{CJK}]")
_WORDS = re.compile(r"[A-Za-z]{3,}\s|\s[A-Za-z]{3,}")
_ALNUM = re.compile(r"[0-9A-Za-z]")
_OF_NUMBERS_ALONE = frozenset((*NUMBERS, "file", "reference"))
_SHORT = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True)
class Fault:
    """Why a row stops the roster; no value of it."""

    why: Text


@dataclass(frozen=True)
class LeftOut:
    """A row that is no student."""


@dataclass(frozen=True)
class Record:
    """A student, and whether a placeholder was read as empty."""

    student: Student
    blank: bool


def read_row(
    table: Table, row: int, cells: Row, header: Header, *, by_id: bool, above: Sequence[Student]
) -> Record | LeftOut | Fault | None:
    """Read one row below the header; None: it is empty, or the header again.

    Parameters
    ----------
    by_id
        Whether the 证件号 is the key where there is no other.
    above
        The students in the rows above.
    """
    found = {field: cells[at] for field, at in header.columns.items() if at in cells}
    known = set(header.columns.values())
    rest = [cell.text for at, cell in sorted(cells.items()) if at not in known]
    if found and all(_is_header(field, cell, header) for field, cell in found.items()):
        return None
    if row <= header.row + _EXAMPLES_WITHIN and _is_example(found, rest):
        return LeftOut()
    kept = {
        field: cell
        for field, cell in found.items()
        if field not in _MAY_BE_NONE or not _says_nothing(cell)
    }
    if all(map(_says_nothing, kept.values())):
        wordy = any(not is_placeholder(text) and re.search(r"[^\W\d_]", text) for text in rest)
        return LeftOut() if wordy else None
    keys = (*KEYS, ID_KEY) if by_id else KEYS
    key_field = next((k for k in keys if k in kept), None)
    if _is_no_student(key_field, kept, rest, cells, header, above):
        return LeftOut()
    if key_field is None:
        there = [key for key in keys if key in header.columns or key != ID_KEY]
        zh, en = (word.join(map(label, there)) for word in ("、", " or "))
        return Fault(Text(f"有内容，但没有 {zh}", f"has data but no {en}"))
    values = _values(kept)
    if isinstance(values, Fault):
        return values
    if not _ALNUM.search(values[key_field]):
        name = label(key_field)
        return Fault(Text(f"{name} 是文字，不是号码", f"{name} holds words and no number"))
    for field in _SHARED:
        at = header.columns.get(field, -1)
        if field not in values and (row, at) in table.merged:
            values[field] = table.merged[row, at].text
    student = Student(values[key_field], row, carried=(), **values)
    return Record(student, len(kept) < len(found))


def _values(kept: Mapping[str, Cell]) -> dict[str, str] | Fault:
    """Clean the values of a student."""
    values = {}
    for field, cell in kept.items():
        if field in NUMBERS and cell.damage:
            zh = f"{label(field)} 是{cell.damage.zh}：{MEND.zh}"
            return Fault(Text(zh, f"{label(field)} is {cell.damage.en}: {MEND.en}"))
        values[field] = _CLEAN.get(field, str.strip)(cell.text)
    return values


def label(field: str) -> str:
    """Return what a field is called in messages."""
    return "key (学号)" if field == "key" else NAMES[field][0]


def _says_nothing(cell: Cell) -> bool:
    """Whether a cell says that there is no such number or file; #N/A does not."""
    return cell.damage != FORMULA_ERROR and is_placeholder(cell.text)


def _is_header(field: str, cell: Cell, header: Header) -> bool:
    """Whether a cell is a label: the header again on a printed page, or in a second language."""
    if cell.text in header.above.get(header.columns[field], ()):
        return True
    return field == (exact_field(cell.text) or field_of(cell.text))


def _is_example(found: Mapping[str, Cell], rest: Sequence[str]) -> bool:
    """Whether a form shows in this row how to fill it in, or says what its columns are."""
    if any(map(is_example, [*rest, *(found[k].text for k in KEYS if k in found)])):
        return True
    return bool(found) and all(is_advice(cell.text) for cell in found.values())


def _is_no_student(
    key_field: str | None,
    kept: Mapping[str, Cell],
    rest: Sequence[str],
    cells: Row,
    header: Header,
    above: Sequence[Student],
) -> bool:
    """Whether a row is a total, a signature, a note, a date or a page number.

    Who has an ID number is a person. Who has a number of another kind is one, too, unless it
    stands alone and is none.
    """
    id_no = kept[ID_KEY].text if ID_KEY in kept else ""
    if id_state(id_no) not in {IdState.ABSENT, IdState.OTHER_DOCUMENT}:
        return False
    texts = [cell.text for cell in kept.values()]
    key = "" if key_field is None else clean_number(kept[key_field].text)
    name = kept["name"].text if "name" in kept else ""
    # A list of numbers alone has no more to say of a student.
    alone = bool(key) and len(kept) == 1 and bool(header.columns.keys() - _OF_NUMBERS_ALONE)
    if all(is_note(text) or is_date(text) for text in texts) and (alone or not _is_number(key)):
        return True
    if _is_number(key):
        if not name and "name" in header.columns and _is_count(key, above):
            beside_total = any(map(is_total, (*rest, *texts)))
            return beside_total or (alone and int(key) == len(above))
        return alone and (is_date(key) or _is_line(key, above))
    if is_note(key) or is_note(name):
        return True
    if not (key or name):
        # A college alone is nobody, where persons have names.
        nobody = "name" in header.columns and kept.keys() <= _SHARED
        return nobody or any(map(is_note, (*texts, *rest)))
    first = next((c.text for _, c in sorted(cells.items()) if not c.text.isdecimal()), "")
    return is_note(first) or (alone and not _A_NAME.fullmatch(clean_name(key)))


def _is_number(key: str) -> bool:
    """Whether a key may be one: 2023141460001, S-01, 计2301; not 制表人, 第1页."""
    return _ALNUM.search(key) is not None and not is_note(key)


def _is_count(key: str, above: Sequence[Student]) -> bool:
    """Whether a number may count students: it is shorter than any student's."""
    return _SHORT.fullmatch(key) is not None and all(len(one.key) > len(key) for one in above)


def _is_line(key: str, above: Sequence[Student]) -> bool:
    """Whether a number that stands alone is the heading of a group, or a line of text.

    软件2301班（30人） is one; 计2301001 is where the other numbers have no Chinese either.
    """
    if _CHINESE.search(key):
        return not any(_CHINESE.search(one.key) for one in above)
    return ":" in key or _WORDS.search(key) is not None
