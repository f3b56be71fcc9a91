"""Which students a code card names: by a number of the roster, alone or in an address."""

import re
from collections.abc import Iterable, Mapping

from pipeline.core.records import Student
from pipeline.intake.identifiers import clean_number

_NUMBER = re.compile(r"[0-9A-Za-z]+")
_IN_ADDRESS = 8  # signs of a number among others; shorter ones are in many an address by chance


def numbers_of(students: Iterable[Student]) -> dict[str, str]:
    """Return the keys of students by every number that a card may hold."""
    return {
        clean_number(number): student.key
        for student in students
        for number in (student.exam_no, student.capture_code, student.student_no, student.key)
        if number
    }


def students_on(codes: str, known: Mapping[str, str]) -> frozenset[str]:
    """Find the students whose numbers the codes of a frame hold.

    Parameters
    ----------
    codes
        What the codes say, one a line.
    known
        As `numbers_of`.
    """
    return frozenset(key for code in codes.splitlines() for key in _named_by(code, known))


def may_be_number(codes: str) -> bool:
    """Whether one of the codes is a number by its looks: nobody's, but no poster's address."""
    return any(_NUMBER.fullmatch(clean_number(code)) for code in codes.splitlines())


def _named_by(code: str, known: Mapping[str, str]) -> set[str]:
    whole = known.get(clean_number(code))
    if whole is not None:
        return {whole}
    parts = re.split(r"[^0-9A-Za-z]+", code.upper())
    return {known[part] for part in parts if len(part) >= _IN_ADDRESS and part in known}
