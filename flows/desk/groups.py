"""What waits for a decision: swaps and runs, borderline findings of one rule, single photos."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from flows.desk.cases import Case, cases_of
from flows.desk.desk_state import Desk
from flows.desk.photo_view import is_near
from pipeline.batch.sightings import STRANGER
from pipeline.core.batched import batched
from pipeline.ledger.accounts import Account
from pipeline.ledger.examinations import AT_ONCE, Content, reader_of
from pipeline.ledger.season import Season
from pipeline.ledger.sightings import read_sightings
from pipeline.ledger.waiting import Shown, waiting


@dataclass(frozen=True)
class Queue:
    """What waits for a decision of one account."""

    cases: tuple[Case, ...]  # swaps and runs, the surest first
    groups: Mapping[str, tuple[Shown, ...]]  # by code, the largest first
    strangers: tuple[Shown, ...]  # of the single ones those that are not the person on record
    singles: tuple[Shown, ...]  # strangers first

    @property
    def photos(self) -> tuple[Shown, ...]:
        """All that wait, alone or with others."""
        moved = (item.shown for case in self.cases for item in case.items)
        return (*moved, *(one for some in self.groups.values() for one in some), *self.singles)

    def after(self, submission: int) -> Shown | None:
        """Return the single photo after one; the first where it was the last."""
        ids = [one.id for one in self.singles]
        at = ids.index(submission) + 1 if submission in ids else 0
        rest = [one for one in (*self.singles[at:], *self.singles[:at]) if one.id != submission]
        return rest[0] if rest else None


def queue_of(desk: Desk, season: Season, connection: Connection, account: Account) -> Queue:
    """Read what waits for a decision of one account.

    A group holds photos that one borderline finding alone stands against: they need a look,
    not a study.
    """
    seen = [one for one in waiting(connection) if account.sees(one.college)]
    found = cases_of(desk, connection, account, {one.id for one in seen})
    cases = tuple(case for case in found if case.visible)
    seen = [one for one in seen if not any(one.id in case for case in cases)]
    near = _near(desk, season, connection, [one for one in seen if len(one.codes) == 1])
    groups: dict[str, list[Shown]] = defaultdict(list)
    for one in seen:
        if one.id in near:
            groups[one.codes[0]].append(one)
    largest = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    told = [one.submission for one in read_sightings(connection) if one.cause == STRANGER]
    place = {submission: at for at, submission in enumerate(told)}
    singles = [one for one in seen if one.id not in near]
    strangers = sorted((one for one in singles if one.id in place), key=lambda one: place[one.id])
    others = (one for one in singles if one.id not in place)
    return Queue(
        cases,
        {code: tuple(some) for code, some in largest},
        tuple(strangers),
        (*strangers, *others),
    )


def _near(
    desk: Desk, season: Season, connection: Connection, photos: Iterable[Shown]
) -> frozenset[int]:
    """Say which photos have a borderline finding; an examination never changes: asked once."""

    def key(one: Shown) -> tuple[str, Content, str]:
        return season.spec_sha256, one.content, one.codes[0]

    photos = list(photos)
    unknown = [one for one in photos if key(one) not in desk.near]
    for some in batched(unknown, AT_ONCE):
        found = reader_of(connection, season.spec_sha256)({one.content for one in some})
        for one in some:
            kept = found.get(one.content)
            examined = None if kept is None else kept.examination(one.photo, season)
            desk.near[key(one)] = is_near(examined, one.codes[0])
    return frozenset(one.id for one in photos if desk.near[key(one)])
