"""The standard on the terminal: the list of rules, and a specification with its sources."""

import re
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.core.rules import Lang, Rule, Text
from pipeline.core.verdict import remedies
from pipeline.spec.spec import Spec

_KEY = re.compile(r'^\| <a id="(S\d+)"></a>S\d+ \| (.+) \|$', re.MULTILINE)
_WHERE = Text(
    "§ 与 S 编号见项目的 docs/standard.md（§10 列出每个编号）",
    "§ and S are those of the project's docs/standard.md (§10 lists each S)",
)
_WIDE = 300  # columns where nobody looks: a line is a line, for grep


def print_rules(rules: Iterable[Rule], spec: Spec, lang: Lang) -> None:
    """List the rules by code: remedy under the spec, fault, what is measured; then the source."""
    every = sorted(rules, key=lambda rule: rule.code)
    remedy = remedies(every, spec.remedies)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for rule in every:
        words = " · ".join(text[lang] for text in (rule.fault, rule.quantity) if text[lang])
        console.print(f"{rule.code}  {remedy[rule.code]:<6}  {words}")
        console.print(f"       {rule.source}", style="dim")


def print_spec(values: Iterable[tuple[str, Any]]) -> None:
    """Print (key, value) of a spec; a limit as its ends, with source and confidence."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDE
    table = Table(box=None, pad_edge=False)
    for name in ("key", "value", "sure", "source"):
        table.add_column(name, overflow="fold")
    for key, value in values:
        if isinstance(value, dict):
            limit = f"{_end(value, 'low')} … {_end(value, 'high')}"
            table.add_row(key, limit, value.get("confidence"), value.get("source"))
            if "uncertainty" in value:
                unsure = f"± {value['uncertainty']:g}, {value['borderline']}"
                table.add_row("", unsure, "", value["uncertainty_source"])
        elif key.endswith("source"):
            table.add_row(key, "", "", value)
        elif key.endswith("confidence"):
            table.add_row(key, "", value, "")
        else:
            table.add_row(key, str(value))
    console.print(table)


def print_sources(values: Iterable[tuple[str, Any]], standard: str, lang: Lang) -> None:
    """Print each source of a spec with the keys that rest on it, then what it cites.

    Parameters
    ----------
    standard
        The text of docs/standard.md, whose §10 says what S1, S2 … stand for; empty where the
        program was installed without its pages.
    """
    rests: dict[str, list[str]] = {}
    for key, value in values:
        if isinstance(value, dict):
            rests.setdefault(value["source"], []).append(f"{key} ({value['confidence']})")
        elif key.endswith("source"):
            rests.setdefault(value, []).append(key.removesuffix("source").rstrip("._"))
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for source, keys in rests.items():
        console.print(source, style="bold")
        console.print(f"    {', '.join(keys)}")
    console.print()
    stands = dict(_KEY.findall(standard))
    cited = sorted({int(n) for source in rests for n in re.findall(r"\bS(\d+)\b", source)})
    for number in cited:
        console.print(f"S{number}  {stands.get(f'S{number}', '–').replace(' | ', ' · ')}")
    console.print(_WHERE[lang], style="dim")


def _end(limit: dict[str, Any], end: str) -> str:
    """One end of a limit, with where its notes begin: 12|20."""
    ends = [limit.get(f"note_{end}"), limit.get(end)]
    shown = [f"{value:g}" for value in ends if value is not None]
    return "|".join(reversed(shown) if end == "low" else shown)
