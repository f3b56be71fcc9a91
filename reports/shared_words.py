"""The words that all reports share, in Chinese and English."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.batch.reviews import DecisionKind
from pipeline.core.causes import reason_of
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

# What a student answers on the national platform (校对), by whether the picture is right.
SAYS: Mapping[bool, Text] = {True: Text("正确", "right"), False: Text("有误", "wrong")}
_RUNS: Mapping[str, Text] = {
    "swap": Text("互换", "swap"),
    "shift": Text("错位", "shift"),
    "name": Text("文件名", "name"),
}

DECISIONS: Mapping[DecisionKind, Text] = {
    DecisionKind.ACCEPT: Text("接受", "accepted"),
    DecisionKind.EXEMPT: Text("准予例外", "accepted as an exemption"),
    DecisionKind.RETAKE: Text("退回", "rejected"),
    DecisionKind.FAIL: Text("确认异常", "left as a fault"),
    DecisionKind.COMMENT: Text("备注", "comment"),
    DecisionKind.UNDO: Text("撤销", "undone"),
    DecisionKind.ASSIGN: Text("改归", "re-assigned"),
    DecisionKind.KEEP: Text("不改归属", "left where it stands"),
}

MISSING_REASON = Text("还没有收到照片", "no photo has arrived")
MISSING_HINT = Text("请在截止前补拍", "have the photo taken before the deadline")
# What is said of a rule that is a note only, whatever its outcome.
NOTE = Text("提示，不影响结论", "a note, does not change the result")
STUDENT = Text("学生", "Student")
PHOTOGRAPHER = Text("摄影", "Photographer")


def proposal_cause(run: str) -> Text:
    """Name what proposals have in common, ``swap-1``, in words: 互换-1."""
    kind, dash, number = run.partition("-")
    word = _RUNS[kind]
    return Text(f"{word.zh}{dash}{number}", f"{word.en}{dash}{number}")


def students_line(counts: Mapping[Any, int]) -> Text:
    """Say in one line how many came to what, by verdicts or their names."""
    said = [(VERDICTS[Verdict(name)], count) for name, count in counts.items()]
    return Text(
        "  ".join(f"{word.zh} {count}" for word, count in said),
        "  ".join(f"{word.en.lower()} {count}" for word, count in said),
    )


def strays_text(count: int) -> Text:
    """Say how many files are of no student."""
    return Text(
        f"另有 {count} 个文件不是名单中学生的（RC001，见 photos.csv、proposals.csv）",
        f"{count} files are of no student of the roster (RC001: see photos.csv, proposals.csv)",
    )


def asides(set_aside: int, unopened: Mapping[str, int]) -> Iterator[Text]:
    """Say what arrived and was not checked: files beside photos, archives by their extensions."""
    if set_aside:
        yield Text(
            f"另有 {set_aside} 个附带文件未采用（相机 RAW、视频、修图记录等，见 photos.csv）",
            f"{set_aside} files beside photos were set aside (RAW, video, records of edits: "
            "see photos.csv)",
        )
    if unopened:
        listed = ", ".join(f"{suffix} {count}" for suffix, count in unopened.items())
        yield Text(
            f"压缩包未打开：{listed}；里面的照片没有检查，请解压后放回，或改成不加密的 .zip",
            f"archives not opened: {listed}; the photos in them were not checked: unpack them, "
            "or make each a .zip without a password",
        )


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
    """Say why a finding counts (`pipeline.core.causes.reason_of`)."""
    return reason_of(finding, rule)[lang]


def listed(finding: Finding, lang: Lang) -> str:
    """Say what a list of all findings has beside the numbers, a plain pass's too.

    Its because; where that is empty, what was measured if it is not the rule's own quantity.
    """
    said = finding.because or finding.quantity
    return said[lang] if said else ""
