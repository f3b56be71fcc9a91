"""Swaps and runs that wait: photos that seem to be other students', each with the proposed one."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from flows.desk.desk_state import Desk
from pipeline.batch.sightings import STRANGER
from pipeline.core.rules import Text
from pipeline.ledger.accounts import Account
from pipeline.ledger.board import Person
from pipeline.ledger.reassignments import kept_now
from pipeline.ledger.sightings import Sighted, read_sightings
from pipeline.ledger.waiting import Shown, read_shown_all
from reports.shared_words import proposal_cause


@dataclass(frozen=True)
class Item:
    """One photo: under whom it stands, and whose it is proposed to be."""

    sighted: Sighted
    shown: Shown
    to: Person

    @property
    def row(self) -> str:
        """What a form sends of it: the photo, and everything of it that was seen."""
        seen = self.shown.seen
        return f"{self.shown.id}-{seen.verdict}-{seen.review}-{self.sighted.id}"


@dataclass(frozen=True)
class Case:
    """All photos of one swap or run that still stand where they stood."""

    cause: str  # swap-1, shift-2
    items: tuple[Item, ...]
    visible: bool  # to who asks: all its students are

    @property
    def id(self) -> int:
        """The photo that names it in addresses."""
        return self.items[0].shown.id

    @property
    def name(self) -> Text:
        """It as the lists call it: 互换-1."""
        return proposal_cause(self.cause)

    @property
    def is_run(self) -> bool:
        """Whether it is a run that slipped."""
        return self.cause.startswith("shift")

    @property
    def is_exchange(self) -> bool:
        """Whether two students have each other's photo."""
        both = {(item.shown.student_key, item.to.key) for item in self.items}
        return len(both) == 2 and both == {(to, under) for under, to in both}

    @property
    def because(self) -> Text:
        """Why it is proposed; of a run the same for all its photos."""
        return self.items[0].sighted.because

    @property
    def left_without(self) -> tuple[Shown, ...]:
        """Those whose photo goes and to whom none comes."""
        come = {item.to.key for item in self.items}
        return tuple(i.shown for i in self.items if i.shown.student_key not in come)

    def __contains__(self, submission: int) -> bool:
        """Whether a photo is one of it."""
        return any(item.shown.id == submission for item in self.items)


def cases_of(
    desk: Desk, connection: Connection, account: Account, waits: Collection[int]
) -> tuple[Case, ...]:
    """Read the swaps and runs in which a photo waits, the surest first.

    One that a person left as it stands is none any more, unless a photo came to it since. Of one
    with a student whom the account may not see it says only that it is there.
    """
    grouped: dict[str, list[Sighted]] = defaultdict(list)
    for one in read_sightings(connection):
        if one.shows and one.cause != STRANGER:
            grouped[one.cause].append(one)
    people = {one.key: one for one in desk.board(connection).people} if grouped else {}
    shown = read_shown_all(connection, [s.submission for some in grouped.values() for s in some])
    kept = kept_now(connection)
    found = []
    for cause, some in grouped.items():
        items = tuple(
            Item(one, shown[one.submission], people[one.shows])
            for one in some
            if one.shows in people and _stands(one, shown)
        )
        open_ = any(i.shown.id in waits and (i.shown.id, i.to.key) not in kept for i in items)
        if open_:
            everybody = [people.get(key) for one in some for key in (one.student, one.shows)]
            visible = all(who is not None and account.sees(who.college) for who in everybody)
            found.append(Case(cause, items, visible))
    return tuple(found)


def _stands(one: Sighted, shown: Mapping[int, Shown]) -> bool:
    """Whether a photo stands where it stood when it was told of."""
    now = shown.get(one.submission)
    return now is not None and now.student_key == one.student and not now.is_moved
