"""FC007-FC009 on heads that are really turned: by their own mesh, by a mirror, by a rotation."""

import cv2
import numpy as np
import pytest
from scipy.interpolate import LinearNDInterpolator

from checks.face import pose
from pipeline.core.rules import Mode
from pipeline.face.models import Mesh

ROLL, MIRROR = 1.0, 2.5  # degrees: how exactly the landmarks follow; a face is not symmetric
OTHERS = 2.5  # degrees: what a turn about one axis may move the other two


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Rotation (3, 3) of x right, y up, z to the camera; signs as `pose` has them."""
    y, p, r = np.radians([yaw, pitch, -roll])
    about_y = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    about_x = [[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]]
    about_z = [[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]]
    return np.array(about_z) @ np.array(about_y) @ np.array(about_x)


UPWARD = np.array([1, -1, -1])  # pixels run down and away from the camera


def turned_points(points: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Landmarks turned about a point a quarter of a face behind the deepest."""
    centre = points.mean(axis=0)
    centre[2] = points[:, 2].max() + np.ptp(points[:, 0]) / 4
    return ((points - centre) * UPWARD @ turn.T) * UPWARD + centre


class Moved:
    """Facts of which only the mesh is given."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh


@pytest.fixture(scope="module")
def level(final_facts):
    return final_facts().mesh


@pytest.mark.parametrize("degrees", [-10, -6, -3, 3, 6, 10])
@pytest.mark.parametrize("axis", [0, 1, 2], ids=["yaw", "pitch", "roll"])
def test_a_mesh_that_is_turned_is_measured_as_turned(level, axis, degrees):
    """Points and transform of a real mesh, turned rigidly: the measure follows by as much."""
    angles = [0.0, 0.0, 0.0]
    angles[axis] = degrees
    turn = rotation(*angles)
    transform = level.transform.copy()
    transform[:3, :3] = turn @ transform[:3, :3]
    points = turned_points(level.points.astype(float), turn)
    roll, yaw, pitch = pose(Moved(Mesh(points, level.blendshapes, transform)))
    before = pose(Moved(level))
    change = np.array([yaw, pitch, roll]) - np.array([before[1], before[2], before[0]])
    assert change[axis] == pytest.approx(degrees, abs=0.5)
    assert np.abs(np.delete(change, axis)).max() < 1.0


def turned_picture(picture: np.ndarray, points: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
    """A picture whose face is drawn anew where its mesh, turned, would show it."""
    height, width = picture.shape[:2]
    own = points[:468:4].astype(float)
    x, y = np.meshgrid(np.linspace(0, width - 1, 5), np.linspace(0, height - 1, 5))
    rim = np.stack([x, y], -1)[[0, 0, 0, 0, 0, -1, -1, -1, -1, -1, 1, 2, 3, 1, 2, 3],
                               [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 0, 0, -1, -1, -1]]  # fmt: skip
    there = turned_points(own, rotation(yaw, pitch, 0))[:, :2]
    back = LinearNDInterpolator(np.concatenate([there, rim]), np.concatenate([own[:, :2], rim]))
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    where = back(x, y).astype(np.float32)
    return cv2.remap(picture, where[..., 0], where[..., 1], cv2.INTER_LINEAR)


@pytest.fixture(scope="module")
def upright(framed, sitter):
    return framed(sitter())


@pytest.mark.parametrize(
    ("yaw", "pitch"), [(-10, 0), (10, 0), (0, -10), (0, 10)], ids=["left", "right", "up", "down"]
)
def test_a_head_that_is_drawn_turned_is_measured_as_turned(facts_of, upright, level, yaw, pitch):
    """To the right side, and about the other axes not at all.

    By how much is not held to more than a third: the outline of the head stays where it
    was, and the landmarker believes that too (it reads 0.6 of the turn on photographs that
    are warped so; on photographs of turned heads it agrees with its own mesh to 7 %).
    """
    facts = facts_of(turned_picture(upright, level.points, yaw, pitch), Mode.FINAL)
    measured, before = np.array(pose(facts)), np.array(pose(Moved(level)))
    roll, *turn = measured - before
    along, other = (turn[0], turn[1]) if yaw else (turn[1], turn[0])
    due = yaw or pitch
    assert 0.33 * abs(due) < along * np.sign(due) < 1.3 * abs(due)
    assert max(abs(roll), abs(other)) < OTHERS


# -- photographs ---------------------------------------------------------------------------

PHOTOS = ("*6f19459b*", "*5f4dd35c*", "*0eb7cf96*")  # level heads, in the middle of a plain wall


def photograph(folder, pattern) -> np.ndarray:
    from PIL import Image

    (path,) = (folder / "idstyle").glob(pattern)
    image = Image.open(path).convert("RGB")
    image.thumbnail((700, 700))
    return np.asarray(image)


@pytest.mark.photos
@pytest.mark.parametrize("pattern", PHOTOS)
def test_a_photograph_mirrored_and_rotated(photos, facts_of, pattern):
    """A mirror changes the signs of roll and yaw; a rotation by 3, 6 and 10° is all roll."""
    picture = photograph(photos, pattern)
    roll, yaw, pitch = pose(facts_of(picture))
    mirrored = pose(facts_of(np.ascontiguousarray(picture[:, ::-1])))
    assert mirrored == pytest.approx((-roll, -yaw, pitch), abs=MIRROR)
    height, width = picture.shape[:2]
    for degrees in (-10, -6, 3, 10):
        move = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
        moved = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        turned = pose(facts_of(moved))
        assert turned[0] - roll == pytest.approx(degrees, abs=ROLL)
        assert turned[1:] == pytest.approx((yaw, pitch), abs=4)
