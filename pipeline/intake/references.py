"""Photos on record 参考照片: which file shows which student, as far as names tell.

They are looked for in a folder or zip (``--references``), or where the roster's own column
says, beside the roster. A file that fits no student, or two, is left out and counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.places import lies_in
from pipeline.core.records import Student, Submission
from pipeline.core.rules import Text
from pipeline.intake.inbox import list_submissions
from pipeline.intake.matching import match
from pipeline.intake.written_paths import find_written


@dataclass(frozen=True)
class Reference:
    """One photo on record and whose it is."""

    student_key: str
    submission: Submission


@dataclass(frozen=True)
class References:
    """All photos on record of a roster.

    Attributes
    ----------
    found
        Sorted by student and photo; a student may have several.
    unmatched
        How many files of the folder fit no student, or more than one.
    missing
        How many roster records name a file that is not there.
    """

    found: tuple[Reference, ...] = ()
    unmatched: int = 0
    missing: int = 0


def find_references(students: Sequence[Student], roster: Path, folder: Path | None) -> References:
    """Find the photos on record.

    Parameters
    ----------
    students
        The roster's records; a filled ``reference`` is a path in ``folder``, or beside the
        roster where no folder is given.
    folder
        A folder or a zip; files that no record names are matched by the numbers in their
        names, as submissions are.

    Raises
    ------
    UsageError
        When the folder cannot be listed or none of its files fits a student.
    """
    written = [(s, s.reference) for s in students if s.reference]
    if folder is None:
        return _beside(written, roster.parent)
    submissions, _ = list_submissions(folder)
    photos = [submission.photo for submission in submissions]
    named: dict[int, str] = {}
    missing = 0
    places = find_written([path for _, path in written], photos)
    for (student, _), found in zip(written, places, strict=True):
        missing += not found
        named |= dict.fromkeys(found, student.key)
    rest = [at for at in range(len(photos)) if at not in named]
    by_name = match([photos[at] for at in rest], students)
    for at, found_match in zip(rest, by_name, strict=True):
        if found_match.student_key is not None:
            named[at] = found_match.student_key
    if not named:
        raise UsageError(
            Text(
                f"{folder.name or folder}：其中的 {len(photos)} 个文件都不是以名单中的学生命名，"
                "名单也没有写到它们",
                f"{folder.name or folder}: none of its {len(photos)} files is named after a "
                "student "
                "of the roster, nor named by it",
            )
        )
    references = (Reference(key, submissions[at]) for at, key in named.items())
    return References(_sorted(references), len(photos) - len(named), missing)


def with_accepted(
    references: References, students: Sequence[Student], accepted: Sequence[Reference]
) -> References:
    """Add pictures that earlier runs accepted, for students of whom there is no photo on record."""
    have = {reference.student_key for reference in references.found}
    lacking = {student.key for student in students} - have
    more = (reference for reference in accepted if reference.student_key in lacking)
    return replace(references, found=_sorted((*references.found, *more)))


def _beside(written: Sequence[tuple[Student, str]], folder: Path) -> References:
    """Only below the roster's own folder: a roster that someone sent is no way out of it."""
    found, missing = [], 0
    for student, path in written:
        file = folder / path.replace("\\", "/")
        if file.is_file() and lies_in(file, folder):
            found.append(Reference(student.key, Submission(path, file)))
        else:
            missing += 1
    return References(_sorted(found), 0, missing)


def _sorted(references: Iterable[Reference]) -> tuple[Reference, ...]:
    return tuple(sorted(references, key=lambda r: (r.student_key, r.submission.photo)))
