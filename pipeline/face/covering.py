"""How far up a head covering goes, where the segmenter follows it only part of the way.

It knows caps and scarves; of a tall hat, a white cap or a board it now and then sees the
lower part and takes the rest for the wall. The wall itself tells: beside the hat, in the
same rows, it is one colour, and the hat goes on as long as it is another one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.face.landmarks import LEFT_CHEEK, RIGHT_CHEEK
from pipeline.face.models import BACKGROUND, BODY_SKIN, CLOTHES, FACE_SKIN, HAIR, OTHERS
from pipeline.image.decode import Pixels

_ROWS = 4  # cells below the crown in which a covering must show
_HALF, _SURE = 0.5, 0.9
_BESIDE = 0.15  # of the face's width: so far from the covering is the wall looked at
_FEW = 20  # cells: less wall than this in a row tells no colour
_OTHER, _PLAIN = 12.0, 5.0  # ΔE76: another colour than the wall; a wall that is one colour


def covering_top(
    pixels: Pixels, classes: NDArray[np.float32], points: NDArray[np.float64], crown: float
) -> float:
    """Follow a covering from the crown upwards as long as it differs from the wall beside it.

    Parameters
    ----------
    pixels
        (H, W, 3) uint8 sRGB of the region.
    classes
        (n, n, 6) float32 shares of the segmenter's classes, stretched over the region.
    points
        (478, 2) landmarks in cells of that grid.
    crown
        Row of the crown (`pipeline.face.landmarks.find_crown`).

    Returns
    -------
    float
        Row of the covering's top; ``crown`` where hair is the top, or the wall not plain.
    """
    side = classes.shape[0]
    left, right = (
        int(np.clip(c, 0, side - 1)) for c in sorted(points[[RIGHT_CHEEK, LEFT_CHEEK], 0])
    )
    first = int(crown)
    below = classes[first : first + _ROWS, left : right + 1]
    worn = below[:, :, [CLOTHES, OTHERS]].sum()
    columns = np.flatnonzero((below[:, :, BACKGROUND] < _HALF).any(axis=0)) + left
    if not columns.size or worn < below[:, :, [HAIR, FACE_SKIN, BODY_SKIN]].sum():
        return crown
    beside = _BESIDE * (right - left)
    x = np.arange(side)
    apart = (x < columns[0] - beside) | (x > columns[-1] + beside)
    small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)
    top = crown
    for row in range(first - 1, -1, -1):
        wall = lab[row, apart & (classes[row, :, BACKGROUND] > _SURE)]
        colour = np.median(wall, axis=0) if len(wall) > _FEW else None
        if colour is None or np.median(np.linalg.norm(wall - colour, axis=1)) > _PLAIN:
            break
        off = np.linalg.norm(lab[row, columns[0] : columns[-1] + 1] - colour, axis=1)
        if (off > _OTHER).mean() < _HALF:
            break
        top = float(row)
    return top
