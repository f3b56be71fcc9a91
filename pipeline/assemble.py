"""All photos of a run and the roster together: every file one row, every student one row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from pipeline.compare import COMPARE_RULES, DU001, duplicate_findings, find_pairs
from pipeline.errors import RosterError
from pipeline.matching import match
from pipeline.record_rules import RC002, RECORD_RULES
from pipeline.records import (
    Examination,
    Match,
    PhotoRow,
    Result,
    Student,
    StudentRow,
    UploadFile,
    UploadRow,
)
from pipeline.roster import id_finding
from pipeline.season_rules import Review, waive
from pipeline.spec import Spec
from pipeline.verdict import counting, remedies, verdict_of
from pipeline.words import Finding, Mode, Outcome, Remedy, Rule, Text, Verdict

_NO_STUDENT = Text("没有对应的学生", "no student for the file")
_UNSAFE = set('/\\:*?"<>|') | {chr(code) for code in range(32)}
_MOST_BYTES = 200  # of a file name, in UTF-8: file systems allow 255, with .jpg


def upload_names(students: Sequence[Student], spec: Spec) -> dict[str, str]:
    """Give the name of each student's registration file, by key, as the spec names it.

    Raises
    ------
    RosterError
        When a number is missing, cannot be a file name, or two names differ in case
        only; the message names the rows.
    """
    names: dict[str, str] = {}
    taken: dict[str, int] = {}
    for student in students:
        stem = getattr(student, spec.naming) or ("" if spec.naming == "id_no" else student.key)
        if (
            not stem
            or stem != stem.strip(" .")
            or _UNSAFE & set(stem)
            or len(stem.encode()) > _MOST_BYTES
        ):
            raise RosterError(
                f"row {student.row}: its {spec.naming} cannot be the name of the upload file"
            )
        other = taken.setdefault(stem.casefold(), student.row)
        if other != student.row:
            raise RosterError(
                f"rows {other} and {student.row}: the same name for two upload files"
                f" ({spec.naming})"
            )
        names[student.key] = f"{stem}.jpg"
    return names


def assemble(
    examined: Sequence[Examination],
    students: Sequence[Student],
    *,
    spec: Spec,
    mode: Mode,
    rules: Iterable[Rule],
    manifest: Mapping[str, str] | None = None,
    droppings: int = 0,
    reviews: Mapping[str, Review] = MappingProxyType({}),
    heads: tuple[Text, ...] = (),
) -> tuple[Result, dict[str, UploadFile]]:
    """Match, compare and judge.

    Parameters
    ----------
    examined
        One for each input file.
    rules
        The rules that the examinations hold findings for.
    reviews
        What persons decided, by photo: codes that they let pass count no more.
    heads
        Lines to stand above every list.

    Returns
    -------
    Result
        What every report is written from.
    dict
        The staged registration file of each upload row, by its file name.
    """
    names = upload_names(students, spec)
    every_rule = {r.code: r for r in (*rules, *RECORD_RULES, *COMPARE_RULES)}
    remedy = remedies(every_rule.values(), spec.remedies)
    by_photo = {e.photo: e for e in examined}
    hashes = {e.photo: e.sha256 for e in examined}
    matches = match([e.photo for e in examined], students, manifest, sha256=hashes)
    student_of = {m.photo: m.student_key for m in matches if m.student_key is not None}
    prints = {e.photo: e.fingerprint for e in examined if e.fingerprint is not None}
    pairs = find_pairs(hashes, prints, student_of)
    duplicates = duplicate_findings(pairs, student_of)
    id_findings = {s.key: id_finding(s) for s in students}

    rows: dict[str, PhotoRow] = {}
    for found in matches:
        examination = by_photo[found.photo]
        of_student = _of_student(found, id_findings, duplicates)
        findings = waive(
            (*examination.findings, *found.findings, *of_student), reviews.get(found.photo)
        )
        counted = counting(findings, remedy)
        rows[found.photo] = PhotoRow(
            photo=found.photo,
            sha256=examination.sha256,
            student_key=found.student_key,
            verdict=verdict_of(counted, remedy),
            codes=tuple(f.code for f in counted),
            findings=tuple(sorted(findings, key=lambda f: f.code)),
            thumbnail=examination.thumbnail,
        )
    chosen = _choose(matches)
    student_rows = tuple(
        _student_row(s, rows.get(chosen.get(s.key, "")), id_findings[s.key], remedy)
        for s in students
    )
    uploads, staged = _uploads(student_rows, by_photo, names)
    result = Result(
        spec_name=spec.id,
        spec_title=spec.title.zh,
        mode=mode,
        rules=dict(sorted(every_rule.items())),
        photos=tuple(rows[photo] for photo in sorted(rows)),
        students=student_rows,
        pairs=pairs,
        uploads=uploads,
        droppings=droppings,
        heads=heads,
    )
    return result, staged


def _of_student(
    found: Match, id_findings: Mapping[str, Finding], duplicates: Mapping[str, Finding]
) -> tuple[Finding, ...]:
    """The findings that need a student; where there is none, the broken match is their cause."""
    if found.student_key is not None:
        return id_findings[found.student_key], duplicates[found.photo]
    cause = next(f.code for f in found.findings if f.outcome is Outcome.BROKEN)
    return tuple(rule.skipped(_NO_STUDENT, caused_by=cause) for rule in (RC002, DU001))


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
    counted = counting(row.findings, remedy)
    return StudentRow(student, row.verdict, row.photo, row.codes, counted)


def _uploads(
    rows: Sequence[StudentRow], by_photo: Mapping[str, Examination], names: Mapping[str, str]
) -> tuple[tuple[UploadRow, ...], dict[str, UploadFile]]:
    """Give an upload row for each student who passed, and the file that waits for it."""
    uploads, staged = [], {}
    for row in rows:
        if row.verdict is not Verdict.PASS or row.photo is None:
            continue
        upload = by_photo[row.photo].upload
        if upload is None:  # a run that writes no files
            continue
        name = names[row.student.key]
        staged[name] = upload
        uploads.append(
            UploadRow(name, row.student.key, upload.sha256, upload.bytes, upload.quality)
        )
    return tuple(sorted(uploads, key=lambda u: u.file)), staged
