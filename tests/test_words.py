"""A rule holds a value against a band: both sides of every limit."""

import pytest
from pydantic import ValidationError

from pipeline.words import Band, Outcome, Remedy, Rule, Text

RULE = Rule(
    "XX001",
    Remedy.RETAKE,
    fault=Text("头歪", "tilted"),
    hint=Text("摆正", "hold level"),
    quantity=Text("倾斜", "tilted by"),
    unit="°",
    source="test",
    decimals=1,
)


def band(**ends):
    return Band(source="test", confidence="P", **ends)


BOTH = band(low=-8, note_low=-3, note_high=3, high=8)


@pytest.mark.parametrize(
    ("measured", "outcome", "noted"),
    [
        (-8.01, Outcome.BROKEN, True),
        (-8, Outcome.PASSED, True),
        (-3.01, Outcome.PASSED, True),
        (-3, Outcome.PASSED, False),
        (3, Outcome.PASSED, False),
        (3.01, Outcome.PASSED, True),
        (8, Outcome.PASSED, True),
        (8.01, Outcome.BROKEN, True),
    ],
)
def test_ends_are_inclusive_and_the_note_band_only_speaks(measured, outcome, noted):
    finding = RULE.judge(measured, BOTH)
    assert finding.outcome is outcome
    assert (finding.because is not None) is noted
    assert (finding.measured, finding.low, finding.high) == (measured, -8, 8)


def test_a_break_says_what_was_measured_and_what_is_asked_for():
    because = RULE.judge(9.24, BOTH).because
    assert because.zh == "头歪：倾斜 9.2°，要求 -8.0–8.0°"
    assert because.en == "tilted: tilted by 9.2 °, required -8.0–8.0 °"


def test_one_sided_limits_are_said_as_such():
    assert "不超过 8.0°" in RULE.judge(9, band(high=8)).because.zh
    assert "不少于 2.0°" in RULE.judge(1, band(low=2)).because.zh


def test_a_value_that_rounds_onto_the_limit_is_not_said_to_equal_it():
    """「ΔE 20.0，要求不超过 20.0」 would read as a mistake of ours."""
    because = RULE.judge(8.004, band(high=8)).because
    assert "8.004" in because.zh


@pytest.mark.parametrize(
    "ends",
    [{}, {"low": 3, "high": 2}, {"low": 0, "note_low": -1}, {"note_high": 9, "high": 8}],
)
def test_a_band_in_the_wrong_order_is_refused(ends):
    with pytest.raises(ValidationError):
        band(**ends)


def test_nan_is_never_a_pass():
    with pytest.raises(ValueError, match="XX001"):
        RULE.judge(float("nan"), BOTH)
