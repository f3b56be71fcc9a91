"""The contract between the core and a check: rules, limits, and one function.

A check is a pure function of (facts, limits) that yields one finding for each of its
rules, always. `run_check` refuses one that does not: a missing finding would be a
rule that silently passes.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipeline.core.errors import CheckError
from pipeline.core.rules import Band, Finding, Outcome, Rule, Text
from pipeline.examine.facts import Facts


class Limits(BaseModel):
    """Base of a check's limits: a table ``[limits.NAME]`` of the spec, without defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Check:
    """A family of rules.

    ``name`` is the table of the spec that holds its limits; ``limits`` is None for a
    check that needs only what the spec says of the output. ``run`` is given (facts,
    limits). ``bands`` names, for each rule whose outcome is its measured value held
    against one limit and nothing else, that limit's key in the spec: such a rule can be
    judged anew without the photo (`pipeline.batch.rejudge`).
    """

    name: str
    rules: tuple[Rule, ...]
    limits: type[Limits] | None
    run: Callable[[Facts, Any], Iterable[Finding]]
    bands: Mapping[str, str] = field(default_factory=dict)


NO_FACE = Text("未检测到人脸，无法判断", "no face found, cannot be assessed")
NO_MESH = Text("人脸关键点无法定位，需人工查看", "facial landmarks could not be placed")
NOT_ASKED = Text("本规范未作规定", "this specification does not ask for it")
SOURCE_ONLY = Text("只对原片检查", "checked on source photos only")
FINAL_ONLY = Text("只对成品照片检查", "checked on final files only")


def judge_asked(
    rule: Rule, measured: float, band: Band | None, quantity: Text | None = None
) -> Finding:
    """Hold a value against a window of the output; not applicable where none is asked for."""
    if band is None:
        return replace(rule.not_applicable(NOT_ASKED), measured=measured, quantity=quantity)
    return rule.judge(measured, band, quantity)


def skip_without_head(rules: Iterable[Rule], facts: Facts) -> list[Finding] | None:
    """Say for ``rules`` that they cannot be assessed; None where a head was measured.

    Without a face the break of FC001 decides; a face whose landmarks could not be
    placed is a skip of its own, so that a person looks.
    """
    if not facts.faces:
        return [rule.skipped(NO_FACE, caused_by="FC001") for rule in rules]
    if facts.mesh is None:
        return [rule.skipped(NO_MESH) for rule in rules]
    return None


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
    """Take back what another rule's break has spoiled, whatever it came to.

    Such a rule is skipped with the other as its cause (see `Rule.spoiled_by`), and so is
    what it would have been the cause of: one fault is told once, and nothing passes by a
    worthless measure.
    """
    rules = {rule.code: rule for check in checks for rule in check.rules}
    broken = {f.code for f in findings if f.outcome is Outcome.BROKEN}
    spoiled = {
        f.code: next(cause for cause in rules[f.code].spoiled_by if cause in broken)
        for f in findings
        if f.outcome is not Outcome.NOT_APPLICABLE
        and f.caused_by is None
        and not broken.isdisjoint(rules[f.code].spoiled_by)
    }
    return tuple(
        _spoiled(rules[f.code], rules[spoiled[f.code]])
        if f.code in spoiled
        else replace(f, caused_by=spoiled.get(f.caused_by or "", f.caused_by))
        for f in findings
    )


def _spoiled(rule: Rule, by: Rule) -> Finding:
    why = Text(f"{by.fault.zh}，量不准", f"not measurable: {by.fault.en}")
    return rule.skipped(why, caused_by=by.code)


def run_check(
    check: Check, facts: Facts, limits: BaseModel | None, off: Container[str] = ()
) -> tuple[Finding, ...]:
    """Run one check; the rules in ``off`` do not apply, though their values are given.

    Raises
    ------
    CheckError
        When it does not give exactly one finding for each of its rules.
    """
    findings = tuple(
        replace(f, outcome=Outcome.NOT_APPLICABLE, because=NOT_ASKED, caused_by=None)
        if f.code in off
        else f
        for f in check.run(facts, limits)
    )
    got, due = sorted(f.code for f in findings), sorted(rule.code for rule in check.rules)
    if got != due:
        raise CheckError(f"check {check.name} gave findings for {got}, but its rules are {due}")
    return findings
