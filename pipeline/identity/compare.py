"""Everyone's faces against one another and against the photos on record: DU002-DU005.

What is compared, with which threshold, in which order; the deciding is done by
`pipeline.identity.same_person` and `pipeline.identity.identify`. Templates live as long as
this call.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from pipeline.core.records import (
    FacesNote,
    FaceTemplate,
    PairRow,
    Proposal,
    Student,
)
from pipeline.core.rules import Finding, Outcome, Text
from pipeline.core.run_photos import Brief
from pipeline.examine.embedding import NO_FACE, centred
from pipeline.identity.identify import identity_findings
from pipeline.identity.impostors import impostors, impostors_between, threshold
from pipeline.identity.same_person import same_person_findings, same_person_pairs
from pipeline.identity.shooting_order import ShootingOrder, shooting_order
from pipeline.identity.similarity import FaceOfPhoto, NoTemplate, ReferenceFace
from pipeline.identity.thresholds import BatchThresholds, batch_thresholds
from pipeline.rules.identity import IDENTITY_RULES, NO_REFERENCE, NOT_COMPARED
from pipeline.spec.spec import Identity

Vectors = NDArray[np.float32]

_UNREADABLE = Text("照片无法打开", "the photo cannot be read")
_BELOW = 0.1  # no photo on record is looked at there: only `accept` counts


@dataclass(frozen=True)
class OnRecord:
    """One photo on record, as it is compared."""

    student_key: str
    face: FaceTemplate
    sha256: str = ""  # of the bytes that were looked at; empty: they could not be read


@dataclass(frozen=True)
class FacesCompared:
    """What came of it: findings of DU002-DU005 by photo of a student, pairs, proposals."""

    findings: Mapping[str, tuple[Finding, ...]]
    pairs: tuple[PairRow, ...]
    proposals: tuple[Proposal, ...]
    note: FacesNote | None


def not_compared(photos: Collection[str]) -> FacesCompared:
    """Give the findings of a run that compares no faces."""
    findings = tuple(rule.not_applicable(NOT_COMPARED) for rule in IDENTITY_RULES)
    return FacesCompared(dict.fromkeys(photos, findings), (), (), None)


def compare_faces(
    photos: Sequence[Brief],
    student_of: Mapping[str, str],
    students: Sequence[Student],
    records: Sequence[OnRecord],
    limits: Identity,
    *,
    known: Collection[tuple[str, str]],
    listed: Sequence[str],
) -> FacesCompared:
    """Compare all faces of a batch.

    Parameters
    ----------
    photos
        With ``face`` filled; photos without a student take no part.
    records
        Photos on record; a student may have several.
    known
        Pairs of photos that are the same file or picture.
    listed
        Photos in the order of the manifest; empty: the roster's order is taken.
    """
    mine = [one for one in photos if one.photo in student_of]
    faces = {one.photo: one.face or _unread(one) for one in mine}
    seen = sorted(photo for photo, face in faces.items() if face.vector is not None)
    vectors = centred(_stack([faces[photo] for photo in seen]))
    of_seen = [student_of[photo] for photo in seen]
    limit = threshold(
        impostors(vectors, of_seen),
        false_pairs=limits.false_pairs,
        false_accept=limits.false_accept,
    )
    by_photo = dict(zip(seen, vectors, strict=True))
    same = same_person_pairs(by_photo, student_of, limit, known=known)
    cannot = {
        photo: NoTemplate(face.why or NO_FACE, face.caused_by)
        for photo, face in faces.items()
        if face.vector is None
    }
    of_same = same_person_findings(same, student_of, cannot)
    usable = sorted(
        (r for r in records if r.face.vector is not None), key=lambda record: record.student_key
    )
    on_record = centred(_stack([record.face for record in usable]))
    bounds = _bounds(by_photo, student_of, usable, on_record, limits)
    order = _order(mine, student_of, students, listed)
    decided = identity_findings(
        [
            FaceOfPhoto(one.photo, student_of[one.photo], _face(one.photo, by_photo, cannot))
            for one in mine
        ],
        _entries(records, usable, on_record),
        bounds or _without_records(limit.value),
        order,
        [s.key for s in students],
    )
    findings = {photo: (of_same[photo], *decided.findings[photo]) for photo in of_same}
    note = FacesNote(
        photos=len(seen),
        records=len({record.student_key for record in usable}),
        threshold=limit.value,
        expected_false_pairs=limit.expected_false_pairs,
        accept=bounds.accept if bounds else None,
        reject=bounds.reject if bounds else None,
        order=order.words,
    )
    pairs = tuple(
        sorted((*same, *decided.pairs), key=lambda row: (row.photo_a, row.photo_b, row.kind))
    )
    return FacesCompared(findings, pairs, decided.proposals, note)


def _stack(faces: Sequence[FaceTemplate]) -> Vectors:
    """(n, 128); of none, (0, 128)."""
    joined = b"".join(face.vector for face in faces if face.vector is not None)
    return np.frombuffer(joined, np.float32).reshape(-1, 128)


def _face(
    photo: str, by_photo: Mapping[str, Vectors], cannot: Mapping[str, NoTemplate]
) -> Vectors | NoTemplate:
    return by_photo[photo] if photo in by_photo else cannot[photo]


def _unread(photo: Brief) -> FaceTemplate:
    """Say what kept a photo from being examined at all."""
    broken = next((f.code for f in photo.told if f.outcome is Outcome.BROKEN), None)
    return FaceTemplate(None, _UNREADABLE, broken)


def _bounds(
    by_photo: Mapping[str, Vectors],
    student_of: Mapping[str, str],
    usable: Sequence[OnRecord],
    on_record: Vectors,
    limits: Identity,
) -> BatchThresholds | None:
    """When a photo is the person on record: from this batch's own scores; None without records."""
    if not by_photo or not usable:
        return None
    photos = np.stack(list(by_photo.values()))
    of_photo = [student_of[photo] for photo in by_photo]
    of_record = [record.student_key for record in usable]
    places: dict[str, list[int]] = defaultdict(list)
    for at, key in enumerate(of_record):
        places[key].append(at)
    own = [
        float((on_record[places[key]] @ photo).max())
        for photo, key in zip(photos, of_photo, strict=True)
        if key in places
    ]
    return batch_thresholds(
        np.array(own, np.float64),
        impostors_between(photos, of_photo, on_record, of_record),
        false_accept=limits.false_accept,
        false_reject=limits.false_reject,
        false_pairs=limits.false_pairs,
    )


def _without_records(least: float) -> BatchThresholds:
    """Bands for what needs no record: two photos in a row that show one person."""
    accept = min(least, 1.0)
    return BatchThresholds(accept, accept - _BELOW, accept, 0.0, 0.0)


def _entries(
    records: Sequence[OnRecord], usable: Sequence[OnRecord], on_record: Vectors
) -> list[ReferenceFace]:
    """One entry a student: all photos that can be compared, or why none can."""
    entries = []
    at = 0
    for key, group in groupby(usable, key=lambda record: record.student_key):
        count = len(list(group))
        entries.append(ReferenceFace(key, on_record[at : at + count]))
        at += count
    known = {entry.student for entry in entries}
    for record in sorted(records, key=lambda record: record.student_key):
        if record.student_key not in known:
            known.add(record.student_key)
            entries.append(
                ReferenceFace(record.student_key, NoTemplate(record.face.why or NO_REFERENCE))
            )
    return entries


def _order(
    mine: Sequence[Brief],
    student_of: Mapping[str, str],
    students: Sequence[Student],
    listed: Sequence[str],
) -> ShootingOrder:
    place = {student.key: at for at, student in enumerate(students)}
    by_roster = sorted(student_of, key=lambda photo: (place[student_of[photo]], photo))
    numbers = {
        number
        for s in students
        for number in (s.key, s.student_no, s.exam_no, s.id_no, s.capture_code)
        if number
    }
    return shooting_order(
        [one.photo for one in mine],
        numbers,
        {one.photo: one.captured for one in mine if one.captured},
        list(listed) or by_roster,
    )
