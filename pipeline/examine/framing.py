"""What the frame is at fault in: several broken rules of framing, told as the one cause.

A frame that ends below the chin breaks the eye line, the crown or the face's width, as the
planned crop gives up the one or the other. Here those breaks are led back to what a
photographer can move: the distance, the aim, the pixels.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import replace

from pipeline.core.causes import Cause
from pipeline.core.rules import Finding, Mode, Outcome, Text
from pipeline.examine.check import is_assessed
from pipeline.examine.facts import Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.reframe import Reframing, hair_is_high, is_a_portrait, reframe, scale_window
from pipeline.image.geometry import Crop, Head
from pipeline.spec.document import Output

_WINDOW_OF = {"FC003": "centring", "FC004": "crown", "FC005": "eye", "FC006": "face_width"}
FRAMING = (*_WINDOW_OF, "FC010", "RS001")
_STEP_PERCENT, _STEP_PX = 5, 10  # to which amounts are rounded, upwards
_RESERVE = 1.05  # of a distance, so that the aim need not be exact
_AT_THE_EDGE = 1.0  # px

_STUDENT = {
    "too_near": Text(
        "离镜头远一点，头顶到胸口都要拍进去",
        "stand farther from the camera: head and chest belong in the picture",
    ),
    "too_far": Text(
        "离镜头近一点，让脸在画面里大一些",
        "stand nearer to the camera, so that your face is larger in the picture",
    ),
    "frame_bottom": Text("拍到胸口，下巴以下多留一些", "let the picture reach down to your chest"),
    "frame_top": Text("头顶上方多留一些空白", "leave more room above your head"),
    "frame_left": Text(
        "坐在画面正中，两边都留出空白", "sit in the middle, with room on both sides"
    ),
    "too_small": Text(
        "请交相机拍的原图，不要交缩小的图", "hand in the original, not a reduced copy"
    ),
    "hair_too_high": Text("把头顶的头发压低一些", "flatten the hair on the top of your head"),
    "crop_tight": Text(
        "拍到胸口，头顶和两边都留出空白", "show your chest, with room above and beside the head"
    ),
    "crop_loose": Text("让脸在画面里大一些", "let your face be larger in the picture"),
    "crop_aside": Text("头要在画面的正中偏上", "the head belongs in the middle, a little above it"),
}
_STUDENT["frame_right"] = _STUDENT["frame_left"]
_SIDES = {
    "bottom": Text("下巴以下", "below the chin"),
    "top": Text("头顶以上", "above the crown"),
    "left": Text("画面左侧", "on the picture's left"),
    "right": Text("画面右侧", "on the picture's right"),
}
_AIM = {
    "bottom": Text("镜头下移", "aim lower"),
    "top": Text("镜头上移", "aim higher"),
    "left": Text("镜头左移", "aim farther left"),
    "right": Text("镜头右移", "aim farther right"),
}
_ENDS = {
    "bottom": Text("画面下沿切在下巴以下", "the frame ends too soon below the chin"),
    "top": Text("画面上沿切在头顶以上", "the frame ends too soon above the crown"),
    "left": Text("画面左沿太近", "the frame ends too soon on the left"),
    "right": Text("画面右沿太近", "the frame ends too soon on the right"),
}


_CROPPED = {
    "crop_tight": Text("裁切过紧", "cropped too tightly"),
    "crop_loose": Text("裁切过松", "cropped too loosely"),
    "crop_aside": Text("裁切位置不对", "cropped at the wrong place"),
}


def framing_causes(facts: Facts, findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Return the cause behind the broken rules of framing, where there is one.

    ``findings`` are those of the photo that the facts are of.
    """
    by_code = {finding.code: finding for finding in findings}
    broken = tuple(c for c in FRAMING if c in by_code and by_code[c].outcome is Outcome.BROKEN)
    if not broken or not isinstance(facts, HeadFacts):
        return ()
    without = {w for c, w in _WINDOW_OF.items() if not is_assessed(by_code[c])}
    if facts.mode is Mode.FINAL:
        cause = cause_of_crop(facts.head, facts.crop.scale, facts.output, without)
    else:
        cause = cause_of_frame(facts.head, *facts.frame, facts.output, without)
        if cause is None and "FC010" in broken:
            cause = _cut(by_code["FC010"], facts.crop, *facts.frame)
    return () if cause is None else (replace(cause, codes=broken),)


def cause_of_frame(
    head: Head, width: int, height: int, output: Output, without: Collection[str] = ()
) -> Cause | None:
    """Return why no crop of a source frame keeps every window; None where one does, or no cause."""
    if hair_is_high(head, output, without):
        return _hair()
    found = reframe(head, width, height, output, without)
    least = output.scale.low or 0.0
    if found.enlarged > 1 and (
        found.nearest is None or is_a_portrait(least / found.enlarged, width, height, output)
    ):
        return _too_small(width, height, found.enlarged)
    if found.nearest is None or found.farthest is None:
        return None
    faces = head.face_width / found.farthest, head.face_width / found.nearest
    if found.nearest > 1:
        return _too_near(head, found, faces)
    if found.farthest < 1:
        return _too_far(head, found.farthest, faces)
    return _aim(found)


def _too_near(head: Head, found: Reframing, faces: tuple[float, float]) -> Cause:
    assert found.nearest is not None
    percent = _percent(found.nearest * _RESERVE - 1)
    zh, en = f"后退约 {percent}", f"step back by about {percent}"
    for side in ("top", "bottom"):
        if room := found.lacks.get(side):
            words = _more_room(side, room)
            zh, en = f"{zh}，{words.zh}", f"{en}, {words.en}"
    size = _face(head, faces)
    return Cause(
        "too_near",
        (),
        _STUDENT["too_near"],
        Text(f"{zh}（{size.zh}）", f"{en} ({size.en})"),
        Text(f"相机过近：{size.zh}", f"camera too near: {size.en}"),
        found.nearest,
    )


def _too_far(head: Head, farthest: float, faces: tuple[float, float]) -> Cause:
    percent = _percent(1 - farthest / _RESERVE)
    size = _face(head, faces)
    return Cause(
        "too_far",
        (),
        _STUDENT["too_far"],
        Text(
            f"走近约 {percent}，或提高相机分辨率（{size.zh}）",
            f"step nearer by about {percent}, or set the camera to more pixels ({size.en})",
        ),
        Text(f"相机过远：{size.zh}", f"camera too far: {size.en}"),
        1 / farthest,
    )


def _aim(found: Reframing) -> Cause | None:
    """Tell by how much to aim beside; the side that lacks the most gives the cause its name."""
    right, down = found.shift or (0.0, 0.0)
    moves = {"right": right, "left": -right, "bottom": down, "top": -down}
    lacking = sorted((side for side in moves if moves[side] > 0.5), key=lambda s: -moves[s])
    if not lacking:
        return None
    rooms = [_more_room(side, moves[side]) for side in lacking]
    return Cause(
        f"frame_{lacking[0]}",
        (),
        _STUDENT[f"frame_{lacking[0]}"],
        Text(
            "；".join(f"{_AIM[s].zh}，{room.zh}" for s, room in zip(lacking, rooms, strict=True)),
            "; ".join(f"{_AIM[s].en}, {room.en}" for s, room in zip(lacking, rooms, strict=True)),
        ),
        Text(
            "；".join(f"{_ENDS[s].zh}，差 {moves[s]:.0f} px" for s in lacking),
            "; ".join(f"{_ENDS[s].en}, {moves[s]:.0f} px short" for s in lacking),
        ),
        moves[lacking[0]],
    )


def _cut(finding: Finding, crop: Crop, width: int, height: int) -> Cause | None:
    """Tell of head or shoulders that the frame cuts, where the crop cannot reach further."""
    reached = {
        "bottom": crop.y + crop.height >= height - _AT_THE_EDGE,
        "top": crop.y <= _AT_THE_EDGE,
        "left": crop.x <= _AT_THE_EDGE,
        "right": crop.x + crop.width >= width - _AT_THE_EDGE,
    }
    side = next((side for side, there in reached.items() if there), None)
    if side is None or finding.measured is None:
        return None
    lacks = max(1.0, ((finding.low or 0.0) - finding.measured) * crop.scale)
    room = _more_room(side, lacks)
    return Cause(
        f"frame_{side}",
        (),
        _STUDENT[f"frame_{side}"],
        Text(f"{_AIM[side].zh}或后退，{room.zh}", f"{_AIM[side].en} or step back, {room.en}"),
        _ENDS[side],
        lacks,
    )


def _too_small(width: int, height: int, enlarged: float) -> Cause:
    needed = "×".join(str(math.ceil(round(side * enlarged, 2))) for side in (width, height))
    size = Text(
        f"至少 {needed} 像素，实际 {width}×{height}",
        f"at least {needed} pixels needed, has {width}×{height}",
    )
    return Cause(
        "too_small",
        (),
        _STUDENT["too_small"],
        Text(
            f"交原片；原片就小的，提高相机分辨率（{size.zh}）",
            f"hand in the original; where that is small, set the camera to more pixels ({size.en})",
        ),
        Text(f"照片太小：{size.zh}", f"picture too small: {size.en}"),
        enlarged,
    )


def _hair() -> Cause:
    return Cause(
        "hair_too_high",
        (),
        _STUDENT["hair_too_high"],
        Text(
            "请学生压低头顶的头发；相机远近都不能同时满足头顶和脸宽",
            "ask for flatter hair; no distance keeps both the crown and the width of the face",
        ),
        Text("头发顶端离脸过高", "the top of the hair is too high above the face"),
    )


def cause_of_crop(
    head: Head, scale: float, output: Output, without: Collection[str] = ()
) -> Cause | None:
    """Return how a final file was cropped wrongly; None where no crop of its head would do.

    What a registration file was made of can be cropped anew; ``scale`` is its own pixels for
    one of the output.
    """
    if hair_is_high(head, output, without):
        return _hair()
    scales = scale_window(head, output, without)
    if scales is None:
        return None
    faces = head.face_width / scales[1], head.face_width / scales[0]
    face = _face(head, (faces[0] * scale, faces[1] * scale))
    if scale < scales[0]:
        key, factor = "crop_tight", scales[0] / scale
        how = Text(f"放宽约 {_percent(factor - 1)}", f"wider by about {_percent(factor - 1)}")
    elif scale > scales[1]:
        key, factor = "crop_loose", scale / scales[1]
        how = Text(
            f"收紧约 {_percent(1 - 1 / factor)}", f"tighter by about {_percent(1 - 1 / factor)}"
        )
    else:
        key, factor = "crop_aside", 1.0
        how = Text("移动裁切框", "at another place")
    return Cause(
        key,
        (),
        _STUDENT[key],
        Text(
            f"从原片重新裁切，{how.zh}（{face.zh}）",
            f"crop the original anew, {how.en} ({face.en})",
        ),
        Text(f"{_CROPPED[key].zh}：{face.zh}", f"{_CROPPED[key].en}: {face.en}"),
        factor,
    )


def _more_room(side: str, px: float) -> Text:
    room = _up(px, _STEP_PX)
    return Text(f"{_SIDES[side].zh}再留 {room} px", f"{room} px more {_SIDES[side].en}")


def _face(head: Head, faces: tuple[float, float]) -> Text:
    face, span = f"{head.face_width:.0f}", f"{math.ceil(faces[0])}–{math.floor(faces[1])}"
    return Text(f"脸宽 {face} px，窗口 {span} px", f"face {face} px wide, window {span} px")


def _percent(share: float) -> str:
    return f"{_up(100 * share, _STEP_PERCENT)} %"


def _up(value: float, step: int) -> int:
    return step * max(1, math.ceil(round(value / step, 6)))
