"""DU002: two photos of different students that show one person.

Every photo is compared with every other by their embeddings; from the threshold of the
batch on (`identity.same_person_threshold`) a pair is said to be one person. Twins and people
who look alike are such pairs too: a person decides, nothing is rejected or re-assigned.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from pipeline.core.records import PairRow
from pipeline.core.rules import Finding, Text
from pipeline.duplicates.pairs import named
from pipeline.duplicates.search import vectors_above
from pipeline.examine.embedding import Vector
from pipeline.identity.same_person_threshold import Threshold
from pipeline.identity.similarity import NoTemplate
from pipeline.rules.identity import DU002


def same_person_pairs(
    embeddings: Mapping[str, Vector],
    student_of: Mapping[str, str],
    threshold: Threshold,
    *,
    known: Collection[tuple[str, str]] = (),
) -> tuple[PairRow, ...]:
    """Find pairs of photos of different students that reach the threshold.

    Parameters
    ----------
    embeddings
        (128,) float32 of length 1 by photo, as `pipeline.examine.embedding.centred` gives the rows.
    student_of
        By photo; photos without a student take no part.
    threshold
        Of this batch.
    known
        Pairs of photos, either way round, that are the same file or the same picture:
        they are not said again.
    """
    photos = sorted(photo for photo in embeddings if photo in student_of)
    if not photos:
        return ()
    vectors = np.stack([embeddings[photo] for photo in photos])
    told = {frozenset(pair) for pair in known}
    because = Text(
        f"疑似同一人（本批阈值 {threshold.value:.3f}，"
        f"全批预计误报 {threshold.expected_false_pairs:.1f} 对）",
        f"probably one person (threshold of this batch {threshold.value:.3f}, "
        f"{threshold.expected_false_pairs:.1f} false pairs expected in all of it)",
    )
    hits = vectors_above(vectors, vectors, threshold.value)
    rows = [
        PairRow("same_person", student_of[a], student_of[b], a, b, float(score), because)
        for i, j, score in zip(*hits, strict=True)
        if i < j
        and student_of[a := photos[i]] != student_of[b := photos[j]]
        and frozenset((a, b)) not in told
    ]
    return tuple(sorted(rows, key=lambda row: (row.photo_a, row.photo_b)))


def same_person_findings(
    pairs: Sequence[PairRow], student_of: Mapping[str, str], cannot_say: Mapping[str, NoTemplate]
) -> dict[str, Finding]:
    """Return DU002 for every photo of a student: broken, passed, or why it could not be compared.

    Parameters
    ----------
    pairs
        Of the kind same_person.
    student_of
        By photo.
    cannot_say
        By photo, why there is no vector.
    """
    others: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        others[pair.photo_a].add(pair.student_b)
        others[pair.photo_b].add(pair.student_a)
    return {photo: _finding(others.get(photo), cannot_say.get(photo)) for photo in student_of}


def _finding(others: set[str] | None, unseen: NoTemplate | None) -> Finding:
    if others:
        who = named(others)
        return DU002.broken(detail=Text(f"与{who.zh}疑似同一人", f"also under {who.en}"))
    if unseen is not None:
        return DU002.skipped(unseen.why, caused_by=unseen.caused_by)
    return DU002.passed()
