"""What another break spoils neither passes nor breaks: a hat, the dark, a picture on its side."""

import io

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel

from checks import CHECKS
from pipeline.core.rules import Mode, Outcome, Remedy, Rule, Text
from pipeline.core.verdict import counting, remedies
from pipeline.examine.check import Check, run_checks
from pipeline.rules import photo_rules

W = Text("", "")


def rule(code: str, spoiled_by=()) -> Rule:
    return Rule(code, Remedy.RETAKE, W, W, W, "", "test", spoiled_by=spoiled_by)


HAT, CROWN, FRINGE = rule("HT001"), rule("FC004", ("HT001",)), rule("HR001")
FRAMING = {"FC001", "FC003", "FC004", "FC005", "FC006", "FC007", "FC010"}
NO_LIMITS: dict[str, BaseModel] = {}


def found(hat, crown, fringe) -> dict:
    check = Check("x", (HAT, CROWN, FRINGE), None, lambda _facts, _limits: (hat, crown, fringe))
    return {f.code: f for f in run_checks((check,), None, NO_LIMITS)}


def test_a_break_is_a_skip_where_a_rule_that_spoils_it_is_broken():
    crown = found(HAT.broken(), CROWN.broken(105), FRINGE.passed())["FC004"]
    assert (crown.outcome, crown.caused_by) == (Outcome.SKIPPED, "HT001")
    assert crown.measured is None, "a worthless value is not shown"


def test_it_stays_a_break_where_that_rule_is_kept_or_could_not_be_assessed():
    for hat in (HAT.passed(), HAT.skipped(W), HAT.not_applicable(W)):
        assert found(hat, CROWN.broken(105), FRINGE.passed())["FC004"].outcome is Outcome.BROKEN


def test_a_pass_is_lost_too_for_it_was_measured_on_the_same_hat():
    crown = found(HAT.broken(), CROWN.passed(80), FRINGE.passed())["FC004"]
    assert (crown.outcome, crown.caused_by, crown.measured) == (Outcome.SKIPPED, "HT001", None)


def test_what_nothing_spoils_or_was_not_asked_for_stays_as_it_is():
    assert found(HAT.passed(), CROWN.passed(80), FRINGE.passed())["FC004"].measured == 80
    assert found(HAT.broken(), CROWN.passed(80), FRINGE.passed(1))["HR001"].measured == 1
    asked = found(HAT.broken(), CROWN.not_applicable(W), FRINGE.passed())["FC004"]
    assert asked.outcome is Outcome.NOT_APPLICABLE


def test_a_skip_that_hung_on_the_spoiled_break_hangs_on_what_spoiled_it():
    caused = FRINGE.skipped(W, caused_by="FC004")
    assert found(HAT.broken(), CROWN.broken(105), caused)["HR001"].caused_by == "HT001"
    assert found(HAT.passed(), CROWN.broken(105), caused)["HR001"].caused_by == "FC004"


def test_what_spoils_is_a_rule_that_nothing_spoils():
    rules = {r.code: r for r in photo_rules(CHECKS)}
    for one in rules.values():
        for code in one.spoiled_by:
            assert rules[code].spoiled_by == (), f"{one.code} < {code}: one step is enough"


@pytest.fixture(scope="module")
def told(findings, spec):
    """The codes that count on bytes of a final file."""
    remedy = remedies(photo_rules(CHECKS), spec.remedies)

    def run(data: bytes) -> set[str]:
        found = findings(data, Mode.FINAL)
        return {f.code for f in counting(found.values(), remedy)}

    return run


def tagged(pixels, tag: int) -> bytes:
    """A JPEG whose EXIF orientation turns it when it is shown."""
    exif, stream = Image.Exif(), io.BytesIO()
    exif[0x0112] = tag
    how = {"quality": 85, "dpi": (300, 300), "exif": exif}
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "JPEG", **how)
    return stream.getvalue()


@pytest.mark.parametrize(("tag", "quarters"), [(3, 2), (6, 1), (8, 3)])
def test_a_final_file_that_a_tag_sets_upright_is_told_of_that_alone(
    told, framed, sitter, tag, quarters
):
    """Its sides are exchanged, and that is no second fault."""
    picture = framed(sitter())
    assert told(tagged(picture, 1)) == set()
    assert told(tagged(np.rot90(picture, quarters), tag)) == {"FL003"}


@pytest.mark.parametrize("tag", [3, 6, 8])
def test_nor_is_one_that_a_tag_turns_over_told_of_size_and_framing(told, framed, sitter, tag):
    codes = told(tagged(framed(sitter()), tag))
    assert "FL003" in codes
    assert not {code for code in codes if code.startswith("RS") or code in FRAMING}


def test_a_final_file_that_is_stored_on_its_side_is_told_of_that_alone(told, jpeg, framed, sitter):
    lying = np.ascontiguousarray(np.rot90(framed(sitter())))
    assert told(jpeg(lying, quality=85)) == {"FL003"}


def test_a_wrong_size_that_stands_upright_is_still_told(told, jpeg, framed, sitter):
    assert "RS001" in told(jpeg(np.ascontiguousarray(framed(sitter())[:600]), quality=85))
