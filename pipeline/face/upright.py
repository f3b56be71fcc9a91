"""Which way up a picture stands: where the face in it is seen best.

The models are trained on upright faces. YuNet finds seven of ten that lie on their side and
nearly all that stand on their head; the landmarker lays an upright mesh on half of the
latter. So a face that is seen without doubt settles it, and only where there is doubt are
turned copies looked at.
"""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.face.head_measures import LEFT_IRIS, RIGHT_IRIS
from pipeline.face.models import Face, Mesh, Models
from pipeline.face.roi import Region, region_around
from pipeline.image.decode import Pixels

_LEVEL_DEG = 45.0  # beyond it, another side of the picture is the upper one
# Of 370 plain portraits 34 score less upright, and all but two upside down. None of them, and
# none of the 92 with masks, hats, glasses or hands, scores better on its head; a drawn mask does
# by 0.015. Of 473 faces, 99 of 100 score better by 0.02 upright than on their head; the others
# wear masks.
_SURE = 0.92
_BETTER = 0.02


@dataclass(frozen=True)
class Sight:
    """What the models see in a picture: faces, largest first, and the mesh of the main one.

    ``roi`` is what the landmarker was given; ``mesh`` is in its pixels.
    """

    faces: tuple[Face, ...]
    roi: Region
    mesh: Mesh | None

    @property
    def score(self) -> float:
        """How sure YuNet is of the main face, 0..1."""
        return self.faces[0].score if self.faces else 0.0

    @property
    def is_upright(self) -> bool:
        """Whether the main face was measured, and its eyes lie nearer to level than to plumb."""
        if self.mesh is None:
            return False
        across = self.mesh.points[LEFT_IRIS] - self.mesh.points[RIGHT_IRIS]
        return bool(abs(np.degrees(np.arctan2(across[1], across[0]))) <= _LEVEL_DEG)


def look_at(pixels: Pixels, models: Models, *, closely: bool) -> Sight:
    """Look for faces and landmarks in (H, W, 3) uint8 RGB; ``closely`` around the main face."""
    height, width = pixels.shape[:2]
    faces = models.detect_faces(pixels)
    roi = Region(0, 0, width, height)
    if faces and closely:
        roi = region_around(faces[0], width, height)
    return Sight(faces, roi, models.find_mesh(roi.cut(pixels)) if faces else None)


def find_turn(
    pixels: Pixels, seen: Sight, models: Models, *, closely: bool
) -> tuple[int, tuple[Face, ...]]:
    """Find out whether a picture lies on its side or stands on its head.

    Parameters
    ----------
    pixels
        (H, W, 3) uint8 RGB.
    seen
        What `look_at` sees in them.

    Returns
    -------
    turn
        Degrees clockwise that set the picture upright: 0, 90, 180 or 270.
    faces
        The faces in it, in its own pixels.
    """
    if seen.is_upright and seen.score >= _SURE:
        return 0, seen.faces
    # An upright mesh is never laid on a face that lies on its side.
    tried = (2,) if seen.is_upright else (1, 2, 3)
    copies = {n: look_at(_turned(pixels, n), models, closely=closely) for n in tried}
    better = [
        n for n, copy in copies.items() if copy.is_upright and copy.score > seen.score + _BETTER
    ]
    if not better:
        return 0, seen.faces
    best = max(better, key=lambda n: copies[n].score)
    height, width = pixels.shape[:2]
    faces = tuple(_turned_back(face, best, width, height) for face in copies[best].faces)
    return 360 - 90 * best, faces


def _turned(pixels: Pixels, quarters: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(pixels, quarters))


def _turned_back(face: Face, quarters: int, width: int, height: int) -> Face:
    """Bring a face from the copy turned by `_turned` to the picture of ``width`` x ``height``."""
    corners = np.array([[face.x, face.y], [face.x + face.width, face.y + face.height]])
    points = np.concatenate([face.points, corners])
    for quarter in range(quarters, 0, -1):
        across = width if quarter % 2 else height  # of the picture before this quarter turn
        points = np.stack([across - points[:, 1], points[:, 0]], axis=1)
    (x0, y0), (x1, y1) = points[5:].min(axis=0), points[5:].max(axis=0)
    return replace(
        face,
        x=float(x0),
        y=float(y0),
        width=float(x1 - x0),
        height=float(y1 - y0),
        points=points[:5].astype(np.float32),
    )
