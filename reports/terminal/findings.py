"""What the terminal shows: a table of findings, a summary of counts, and JSON lines."""

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from pipeline.core.causes import causes_of, joined, others_open, unjudged
from pipeline.core.records import Examination
from pipeline.core.rules import Finding, Lang, Outcome, Remedy, Rule, Text, Verdict
from pipeline.core.verdict import counting, remedies, verdict_of
from pipeline.spec.spec import Spec
from reports.rule_states import window
from reports.safe_text import well_formed
from reports.shared_words import (
    NOTE,
    PHOTOGRAPHER,
    STUDENT,
    VERDICTS,
    listed,
    reason,
    students_line,
)

COLOURS = {
    Verdict.PASS: "green",
    Verdict.RETAKE: "yellow",
    Verdict.FAIL: "red",
    Verdict.MISSING: "dim",
}
# √ and × are in GBK, which many a terminal here still speaks; ✓ and ✗ are not. The second
# sign is for a terminal that knows ASCII only.
_MARKS = {
    Outcome.PASSED: ("√", "+", "green"),
    Outcome.BROKEN: ("×", "X", "red"),
    Outcome.SKIPPED: ("?", "?", "yellow"),
    Outcome.NOT_APPLICABLE: ("–", "-", "dim"),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def speaks(text: str) -> bool:
    """Whether stdout can hold ``text`` as it is."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def verdict_name(verdict: Verdict, lang: Lang) -> str:
    """The word of a verdict, as it stands within a line."""
    return VERDICTS[verdict][lang].lower()


def verdict_now(examination: Examination, rules: Iterable[Rule], spec: Spec) -> Verdict:
    """Return what one photo comes to by itself."""
    remedy = remedies(rules, spec.remedies)
    return verdict_of(counting(examination.findings, remedy), remedy)


def print_inspected(verdicts: Mapping[Verdict, int], dropped: int, lang: Lang) -> None:
    """Say how many photos came to what, and what was not looked at."""
    counts = {verdict: verdicts[verdict] for verdict in Verdict if verdict is not Verdict.MISSING}
    total, said = sum(counts.values()), students_line(counts)
    line = Text(f"共 {total} 个文件：{said.zh}", f"{total} files: {said.en}")
    if dropped:
        line = Text(
            f"{line.zh}；另有 {dropped} 个系统文件未看",
            f"{line.en}; {dropped} files of the system were not looked at",
        )
    Console().print(line[lang], highlight=False, soft_wrap=True)


def examination_as_json(
    examination: Examination, rules: Iterable[Rule], spec: Spec, lang: Lang
) -> dict[str, Any]:
    """Return the object that ``inspect --jsonl`` prints.

    Bytes of a file's name that are not UTF-8 stand as U+FFFD, as in the lists.
    """
    remedy = remedies(rules, spec.remedies)
    return {
        "photo": well_formed(examination.photo),
        "sha256": examination.sha256,
        "verdict": verdict_of(counting(examination.findings, remedy), remedy),
        "width_px": examination.width_px,
        "height_px": examination.height_px,
        "findings": [
            {
                "code": f.code,
                "outcome": f.outcome,
                "measured": None if f.measured is None else round(f.measured, 4),
                "low": f.low,
                "high": f.high,
                "unit": f.unit,
                "because": listed(f, lang),
            }
            for f in examination.findings
        ],
        "seconds": {name: round(value, 4) for name, value in examination.seconds.items()},
    }


def print_examination(
    examination: Examination, rules: Iterable[Rule], spec: Spec, lang: Lang
) -> None:
    """Show one photo: its verdict, what every rule measured, and how to mend what counts."""
    by_code = {rule.code: rule for rule in rules}
    remedy = remedies(by_code.values(), spec.remedies)
    counted = counting(examination.findings, remedy)
    verdict = verdict_of(counted, remedy)
    title = Line(_CONTROL.sub("�", examination.photo) + "  ")
    title.append(verdict_name(verdict, lang), style=f"bold {COLOURS[verdict]}")
    broken_findings = [f for f in examination.findings if f.outcome is Outcome.BROKEN]
    broken = {f.code for f in broken_findings}
    caused = {f.code for f in examination.findings if f.caused_by in broken}
    # Value and limits keep their lines; the words take what is left of the width.
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "left", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=True)
    table.add_column(overflow="fold")
    for finding in examination.findings:
        rule = by_code[finding.code]
        if finding.code not in caused and _is_worth_a_line(finding, rule, lang):
            note = remedy[finding.code] is Remedy.NOTE
            table.add_row(*_row(finding, rule, lang, note=note))
    console = Console()
    console.print(title, soft_wrap=True)
    console.print(table)
    for code, number in unjudged(examination.findings, broken_findings):
        console.print(Line(f"{code}  {others_open(number)[lang]}", style="dim"))
    causes = causes_of(counted, examination.causes, by_code)
    colon = Text("：", ": ")[lang]
    for reader, texts in (
        (STUDENT, [cause.student for cause in causes]),
        (PHOTOGRAPHER, [cause.photographer for cause in causes]),
    ):
        if texts:
            console.print(Line(f"{reader[lang]}{colon}{joined(texts)[lang]}"))


def _is_worth_a_line(finding: Finding, rule: Rule, lang: Lang) -> bool:
    """Whether something was measured or is wrong."""
    if finding.outcome is Outcome.NOT_APPLICABLE:
        return False
    return finding.outcome is not Outcome.PASSED or bool(rule.quantity[lang])


def _row(finding: Finding, rule: Rule, lang: Lang, *, note: bool) -> tuple[Line, ...]:
    """Mark, code, value, limits, distance to the limit, and what it is about."""
    mark, plain, colour = _MARKS[finding.outcome]
    if not speaks(mark):
        mark = plain
    noted = finding.outcome is Outcome.PASSED and finding.because is not None
    noted |= note and finding.outcome is Outcome.BROKEN
    if finding.borderline and finding.outcome is not Outcome.BROKEN:
        mark, colour = "≈" if speaks("≈") else "~", "yellow"
    elif noted:
        mark, colour = "!", "yellow"
    distance = rule.distance(finding) if finding.outcome is Outcome.BROKEN else None
    return (
        Line(mark, style=colour),
        Line(finding.code),
        Line(rule.shown(finding)),
        Line(window(finding.low, finding.high), style="dim"),
        Line(distance[lang] if distance else "", style=colour),
        Line(_about(finding, rule, lang) + (f" · {NOTE[lang]}" if noted else "")),
    )


def _about(finding: Finding, rule: Rule, lang: Lang) -> str:
    """The fault or the reason, without the numbers that have columns of their own."""
    if finding.because is None:
        return (finding.quantity or rule.quantity)[lang]
    said = reason(finding, rule, lang)
    if finding.outcome is Outcome.BROKEN and rule.distance(finding) is not None:
        plain = rule.sentence(finding)[lang]
        if said.startswith(plain):
            return rule.fault[lang] + said.removeprefix(plain)
    return said
