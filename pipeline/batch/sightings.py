"""Who is in the photos that are in doubt, in the order in which a person looks at them.

Proposals and pairs say it of causes and of pairs; here each photo is told of once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.batch.compare import Compared
from pipeline.core.records import PairRow
from pipeline.core.rules import Outcome, Text
from pipeline.rules.identity import DU005

STRANGER = "stranger"
_SHIFT, _SWAP = "shift", "swap"
_NOTHING = Text("", "")


@dataclass(frozen=True)
class Sighting:
    """Who is in a photo.

    ``cause`` is one for all photos of one swap or run, as in `Proposal`, ``stranger`` where the
    photo is not the person on record, and empty where it is only like another student's.
    """

    photo: str
    cause: str
    student: str  # under whom it stands
    shows: str  # whom it seems to show; empty: nobody else
    own: Outcome  # beside the photo on record of its student
    because: Text


def sightings(compared: Compared) -> tuple[Sighting, ...]:
    """Tell of every photo of a swap, a run or a pair who is in it, the surest cause first.

    Many photos that slipped alike are surer than two that are exchanged, and these than one that
    is nobody's; of two of a kind the liker, or the less like its own record.
    """
    found = {
        p.photo: Sighting(p.photo, p.run, p.student, p.proposed, Outcome.SKIPPED, p.because)
        for p in compared.proposals
    }
    for pair in compared.pairs:
        if pair.kind == "not_on_record":
            found.setdefault(
                pair.photo_a,
                Sighting(
                    pair.photo_a,
                    STRANGER,
                    pair.student_a,
                    pair.student_b,
                    Outcome.BROKEN,
                    pair.because,
                ),
            )
    for pair in compared.pairs:
        for photo, student in ((pair.photo_a, pair.student_a), (pair.photo_b, pair.student_b)):
            if photo and photo not in found:
                own = _own(compared, photo)
                found[photo] = Sighting(photo, "", student, "", own, _NOTHING)
    order = {cause: at for at, cause in enumerate(_by_sureness(found.values(), compared.pairs))}
    unlike = {p.photo_a: p.score for p in compared.pairs if p.kind == "not_on_record"}

    def key(one: Sighting) -> tuple[int, float, str]:
        lone = unlike.get(one.photo, 0.0) if one.cause == STRANGER else 0.0
        return order[one.cause], lone, one.photo

    return tuple(sorted(found.values(), key=key))


def _own(compared: Compared, photo: str) -> Outcome:
    return next(f.outcome for f in compared.findings[photo] if f.code == DU005.code)


def _by_sureness(found: Iterable[Sighting], pairs: Sequence[PairRow]) -> list[str]:
    photos: dict[str, set[str]] = {}
    for one in found:
        photos.setdefault(one.cause, set()).add(one.photo)

    def key(cause: str) -> tuple[float, ...]:
        kind = cause.partition("-")[0]
        if kind == _SHIFT:
            return 0, -len(photos[cause])
        if kind == _SWAP:
            scores = [p.score for p in pairs if p.kind == _SWAP and p.photo_a in photos[cause]]
            return 1, -min(scores, default=0.0)
        return (2,) if cause == STRANGER else (3,)

    return sorted(photos, key=lambda cause: (key(cause), cause))
