"""Photos that stand under one another's students: pairs, longer cycles, and open chains.

Only photos that are not accepted against their own reference take part: where a student's own
reference accepts the photo nobody is accused, whoever else is like it. All references are searched,
and each photo is assigned at most one and each reference to no more photos than it has, so that
the scores together are highest (a sparse assignment problem: 20,000 photos at once are no
matter of memory). What fits nowhere is left over.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy
from numpy.typing import NDArray

from pipeline.identity.similarity import FaceOfPhoto, Similarities, log_likelihood_ratio


@dataclass(frozen=True)
class Swap:
    """Photos (by number) and the students whom they show.

    ``closed``: each student involved has a photo among them, as in a swap. In an open chain
    the last student's own photo is missing or shows somebody else.
    """

    shows: Mapping[int, str]
    scores: Mapping[int, float] = field(repr=False)
    closed: bool


@dataclass(frozen=True)
class Swaps:
    """All swaps, and photos that show a student whose own photo is accepted."""

    swaps: tuple[Swap, ...]
    copies: Mapping[int, tuple[str, float]]


@dataclass(frozen=True)
class _Edge:
    photo: int
    student: str  # under whom it stands
    shows: str
    score: float
    own: float  # NaN: no usable reference
    alone: bool  # says enough without a counterpart


def find_swaps(
    photos: Sequence[FaceOfPhoto],
    similarities: Similarities,
    explained: Collection[int],
    claimed: Collection[str],
) -> Swaps:
    """Assign the photos in doubt to references.

    Parameters
    ----------
    explained
        Photos, by number, that another cause explains (a shift).
    claimed
        Students whose photo was found there.
    """
    own, accept = similarities.own, similarities.thresholds.accept
    settled = {photo.student for at, photo in enumerate(photos) if own[at] >= accept}
    doubtful = [
        at
        for at, photo in enumerate(photos)
        if photo.student
        and similarities.seen[at]
        and at not in explained
        and not own[at] >= accept  # NaN too
    ]
    edges = _assigned(photos, doubtful, similarities, settled, claimed)
    # Who has an accepted photo and another that is somebody else's takes part after all.
    settled -= {edge.student for edge in edges}
    copies = {
        e.photo: (e.shows, e.score)
        for e in edges
        # Two students alike, and one without a reference: the same person twice is DU002's to say.
        if e.shows in settled and e.alone and np.isfinite(e.own)
    }
    between = [edge for edge in edges if edge.shows not in settled]
    loose = defaultdict(list)
    for at in sorted(set(doubtful) - {edge.photo for edge in edges}):
        loose[photos[at].student or ""].append(at)
    found = []
    for group in _groups(between):
        closing = _closing(group, loose, similarities)
        if closing is not None and _convincing([*group, closing], similarities):
            found.append(_swap([*group, closing]))
        elif _balanced(group) and _convincing(group, similarities):
            found.append(_swap(group))
        else:
            # What chance could have done is dropped; those photos may close a chain yet.
            for edge in group:
                if not edge.alone:
                    loose[edge.student].append(edge.photo)
            for part in _groups([edge for edge in group if edge.alone]):
                end = _closing(part, loose, similarities)
                found.append(_swap([*part, end] if end is not None else part))
    return Swaps(tuple(sorted(found, key=lambda e: min(e.shows))), copies)


def _assigned(
    photos: Sequence[FaceOfPhoto],
    doubtful: Sequence[int],
    similarities: Similarities,
    settled: Collection[str | None],
    claimed: Collection[str],
) -> list[_Edge]:
    """The assignment with the highest sum of scores; a photo may also stay where it is."""
    thresholds = similarities.thresholds
    candidates = [
        (int(photo), int(reference), float(score))
        for block in similarities.fits(np.array(doubtful, np.intp))
        for photo, reference, score in zip(*block, strict=True)
        if reference != similarities.own_reference[photo]
        and similarities.students[reference] not in claimed
        and similarities.students[reference] != photos[photo].student
        and not score <= similarities.own[photo]
    ]
    if not candidates:
        return []
    rows = {photo: row for row, photo in enumerate(sorted({c[0] for c in candidates}))}
    of_student = Counter(photos[at].student for at in doubtful)
    wanted = Counter(reference for _, reference, _ in candidates)
    first: dict[int, range] = {}
    columns = len(rows)  # a photo's own column: it stays
    for reference in sorted(wanted):
        student = similarities.students[reference]
        room = wanted[reference] if student in settled else max(1, of_student[student])
        first[reference] = range(columns, columns + min(room, wanted[reference]))
        columns += len(first[reference])
    entries = [
        (rows[photo], column, score)
        for photo, reference, score in candidates
        for column in first[reference]
    ]
    for photo, row in rows.items():
        own = similarities.own[photo]
        entries.append((row, row, float(own) if own > thresholds.reject else thresholds.reject))
    at_row, at_column, weight = (np.array(each) for each in zip(*entries, strict=True))
    # The solver takes 0 for no edge: cosines are lifted above it.
    matrix = scipy.sparse.coo_array((weight + 2, (at_row, at_column)), shape=(len(rows), columns))
    solve = scipy.sparse.csgraph.min_weight_full_bipartite_matching
    chosen = dict(zip(*solve(matrix.tocsr(), maximize=True), strict=True))
    record_at = {
        column: reference for reference, positions in first.items() for column in positions
    }
    scores = {(photo, reference): score for photo, reference, score in candidates}
    return [
        _edge(
            photo,
            record_at[chosen[row]],
            scores[photo, record_at[chosen[row]]],
            photos,
            similarities,
        )
        for photo, row in rows.items()
        if chosen[row] in record_at
    ]


def _edge(
    photo: int,
    reference: int,
    score: float,
    photos: Sequence[FaceOfPhoto],
    similarities: Similarities,
) -> _Edge:
    thresholds, own = similarities.thresholds, float(similarities.own[photo])
    margin = thresholds.among_all - thresholds.accept
    alone = score >= thresholds.among_all and not score < own + margin
    student = photos[photo].student or ""
    return _Edge(photo, student, similarities.students[reference], score, own, alone)


def _groups(edges: Sequence[_Edge]) -> list[list[_Edge]]:
    """Edges that hang together through a student."""
    if not edges:
        return []
    names = sorted({name for edge in edges for name in (edge.student, edge.shows)})
    position = {name: at for at, name in enumerate(names)}
    ends: NDArray[np.intp] = np.array(
        [(position[edge.student], position[edge.shows]) for edge in edges], np.intp
    ).reshape(-1, 2)
    graph = scipy.sparse.coo_array((np.ones(len(ends)), ends.T), shape=(len(names), len(names)))
    _, label = scipy.sparse.csgraph.connected_components(graph, directed=False)
    groups: dict[int, list[_Edge]] = defaultdict(list)
    for edge in edges:
        groups[int(label[position[edge.student]])].append(edge)
    return list(groups.values())


def _balanced(group: Sequence[_Edge]) -> bool:
    """Whether as many photos of each student went as were found."""
    return Counter(edge.student for edge in group) == Counter(edge.shows for edge in group)


def _closing(
    group: Sequence[_Edge], loose: Mapping[str, Sequence[int]], similarities: Similarities
) -> _Edge | None:
    """The edge that makes a chain a cycle: from its last student's photo to its first's reference.

    The face need not be accepted, since all else fits; the upper half of the band will do. Where
    the first student has no reference that can be used nothing is concluded: in made-up shoots
    with much wrong, whose photo is left over was right in two cases of five.
    """
    went, came = (Counter(getattr(e, end) for e in group) for end in ("student", "shows"))
    sources, sinks = list((went - came).elements()), list((came - went).elements())
    if len(sources) != 1 or len(sinks) != 1 or len(loose.get(sinks[0], ())) != 1:
        return None
    (photo,) = loose[sinks[0]]
    reference = np.array([similarities.reference_of.get(sources[0], -1)], np.intp)
    score = similarities.between(np.array([photo]), reference)
    own = float(similarities.own[photo])
    if (
        not log_likelihood_ratio(score, similarities.thresholds)[0] >= 0 or score[0] <= own
    ):  # NaN: no reference
        return None
    return _Edge(photo, sinks[0], sources[0], float(score[0]), own, alone=False)


def _convincing(cycle: Sequence[_Edge], similarities: Similarities) -> bool:
    """Whether a closed cycle is more than chance: each edge alone need not be, together they are.

    On average the scores lie in the upper half of the band, and above those of the references
    under which the photos stand.
    """
    thresholds = similarities.thresholds
    scores = np.array([edge.score for edge in cycle], np.float32)
    own = np.array([edge.own for edge in cycle])
    gain = scores - np.where(np.isfinite(own), own, thresholds.reject)
    return bool(
        log_likelihood_ratio(scores, thresholds).sum() >= len(cycle) / 2
        and gain.sum() >= len(cycle) * (thresholds.among_all - thresholds.accept)
    )


def _swap(edges: Sequence[_Edge]) -> Swap:
    return Swap(
        shows={edge.photo: edge.shows for edge in sorted(edges, key=lambda e: e.photo)},
        scores={edge.photo: edge.score for edge in edges},
        closed=_balanced(edges),
    )
