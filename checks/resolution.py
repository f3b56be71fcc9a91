"""RS: enough pixels, the right pixels, the right tag."""

from collections.abc import Iterable

from pydantic import Field

from checks._conflict import explain_conflict
from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Mode, Remedy, Rule, Text
from pipeline.examine.check import FINAL_ONLY, Check, Judged, Limits
from pipeline.examine.facts import CropFacts, Facts
from pipeline.spec.document import Output

RS001 = Rule(
    "RS001",
    Remedy.RETAKE,
    fault=Text("照片像素不够或尺寸不符", "too few pixels, or the wrong pixel size"),
    student=Text(
        "请交相机拍的原图，不要截图或放大小图",
        "hand in the original, not a screenshot or an enlarged picture",
    ),
    photographer=Text(
        "交原片；原片就小的，提高相机的分辨率",
        "hand in the original; where that is small, set the camera to more pixels",
    ),
    quantity=Text("每个成品像素对应的原片像素", "source pixels for one output pixel"),
    unit="",
    source="standard.md §1.1 (O~) 「宽480像素 × 高640像素」; S5 S7 S9 S10; §7.3 「不要放大小图」",
    decimals=2,
    invalidated_by=("FL003",),  # the sides are the other way about
)
RS002 = Rule(
    "RS002",
    Remedy.RETAKE,
    fault=Text("照片比例不符(被拉伸)", "stretched: not the aspect that is asked for"),
    student=Text("请交没有拉伸过的照片", "hand in a picture that is not stretched"),
    photographer=Text(
        "按要求的宽高比裁剪，不要拉伸", "crop to the aspect that is asked for; do not stretch"
    ),
    quantity=Text("宽高比偏差", "aspect off by"),
    unit="%",
    source="standard.md §7.3 (P) 「不要拉伸」; §8 SIZE_PX",
    decimals=1,
    invalidated_by=("FL003",),  # the sides are the other way about
)
RS003 = Rule(
    "RS003",
    Remedy.NOTE,
    fault=Text("分辨率标记与要求不同", "the resolution tag is not the one asked for"),
    student=Text("不用重拍，系统可以改", "no new picture needed: the system can mend it"),
    photographer=Text("导出时写上要求的分辨率", "export with the resolution that is asked for"),
    quantity=Text("分辨率标记", "resolution tag"),
    unit="dpi",
    source="standard.md §1.1 (O~) 「300 dpi」; S5 S7 S9 S10; §7.1 「changes no pixel」",
)


class ResolutionLimits(Limits):
    """The aspect of a final file; what a source may be enlarged by stands in ``[output]``."""

    aspect_off_percent: Band = Field(description="width/height against the output's, %")


def _pixels(facts: CropFacts, _limits: ResolutionLimits) -> Iterable[Finding]:
    out, file = facts.output, facts.file
    if facts.mode is Mode.SOURCE:
        # Rounded, because the solver of the crop is right to seven decimals.
        finding = RS001.judge(round(facts.crop.scale, 5), out.scale)
        yield explain_conflict(finding, facts.crop, "scale")
    elif out.allows_size(file.width_px, file.height_px):
        yield RS001.passed(1.0)
    else:
        yield RS001.broken(
            detail=Text(
                f"{file.width_px}×{file.height_px}，应为{_sizes(out, '宽', '高')}像素",
                f"{file.width_px}×{file.height_px}, must be {_sizes(out)} pixels",
            )
        )


def _shape_and_tag(facts: Facts, limits: ResolutionLimits) -> Iterable[Finding]:
    if facts.mode is Mode.SOURCE:
        yield RS002.not_applicable(FINAL_ONLY)
        yield RS003.not_applicable(FINAL_ONLY)
        return
    out, file = facts.output, facts.file
    aspect = (file.width_px / file.height_px) / (out.width_px / out.height_px)
    yield RS002.judge(100 * abs(aspect - 1), limits.aspect_off_percent)
    if file.dpi is None:
        yield RS003.broken(detail=Text("没有标记", "no tag"))
    elif all(out.dpi <= round(side) <= out.dpi_most for side in file.dpi):
        yield RS003.passed(file.dpi[0])
    else:
        shown = f"{file.dpi[0]:.0f}×{file.dpi[1]:.0f}"
        yield RS003.broken(
            file.dpi[0],
            Text(f"{shown} dpi，应为 {out.dpi} dpi", f"{shown} dpi, should be {out.dpi} dpi"),
        )


def _sizes(output: Output, across: str = "", up: str = "") -> str:
    """The pixel sizes that a spec allows, in words: 480×640, or 354×472–480×640."""
    return " / ".join(
        "–".join(f"{across}{w}×{up}{h}" for w, h in dict.fromkeys((sizes.least, sizes.most)))
        for sizes in output.sizes
    )


PIXELS = Check(
    "resolution",
    (RS001,),
    ResolutionLimits,
    _pixels,
    needs=CropFacts,
    judges=Judged.FRAME,
    bands={"RS001": "output.scale"},
)
SHAPE_AND_TAG = Check(
    "resolution",
    (RS002, RS003),
    ResolutionLimits,
    _shape_and_tag,
    needs=Facts,
    judges=Judged.FILE,
    bands={"RS002": "limits.resolution.aspect_off_percent"},
)
