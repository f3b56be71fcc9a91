"""Photos that stand against one another, as the last lists have them: who came first, who is shown.

Who is in a photo is known where faces are compared with those on record.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from flows.desk.desk_state import Desk
from pipeline.batch.sightings import STRANGER
from pipeline.core.output_files import OutputFile
from pipeline.core.rules import Outcome, Text
from pipeline.duplicates.claims import Claim, came_first
from pipeline.ledger.accounts import Account
from pipeline.ledger.arrivals import rounds_of
from pipeline.ledger.board import Person
from pipeline.ledger.sightings import Sighted, read_sightings
from pipeline.ledger.store import REPORTS
from pipeline.ledger.verdicts import first_passed
from pipeline.ledger.waiting import Shown, shown_of_student
from pipeline.rules.duplicates import DU001
from reports.shared_words import KINDS

_OWN = {
    Outcome.PASSED: Text("与本人录取照一致", "the person on record"),
    Outcome.BROKEN: Text(
        "与本人录取照不一致，也不像名单中其他人",
        "not the person on record, nor like anyone of the roster",
    ),
    Outcome.SKIPPED: Text("是否本人无法确定", "cannot be told whether it is the person on record"),
    Outcome.NOT_APPLICABLE: Text(
        "没有录取照可比，或未做人脸比对",
        "no photo on record to compare with, or faces are not compared",
    ),
}
_HIDDEN = Text("另一名学生（不在您的查看范围内）", "another student (not yours to see)")
_SAME_ROUND = Text("同一轮交来", "in the same round")
_EARLIER, _LATER = Text("先交", "earlier"), Text("后交", "later")


@dataclass(frozen=True)
class Side:
    """One of two photos of a pair."""

    shown: Shown
    came: Text  # before the other or after it, in words
    passed: bool  # at any time
    keeps: bool  # it had passed before the other came, and keeps that
    whom: Text | None  # whom it shows, in words; None: it is in no doubt


@dataclass(frozen=True)
class Against:
    """Another photo that one stands against."""

    kind: Text
    because: str  # as the lists have it; empty where the account may not see the other student
    hidden: bool  # the other is of a student whom the account may not see
    sides: tuple[Side, Side] | None  # the photo itself and the other; None: there is none to see


@dataclass(frozen=True)
class Whom:
    """Who is in a photo, in words; and the other student, where it is like that one's record."""

    said: Text
    shows: Person | None  # None: nobody else, or somebody whom the account may not see


def whom_of(desk: Desk, connection: Connection, shown: Shown, account: Account) -> Whom | None:
    """Say who is in a photo; None: it is in no doubt."""
    found = read_sightings(connection, [shown.id])
    if not found or found[0].student != shown.student_key:  # it was given to another since
        return None
    people = _people(desk, connection, account)
    return Whom(_words(found[0], people), people.get(found[0].shows))


def against(desk: Desk, connection: Connection, shown: Shown, account: Account) -> list[Against]:
    """Read what a photo stands against."""
    found = []
    for row in _rows(desk.folder / REPORTS / OutputFile.PAIRS):
        students = row["student_a"], row["student_b"]
        photos = row["photo_a"], row["photo_b"]
        if shown.photo not in photos or shown.student_key not in students:
            continue
        other_key = students[1] if students[0] == shown.student_key else students[0]
        theirs = shown_of_student(connection, other_key)
        other = next((one for one in theirs if one.speaks), None)
        hidden = bool(account.college) if other is None else not account.sees(other.college)
        sides = None
        if other is not None and not hidden and all(photos):
            sides = _sides(connection, (shown, other), _people(desk, connection, account))
        because = "" if hidden else row["because"]
        found.append(Against(KINDS[row["kind"]], because, hidden, sides))
    return found


def _sides(
    connection: Connection, both: tuple[Shown, Shown], people: Mapping[str, Person]
) -> tuple[Side, Side]:
    ids = [one.id for one in both]
    rounds, passed = rounds_of(connection, ids), first_passed(connection, ids)
    claims = {one: Claim(rounds[one], passed.get(one)) for one in ids}
    sighted = {s.submission: s for s in read_sightings(connection, ids)}

    def side(one: Shown, other: Shown) -> Side:
        keeps = came_first(claims[one.id], claims[other.id]) and DU001.code not in one.codes
        seen = sighted.get(one.id)
        words = None if seen is None or seen.student != one.student_key else _words(seen, people)
        later = rounds[one.id] - rounds[other.id]
        came = _SAME_ROUND if not later else _LATER if later > 0 else _EARLIER
        return Side(one, came, one.id in passed, keeps, words)

    return side(*both), side(*reversed(both))


def _words(seen: Sighted, people: Mapping[str, Person]) -> Text:
    if not seen.shows:
        return _OWN[seen.own]
    who = people.get(seen.shows)
    name = _HIDDEN if who is None else Text(f"{who.name} {who.key}", f"{who.name} {who.key}")
    if seen.cause == STRANGER:
        return Text(
            f"与本人录取照不一致，像 {name.zh}", f"not the person on record, but like {name.en}"
        )
    return Text(f"像 {name.zh}", f"like {name.en}")


def _people(desk: Desk, connection: Connection, account: Account) -> dict[str, Person]:
    """Those whom an account may see, by key."""
    everybody = desk.board(connection).people
    return {one.key: one for one in everybody if account.sees(one.college)}


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [
                {key: (value or "").removeprefix("'") for key, value in row.items()}
                for row in csv.DictReader(stream)
            ]
    except FileNotFoundError:
        return []  # no round has ended yet
