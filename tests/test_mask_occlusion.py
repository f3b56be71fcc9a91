"""MK002 and EY004, and the near view that they and other rules look at."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from given_facts import given

from checks import eyes, mask
from checks.mask import hand_area, thing_area
from pipeline.core.rules import Outcome
from pipeline.examine.check import run_check
from pipeline.examine.logistic import read_linear
from pipeline.face.head_measures import CHIN, OVAL
from pipeline.face.head_view import (
    CLOSE,
    SIDE_PX,
    WIDE,
    HeadView,
    cut,
    inside,
    places,
    pose_of,
    view_of_region,
)
from pipeline.face.models import BODY_SKIN, FACE_SKIN, OTHERS
from pipeline.face.roi import Region

X, Y = places(CLOSE, 256)  # in faces, from the point between the eyes

# -- the near view ---------------------------------------------------------------------


def head(*, x=300.0, y=400.0, face=200.0, tilt=0.0) -> np.ndarray:
    """Landmarks of a head whose irises, cheeks, forehead and chin lie where they should."""
    points = np.zeros((478, 3), np.float32)
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    for k, place in {
        468: (-0.23, 0), 473: (0.23, 0), 93: (-0.5, 0.3), 323: (0.5, 0.3),
        10: (0, -0.5), 152: (0, 0.75),
    }.items():  # fmt: skip
        points[k, :2] = turn @ np.array(place) * face + (x, y)
    return points


def test_the_measure_of_a_view_is_the_width_of_the_face():
    pose = pose_of(head())
    assert (pose.x, pose.y, pose.face, pose.tilt) == pytest.approx((300, 400, 200, 0), abs=1e-3)


def test_a_turned_head_is_as_large_as_before():
    points = head()
    points[[93, 323], 0] = 300, 360  # the cheeks as a profile shows them
    assert pose_of(points).face == pytest.approx(0.78 * 1.25 * 200, rel=1e-3)


@pytest.mark.parametrize("how", [{"x": 350}, {"face": 140}, {"tilt": 0.3}, {"y": 333, "tilt": -1}])
def test_in_faces_a_head_is_the_same_wherever_it_is(how):
    points = head(**how)
    faces = pose_of(points).to_faces(points)
    assert faces[[10, 152]] == pytest.approx(np.array([[0, -0.5], [0, 0.75]]), abs=1e-3)


@pytest.mark.parametrize("framing", [CLOSE, WIDE])
@pytest.mark.parametrize("how", [{}, {"tilt": 0.4}, {"face": 420, "x": 500, "y": 600}])
def test_a_mark_between_the_eyes_is_cut_out_at_its_place(framing, how):
    points = head(**how)
    pose = pose_of(points)
    picture = np.zeros((1200, 1000, 3), np.uint8)
    cv2.circle(
        picture, (round(pose.x), round(pose.y)), max(4, round(pose.face / 20)), (255,) * 3, -1
    )
    rows, columns = np.nonzero(cut(picture, pose, framing)[:, :, 0] > 128)
    expected = np.array([framing.up, framing.side / 2]) / framing.side * SIDE_PX
    assert [rows.mean(), columns.mean()] == pytest.approx(expected, abs=2)


def test_cells_beyond_the_picture_are_known():
    # The right half of the head is missing.
    seen = inside(Region(0, 0, 300, 800), pose_of(head()), CLOSE)
    assert seen[:, :128].any()
    assert not seen[:, 129:].any()


EMPTY = np.zeros((900, 900, 3), np.uint8)


def test_a_mark_in_the_region_lies_at_its_place_in_the_wide_view():
    """Whatever the head's tilt and the region's shape; to a cell of the region."""
    region, at = Region(60, 90, 560, 790), (0.2, 0.35)  # in faces
    for how in ({}, {"tilt": 0.4}, {"face": 150, "x": 330, "y": 420}):
        pose = pose_of(head(**how))
        cos, sin = np.cos(pose.tilt), np.sin(pose.tilt)
        x = pose.x + pose.face * (at[0] * cos - at[1] * sin)
        y = pose.y + pose.face * (at[0] * sin + at[1] * cos)
        shares = np.zeros((256, 256, 6), np.float32)
        row = int((y - region.y0) / (region.y1 - region.y0) * 256)
        column = int((x - region.x0) / (region.x1 - region.x0) * 256)
        shares[row - 3 : row + 4, column - 3 : column + 4, OTHERS] = 1
        wide = view_of_region(EMPTY, head(**how), pose, CLOSE, shares, region)
        marked = wide.classes[:, :, OTHERS] > 0.5
        assert (X[marked].mean(), Y[marked].mean()) == pytest.approx(at, abs=0.015)


def test_beyond_the_region_the_wide_view_sees_nothing():
    shares = np.zeros((256, 256, 6), np.float32)
    points = head(x=300, face=200)
    region = Region(300, 0, 900, 900)
    wide = view_of_region(EMPTY, points, pose_of(points), CLOSE, shares, region)
    assert not wide.inside[:, :127].any()
    assert wide.inside[100, 140]


# -- MK002 -----------------------------------------------------------------------------


@pytest.fixture
def near(final_facts) -> HeadView:
    """The near view of a drawn face, all of it face skin."""
    drawn = final_facts().close_view
    classes = np.zeros_like(drawn.classes)
    classes[:, :, FACE_SKIN] = 1
    return replace(drawn, classes=classes)


def with_hand(view: HeadView, cells) -> HeadView:
    view.classes[cells] = 0
    view.classes[cells, BODY_SKIN] = 1
    return view


def test_a_face_without_a_hand_has_none(final_facts, near):
    assert hand_area(near) == 0
    for seed in (3, 7):
        assert hand_area(final_facts(seed).close_view) < 0.005


def test_the_neck_is_no_hand(near):
    chin = near.points[CHIN, 1]
    beside = ~near.outline(OVAL) & (near.points[1, 1] < Y)
    assert hand_area(with_hand(near, beside | (chin < Y))) == 0


@pytest.mark.parametrize(
    "where",
    [
        (np.abs(X) < 0.08) & (np.abs(Y - 0.45) < 0.12),  # a finger over the lips
        (np.abs(X) < 0.3) & (np.abs(Y - 0.4) < 0.15),  # a palm over the mouth
        (X > 0.45) & (X < 0.7) & (np.abs(Y) < 0.2),  # a palm against the cheek
        (np.abs(X) < 0.3) & (Y > -0.75) & (Y < -0.45),  # a hand before the forehead
    ],
)
def test_a_hand_at_the_face_breaks(near, spec, where):
    limits = spec.limits["mask"]
    view = with_hand(near, where)
    facts = given(close_view=view, region_view=view)
    found = {f.code: f.outcome for f in run_check(mask.CHECK, facts, limits)}
    assert found == {"MK001": Outcome.PASSED, "MK002": Outcome.BROKEN}


def test_the_largest_piece_counts_in_squared_faces(near):
    large = (np.abs(X) < 0.1) & (np.abs(Y - 0.2) < 0.1)
    small = (np.abs(X - 0.3) < 0.05) & (np.abs(Y - 0.2) < 0.05)
    assert hand_area(with_hand(near, large | small)) == pytest.approx(0.04, rel=0.1)


def with_thing(view: HeadView, cells) -> HeadView:
    view.classes[cells] = 0
    view.classes[cells, OTHERS] = 1
    return view


def square(side: float, x: float = 0.0, y: float = 0.55):
    return (np.abs(X - x) < side / 2) & (np.abs(Y - y) < side / 2)


@pytest.mark.parametrize(("by", "outcome"), [(-0.01, Outcome.PASSED), (0.01, Outcome.BROKEN)])
def test_a_thing_before_the_face_has_two_sides(near, spec, by, outcome):
    limits = spec.limits["mask"]
    view = with_thing(near, square((limits.thing.high + by) ** 0.5))
    facts = given(close_view=view, region_view=view)
    found = {f.code: f for f in run_check(mask.CHECK, facts, limits)}
    assert found["MK002"].outcome is outcome
    assert found["MK001"].outcome is Outcome.PASSED
    if outcome is Outcome.BROKEN:
        assert "物品" in found["MK002"].because.zh


def test_a_thing_is_measured_in_squared_faces(near):
    assert thing_area(with_thing(near, square(0.3))) == pytest.approx(0.09, rel=0.1)


@pytest.mark.parametrize(
    "where",
    [
        Y < 0.29,  # glasses, a fringe, a hat
        Y > 0.75,  # a collar
        np.abs(X) > 0.5,  # hair clips, a scarf beside the face
    ],
)
def test_what_is_worn_around_the_lower_face_is_no_thing(near, where):
    assert thing_area(with_thing(near, where)) < 0.01


def test_a_mask_is_no_thing(near):
    assert thing_area(with_thing(near, Y > 0.3)) == 0


# -- EY004 -----------------------------------------------------------------------------


def rimmed(view: HeadView) -> HeadView:
    """Draw round glasses on a view, in its pixels and as the segmenter sees them."""
    pixels, cells = view.pixels.copy(), np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    scale = SIDE_PX / CLOSE.side

    def at(x: float, y: float) -> tuple[int, int]:
        return round((x + CLOSE.side / 2) * scale), round((y + CLOSE.up) * scale)

    for canvas, colour in ((pixels, (20, 20, 20)), (cells, 255)):
        for side in (-1, 1):
            cv2.circle(canvas, at(0.23 * side, 0.03), round(0.16 * scale), colour, 6, cv2.LINE_AA)
        cv2.line(canvas, at(-0.07, 0), at(0.07, 0), colour, 6, cv2.LINE_AA)
    share = cv2.resize(cells, (256, 256), interpolation=cv2.INTER_AREA)[:, :, None] / np.float32(
        255
    )
    classes = view.classes * (1 - share)
    classes[:, :, OTHERS] += share[:, :, 0]
    return replace(view, pixels=pixels, classes=classes)


def judge(facts, near, limits):
    told = given(facts, close_view=near, region_view=near)
    return {f.code: f for f in run_check(eyes.CHECK, told, limits)}["EY004"]


@pytest.mark.parametrize(
    ("switch", "bare", "worn"),
    [
        ("forbid", Outcome.PASSED, Outcome.BROKEN),
        ("note", Outcome.PASSED, Outcome.PASSED),
        ("allow", Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE),
    ],
)
@pytest.mark.parametrize("seed", [3, 7])
def test_the_spec_says_what_becomes_of_glasses(final_facts, spec, switch, bare, worn, seed):
    limits = spec.limits["eyes"].model_copy(update={"glasses": switch})
    facts = final_facts(seed)
    without, within = (
        judge(facts, facts.close_view, limits),
        judge(facts, rimmed(facts.close_view), limits),
    )
    assert (without.outcome, within.outcome) == (bare, worn)
    if switch != "allow":
        assert without.measured < 0.5 < within.measured


def test_a_noted_pair_of_glasses_says_so(final_facts, spec):
    limits = spec.limits["eyes"].model_copy(update={"glasses": "note"})
    facts = final_facts()
    assert "眼镜" in judge(facts, rimmed(facts.close_view), limits).because.zh
    assert judge(facts, facts.close_view, limits).because is None


def test_the_weights_are_of_the_measures(final_facts):
    weights = read_linear(eyes._WEIGHTS, "EY004")
    assert weights.names == tuple(eyes.glasses_measures(final_facts().close_view))
    assert all(weight > 0 for weight in weights.weights), "every measure speaks for glasses"
