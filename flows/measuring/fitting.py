"""What is fitted to labelled photos, and how: limits of single measures, and a few weights.

A rule that is listed here is broken when one of its measures lies above its limit. The
committed limits (in the spec) and weights (``checks/learned.toml``) come from all of the
labelled photos; `gradphoto evaluate --folds` fits both anew on the other folds, so that
nothing is fitted on what it scores.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from checks import eyes, head_covering, mask
from pipeline.examine.facts import Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.examine.logistic import Linear, fit_linear

Measures = Mapping[str, float]

PENALTY = 0.01
# A false alarm costs this much of a miss, both as shares of their side: one student sent
# back in a hundred is worse than one fault in a hundred overlooked.
_FALSE_ALARM_COSTS = 5.0
_BEYOND_ALL = 1.5  # times the largest value, or below the least, where no photo tells more
_UNDECIDED = 0.5

# Rule: its measures, in the order in which their limits are fitted. EY004 has weights.
# MK002's limit for things is not among them: no labelled photo shows one.
LIMITED: dict[str, tuple[str, ...]] = {
    "EY001": ("closed",),
    "EY002": ("covered",),
    "HT001": ("covered", "around", "beside"),
    "MK001": ("covered",),
    "MK002": ("hand",),
}
WEIGHTED = ("EY004",)


@dataclass(frozen=True)
class Example:
    """The measures of a rule on one photo, and whether its fault is there."""

    measures: Measures
    fault: bool


def measure(facts: Facts) -> dict[str, Measures]:
    """Return the measures of every fitted rule that can be measured on a photo."""
    if not isinstance(facts, HeadFacts):
        return {}
    facts = facts.content
    found: dict[str, Measures] = {
        "EY001": {"closed": eyes.closedness(facts.mesh)},
        "MK002": {"hand": mask.areas(facts)[0]},
        "EY004": eyes.glasses_measures(eyes.view_for_glasses(facts)),
    }
    over_eyes, over_mouth = eyes.covered_share(facts), mask.covered_share(facts)
    on_head = head_covering.measure(facts)
    if over_eyes is not None:
        found["EY002"] = {"covered": over_eyes}
    if over_mouth is not None:
        found["MK001"] = {"covered": over_mouth}
    if on_head is not None:
        found["HT001"] = on_head
    return found


@dataclass(frozen=True)
class Limited:
    """Limits of a rule's measures."""

    limits: Mapping[str, float]

    def breaks(self, measures: Measures) -> bool:
        """Whether one of the measures lies above its limit."""
        return any(measures[name] > limit for name, limit in self.limits.items())


@dataclass(frozen=True)
class Weighted:
    """Weights of a rule's measures."""

    weights: Linear

    def breaks(self, measures: Measures) -> bool:
        """Whether the score speaks for the fault."""
        return self.weights.score(measures) > _UNDECIDED


def fit(code: str, examples: Iterable[Example]) -> Limited | Weighted | None:
    """Fit a rule; None where the examples do not show both sides."""
    rows = list(examples)
    if len({row.fault for row in rows}) < 2:
        return None
    if code in WEIGHTED:
        return Weighted(fit_weights(rows))
    limits: dict[str, float] = {}
    for name in LIMITED[code]:
        faulty = [row.measures[name] for row in rows if row.fault]
        if not faulty:
            break  # nothing is left to learn a limit of this measure from
        limits[name] = choose_limit(faulty, [row.measures[name] for row in rows if not row.fault])
        rows = [row for row in rows if row.measures[name] <= limits[name]]
    return Limited(limits)


def fit_weights(examples: Sequence[Example]) -> Linear:
    """Fit the weights of a rule's measures."""
    return fit_linear(
        [row.measures for row in examples], [row.fault for row in examples], penalty=PENALTY
    )


def choose_limit(faulty: Sequence[float], sound: Sequence[float]) -> float:
    """Choose the limit with the least misses and false alarms, in the middle of its gap.

    Without sound values it lies well below the faulty.
    """
    if not sound:
        return min(faulty) / _BEYOND_ALL
    values = sorted({*faulty, *sound})
    ends = [(a + b) / 2 for a, b in pairwise(values)]
    ends.append(values[-1] * _BEYOND_ALL)

    def cost(limit: float) -> float:
        missed = sum(value <= limit for value in faulty) / len(faulty)
        alarms = sum(value > limit for value in sound) / len(sound)
        return missed + _FALSE_ALARM_COSTS * alarms

    return min(ends, key=lambda limit: (cost(limit), limit))
