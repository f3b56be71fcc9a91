"""The registration file of a photo that keeps every rule: made or mended, and read back.

Of a source a file is made, and held against every rule as the *final* file that it is. What
its crop shows was judged already (`HeadFacts.content`); what encoding can change is read
back. A final file is handed on byte for byte, or with its tags mended where only they are
wrong. Where it is asked for, a source whose background is its only fault gets a file with
another background, marked ED001.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.core.private_files import write_private, writing_to
from pipeline.core.records import UploadFile
from pipeline.core.rules import Finding, Mode, Outcome, Remedy, Text
from pipeline.core.verdict import counting
from pipeline.examine.background_replacement import replace_background, shares_of
from pipeline.examine.check import Check, Judged, measure_all, run_checks, take_back
from pipeline.examine.facts import CropFacts, Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.examine.measure import decode_for, facts_of
from pipeline.examine.setting import Tools
from pipeline.image.decode import DecodeLimits, read_header
from pipeline.image.encode import KB, Encoded, encode_best
from pipeline.image.retag import retag
from pipeline.spec.spec import Spec

_COVERED, _FRAMED_BY_IT = "HT001", frozenset({"FC004", "FC010"})
_SIZE, _QUALITY, _TAG, _EDITED = "FS001", "FS002", "RS003", "ED001"
# What another background mends: its colour, unevenness, things in it.
REPAIRABLE = frozenset({"BG001", "BG002", "BG003"})
_REPAIRED = Text("背景由本程序替换", "background replaced by this program")
# Mean difference of levels between a crop and its file.
_OFF = 6.0
_NOT_REPAIRED = Text("程序未能替换背景", "it could not be replaced")


@dataclass(frozen=True)
class Made:
    """The bytes of a registration file and the JPEG quality in them, where it is known.

    Of a photo that does not pass it waits for others to let it (``passes``).
    """

    data: bytes
    quality: int | None
    passes: bool = True

    def stage(self, staging: Path) -> UploadFile:
        """Write it (0600) under the hash of its content, to wait for its verdict."""
        sha256 = hashlib.sha256(self.data).hexdigest()
        upload = UploadFile(sha256, len(self.data), self.quality)
        with writing_to(staging.parent):
            write_private(upload.path(staging), self.data)
        return upload


def make_upload(
    facts: CropFacts,
    findings: Sequence[Finding],
    measured: Sequence[Finding],
    spec: Spec,
    tools: Tools,
    remedy: Mapping[str, Remedy],
) -> tuple[tuple[Finding, ...], Made | None]:
    """Make the registration file of a photo whose findings let it pass.

    ``measured`` is what each rule comes to by itself.

    Returns
    -------
    findings
        Those given, in their order; changed where the file says otherwise or more: its
        size and quality (FS001, FS002), its mended tags (RS003), and every rule that it
        would break if it were handed in.
    Made or None
        None where it would break one, for then there is no honest file.
    """
    if facts.mode is Mode.FINAL:
        return _handed_on(facts, findings)
    made = encode_best(facts.registration_crop, spec.output, facts.encoded)
    of_file = _as_final(made, facts, measured, spec, tools, remedy)
    kept = {finding.code: finding for finding in findings}
    refused = {
        finding.code
        for finding in counting(of_file.values(), remedy)
        if not _is_noise(finding, kept.get(finding.code), spec, tools.checks)
    }
    merged = []
    for finding in findings:
        own = of_file.get(finding.code)
        if own is not None and finding.code in refused:
            merged.append(replace(own, because=_in_the_file(own)))
        elif own is not None and finding.code == _SIZE:
            merged.append(own)
        elif finding.code == _QUALITY:
            merged.append(_with_similarity(finding, made))
        else:
            merged.append(finding)
    return tuple(merged), None if refused else Made(made.data, made.quality)


def make_repaired(
    facts: HeadFacts,
    findings: Sequence[Finding],
    spec: Spec,
    tools: Tools,
    remedy: Mapping[str, Remedy],
) -> tuple[tuple[Finding, ...], Made | None]:
    """Make the file of a source whose only faults are `REPAIRABLE`, before the spec's first colour.

    Returns
    -------
    findings
        Those given. Where a file was made: the background's rules as the file keeps them,
        with the old fault as a note, and ED001 broken, for the picture was edited. Else
        the faults stand, and say that nothing could be done.
    Made or None
        None where the outline cannot be trusted, the file would break another rule, or the
        spec takes ED001 for more than a note.
    """
    size = (spec.output.width_px, spec.output.height_px)
    shown = facts.content
    shares = shares_of(shown.classes, shown.close_view, shown.points, size)
    pixels = replace_background(facts.registration_crop, shares, spec.first_colour)
    if pixels is None or remedy[_EDITED] is not Remedy.NOTE:
        return _unrepaired(findings), None
    made = encode_best(pixels, spec.output)
    of_file = _read_back(made, spec, tools)
    kept = {finding.code: finding for finding in findings}
    against = counting(of_file.values(), remedy)
    if not all(_is_noise(f, kept.get(f.code), spec, tools.checks) for f in against):
        return _unrepaired(findings), None
    merged = []
    for finding in findings:
        own = of_file.get(finding.code, finding)
        if finding.code in REPAIRABLE and finding.outcome is Outcome.BROKEN:
            merged.append(replace(own, because=_REPAIRED).with_note(finding.because or _REPAIRED))
        elif finding.code == _EDITED:
            merged.append(replace(own, outcome=Outcome.BROKEN, because=_REPAIRED))
        elif finding.code == _QUALITY:
            merged.append(_with_similarity(finding, made))
        elif finding.code == _SIZE or finding.caused_by in REPAIRABLE:
            merged.append(own)
        else:
            merged.append(finding)
    return tuple(merged), Made(made.data, made.quality)


def _unrepaired(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(
        f.with_note(_NOT_REPAIRED) if f.code in REPAIRABLE and f.outcome is Outcome.BROKEN else f
        for f in findings
    )


def make_unjudged(facts: CropFacts, measured: Iterable[Finding]) -> Made | None:
    """Make the registration file of a source that does not pass; None of a final file.

    It waits for a person, or for other limits, to let the photo pass. Whoever lets a head
    covering pass is not told of its framing, for that hangs on HT001: where no crop keeps
    what is on the head (``measured``: what each rule comes to by itself) there is no file.
    """
    broken = {f.code for f in measured if f.outcome is Outcome.BROKEN}
    if facts.mode is Mode.FINAL:
        return None
    if _COVERED in broken and broken & _FRAMED_BY_IT:
        return None
    return Made(facts.encoded.data, facts.encoded.quality, passes=False)


def _as_final(
    made: Encoded,
    facts: CropFacts,
    measured: Sequence[Finding],
    spec: Spec,
    tools: Tools,
    remedy: Mapping[str, Remedy],
) -> dict[str, Finding]:
    """Judge a file that was made of a source as whoever receives it will.

    Its bytes are read back. What it shows is what the crop shows; where a second look was
    taken at the source, that look is taken at the file's own pixels too. All is measured anew,
    with the file's own landmarks, where they may decide: a value that counts lies within its
    uncertainty of a limit, or beyond it, which the source kept; and where the pixels are farther
    from the crop's than a JPEG's.
    """
    if not isinstance(facts, HeadFacts):
        return _read_back(made, spec, tools)
    file = read_header(made.data, DecodeLimits(spec.reading.max_bytes, spec.reading.max_pixels))
    photo = decode_for(made.data, file, Mode.FINAL, spec.output)
    written = facts.content.written(made.data, photo)
    by = {judged: [c for c in tools.checks if c.judges is judged] for judged in Judged}
    if facts.content.was_doubted:
        content = measure_all(by[Judged.CONTENT], written, spec.limits, spec.off)
    else:
        codes = {rule.code for check in by[Judged.CONTENT] for rule in check.rules}
        content = tuple(finding for finding in measured if finding.code in codes)
    found = (
        *measure_all(by[Judged.FILE], written, spec.limits, spec.off),
        *measure_all(by[Judged.FRAME], facts.content, spec.limits, spec.off),
        *content,
    )
    off = np.abs(photo.pixels.astype(np.int16) - facts.registration_crop).mean()
    if off > _OFF or any(
        (f.borderline or f.outcome is Outcome.BROKEN) and remedy[f.code] is not Remedy.NOTE
        for f in found
    ):
        return _read_back(made, spec, tools)
    return {finding.code: finding for finding in take_back(found, tools.checks)}


def _read_back(made: Encoded, spec: Spec, tools: Tools) -> dict[str, Finding]:
    """Judge a file that was made from its bytes alone, as whoever receives it will."""
    facts = facts_of(made.data, Mode.FINAL, spec, tools.models)
    return {f.code: f for f in run_checks(tools.checks, facts, spec.limits, spec.off)}


def _is_noise(
    of_file: Finding, of_source: Finding | None, spec: Spec, checks: Sequence[Check]
) -> bool:
    """Whether a file that is read back is wrong only as the same picture, measured again.

    Its source kept every rule. So is a value that lies beyond its limit, or from that of the
    source, by no more than the uncertainty.
    """
    if of_file.borderline or of_source is None:
        return of_file.borderline
    keys = (check.bands[of_file.code] for check in checks if of_file.code in check.bands)
    band = next(map(spec.value, keys), None)
    if band is None or band.uncertainty is None:
        return False
    there, here = of_file.measured, of_source.measured
    return there is not None and here is not None and abs(there - here) <= band.uncertainty


def _in_the_file(finding: Finding) -> Text:
    because = finding.because or Text("", "")
    return Text(f"生成的成品照片：{because.zh}", f"in the file made of it: {because.en}")


def _with_similarity(finding: Finding, made: Encoded) -> Finding:
    """FS002 of a source: no question, for the floor is kept; it tells how the file was written."""
    said = Text(
        f"成品以品质 {made.quality}、色度 {made.sampling} 压缩，与压缩前的 SSIM {made.ssim:.4f}",
        f"written at quality {made.quality}, {made.sampling}; SSIM {made.ssim:.4f} to the crop",
    )
    return replace(finding, measured=float(made.quality), because=said)


def _handed_on(facts: Facts, findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], Made]:
    """The student's own bytes, or the same picture with its tags mended."""
    file = facts.file
    quality = round(file.jpeg_quality) if file.jpeg_quality and file.jpeg_quality_exact else None
    retagged = retag(facts.data, facts.output, is_adobe_rgb=file.is_adobe_rgb)
    kb = facts.output.kb
    if (
        retagged is None
        or retagged == facts.data
        or (kb is not None and kb.allows(len(facts.data) / KB) > kb.allows(len(retagged) / KB))
    ):
        return tuple(findings), Made(facts.data, quality)
    said = Text(
        "成品的标记已无损改正，像素数据未动", "the tags were mended, the pixel data is the same"
    )
    return (
        tuple(f.with_note(said) if f.code == _TAG else f for f in findings),
        Made(retagged, quality),
    )
