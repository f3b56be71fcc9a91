"""Places in the shooting order: who was scanned there, and which photos stand there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.identity.shooting_order import Shots
from pipeline.identity.similarity import FaceOfPhoto, Similarities

_NEIGHBOURS = 8  # places around a repeat in which what is missing may have to do with it


@dataclass(frozen=True)
class Slot:
    """A place in the order: a student, and the photos (by number) that stand under it there.

    None for a student who was scanned and of whom no photo arrived.
    """

    student: str
    photos: tuple[int, ...]
    skipped: int = 0  # file numbers missing right before


def slots_of(
    shots: Shots, photos: Mapping[str, FaceOfPhoto], numbers: Mapping[str, int], scan: Sequence[str]
) -> tuple[Slot, ...]:
    """Return the places of one sequence.

    Photos of one student that follow one another share a place. A student of whom no photo
    arrived has a place between two that ``scan``, the order of the roster or the manifest,
    puts right beside it, if these are neighbours in the sequence too.

    Parameters
    ----------
    shots
        The sequence.
    photos, numbers
        By the photo's path: what is known of it, and its number.
    scan
        Students in the order in which they were scanned, as far as a list tells.
    """
    slots: list[Slot] = []
    skipped = 0
    for photo, gap in zip(shots.photos, shots.skipped, strict=True):
        skipped += gap
        student = photos[photo].student if photo in photos else None
        if student is None:
            continue
        if slots and slots[-1].student == student:
            last = slots.pop()
            slots.append(Slot(student, (*last.photos, numbers[photo]), last.skipped))
        else:
            slots.append(Slot(student, (numbers[photo],), skipped))
        skipped = 0
    return tuple(_with_missing(slots, {p.student for p in photos.values()}, scan))


def _with_missing(
    slots: Sequence[Slot], present: Collection[str | None], scan: Sequence[str]
) -> list[Slot]:
    before: dict[tuple[str, str], list[Slot]] = {}
    last, missing = "", []
    for student in (*scan, ""):
        if student and student not in present:
            missing.append(Slot(student, ()))
        else:
            if missing:
                before[last, student] = missing
            last, missing = student, []
    ends = [Slot("", ()), *slots, Slot("", ())]
    result: list[Slot] = []
    for left, right in pairwise(ends):
        result += [
            *([left] if left.student else []),
            *before.get((left.student, right.student), []),
        ]
    return result


@dataclass(frozen=True)
class Repeat:
    """Two photos (by number) of one person in a row, under two students.

    ``numbers`` file numbers are missing near, ``absent`` students near have no photo.
    """

    first: int
    second: int
    numbers: int
    absent: int


def find_repeats(
    sequences: Sequence[tuple[Slot, ...]], similarities: Similarities, explained: set[int]
) -> tuple[Repeat, ...]:
    """Find where one person seems to have been shot twice, and the references do not tell.

    At least one of the two has no reference that can be used, and none has another cause.
    """
    found = []
    least = similarities.thresholds.among_all
    for slots in sequences:
        beside = [at for at in range(len(slots) - 1) if slots[at].photos and slots[at + 1].photos]
        first = np.array([slots[at].photos[-1] for at in beside], np.intp)
        second = np.array([slots[at + 1].photos[0] for at in beside], np.intp)
        unknown = np.isnan(similarities.own[first]) | np.isnan(similarities.own[second])
        for k in np.flatnonzero((similarities.between_photos(first, second) >= least) & unknown):
            pair = int(first[k]), int(second[k])
            if explained.isdisjoint(pair):
                near = slots[max(0, beside[k] - _NEIGHBOURS) : beside[k] + _NEIGHBOURS + 2]
                absent = sum(not slot.photos for slot in near)
                found.append(Repeat(*pair, sum(slot.skipped for slot in near), absent))
    return tuple(found)
