"""One photo from bytes to findings: what a worker does, and all that it gives back."""

import hashlib
import io
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from pipeline.check import Check, run_check
from pipeline.compare import fingerprint
from pipeline.decode import DecodeLimits, read_header
from pipeline.errors import PhotoError
from pipeline.facts import Facts
from pipeline.inbox import read_bytes
from pipeline.models import Models
from pipeline.private import write_private, writing_to
from pipeline.records import Examination, Submission, UploadFile
from pipeline.spec import Spec
from pipeline.verdict import counting, remedies
from pipeline.words import Finding, Mode, Remedy, Rule, Text

FL005 = Rule(
    "FL005",
    Remedy.STAFF,
    fault=Text("程序未能检查此照片", "could not be examined"),
    hint=Text("请人工查看，并告知软件维护者", "have a person look, and tell the maintainers"),
    quantity=Text("", ""),
    unit="",
    source="design.md, Clarifications",
)
_UNREADABLE = Text("照片无法打开，无法判断", "the file cannot be read")
_UNEXAMINED = Text("未检查", "not examined")
_THUMB = (120, 160)


def examine(
    submission: Submission,
    *,
    spec: Spec,
    mode: Mode,
    checks: Sequence[Check],
    models: Models,
    staging: Path | None,
    stage_all: bool = False,
) -> Examination:
    """Read one submission, measure it, judge it by every check.

    Where all rules on the photo pass, the registration file is written to
    ``staging`` (0600), named by the hash of its content; None writes nothing. With
    ``stage_all`` it is written wherever it can be made of a source: a person, or other
    limits, may let the photo pass later.
    """
    examination, _ = examine_with_facts(
        submission,
        spec=spec,
        mode=mode,
        checks=checks,
        models=models,
        staging=staging,
        stage_all=stage_all,
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
    stage_all: bool = False,
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
        findings = tuple(
            finding
            for check in checks
            for finding in run_check(check, facts, spec.limits.get(check.name), spec.off)
        )
    except PhotoError as error:
        total = time.perf_counter() - started
        return _without_facts(submission, sha256, mode, checks, error.why, {"total": total}), None
    findings = tuple(sorted((*findings, FL005.passed()), key=lambda f: f.code))
    examined = time.perf_counter()
    upload = None
    if (stage_all and mode is Mode.SOURCE) or not counting(
        findings, remedies(photo_rules(checks), spec.remedies)
    ):
        upload = _stage(facts, spec, staging)
    examination = Examination(
        photo=submission.photo,
        sha256=sha256,
        mode=mode,
        findings=findings,
        width_px=file.upright_width_px,
        height_px=file.upright_height_px,
        fingerprint=fingerprint(facts.portrait),
        upload=upload,
        thumbnail=_thumbnail(facts),
        seconds={
            "decode": decoded - started,
            "facts": examined - decoded,
            "total": time.perf_counter() - started,
        },
    )
    return examination, facts


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


def photo_rules(checks: Sequence[Check]) -> tuple[Rule, ...]:
    """All rules that `examine` gives a finding for."""
    return (*(rule for check in checks for rule in check.rules), FL005)


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


def _stage(facts: Facts, spec: Spec, staging: Path | None) -> UploadFile | None:
    """Write the registration file, where one can be made: a source without a head has no crop."""
    if staging is None or not spec.output.is_exact:
        return None
    if facts.mode is Mode.FINAL:
        data, quality = facts.data, None
    elif facts.encoded is None:
        return None
    else:
        data, quality = facts.encoded.data, facts.encoded.quality
    sha256 = hashlib.sha256(data).hexdigest()
    staged = staging / f"{sha256}.jpg"
    with writing_to(staging.parent):
        write_private(staged, data)
    return UploadFile(staged, sha256, len(data), quality)


def _thumbnail(facts: Facts) -> bytes:
    """A small JPEG of what was judged, or of the whole frame where nothing could be."""
    image = Image.fromarray(facts.judged if facts.judged is not None else facts.photo.pixels)
    image.thumbnail(_THUMB, Image.Resampling.BOX, reducing_gap=2.0)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()
