"""What the terminal shows: a table of findings, a summary of counts, and JSON lines."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from checks import CHECKS
from pipeline.compare import COMPARE_RULES
from pipeline.examine import photo_rules
from pipeline.record_rules import RECORD_RULES
from pipeline.records import Examination, Result
from pipeline.season_rules import SEASON_RULES
from pipeline.spec import Spec
from pipeline.verdict import counting, remedies, verdict_of
from pipeline.words import Finding, Lang, Outcome, Rule, Verdict
from reports.judged import window
from reports.summary import summary
from reports.wording import reason

_COLOURS = {
    Verdict.PASS: "green",
    Verdict.RETAKE: "yellow",
    Verdict.FAIL: "red",
    Verdict.MISSING: "dim",
}
_NAMES = {
    Verdict.PASS: ("合格", "pass"),
    Verdict.RETAKE: ("需补拍", "retake"),
    Verdict.FAIL: ("异常", "fail"),
    Verdict.MISSING: ("未采集", "missing"),
}
# √ and × are in GBK, which many a terminal here still speaks; ✓ and ✗ are not.
_MARKS = {
    Outcome.PASSED: ("√", "green"),
    Outcome.BROKEN: ("×", "red"),
    Outcome.SKIPPED: ("?", "yellow"),
    Outcome.NOT_APPLICABLE: ("–", "dim"),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def verdict_name(verdict: Verdict, lang: Lang) -> str:
    """The word of a verdict."""
    return _NAMES[verdict][0 if lang == "zh" else 1]


def examination_as_json(
    examination: Examination, rules: Iterable[Rule], spec: Spec, lang: Lang
) -> dict[str, Any]:
    """Give the object that ``inspect --jsonl`` prints."""
    remedy = remedies(rules, spec.remedies)
    return {
        "photo": examination.photo,
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
                "because": f.because[lang] if f.because else "",
            }
            for f in examination.findings
        ],
        "seconds": {name: round(value, 4) for name, value in examination.seconds.items()},
    }


def print_examination(
    examination: Examination, rules: Iterable[Rule], spec: Spec, lang: Lang
) -> None:
    """Show one photo: its verdict and what every rule measured."""
    by_code = {rule.code: rule for rule in rules}
    remedy = remedies(by_code.values(), spec.remedies)
    verdict = verdict_of(counting(examination.findings, remedy), remedy)
    title = Line(_CONTROL.sub("�", examination.photo) + "  ")
    title.append(verdict_name(verdict, lang), style=f"bold {_COLOURS[verdict]}")
    broken = {f.code for f in examination.findings if f.outcome is Outcome.BROKEN}
    caused = {f.code: f.caused_by for f in examination.findings if f.caused_by in broken}
    # Value and limits keep their lines; the words take what is left of the width.
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "left", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=True)
    table.add_column(overflow="fold")
    for finding in examination.findings:
        rule = by_code[finding.code]
        if finding.code not in caused and _is_worth_a_line(finding, rule, lang):
            table.add_row(*_row(finding, rule, lang))
    console = Console()
    console.print(title, soft_wrap=True)
    console.print(table)
    for cause in sorted({str(code) for code in caused.values()}):
        codes = " ".join(code for code, why in caused.items() if why == cause)
        lead = f"因 {cause} 未能判断：" if lang == "zh" else f"not assessed because of {cause}: "
        console.print(Line(lead + codes, style="dim"))


def _is_worth_a_line(finding: Finding, rule: Rule, lang: Lang) -> bool:
    """Whether something was measured or is wrong."""
    if finding.outcome is Outcome.NOT_APPLICABLE:
        return False
    return finding.outcome is not Outcome.PASSED or bool(rule.quantity[lang])


def _row(finding: Finding, rule: Rule, lang: Lang) -> tuple[Line, ...]:
    """Mark, code, value, limits, distance to the limit, and what it is about."""
    mark, colour = _MARKS[finding.outcome]
    if finding.outcome is Outcome.PASSED and finding.because is not None:
        mark, colour = "!", "yellow"
    distance = rule.distance(finding) if finding.outcome is Outcome.BROKEN else None
    return (
        Line(mark, style=colour),
        Line(finding.code),
        Line(rule.shown(finding)),
        Line(window(finding.low, finding.high), style="dim"),
        Line(distance[lang] if distance else "", style=colour),
        Line(_about(finding, rule, lang)),
    )


def _about(finding: Finding, rule: Rule, lang: Lang) -> str:
    """The fault or the reason, without the numbers that have columns of their own."""
    if finding.because is None:
        return rule.quantity[lang]
    said = reason(finding, rule, lang)
    if finding.outcome is Outcome.BROKEN and rule.distance(finding) is not None:
        plain = rule.sentence(finding)[lang]
        if said.startswith(plain):
            return rule.fault[lang] + said.removeprefix(plain)
    return said


def print_summary(result: Result, out: Path, lang: Lang) -> None:
    """Show how many students came to what, the commonest reasons, and where the report is."""
    counts = summary(result)
    console = Console()
    table = Table(box=None, pad_edge=False, show_header=False)
    for verdict in Verdict:
        name = Line(verdict_name(verdict, lang), style=f"bold {_COLOURS[verdict]}")
        table.add_row(name, str(counts.students[verdict]))
    console.print(table)
    for row in counts.reasons[:5]:
        fault = result.rules[row.code].fault[lang]
        console.print(f"  {row.students:>5}  {row.code}  {fault}", highlight=False)
    console.print(f"{out / 'report.html'}", highlight=False, soft_wrap=True)


def print_rules(spec: Spec, lang: Lang, *, markdown: bool) -> None:
    """List the rules in the order of their codes, with the remedy that the spec gives them."""
    every = sorted(
        (*photo_rules(CHECKS), *RECORD_RULES, *COMPARE_RULES, *SEASON_RULES),
        key=lambda rule: rule.code,
    )
    remedy = remedies(every, spec.remedies)
    rows = [(r.code, r.fault.zh, r.fault.en, str(remedy[r.code]), r.quantity[lang]) for r in every]
    if markdown:
        lines = ["| code | 问题 | fault | remedy |", "|---|---|---|---|"]
        lines += [f"| {code} | {zh} | {en} | {what} |" for code, zh, en, what, _ in rows]
        sys.stdout.write("\n".join(lines) + "\n")
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for code, zh, en, what, quantity in rows:
        table.add_row(code, zh if lang == "zh" else en, quantity, what)
    Console().print(table)


def print_spec(values: Iterable[tuple[str, Any]]) -> None:
    """Print (key, value) of a spec; a limit as its ends, with source and confidence."""
    table = Table("key", "value", "sure", "source", box=None, pad_edge=False)
    for key, value in values:
        if isinstance(value, dict):
            low, high = (_end(value, "low"), _end(value, "high"))
            table.add_row(key, f"{low} … {high}", value.get("confidence"), value.get("source"))
        else:
            table.add_row(key, str(value))
    Console().print(table)


def _end(limit: dict[str, Any], end: str) -> str:
    """One end of a limit, with where its notes begin: 12|20."""
    ends = [limit.get(f"note_{end}"), limit.get(end)]
    shown = [f"{value:g}" for value in ends if value is not None]
    return "|".join(reversed(shown) if end == "low" else shown)
