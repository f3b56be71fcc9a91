"""Shoots with planted mistakes, made of templates of real photographs, for measuring.

A shoot needs two hundred people with a photo on record; the labelled photographs hold 78 with
two photos. The others are filled in: of a person with one photo that photo is the one on
record, and the new photo is a vector at a cosine from it that is drawn from the real pairs,
in a direction drawn from those in which the real pairs differ. No picture is made.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fixtures.templates import FixedBands
from pipeline.identity.shooting_order import ShootingOrder, Shots
from pipeline.identity.similarity import FaceOfPhoto, ReferenceFace

# Shares of pairs of different people at or above the scores: of one record that is named, of
# the least that is not denied, and of the best among all.
FAR_ACCEPT, FAR_REJECT, FAR_AMONG_ALL = 1e-3, 0.05, 1e-4


@dataclass(frozen=True)
class Person:
    """Templates of one photo on record and of the new one; (128,) float32 of length 1."""

    reference: NDArray[np.float32]
    photo: NDArray[np.float32]


def people(
    templates: Mapping[str, NDArray[np.float32]],
    identity_of: Mapping[str, str],
    count: int | None,
    rng: np.random.Generator,
) -> list[Person]:
    """Draw a shoot's people: those with two photos, and others filled in up to ``count``.

    None: those with two photos alone, nobody filled in.

    ``templates`` and ``identity_of`` are by photograph.
    """
    of_identity: dict[str, list[str]] = defaultdict(list)
    for photo in sorted(templates):
        of_identity[identity_of[photo]].append(photo)
    several = [photos for photos in of_identity.values() if len(photos) > 1]
    single = [photos[0] for photos in of_identity.values() if len(photos) == 1]
    pairs = [
        Person(templates[photos[a]], templates[photos[b]])
        for photos in several
        for a, b in [rng.choice(len(photos), 2, replace=False)]
    ]
    lacking = 0 if count is None else max(0, count - len(pairs))
    chosen = rng.permutation(len(single))[:lacking]
    filled = [_filled(templates[single[at]], pairs, rng) for at in chosen]
    everyone = [*pairs, *filled]
    return [everyone[at] for at in rng.permutation(len(everyone))[:count]]


def _filled(
    reference: NDArray[np.float32], pairs: Sequence[Person], rng: np.random.Generator
) -> Person:
    score = _score(pairs[int(rng.integers(len(pairs)))])
    differences = np.array([p.photo - _score(p) * p.reference for p in pairs])
    direction = rng.normal(size=len(pairs)) @ differences
    direction -= (direction @ reference) * reference
    direction /= np.linalg.norm(direction)
    photo = score * reference + np.sqrt(1 - score**2) * direction
    return Person(reference, photo.astype(np.float32))


def _score(person: Person) -> float:
    return float(person.reference @ person.photo)


def bands_of(templates: NDArray[np.float32], far_reject: float) -> FixedBands:
    """Take the bands from the scores between templates of different people, (n, 128).

    Of a shoot, those on record: what is compared across (photos with records) holds the
    genuine scores of every mistake that is looked for, and the filled photos are no photos.
    """
    scores = (templates @ templates.T)[np.triu_indices(len(templates), 1)]
    accept, reject, among_all = (
        float(np.quantile(scores, 1 - share)) for share in (FAR_ACCEPT, far_reject, FAR_AMONG_ALL)
    )
    return FixedBands(accept, reject, among_all)


@dataclass(frozen=True)
class PlantedShoot:
    """What `identity_findings` is given, and who is really in each photo."""

    photos: tuple[FaceOfPhoto, ...]
    records: tuple[ReferenceFace, ...]
    bands: FixedBands
    order: ShootingOrder
    scan: tuple[str, ...]
    truth: Mapping[str, str]  # the student shown, by photo


def name(number: int) -> str:
    """Student's number of the person at a place."""
    return f"S{number:05}"


def shoot(
    persons: Sequence[Person], shown: Sequence[int | None], far_reject: float = FAR_REJECT
) -> PlantedShoot:
    """Make a shoot in which the photo under student i shows person ``shown[i]``.

    None: no photo arrived.
    """
    present = [at for at, who in enumerate(shown) if who is not None]
    faces = {at: persons[shown[at] or 0].photo for at in present}
    photos = tuple(FaceOfPhoto(f"IMG_{at:05}.JPG", name(at), faces[at]) for at in present)
    files = tuple(photo.photo for photo in photos)
    return PlantedShoot(
        photos=photos,
        records=tuple(
            ReferenceFace(name(at), person.reference[None]) for at, person in enumerate(persons)
        ),
        bands=bands_of(np.array([p.reference for p in persons]), far_reject),
        order=ShootingOrder("file_number", (Shots("IMG", files, (0,) * len(files)),)),
        scan=tuple(name(at) for at in range(len(persons))),
        truth={
            photo.photo: name(shown[at] or 0) for photo, at in zip(photos, present, strict=True)
        },
    )


def with_swaps(count: int, swaps: int, rng: np.random.Generator) -> list[int | None]:
    """Exchange the photos of pairs of students drawn at random."""
    shown: list[int | None] = list(range(count))
    for a, b in rng.permutation(count)[: 2 * swaps].reshape(-1, 2):
        shown[a], shown[b] = int(b), int(a)
    return shown


def with_run(count: int, start: int, length: int, shift: int, *, closed: bool) -> list[int | None]:
    """Let the photos of ``length`` places from ``start`` belong ``shift`` places further on.

    ``closed``: those whom the run leaves over are shot at its other end. Otherwise they were
    not shot (shift forward: the last ``shift`` records of the run have no photo under their own
    name either), or the photos before the run are of the same people (shift back).
    """
    shown: list[int | None] = list(range(count))
    places = range(start, start + length)
    if closed:
        for at in places:
            shown[at] = start + (at - start + shift) % length
    else:
        for at in places:
            shown[at] = at + shift
        if shift > 0:
            for at in range(start + length, start + length + shift):
                shown[at] = None
    return shown
