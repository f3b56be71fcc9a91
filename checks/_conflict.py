"""Why no crop keeps a window: the words for what it cannot be had together with."""

from collections.abc import Mapping

from pipeline.core.rules import Finding, Text
from pipeline.image.geometry import Crop, Hold

_WINDOWS: Mapping[str, tuple[Text, str]] = {
    "crown": (Text("FC004 头顶距上边沿", "FC004 crown to top"), "px"),
    "eye": (Text("FC005 眼睛距上边沿", "FC005 eyes to top"), "px"),
    "face_width": (Text("FC006 脸部宽度", "FC006 face width"), "px"),
    "head_width": (Text("FC006 头部宽度", "FC006 head width"), "px"),
    "head_height": (Text("FC006 头部高度", "FC006 head height"), "px"),
    "centring": (Text("FC003 水平偏离中线", "FC003 off the middle"), "%"),
    "scale": (Text("RS001 每个成品像素的原片像素", "RS001 source pixels an output pixel"), ""),
}
_EDGES: Mapping[str, Text] = {
    "top": Text("上", "top"),
    "bottom": Text("下", "bottom"),
    "left": Text("左", "left"),
    "right": Text("右", "right"),
}


def explain_conflict(finding: Finding, crop: Crop, window: str) -> Finding:
    """Add to a finding what its broken window is in conflict with; by how much it says itself.

    Nothing is added where the crop was not planned, or gave up another window.
    """
    if finding.because is None or window not in crop.broken:
        return finding
    windows = [_words(hold) for hold in crop.held_by if hold.name in _WINDOWS]
    edges = [_EDGES[hold.name] for hold in crop.held_by if hold.name in _EDGES]
    if windows:
        zh = f"与{'、'.join(w.zh for w in windows)}冲突"
        en = f"in conflict with {' and '.join(w.en for w in windows)}"
        finding = finding.with_note(Text(zh, en))
    if edges:
        zh = f"原片的{'、'.join(e.zh for e in edges)}边沿已到头"
        en = f"the frame ends there ({', '.join(e.en for e in edges)} edge)"
        finding = finding.with_note(Text(zh, en))
    return finding


def _words(hold: Hold) -> Text:
    quantity, unit = _WINDOWS[hold.name]
    more = hold.end == "low"
    limit = f"{hold.limit:g}"
    return Text(
        f" {quantity.zh}{'不少于' if more else '不超过'} {limit}{unit}",
        f"{quantity.en} {'at least' if more else 'at most'} {limit}{' ' * bool(unit)}{unit}",
    )
