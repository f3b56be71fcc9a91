"""The head seen from near and upright: where small things on it are looked for.

The segmenter sees 256 cells across whatever it is given. In the region that the crop is
planned from, a face is some 70 of them wide, and the frame of a pair of glasses falls
between two; in a square of about two faces it is 115 wide, and turned upright whatever the
head's tilt. Measured here by ``gradphoto evaluate`` on the labelled photographs: over the
eyes clear glasses and sunglasses lie apart by 0.17 to 0.60, over the lower face bare
skin and masks by 0.25 to 0.67.

What the segmenter saw in that region is looked at again in the same framing
(`view_of_region`): in small, blurred or dark pictures one of the two now and then loses a
mask, sunglasses or a hat that the other one sees.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.face.models import Models
from pipeline.face.roi import Region, sample
from pipeline.image.decode import Pixels

Mask = NDArray[np.bool_]

SIDE_PX = 512
_GRID = 256

_RIGHT_IRIS, _LEFT_IRIS = 468, 473
_CHEEKS = (93, 323)
_FOREHEAD, _CHIN = 10, 152
# Width over height of a face from cheek to cheek and from forehead to chin, seen from
# the front: a turned head is as high as before, but narrower.
_WIDE_FOR_HIGH = 0.78


@dataclass(frozen=True)
class Framing:
    """A square around the head: its side, and how far it reaches above the eyes, in faces."""

    side: float
    up: float


CLOSE = Framing(side=2.2, up=1.15)  # hair, ears and chin
WIDE = Framing(side=3.2, up=1.6)  # with a hat's brim and the shoulders


@cache
def places(framing: Framing, cells: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return x and y of every cell of a square grid, in faces; always the same two arrays."""
    steps = (np.arange(cells, dtype=np.float32) + 0.5) / cells * framing.side
    x, y = np.meshgrid(steps - framing.side / 2, steps - framing.up)
    for grid in (x, y):
        grid.setflags(write=False)
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


@dataclass(frozen=True)
class HeadView:
    """What was seen in a framing.

    Places are in *faces*: widths of the face from cheek to cheek, x to the right and y
    down from the point between the irises, along the line through them.

    Attributes
    ----------
    framing
        What it shows.
    pixels
        (512, 512, 3) uint8 sRGB.
    classes
        (256, 256, 6) float32, shares of the segmenter's classes.
    points
        (478, 2) float32, the landmarks in faces.
    inside
        (256, 256) bool, the cells that lie in the picture; beyond it there is only its
        edge drawn out, which is evidence of nothing.
    """

    framing: Framing
    pixels: Pixels
    classes: NDArray[np.float32]
    points: NDArray[np.float32]
    inside: Mask

    def share(self, kinds: Sequence[int]) -> NDArray[np.float32]:
        """Share of some classes together, (256, 256)."""
        first, *others = (self.classes[:, :, kind] for kind in kinds)
        return reduce(np.add, others, first)

    def places(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return x and y of every cell, in faces."""
        return places(self.framing, _GRID)

    @property
    def cells(self) -> NDArray[np.float64]:
        """The (478, 2) landmarks in cells of the grid."""
        place = self.points + np.array([self.framing.side / 2, self.framing.up])
        return np.asarray(place / self.framing.side * _GRID - 0.5, np.float64)

    def outline(self, landmarks: Sequence[int], grown: float = 1.0) -> Mask:
        """Cells inside the outline through ``landmarks``, as far as they lie in the picture.

        ``grown``: the outline's size about its own middle.
        """
        line = self.cells[list(landmarks)]
        middle = line.mean(axis=0)
        cells = np.round(middle + (line - middle) * grown).astype(np.int32)
        mask = np.zeros((_GRID, _GRID), np.uint8)
        cv2.fillPoly(mask, [cells], 1)
        return mask.astype(bool) & self.inside

    def mean_over(self, kinds: Sequence[int], cells: Mask) -> float | None:
        """Mean share of some classes over some cells of the picture; None where there are none."""
        cells = cells & self.inside
        return float(self.share(kinds)[cells].mean()) if cells.any() else None

    @property
    def cell_area(self) -> float:
        """Area of one cell, in squared faces."""
        return (self.framing.side / _GRID) ** 2


def over_views(
    views: Iterable[HeadView],
    measure: Callable[[HeadView], float | None],
    together: Callable[[Sequence[float]], float],
) -> float | None:
    """Measure several views and bring the values together; None where no view shows any."""
    found = [value for view in views if (value := measure(view)) is not None]
    return together(found) if found else None


@dataclass(frozen=True)
class Pose2d:
    """Where the head is in a picture: the point between the irises, size and tilt."""

    x: float
    y: float
    face: float  # pixels
    tilt: float  # radians, of the line through the irises

    def to_faces(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return points of the picture in faces."""
        off = (points[:, :2] - np.array([self.x, self.y])) / self.face
        cos, sin = np.cos(self.tilt), np.sin(self.tilt)
        turned = np.stack([off[:, 0] * cos + off[:, 1] * sin, off[:, 1] * cos - off[:, 0] * sin], 1)
        return turned.astype(np.float32)

    def to_picture(self, framing: Framing, side: int = SIDE_PX) -> NDArray[np.float64]:
        """Return the (2, 3) map from a view of ``side`` x ``side`` to pixels of the picture."""
        step = framing.side * self.face / side
        cos, sin = np.cos(self.tilt), np.sin(self.tilt)
        turn = np.array([[cos, -sin], [sin, cos]])
        corner = np.array([-framing.side / 2, -framing.up]) * self.face
        origin = np.array([self.x, self.y]) + turn @ corner
        result: NDArray[np.float64] = np.hstack([turn * step, origin[:, None]])
        return result


def pose_of(points: NDArray[np.float32]) -> Pose2d:
    """Return the place, size and tilt of a head from its landmarks."""
    right, left = points[_RIGHT_IRIS, :2], points[_LEFT_IRIS, :2]
    wide = float(np.linalg.norm(points[_CHEEKS[1], :2] - points[_CHEEKS[0], :2]))
    high = float(np.linalg.norm(points[_CHIN, :2] - points[_FOREHEAD, :2]))
    middle, across = (right + left) / 2, left - right
    return Pose2d(
        x=float(middle[0]),
        y=float(middle[1]),
        face=max(wide, _WIDE_FOR_HIGH * high, 1.0),
        tilt=float(np.arctan2(across[1], across[0])),
    )


def segment_view(
    pixels: Pixels,
    landmarks: NDArray[np.float32],
    pose: Pose2d,
    framing: Framing,
    models: Models,
) -> HeadView:
    """Cut a framing out of a picture and have it segmented; ``landmarks`` in its pixels."""
    seen = cut(pixels, pose, framing)
    height, width = pixels.shape[:2]
    return HeadView(
        framing=framing,
        pixels=seen,
        classes=models.segment(seen),
        points=pose.to_faces(landmarks),
        inside=inside(Region(0, 0, width, height), pose, framing),
    )


def cut(pixels: Pixels, pose: Pose2d, framing: Framing) -> Pixels:
    """Cut a framing out of a picture, (512, 512, 3); beyond the picture as at its edge."""
    to_picture = pose.to_picture(framing)
    step = framing.side * pose.face / SIDE_PX
    if step > 2:
        # Interpolation alone would skip pixels: shrink first, to 1.5 for one of the view.
        shrink = 1.5 / step
        small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        to_picture *= np.array(
            [[small.shape[1] / pixels.shape[1]], [small.shape[0] / pixels.shape[0]]]
        )
        pixels = np.asarray(small, np.uint8)
    seen = cv2.warpAffine(
        pixels,
        to_picture,
        (SIDE_PX, SIDE_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(seen, np.uint8)


def inside(region: Region, pose: Pose2d, framing: Framing) -> Mask:
    """Return which of the (256, 256) cells of a framing lie in a rectangle of the picture."""
    x, y = places(framing, _GRID)
    cos, sin = np.cos(pose.tilt), np.sin(pose.tilt)
    across = pose.x + pose.face * (x * cos - y * sin)
    down = pose.y + pose.face * (x * sin + y * cos)
    result: Mask = (
        (across >= region.x0) & (across < region.x1) & (down >= region.y0) & (down < region.y1)
    )
    return result


def view_of_region(
    pixels: Pixels,
    landmarks: NDArray[np.float32],
    pose: Pose2d,
    framing: Framing,
    shares: NDArray[np.float32],
    region: Region,
) -> HeadView:
    """Cut a framing out of a picture, with the classes that the segmenter saw in a region of it.

    Parameters
    ----------
    pixels, landmarks, pose, framing
        As for `segment_view`.
    shares
        (n, n, 6) float32, the segmenter's classes on a grid over the region.
    region
        Where they lie in the picture; cells beyond it are not inside the view.
    """
    # From the index of a cell to the place of its centre, and on into the region's grid.
    to_picture = pose.to_picture(framing, _GRID)
    to_picture[:, 2] += to_picture[:, :2].sum(axis=1) / 2
    to_cells = region.to_cells(shares.shape[0]) @ np.vstack([to_picture, [0, 0, 1]])
    height, width = pixels.shape[:2]
    return HeadView(
        framing=framing,
        pixels=cut(pixels, pose, framing),
        classes=sample(shares, to_cells[:2], (_GRID, _GRID)),
        points=pose.to_faces(landmarks),
        inside=inside(Region(0, 0, width, height), pose, framing) & inside(region, pose, framing),
    )
