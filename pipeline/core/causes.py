"""Causes: what is told of a photo, once each, in three texts for three readers.

Several rules may break by one fault of the picture: a camera that stands too near breaks the
eye line, the crown and the face's width. `Cause` is that fault, with its words for the student
(what to do next time: no number, no code, no blame for what the photographer did), for the
photographer (what to move, by how much) and for the record (code, value, limit). What the frame
is at fault in is found in `pipeline.examine.framing`; every other broken rule is its own cause.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pipeline.core.rules import Finding, Outcome, Rule, Text

LOOK = Text("由老师查看这张照片", "a person must look at this photo")
_WAIT = Text("老师会查看这张照片，请等通知", "staff will look at it; please wait to hear from them")
UNCLEAR = "unclear"  # key of what could not be assessed


@dataclass(frozen=True, slots=True)
class Cause:
    """One fault of a photo.

    Parameters
    ----------
    key
        Names it in lists and in runs of frames; the rule's code where a rule is its own cause.
    codes
        The rules whose breaks follow from it.
    student, photographer, record
        What each reader is told.
    amount
        How much there is to mend, in the cause's own unit: of several photos with one cause
        it says which needs the most.
    """

    key: str
    codes: tuple[str, ...]
    student: Text
    photographer: Text
    record: Text
    amount: float = 0.0


def causes_of(
    findings: Iterable[Finding], framing: Iterable[Cause], rules: Mapping[str, Rule]
) -> tuple[Cause, ...]:
    """Sum up the findings that count for a verdict in their causes, each told once.

    Parameters
    ----------
    findings
        Those that count, in the order of their codes.
    framing
        Causes that explain several of them; one whose rules do not count is not told.
    rules
        By code.
    """
    findings = tuple(findings)
    counted = {finding.code: finding for finding in findings}
    told = []
    for cause in framing:
        broken = (counted[code] for code in cause.codes if code in counted)
        codes = tuple(sorted(f.code for f in broken if f.outcome is Outcome.BROKEN))
        if codes:
            record = joined([cause.record, *(reason_of(counted.pop(c), rules[c]) for c in codes)])
            told.append(replace(cause, codes=codes, record=record))
    unclear = [f for f in counted.values() if f.outcome is Outcome.SKIPPED]
    if any(f.outcome is Outcome.BROKEN for f in findings):  # that decides, see `verdict_of`
        unclear = [f for f in unclear if not f.borderline]
    if unclear:
        codes = tuple(f.code for f in unclear)
        record = joined(reason_of(f, rules[f.code]) for f in unclear)
        told.append(Cause(UNCLEAR, codes, _WAIT, LOOK, record))
    told += [
        _of_rule(f, rules[f.code]) for f in counted.values() if f.outcome is not Outcome.SKIPPED
    ]
    return tuple(sorted(told, key=lambda cause: cause.codes))


def _of_rule(finding: Finding, rule: Rule) -> Cause:
    photographer, record = _how_much(finding, rule), reason_of(finding, rule)
    student = joined((record, rule.student)) if rule.words_of_a_person else rule.student
    return Cause(rule.code, (rule.code,), student, photographer, record, _beyond(finding))


def _beyond(finding: Finding) -> float:
    """How far the value lies outside its limits."""
    value, low, high = finding.measured, finding.low, finding.high
    if value is None:
        return 0.0
    return max(0.0, 0.0 if low is None else low - value, 0.0 if high is None else value - high)


def _how_much(finding: Finding, rule: Rule) -> Text:
    """Add to what the photographer moves how far the value is off, and what the check saw.

    How far is told in a unit only: a share or a score tells nobody how far to move.
    """
    far = rule.distance(finding) if rule.unit else None
    parts = [part for part in (far, _detail(finding, rule)) if part is not None]
    if not parts:
        return rule.photographer
    zh, en = "，".join(part.zh for part in parts), ", ".join(part.en for part in parts)
    return Text(f"{rule.photographer.zh}（{zh}）", f"{rule.photographer.en} ({en})")


def _detail(finding: Finding, rule: Rule) -> Text | None:
    """Return what a check said beyond the fault and its numbers: which side, which eye."""
    if finding.because is None:
        return None
    known = [rule.fault] if finding.measured is None else [rule.sentence(finding), rule.fault]
    for said in known:
        if finding.because.zh.startswith(said.zh) and finding.because.en.startswith(said.en):
            zh = finding.because.zh.removeprefix(said.zh).strip("：；（）")
            en = finding.because.en.removeprefix(said.en).strip(":; ()")
            return Text(zh, en) if zh else None
    return None


def reason_of(finding: Finding, rule: Rule) -> Text:
    """Say why a finding counts, with the measured value where there is one.

    A skip names what could not be judged, for its own words only say why not; what is
    borderline says all of it. A plain pass has no reason: empty words.
    """
    because = finding.because
    if finding.outcome is Outcome.BROKEN:
        return because or rule.fault
    if finding.outcome is Outcome.SKIPPED and not finding.borderline:
        zh, en = f"无法判断「{rule.fault.zh}」", f"could not assess “{rule.fault.en}”"
        return Text(f"{zh}：{because.zh}", f"{en}: {because.en}") if because else Text(zh, en)
    return because or Text("", "")


def joined(texts: Iterable[Text]) -> Text:
    """Join texts, each said once."""
    once = [text for text in dict.fromkeys(texts) if text.zh]
    return Text("；".join(text.zh for text in once), "; ".join(text.en for text in once))


def unjudged(
    findings: Iterable[Finding], counted: Iterable[Finding]
) -> tuple[tuple[str, int], ...]:
    """Count by code the rules that a counting one has made impossible to judge."""
    codes = {finding.code for finding in counted}
    open_by = Counter(f.caused_by for f in findings if f.outcome is Outcome.SKIPPED)
    return tuple((code, open_by[code]) for code in sorted(codes) if open_by[code])


def others_open(number: int) -> Text:
    """Say that so many further rules could not be judged."""
    return Text(f"其余 {number} 项无法判断", f"{number} further rules could not be assessed")
