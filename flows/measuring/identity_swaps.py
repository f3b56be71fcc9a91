"""How well planted swaps and slipped runs are found: a table of `evaluate --identity`.

Shoots of 200 students with a photo on record are made of the labelled photographs' templates
as `flows.measuring.planted` says. Each shoot's own scores give its bands. What is counted: planted
pairs that are named as such, honest students who are accused of anything (DU003-DU005 broken),
those of whom it cannot be said, and runs that are one finding with the right shift and with
ends right within one place. One and the same people stand in many of the shoots, so the
intervals, which take every photo for one more person, are narrower than they should be.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from flows.measuring.intervals import wilson
from flows.measuring.planted import Person, PlantedShoot, people, shoot, with_run, with_swaps
from pipeline.core.rules import Outcome
from pipeline.identity.findings import IdentityFindings
from pipeline.identity.identify import identity_findings

COUNT = 200
SWAPS = 5
STRANGERS = 5
LENGTHS = (5, 6, 8, 12, 30)
SHIFTS = (1, -1, 2, -2)
# Shares of pairs of different people that are not denied: what the band costs either way.
FAR_REJECTS = (0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Tally:
    """Hits of how many."""

    hits: int
    of: int

    def __str__(self) -> str:
        """Show the share with its Wilson interval."""
        low, high = wilson(self.hits, self.of)
        share = self.hits / self.of if self.of else 0.0
        return f"{self.hits} of {self.of}: {share:.2%} ({low:.2%}-{high:.2%})"


def planted_table(
    templates: Mapping[str, NDArray[np.float32]], identity_of: Mapping[str, str], seeds: int
) -> Table:
    """Make the shoots, judge them, and give the counts."""
    table = Table(title=f"Planted in {seeds} shoots a row", box=None)
    table.add_column("planted")
    table.add_column("counted")
    table.add_column("")
    for title, counts in measure(templates, identity_of, seeds).items():
        for what, tally in counts.items():
            table.add_row(title, what, str(tally))
    return table


def measure(
    templates: Mapping[str, NDArray[np.float32]], identity_of: Mapping[str, str], seeds: int
) -> dict[str, dict[str, Tally]]:
    """Count what is found in shoots with planted mistakes, by what was planted."""
    drawn = partial(people, templates, identity_of)
    plans: dict[str, Callable[[np.random.Generator], dict[str, Tally]]] = {
        "nothing": lambda rng: honest(drawn(COUNT, rng)),
        "nothing, real pairs only": lambda rng: honest(drawn(None, rng)),
        f"{SWAPS} swaps": lambda rng: swaps(drawn(COUNT, rng), rng),
        f"{SWAPS} swaps, real pairs only": lambda rng: swaps(drawn(None, rng), rng),
    }
    for far in FAR_REJECTS:
        plans[f"{STRANGERS} strangers, denied at FAR {far}"] = partial(
            lambda rng, far: strangers(drawn(COUNT + STRANGERS, rng), far), far=far
        )
    for shift, closed in product(SHIFTS, (True, False)):
        title = f"run by {shift:+}, {'rest shot at its end' if closed else 'rest not shot'}"
        plans[title] = partial(
            lambda rng, shift, closed: run(drawn(COUNT, rng), rng, shift=shift, closed=closed),
            shift=shift,
            closed=closed,
        )
    return {
        title: _sum([plan(np.random.default_rng(seed)) for seed in range(seeds)])
        for title, plan in plans.items()
    }


def _sum(tallies: Sequence[Mapping[str, Tally]]) -> dict[str, Tally]:
    hits, of = Counter[str](), Counter[str]()
    for each in tallies:
        for what, tally in each.items():
            hits[what] += tally.hits
            of[what] += tally.of
    return {what: Tally(hits[what], of[what]) for what in of}


def _judge(made: PlantedShoot) -> IdentityFindings:
    return identity_findings(made.photos, made.records, made.bands, made.order, made.scan)


def _outcomes(found: IdentityFindings, outcome: Outcome) -> set[str]:
    """Photos of which a rule of identity comes to ``outcome`` on its own account."""
    return {
        photo
        for photo, findings in found.findings.items()
        if any(f.outcome is outcome and f.caused_by is None for f in findings)
    }


def _honest(
    made: PlantedShoot, found: IdentityFindings, honest: AbstractSet[str] | None = None
) -> dict[str, Tally]:
    """Count honest students who are accused, and those of whom it cannot be said."""
    if honest is None:
        honest = {p.photo for p in made.photos if made.truth[p.photo] == p.student}
    broken = _outcomes(found, Outcome.BROKEN)
    unsaid = _outcomes(found, Outcome.SKIPPED) - broken
    return {
        "honest accused": Tally(len(honest & broken), len(honest)),
        "honest, cannot say": Tally(len(honest & unsaid), len(honest)),
    }


def honest(persons: Sequence[Person]) -> dict[str, Tally]:
    """Judge a shoot in which nothing is wrong."""
    made = shoot(persons, list(range(len(persons))))
    return _honest(made, _judge(made))


def swaps(persons: Sequence[Person], rng: np.random.Generator) -> dict[str, Tally]:
    """Judge a shoot with swapped pairs."""
    made = shoot(persons, with_swaps(len(persons), SWAPS, rng))
    found = _judge(made)
    proposed = {p.photo: p.proposed for p in found.proposals}
    planted = {
        p.photo: made.truth[p.photo] for p in made.photos if made.truth[p.photo] != p.student
    }
    named = [photo for photo, student in planted.items() if proposed.get(photo) == student]
    broken = _outcomes(found, Outcome.BROKEN)
    passed = planted.keys() - broken - _outcomes(found, Outcome.SKIPPED)
    pairs = [
        p for p in found.pairs if p.kind == "swap" and p.photo_a in named and p.photo_b in named
    ]
    return {
        "swaps found as a pair": Tally(len(pairs), SWAPS),
        "swapped photos broken": Tally(len(planted.keys() & broken), len(planted)),
        "swapped photos that pass": Tally(len(passed), len(planted)),
        "wrong proposals": Tally(
            sum(made.truth[photo] != student for photo, student in proposed.items()), len(proposed)
        ),
        **_honest(made, found),
    }


def strangers(persons: Sequence[Person], far_reject: float) -> dict[str, Tally]:
    """Judge a shoot in which the last few persons, on no record, stand for the first few."""
    count = len(persons) - STRANGERS
    mixed = [
        Person(persons[at].reference, persons[count + at if at < STRANGERS else at].photo)
        for at in range(count)
    ]
    made = shoot(mixed, list(range(count)), far_reject)
    found = _judge(made)
    false = {photo.photo for photo in made.photos[:STRANGERS]}
    broken, skipped = (_outcomes(found, o) for o in (Outcome.BROKEN, Outcome.SKIPPED))
    others = {p.photo for p in made.photos} - false
    return {
        "strangers broken": Tally(len(false & broken), STRANGERS),
        "strangers that pass": Tally(len(false - broken - skipped), STRANGERS),
        **_honest(made, found, others),
    }


def run(
    persons: Sequence[Person],
    rng: np.random.Generator,
    *,
    shift: int,
    closed: bool,
) -> dict[str, Tally]:
    """Judge a shoot with one slipped run of a length drawn at random."""
    length = int(rng.choice(LENGTHS))
    start = int(rng.integers(2, len(persons) - length - 2))
    made = shoot(persons, with_run(len(persons), start, length, shift, closed=closed))
    found = _judge(made)
    files = [photo.photo for photo in made.photos]
    rows = [pair for pair in found.pairs if pair.kind == "shift"]
    ends = [(files.index(row.photo_a), files.index(row.photo_b)) for row in rows]
    right = [abs(a - start) <= 1 and abs(b - (start + length - 1)) <= 1 for a, b in ends]
    wrong = {photo for photo in files if made.truth[photo] != f"S{int(photo[4:9]):05}"}
    proposed = {p.photo: p.proposed for p in found.proposals}
    right_student = [photo for photo in wrong if proposed.get(photo) == made.truth[photo]]
    return {
        "runs found as one": Tally(int(len(rows) == 1), 1),
        "ends right within one": Tally(int(right == [True]), 1),
        "photos proposed to the right student": Tally(len(right_student), len(wrong)),
        **_honest(made, found),
    }
