"""FS: the file's size and the JPEG quality behind it."""

from collections.abc import Iterable
from dataclasses import replace

from pydantic import Field

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Mode, Outcome, Remedy, Rule, Text
from pipeline.examine.check import FINAL_ONLY, Check, Judged, Limits, judge_asked
from pipeline.examine.facts import CropFacts, Facts
from pipeline.image.encode import KB, Encoded
from pipeline.spec.document import Output

FS001 = Rule(
    "FS001",
    Remedy.RETAKE,
    fault=Text("文件大小不符", "the file's size is outside the window"),
    student=Text("请交原图，不要交压缩过的图", "hand in the original, not a compressed copy"),
    photographer=Text(
        "从原片重新导出，让文件大小合格",
        "export anew from the original, to the size that is asked for",
    ),
    quantity=Text("文件大小", "file size"),
    unit="KB",
    source="standard.md §1.1 (O~) 「一般在20KB至40KB」; S5 S7 S9 S10; §1.2",
    decimals=1,
)
FS002 = Rule(
    "FS002",
    Remedy.RETAKE,
    fault=Text("压缩过度", "compressed too much"),
    student=Text("请交原图，不要交压缩过的图", "hand in the original, not a compressed copy"),
    photographer=Text(
        "从原片重新导出，提高压缩品质", "export anew from the original, at a higher quality"
    ),
    quantity=Text("JPEG 压缩品质系数", "JPEG quality"),
    unit="",
    source=(
        "standard.md §1.1 (O~) 「压缩品质系数不低于60」; S5 S7 S9 S10; "
        "ISO/IEC 29794-5 Compression artifacts"
    ),
)


class FileSizeLimits(Limits):
    """JPEG quality of a final file, as estimated from its quantisation tables."""

    quality: Band = Field(description="IJG quality, 1-100")
    unsure: float = Field(ge=0, le=100, description="by how much an estimate may be too high")
    unsure_source: str


def _size(facts: CropFacts, _limits: FileSizeLimits) -> Iterable[Finding]:
    if facts.mode is Mode.FINAL:
        yield judge_asked(FS001, len(facts.data) / KB, facts.output.kb)
    else:
        yield _window(facts.encoded, facts.output)


def _window(made: Encoded, output: Output) -> Finding:
    """FS001 of a source: by how much the file that it gives misses, and at which quality."""
    finding = judge_asked(FS001, made.kb, output.kb)
    if finding.because is None or finding.outcome is Outcome.NOT_APPLICABLE:
        return finding
    zh, en = "压缩品质", "at quality"
    if made.quality == output.quality_floor:
        zh, en = "已是允许的最低品质", "at the lowest quality allowed,"
    elif made.quality == output.quality_ceiling:
        zh, en = "已是最高品质", "at the highest quality,"
    return finding.with_note(Text(f"{zh} {made.quality}", f"{en} {made.quality}"))


def _quality(facts: Facts, limits: FileSizeLimits) -> Iterable[Finding]:
    if facts.mode is Mode.FINAL:
        yield _judge_quality(facts, limits)
    else:
        yield FS002.not_applicable(FINAL_ONLY)


def _judge_quality(facts: Facts, limits: FileSizeLimits) -> Finding:
    estimate = facts.file.jpeg_quality
    if estimate is None:
        return FS002.not_applicable(Text("不是 JPG 文件", "not a JPEG"))
    if facts.file.jpeg_quality_exact:
        return FS002.judge(estimate, limits.quality)
    # Tables that are not the IJG's give only a likeness: far above the floor it keeps the
    # rule, near it or below nothing can be said, and nothing can be broken.
    if not limits.quality.allows(estimate - limits.unsure):
        unknown = Text(
            f"量化表非标准，品质约 {estimate:.0f}，无法确定是否达到要求",
            f"non-standard tables: quality about {estimate:.0f}, cannot say whether it is enough",
        )
        return replace(FS002.skipped(unknown), measured=estimate)
    near = Text(
        f"量化表非标准，品质约 {estimate:.0f}，仅供参考",
        f"non-standard tables: quality about {estimate:.0f}, an estimate",
    )
    return FS002.passed(estimate, near)


SIZE = Check(
    "file_size",
    (FS001,),
    FileSizeLimits,
    _size,
    needs=CropFacts,
    bands={"FS001": "output.kb"},
    judges=Judged.FILE,
)
# FS002 is not among the bands: an estimate is judged with a margin.
QUALITY = Check("file_size", (FS002,), FileSizeLimits, _quality, needs=Facts, judges=Judged.FILE)
