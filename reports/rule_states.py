"""How each rule stands on one photo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Verdict
from pipeline.core.verdict import counting, remedies, verdict_of
from pipeline.spec.spec import Spec


class RuleState(StrEnum):
    """How a rule stands on the picture."""

    KEPT = "kept"
    NOTED = "noted"
    BROKEN = "broken"
    OPEN = "open"  # not asked for, or could not be assessed


@dataclass(frozen=True)
class RuleStates:
    """What was found on a photo, by code, with the rules and their remedies under the spec."""

    findings: Mapping[str, Finding]
    rules: Mapping[str, Rule]
    remedy: Mapping[str, Remedy]

    @property
    def verdict(self) -> Verdict:
        """What the photo comes to."""
        return verdict_of(counting(self.findings.values(), self.remedy), self.remedy)

    def state(self, code: str) -> RuleState:
        """Whether a rule is kept, kept with a note, broken, or open."""
        finding = self.findings.get(code)
        if finding is not None and finding.borderline and finding.outcome is not Outcome.BROKEN:
            return RuleState.NOTED
        if finding is None or finding.outcome in {Outcome.SKIPPED, Outcome.NOT_APPLICABLE}:
            return RuleState.OPEN
        if finding.outcome is Outcome.BROKEN:
            return RuleState.NOTED if self.remedy[code] is Remedy.NOTE else RuleState.BROKEN
        return RuleState.KEPT if finding.because is None else RuleState.NOTED


def rule_states(findings: Iterable[Finding], rules: Iterable[Rule], spec: Spec) -> RuleStates:
    """Put the findings of one photo beside their rules."""
    by_code = {rule.code: rule for rule in rules}
    return RuleStates(
        {f.code: f for f in findings}, by_code, remedies(by_code.values(), spec.remedies)
    )


def states_of(findings: Iterable[Finding], rules: Mapping[str, Rule]) -> RuleStates:
    """Put them beside the rules of a result, which have the remedies of its spec."""
    return RuleStates(
        {f.code: f for f in findings}, rules, {code: rule.remedy for code, rule in rules.items()}
    )


def window(low: float | None, high: float | None) -> str:
    """Limits in few signs: 50–110, ≤8, ≥2, ±8, or nothing."""
    if low is None:
        return "" if high is None else f"≤{high:g}"
    if high is None:
        return f"≥{low:g}"
    return f"±{high:g}" if low == -high else f"{low:g}–{high:g}"
