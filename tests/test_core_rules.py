"""A rule holds a value against a band: both sides of every limit."""

import pytest
from pydantic import ValidationError

from pipeline.core.bands import Band
from pipeline.core.rules import Outcome, Remedy, Rule, Text

RULE = Rule(
    "XX001",
    Remedy.RETAKE,
    fault=Text("头歪", "tilted"),
    student=Text("摆正", "hold level"),
    photographer=Text("看看是否放平", "see that it is level"),
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
    assert because.zh == "头歪：倾斜 9.2°，要求 -8.0–8.0°（超 1.2°）"
    assert because.en == "tilted: tilted by 9.2 °, required -8.0–8.0 ° (1.2 ° over)"


def test_one_sided_limits_are_said_as_such():
    assert "不超过 8.0°" in RULE.judge(9, band(high=8)).because.zh
    assert "不少于 2.0°" in RULE.judge(1, band(low=2)).because.zh


def test_a_value_that_rounds_onto_the_limit_is_not_said_to_equal_it():
    """「ΔE 20.0，要求不超过 20.0」 would read as a mistake of ours."""
    because = RULE.judge(8.004, band(high=8)).because
    assert "8.004" in because.zh
    assert "超 0.004°" in because.zh


PIXELS = Rule(
    "XX002",
    Remedy.RETAKE,
    RULE.fault,
    RULE.student,
    RULE.photographer,
    Text("高", "height"),
    "px",
    "test",
)


@pytest.mark.parametrize(
    ("rule", "measured", "limits", "zh", "en"),
    [
        (PIXELS, 187, band(low=200, high=300), "差 13px", "13 px short"),
        (PIXELS, 313, band(low=200, high=300), "超 13px", "13 px over"),
        (PIXELS, 186.6, band(low=200), "差 13px", "13 px short"),  # shown as 187
        (PIXELS, 199.8, band(low=200), "差 0.2px", "0.2 px short"),
        (RULE, -9.2, BOTH, "超 1.2°", "1.2 ° over"),  # too far to one side: nothing is short
    ],
)
def test_a_break_says_how_far_it_is_from_the_limit(rule, measured, limits, zh, en):
    finding = rule.judge(measured, limits)
    assert rule.distance(finding) == Text(zh, en)
    assert finding.because.zh.endswith(f"（{zh}）")
    assert finding.because.en.endswith(f" ({en})")


def test_what_keeps_its_limit_or_has_none_is_at_no_distance():
    assert PIXELS.distance(PIXELS.judge(200, band(low=200))) is None
    assert PIXELS.distance(PIXELS.broken(3)) is None
    assert PIXELS.distance(PIXELS.judge(200 - 1e-9, band(low=200))) is None
    assert PIXELS.distance(PIXELS.skipped(RULE.fault)) is None


def test_a_value_is_shown_with_its_unit():
    assert PIXELS.shown(PIXELS.judge(187.4, band(low=200))) == "187px"
    assert PIXELS.shown(PIXELS.judge(199.8, band(low=200))) == "199.8px"
    assert PIXELS.shown(PIXELS.skipped(RULE.fault)) == ""
    assert RULE.shown(RULE.judge(-0.04, BOTH)) == "0.0°"


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


def test_details_and_notes_follow_the_words_in_both_languages():
    broken, eye = RULE.broken(), Text("左眼", "left eye")
    assert broken.with_detail(eye).because == Text("头歪（左眼）", "tilted (left eye)")
    assert broken.with_note(eye).because == Text("头歪；左眼", "tilted; left eye")


def test_a_plain_pass_has_no_words_to_detail_but_may_be_noted():
    passed, eye = RULE.passed(1.0), Text("左眼", "left eye")
    assert passed.with_detail(eye) == passed
    assert passed.with_note(eye) == RULE.passed(1.0, note=eye)
