"""The region: the part of the picture that the landmarks and the segmenter are given."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.face.models import Face
from pipeline.image.decode import Pixels

# How far it reaches, in face widths from the point between the eyes: the largest crop that
# keeps a face of 180 of 480 px wide, and a rim.
_SIDE, _UP, _DOWN = 1.75, 2.0, 2.8
_UP_TALL = 5.0  # a tall hat ends above that


class Region(NamedTuple):
    """A rectangle of the decoded picture, in its pixels; the last column and row excluded."""

    x0: int
    y0: int
    x1: int
    y1: int

    def cut(self, pixels: Pixels) -> Pixels:
        """Cut it out of the picture, (y1 - y0, x1 - x0, 3)."""
        return np.ascontiguousarray(pixels[self.y0 : self.y1, self.x0 : self.x1])

    def to_cells(self, cells: int) -> NDArray[np.float64]:
        """Return the (3, 3) map from places in the picture to a ``cells`` x ``cells`` grid over it.

        Places are measured from the picture's corner (the centre of its first pixel lies at
        a half), cells by their index (the centre of the first one lies at 0).
        """
        across, down = cells / (self.x1 - self.x0), cells / (self.y1 - self.y0)
        return np.array(
            [
                [across, 0, -self.x0 * across - 0.5],
                [0, down, -self.y0 * down - 0.5],
                [0, 0, 1],
            ]
        )


def region_around(face: Face, width: int, height: int, *, tall: bool = False) -> Region:
    """Return the region around a face in a picture of ``width`` x ``height`` pixels.

    ``tall`` reaches farther up, for a head that does not end in the usual one.
    """
    x, y = face.points[:2].mean(axis=0)
    return Region(
        max(0, int(x - _SIDE * face.width)),
        max(0, int(y - (_UP_TALL if tall else _UP) * face.width)),
        min(width, int(np.ceil(x + _SIDE * face.width))),
        min(height, int(np.ceil(y + _DOWN * face.width))),
    )


def sample(
    shares: NDArray[np.float32], to_cells: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.float32]:
    """Sample the segmenter's classes on another grid; beyond their edge as at it.

    Parameters
    ----------
    shares
        (n, n, 6) float32.
    to_cells
        (2, 3) map from the indices of the other grid's cells to those of ``shares``.
    size
        Columns and rows of the other grid.

    Returns
    -------
    ndarray
        (rows, columns, 6) float32.
    """
    columns, rows = size
    planes = np.empty((shares.shape[2], rows, columns), np.float32)
    for plane, share in zip(planes, cv2.split(shares), strict=True):
        cv2.warpAffine(
            share,
            to_cells,
            size,
            dst=plane,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return planes.transpose(1, 2, 0)
