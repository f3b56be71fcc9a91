"""Third step over all photos of a run: every file one row, every student one row."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from pipeline.batch.booth import booth_faults
from pipeline.batch.compare import Compared
from pipeline.batch.reviews import Review, waive
from pipeline.core.causes import unjudged
from pipeline.core.records import (
    Detail,
    Details,
    FileKind,
    Match,
    PhotoRow,
    Proposal,
    Result,
    Student,
    StudentRow,
    UploadRow,
)
from pipeline.core.rules import Finding, Mode, Outcome, Remedy, Rule, Text, Verdict
from pipeline.core.run_photos import Matched, Photos, PhotoSummary
from pipeline.core.verdict import counting, remedies, verdict_of
from pipeline.intake.contenders import NO_CONTENDER
from pipeline.intake.file_names import upload_names
from pipeline.intake.roster import id_finding
from pipeline.rules.duplicates import DUPLICATE_RULES
from pipeline.rules.identity import IDENTITY_RULES
from pipeline.rules.roster import RC002
from pipeline.spec.spec import Spec

_NO_STUDENT = Text("没有对应的学生", "no student for the file")
_BY_NAME = Text(
    "文件名中有与此学号相同的数字，但与其他字符相连或被隔开；或文件名是该生姓名、文件夹是该生班级",
    "the name holds the digits of this number, among others or parted; or it is the student's "
    "name, in a folder of the class",
)

_OF_STUDENTS = (RC002, *DUPLICATE_RULES, *IDENTITY_RULES)

# Adds to a photo's own findings those from its student and from other photos.
_Completing = Callable[[str, Iterable[Finding]], tuple[Finding, ...]]


def judge(
    compared: Compared,
    spec: Spec,
    rules: Iterable[Rule],
    mode: Mode,
    *,
    reviews: Mapping[str, Review] = MappingProxyType({}),
    droppings: int = 0,
    header_lines: tuple[Text, ...] = (),
) -> Result:
    """Judge every photo and every student; returns what all reports are written from.

    ``rules`` are all of the run. ``reviews`` are what persons decided, by photo: codes that they
    let pass count no more. ``header_lines`` stand above every list.

    Raises
    ------
    RosterError
        The roster cannot name registration files by the spec's rule (`upload_names`).
    """
    matched = compared.matched
    rules = tuple(rules)
    remedy = remedies(rules, spec.remedies)
    of_spec = {rule.code: replace(rule, remedy=remedy[rule.code]) for rule in rules}
    of_id = {student.key: id_finding(student) for student in matched.students}
    complete = _completing(matched.matches, of_id, compared.findings, reviews)
    rows = {b.photo: _photo_row(b, matched, complete, remedy) for b in matched.photos.summaries}
    students = _student_rows(matched, rows, of_id, remedy)
    return Result(
        spec_name=spec.id,
        spec_title=spec.title.zh,
        mode=mode,
        rules=dict(sorted(of_spec.items())),
        photos=tuple(rows[photo] for photo in sorted(rows)),
        details=_details(matched.photos, complete),
        students=students,
        pairs=compared.pairs,
        uploads=_uploads(students, matched, spec),
        proposals=(*compared.proposals, *_by_name(matched.matches.values())),
        faces=compared.faces,
        droppings=droppings,
        booth=booth_faults(matched, rows, of_spec),
        header_lines=header_lines,
    )


def _completing(
    matches: Mapping[str, Match],
    of_id: Mapping[str, Finding],
    compared: Mapping[str, tuple[Finding, ...]],
    reviews: Mapping[str, Review],
) -> _Completing:
    def add(photo: str, own: Iterable[Finding]) -> tuple[Finding, ...]:
        found = matches[photo]
        if found.student_key is None:
            further = _without_student(found)
        elif found.set_aside:
            further = tuple(rule.not_applicable(NO_CONTENDER) for rule in _OF_STUDENTS)
        else:
            further = of_id[found.student_key], *compared[photo]
        return waive((*own, *found.findings, *further), reviews.get(photo))

    return add


def _without_student(found: Match) -> tuple[Finding, ...]:
    """Skip the rules that need a student; the broken match is their cause."""
    cause = next(f.code for f in found.findings if f.outcome is Outcome.BROKEN)
    return tuple(rule.skipped(_NO_STUDENT, caused_by=cause) for rule in _OF_STUDENTS)


def _photo_row(
    summary: PhotoSummary, matched: Matched, complete: _Completing, remedy: Mapping[str, Remedy]
) -> PhotoRow:
    failing = complete(summary.photo, summary.failing)
    counted = counting(failing, remedy)
    found = matched.matches[summary.photo]
    return PhotoRow(
        photo=summary.photo,
        sha256=summary.sha256,
        student_key=found.student_key,
        verdict=verdict_of(counted, remedy),
        codes=tuple(f.code for f in counted),
        findings=counted,
        set_aside=found.set_aside,
        is_card=summary.kind is FileKind.CARD,
        causes=summary.causes,
        unjudged=unjudged(summary.failing, counted),
        borderline=tuple(f.code for f in failing if f.borderline),
        skipped=tuple(f.code for f in failing if f.outcome is Outcome.SKIPPED),
        captured=summary.captured,
        camera=summary.camera,
    )


def _details(photos: Photos, complete: _Completing) -> Details:
    """Read further what a result does not hold; the briefs have done their work and are let go."""
    read = photos.read

    def details(asked: Iterable[str]) -> Iterator[Detail]:
        for one in read(asked):
            findings = complete(one.photo, one.findings)
            ordered = tuple(sorted(findings, key=lambda f: f.code))
            yield Detail(ordered, one.thumbnail, one.picture, one.marks)

    return details


def _choose(matches: Iterable[Match]) -> dict[str, str]:
    """Choose the photo that speaks for each student: the preferred one, else the first by name."""
    candidates: dict[str, list[Match]] = defaultdict(list)
    for found in matches:
        if found.student_key is not None and not found.set_aside:
            candidates[found.student_key].append(found)
    return {
        key: min(found, key=lambda m: (not m.preferred, m.photo)).photo
        for key, found in candidates.items()
    }


def _by_name(matches: Iterable[Match]) -> Iterator[Proposal]:
    """Propose the students whose numbers a name may hold: nobody's file, for a person to give."""
    for found in matches:
        for key in found.proposed:
            yield Proposal(found.photo, "", key, _BY_NAME, "name")


def _student_rows(
    matched: Matched,
    rows: Mapping[str, PhotoRow],
    of_id: Mapping[str, Finding],
    remedy: Mapping[str, Remedy],
) -> tuple[StudentRow, ...]:
    """Return every student the row of the photo that speaks for them, or say that none has come."""
    chosen = _choose(matched.matches.values())

    def row_of(student: Student) -> StudentRow:
        if student.key in chosen:
            row = rows[chosen[student.key]]
            return StudentRow(
                student,
                row.verdict,
                row.photo,
                row.codes,
                row.findings,
                causes=row.causes,
                unjudged=row.unjudged,
                borderline=row.borderline,
            )
        counted = counting([of_id[student.key]], remedy)
        return StudentRow(student, Verdict.MISSING, None, tuple(f.code for f in counted), counted)

    return tuple(map(row_of, matched.students))


def _uploads(rows: Sequence[StudentRow], matched: Matched, spec: Spec) -> tuple[UploadRow, ...]:
    """Name the file of each student who passed; a run that writes no files has none."""
    names = upload_names(matched.students, spec)
    uploads = [
        UploadRow(names[row.student.key], row.student.key, made)
        for row in rows
        if row.verdict is Verdict.PASS
        and row.photo is not None
        and (made := matched.summaries[row.photo].upload) is not None
    ]
    return tuple(sorted(uploads, key=lambda u: u.file))
