"""Second step over all photos of a run: each one against the others and against references."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pipeline.core.counting import Counted, untold
from pipeline.core.records import FacesNote, PairRow, Proposal
from pipeline.core.rules import Finding, Outcome
from pipeline.core.run_photos import Matched
from pipeline.duplicates.claims import Claims
from pipeline.duplicates.pairs import duplicate_findings, find_pairs
from pipeline.duplicates.resubmitted import Refused, rejected_findings
from pipeline.identity.compare import OnRecord, compare_faces, not_compared
from pipeline.rules.identity import REFERENCE_RULES
from pipeline.spec.document import Identity


@dataclass(frozen=True)
class Compared:
    """What the photos of students show beside one another.

    ``findings`` are DU001 to DU006 by photo; a photo without a student has none.
    """

    matched: Matched
    findings: Mapping[str, tuple[Finding, ...]]
    pairs: tuple[PairRow, ...]
    proposals: tuple[Proposal, ...]
    faces: FacesNote | None  # None: faces were not compared


def compare(
    matched: Matched,
    limits: Identity,
    *,
    records: Sequence[OnRecord] | None = None,
    refused: Refused | None = None,
    claims: Claims = MappingProxyType({}),
    tell: Counted = untold,
) -> Compared:
    """Compare files, pictures and, where they are asked for, faces.

    Parameters
    ----------
    records
        Faces on record, where faces are compared; None: they are not.
    refused
        Pictures that earlier rounds refused; None: no earlier round is known.
    claims
        When photos arrived and passed, where rounds are known: of one picture under two
        students the one who had passed before the other came keeps that.
    tell
        Told of the pairs of pictures that are laid on one another.
    """
    pairs = find_pairs(matched, tell)
    if records is None:
        faces = not_compared(matched.student_of)
    else:
        known = [(pair.photo_a, pair.photo_b) for pair in pairs]
        faces = compare_faces(matched, records, limits, known)
    claims = _upheld(claims, faces.findings)
    duplicates = duplicate_findings(pairs, matched.student_of, claims)
    again = rejected_findings(matched, refused, claims)
    return Compared(
        matched,
        findings={
            photo: (duplicates[photo], again[photo], *faces.findings[photo])
            for photo in matched.student_of
        },
        pairs=tuple(
            sorted((*pairs, *faces.pairs), key=lambda row: (row.photo_a, row.photo_b, row.kind))
        ),
        proposals=faces.proposals,
        faces=faces.note,
    )


def _upheld(claims: Claims, faces: Mapping[str, Sequence[Finding]]) -> Claims:
    """Let no claim stand that the photos on record deny: the picture is not the student's."""
    of_records = {rule.code for rule in REFERENCE_RULES}
    denied = {
        photo
        for photo, findings in faces.items()
        if any(f.code in of_records and f.outcome is Outcome.BROKEN for f in findings)
    }
    return {
        photo: replace(claim, passed=None) if photo in denied else claim
        for photo, claim in claims.items()
    }
