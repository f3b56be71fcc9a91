"""New limits on stored findings, without the photo and without a model.

A rule whose outcome is its measured value held against one limit (`Check.bands`) is judged
anew. Whatever else a new specification changes cannot be known from a finding: such photos
are said to need a new examination, and the keys that say so are named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Mode, Outcome, Rule, Text, Verdict
from pipeline.examine.check import NOT_ASKED, Check, not_asked
from pipeline.spec.files import flatten

_ENDS = ("low", "high", "note_low", "note_high", "uncertainty")
# What names and explains, and what is applied to findings afterwards, every time.
_INERT = ("id", "title", "naming", "remedies", "season")
_UNSEEN = frozenset({"FL001", "FL005"})  # the photo was never looked at
_CAUSES = _UNSEEN | {"FC001"}  # nothing was measured, whatever the limits


@dataclass(frozen=True)
class Change:
    """What lies between two specifications, as far as findings are concerned.

    ``bands`` are the limits that rules can be judged by anew: (before, now) by code; None
    where the output leaves it open. ``wider`` are the changed keys that nothing but a new
    examination answers, each with the codes that it may touch; empty codes: all of them.
    ``keys`` and ``asked`` are key and new limit of every rule that has just one.
    """

    bands: Mapping[str, tuple[Band | None, Band | None]]
    off: frozenset[str]  # rules that are asked for no more
    on: frozenset[str]  # rules that were not asked for before
    wider: Mapping[str, frozenset[str]]
    keys: Mapping[str, str]
    asked: Mapping[str, Band | None]

    @property
    def empty(self) -> bool:
        """Whether every finding stays as it is."""
        return not (self.bands or self.off or self.on or self.wider)


@dataclass(frozen=True)
class Rejudged:
    """Findings under the new specification, or the keys for which the photo must be seen again."""

    findings: tuple[Finding, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changed:
    """A student whose verdict changes, with the codes that count then."""

    student_key: str
    before: Verdict
    after: Verdict
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Rejudgement:
    """What a specification would change, or has changed.

    ``needs`` are the photos that only a new examination answers, by the key of the spec
    that asks for it (``version``: other models or rules were used; ``FL005``: it never was
    examined).
    ``undecided`` are the students who wait for one.
    """

    changed: tuple[Changed, ...]
    judged: int  # photos judged anew from what was kept
    needs: Mapping[str, int]
    undecided: int
    applied: bool


def compare_specs(
    before: Mapping[str, Any], now: Mapping[str, Any], checks: Iterable[Check]
) -> Change:
    """Compare two merged spec documents (`pipeline.spec.files.merge`)."""
    checks = tuple(checks)
    old, new = dict(flatten(before)), dict(flatten(now))
    keys = {code: key for check in checks for code, key in check.bands.items()}
    of_key: dict[str, set[str]] = {}
    for code, key in keys.items():
        of_key.setdefault(key, set()).add(code)
    bands: dict[str, tuple[Band | None, Band | None]] = {}
    wider: dict[str, frozenset[str]] = {}
    for key in sorted(old.keys() | new.keys()):
        if _is_inert(key) or _ends(old.get(key)) == _ends(new.get(key)):
            continue
        if key in of_key and key in old and key in new:
            bands |= {code: (_band(old[key]), _band(new[key])) for code in sorted(of_key[key])}
        elif key != "off":
            wider[key] = _touched(key, checks)
    was, is_now = frozenset(old.get("off", ())), frozenset(new.get("off", ()))
    asked = {code: _band(new.get(key)) for code, key in keys.items()}
    return Change(bands, is_now - was, was - is_now, wider, keys, asked)


def rejudge(
    findings: Sequence[Finding], mode: Mode, change: Change, rules: Mapping[str, Rule]
) -> Rejudged:
    """Judge the findings of one photo anew.

    Parameters
    ----------
    rules
        By code, those that the findings are of.
    """
    unseen = any(f.code in _UNSEEN and f.outcome is Outcome.BROKEN for f in findings)
    needs = {
        key
        for key, codes in change.wider.items()
        if (key.startswith("reading.") or not unseen)
        and (not codes or any(f.code in codes and _was_assessed(f) for f in findings))
    }
    # A source is cropped and written to suit the output: its findings are those of another crop.
    if mode is Mode.SOURCE and not unseen:
        moved = (change.keys[code] for code in change.bands)
        needs |= {key for key in moved if key.startswith("output.")}
    judged = []
    for finding in findings:
        code = finding.code
        if code in change.off:
            judged.append(not_asked(finding))
            continue
        if code in change.on:
            band = change.asked.get(code)
            if finding.measured is not None and band is not None:
                judged.append(rules[code].judge(finding.measured, band))
                continue
            if not unseen:
                needs.add("off")
        elif code in change.bands:
            anew = _judge_anew(finding, rules[code], *change.bands[code])
            if anew is not None:
                judged.append(anew)
                continue
            needs.add(change.keys[code])
        judged.append(finding)
    return Rejudged(tuple(judged), tuple(sorted(needs)))


def _judge_anew(
    finding: Finding, rule: Rule, before: Band | None, now: Band | None
) -> Finding | None:
    """Hold the same value against the new limit; None where the old one did not decide."""
    if finding.outcome is Outcome.SKIPPED and not finding.borderline:
        return finding  # what could not be assessed cannot under any limit
    if finding.outcome is Outcome.NOT_APPLICABLE:
        if before is not None or finding.measured is None:
            return finding  # out of mode, or nothing to measure
        return finding if now is None else rule.judge(finding.measured, now)
    if before is None or finding.measured is None:
        return None
    was = rule.judge(finding.measured, before)
    decided = attrgetter("outcome", "low", "high", "borderline")
    if decided(was) != decided(finding):
        return None
    if now is None:
        asked = rule.not_applicable(NOT_ASKED)
        return replace(asked, measured=finding.measured)
    return _with_detail(rule.judge(finding.measured, now), was, finding)


def _with_detail(anew: Finding, was: Finding, finding: Finding) -> Finding:
    """Keep what the check added in words (which eye, which side) to the sentence of the limit."""
    if anew.because is None or was.because is None or finding.because is None:
        return anew
    zh = finding.because.zh.removeprefix(was.because.zh)
    en = finding.because.en.removeprefix(was.because.en)
    if zh == finding.because.zh or en == finding.because.en:
        return anew
    return replace(anew, because=Text(anew.because.zh + zh, anew.because.en + en))


def _was_assessed(finding: Finding) -> bool:
    """Whether limits had a say in it: whether there is a face at all depends on none."""
    if finding.code == "FC001":
        return False
    return not (finding.outcome is Outcome.SKIPPED and finding.caused_by in _CAUSES)


def _touched(key: str, checks: Sequence[Check]) -> frozenset[str]:
    """Codes that a key may decide: those of its check that no other single limit decides.

    A rule that has a limit of its own may still read this one (the colours of BG001).
    Limits of other rules are bands, and decide none but theirs.
    """
    parts = key.split(".")
    if parts[0] != "limits" or len(parts) < 2:
        return frozenset()
    own = (check for check in checks if check.name == parts[1])
    return frozenset(rule.code for check in own for rule in check.rules)


def _is_inert(key: str) -> bool:
    first, last = key.split(".", maxsplit=1)[0], key.rsplit(".", maxsplit=1)[-1]
    # A season replaces no background.
    return first in _INERT or last.endswith(("source", "confidence", "repair_background"))


def _ends(value: object) -> object:
    """A limit without where it is from; anything else as it is."""
    if isinstance(value, Mapping) and any(end in value for end in _ENDS):
        ends = (None if (v := value.get(end)) is None else float(v) for end in _ENDS)
        return *ends, value.get("borderline")
    return value


def _band(value: object) -> Band | None:
    return Band.model_validate(value) if isinstance(value, Mapping) else None
