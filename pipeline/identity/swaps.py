"""Photos that stand under one another's students: pairs, longer cycles, and open chains.

Only photos that are not accepted against their own record take part: where a student's own
record accepts the photo nobody is accused, whoever else is like it. All records are searched,
and each photo is assigned at most one and each record to no more photos than it has, so that
the scores together are highest (a sparse assignment problem: 20,000 photos at once are no
matter of memory). What fits nowhere is left over.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy
from numpy.typing import NDArray

from pipeline.identity.similarity import FaceOfPhoto, Likeness, evidence


@dataclass(frozen=True)
class Exchange:
    """Photos (by number) and the students whom they show.

    ``closed``: each student involved has a photo among them, as in a swap. In an open chain
    the last student's own photo is missing or shows somebody else.
    """

    shows: Mapping[int, str]
    scores: Mapping[int, float] = field(repr=False)
    closed: bool


@dataclass(frozen=True)
class Exchanges:
    """All exchanges, and photos that show a student whose own photo is accepted."""

    exchanges: tuple[Exchange, ...]
    copies: Mapping[int, tuple[str, float]]


@dataclass(frozen=True)
class _Edge:
    photo: int
    student: str  # under whom it stands
    shows: str
    score: float
    own: float  # NaN: no usable record
    alone: bool  # says enough without a counterpart


def find_exchanges(
    photos: Sequence[FaceOfPhoto],
    likeness: Likeness,
    explained: Collection[int],
    claimed: Collection[str],
) -> Exchanges:
    """Assign the photos in doubt to records.

    Parameters
    ----------
    explained
        Photos, by number, that another cause explains (a slipped run).
    claimed
        Students whose photo was found there.
    """
    own, accept = likeness.own, likeness.bands.accept
    settled = {photo.student for at, photo in enumerate(photos) if own[at] >= accept}
    doubtful = [
        at
        for at, photo in enumerate(photos)
        if photo.student
        and likeness.seen[at]
        and at not in explained
        and not own[at] >= accept  # NaN too
    ]
    edges = _assigned(photos, doubtful, likeness, settled, claimed)
    # Who has an accepted photo and another that is somebody else's takes part after all.
    settled -= {edge.student for edge in edges}
    copies = {
        e.photo: (e.shows, e.score)
        for e in edges
        # Two students alike, and one without a record: the same person twice is DU002's to say.
        if e.shows in settled and e.alone and np.isfinite(e.own)
    }
    between = [edge for edge in edges if edge.shows not in settled]
    loose = defaultdict(list)
    for at in sorted(set(doubtful) - {edge.photo for edge in edges}):
        loose[photos[at].student or ""].append(at)
    found = []
    for group in _groups(between):
        closing = _closing(group, loose, likeness)
        if closing is not None and _convincing([*group, closing], likeness):
            found.append(_exchange([*group, closing]))
        elif _balanced(group) and _convincing(group, likeness):
            found.append(_exchange(group))
        else:
            # What chance could have done is dropped; those photos may close a chain yet.
            for edge in group:
                if not edge.alone:
                    loose[edge.student].append(edge.photo)
            for part in _groups([edge for edge in group if edge.alone]):
                end = _closing(part, loose, likeness)
                found.append(_exchange([*part, end] if end is not None else part))
    return Exchanges(tuple(sorted(found, key=lambda e: min(e.shows))), copies)


def _assigned(
    photos: Sequence[FaceOfPhoto],
    doubtful: Sequence[int],
    likeness: Likeness,
    settled: Collection[str | None],
    claimed: Collection[str],
) -> list[_Edge]:
    """The assignment with the highest sum of scores; a photo may also stay where it is."""
    bands = likeness.bands
    candidates = [
        (int(photo), int(record), float(score))
        for block in likeness.fits(np.array(doubtful, np.intp))
        for photo, record, score in zip(*block, strict=True)
        if record != likeness.own_record[photo]
        and likeness.students[record] not in claimed
        and likeness.students[record] != photos[photo].student
        and not score <= likeness.own[photo]
    ]
    if not candidates:
        return []
    rows = {photo: row for row, photo in enumerate(sorted({c[0] for c in candidates}))}
    of_student = Counter(photos[at].student for at in doubtful)
    wanted = Counter(record for _, record, _ in candidates)
    first: dict[int, range] = {}
    columns = len(rows)  # a photo's own column: it stays
    for record in sorted(wanted):
        student = likeness.students[record]
        room = wanted[record] if student in settled else max(1, of_student[student])
        first[record] = range(columns, columns + min(room, wanted[record]))
        columns += len(first[record])
    entries = [
        (rows[photo], column, score)
        for photo, record, score in candidates
        for column in first[record]
    ]
    for photo, row in rows.items():
        own = likeness.own[photo]
        entries.append((row, row, float(own) if own > bands.reject else bands.reject))
    at_row, at_column, weight = (np.array(each) for each in zip(*entries, strict=True))
    # The solver takes 0 for no edge: cosines are lifted above it.
    matrix = scipy.sparse.coo_array((weight + 2, (at_row, at_column)), shape=(len(rows), columns))
    solve = scipy.sparse.csgraph.min_weight_full_bipartite_matching
    chosen = dict(zip(*solve(matrix.tocsr(), maximize=True), strict=True))
    record_at = {column: record for record, places in first.items() for column in places}
    scores = {(photo, record): score for photo, record, score in candidates}
    return [
        _edge(
            photo, record_at[chosen[row]], scores[photo, record_at[chosen[row]]], photos, likeness
        )
        for photo, row in rows.items()
        if chosen[row] in record_at
    ]


def _edge(
    photo: int, record: int, score: float, photos: Sequence[FaceOfPhoto], likeness: Likeness
) -> _Edge:
    bands, own = likeness.bands, float(likeness.own[photo])
    margin = bands.among_all - bands.accept
    alone = score >= bands.among_all and not score < own + margin
    student = photos[photo].student or ""
    return _Edge(photo, student, likeness.students[record], score, own, alone)


def _groups(edges: Sequence[_Edge]) -> list[list[_Edge]]:
    """Edges that hang together through a student."""
    if not edges:
        return []
    names = sorted({name for edge in edges for name in (edge.student, edge.shows)})
    place = {name: at for at, name in enumerate(names)}
    ends: NDArray[np.intp] = np.array(
        [(place[edge.student], place[edge.shows]) for edge in edges], np.intp
    ).reshape(-1, 2)
    graph = scipy.sparse.coo_array((np.ones(len(ends)), ends.T), shape=(len(names), len(names)))
    _, label = scipy.sparse.csgraph.connected_components(graph, directed=False)
    groups: dict[int, list[_Edge]] = defaultdict(list)
    for edge in edges:
        groups[int(label[place[edge.student]])].append(edge)
    return list(groups.values())


def _balanced(group: Sequence[_Edge]) -> bool:
    """Whether as many photos of each student went as were found."""
    return Counter(edge.student for edge in group) == Counter(edge.shows for edge in group)


def _closing(
    group: Sequence[_Edge], loose: Mapping[str, Sequence[int]], likeness: Likeness
) -> _Edge | None:
    """The edge that makes a chain a cycle: from its last student's photo to its first's record.

    The face need not be accepted, since all else fits; the upper half of the band will do. Where
    the first student has no record that can be used nothing is concluded: in made-up shoots
    with much wrong, whose photo is left over was right in two cases of five.
    """
    went, came = (Counter(getattr(e, end) for e in group) for end in ("student", "shows"))
    sources, sinks = list((went - came).elements()), list((came - went).elements())
    if len(sources) != 1 or len(sinks) != 1 or len(loose.get(sinks[0], ())) != 1:
        return None
    (photo,) = loose[sinks[0]]
    record = np.array([likeness.record_of.get(sources[0], -1)], np.intp)
    score = likeness.between(np.array([photo]), record)
    own = float(likeness.own[photo])
    if not evidence(score, likeness.bands)[0] >= 0 or score[0] <= own:  # NaN: no record
        return None
    return _Edge(photo, sinks[0], sources[0], float(score[0]), own, alone=False)


def _convincing(cycle: Sequence[_Edge], likeness: Likeness) -> bool:
    """Whether a closed cycle is more than chance: each edge alone need not be, together they are.

    On average the scores lie in the upper half of the band, and above those of the records
    under which the photos stand.
    """
    bands = likeness.bands
    scores = np.array([edge.score for edge in cycle], np.float32)
    own = np.array([edge.own for edge in cycle])
    gain = scores - np.where(np.isfinite(own), own, bands.reject)
    return bool(
        evidence(scores, bands).sum() >= len(cycle) / 2
        and gain.sum() >= len(cycle) * (bands.among_all - bands.accept)
    )


def _exchange(edges: Sequence[_Edge]) -> Exchange:
    return Exchange(
        shows={edge.photo: edge.shows for edge in sorted(edges, key=lambda e: e.photo)},
        scores={edge.photo: edge.score for edge in edges},
        closed=_balanced(edges),
    )
