"""Everyone's faces against one another and against the photos on record: DU002-DU005.

What is compared, with which threshold, in which order; the deciding is done by
`pipeline.identity.same_person` and `pipeline.identity.identify`. Templates live as long as
this call.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from pipeline.core.records import FacesNote, FaceTemplate, PairRow, Proposal
from pipeline.core.rules import Finding, Outcome, Text
from pipeline.core.run_photos import Matched, PhotoSummary
from pipeline.examine.embedding import NO_FACE, centred
from pipeline.identity.identify import identity_findings
from pipeline.identity.reference_thresholds import BatchThresholds, batch_thresholds
from pipeline.identity.same_person import same_person_findings, same_person_pairs
from pipeline.identity.same_person_threshold import impostors, impostors_between, threshold
from pipeline.identity.shooting_order import order_of
from pipeline.identity.similarity import FaceOfPhoto, NoTemplate, ReferenceFace
from pipeline.rules.identity import IDENTITY_RULES, NO_REFERENCE, NOT_COMPARED
from pipeline.spec.document import Identity

Vectors = NDArray[np.float32]

_UNREADABLE = Text("照片无法打开", "the photo cannot be read")
_WIDTH = 128  # of a template
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
    """Return the findings of a run that compares no faces."""
    findings = tuple(rule.not_applicable(NOT_COMPARED) for rule in IDENTITY_RULES)
    return FacesCompared(dict.fromkeys(photos, findings), (), (), None)


def compare_faces(
    matched: Matched,
    records: Sequence[OnRecord],
    limits: Identity,
    known: Collection[tuple[str, str]],
) -> FacesCompared:
    """Compare all faces of a batch; photos without a student take no part.

    A student may have several photos in ``records``. ``known`` are pairs of photos that are
    the same file or picture.
    """
    by_photo, cannot = _faces(matched)
    on_record = _on_record(records)
    limit = threshold(
        impostors(_stacked(by_photo.values()), [matched.student_of[p] for p in by_photo]),
        false_pairs=limits.false_pairs,
        false_accept=limits.false_accept,
    )
    same = same_person_pairs(by_photo, matched.student_of, limit, known=known)
    of_same = same_person_findings(same, matched.student_of, cannot)
    bounds = _bounds(by_photo, matched.student_of, on_record, limits)
    order = order_of(matched, tuple(matched.student_of))
    decided = identity_findings(
        [FaceOfPhoto(p, matched.student_of[p], face) for p, face in (by_photo | cannot).items()],
        _entries(records, on_record),
        bounds or _without_records(limit.value),
        order,
        [student.key for student in matched.students],
    )
    pairs = sorted((*same, *decided.pairs), key=lambda row: (row.photo_a, row.photo_b, row.kind))
    return FacesCompared(
        {photo: (of_same[photo], *decided.findings[photo]) for photo in of_same},
        tuple(pairs),
        decided.proposals,
        FacesNote(
            photos=len(by_photo),
            records=len(on_record),
            threshold=limit.value,
            expected_false_pairs=limit.expected_false_pairs,
            accept=bounds.accept if bounds else None,
            reject=bounds.reject if bounds else None,
            order=order.words,
        ),
    )


def _faces(matched: Matched) -> tuple[dict[str, Vectors], dict[str, NoTemplate]]:
    """By photo of a student: its face, or why it cannot be compared."""
    faces = {
        photo: matched.summaries[photo].face or _unread(matched.summaries[photo])
        for photo in matched.student_of
    }
    cannot = {
        photo: NoTemplate(face.why or NO_FACE, face.caused_by)
        for photo, face in faces.items()
        if face.vector is None
    }
    seen = sorted(faces.keys() - cannot.keys())
    return dict(zip(seen, _vectors([faces[photo] for photo in seen]), strict=True)), cannot


def _unread(photo: PhotoSummary) -> FaceTemplate:
    """Say what kept a photo from being examined at all."""
    broken = next((f.code for f in photo.failing if f.outcome is Outcome.BROKEN), None)
    return FaceTemplate(None, _UNREADABLE, broken)


def _on_record(records: Sequence[OnRecord]) -> dict[str, Vectors]:
    """By student, in order: the faces on record that can be compared, (n, 128)."""
    usable = sorted(
        (r for r in records if r.face.vector is not None), key=lambda record: record.student_key
    )
    rows = zip(usable, _vectors([record.face for record in usable]), strict=True)
    return {
        key: _stacked(vector for _, vector in group)
        for key, group in groupby(rows, key=lambda row: row[0].student_key)
    }


def _vectors(faces: Sequence[FaceTemplate]) -> Vectors:
    """The faces as they are compared: (n, 128); of none, (0, 128)."""
    joined = b"".join(face.vector for face in faces if face.vector is not None)
    return centred(np.frombuffer(joined, np.float32).reshape(-1, _WIDTH))


def _stacked(vectors: Iterable[Vectors]) -> Vectors:
    """(n, 128); of none, (0, 128)."""
    return np.vstack([np.empty((0, _WIDTH), np.float32), *vectors])


def _bounds(
    by_photo: Mapping[str, Vectors],
    student_of: Mapping[str, str],
    on_record: Mapping[str, Vectors],
    limits: Identity,
) -> BatchThresholds | None:
    """When a photo is the person on record: from this batch's own scores; None without records."""
    if not by_photo or not on_record:
        return None
    own = [
        float((on_record[student_of[photo]] @ face).max())
        for photo, face in by_photo.items()
        if student_of[photo] in on_record
    ]
    return batch_thresholds(
        np.array(own, np.float64),
        impostors_between(
            _stacked(by_photo.values()),
            [student_of[photo] for photo in by_photo],
            _stacked(on_record.values()),
            [key for key, faces in on_record.items() for _ in faces],
        ),
        false_accept=limits.false_accept,
        false_reject=limits.false_reject,
        false_pairs=limits.false_pairs,
    )


def _without_records(least: float) -> BatchThresholds:
    """Thresholds for what needs no record: two photos in a row that show one person."""
    accept = min(least, 1.0)
    return BatchThresholds(accept, accept - _BELOW, accept, 0.0, 0.0)


def _entries(records: Sequence[OnRecord], on_record: Mapping[str, Vectors]) -> list[ReferenceFace]:
    """One entry a student: all photos that can be compared, or why the first cannot."""
    why = {
        record.student_key: record.face.why or NO_REFERENCE
        for record in reversed(records)
        if record.student_key not in on_record
    }
    return [
        *(ReferenceFace(student, faces) for student, faces in on_record.items()),
        *(ReferenceFace(student, NoTemplate(said)) for student, said in why.items()),
    ]
