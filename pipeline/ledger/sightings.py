"""Who is in the photos that are in doubt, as the last run told (`pipeline.batch.sightings`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from pipeline.batch.sightings import Sighting
from pipeline.core.rules import Outcome, Text
from pipeline.ledger.codec import decode_text, encode_text
from pipeline.ledger.tables import sightings


@dataclass(frozen=True, slots=True)
class Sighted:
    """Who is in a submission; ``id`` is another one whenever anything of it is another."""

    id: int
    submission: int
    cause: str
    student: str
    shows: str
    own: Outcome
    because: Text


def keep_sightings(
    connection: Connection, found: Iterable[Sighting], ids: Mapping[str, int]
) -> None:
    """Put what a run told in the place of what the last one did; what is the same keeps its id.

    ``ids`` are the submissions by the name that the lists show.
    """
    new = {
        (ids[s.photo], s.cause, s.student, s.shows, s.own, s.because): place
        for place, s in enumerate(found)
    }
    old = {
        (s.submission, s.cause, s.student, s.shows, s.own, s.because): s.id
        for s in read_sightings(connection)
    }
    same = sightings.c.id == bindparam("i")
    if gone := [{"i": one} for key, one in old.items() if key not in new]:
        connection.execute(delete(sightings).where(same), gone)
    if stays := [{"i": old[key], "p": place} for key, place in new.items() if key in old]:
        connection.execute(update(sightings).where(same).values(place=bindparam("p")), stays)
    rows = [
        {
            "submission_id": submission,
            "place": place,
            "cause": cause,
            "student_key": student,
            "shows": shows,
            "own": own,
            "because": encode_text(because),
        }
        for (submission, cause, student, shows, own, because), place in new.items()
        if (submission, cause, student, shows, own, because) not in old
    ]
    if rows:
        connection.execute(insert(sightings), rows)


def read_sightings(connection: Connection, some: Iterable[int] | None = None) -> list[Sighted]:
    """Read them all (of some submissions), the surest cause first."""
    asked = select(sightings).order_by(sightings.c.place, sightings.c.id)
    if some is not None:
        asked = asked.where(sightings.c.submission_id.in_(list(some)))
    rows = connection.execute(asked)
    return [
        Sighted(
            r.id,
            r.submission_id,
            r.cause,
            r.student_key,
            r.shows,
            r.own,
            decode_text(r.because),
        )
        for r in rows
    ]
