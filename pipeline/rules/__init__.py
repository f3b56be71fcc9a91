"""Rules that are no check on one photo: their words, and nothing that computes.

The rules of one photo stand in their check's file; `all_rules` puts both together.

- ``roster``: RC, the student record behind a file
- ``duplicates``: DU001 and DU006, the same picture under two students, or again
- ``identity``: DU002 to DU005, who is in the picture
- ``season``: SN, attempts, deadlines, a person's rejection
- ``program``: FL005, what the program itself could not do
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from pipeline.core.rules import Rule
from pipeline.rules.duplicates import DUPLICATE_RULES
from pipeline.rules.identity import IDENTITY_RULES
from pipeline.rules.program import FL005
from pipeline.rules.roster import ROSTER_RULES
from pipeline.rules.season import SEASON_RULES

_RUN_RULES = (*ROSTER_RULES, *DUPLICATE_RULES, *IDENTITY_RULES)
CORE_RULES: tuple[Rule, ...] = (FL005, *_RUN_RULES, *SEASON_RULES)
RETIRED_CODES: Mapping[str, str] = {}  # code: why; never given to another rule


class HasRules(Protocol):
    """A check, as far as this folder knows one."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that it gives a finding for."""


def photo_rules(checks: Iterable[HasRules]) -> tuple[Rule, ...]:
    """Return all rules that the examination of one photo gives a finding for."""
    return (*(rule for check in checks for rule in check.rules), FL005)


def run_rules(checks: Iterable[HasRules]) -> tuple[Rule, ...]:
    """Return all rules that one run gives a finding for: a season adds its own."""
    return (*photo_rules(checks), *_RUN_RULES)


def all_rules(checks: Iterable[HasRules]) -> tuple[Rule, ...]:
    """Return every rule there is, each once."""
    return (*run_rules(checks), *SEASON_RULES)
