"""One fault at a time, growing: its own rule follows, breaks in time, and the others keep still.

``golden/influence.csv`` states for every fault (row) and rule (column) the share of the
sitters on which the worst of it flips the rule's outcome. After a change that is meant to
move it, run the slow test here with ``GRADPHOTO_WRITE_GOLDEN=1`` and read the difference.
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from fixtures.degrade import RULE_OF, degrade
from pipeline.core.rules import Mode, Outcome

GOLDEN = Path(__file__).parent / "golden" / "influence.csv"
SITTERS = (3, 10, 34, 50, 82)
STEPS = (0.0, 0.35, 0.7, 1.0)

# Measures that fall with the fault; off-centre and roll grow to either side.
FALLING = {"dark", "merge", "wide", "high", "jpeg"}
TO_EITHER_SIDE = {"aside", "roll"}
# In units of the rule: what a measure may go back by from one step to the next.
SLACK = {
    "SH001": 0.01,
    "LT001": 1.0,
    "BG004": 0.5,
    "HR001": 0.05,
    "BG003": 0.02,
    "SH002": 0.5,
    "ED001": 0.02,
}


@pytest.fixture(scope="module")
def scene(framed, sitter, facts_of, jpeg):
    """A sitter that breaks nothing, with landmarks and the sitter's share of every pixel."""
    done: dict[int, tuple] = {}

    def make(seed):
        if seed not in done:
            black, white = (framed(sitter(seed, backdrop=(c, c, c))) for c in (0, 255))
            person = 1 - (white.astype(np.float32) - black).mean(axis=2) / 255
            grain = np.random.default_rng(seed).normal(0, 2, (640, 480, 1)).round()
            picture = np.clip(framed(sitter(seed)) + grain, 0, 255).astype(np.uint8)
            points = facts_of(jpeg(picture), Mode.FINAL).points
            done[seed] = (picture, points, np.clip(person, 0, 1))
        return done[seed]

    return make


@pytest.fixture(scope="module")
def judged(scene, findings):
    """All findings on a sitter with a fault of some severity; examined once."""
    done: dict[tuple, dict] = {}

    def run(name, severity, seed):
        key = (name if severity else "", severity, seed)
        if key not in done:
            data = degrade(name, *scene(seed), severity, seed)
            done[key] = findings(data, Mode.FINAL)
        return done[key]

    return run


def flipped(before: dict, after: dict) -> set[str]:
    """Rules whose outcome is another one; notes are no outcome.

    Nor is a value on the limit: another processor's models round it to the other side.
    """
    return {
        code
        for code in after
        if after[code].outcome is not before[code].outcome and not on_the_limit(after[code])
    }


def on_the_limit(finding) -> bool:
    ends = [end for end in (finding.low, finding.high) if end is not None]
    return finding.measured is not None and any(
        abs(finding.measured - end) < 1e-3 * abs(end) for end in ends
    )


@pytest.mark.parametrize("seed", SITTERS)
def test_the_sitter_breaks_nothing(judged, seed):
    found = judged("blur", 0.0, seed)
    kept = {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    assert {c for c, f in found.items() if f.outcome not in kept} == set()


@pytest.mark.parametrize("name", RULE_OF)
def test_the_rule_follows_its_fault_and_breaks(judged, name):
    code = RULE_OF[name]
    found = [judged(name, severity, SITTERS[0])[code] for severity in STEPS]
    values = np.array([f.measured for f in found])
    if name in TO_EITHER_SIDE:
        values = np.abs(values)
    if name in FALLING:
        values = -values
    assert (np.diff(values) >= -SLACK.get(code, 1e-6)).all(), values
    assert found[0].outcome is Outcome.PASSED
    assert found[-1].outcome is Outcome.BROKEN


@pytest.mark.parametrize("name", RULE_OF)
def test_no_other_rule_flips_where_none_is_said_to(judged, name):
    stated = read_golden()[name]
    seed = SITTERS[0]
    flips = flipped(judged(name, 0.0, seed), judged(name, 1.0, seed))
    assert {code for code in flips if not stated.get(code)} == set()


@pytest.mark.slow
def test_no_rule_flips_more_often_than_stated(judged):
    table = {}
    for name in RULE_OF:
        table[name] = dict.fromkeys(judged(name, 0.0, SITTERS[0]), 0)
        for seed in SITTERS:
            for code in flipped(judged(name, 0.0, seed), judged(name, 1.0, seed)):
                table[name][code] += 1
        table[name] = {code: round(n / len(SITTERS), 2) for code, n in table[name].items()}
    if os.environ.get("GRADPHOTO_WRITE_GOLDEN"):
        write_golden(table)
    golden = read_golden()
    more = {
        (name, code): share
        for name, row in table.items()
        for code, share in row.items()
        if share > golden[name].get(code, 0.0) and code != RULE_OF[name]
    }
    assert more == {}
    # Of one sitter the hair is taken for a cap where it touches the top (HT001 breaks in FC004's
    # place), and a brow is covered by 0.38 or just over 0.40 as the processor has it.
    missed = {name: row[RULE_OF[name]] for name, row in table.items() if row[RULE_OF[name]] < 1}
    assert missed.keys() <= {"high", "fringe"}
    assert set(missed.values()) <= {0.8}


def read_golden() -> dict[str, dict[str, float]]:
    with GOLDEN.open(encoding="utf-8", newline="") as stream:
        return {
            row.pop("fault"): {code: float(share) for code, share in row.items() if share}
            for row in csv.DictReader(stream)
        }


def write_golden(table: dict[str, dict[str, float]]) -> None:
    codes = sorted(next(iter(table.values())))
    with GOLDEN.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["fault", *codes])
        for name, row in table.items():
            writer.writerow([name, *(f"{row[code]:g}" if row[code] else "" for code in codes)])
