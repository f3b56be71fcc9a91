"""Where things are on a head: landmark indices, and the crown."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.face.models import BACKGROUND, FACE_SKIN, HAIR
from pipeline.image.geometry import Head

# Landmark indices of the mediapipe face mesh (canonical face model).
RIGHT_IRIS, LEFT_IRIS = 468, 473
RIGHT_CHEEK, LEFT_CHEEK = 93, 323  # face oval at the height of the nose
RIGHT_EAR, LEFT_EAR = 234, 454  # face oval at the ear roots
CHIN, FOREHEAD = 152, 10
RIGHT_TEMPLE, LEFT_TEMPLE = 54, 284  # face oval beside the forehead
# The face oval, in order.
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip

_SURE = 0.5  # a cell belongs to a class that holds half of it


def find_crown(classes: NDArray[np.float32], points: NDArray[np.float64]) -> float:
    """Find the top of the head: the highest part of the person that hangs together with the face.

    Whatever the segmenter calls it: dyed hair is often cloth to it, a bald head skin of the
    body, and a head covering is what the picture must be framed by. Looked for above the
    face, between the cheeks; interpolated between cells where the share crosses one half.
    The top of the landmark mesh bounds it from below.

    Parameters
    ----------
    classes
        (n, n, 6) float32 shares of the segmenter's classes.
    points
        (478, 2) landmarks in cells of that grid.

    Returns
    -------
    float
        Rows from the top of the grid; 0 where the head touches its edge.
    """
    return _top(1 - classes[:, :, BACKGROUND], points, (RIGHT_CHEEK, LEFT_CHEEK))


def find_hairline(classes: NDArray[np.float32], points: NDArray[np.float64]) -> float:
    """Find the hairline: the highest face skin that hangs together with the face.

    The other reading of 「头顶发际」 (`Output.crown_reading`): where the forehead ends. Looked
    for above the face between the temples, as `find_crown` looks for the crown. Where a fringe
    hides it no skin is seen above the top of the landmark mesh (landmark 10, a mean
    forehead's end), and that is given: good to about a tenth of the face's width only. A
    bald head has no hairline; its skin ends at the crown, and both readings are one.

    Parameters, returns
        As of `find_crown`.
    """
    return _top(classes[:, :, FACE_SKIN], points, (RIGHT_TEMPLE, LEFT_TEMPLE))


def find_head(classes: NDArray[np.float32], points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Find the cells of the head and of what is on it, as far as it hangs together.

    Hair and face skin above the chin; above the eyes, where no shoulder is, whatever part
    of the person hangs together with them: a brim, a scarf, a hand.

    Parameters
    ----------
    classes
        (h, w, 6) float32 shares of the segmenter's classes.
    points
        (478, 2) landmarks in cells of that grid.

    Returns
    -------
    ndarray
        (h, w) bool.
    """
    rows = np.arange(classes.shape[0])[:, None]
    grown = classes[:, :, HAIR] + classes[:, :, FACE_SKIN] >= _SURE
    person = 1 - classes[:, :, BACKGROUND] >= _SURE
    eyes = points[[RIGHT_IRIS, LEFT_IRIS], 1].mean()
    return with_face((grown & (rows < points[CHIN, 1])) | (person & (rows < eyes)), points)


def with_face(cells: NDArray[np.bool_], points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Keep the one part of some cells that the face is in: the first one below its top."""
    rows, columns = cells.shape
    x = int(np.clip(points[[RIGHT_CHEEK, LEFT_CHEEK], 0].mean(), 0, columns - 1))
    y = int(np.clip(points[FOREHEAD, 1] + 1, 0, rows - 1))
    _, parts = cv2.connectedComponents(cells.astype(np.uint8), connectivity=4)
    below = parts[y:, x]
    found = np.asarray(parts == below[np.argmax(below > 0)])
    return found & cells


def _top(head: NDArray[np.float32], points: NDArray[np.float64], sides: tuple[int, int]) -> float:
    """Highest row of what holds together with the face, between two landmarks' columns."""
    side = head.shape[0]
    columns = points[list(sides), 0]
    left, right = (int(np.clip(c, 0, side - 1)) for c in sorted(columns))
    brow = int(np.clip(points[FOREHEAD, 1], 0, side - 1))
    own = with_face(head >= _SURE, points)[:, left : right + 1]
    # A few cells wide: a single cell is noise of the mask, not hair.
    rows = np.flatnonzero(own[: brow + 1].sum(axis=1) >= max(2, (right - left) // 12))
    if rows.size == 0:
        return float(points[FOREHEAD, 1])
    top = int(rows[0])
    if top == 0:
        return 0.0
    share = float(np.sort(head[top, left : right + 1][own[top]])[-3:].mean())
    above = float(head[top - 1, left : right + 1][own[top]].mean())
    rise = (share - _SURE) / max(1e-6, share - above) if above < _SURE else 0.0
    return top + 0.5 - float(np.clip(rise, 0.0, 1.0))


def measure_head(points: NDArray[np.float32], crown_y: float, hairline_y: float) -> Head:
    """Give the measures of a head; (478, 3) landmarks, crown and hairline in one unit."""
    eyes = (points[RIGHT_IRIS] + points[LEFT_IRIS]) / 2
    cheeks = points[[RIGHT_CHEEK, LEFT_CHEEK]]
    return Head(
        crown_y=crown_y,
        eye_y=float(eyes[1]),
        eye_x=float(eyes[0]),
        chin_y=float(points[CHIN, 1]),
        face_width=float(np.linalg.norm(cheeks[1, :2] - cheeks[0, :2])),
        head_width=float(np.linalg.norm(points[LEFT_EAR, :2] - points[RIGHT_EAR, :2])),
        centre_x=float(cheeks[:, 0].mean()),
        hairline_y=hairline_y,
    )
