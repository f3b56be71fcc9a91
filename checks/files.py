"""FL: the file itself. A photo that cannot be read at all never reaches a check: see examine."""

from collections.abc import Iterable

from pipeline.core.rules import Finding, Mode, Remedy, Rule, Text
from pipeline.examine.check import FINAL_ONLY, NO_FACE, Check, Judged
from pipeline.examine.facts import Facts

FL001 = Rule(
    "FL001",
    Remedy.RETAKE,
    fault=Text("照片无法打开", "the file cannot be read as a picture"),
    student=Text(
        "照片打不开，请把原图重新交一次",
        "the picture cannot be opened: please hand in the original again",
    ),
    photographer=Text(
        "重新拷贝或导出原片，不要只改后缀",
        "copy or export the original again; do not just rename it",
    ),
    quantity=Text("", ""),
    unit="",
    source="standard.md §7.3 (P) 「A file that cannot be read」",
)
FL002 = Rule(
    "FL002",
    Remedy.RETAKE,
    fault=Text("格式不是 8 位 RGB 的 JPG", "not a baseline or progressive 8-bit RGB JPEG"),
    student=Text("请另存为 JPG 再交，不要只改后缀", "save it as JPEG; do not just rename it"),
    photographer=Text("导出为 8 位 RGB 的 JPG", "export an 8-bit RGB JPEG"),
    quantity=Text("", ""),
    unit="",
    source="standard.md §1.1 (O~) 「24位真彩色」「符合JPEG标准」; S5 S7 S9 S10; §8 FORMAT",
)
FL003 = Rule(
    "FL003",
    Remedy.RETAKE,
    fault=Text(
        "照片方向错误(横图或旋转)", "wrong orientation: landscape, turned by a tag, or not upright"
    ),
    student=Text("把照片转正后再交", "turn the picture upright and hand it in again"),
    photographer=Text(
        "转正后导出，不要靠方向标记", "export it upright, without an orientation tag"
    ),
    quantity=Text("", ""),
    unit="",
    source="standard.md §1.2 (O~) 「480×640 is always 宽×高」; S0 S12; §8 LANDSCAPE",
)
_HOW_IT_LIES = {  # degrees clockwise that set it upright
    90: Text("人像横置，请转正（顺时针 90°）", "on its side, turn it by 90° clockwise"),
    180: Text("人像倒置，请转正（180°）", "upside down, turn it by 180°"),
    270: Text("人像横置，请转正（逆时针 90°）", "on its side, turn it by 90° anticlockwise"),
}
FL004 = Rule(
    "FL004",
    Remedy.RETAKE,
    fault=Text("文件是动图或含多张图片", "animated, or several pictures in one file"),
    student=Text("请交一张普通的照片，不要动图", "hand in a single still picture"),
    photographer=Text("导出为单张图片", "export a single still picture"),
    quantity=Text("图片数", "pictures"),
    unit="",
    source="standard.md §7.3 (P) 「holds several pictures」",
)


def _run(facts: Facts, _limits: None) -> Iterable[Finding]:
    file = facts.file
    yield FL001.passed()
    yield FL004.passed(file.frames) if file.frames == 1 else FL004.broken(file.frames)
    yield _orientation(facts)
    if facts.mode is Mode.SOURCE:
        yield FL002.not_applicable(FINAL_ONLY)
        return
    plain = file.format in {"JPEG", "MPO"} and file.jpeg_baseline_or_progressive
    if plain and file.mode == "RGB" and file.bits == 8:
        yield FL002.passed()
    else:
        kind = f"{file.format} {file.mode} {file.bits} bit"
        yield FL002.broken(detail=Text(kind, kind))


def _orientation(facts: Facts) -> Finding:
    """FL003: a final file by its tag and its sides; any photo by the person in it."""
    file = facts.file
    if facts.mode is Mode.FINAL and file.orientation != 1:
        tag = file.orientation
        return FL003.broken(detail=Text(f"EXIF 方向标记 {tag}", f"EXIF orientation {tag}"))
    if facts.mode is Mode.FINAL and file.width_px > file.height_px:
        size = f"{file.width_px}×{file.height_px}"
        return FL003.broken(detail=Text(f"横图 {size}", f"landscape {size}"))
    if facts.turn:
        return FL003.broken(detail=_HOW_IT_LIES[facts.turn])
    return FL003.passed() if facts.faces else FL003.skipped(NO_FACE, caused_by="FC001")


CHECK = Check("files", (FL001, FL002, FL003, FL004), None, _run, needs=Facts, judges=Judged.FILE)
