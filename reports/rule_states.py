"""How each rule stands on one photo, and the colour that says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Verdict
from pipeline.core.verdict import counting, remedies, verdict_of
from pipeline.spec.spec import Spec
from reports.drawing import BROKEN, KEPT, NOTED, QUIET, Colour


class RuleState(Enum):
    """How a rule stands on the picture, and its colour."""

    KEPT = KEPT
    NOTED = NOTED
    BROKEN = BROKEN
    OPEN = QUIET  # not asked for, or could not be assessed


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

    def colour(self, code: str) -> Colour:
        """Return the colour of a rule's state."""
        return self.state(code).value


def rule_states(findings: Iterable[Finding], rules: Iterable[Rule], spec: Spec) -> RuleStates:
    """Put the findings of one photo beside their rules."""
    by_code = {rule.code: rule for rule in rules}
    return RuleStates(
        {f.code: f for f in findings}, by_code, remedies(by_code.values(), spec.remedies)
    )


def window(low: float | None, high: float | None) -> str:
    """Limits in few signs: 50–110, ≤8, ≥2, ±8, or nothing."""
    if low is None:
        return "" if high is None else f"≤{high:g}"
    if high is None:
        return f"≥{low:g}"
    return f"±{high:g}" if low == -high else f"{low:g}–{high:g}"
