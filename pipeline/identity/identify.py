"""Who is in the picture: swaps, slipped runs and strangers, one cause told once.

A slipped run explains its photos before anything else does; of the rest, exchanges between
students; what then fits nobody is a stranger, or cannot be said. Nothing is re-assigned: a
person decides on the proposals.
"""

from collections.abc import Sequence

from pipeline.identity.findings import Batch, Causes, Identity, tell
from pipeline.identity.shifts import find_runs, run_of_exchange, with_exchange
from pipeline.identity.shooting_order import ShootingOrder
from pipeline.identity.similarity import Bands, FaceOfPhoto, FaceOnRecord, Likeness, Unseen
from pipeline.identity.slots import find_repeats, slots_of
from pipeline.identity.swaps import find_exchanges


def identity_findings(
    photos: Sequence[FaceOfPhoto],
    records: Sequence[FaceOnRecord],
    bands: Bands,
    order: ShootingOrder,
    scan: Sequence[str],
) -> Identity:
    """Compare every photo with its own record and with everyone's.

    Parameters
    ----------
    photos
        Every photo of the batch once; those without a student take no part.
    records
        Photos on record, one entry a student of whom one was given.
    bands
        When two photos show one person.
    order
        The photos as they were shot.
    scan
        Students in the order of the list by which they were scanned, those too of whom no
        photo arrived; empty where no list tells.

    Returns
    -------
    Identity
        Findings of DU003, DU004 and DU005 for every photo with a student. The order of
        ``photos`` and ``records`` does not matter.

    Raises
    ------
    ValueError
        When a photo, or a student on record, is there twice.
    """
    photos = sorted((p for p in photos if p.student is not None), key=lambda p: p.photo)
    if len({p.photo for p in photos}) < len(photos):
        raise ValueError("a photo is there twice")
    records = sorted(records, key=lambda r: r.student)
    by_path = {p.photo: p for p in photos}
    numbers = {p.photo: number for number, p in enumerate(photos)}
    sequences = tuple(slots_of(shots, by_path, numbers, scan) for shots in order.sequences)
    batch = Batch(
        photos=photos,
        likeness=Likeness(photos, records, bands),
        unusable={r.student: r.faces for r in records if isinstance(r.faces, Unseen)},
        sequences=sequences,
        places={
            number: (which, at)
            for which, slots in enumerate(sequences)
            for at, slot in enumerate(slots)
            for number in slot.photos
        },
    )
    return tell(batch, find_causes(batch))


def find_causes(batch: Batch) -> Causes:
    """Find what is wrong in a batch; no photo has two causes."""
    likeness = batch.likeness
    runs = [run for slots in batch.sequences for run in find_runs(slots, likeness)]
    explained = {number for run in runs for number in run.shows}
    claimed = {student for run in runs for student in run.shows.values()}
    found = find_exchanges(batch.photos, likeness, explained, claimed)
    exchanges = []
    for exchange in found.exchanges:
        run = run_of_exchange(exchange.shows, batch.sequences, batch.places)
        runs, absorbed = with_exchange(runs, exchange.shows, batch.places)
        if run is not None:
            runs.append(run)
        elif not absorbed:
            exchanges.append(exchange)
    explained |= {number for run in runs for number in run.photos()}
    explained |= {number for exchange in exchanges for number in exchange.shows}
    return Causes(
        runs=tuple(sorted(runs, key=lambda run: min(run.photos()))),
        exchanges=tuple(exchanges),
        copies=found.copies,
        repeats=find_repeats(batch.sequences, likeness, explained | set(found.copies)),
    )
