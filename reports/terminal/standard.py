"""The standard on the terminal: the list of rules, and a specification with its sources."""

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.core.rules import Lang, Rule
from pipeline.core.verdict import remedies
from pipeline.spec.spec import Spec


def print_rules(rules: Iterable[Rule], spec: Spec, lang: Lang, *, markdown: bool) -> None:
    """List the rules in the order of their codes, with the remedy that the spec gives them."""
    every = sorted(rules, key=lambda rule: rule.code)
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
