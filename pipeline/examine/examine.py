"""One photo from bytes to findings: what a worker does, and all that it gives back."""

import hashlib
import io
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from pipeline.core.errors import PhotoError
from pipeline.core.records import Examination, FaceTemplate, Submission
from pipeline.core.rules import Finding, Mode, Outcome, Text
from pipeline.core.verdict import counting, remedies
from pipeline.duplicates.fingerprints import fingerprint
from pipeline.examine.check import Check, measure_all, take_back
from pipeline.examine.embedding import embedding
from pipeline.examine.facts import Facts
from pipeline.examine.upload import REPAIRABLE, make_repaired, make_unjudged, make_upload
from pipeline.face.models import Models, Recogniser
from pipeline.image.decode import DecodeLimits, read_header
from pipeline.intake.inbox import read_bytes
from pipeline.rules import photo_rules
from pipeline.rules.program import FL005
from pipeline.spec.spec import Spec

_UNREADABLE = Text("照片无法打开，无法判断", "the file cannot be read")
_UNEXAMINED = Text("未检查", "not examined")
_HIDDEN = Text("面部未完整显示，无法比对", "the face is not to be seen whole")
# What keeps a face from being compared, and is itself a reason to come again.
_HIDES_THE_FACE = ("FC001", "FC002", "MK001", "MK002", "EY002")
_THUMB = (120, 160)


def examine(
    submission: Submission,
    *,
    spec: Spec,
    mode: Mode,
    checks: Sequence[Check],
    models: Models,
    staging: Path | None,
    recogniser: Recogniser | None = None,
    stage_all: bool = False,
    repair: bool = False,
) -> Examination:
    """Read one submission, measure it, judge it by every check.

    Where all rules on the photo pass, the registration file is made and read back
    (`pipeline.examine.upload`), and written to ``staging`` (0600), named by the hash of its
    content; None writes nothing. With ``stage_all`` it is written wherever it can be made
    of a source: a person, or other limits, may let the photo pass later. With a
    ``recogniser`` the face is described too, to be compared. With ``repair`` a source whose
    background is its only fault gets a file with another one (`make_repaired`).
    """
    examination, _ = examine_with_facts(
        submission,
        spec=spec,
        mode=mode,
        checks=checks,
        models=models,
        staging=staging,
        recogniser=recogniser,
        stage_all=stage_all,
        repair=repair,
    )
    return examination


def examine_with_facts(
    submission: Submission,
    *,
    spec: Spec,
    mode: Mode,
    checks: Sequence[Check],
    models: Models,
    staging: Path | None,
    recogniser: Recogniser | None = None,
    stage_all: bool = False,
    repair: bool = False,
) -> tuple[Examination, Facts | None]:
    """Do the same, and give the facts too, for whoever draws them; None: cannot be read.

    They hold the photo's pixels and stay in this process.
    """
    started = time.perf_counter()
    sha256 = ""
    try:
        data = read_bytes(submission, spec.reading.max_bytes)
        sha256 = hashlib.sha256(data).hexdigest()
        file = read_header(data, DecodeLimits(spec.reading.max_bytes, spec.reading.max_pixels))
        facts = Facts(data, file, mode, spec.output, models)
        facts.photo  # noqa: B018 - decodes: what cannot be read fails here
        decoded = time.perf_counter()
        measured = measure_all(checks, facts, spec.limits, spec.off)
    except PhotoError as error:
        total = time.perf_counter() - started
        return _without_facts(submission, sha256, mode, checks, error.why, {"total": total}), None
    findings = (*take_back(measured, checks), FL005.passed())
    findings = tuple(sorted(findings, key=lambda f: f.code))
    examined = time.perf_counter()
    made = None
    remedy = remedies(photo_rules(checks), spec.remedies)
    if spec.output.is_exact:
        against = {finding.code for finding in counting(findings, remedy)}
        if not against:
            findings, made = make_upload(
                facts, findings, spec=spec, checks=checks, models=models, remedy=remedy
            )
        elif repair and mode is Mode.SOURCE and against <= REPAIRABLE:
            findings, made = make_repaired(
                facts, findings, spec=spec, checks=checks, models=models, remedy=remedy
            )
        if made is None and against and stage_all:
            made = make_unjudged(facts, measured)
    examination = Examination(
        photo=submission.photo,
        sha256=sha256,
        mode=mode,
        findings=findings,
        width_px=file.upright_width_px,
        height_px=file.upright_height_px,
        fingerprint=fingerprint(facts.near, facts.photo.pixels),
        upload=made.stage(staging) if made is not None and staging is not None else None,
        thumbnail=_thumbnail(facts),
        captured=file.capture_time or "",
        face=None if recogniser is None else _face_of(facts, findings, spec, recogniser),
        seconds={
            "decode": decoded - started,
            "facts": examined - decoded,
            "total": time.perf_counter() - started,
        },
    )
    return examination, facts


def _face_of(
    facts: Facts, findings: Sequence[Finding], spec: Spec, recogniser: Recogniser
) -> FaceTemplate:
    """Describe a face that is to be seen whole: half a face is nobody's, and accuses nobody."""
    return hidden_face(findings) or face_template(facts, spec, recogniser)


def hidden_face(findings: Sequence[Finding]) -> FaceTemplate | None:
    """Say that a face is not to be seen whole, and why; None: nothing hides it."""
    broken = {f.code for f in findings if f.outcome is Outcome.BROKEN}
    cause = next((code for code in _HIDES_THE_FACE if code in broken), None)
    return None if cause is None else FaceTemplate(None, _HIDDEN, cause)


def face_template(facts: Facts, spec: Spec, recogniser: Recogniser) -> FaceTemplate:
    """Describe the main face of a photo for comparing, or say why it cannot be."""
    found = embedding(facts, recogniser, least_eyes_px=spec.identity.least_eyes_px)
    if isinstance(found, Text):
        return FaceTemplate(None, found)
    return FaceTemplate(found.tobytes())


def examine_record(data: bytes, spec: Spec, models: Models, recogniser: Recogniser) -> FaceTemplate:
    """Describe the face of a photo on record; it is not judged by any rule."""
    try:
        file = read_header(data, DecodeLimits(spec.reading.max_bytes, spec.reading.max_pixels))
        facts = Facts(data, file, Mode.SOURCE, spec.output, models)
        return face_template(facts, spec, recogniser)
    except PhotoError as error:
        return FaceTemplate(None, error.why)


def unreadable(
    submission: Submission, sha256: str, mode: Mode, checks: Sequence[Check], why: Text
) -> Examination:
    """Give the record of a file that could not be read: FL001 is broken, and causes the rest."""
    return _without_facts(submission, sha256, mode, checks, why, {})


def unexamined(submission: Submission, mode: Mode, checks: Sequence[Check]) -> Examination:
    """Give the record of a photo on which a worker died, or the program itself failed."""
    findings = [
        rule.skipped(_UNEXAMINED, caused_by="FL005") for check in checks for rule in check.rules
    ]
    findings.append(FL005.broken())
    ordered = tuple(sorted(findings, key=lambda f: f.code))
    return Examination(submission.photo, "", mode, ordered)


def _without_facts(
    submission: Submission,
    sha256: str,
    mode: Mode,
    checks: Sequence[Check],
    why: Text,
    seconds: dict[str, float],
) -> Examination:
    findings: list[Finding] = [FL005.passed()]
    for check in checks:
        for rule in check.rules:
            if rule.code == "FL001":
                findings.append(rule.broken(detail=why))
            else:
                findings.append(rule.skipped(_UNREADABLE, caused_by="FL001"))
    ordered = tuple(sorted(findings, key=lambda f: f.code))
    return Examination(submission.photo, sha256, mode, ordered, seconds=seconds)


def _thumbnail(facts: Facts) -> bytes:
    """A small JPEG of what was judged, or of the whole frame where nothing could be."""
    image = Image.fromarray(facts.judged if facts.judged is not None else facts.photo.pixels)
    image.thumbnail(_THUMB, Image.Resampling.BOX, reducing_gap=2.0)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()
