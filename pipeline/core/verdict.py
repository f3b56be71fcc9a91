"""From findings to a verdict: fail beats retake, notes change nothing, a skip never passes."""

from collections.abc import Iterable, Mapping

from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Verdict


def remedies(rules: Iterable[Rule], changed: Mapping[str, Remedy]) -> dict[str, Remedy]:
    """Return the remedy of every rule: its own, or the one that the spec puts in its place."""
    return {rule.code: changed.get(rule.code, rule.remedy) for rule in rules}


def counting(findings: Iterable[Finding], remedy: Mapping[str, Remedy]) -> tuple[Finding, ...]:
    """Return the findings that count for the verdict, in the order of their codes.

    Broken rules that are no mere notes, and skipped ones unless another such rule
    was the cause: then that rule's remedy decides. A note decides nothing, so what it
    caused stays a skip of its own.
    """
    findings = sorted(findings, key=lambda finding: finding.code)
    counted = {
        f.code
        for f in findings
        if f.outcome in {Outcome.BROKEN, Outcome.SKIPPED} and remedy[f.code] is not Remedy.NOTE
    }
    return tuple(
        f
        for f in findings
        if remedy[f.code] is not Remedy.NOTE
        and (
            f.outcome is Outcome.BROKEN
            or (f.outcome is Outcome.SKIPPED and f.caused_by not in counted)
        )
    )


def verdict_of(counted: Iterable[Finding], remedy: Mapping[str, Remedy]) -> Verdict:
    """Return the verdict that the counting findings come to.

    What is borderline waits for a person only where nothing else sends the student back.
    """
    counted = tuple(counted)
    sure = [f for f in counted if f.outcome is Outcome.BROKEN or not f.borderline]
    if any(f.outcome is Outcome.SKIPPED or remedy[f.code] is Remedy.STAFF for f in sure):
        return Verdict.FAIL
    if sure:
        return Verdict.RETAKE
    return Verdict.FAIL if counted else Verdict.PASS
