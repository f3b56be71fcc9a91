"""The contract between the core and a check: rules, limits, needs, and one function.

A check is a pure function of (facts, limits) that yields one finding for each of its
rules, always. `run_check` refuses one that does not: a missing finding would be a
rule that silently passes. It is called only where the facts are of the kind that it
needs; else `run_check` skips its rules and says why.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypeVar  # typing's own has no default before Python 3.13

from pipeline.core.bands import Band
from pipeline.core.errors import CheckError
from pipeline.core.rules import Finding, Outcome, Rule, Text
from pipeline.examine.facts import Facts
from pipeline.examine.head_facts import HeadFacts

F = TypeVar("F", bound=Facts, default=Any)


class Limits(BaseModel):
    """Base of a check's limits: a table ``[limits.NAME]`` of the spec, without defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Judged(StrEnum):
    """What a check looks at; of a final file all three are the same picture."""

    FILE = "file"  # the bytes: format, size, tags
    FRAME = "frame"  # the whole picture: the crop's place, and what the wider view tells better
    CONTENT = "content"  # the crop, as the registration file will show it


@dataclass(frozen=True)
class Check(Generic[F]):
    """A family of rules, or those of a family that need the same.

    ``name`` is the table of the spec that holds its limits; ``limits`` is None for a
    check that needs only what the spec says of the output. ``needs`` is the kind of facts
    without which its rules cannot be assessed: `Facts` for what any readable photo has,
    `CropFacts` or `HeadFacts`. ``judges``: what it looks at. ``run`` is given (facts,
    limits), facts of that kind.
    ``bands`` names, for each rule whose outcome is its measured value held against one
    limit and nothing else, that limit's key in the spec: such a rule can be judged anew
    without the photo (`pipeline.batch.rejudge`).
    """

    name: str
    rules: tuple[Rule, ...]
    limits: type[Limits] | None
    run: Callable[[F, Any], Iterable[Finding]]
    bands: Mapping[str, str] = field(default_factory=dict)
    needs: type[F] = field(kw_only=True)
    judges: Judged = field(default=Judged.CONTENT, kw_only=True)


NO_FACE = Text("未检测到人脸，无法判断", "no face found, cannot be assessed")
LYING = Text("照片未转正，无法判断", "the picture is not upright, cannot be assessed")
NOT_ASKED = Text("本规范未作规定", "this specification does not ask for it")
FINAL_ONLY = Text("只对成品照片检查", "checked on final files only")


def judge_asked(
    rule: Rule, measured: float, band: Band | None, quantity: Text | None = None
) -> Finding:
    """Hold a value against a window of the output; not applicable where none is asked for."""
    if band is None:
        return replace(rule.not_applicable(NOT_ASKED), measured=measured, quantity=quantity)
    return rule.judge(measured, band, quantity)


def not_asked(finding: Finding) -> Finding:
    """Return it as of a rule that the spec switches off; its value stays."""
    return replace(
        finding,
        outcome=Outcome.NOT_APPLICABLE,
        because=NOT_ASKED,
        caused_by=None,
        borderline=False,
    )


def is_assessed(finding: Finding) -> bool:
    """Whether it comes from a measure: what is borderline does, whoever decides it."""
    return finding.borderline or finding.outcome in {Outcome.PASSED, Outcome.BROKEN}


def worst(findings: Iterable[Finding]) -> Finding:
    """Return the finding that speaks for all of one rule: broken, skipped, noted; or the first."""
    order = (Outcome.BROKEN, Outcome.SKIPPED, Outcome.PASSED, Outcome.NOT_APPLICABLE)
    return min(findings, key=lambda f: (order.index(f.outcome), f.because is None))


def run_checks(
    checks: Sequence[Check],
    facts: Facts,
    limits: Mapping[str, BaseModel],
    off: Container[str] = (),
) -> tuple[Finding, ...]:
    """Run every check; then take back what a break has spoiled (`take_back`)."""
    return take_back(measure_all(checks, facts, limits, off), checks)


def measure_all(
    checks: Sequence[Check],
    facts: Facts,
    limits: Mapping[str, BaseModel],
    off: Container[str] = (),
) -> tuple[Finding, ...]:
    """Run every check; give what each rule comes to by itself."""
    return tuple(f for c in checks for f in run_check(c, facts, limits.get(c.name), off))


def take_back(findings: Sequence[Finding], checks: Sequence[Check]) -> tuple[Finding, ...]:
    """Take back what was measured and another rule's break has spoiled.

    Such a rule is skipped with the other as its cause (see `Rule.invalidated_by`), and so is
    what it would have been the cause of: one fault is told once, and nothing passes by a
    worthless measure.
    """
    rules = {rule.code: rule for check in checks for rule in check.rules}
    broken = {f.code for f in findings if f.outcome is Outcome.BROKEN}
    spoiled = {
        f.code: next(cause for cause in rules[f.code].invalidated_by if cause in broken)
        for f in findings
        if is_assessed(f) and not broken.isdisjoint(rules[f.code].invalidated_by)
    }
    return tuple(
        _invalidated(rules[f.code], rules[spoiled[f.code]])
        if f.code in spoiled
        else replace(f, caused_by=spoiled.get(f.caused_by or "", f.caused_by))
        for f in findings
    )


def _invalidated(rule: Rule, by: Rule) -> Finding:
    why = Text(f"{by.fault.zh}，量不准", f"not measurable: {by.fault.en}")
    return rule.skipped(why, caused_by=by.code)


def run_check(
    check: Check, facts: Facts, limits: BaseModel | None, off: Container[str] = ()
) -> tuple[Finding, ...]:
    """Run one check, or skip its rules where its need is not met.

    The rules in ``off`` do not apply, though their values are given.

    Raises
    ------
    CheckError
        When it does not give exactly one finding for each of its rules.
    """
    if check.judges is Judged.CONTENT and isinstance(facts, HeadFacts):
        facts = facts.content
    met = isinstance(facts, check.needs)
    found = check.run(facts, limits) if met else _without_head(check.rules, facts)
    findings = tuple(not_asked(f) if f.code in off else f for f in found)
    got, due = sorted(f.code for f in findings), sorted(rule.code for rule in check.rules)
    if got != due:
        raise CheckError(
            Text(
                f"检查 {check.name} 给出 {got} 的结果，而它的规则是 {due}",
                f"check {check.name} gave findings for {got}, but its rules are {due}",
            )
        )
    return findings


def _without_head(rules: Iterable[Rule], facts: Facts) -> Iterable[Finding]:
    """Skip the rules of a photo without a measured head, the one need that may be unmet.

    Without a face the break of FC001 decides, and of a picture that is not upright that of FL003.
    """
    why, cause = (LYING, "FL003") if facts.turn else (NO_FACE, "FC001")
    return (rule.skipped(why, caused_by=cause) for rule in rules)
