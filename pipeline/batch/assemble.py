"""All photos of a run and the roster together: every file one row, every student one row."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from pipeline.batch.reviews import Review, waive
from pipeline.core.errors import RosterError
from pipeline.core.records import (
    Detail,
    Match,
    PhotoRow,
    Result,
    Student,
    StudentRow,
    UploadFile,
    UploadRow,
)
from pipeline.core.rules import Finding, Mode, Outcome, Remedy, Rule, Text, Verdict
from pipeline.core.run_photos import Photos
from pipeline.core.verdict import counting, remedies, verdict_of
from pipeline.duplicates.pairs import duplicate_findings, find_pairs
from pipeline.duplicates.resubmitted import Refused, rejected_findings
from pipeline.identity.compare import OnRecord, compare_faces, not_compared
from pipeline.intake.file_names import folded_name, is_portable
from pipeline.intake.matching import match
from pipeline.intake.roster import id_finding
from pipeline.rules.duplicates import DUPLICATE_RULES
from pipeline.rules.identity import IDENTITY_RULES
from pipeline.rules.roster import RC002
from pipeline.spec.spec import Spec

_NO_STUDENT = Text("没有对应的学生", "no student for the file")


def upload_names(students: Sequence[Student], spec: Spec) -> dict[str, str]:
    """Give the name of each student's registration file, by key, as the spec names it.

    Raises
    ------
    RosterError
        When a number is missing, cannot be a file name on every system (no path, no
        device of Windows, nothing unseen), or two names are one to some system; the
        message names the rows.
    """
    names: dict[str, str] = {}
    taken: dict[str, Student] = {}
    for student in students:
        stem = getattr(student, spec.naming) or ("" if spec.naming == "id_no" else student.key)
        if not is_portable(stem):
            raise RosterError(
                f"{student.place}: its {spec.naming} cannot be the name of the upload file"
            )
        other = taken.setdefault(folded_name(stem), student)
        if other is not student:
            both = f"{other.place} and {student.place}"
            if not student.sheet:
                both = f"rows {other.row} and {student.row}"
            raise RosterError(f"{both}: the same name for two upload files ({spec.naming})")
        names[student.key] = f"{stem}.jpg"
    return names


def assemble(
    photos: Photos,
    students: Sequence[Student],
    *,
    spec: Spec,
    mode: Mode,
    rules: Iterable[Rule],
    manifest: Mapping[str, str] | None = None,
    records: Sequence[OnRecord] | None = None,
    refused: Refused | None = None,
    droppings: int = 0,
    reviews: Mapping[str, Review] = MappingProxyType({}),
    heads: tuple[Text, ...] = (),
) -> Result:
    """Match, compare and judge; gives what every report is written from.

    Parameters
    ----------
    photos
        One for each input file.
    rules
        All rules of the run (`pipeline.rules.run_rules`).
    records
        Faces on record, where faces are compared; None: they are not.
    refused
        Pictures that earlier rounds refused; None: no earlier round is known.
    reviews
        What persons decided, by photo: codes that they let pass count no more.
    heads
        Lines to stand above every list.
    """
    names = upload_names(students, spec)
    every_rule = {r.code: r for r in rules}
    remedy = remedies(every_rule.values(), spec.remedies)
    hashes = {one.photo: one.sha256 for one in photos.briefs}
    matches = match([one.photo for one in photos.briefs], students, manifest, sha256=hashes)
    student_of = {m.photo: m.student_key for m in matches if m.student_key is not None}
    codes = {one.photo: one.code for one in photos.briefs if one.code is not None}
    pairs = find_pairs(hashes, codes, student_of, photos.fingerprint)
    duplicates = duplicate_findings(pairs, student_of)
    again = rejected_findings(hashes, codes, student_of, photos.fingerprint, refused)
    if records is None:
        faces = not_compared(student_of)
    else:
        faces = compare_faces(
            photos.briefs,
            student_of,
            students,
            records,
            spec.identity,
            known=[(pair.photo_a, pair.photo_b) for pair in pairs],
            listed=list(manifest or ()),
        )
    id_findings = {s.key: id_finding(s) for s in students}
    of_photo = {found.photo: found for found in matches}
    read = photos.read  # what the result keeps; the briefs have done their work

    def judged(photo: str, own: Iterable[Finding]) -> tuple[Finding, ...]:
        """Add to a photo's own findings those from its student and from other photos."""
        found = of_photo[photo]
        of_student = _of_student(found, id_findings, duplicates, again, faces.findings)
        return waive((*own, *found.findings, *of_student), reviews.get(photo))

    def details(asked: Iterable[str]) -> Iterator[Detail]:
        for one in read(asked):
            findings = judged(one.photo, one.findings)
            yield Detail(tuple(sorted(findings, key=lambda f: f.code)), one.thumbnail)

    rows: dict[str, PhotoRow] = {}
    for brief in photos.briefs:
        counted = counting(judged(brief.photo, brief.told), remedy)
        rows[brief.photo] = PhotoRow(
            photo=brief.photo,
            sha256=brief.sha256,
            student_key=of_photo[brief.photo].student_key,
            verdict=verdict_of(counted, remedy),
            codes=tuple(f.code for f in counted),
            findings=counted,
        )
    chosen = _choose(matches)
    student_rows = tuple(
        _student_row(s, rows.get(chosen.get(s.key, "")), id_findings[s.key], remedy)
        for s in students
    )
    made = {one.photo: one.upload for one in photos.briefs if one.upload is not None}
    return Result(
        spec_name=spec.id,
        spec_title=spec.title.zh,
        mode=mode,
        rules=dict(sorted(every_rule.items())),
        photos=tuple(rows[photo] for photo in sorted(rows)),
        details=details,
        students=student_rows,
        pairs=tuple(
            sorted((*pairs, *faces.pairs), key=lambda row: (row.photo_a, row.photo_b, row.kind))
        ),
        uploads=_uploads(student_rows, made, names),
        proposals=faces.proposals,
        faces=faces.note,
        droppings=droppings,
        heads=heads,
    )


def _of_student(
    found: Match,
    id_findings: Mapping[str, Finding],
    duplicates: Mapping[str, Finding],
    again: Mapping[str, Finding],
    faces: Mapping[str, tuple[Finding, ...]],
) -> tuple[Finding, ...]:
    """The findings that need a student; where there is none, the broken match is their cause."""
    if found.student_key is not None:
        photo = found.photo
        return id_findings[found.student_key], duplicates[photo], again[photo], *faces[photo]
    cause = next(f.code for f in found.findings if f.outcome is Outcome.BROKEN)
    without = (RC002, *DUPLICATE_RULES, *IDENTITY_RULES)
    return tuple(rule.skipped(_NO_STUDENT, caused_by=cause) for rule in without)


def _choose(matches: Iterable[Match]) -> dict[str, str]:
    """The photo that speaks for a student: the preferred one, else the first by name."""
    candidates: dict[str, list[Match]] = defaultdict(list)
    for found in matches:
        if found.student_key is not None:
            candidates[found.student_key].append(found)
    return {
        key: min(found, key=lambda m: (not m.preferred, m.photo)).photo
        for key, found in candidates.items()
    }


def _student_row(
    student: Student, row: PhotoRow | None, of_id: Finding, remedy: Mapping[str, Remedy]
) -> StudentRow:
    if row is None:
        counted = counting([of_id], remedy)
        return StudentRow(student, Verdict.MISSING, None, tuple(f.code for f in counted), counted)
    return StudentRow(student, row.verdict, row.photo, row.codes, row.findings)


def _uploads(
    rows: Sequence[StudentRow], made: Mapping[str, UploadFile], names: Mapping[str, str]
) -> tuple[UploadRow, ...]:
    """Give an upload row for each student who passed; a run that writes no files has none."""
    uploads = [
        UploadRow(names[row.student.key], row.student.key, made[row.photo])
        for row in rows
        if row.verdict is Verdict.PASS and row.photo is not None and row.photo in made
    ]
    return tuple(sorted(uploads, key=lambda u: u.file))
