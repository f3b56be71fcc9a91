"""Who is in the picture: swaps, shifts and strangers, one cause told once.

A shift explains its photos before anything else does; of the rest, swaps between
students; what then fits nobody is a stranger, or cannot be said. Nothing is re-assigned: a
person decides on the proposals.
"""

from collections.abc import Sequence

from pipeline.identity.findings import Batch, Causes, IdentityFindings, report
from pipeline.identity.shifts import find_shifts, shift_of_swap, with_swap
from pipeline.identity.shooting_order import ShootingOrder
from pipeline.identity.similarity import (
    FaceOfPhoto,
    NoTemplate,
    ReferenceFace,
    Similarities,
    Thresholds,
)
from pipeline.identity.slots import find_repeats, slots_of
from pipeline.identity.swaps import find_swaps


def identity_findings(
    photos: Sequence[FaceOfPhoto],
    references: Sequence[ReferenceFace],
    thresholds: Thresholds,
    order: ShootingOrder,
    scan: Sequence[str],
) -> IdentityFindings:
    """Compare every photo with its own reference and with everyone's.

    Parameters
    ----------
    photos
        Every photo of the batch once; those without a student take no part.
    references
        Photos on reference, one entry a student of whom one was given.
    thresholds
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
        ``photos`` and ``references`` does not matter.

    Raises
    ------
    ValueError
        When a photo, or a student on reference, is there twice.
    """
    photos = sorted((p for p in photos if p.student is not None), key=lambda p: p.photo)
    if len({p.photo for p in photos}) < len(photos):
        raise ValueError("a photo is there twice")
    references = sorted(references, key=lambda r: r.student)
    by_path = {p.photo: p for p in photos}
    numbers = {p.photo: number for number, p in enumerate(photos)}
    sequences = tuple(slots_of(shots, by_path, numbers, scan) for shots in order.sequences)
    batch = Batch(
        photos=photos,
        similarities=Similarities(photos, references, thresholds),
        unusable={r.student: r.faces for r in references if isinstance(r.faces, NoTemplate)},
        sequences=sequences,
        positions={
            number: (which, at)
            for which, slots in enumerate(sequences)
            for at, slot in enumerate(slots)
            for number in slot.photos
        },
    )
    return report(batch, find_causes(batch))


def find_causes(batch: Batch) -> Causes:
    """Find what is wrong in a batch; no photo has two causes."""
    similarities = batch.similarities
    shifts = [shift for slots in batch.sequences for shift in find_shifts(slots, similarities)]
    explained = {number for shift in shifts for number in shift.shows}
    claimed = {student for shift in shifts for student in shift.shows.values()}
    found = find_swaps(batch.photos, similarities, explained, claimed)
    swaps = []
    for swap in found.swaps:
        shift = shift_of_swap(swap.shows, batch.sequences, batch.positions)
        shifts, absorbed = with_swap(shifts, swap.shows, batch.positions)
        if shift is not None:
            shifts.append(shift)
        elif not absorbed:
            swaps.append(swap)
    explained |= {number for shift in shifts for number in shift.photos()}
    explained |= {number for swap in swaps for number in swap.shows}
    return Causes(
        shifts=tuple(sorted(shifts, key=lambda shift: min(shift.photos()))),
        swaps=tuple(swaps),
        copies=found.copies,
        repeats=find_repeats(batch.sequences, similarities, explained | set(found.copies)),
    )
