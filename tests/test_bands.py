"""A value near a limit is borderline: to both sides of every end, as its spec would have it."""

import json
import zlib

import pytest
from pydantic import ValidationError

from checks import CHECKS
from pipeline.core.bands import Band
from pipeline.core.causes import LOOK, UNCLEAR, causes_of, reason_of
from pipeline.core.rules import Outcome, Remedy, Rule, Text, Verdict
from pipeline.core.verdict import counting, verdict_of
from pipeline.ledger.codec import encode_findings, findings_decoder
from pipeline.spec.files import spec_names
from pipeline.spec.spec import load_spec

CROWN = Rule(
    "XX001", Remedy.RETAKE, Text("头顶不合格", "crown off"), Text("留白", "leave room"),
    Text("取景放宽", "frame wider"),
    Text("头顶距上边沿", "crown to top"), "px", "test",
)  # fmt: skip
HAIR = Rule(
    "XX002", Remedy.RETAKE, Text("遮眉", "hair over a brow"), Text("别开", "pin it back"),
    Text("提醒学生", "tell them"),
    Text("遮住", "covered"), "", "test", decimals=2,
)  # fmt: skip


def window(borderline="staff", **more):
    how = {"low": 50, "high": 110, "uncertainty": 3, "uncertainty_source": "test"} | more
    return Band(source="test", confidence="P", borderline=borderline, **how)


BEYOND = {"pass": Outcome.PASSED, "staff": Outcome.SKIPPED, "break": Outcome.BROKEN}


@pytest.mark.parametrize("borderline", BEYOND)
@pytest.mark.parametrize(
    ("measured", "near", "kept"),
    [
        (46.9, False, False), (47, True, False), (49.9, True, False), (50, True, True),
        (53, True, True), (53.1, False, True), (80, False, True), (106.9, False, True),
        (107, True, True), (110, True, True), (110.1, True, False), (113, True, False),
        (113.1, False, False),
    ],
)  # fmt: skip
def test_to_both_sides_of_both_ends(borderline, measured, near, kept):
    """Clearly inside passes and clearly outside breaks, whatever the spec makes of the rest."""
    finding = CROWN.judge(measured, window(borderline))
    beyond = BEYOND[borderline] if near else Outcome.BROKEN
    assert finding.outcome is (Outcome.PASSED if kept else beyond)
    assert finding.borderline is near
    assert (finding.measured, finding.low, finding.high) == (measured, 50, 110)
    if near:
        assert finding.because.zh.startswith("临界：")
        assert finding.because.en.startswith("borderline: ")


@pytest.mark.parametrize("borderline", BEYOND)
@pytest.mark.parametrize("ends", [{"low": 50, "high": None}, {"low": None, "high": 50}])
def test_a_value_moved_across_an_end_goes_from_passed_over_borderline_to_broken(borderline, ends):
    way = 1 if ends["high"] else -1
    band = window(borderline, **ends)
    found = [CROWN.judge(50 + way * step / 2, band) for step in range(-20, 21)]
    states = ["borderline" if f.borderline else f.outcome.value for f in found]
    assert list(dict.fromkeys(states)) == ["passed", "borderline", "broken"]
    assert states == sorted(states, key=["passed", "borderline", "broken"].index)


def test_it_is_said_how_near_and_how_sure():
    assert CROWN.judge(48, window()).because == Text(
        "临界：头顶距上边沿 48px，要求 50–110px（差 2px，测量不确定度 ±3px）",
        "borderline: crown to top 48 px, required 50–110 px"
        " (2 px short, measurement uncertainty ±3 px)",
    )
    assert "（距限值 2px，测量不确定度 ±3px）" in CROWN.judge(52, window()).because.zh
    assert "（恰在限值上，" in CROWN.judge(110, window()).because.zh
    hair = HAIR.judge(0.41, window("pass", low=None, high=0.4, uncertainty=0.03))
    assert hair.because.zh == "临界：遮住 0.41，要求不超过 0.40（超 0.01，测量不确定度 ±0.03）"


def test_a_borderline_value_is_never_a_retake_but_where_the_spec_says_so():
    remedy = {CROWN.code: Remedy.RETAKE}
    came_to = {
        how: verdict_of(counting([CROWN.judge(48, window(how))], remedy), remedy) for how in BEYOND
    }
    assert came_to == {"pass": Verdict.PASS, "staff": Verdict.FAIL, "break": Verdict.RETAKE}


def test_a_broken_rule_decides_alone_beside_a_borderline_one():
    """Whoever comes again anyhow waits for nobody, and is told of nobody's doubt."""
    remedy = {CROWN.code: Remedy.RETAKE, HAIR.code: Remedy.RETAKE}
    near, broken = (
        CROWN.judge(48, window()),
        HAIR.judge(0.9, window(low=None, high=0.4, uncertainty=0.03)),
    )
    counted = counting([near, broken], remedy)
    assert counted == (near, broken)
    assert verdict_of(counted, remedy) is Verdict.RETAKE
    assert verdict_of(counted, remedy | {HAIR.code: Remedy.STAFF}) is Verdict.FAIL
    told = causes_of(counted, (), {CROWN.code: CROWN, HAIR.code: HAIR})
    assert [cause.key for cause in told] == [HAIR.code]


def test_a_note_band_inside_still_speaks_where_the_limit_is_far():
    band = window("pass", note_low=60)
    assert CROWN.judge(58, band).because.zh.startswith("提示")
    assert CROWN.judge(52, band).because.zh.startswith("临界")


def test_a_band_without_an_uncertainty_is_as_sharp_as_it_is_written():
    sharp = Band(low=50, high=110, source="test", confidence="P")
    assert CROWN.judge(49.99, sharp).outcome is Outcome.BROKEN
    assert CROWN.judge(50, sharp).because is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"uncertainty": 0},
        {"uncertainty": -1},
        {"uncertainty": None},
        {"borderline": None},
        {"uncertainty_source": None},
        {"borderline": "retake"},
        {"uncertainty": 30},  # nothing between 50 and 110 would be surely inside
        {"low": None, "high": None, "note_high": 40},
    ],
)
def test_an_uncertainty_is_stated_whole_and_leaves_something_sure(wrong):
    with pytest.raises(ValidationError):
        window(**wrong)


def test_staff_reads_what_is_borderline_and_not_that_it_could_not_be_assessed():
    finding = CROWN.judge(48, window("staff"))
    assert reason_of(finding, CROWN) == finding.because
    (told,) = causes_of([finding], (), {CROWN.code: CROWN})
    assert (told.key, told.photographer) == (UNCLEAR, LOOK)
    assert told.record == finding.because


def test_a_ledger_keeps_it_and_reads_what_was_kept_before():
    found = (CROWN.judge(48, window("pass")), CROWN.judge(80, window()))
    assert findings_decoder()(encode_findings(found)) == found
    row = ["XX001", "passed", 80.5, 50, 110, "px", None, None, None]
    before = zlib.compress(json.dumps({"v": 1, "rows": [row]}).encode())
    assert findings_decoder()(before) == (CROWN.judge(80.5, window()),)


# What the program ships.

SPECS = [load_spec(name, CHECKS) for name in spec_names()]


def limits_in(spec):
    """Every limit that a photo is held against, by its key."""
    tables = {"output": spec.output} | {f"limits.{n}": t for n, t in spec.limits.items()}
    for name, table in tables.items():
        for key in type(table).model_fields:
            if isinstance(limit := getattr(table, key), Band):
                yield f"{name}.{key}", limit


EXACT = {
    "output.kb", "limits.resolution.aspect_off_percent", "limits.file_size.quality",
    "limits.recapture.screen",
}  # fmt: skip
SECOND = {
    "limits.mask.thing",
    "limits.light.clipped", "limits.recapture.bars",
}  # fmt: skip
# Yes or no: their limits lie between two heaps of values, and what is there is of neither.
YES_OR_NO = {
    "limits.eyes.closed", "limits.eyes.covered", "limits.eyes.frame", "limits.mask.covered",
    "limits.mask.hand", "limits.head_covering.covered", "limits.head_covering.around",
    "limits.head_covering.beside", "limits.background.things",
}  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)
def test_every_limit_that_is_measured_says_how_sure_it_is_and_who_decides(spec):
    for key, limit in limits_in(spec):
        if key in EXACT | SECOND:
            assert limit.uncertainty is None, key
            continue
        official = limit.confidence in {"O", "O~"} or key in YES_OR_NO
        assert limit.borderline == ("staff" if official else "pass"), key
        assert limit.uncertainty, key


def test_where_nothing_is_said_there_is_no_uncertainty():
    """No default in code: a spec of one's own that replaces a limit replaces all of it."""
    assert Band(low=1, source="test", confidence="P").uncertainty is None
