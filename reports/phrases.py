"""The words that all reports share, in Chinese and English."""

from collections.abc import Mapping

from pipeline.core.records import FacesNote
from pipeline.core.rules import BORDERLINE, Finding, Lang, Mode, Outcome, Rule, Text, Verdict
from reports.summary import NearLimits

VERDICTS: Mapping[Verdict, Text] = {
    Verdict.PASS: Text("合格", "Pass"),
    Verdict.RETAKE: Text("需补拍", "Retake"),
    Verdict.FAIL: Text("异常", "Fail"),
    Verdict.MISSING: Text("未采集", "Missing"),
}

MODES: Mapping[Mode, Text] = {
    Mode.SOURCE: Text("按原始照片检查", "judged as raw pictures"),
    Mode.FINAL: Text("按成品照片检查", "judged as registration files"),
}

# Rules are named by their fault: "eyes closed: passed" would read as its opposite.
OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.PASSED: Text("无此问题", "not found"),
    Outcome.BROKEN: Text("有此问题", "found"),
    Outcome.SKIPPED: Text("无法判断", "could not be assessed"),
    Outcome.NOT_APPLICABLE: Text("不适用", "does not apply"),
}

KINDS: Mapping[str, Text] = {
    "same_file": Text("同一文件", "same file"),
    "same_picture": Text("同一张照片", "same picture"),
    "same_person": Text("疑似同一人", "same person"),
    "swap": Text("疑似互换", "swapped"),
    "shift": Text("疑似错位", "slipped"),
    "not_on_record": Text("与录取照不符", "not the person on record"),
}

MISSING_REASON = Text("还没有收到照片", "no photo has arrived")
MISSING_HINT = Text("请在截止前补拍", "have the photo taken before the deadline")
LOOK = Text("请由老师查看这张照片", "a person must look at this photo")


def faces_text(note: FacesNote | None) -> Text:
    """Say whether faces were compared, with what, and how many false pairs to expect."""
    if note is None:
        return Text("未做人脸比对", "faces were not compared")
    zh = (
        f"已做人脸比对：照片 {note.photos}，参考照片 {note.records} 人；"
        f"同一人阈值 {note.threshold:.3f}，全批预计误报 {note.expected_false_pairs:.1f} 对"
    )
    en = (
        f"faces were compared: {note.photos} photos, {note.records} students on record; one person "
        f"from {note.threshold:.3f} on, {note.expected_false_pairs:.1f} false pairs to be expected"
    )
    if note.accept is not None and note.reject is not None:
        zh += f"；与本人一致 ≥ {note.accept:.3f}，不一致 < {note.reject:.3f}"
        en += f"; the person on record from {note.accept:.3f}, not below {note.reject:.3f}"
    return Text(f"{zh}；{note.order.zh}", f"{en}; {note.order.en}")


def borderline_text(counts: NearLimits) -> Text:
    """Say how much lies within its measure's uncertainty of a limit."""
    return Text(
        f"{BORDERLINE.zh} {counts.findings} 项，学生 {counts.students} 人，"
        f"其中 {counts.staff} 人由老师决定",
        f"{BORDERLINE.en}: {counts.findings} findings, {counts.students} students, "
        f"{counts.staff} of them for a person to decide",
    )


def reason(finding: Finding, rule: Rule, lang: Lang) -> str:
    """Say why a finding counts, with the measured value where there is one.

    A skip names what could not be judged, for its own words only say why not; what is
    borderline says all of it. A plain pass has no reason: the empty string.
    """
    because = finding.because[lang] if finding.because else ""
    if finding.outcome is Outcome.BROKEN:
        return because or rule.fault[lang]
    if finding.outcome is Outcome.SKIPPED and not finding.borderline:
        lead = Text(f"无法判断「{rule.fault.zh}」", f"could not assess “{rule.fault.en}”")[lang]
        colon = Text("：", ": ")[lang]
        return f"{lead}{colon}{because}" if because else lead
    return because


def listed(finding: Finding, lang: Lang) -> str:
    """Say what a list of all findings has beside the numbers, a plain pass's too.

    Its because; where that is empty, what was measured if it is not the rule's own quantity.
    """
    said = finding.because or finding.quantity
    return said[lang] if said else ""


def hint(finding: Finding, rule: Rule, lang: Lang) -> str:
    """Say what to do about a finding; where nothing could be judged, a person must look."""
    return LOOK[lang] if finding.outcome is Outcome.SKIPPED else rule.hint[lang]
