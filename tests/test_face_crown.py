"""「头顶发际」 read as the top of the hair or as the hairline; FC006 names the length it means."""

import numpy as np
import pytest

from checks import CHECKS, face
from pipeline.core.records import Examination
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check
from pipeline.face.head_measures import (
    CHIN,
    FOREHEAD,
    LEFT_CHEEK,
    LEFT_TEMPLE,
    RIGHT_CHEEK,
    RIGHT_TEMPLE,
    find_crown,
    find_hairline,
)
from pipeline.face.models import BACKGROUND, FACE_SKIN, HAIR
from pipeline.rules import photo_rules
from pipeline.spec.spec import load_spec
from reports.terminal.findings import examination_as_json, print_examination

MESH_TOP, CELL = 60, 1.0  # row of landmark 10


def cells(hair_from: int, skin_from: int) -> np.ndarray:
    """Shares (200, 200, 6) of a head: hair, then a forehead, over columns 60 to 140."""
    classes = np.zeros((200, 200, 6), np.float32)
    classes[:, :, BACKGROUND] = 1
    for rows, part in ((slice(hair_from, 160), HAIR), (slice(skin_from, 160), FACE_SKIN)):
        classes[rows, 60:140] = 0
        classes[rows, 60:140, part] = 1
    return classes


@pytest.fixture
def points() -> np.ndarray:
    points = np.zeros((478, 2))
    points[FOREHEAD], points[CHIN] = (100, MESH_TOP), (100, 155)
    points[[RIGHT_CHEEK, RIGHT_TEMPLE]], points[[LEFT_CHEEK, LEFT_TEMPLE]] = (65, 90), (135, 90)
    return points


@pytest.mark.parametrize(("hair", "skin"), [(20, 45), (20, 55), (35, 45)])
def test_the_hairline_follows_the_forehead_and_the_crown_the_hair(points, hair, skin):
    classes = cells(hair, skin)
    assert find_crown(classes, points) == pytest.approx(hair, abs=CELL)
    assert find_hairline(classes, points) == pytest.approx(skin, abs=CELL)


def test_under_a_fringe_the_top_of_the_mesh_stands_for_the_hairline(points):
    assert find_hairline(cells(20, 85), points) == MESH_TOP


def test_on_a_bald_head_both_readings_are_one(points):
    classes = cells(30, 30)
    assert find_hairline(classes, points) == find_crown(classes, points)


@pytest.fixture(scope="module")
def readings(spec):
    """The default spec's output in both readings."""
    output = spec.output
    return {
        name: output.model_copy(update={"crown_reading": name})
        for name in ("top_of_hair", "hairline")
    }


@pytest.fixture(scope="module")
def judged(facts_of, spec):
    def run(picture, output, mode=Mode.FINAL) -> dict:
        facts = facts_of(picture, mode, spec.model_copy(update={"output": output}))
        return {f.code: f for f in run_check(face.CHECK, facts, spec.limits["face"])}

    return run


def test_the_switch_changes_what_is_measured_and_the_words_of_it(judged, readings, framed, sitter):
    picture = framed(sitter(7))
    hair, line = (judged(picture, output) for output in readings.values())
    # Crown to hairline is 0.2 to 0.3 of the face's width of 224 px in these drawings.
    assert 25 < line["FC004"].measured - hair["FC004"].measured < 80
    assert hair["FC004"].quantity is None
    assert line["FC004"].quantity.zh == "发际线距上边沿"
    others = [code for code in hair if code != "FC004"]
    assert [hair[code] for code in others] == [line[code] for code in others]


def test_a_break_names_the_hairline(judged, readings, framed, sitter):
    picture = framed(sitter(7), shift=(0, 40))
    crown, line = (judged(picture, output)["FC004"] for output in readings.values())
    assert line.outcome is Outcome.BROKEN
    assert "发际线距上边沿" in line.because.zh
    assert "hairline to top" in line.because.en
    assert "发际线" not in (crown.because.zh if crown.because else "")


def test_the_planned_crop_keeps_the_window_in_either_reading(judged, readings, sitter):
    for output in readings.values():
        assert judged(sitter(7), output, Mode.SOURCE)["FC004"].outcome is Outcome.PASSED


def test_a_pass_is_labelled_too_wherever_the_value_is_listed(
    judged, readings, sitter, spec, capsys
):
    hairline = spec.model_copy(update={"output": readings["hairline"]})
    finding = judged(sitter(7), hairline.output, Mode.SOURCE)["FC004"]
    assert (finding.outcome, finding.because) == (Outcome.PASSED, None)
    examination = Examination("a.jpg", "", Mode.SOURCE, (finding,))
    (listed,) = examination_as_json(examination, photo_rules(CHECKS), hairline, "zh")["findings"]
    assert listed["because"] == "发际线距上边沿"
    print_examination(examination, photo_rules(CHECKS), hairline, "zh")
    assert "发际线距上边沿" in capsys.readouterr().out


# -- FC006 ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "at_fault", "zh"),
    [
        ("idcard_ga461", "head_width", "头部宽度(两耳根之间)"),
        ("driver", "head_width", "头部宽度(两耳根之间)"),
        ("driver", "head_height", "头部高度(头顶到下巴)"),
        ("exit_entry", "head_height", "头部高度(头顶到下巴)"),
        ("chsi_graduate", "face_width", "脸部宽度"),
    ],
)
def test_the_length_that_is_out_is_named(judged, sitter, name, at_fault, zh):
    """Every window is widened but that of one length, which is put out of reach."""
    output = load_spec(name, CHECKS).output
    wide = {"low": 1.0, "high": 5000.0}
    windows = {
        key: getattr(output, key).model_copy(update=wide)
        for key in ("face_width", "head_width", "head_height")
        if getattr(output, key) is not None
    }
    output = output.model_copy(update=windows)
    kept = judged(sitter(), output, Mode.SOURCE)["FC006"]
    assert kept.outcome is Outcome.PASSED
    windows[at_fault] = windows[at_fault].model_copy(update={"low": 4000.0})
    output = output.model_copy(update=windows)
    broken = judged(sitter(), output, Mode.SOURCE)["FC006"]
    assert broken.outcome is Outcome.BROKEN
    assert f"头像过大或过小：{zh} " in broken.because.zh
