"""A detection that is nobody is no person; a face without landmarks is no face."""

from dataclasses import replace

import numpy as np
import pytest

from checks import CHECKS
from pipeline.core.rules import Mode, Outcome
from pipeline.core.verdict import counting, remedies, verdict_of
from pipeline.face.models import Face, load_models
from pipeline.face.phantoms import only_people
from pipeline.face.upright import look_at
from pipeline.rules import all_rules


def detection(x: float, y: float, width: float, height: float | None = None) -> Face:
    """What YuNet says it sees; eyes, nose and mouth where a face has them."""
    height = height or 1.3 * width
    spots = np.array([(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)])
    points = (spots * (width, height) + (x, y)).astype(np.float32)
    return Face(x, y, width, height, 0.66, points)


@pytest.fixture
def seen(framed, sitter):
    picture = framed(sitter())
    return picture, look_at(picture, load_models(), closely=True)


@pytest.fixture
def wall() -> np.ndarray:
    return np.full((640, 480, 3), (100, 160, 90), np.uint8)


@pytest.mark.parametrize("width", [60, 200])
def test_a_patch_of_wall_is_nobody_however_large(seen, width):
    picture, sight = seen
    phantom = detection(2, 2, width, 90)
    faces = tuple(sorted((*sight.faces, phantom), key=lambda f: -f.width * f.height))
    found = only_people(picture, replace(sight, faces=faces), load_models(), closely=True)
    assert found.faces == sight.faces
    assert np.allclose(found.mesh.points, sight.mesh.points)


def test_a_larger_phantom_does_not_take_the_place_of_the_main_face(framed, sitter):
    picture = np.full((1000, 1400, 3), (100, 160, 90), np.uint8)
    picture[300:940, 900:1380] = framed(sitter())
    sight = look_at(picture, load_models(), closely=True)
    assert len(sight.faces) == 1
    phantom = detection(60, 60, 420)
    astray = replace(sight, faces=(phantom, *sight.faces), mesh=None)
    found = only_people(picture, astray, load_models(), closely=True)
    assert found.faces == sight.faces
    assert found.mesh is not None
    assert found.roi == sight.roi


def test_whom_the_detector_is_sure_of_stays(seen):
    """A person behind, blurred or cut, has no landmarks and is background to the segmenter."""
    picture, sight = seen
    behind = replace(detection(2, 2, 60), score=0.8)
    found = only_people(
        picture, replace(sight, faces=(*sight.faces, behind)), load_models(), closely=True
    )
    assert found.faces == (*sight.faces, behind)


def test_two_people_stay_two(framed, sitter):
    both = np.concatenate([framed(sitter(3)), framed(sitter(4))], axis=1)
    sight = look_at(both, load_models(), closely=True)
    assert len(sight.faces) == 2
    assert set(map(id, only_people(both, sight, load_models(), closely=True).faces)) == set(
        map(id, sight.faces)
    )


def test_no_landmarks_on_any_detection_is_no_face(wall):
    sight = replace(
        look_at(wall, load_models(), closely=True),
        faces=(detection(100, 100, 200), detection(300, 400, 80)),
    )
    found = only_people(wall, sight, load_models(), closely=True)
    assert (found.faces, found.mesh) == ((), None)


@pytest.mark.parametrize("mode", Mode)
def test_it_is_one_sentence_and_a_retake(findings, wall, monkeypatch, mode):
    """A flower that YuNet takes for two faces: FC001, and nothing of several people."""
    models = type(load_models())
    phantoms = (detection(100, 100, 200), detection(300, 400, 80))
    monkeypatch.setattr(models, "detect_faces", lambda _self, _pixels: phantoms)
    found = findings(wall, mode)
    assert found["FC001"].outcome is Outcome.BROKEN
    assert found["FC001"].because.zh == "未检测到人脸"
    assert found["FC002"].outcome is Outcome.SKIPPED
    remedy = remedies(all_rules(CHECKS), {})
    counted = counting(found.values(), remedy)
    assert [f.code for f in counted if f.code[:2] == "FC"] == ["FC001"]
    assert all(f.outcome is Outcome.BROKEN for f in counted), "nothing asks for a person"
    assert verdict_of(counted, remedy) == "retake"
