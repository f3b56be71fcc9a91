"""FL: the file itself. A photo that cannot be read at all never reaches a check: see examine."""

from collections.abc import Iterable

from pipeline.core.rules import Finding, Mode, Remedy, Rule, Text
from pipeline.examine.check import FINAL_ONLY, Check
from pipeline.examine.facts import Facts

FL001 = Rule(
    "FL001",
    Remedy.RETAKE,
    fault=Text("照片无法打开", "the file cannot be read as a picture"),
    hint=Text("请重新导出原图上传，不要只改后缀", "export the original again, not just renamed"),
    quantity=Text("", ""),
    unit="",
    source="standard.md §7.3 (P) 「A file that cannot be read」",
)
FL002 = Rule(
    "FL002",
    Remedy.RETAKE,
    fault=Text("格式不是 8 位 RGB 的 JPG", "not a baseline or progressive 8-bit RGB JPEG"),
    hint=Text("不要只改后缀，请另存为 JPG", "save as JPEG; do not just rename it"),
    quantity=Text("", ""),
    unit="",
    source="standard.md §1.1 (O~) 「24位真彩色」「符合JPEG标准」; S5 S7 S9 S10; §8 FORMAT",
)
FL003 = Rule(
    "FL003",
    Remedy.RETAKE,
    fault=Text("照片方向错误(横图或旋转)", "wrong orientation: landscape or turned by a tag"),
    hint=Text("转正后保存", "turn it upright and save"),
    quantity=Text("", ""),
    unit="",
    source="standard.md §1.2 (O~) 「480×640 is always 宽×高」; S0 S12; §8 LANDSCAPE",
)
FL004 = Rule(
    "FL004",
    Remedy.RETAKE,
    fault=Text("文件是动图或含多张图片", "animated, or several pictures in one file"),
    hint=Text("请上传单张照片", "hand in a single still picture"),
    quantity=Text("图片数", "pictures"),
    unit="",
    source="standard.md §7.3 (P) 「holds several pictures」",
)


def _run(facts: Facts, _limits: None) -> Iterable[Finding]:
    file = facts.file
    yield FL001.passed()
    yield FL004.passed(file.frames) if file.frames == 1 else FL004.broken(file.frames)
    if facts.mode is Mode.SOURCE:
        yield FL002.not_applicable(FINAL_ONLY)
        yield FL003.not_applicable(FINAL_ONLY)
        return
    plain = file.format in {"JPEG", "MPO"} and file.jpeg_baseline_or_progressive
    if plain and file.mode == "RGB" and file.bits == 8:
        yield FL002.passed()
    else:
        kind = f"{file.format} {file.mode} {file.bits} bit"
        yield FL002.broken(detail=Text(kind, kind))
    if file.orientation != 1:
        tag = file.orientation
        yield FL003.broken(detail=Text(f"EXIF 方向标记 {tag}", f"EXIF orientation {tag}"))
    elif file.width_px > file.height_px:
        size = f"{file.width_px}×{file.height_px}"
        yield FL003.broken(detail=Text(f"横图 {size}", f"landscape {size}"))
    else:
        yield FL003.passed()


CHECK = Check("files", (FL001, FL002, FL003, FL004), None, _run)
