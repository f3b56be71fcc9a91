"""The booth in numbers: medians of the latest frames by camera, and a drift told once."""

import random

import pytest

from checks import CHECKS
from flows.watch.booth import LATEST, Booth
from pipeline.batch.booth_table import MEASURED, camera_row, drifts
from pipeline.core.bands import Band
from pipeline.core.records import Examination
from pipeline.core.rules import Mode
from pipeline.rules import run_rules
from reports.booth_measures import booth_words, row_lines

RULES = {rule.code: rule for rule in run_rules(CHECKS)}
AT_MOST_6 = Band(high=6.0, source="s", confidence="P")
FACE = Band(low=180, high=300, source="s", confidence="P")


def frames(values, code="BG001", band=AT_MOST_6):
    return [(RULES[code].judge(value, band),) for value in values]


def examined(value, camera="D750"):
    finding = RULES["BG001"].judge(value, AT_MOST_6)
    return Examination("1.jpg", "1", Mode.SOURCE, (finding,), camera=camera)


def rising(first, last, count, noise=0.0):
    chance = random.Random(1)
    step = (last - first) / (count - 1)
    return [first + step * n + chance.uniform(-noise, noise) for n in range(count)]


def test_a_row_is_the_median_of_a_cameras_frames_with_the_limits():
    row = camera_row("D750", [*frames([1.0, 2.0, 5.0]), *frames([240], "FC006", FACE)], RULES)
    assert [(m.rule.code, m.typical.measured, m.is_kept) for m in row.measures] == [
        ("BG001", 2.0, True),
        ("FC006", 240, True),
    ]
    assert list(row_lines((row,), "zh")) == [
        "D750 近 4 张：背景色差 2.0 (≤6)  脸宽 240px (180–300)"
    ]


def test_a_median_beyond_its_limit_has_a_sign_and_one_at_the_limit_has_none():
    beyond, at = (camera_row("", frames([value] * 3), RULES) for value in (6.1, 6.0))
    assert "✗6.1" in next(row_lines((beyond,), "zh"))
    assert "✗" not in next(row_lines((at,), "zh"))


def test_a_measure_that_no_frame_has_is_left_out():
    assert [m.rule.code for m in camera_row("", frames([1.0]), RULES).measures] == ["BG001"]
    assert set(MEASURED) <= RULES.keys()


def test_a_trend_that_leads_out_of_the_limits_is_a_drift_before_a_frame_breaks_them():
    (drift,) = drifts("D750", frames(rising(2.0, 4.5, 30, noise=0.4)), RULES)
    assert drift.frames == 30
    assert drift.first.measured == pytest.approx(2.0, abs=0.4)
    assert drift.last.measured == pytest.approx(4.5, abs=0.4)
    words = booth_words(drift)
    assert words.zh.startswith("机位在变（近 30 张）：背景色差 ")
    assert RULES["BG001"].photographer.zh in words.zh
    assert "required ≤6" in words.en


@pytest.mark.parametrize(
    "values",
    [
        rising(1.0, 3.0, 30),  # a trend, but not out of the limits for long
        rising(2.0, 5.0, 14),  # too few frames
        rising(5.0, 2.0, 30),  # towards what is asked for
        [3.0] * 30,
        [3.0, 5.5] * 15,
    ],
)
def test_what_is_no_drift(values):
    assert drifts("", frames(values), RULES) == ()


def test_a_limit_below_is_one_too():
    (drift,) = drifts("", frames(rising(260, 200, 20), "FC006", FACE), RULES)
    assert drift.last.measured < drift.first.measured


def test_frames_in_no_order_drift_once_in_many_shoots_at_most():
    chance = random.Random(7)
    for _ in range(100):
        assert drifts("", frames([chance.gauss(4.0, 1.0) for _ in range(LATEST)]), RULES) == ()


def test_a_drift_is_told_once_while_it_lasts_and_by_camera():
    booth, told = Booth(RULES), []
    for value in rising(2.0, 5.9, 40):
        booth.note([examined(value), examined(3.0, "Z5")])
        told += [*booth.new_drifts("D750"), *booth.new_drifts("Z5")]
    assert [drift.camera for drift in told] == ["D750"]
    assert [row.camera for row in booth.table] == ["D750", "Z5"]


def test_a_table_holds_the_latest_frames_alone():
    booth = Booth(RULES)
    booth.note(examined(1.0) for _ in range(LATEST))
    booth.note(examined(5.0) for _ in range(LATEST))
    assert booth.table[0].frames == LATEST
    assert booth.table[0].measures[0].typical.measured == 5.0


def test_a_card_measures_nothing():
    booth = Booth(RULES)
    booth.note([Examination("card.jpg", "1", Mode.SOURCE, (), camera="D750")])
    assert booth.table == ()
