"""The planned crop keeps the standard's windows wherever the frame allows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import CHECKS
from pipeline.geometry import Head, place, plan_crop, whole_frame
from pipeline.spec import load_spec

OUTPUT = load_spec("chsi_graduate", CHECKS).output


def head(face=400.0, x=1000.0, crown=600.0):
    """Crown to hairline 0.25, to eyes 0.9, to chin 1.75 face widths."""
    return Head(
        crown_y=crown,
        hairline_y=crown + 0.25 * face,
        eye_y=crown + 0.9 * face,
        eye_x=x,
        chin_y=crown + 1.75 * face,
        face_width=face,
        head_width=1.05 * face,
        centre_x=x,
    )


def kept(head, width, height):
    spot = place(head, plan_crop(head, width, height, OUTPUT))
    return {
        "crown": OUTPUT.crown.allows(spot.crown),
        "eye": OUTPUT.eye.allows(spot.eye),
        "face": OUTPUT.face_width.allows(spot.face_width),
        "centre": OUTPUT.centring.allows(spot.off_centre),
    }


def test_a_head_with_room_keeps_every_window():
    assert all(kept(head(), 2000, 3000).values())


def test_the_crop_never_leaves_the_frame():
    crop = plan_crop(head(x=50), 2000, 3000, OUTPUT)
    assert crop.x >= 0
    assert crop.y >= 0
    assert crop.x + crop.width <= 2000
    assert crop.y + crop.height <= 3000


def test_a_head_at_the_edge_cannot_be_centred():
    assert not kept(head(x=200), 2000, 3000)["centre"]


def test_a_head_too_near_the_top_breaks_the_crown_window_only():
    result = kept(head(crown=5), 2000, 3000)
    assert not result["crown"]
    assert result["centre"]


def test_a_face_of_fewer_than_180_pixels_is_enlarged_and_says_so():
    assert plan_crop(head(face=150), 2000, 3000, OUTPUT).scale < 1
    assert plan_crop(head(face=200), 2000, 3000, OUTPUT).scale >= 1


def test_a_frame_smaller_than_the_output_is_enlarged():
    assert plan_crop(head(face=150, x=200, crown=60), 400, 533, OUTPUT).scale < 1


@given(
    face=st.floats(200, 2000),
    x=st.floats(0.2, 0.8),
    crown=st.floats(0.05, 0.4),
    size=st.sampled_from([(4000, 6000), (3024, 4032), (6000, 4000), (1200, 1600)]),
    factor=st.floats(1.0, 3.0),
)
def test_scaling_the_whole_picture_changes_nothing_in_the_output(face, x, crown, size, factor):
    width, height = size
    one = head(face, x * width, crown * height)
    two = Head(**{name: value * factor for name, value in vars(one).items()})
    crop_one = plan_crop(one, width, height, OUTPUT)
    crop_two = plan_crop(two, round(width * factor), round(height * factor), OUTPUT)
    if crop_one.scale < 1.2:
        return  # near the enlargement limit a larger picture has more choices
    a, b = place(one, crop_one), place(two, crop_two)
    assert a.face_width == pytest.approx(b.face_width, rel=0.05)
    assert a.eye == pytest.approx(b.eye, abs=12)


def test_the_window_for_the_crown_is_kept_by_what_the_spec_takes_for_it():
    """Read as the hairline, the crop lies lower: both windows are the same, the lines are not."""
    hairline = OUTPUT.model_copy(update={"crown_reading": "hairline"})
    spots = [place(head(), plan_crop(head(), 2000, 3000, output)) for output in (OUTPUT, hairline)]
    assert [spot.top(o) for spot, o in zip(spots, (OUTPUT, hairline), strict=True)] == [
        spots[0].crown,
        spots[1].hairline,
    ]
    assert all(OUTPUT.crown.allows(y) for y in (spots[0].crown, spots[1].hairline))
    assert spots[1].crown < spots[0].crown - 10


def test_a_final_file_is_judged_whole():
    crop = whole_frame(480, 640, OUTPUT)
    assert (crop.x, crop.y, crop.width, crop.height, crop.scale) == (0, 0, 480, 640, 1)
