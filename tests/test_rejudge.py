"""New limits on kept findings agree with what the checks do on the photo itself."""

import copy

import numpy as np
import pytest
from given_facts import given

from checks import CHECKS
from pipeline.batch.rejudge import compare_specs, rejudge
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check
from pipeline.rules import photo_rules
from pipeline.spec.files import merge, read_files
from pipeline.spec.spec import load_spec, spec_of

RULES = {rule.code: rule for rule in photo_rules(CHECKS)}
BANDS = [(check, code, key) for check in CHECKS for code, key in check.bands.items()]
BASE = merge(read_files("chsi_graduate"))


def changed(key: str, value):
    """The default document with one value changed."""
    document = copy.deepcopy(BASE)
    table = document
    *path, last = key.split(".")
    for part in path:
        table = table[part]
    table[last] = value
    return document


def band(**ends):
    return {**ends, "source": "a test", "confidence": "P"}


def findings_of(facts, document):
    """What the checks find on the same crop by a document."""
    spec = spec_of(document, CHECKS, "test")
    told = given(facts, output=spec.output)
    return [
        f for c in CHECKS for f in run_check(c, told, spec.limits.get(c.name), spec.off)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def seen(facts_of, framed, sitter):
    """Facts of a source and of a final file, and their findings under the default spec."""
    return {
        Mode.SOURCE: facts_of(sitter(3)),
        Mode.FINAL: facts_of(framed(sitter(5), shift=(9, 0), roll=2.0), Mode.FINAL),
    }


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("check", "code", "key"), BANDS, ids=[code for _, code, _ in BANDS])
def test_a_rule_of_one_limit_comes_out_as_its_check_would_have_it(seen, check, code, key, mode):
    facts = seen[mode]
    if key.startswith("output.") and mode is Mode.SOURCE:
        return  # the crop would be another: see below
    before = findings_of(facts, BASE)
    value = next(f.measured for f in before if f.code == code)
    if value is None:
        return  # out of mode: there is nothing to judge
    for ends in (
        {"high": value + 1},
        {"high": value + 1, "note_high": value - 0.001},
        {"high": value - 0.001},
        {"low": value + 0.001},
    ):
        document = changed(key, band(**ends))
        anew = rejudge(before, mode, compare_specs(BASE, document, CHECKS), RULES)
        due = findings_of(facts, document)
        if anew.needs:
            # A final file's pixel size is judged without this limit: asked, not guessed.
            assert (code, mode) == ("RS001", Mode.FINAL)
            continue
        # Words that only a worse photo earns (what makes a background uneven) are not kept.
        for got, asked in zip(anew.findings, due, strict=True):
            assert (got.code, got.outcome, got.measured, got.low, got.high) == (
                asked.code, asked.outcome, asked.measured, asked.low, asked.high,
            )  # fmt: skip
            if asked.because is not None:
                assert asked.because.zh.startswith(got.because.zh)


def test_most_rules_are_covered(seen):
    measured = {f.code for facts in seen.values() for f in findings_of(facts, BASE) if f.measured}
    assert len({code for _, code, _ in BANDS}) >= 22
    assert len(measured & {code for _, code, _ in BANDS}) >= 18


@pytest.mark.parametrize("mode", Mode)
def test_the_same_limits_change_nothing(seen, mode):
    before = findings_of(seen[mode], BASE)
    change = compare_specs(BASE, copy.deepcopy(BASE), CHECKS)
    assert change.empty
    assert rejudge(before, mode, change, RULES).findings == tuple(before)


def test_where_a_limit_is_from_and_what_it_is_called_change_nothing():
    limit = BASE["limits"]["sharpness"]["blur"]
    document = changed("limits.sharpness.blur", {**limit, "source": "another", "confidence": "H"})
    document |= {"id": "mine", "naming": "exam_no", "remedies": {"BG001": "note"}}
    assert compare_specs(BASE, document, CHECKS).empty


def test_the_words_of_a_check_are_kept_beside_the_new_limit(seen):
    document = changed("limits.light.sides", band(high=1.0))
    broken = findings_of(seen[Mode.SOURCE], document)
    (side,) = (f for f in broken if f.code == "LT002")
    assert side.because.zh.endswith("较暗）")
    lower = changed("limits.light.sides", band(high=0.9))
    anew = rejudge(broken, Mode.SOURCE, compare_specs(document, lower, CHECKS), RULES)
    (again,) = (f for f in anew.findings if f.code == "LT002")
    assert again == next(f for f in findings_of(seen[Mode.SOURCE], lower) if f.code == "LT002")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("limits.face.edge", band(low=3)),
        ("limits.head_covering.covered", band(high=0.2)),
        ("limits.light.clipped", band(high=0.3)),
        ("limits.eyes.covered", band(high=0.5)),
        ("limits.background.colours", [[255, 255, 255]]),
        ("output.quality_floor", 70),
    ],
)
@pytest.mark.parametrize("mode", Mode)
def test_what_no_single_limit_decides_needs_the_photo(seen, key, value, mode):
    change = compare_specs(BASE, changed(key, value), CHECKS)
    assert rejudge(findings_of(seen[mode], BASE), mode, change, RULES).needs == (key,)


def test_a_source_is_cropped_for_the_output_so_its_windows_need_the_photo(seen):
    change = compare_specs(BASE, changed("output.crown", band(low=40, high=120)), CHECKS)
    source, final = (rejudge(findings_of(seen[mode], BASE), mode, change, RULES) for mode in Mode)
    assert source.needs == ("output.crown",)
    assert final.needs == ()


def test_a_rule_is_switched_off_and_on_again(seen):
    before = findings_of(seen[Mode.SOURCE], BASE)
    without = changed("off", ["SH001", "HT001"])
    off = rejudge(before, Mode.SOURCE, compare_specs(BASE, without, CHECKS), RULES)
    assert off.needs == ()
    assert list(off.findings) == findings_of(seen[Mode.SOURCE], without)
    on = rejudge(off.findings, Mode.SOURCE, compare_specs(without, BASE, CHECKS), RULES)
    blur = next(f for f in on.findings if f.code == "SH001")
    assert blur == next(f for f in before if f.code == "SH001")
    assert on.needs == ("off",), "HT001 has no single limit: only the photo can tell"


def test_a_file_that_could_not_be_read_needs_nothing():
    from pipeline.core.records import Submission
    from pipeline.core.rules import Text
    from pipeline.examine.examine import unreadable

    words = Text("空文件", "empty")
    one = unreadable(Submission("a", None), "", Mode.SOURCE, CHECKS, words)
    change = compare_specs(BASE, changed("limits.face.edge", band(low=3)), CHECKS)
    assert rejudge(one.findings, Mode.SOURCE, change, RULES).needs == ()
    larger = compare_specs(BASE, changed("reading.max_bytes", 2**27), CHECKS)
    assert rejudge(one.findings, Mode.SOURCE, larger, RULES).needs == ("reading.max_bytes",)


def test_a_photo_without_a_face_is_judged_by_any_limits(facts_of):
    wall = facts_of(np.full((640, 480, 3), (100, 197, 255), np.uint8))
    before = findings_of(wall, BASE)
    assert next(f for f in before if f.code == "FC001").outcome is Outcome.BROKEN
    for key in ("limits.face.edge", "limits.sharpness.blur", "limits.eyes.covered"):
        change = compare_specs(BASE, changed(key, band(high=0.5)), CHECKS)
        anew = rejudge(before, Mode.SOURCE, change, RULES)
        assert (anew.needs, anew.findings) == ((), tuple(before))


def test_the_document_of_the_ledger_is_the_spec_itself():
    assert spec_of(BASE, CHECKS, "the ledger") == load_spec("chsi_graduate", CHECKS)


def unsure(borderline, **ends):
    how = {"uncertainty": 0.05, "uncertainty_source": "ours, a test", "borderline": borderline}
    return band(**ends) | how


@pytest.mark.parametrize("borderline", ["pass", "staff", "break"])
@pytest.mark.parametrize("by", [-0.06, -0.04, 0.04, 0.06])
def test_what_is_borderline_is_judged_anew_from_its_value(seen, borderline, by):
    """From sharp to unsure and back, over every state: as the check itself would have it."""
    facts = seen[Mode.SOURCE]
    blur = next(f.measured for f in findings_of(facts, BASE) if f.code == "SH001")
    near = changed("limits.sharpness.blur", unsure(borderline, high=blur - by))
    sharp = changed("limits.sharpness.blur", band(high=blur - 0.2))
    for before, now in ((sharp, near), (near, sharp), (BASE, near), (near, BASE)):
        change = compare_specs(before, now, CHECKS)
        anew = rejudge(findings_of(facts, before), Mode.SOURCE, change, RULES)
        assert anew.needs == ()
        assert list(anew.findings) == findings_of(facts, now)
    (found,) = (f for f in findings_of(facts, near) if f.code == "SH001")
    assert found.borderline is (abs(by) < 0.05)


def test_another_uncertainty_or_what_becomes_of_it_is_a_change(seen):
    one = changed("limits.sharpness.blur", unsure("pass", high=0.72))
    for other in (
        changed("limits.sharpness.blur", unsure("staff", high=0.72)),
        changed("limits.sharpness.blur", unsure("pass", high=0.72) | {"uncertainty": 0.06}),
    ):
        assert list(compare_specs(one, other, CHECKS).bands) == ["SH001"]
    told = unsure("pass", high=0.72) | {"uncertainty_source": "ours, another test"}
    assert compare_specs(one, changed("limits.sharpness.blur", told), CHECKS).empty


def test_a_crop_planned_for_other_uncertainties_needs_the_photo(seen):
    crown = BASE["output"]["crown"] | {"uncertainty": 5}
    change = compare_specs(BASE, changed("output.crown", crown), CHECKS)
    found = {mode: rejudge(findings_of(seen[mode], BASE), mode, change, RULES) for mode in Mode}
    assert found[Mode.SOURCE].needs == ("output.crown",)
    assert found[Mode.FINAL].needs == ()
