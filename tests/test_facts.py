"""What is measured on a photo: against the drawing itself, its mirror, its other sizes."""

from dataclasses import FrozenInstanceError, fields, is_dataclass

import cv2
import numpy as np
import pytest
from given_facts import given

from checks import CHECKS, mouth
from pipeline.core.rules import Mode
from pipeline.examine.check import Check, run_check, run_checks
from pipeline.examine.facts import CropFacts, Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.head_view import pose_of
from pipeline.face.models import BACKGROUND, CLOTHES, FACE_SKIN, HAIR, load_models
from pipeline.face.roi import Region

BLUE = (100, 197, 255)
SEEDS = (3, 7, 16)  # a bun, short hair, a parting
LENGTHS = ("crown_y", "eye_y", "chin_y", "face_width")


@pytest.fixture(scope="module")
def source_facts(facts_of, sitter):
    done: dict = {}

    def make(seed=3):
        if seed not in done:
            done[seed] = facts_of(sitter(seed))
        return done[seed]

    return make


def top_of_the_drawing(picture) -> int:
    """First row of the picture in which anything but the backdrop is a dozen pixels wide."""
    drawn = np.abs(picture.astype(int) - BLUE).sum(axis=2) > 60
    return int(np.flatnonzero(drawn.sum(axis=1) >= 12)[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_crown_is_the_top_of_the_hair(source_facts, sitter, seed):
    """头顶发际 read as the top of the hair; to 1.5 % of the face's width of 340 px."""
    assert source_facts(seed).head.crown_y == pytest.approx(top_of_the_drawing(sitter(seed)), abs=5)


def test_the_crown_follows_hair_that_is_higher(facts_of, sitter):
    """A knot on top of the head; the segmenter rounds its tip off by 5 % of the face at most."""
    picture = sitter(7)
    top = top_of_the_drawing(picture)
    colour = picture[top + 12, 480].tolist()
    for height in (20, 60):
        knotted = picture.copy()
        cv2.ellipse(knotted, (480, top + 20), (70, height + 20), 0, 0, 360, colour, -1)
        assert facts_of(knotted).head.crown_y == pytest.approx(top - height, abs=17)


def test_what_stands_apart_above_the_head_is_no_hair(facts_of, source_facts, sitter):
    picture = sitter(7).copy()
    colour = picture[top_of_the_drawing(picture) + 12, 480].tolist()
    cv2.circle(picture, (480, 50), 30, colour, -1)
    assert facts_of(picture).head.crown_y == pytest.approx(source_facts(7).head.crown_y, abs=4)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_eyes_are_where_they_were_drawn(source_facts, seed):
    """`sitter` draws the point between the eyes of the canonical head at (480, 394)."""
    head = source_facts(seed).head
    assert (head.eye_x, head.eye_y) == pytest.approx((480, 394), abs=14)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mirror_changes_no_length_and_mirrors_the_middle(facts_of, source_facts, sitter, seed):
    head = source_facts(seed).head
    mirrored = facts_of(np.ascontiguousarray(sitter(seed)[:, ::-1])).head
    for name in LENGTHS:
        assert getattr(mirrored, name) == pytest.approx(getattr(head, name), abs=3.5), name
    for name in ("eye_x", "centre_x"):
        assert 959 - getattr(mirrored, name) == pytest.approx(getattr(head, name), abs=5), name


def test_a_frame_of_three_times_the_pixels_measures_three_times_the_lengths(
    facts_of, source_facts, sitter
):
    """Decoded at a reduced scale; lengths are always those of the full resolution."""
    large = facts_of(cv2.resize(sitter(), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC))
    assert large.photo.scale < 0.5
    assert large.frame == (2880, 3840)
    for name in (*LENGTHS, "eye_x", "centre_x"):
        assert getattr(large.head, name) / 3 == pytest.approx(
            getattr(source_facts().head, name), abs=2
        ), name


def test_a_raw_frame_and_the_registration_file_cut_from_it_measure_the_same(facts_of, source_facts):
    """Source and final are two ways to the same judged crop."""
    source = source_facts()
    final = facts_of(source.encoded.data, Mode.FINAL)
    assert final.frame == (480, 640)
    for name in ("crown", "eye", "chin", "face_width"):
        assert getattr(final.placement, name) == pytest.approx(
            getattr(source.placement, name), abs=2
        ), name
    assert final.placement.off_centre == pytest.approx(source.placement.off_centre, abs=0.5)
    assert (final.background == source.background).mean() > 0.97


def test_each_measure_is_taken_once(source_facts):
    facts = source_facts()
    for name in ("photo", "faces", "mesh", "head", "crop", "registration_crop", "classes", "lab"):
        assert getattr(facts, name) is getattr(facts, name), name


def test_the_classes_of_the_judged_crop_lie_where_the_picture_has_them(final_facts):
    facts = final_facts()
    classes, placement = facts.classes, facts.placement
    assert classes.shape == (*facts.grid, 6)
    np.testing.assert_allclose(classes.sum(axis=2), 1, atol=1e-3)
    here = {
        "corner": (5, 5),
        "between crown and forehead": (int(placement.crown / 2) + 12, 120),
        "nose": (int(placement.eye / 2) + 25, 120),
        "chest": (310, 60),
    }
    due = (BACKGROUND, HAIR, FACE_SKIN, CLOTHES)
    assert [int(classes[at].argmax()) for at in here.values()] == list(due)


def test_the_background_keeps_clear_of_the_person(final_facts, spec):
    """Its mask is that of the class, drawn in by 2 % of the width; the frame's edge stays."""
    facts = final_facts()
    person = facts.classes[:, :, BACKGROUND] <= 0.5
    near = cv2.dilate(person.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    assert not (facts.background & near).any()
    assert facts.background[0, 0]
    assert facts.background[0, -1]


def test_an_empty_wall_has_no_face_and_nothing_that_hangs_on_one(facts_of):
    facts = facts_of(np.full((1280, 960, 3), BLUE, np.uint8))
    assert type(facts) is Facts
    assert facts.faces == ()
    assert facts.face_count == 0
    assert facts.picture is facts.photo.pixels


def test_a_final_file_is_judged_as_a_whole_also_without_a_head(facts_of):
    facts = facts_of(np.full((640, 480, 3), BLUE, np.uint8), Mode.FINAL)
    assert type(facts) is CropFacts
    assert (facts.crop.width, facts.crop.height) == (480, 640)
    assert facts.picture is facts.registration_crop


def test_nobody_can_change_a_fact(facts_of, final_facts, framed, sitter):
    facts = facts_of(framed(sitter()), Mode.FINAL)
    members = {name for kind in type(facts).__mro__ for name in vars(kind) if name[0] != "_"}
    members |= {field.name for field in fields(facts)}
    for name in members:
        with pytest.raises(FrozenInstanceError):
            setattr(facts, name, None)
        with pytest.raises(FrozenInstanceError):
            delattr(facts, name)
    values = [getattr(facts, name) for name in members] + list(facts.faces)
    parts = [part for v in values for part in (vars(v).values() if is_dataclass(v) else (v,))]
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    assert len(arrays) >= 20, "frame, landmarks, three views, crop, classes, masks"
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(TypeError):
        facts.mesh.blendshapes["eyeBlinkLeft"] = 1.0


@pytest.mark.parametrize(
    "change",
    [
        lambda facts: setattr(facts, "lab", facts.lab + 1),
        lambda facts: facts.lab.fill(0),
        lambda facts: facts.close_view.classes.fill(0),
        lambda facts: np.add(facts.points, 1, out=facts.points),
        lambda facts: cv2.circle(facts.registration_crop, (9, 9), 3, (0, 0, 0), -1),
    ],
)
def test_a_check_that_changes_what_the_next_one_reads_fails(final_facts, change):
    def run(facts, _limits):
        change(facts)
        yield mouth.MO001.passed()

    check = Check("odd", (mouth.MO001,), None, run, needs=HeadFacts)
    with pytest.raises((FrozenInstanceError, ValueError, cv2.error)):
        run_check(check, final_facts(), None)


def test_the_segmenter_agrees_with_the_mediapipe_task_on_the_same_bytes(source_facts):
    """Run through ai-edge-litert, as it takes two thirds of the time; same classes, 99 %."""
    from mediapipe import Image, ImageFormat
    from mediapipe.tasks.python import BaseOptions
    from mediapipe.tasks.python.vision import ImageSegmenter, ImageSegmenterOptions

    from pipeline.face.model_manifest import model_path
    from pipeline.face.models import _quiet

    options = ImageSegmenterOptions(
        base_options=BaseOptions(model_asset_path=str(model_path("segmenter"))),
        output_category_mask=True,
        output_confidence_masks=False,
    )
    pixels = cv2.resize(source_facts().roi_pixels, (256, 256), interpolation=cv2.INTER_AREA)
    with _quiet(), ImageSegmenter.create_from_options(options) as task:
        image = Image(image_format=ImageFormat.SRGB, data=pixels)
        theirs = np.squeeze(task.segment(image).category_mask.numpy_view()).copy()
    ours = load_models().segment(pixels).argmax(axis=2)
    assert {BACKGROUND, HAIR, FACE_SKIN, CLOTHES} <= set(np.unique(ours)), "a picture with people"
    assert (ours == theirs).mean() >= 0.99


# -- one look from near, or two -----------------------------------------------------------


def test_where_the_region_is_fine_a_second_look_is_taken_in_doubt_only():
    near, region = object(), object()
    fine = given(close_view=near, region_view=region, region_is_fine=True)
    assert fine.near_views(lambda _: False) == (region,)
    assert fine.near_views(lambda seen: seen is region) == (near, region)
    assert fine.first_view is region
    coarse = given(fine, region_is_fine=False)
    assert coarse.near_views(lambda _: False) == (near, region)
    assert coarse.first_view is near


@pytest.mark.parametrize(("cells", "is_fine"), [(89, False), (91, True)])
def test_a_region_is_fine_from_90_cells_across_a_face_on(final_facts, cells, is_fine):
    facts = final_facts()
    face = pose_of(facts.mesh.points * facts.photo.scale).face
    told = given(facts, roi=Region(0, 0, round(face / cells * 256), 640))
    vars(told).pop("region_is_fine", None)
    assert told.region_is_fine is is_fine


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plain_registration_file_is_segmented_once(final_facts, spec, seed):
    facts = given(final_facts(seed))
    for view in ("close_view", "wide_view"):
        vars(facts).pop(view, None)
    run_checks(CHECKS, facts, spec.limits, spec.off)
    assert not {"close_view", "wide_view"} & vars(facts).keys()


# -- a source is judged once, on its crop ------------------------------------------------


def test_the_content_of_a_source_is_its_crop_as_the_final_file_sees_it(facts_of, sitter, jpeg):
    source = facts_of(sitter())
    content, made = source.content, facts_of(jpeg(source.registration_crop), Mode.FINAL)
    assert content.mode is Mode.FINAL
    assert content.frame == made.frame == (480, 640)
    assert content.crop == made.crop
    assert np.abs(content.points - made.points).max() < 3, "the source's landmarks, moved"
    assert np.abs(content.points - source.points).max() < 0.01
    assert content.roi == made.roi
    assert (content.classes.argmax(2) == made.classes.argmax(2)).mean() > 0.99
    face, same = content.faces[0], made.faces[0]
    assert (face.x, face.y, face.width) == pytest.approx((same.x, same.y, same.width), abs=8)


def test_the_content_of_a_final_file_is_itself(final_facts):
    facts = final_facts()
    assert facts.content is facts


def test_in_doubt_the_source_is_looked_at_for_it_has_more_pixels(facts_of, sitter):
    source = facts_of(sitter())
    assert not source.content.was_doubted
    assert source.content.close_view is source.close_view
    assert source.content.wide_view is source.wide_view
    assert source.content.was_doubted


def test_a_plain_source_is_segmented_twice_and_its_file_not_again(facts_of, sitter, spec):
    """Once for the region that the crop is planned from, once for the crop."""
    source = facts_of(sitter())
    run_checks(CHECKS, source, spec.limits, spec.off)
    for facts in (source, source.content):
        assert not {"close_view", "wide_view"} & vars(facts).keys()
