"""What the reports show beside a result: larger pictures, and what only a season knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.batch.rounds import Disposition, StudentState
from pipeline.core.records import Pictures
from pipeline.core.rules import Text, Verdict

Line = tuple[Text, Text]  # what it is, and what it says


@dataclass(frozen=True, slots=True)
class Attempt:
    """One file that arrived; ``number`` is which of the student's attempts, from 1."""

    student_key: str
    number: int | None
    photo: str
    sha256: str
    place: Disposition
    verdict: Verdict | None  # what it came to when it last counted
    late: bool
    review: str  # accepted, rejected, reassigned, or empty
    arrived: date | None = None


@dataclass(frozen=True)
class SeasonView:
    """What a season knows beyond the result of a run over it."""

    attempts: tuple[Attempt, ...]
    states: Mapping[str, StudentState]  # by student
    last: date | None = None  # the last day in time


@dataclass(frozen=True)
class Beside:
    """All of it; nothing of it is needed.

    Parameters
    ----------
    school
        院校代码, where a season knows its school.
    record
        For the auditor: by what was judged, what came in and went out, who reviewed what.
    all_previews
        Whether those who passed get a large picture in the page, too.
    thumbnails
        Whether report.xlsx has small ones.
    """

    pictures: Pictures | None = None
    season: SeasonView | None = None
    school: str = ""
    record: tuple[Line, ...] = ()
    all_previews: bool = False
    thumbnails: bool = False
