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
from pipeline.spec import Spec
from pipeline.verdict import counting, remedies, verdict_of
from pipeline.words import Finding, Lang, Outcome, Rule, Verdict
from reports.summary import summary

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
_MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.BROKEN: ("✗", "red"),
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
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for head in ("", "", "", ""):
        table.add_column(head, overflow="fold")
    for finding in examination.findings:
        if finding.outcome is Outcome.NOT_APPLICABLE:
            continue
        mark, colour = _MARKS[finding.outcome]
        rule = by_code[finding.code]
        if finding.outcome is Outcome.PASSED and not rule.quantity[lang]:
            continue  # nothing was measured, nothing is wrong
        words = finding.because[lang] if finding.because else rule.quantity[lang]
        table.add_row(Line(mark, style=colour), finding.code, _measured(finding, rule), Line(words))
    Console().print(table)


def print_summary(result: Result, out: Path, lang: Lang) -> None:
    """Show how many students came to what, the commonest reasons, and where the report is."""
    counts = summary(result)
    console = Console()
    table = Table(box=None, pad_edge=False, show_header=False)
    for verdict in Verdict:
        name = Line(verdict_name(verdict, lang), style=f"bold {_COLOURS[verdict]}")
        table.add_row(name, str(counts.students[verdict]))
    console.print(table)
    for reason in counts.reasons[:5]:
        fault = result.rules[reason.code].fault[lang]
        console.print(f"  {reason.students:>5}  {reason.code}  {fault}", highlight=False)
    console.print(f"{out / 'report.html'}", highlight=False, soft_wrap=True)


def print_rules(spec: Spec, lang: Lang, *, markdown: bool) -> None:
    """List the rules in the order of their codes, with the remedy that the spec gives them."""
    every = sorted(
        (*photo_rules(CHECKS), *RECORD_RULES, *COMPARE_RULES), key=lambda rule: rule.code
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


def _measured(finding: Finding, rule: Rule) -> str:
    if finding.measured is None:
        return ""
    shown = f"{finding.measured:.{rule.decimals}f}{finding.unit}"
    low, high = finding.low, finding.high
    if low is None and high is None:
        return shown
    ends = ["" if end is None else f"{end:.{rule.decimals}f}" for end in (low, high)]
    return f"{shown}  [{ends[0]}…{ends[1]}]"
