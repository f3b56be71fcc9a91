"""A picture on its side or its head is told so, and of nothing else; others cost nothing."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from checks import CHECKS
from pipeline.core.rules import Mode, Outcome
from pipeline.core.verdict import counting, remedies
from pipeline.examine.facts import Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.examine.measure import facts_of as measure
from pipeline.face.models import Models, load_models
from pipeline.face.upright import find_turn, look_at
from pipeline.rules import photo_rules

# np.rot90 turns anticlockwise: what sets the picture upright is the same turn clockwise.
QUARTERS = {1: 90, 2: 180, 3: 270}


@pytest.fixture(scope="module")
def told(findings, spec):
    """The codes that count on a picture, and the sentence of FL003."""
    remedy = remedies(photo_rules(CHECKS), spec.remedies)

    def run(data, mode) -> tuple[set[str], str]:
        found = findings(data, mode)
        because = found["FL003"].because
        codes = {f.code for f in counting(found.values(), remedy)}
        return codes, "" if because is None else because.zh

    return run


def lying(picture, quarters):
    return np.ascontiguousarray(np.rot90(picture, quarters))


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("quarters", QUARTERS)
@pytest.mark.parametrize("seed", [3, 7, 16])
def test_the_wrong_way_up_is_all_that_is_told(told, framed, sitter, seed, quarters, mode):
    picture = sitter(seed) if mode is Mode.SOURCE else framed(sitter(seed))
    codes, because = told(lying(picture, quarters), mode)
    assert codes == {"FL003"}
    if mode is Mode.SOURCE or quarters == 2:  # else the sides of the file say it already
        assert "请转正" in because


@pytest.mark.parametrize("mode", Mode)
def test_upright_is_upright(told, framed, sitter, mode):
    codes, _ = told(sitter() if mode is Mode.SOURCE else framed(sitter()), mode)
    assert "FL003" not in codes


@pytest.mark.parametrize(("roll", "code"), [(30, "FC007"), (-30, "FC007"), (60, "FL003")])
def test_a_tilted_head_is_one_and_a_picture_on_its_side_is_another_fault(
    broken, framed, sitter, roll, code
):
    codes = broken(framed(sitter(), roll=roll), Mode.FINAL) & {"FC007", "FL003"}
    assert codes == {code}


@pytest.mark.parametrize("quarters", QUARTERS)
def test_the_face_is_where_it_is_in_the_picture(facts_of, sitter, quarters):
    upright, turned = facts_of(sitter()), facts_of(lying(sitter(), quarters))
    assert isinstance(upright, HeadFacts)
    assert type(turned) is Facts, "no head, and no crop to judge"
    assert turned.turn == QUARTERS[quarters]
    height, width = upright.photo.pixels.shape[:2]
    places = upright.faces[0].points
    for _ in range(quarters):  # as np.rot90 moves a place
        places = np.stack([places[:, 1], width - places[:, 0]], axis=1)
        width, height = height, width
    assert np.abs(turned.faces[0].points - places).max() < 0.05 * upright.faces[0].width


def test_a_wall_is_no_face_in_any_turn(findings):
    wall = cv2.GaussianBlur(
        np.random.default_rng(1).integers(0, 255, (640, 480, 3), np.uint8), (0, 0), 8
    )
    found = findings(wall, Mode.FINAL)
    assert found["FC001"].outcome is Outcome.BROKEN
    assert found["FL003"].outcome is Outcome.SKIPPED


class Counting:
    """A detector that counts how often it is asked."""

    def __init__(self, detector) -> None:
        self.detector, self.asked = detector, 0

    def setInputSize(self, size) -> None:  # noqa: N802 - OpenCV's name
        self.detector.setInputSize(size)

    def detect(self, pixels):
        self.asked += 1
        return self.detector.detect(pixels)


def test_a_face_that_is_seen_without_doubt_is_looked_for_once(spec, jpeg, framed, sitter):
    models = load_models()
    counting_detector = Counting(models.detector)
    measure(jpeg(framed(sitter())), Mode.FINAL, spec, replace(models, detector=counting_detector))
    assert counting_detector.asked == 1


def test_a_copy_must_be_seen_better_than_the_picture(monkeypatch, framed, sitter):
    """Doubt alone turns nothing."""
    models = load_models()
    picture = framed(sitter())
    seen = look_at(picture, models, closely=False)
    unsure = replace(seen, faces=tuple(replace(face, score=0.7) for face in seen.faces))
    monkeypatch.setattr(Models, "detect_faces", lambda _self, _pixels: unsure.faces)
    assert find_turn(picture, unsure, models, closely=False) == (0, unsure.faces)
