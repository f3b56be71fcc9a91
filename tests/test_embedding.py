"""A face as 128 numbers: near for one person whatever the picture, or said not to be comparable."""

import ast
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from given_facts import given as told
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from pipeline.core.errors import ModelError
from pipeline.core.rules import Text
from pipeline.examine.embedding import NO_FACE, aligned, centred, describe, embedding, five_points
from pipeline.face import models
from pipeline.face.model_manifest import model_path
from pipeline.identity.same_person_threshold import impostors, threshold

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]]
)  # fmt: skip


@pytest.fixture(scope="module")
def recogniser():
    try:
        model_path("sface")
    except ModelError:
        pytest.skip("SFace is not here: it is fetched only where faces are compared")
    return models.load_recogniser()


@pytest.fixture(scope="module")
def vector_of(facts_of, recogniser):
    def make(pixels):
        vector = embedding(facts_of(pixels), recogniser, least_eyes_px=16)
        assert not isinstance(vector, Text), vector.en
        return vector

    return make


def altered(pixels, how):
    image = Image.fromarray(pixels)
    if how == "shifted":
        image = image.transform(image.size, Image.Transform.AFFINE, (1, 0, -25, 0, 1, -40))
    elif how == "half the size":
        image = image.resize((480, 640), Image.Resampling.BOX)
    elif how == "turned":
        image = image.rotate(8, Image.Resampling.BICUBIC, fillcolor=(100, 197, 255))
    elif how == "brighter":
        image = ImageEnhance.Brightness(image).enhance(1.15)
    elif how == "mirrored":
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return np.asarray(image)


@pytest.mark.parametrize("how", ["shifted", "half the size", "turned", "brighter", "mirrored"])
def test_another_picture_of_the_person_is_nearer_than_another_person(sitter, vector_of, how):
    person = vector_of(sitter(3))
    again = vector_of(altered(sitter(3), how))
    other = vector_of(sitter(28))
    assert person @ again > 0.9
    assert person @ other < person @ again - 0.1


def test_drawn_people_resemble_each_other_and_only_one_is_found_twice(sitter, vector_of):
    """They are as like one another as no real people are; the batch's own threshold knows."""
    seeds = (3, 28, 73, 30, 10, 82)
    vectors = [vector_of(sitter(seed)) for seed in seeds]
    raw = np.stack(vectors)
    assert np.median((raw @ raw.T)[np.triu_indices(len(seeds), 1)]) > 0.4
    common = centred(np.stack([*vectors, vector_of(altered(sitter(3), "half the size"))]))
    counted = impostors(common, [str(k) for k in range(len(common))])
    limit = threshold(counted, false_pairs=0.5, false_accept=1e-3).value
    found = np.argwhere(np.triu(common @ common.T >= limit, 1))
    assert found.tolist() == [[0, len(seeds)]]


def test_a_vector_has_length_one_and_is_the_same_again(sitter, vector_of):
    vector = vector_of(sitter(3))
    assert (vector.shape, vector.dtype) == ((128,), np.float32)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(vector, vector_of(sitter(3)))


def test_the_vector_of_a_face_is_that_of_its_mirror_image(sitter, recogniser):
    pixels = sitter(3)
    points = TEMPLATE * 3 + np.array([300, 200])
    swapped = points[[1, 0, 2, 4, 3]] * np.array([-1, 1]) + np.array([pixels.shape[1] - 1, 0])
    both = [
        describe(pixels, points, recogniser),
        describe(np.ascontiguousarray(pixels[:, ::-1]), swapped, recogniser),
    ]
    # The template itself is not quite symmetric: a pixel's fraction remains.
    assert both[0] @ both[1] > 0.97


def test_no_face_cannot_be_compared(facts_of, recogniser):
    wall = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    assert embedding(facts_of(wall), recogniser, least_eyes_px=16) is NO_FACE


def test_a_face_too_small_cannot_be_compared_and_says_how_small(sitter, facts_of, recogniser):
    facts = facts_of(sitter(3))
    points = five_points(facts)
    eyes_px = float(np.linalg.norm(points[1] - points[0])) / facts.photo.scale
    at_limit = embedding(facts, recogniser, least_eyes_px=eyes_px - 0.01)
    beyond = embedding(facts, recogniser, least_eyes_px=eyes_px + 0.01)
    assert isinstance(at_limit, np.ndarray)
    assert isinstance(beyond, Text)
    assert f"{eyes_px:.0f}" in beyond.zh


def test_a_mesh_on_a_bystander_is_not_used():
    found = TEMPLATE * 2
    mesh = np.zeros((478, 3), np.float32)
    places = {33: 0, 133: 0, 362: 1, 263: 1, 1: 2, 61: 3, 291: 4}
    for landmark, point in places.items():
        mesh[landmark, :2] = found[point] + np.array([3.0, 2.0])

    def facts(shift):
        return told(
            faces=(SimpleNamespace(points=found.astype(np.float32)),),
            mesh=SimpleNamespace(points=mesh + np.array([shift, 0, 0], np.float32)),
            photo=SimpleNamespace(scale=1.0),
        )

    assert five_points(facts(0)) == pytest.approx(found + np.array([3.0, 2.0]), abs=1e-3)
    assert five_points(facts(100)) == pytest.approx(found, abs=1e-3)
    without = SimpleNamespace(faces=facts(0).faces)
    assert five_points(without) == pytest.approx(found, abs=1e-3)


@pytest.mark.parametrize("scale", [0.7, 1.0, 2.5, 6.0])
def test_the_points_come_to_lie_on_the_template(scale):
    turn = np.deg2rad(20)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * scale
    points = (TEMPLATE - 56) @ spin + np.array([500, 450])
    picture = np.zeros((900, 1000, 3), np.uint8)
    y, x = np.mgrid[:900, :1000]
    for px, py in points:
        blob = np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * (3 * scale) ** 2))
        picture = np.maximum(picture, (blob[..., None] * 255).astype(np.uint8))
    face = aligned(picture, points).astype(float)[..., 0]
    for px, py in TEMPLATE:
        part = face[round(py) - 6 : round(py) + 7, round(px) - 6 : round(px) + 7]
        dy, dx = np.mgrid[-6:7, -6:7]
        centre = (part * dx).sum() / part.sum() + round(px), (part * dy).sum() / part.sum()
        assert centre[0] == pytest.approx(px, abs=0.4)
        assert centre[1] + round(py) == pytest.approx(py, abs=0.4)


@given(st.integers(0, 99), st.floats(0.2, 1.5))
@settings(max_examples=20, deadline=None)
def test_what_a_batch_has_in_common_is_taken_off(seed, common):
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((200, 128)) / np.sqrt(128)
    wall = np.zeros(128)
    wall[seed % 128] = common
    vectors = own + wall
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    free = centred(vectors.astype(np.float32))
    apart = ~np.eye(200, dtype=bool)
    assert np.linalg.norm(free, axis=1) == pytest.approx(1, abs=1e-5)
    assert abs((free @ free.T)[apart].mean()) < 0.02


def test_of_few_photos_little_of_the_mean_is_taken_off():
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((2, 128)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    few = centred(vectors)
    # With all of it off, two photos would be each other's opposite.
    assert float(few[0] @ few[1]) > float(vectors[0] @ vectors[1]) - 0.25
    assert centred(vectors[:0]).shape == (0, 128)


def test_the_models_of_a_check_do_not_include_the_recogniser(monkeypatch):
    asked = []

    def path(name):
        asked.append(name)
        return model_path(name)

    monkeypatch.setattr(models, "model_path", path)
    models.load_models.__wrapped__()
    assert sorted(asked) == ["landmarker", "segmenter", "yunet"]


def test_nobody_loads_the_recogniser_unasked():
    callers = {
        str(path.relative_to(ROOT))
        for folder in ("pipeline", "checks", "reports", "flows", "fixtures")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "load_recogniser"
    }
    # The evaluation, and a worker where its setting says so.
    assert callers <= {
        "flows/measuring/identity_faces.py",
        "flows/measuring/identity_templates.py",
        "flows/shoot/worker.py",
    }
