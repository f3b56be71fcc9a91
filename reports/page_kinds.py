"""What many rows of the page's data share, once each, under numbers."""

import json
import math
from collections.abc import Mapping
from typing import Any

from pipeline.core.rules import Finding, Lang, Outcome, Remedy, Rule
from reports.safe_text import visible
from reports.shared_words import reason

Json = dict[str, Any]


class Numbers:
    """Numbers for texts, given in the order of first use."""

    def __init__(self) -> None:
        self.table: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        """Return the number of a text."""
        return self.table.setdefault(visible(text), len(self.table))


class Kinds:
    """Numbers for the findings' shared part: rule, outcome, limits, words."""

    def __init__(self, rules: Mapping[str, Rule], lang: Lang) -> None:
        self._rules = rules
        self._lang = lang
        self._place = {code: index for index, code in enumerate(rules)}
        self.table: dict[tuple[Any, ...], int] = {}

    def pair(self, finding: Finding) -> tuple[int, float | None]:
        """Return a finding as two numbers: its kind, and the measured value."""
        rule = self._rules[finding.code]
        distance = rule.distance(finding) if finding.outcome is Outcome.BROKEN else None
        kind = (
            self._place[finding.code],
            _outcome(finding),
            finite(finding.low),
            finite(finding.high),
            visible(reason(finding, rule, self._lang)),
            finding.quantity[self._lang] if finding.quantity else "",
            distance[self._lang] if distance else "",
        )
        return self.table.setdefault(kind, len(self.table)), finite(finding.measured, rule.decimals)


def _outcome(finding: Finding) -> str:
    """The outcome as the page shows it: what is near its limit and not broken is borderline."""
    near = finding.borderline and finding.outcome is not Outcome.BROKEN
    return "borderline" if near else finding.outcome.value


def rule_table(rules: Mapping[str, Rule], lang: Lang) -> list[list[Any]]:
    """Return what the page knows of each rule."""
    return [
        [code, r.fault[lang], int(r.remedy is Remedy.NOTE), r.quantity[lang], r.unit, r.decimals]
        for code, r in rules.items()
    ]


def finite(value: float | None, decimals: int = 6) -> float | None:
    """Return a number as JSON can hold it, whole numbers without ``.0``."""
    if value is None or not math.isfinite(value):
        return None
    rounded = round(value, decimals)
    return int(rounded) if rounded == int(rounded) else rounded


def as_json(value: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return compact JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode()


def slim(**row: Any) -> Json:  # noqa: ANN401 - JSON
    """Leave out what is empty: the script takes an absent key for that."""
    return {key: value for key, value in row.items() if value not in ("", [], None)}
