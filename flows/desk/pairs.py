"""Photos that stand against one another, as the last lists have them: who else, since when, why."""

import csv
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from pipeline.core.output_files import OutputFile
from pipeline.ledger.accounts import Account
from pipeline.ledger.store import REPORTS
from pipeline.ledger.waiting import Shown, shown_of_student
from reports.shared_words import KINDS


@dataclass(frozen=True)
class Against:
    """Another photo that one stands against."""

    kind: str
    because: str  # empty where the account may not see the other student
    other: Shown | None  # None: there is none, or the account may not see it
    hidden: bool  # it is of a student whom the account may not see
    came_first: bool  # the other one, where both are photos


def against(folder: Path, connection: Connection, shown: Shown, account: Account) -> list[Against]:
    """Read what a photo stands against."""
    found = []
    for row in _rows(folder / REPORTS / OutputFile.PAIRS):
        students = row["student_a"], row["student_b"]
        photos = row["photo_a"], row["photo_b"]
        if shown.photo not in photos or shown.student_key not in students:
            continue
        other_key = students[1] if students[0] == shown.student_key else students[0]
        theirs = shown_of_student(connection, other_key)
        other = next((one for one in theirs if one.speaks), None)
        hidden = other is not None and not account.sees(other.college)
        if other is None:
            hidden = bool(account.college)
        found.append(
            Against(
                KINDS[row["kind"]].zh,
                "" if hidden else row["because"],
                None if hidden else other,
                hidden,
                other is not None and other.id < shown.id,
            )
        )
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [
                {key: (value or "").removeprefix("'") for key, value in row.items()}
                for row in csv.DictReader(stream)
            ]
    except FileNotFoundError:
        return []  # no round has ended yet
