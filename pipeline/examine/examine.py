"""One photo from bytes to findings: what a worker does, and all that it gives back."""

import hashlib
import io
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from pipeline.core.errors import NotPhotoError, PhotoError
from pipeline.core.private_files import write_private, writing_to
from pipeline.core.records import Examination, FaceTemplate, FileKind, Submission
from pipeline.core.rules import Finding, Mode, Outcome, Text
from pipeline.core.verdict import counting, remedies
from pipeline.duplicates.fingerprints import fingerprint
from pipeline.examine.check import Check, measure_all, take_back
from pipeline.examine.embedding import embedding
from pipeline.examine.facts import CropFacts, Facts
from pipeline.examine.framing import framing_causes
from pipeline.examine.head_facts import HeadFacts
from pipeline.examine.marks import marks_of, preview
from pipeline.examine.measure import decode_for, facts_of, measure_photo
from pipeline.examine.setting import Setting, Tools
from pipeline.examine.upload import (
    REPAIRABLE,
    Made,
    make_repaired,
    make_unjudged,
    make_upload,
)
from pipeline.face.models import Models, Recogniser
from pipeline.image.code_card import read_codes
from pipeline.image.decode import DecodeLimits, FileFacts, read_header
from pipeline.image.sniff import sniff
from pipeline.intake.card_numbers import students_on
from pipeline.intake.inbox import read_bytes, read_head
from pipeline.rules import photo_rules
from pipeline.rules.program import FL005
from pipeline.spec.spec import Spec

_UNREADABLE = Text("照片无法打开，无法判断", "the file cannot be read")
_CARD = Text("码牌，不是照片", "a code card, no photo")
_UNEXAMINED = Text("未检查", "not examined")
_HIDDEN = Text("面部未完整显示，无法比对", "too little of the face is seen to compare it")
# What keeps a face from being compared, and is itself a reason to come again. A hand or an
# object at the face (MK002) is not among them: eyes, brows and nose say whose face it is.
_HIDES_THE_FACE = ("FC001", "FC002", "MK001", "EY002")
_THUMB = (120, 160)
_HEAD_BYTES = 1 << 16  # enough to tell what a file is


def examine(submission: Submission, setting: Setting, tools: Tools) -> Examination:
    """Read one submission, measure it, judge it by every check.

    Where all rules on the photo pass, the registration file is made and read back
    (`pipeline.examine.upload`), and staged (0600) under the hash of its content.
    """
    examination, _ = examine_with_facts(submission, setting, tools)
    return examination


def examine_with_facts(
    submission: Submission, setting: Setting, tools: Tools
) -> tuple[Examination, Facts | None]:
    """Do the same, and give the facts too, for whoever draws them; None: cannot be read.

    They hold the photo's pixels and stay in this process.
    """
    started = time.perf_counter()
    spec, mode = setting.spec, setting.mode
    sha256 = ""
    try:
        data = read_photo(submission, spec.reading.max_bytes)
        sha256 = hashlib.sha256(data).hexdigest()
        file = read_header(data, DecodeLimits(spec.reading.max_bytes, spec.reading.max_pixels))
        photo = decode_for(data, file, mode, spec.output)
        decoded = time.perf_counter()
        card = None if setting.cards is None else read_codes(photo.pixels)
        if card and students_on(card, setting.cards or {}):
            seconds = {"decode": decoded - started, "total": time.perf_counter() - started}
            return _card(submission, sha256, mode, tools.checks, file, card, seconds), None
        facts = measure_photo(data, photo, mode, spec.output, tools.models)
        measured = measure_all(tools.checks, facts, spec.limits, spec.off)
    except PhotoError as error:
        seconds = {"total": time.perf_counter() - started}
        return _without_facts(submission, sha256, mode, tools.checks, error, seconds), None
    findings = (*take_back(measured, tools.checks), FL005.passed())
    findings = tuple(sorted(findings, key=lambda f: f.code))
    examined = time.perf_counter()
    findings, made = _make_file(facts, findings, measured, setting, tools)
    staging = setting.staging
    upload = made.stage(staging) if made is not None and staging is not None else None
    examination = Examination(
        photo=submission.photo,
        sha256=sha256,
        mode=mode,
        findings=findings,
        width_px=file.upright_width_px,
        height_px=file.upright_height_px,
        fingerprint=fingerprint(
            facts.content.first_view if isinstance(facts, HeadFacts) else None, photo.pixels
        ),
        upload=upload,
        # A report looks alike whether or not a file waits.
        preview="" if made is not None and made.passes else _stage_preview(facts, staging),
        marks=marks_of(facts),
        thumbnail=_thumbnail(facts),
        captured=file.capture_time or "",
        camera=file.camera or "",
        card=card,
        face=_face_of(facts, findings, spec, tools.recogniser),
        causes=framing_causes(facts, findings),
        seconds={
            "decode": decoded - started,
            "facts": examined - decoded,
            "total": time.perf_counter() - started,
        },
    )
    return examination, facts


def _make_file(
    facts: Facts,
    findings: tuple[Finding, ...],
    measured: Sequence[Finding],
    setting: Setting,
    tools: Tools,
) -> tuple[tuple[Finding, ...], Made | None]:
    """Make the registration file, where there may be one; what it shows is in the findings.

    ``measured`` is what each rule comes to by itself.
    """
    if not setting.spec.output.is_exact or not isinstance(facts, CropFacts):
        return findings, None
    remedy = remedies(photo_rules(tools.checks), setting.spec.remedies)
    against = {finding.code for finding in counting(findings, remedy)}
    if not against:
        return make_upload(facts, findings, measured, setting.spec, tools, remedy)
    made = None
    repair = setting.repair and facts.mode is Mode.SOURCE and against <= REPAIRABLE
    if repair and isinstance(facts, HeadFacts):
        findings, made = make_repaired(facts, findings, setting.spec, tools, remedy)
    if made is None and setting.stage_all:
        made = make_unjudged(facts, measured)
    return findings, made


def _stage_preview(facts: Facts, staging: Path | None) -> str:
    """Write a larger picture of what was judged, where no registration file shows it."""
    if staging is None:
        return ""
    data = preview(facts)
    name = f"{hashlib.sha256(data).hexdigest()}.preview"
    with writing_to(staging.parent):
        write_private(staging / name, data)
    return name


def _face_of(
    facts: Facts, findings: Sequence[Finding], spec: Spec, recogniser: Recogniser | None
) -> FaceTemplate | None:
    """Describe a face whose eyes and nose are seen: half a face is nobody's, and accuses nobody."""
    if recogniser is None:
        return None
    return hidden_face(findings) or face_template(facts, spec, recogniser)


def hidden_face(findings: Sequence[Finding]) -> FaceTemplate | None:
    """Say that what tells whose a face is cannot be seen, and why; None: nothing hides it."""
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
        return face_template(facts_of(data, Mode.SOURCE, spec, models), spec, recogniser)
    except PhotoError as error:
        return FaceTemplate(None, error.why)


def read_photo(submission: Submission, max_bytes: int) -> bytes:
    """Read a submission whole; what cannot be read tells what it is, where its beginning shows it.

    A video is too large to be read, but it is no photo that is too large.

    Raises
    ------
    PhotoError
        As `pipeline.intake.inbox.read_bytes`, and `sniff` on the beginning.
    """
    try:
        return read_bytes(submission, max_bytes)
    except NotPhotoError:
        raise
    except PhotoError:
        sniff(read_head(submission, _HEAD_BYTES))
        raise


def unreadable(
    submission: Submission,
    sha256: str,
    mode: Mode,
    checks: Sequence[Check],
    why: Text,
    kind: FileKind = FileKind.PHOTO,
) -> Examination:
    """Return the record of a file that could not be read: FL001 is broken, and causes the rest."""
    error = PhotoError(why) if kind is FileKind.PHOTO else NotPhotoError(why, kind)
    return _without_facts(submission, sha256, mode, checks, error, {})


def unexamined(submission: Submission, mode: Mode, checks: Sequence[Check]) -> Examination:
    """Return the record of a photo on which a worker died, or the program itself failed."""
    findings = [
        rule.skipped(_UNEXAMINED, caused_by="FL005") for check in checks for rule in check.rules
    ]
    findings.append(FL005.broken())
    ordered = tuple(sorted(findings, key=lambda f: f.code))
    return Examination(submission.photo, "", mode, ordered)


def _card(
    submission: Submission,
    sha256: str,
    mode: Mode,
    checks: Sequence[Check],
    file: FileFacts,
    card: str,
    seconds: dict[str, float],
) -> Examination:
    """Return the record of a code card: no rule on photos applies to it."""
    findings = [rule.not_applicable(_CARD) for rule in photo_rules(checks) if rule != FL005]
    return Examination(
        submission.photo,
        sha256,
        mode,
        tuple(sorted([*findings, FL005.passed()], key=lambda f: f.code)),
        file.upright_width_px,
        file.upright_height_px,
        captured=file.capture_time or "",
        camera=file.camera or "",
        kind=FileKind.CARD,
        card=card,
        seconds=seconds,
    )


def _without_facts(
    submission: Submission,
    sha256: str,
    mode: Mode,
    checks: Sequence[Check],
    error: PhotoError,
    seconds: dict[str, float],
) -> Examination:
    findings: list[Finding] = [FL005.passed()]
    for check in checks:
        for rule in check.rules:
            if rule.code == "FL001":
                findings.append(rule.broken(detail=error.why))
            else:
                findings.append(rule.skipped(_UNREADABLE, caused_by="FL001"))
    ordered = tuple(sorted(findings, key=lambda f: f.code))
    kind = error.kind if isinstance(error, NotPhotoError) else FileKind.PHOTO
    return Examination(submission.photo, sha256, mode, ordered, seconds=seconds, kind=kind)


def _thumbnail(facts: Facts) -> bytes:
    """A small JPEG of what was judged, or of the whole frame where nothing could be."""
    image = Image.fromarray(facts.picture)
    image.thumbnail(_THUMB, Image.Resampling.BOX, reducing_gap=2.0)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()
