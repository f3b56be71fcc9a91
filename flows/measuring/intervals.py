"""Counts of a rule on labelled photos, their 95 % Wilson intervals, and folds that do not leak."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from pipeline.core.rules import Outcome, Verdict

_Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True)
class Tally:
    """What a rule came to on a photo whose labels judge it, and the photo's verdict."""

    fault: bool
    outcome: Outcome
    verdict: Verdict


@dataclass(frozen=True)
class Counts:
    """A rule's confusion table.

    ``caught`` counts the faulty photos on which the rule is broken, and those that it
    could not assess (a face that was lost) where the photo all the same ends as retake
    or fail. ``skipped`` are all photos that it could not assess, faulty or not.
    """

    positives: int
    caught: int
    negatives: int
    false_alarms: int
    skipped: int

    @property
    def total(self) -> int:
        """All photos that the labels judge."""
        return self.positives + self.negatives


def count(judged: Iterable[Tally]) -> Counts:
    """Count outcomes against labels."""
    rows = list(judged)
    faulty = [row for row in rows if row.fault]
    sound = [row for row in rows if not row.fault]
    return Counts(
        positives=len(faulty),
        caught=sum(_caught(row) for row in faulty),
        negatives=len(sound),
        false_alarms=sum(row.outcome is Outcome.BROKEN for row in sound),
        skipped=sum(row.outcome is Outcome.SKIPPED for row in rows),
    )


def _caught(row: Tally) -> bool:
    stopped = row.verdict in {Verdict.RETAKE, Verdict.FAIL}
    return row.outcome is Outcome.BROKEN or (row.outcome is Outcome.SKIPPED and stopped)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share; the whole range where nothing was counted.

    Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.
    """
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return low, high


def folds_of(components: Sequence[str], folds: int) -> list[int]:
    """Return each photo a fold such that photos of one component share one.

    Components are dealt out largest first, each to the smallest fold so far; among
    equals by their hash, so that neither order nor names of the rows matter.
    """
    sizes: dict[str, int] = {}
    for component in components:
        sizes[component] = sizes.get(component, 0) + 1
    order = sorted(sizes, key=lambda name: (-sizes[name], sha256(name.encode()).hexdigest()))
    filled, fold = [0] * folds, {}
    for name in order:
        fold[name] = min(range(folds), key=lambda k: (filled[k], k))
        filled[fold[name]] += sizes[name]
    return [fold[component] for component in components]
