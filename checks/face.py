"""FC: one face, in the right place, looking into the camera."""

from collections.abc import Iterable

import numpy as np
from pydantic import Field

from checks._conflict import explain_conflict
from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Text
from pipeline.examine.check import Check, Judged, Limits, judge_asked, worst
from pipeline.examine.facts import Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.head_measures import LEFT_IRIS, RIGHT_IRIS, find_head
from pipeline.image.geometry import Crop, Placement
from pipeline.spec.document import Output

_HAIRLINE = Text("发际线距上边沿", "hairline to top")
_HEAD_WIDTH = Text("头部宽度(两耳根之间)", "head width between the ears")
_HEAD_HEIGHT = Text("头部高度(头顶到下巴)", "head height, crown to chin")
_BELOW_CHIN = Text("下巴以下", "room below the chin")
_ON_ITS_SIDE = ("FL003",)  # a picture that lies on its side shows no frame to judge
_COVERED = "HT001"

FC001 = Rule(
    "FC001",
    Remedy.RETAKE,
    fault=Text("未检测到人脸", "no face found"),
    student=Text(
        "请拍本人的正面免冠照，整张脸都要露出来",
        "have a frontal picture taken that shows your whole face",
    ),
    photographer=Text(
        "对准学生本人的正脸重拍", "take it again with the student's whole face in the frame"
    ),
    quantity=Text("人脸数", "faces"),
    unit="",
    source="standard.md §8 NO_FACE (P); ISO/IEC 29794-5 Single face present",
    invalidated_by=_ON_ITS_SIDE,
)
FC002 = Rule(
    "FC002",
    Remedy.RETAKE,
    fault=Text("照片中有多人", "more than one face"),
    student=Text("照片里只能有你一个人", "only you may be in the picture"),
    photographer=Text(
        "请其他人离开画面，背景里也不要有人像",
        "clear the frame of other people and of pictures of people",
    ),
    quantity=Text("人脸数", "faces"),
    unit="",
    source="standard.md §8 MULTI (P); ISO/IEC 29794-5 Single face present",
)
FC003 = Rule(
    "FC003",
    Remedy.RETAKE,
    fault=Text("人像未居中", "not centred"),
    student=Text("请坐在画面正中", "sit in the middle of the frame"),
    photographer=Text(
        "左右移动相机，让脸居中", "move the camera sideways until the face is in the middle"
    ),
    quantity=Text("水平偏离中线", "off the middle by"),
    unit="%",
    source=(
        "standard.md §1.1 (O~) 「水平居中，左右对称」; S5 S7 S9 S10; "
        "ISO/IEC 29794-5 Leftward crop of the face image, Rightward crop of the face image"
    ),
    decimals=1,
    invalidated_by=_ON_ITS_SIDE,
)
FC004 = Rule(
    "FC004",
    Remedy.RETAKE,
    fault=Text("头顶距离顶部百分比不合格", "the crown is too near or far from the top"),
    student=Text(
        "头顶上方留一点空白，也不要太多", "leave some room above your head, and not too much"
    ),
    photographer=Text(
        "重新取景或裁剪，让头顶到上边沿的距离合格",
        "frame or crop anew for the room above the crown",
    ),
    quantity=Text("头顶距上边沿", "crown to top"),
    unit="px",
    source=(
        "standard.md §1.1 (O~) 「头顶发际距上边沿」; S5 S7 S9 S10; §1.3; "
        "ISO/IEC 29794-5 Margin above of the face image"
    ),
    # The top of a hat is not the top of the hair, and black on black has no outline.
    invalidated_by=(*_ON_ITS_SIDE, _COVERED, "LT001"),
)
FC005 = Rule(
    "FC005",
    Remedy.RETAKE,
    fault=Text("眼睛中心距离顶部百分比不合格", "the eye line is too high or too low"),
    student=Text(
        "拍到胸口，头不要太靠上，也不要太靠下",
        "show your chest, with the head neither high nor low",
    ),
    photographer=Text(
        "重新取景或裁剪，让眼睛落在要求的高度", "frame or crop anew for the height of the eyes"
    ),
    quantity=Text("眼睛距上边沿", "eyes to top"),
    unit="px",
    source=(
        "standard.md §1.1 (O~) 「眼睛所在位置距上边沿」; S5 S7 S9 S10; §1.3; "
        "ISO/IEC 29794-5 Margin above of the face image"
    ),
    invalidated_by=_ON_ITS_SIDE,
)
FC006 = Rule(
    "FC006",
    Remedy.RETAKE,
    fault=Text("头像过大或过小", "the face is too large or too small"),
    student=Text(
        "脸不要拍得太大，也不要太小", "the face should be neither too large nor too small"
    ),
    photographer=Text(
        "前后移动相机，或重新裁剪，让脸宽合格",
        "move the camera, or crop anew, for the width of the face",
    ),
    quantity=Text("脸部宽度", "face width"),
    unit="px",
    source=(
        "standard.md §1.1 (O~) 「脸部宽度（两脸颊之间）」; S5 S7 S9 S10; ISO/IEC 29794-5 Head size"
    ),
    invalidated_by=_ON_ITS_SIDE,
)
FC007 = Rule(
    "FC007",
    Remedy.RETAKE,
    fault=Text("瞳孔平行角度不合格(头歪)", "the head is tilted (roll)"),
    student=Text("坐正，头不要歪", "sit straight and hold your head level"),
    photographer=Text(
        "提醒学生把头摆正，看看相机是否放平",
        "ask for a level head, and see that the camera is level",
    ),
    quantity=Text("两眼连线倾斜", "eye line tilted by"),
    unit="°",
    source=(
        "standard.md §1.3 (H) 「瞳孔平行角度不合格」; S13; ISO/IEC 19794-5:2011 7.2.2: S93; "
        "ISO/IEC 29794-5 Head pose roll"
    ),
    decimals=1,
    invalidated_by=_ON_ITS_SIDE,
)
FC008 = Rule(
    "FC008",
    Remedy.RETAKE,
    fault=Text("没有正对镜头(侧脸)", "the head is turned (yaw)"),
    student=Text("正对镜头，不要侧脸", "face the camera"),
    photographer=Text(
        "提醒学生正对镜头，相机摆在座位正前方",
        "ask the student to face the camera, right in front of the seat",
    ),
    quantity=Text("左右转头", "turned by"),
    unit="°",
    source=(
        "standard.md §1.1 (O~) 「坐姿端正，双眼自然睁开平视」; S5 S8; §8 POSE; "
        "ISO/IEC 29794-5 Head pose yaw"
    ),
    decimals=1,
)
FC009 = Rule(
    "FC009",
    Remedy.RETAKE,
    fault=Text("没有正对镜头(低头或仰头)", "the head is raised or lowered (pitch)"),
    student=Text(
        "平视镜头，不要低头或仰头", "look straight ahead, head neither raised nor lowered"
    ),
    photographer=Text("把相机升降到与眼睛同高", "set the camera at the height of the eyes"),
    quantity=Text("俯仰", "raised or lowered by"),
    unit="°",
    source=(
        "standard.md §1.1 (O~) 「坐姿端正，双眼自然睁开平视」; S5 S8; §8 POSE; "
        "ISO/IEC 29794-5 Head pose pitch"
    ),
    decimals=1,
)
FC010 = Rule(
    "FC010",
    Remedy.RETAKE,
    fault=Text("头部或肩部被画面裁切", "head or shoulders are cut by the frame"),
    student=Text(
        "拍到胸口，头顶和两边都留出空白", "show your chest, with room above and beside the head"
    ),
    photographer=Text(
        "取景放宽，头顶、两侧和下巴以下都多留一些", "frame wider: above, beside and below the head"
    ),
    quantity=Text("头部距画面边沿", "head to the frame's edge"),
    unit="px",
    source=(
        "standard.md §7.3 (P) 「Head or shoulders cut by the frame」; §5.2 「大头照」; "
        "ISO/IEC 29794-5 Margin below of the face image"
    ),
    invalidated_by=(*_ON_ITS_SIDE, _COVERED),
)
# The landmarker calls a face raised by this much level: median over the labelled frontal
# photographs, whose p5-p95 then lie at -8 and +8 degrees.
_PITCH_OF_LEVEL = 3.0


class FaceLimits(Limits):
    """Pose in degrees, and the room around the head in output pixels."""

    roll: Band = Field(description="degrees, of the line through the irises")
    yaw: Band = Field(description="degrees")
    pitch: Band = Field(description="degrees")
    edge: Band = Field(description="px between the head and the edge of the picture")
    shoulders: Band = Field(description="px below the chin")


def _count(facts: Facts, _limits: FaceLimits) -> Iterable[Finding]:
    if not facts.faces:
        yield FC001.broken(0)
        yield FC002.skipped(Text("未检测到人脸", "no face found"), caused_by="FC001")
        return
    yield FC001.passed(len(facts.faces))
    yield FC002.passed(1) if facts.face_count == 1 else FC002.broken(facts.face_count)


def _run(facts: HeadFacts, limits: FaceLimits) -> Iterable[Finding]:
    placement, crop, output = facts.placement, facts.crop, facts.output
    reading = _HAIRLINE if output.crown_reading == "hairline" else None
    for rule, window, value, band, quantity in (
        (FC003, "centring", placement.off_centre, output.centring, None),
        (FC004, "crown", placement.top(output), output.crown, reading),
        (FC005, "eye", placement.eye, output.eye, None),
    ):
        yield explain_conflict(judge_asked(rule, value, band, quantity), crop, window)
    yield _size(placement, crop, output)
    roll, yaw, pitch = pose(facts)
    yield FC007.judge(roll, limits.roll)
    yield FC008.judge(yaw, limits.yaw)
    yield FC009.judge(pitch, limits.pitch)
    yield _cut(facts, limits)


def _size(placement: Placement, crop: Crop, output: Output) -> Finding:
    """FC006: whichever widths and height the spec asks for; a broken one speaks for all."""
    asked = [
        explain_conflict(FC006.judge(value, band, quantity), crop, window)
        for window, value, band, quantity in (
            ("face_width", placement.face_width, output.face_width, None),
            ("head_width", placement.head_width, output.head_width, _HEAD_WIDTH),
            (
                "head_height",
                placement.chin - placement.crown,
                output.head_height,
                _HEAD_HEIGHT,
            ),
        )
        if band is not None
    ]
    if not asked:
        return judge_asked(FC006, placement.face_width, None)
    return worst(asked)


def pose(facts: HeadFacts) -> tuple[float, float, float]:
    """Return roll, yaw and pitch of the head in degrees.

    Roll is that of the line through the irises (瞳孔平行角度), positive when the
    picture's right eye is lower. Yaw is positive when the head is turned to the
    picture's right, pitch when it is lowered; both from the landmarker's transform,
    pitch against what it calls a level head.
    """
    across = facts.mesh.points[LEFT_IRIS] - facts.mesh.points[RIGHT_IRIS]
    roll = np.degrees(np.arctan2(across[1], across[0]))
    forward = facts.mesh.transform[:3, 2] / np.linalg.norm(facts.mesh.transform[:3, 2])
    yaw = np.degrees(np.arctan2(forward[0], forward[2]))
    pitch = np.degrees(np.arctan2(-forward[1], np.hypot(forward[0], forward[2])))
    return float(roll), float(yaw), float(pitch) - _PITCH_OF_LEVEL


def _cut(facts: HeadFacts, limits: FaceLimits) -> Finding:
    """FC010: room between the head with what is on it and the edges, and below the chin."""
    chin = facts.placement.chin
    below = FC010.judge(facts.output.height_px - chin, limits.shoulders, _BELOW_CHIN)
    if below.outcome is Outcome.BROKEN:
        return below
    head = find_head(facts.classes, facts.points / 2)
    across = np.flatnonzero(head.sum(axis=0) > max(2, chin / 100))
    if across.size == 0:
        return FC010.skipped(Text("看不清头部轮廓", "the head's outline is unclear"))
    sides = min(int(across[0]), facts.grid[1] - 1 - int(across[-1])) * 2
    room = FC010.judge(float(min(sides, facts.placement.crown)), limits.edge)
    return worst((room, below))


COUNT = Check("face", (FC001, FC002), FaceLimits, _count, needs=Facts, judges=Judged.FRAME)
# FC006 (up to three widths) and FC010 (two margins) are not among the bands.
CHECK = Check(
    "face",
    (FC003, FC004, FC005, FC006, FC007, FC008, FC009, FC010),
    FaceLimits,
    _run,
    needs=HeadFacts,
    judges=Judged.FRAME,
    bands={
        "FC003": "output.centring",
        "FC004": "output.crown",
        "FC005": "output.eye",
        "FC007": "limits.face.roll",
        "FC008": "limits.face.yaw",
        "FC009": "limits.face.pitch",
    },
)
