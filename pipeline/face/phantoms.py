"""Detections that are nobody: a flower, a hand, a pattern that YuNet takes for a face.

YuNet doubts them, landmarks do not fit on them, and the segmenter sees no skin in them. One of
the three alone would not do for who stands beside: a person turned away or cut by the frame's
edge lacks landmarks, and the segmenter, which looks for the one who is portrayed, takes people
behind for background. A main face must have landmarks, for without them nothing about it can
be judged.

Measured on the labelled photographs: three phantoms (a flower twice, a hand) score 0.68 at
most; of ten bystanders without landmarks and skin, nine are real, and score 0.77 at least.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.face.head_measures import OVAL
from pipeline.face.models import FACE_SKIN, Face, Models
from pipeline.face.roi import Region, region_around
from pipeline.face.upright import Sight
from pipeline.image.decode import Pixels

_DOUBTED = 0.75  # score of a detection
_FITS = 0.3  # intersection over union of a detection and the landmarks' oval: faces from 0.6 on
_SKIN = 0.2  # share of a detection's box
_AROUND = 0.5  # of its width: a region in which no other face is nearer to the middle


def only_people(pixels: Pixels, seen: Sight, models: Models, *, closely: bool) -> Sight:
    """Leave out who is nobody, and begin with the largest face that landmarks fit.

    Parameters
    ----------
    pixels
        (H, W, 3) uint8 RGB.
    seen, closely
        As of `pipeline.face.upright.look_at`.

    Returns
    -------
    Sight
        Without a face where no detection has landmarks.
    """
    alone = len(seen.faces) == 1 and seen.mesh is not None
    if not seen.faces or alone:
        return seen
    people = tuple(face for face in seen.faces if _is_person(pixels, face, models))
    for face in people:
        sight = _look_around(pixels, face, models) if closely else seen
        if sight.mesh is not None and _fit(face, sight.mesh.points, sight.roi):
            others = (other for other in people if other is not face)
            return replace(sight, faces=(face, *others))
    if seen.mesh is not None:
        return replace(seen, faces=people)
    height, width = pixels.shape[:2]
    return Sight((), Region(0, 0, width, height), None)


def _look_around(pixels: Pixels, face: Face, models: Models) -> Sight:
    height, width = pixels.shape[:2]
    roi = region_around(face, width, height)
    return Sight((face,), roi, models.find_mesh(roi.cut(pixels)))


def _is_person(pixels: Pixels, face: Face, models: Models) -> bool:
    if face.score >= _DOUBTED:
        return True
    height, width = pixels.shape[:2]
    room = _AROUND * face.width
    roi = Region(
        max(0, int(face.x - room)),
        max(0, int(face.y - room)),
        min(width, int(np.ceil(face.x + face.width + room))),
        min(height, int(np.ceil(face.y + face.height + room))),
    )
    if roi.x1 <= roi.x0 or roi.y1 <= roi.y0:
        return False
    mesh = models.find_mesh(roi.cut(pixels))
    if mesh is not None and _fit(face, mesh.points, roi):
        return True
    return _skin(pixels, face, region_around(face, width, height), models) >= _SKIN


def _skin(pixels: Pixels, face: Face, roi: Region, models: Models) -> float:
    """Share of face skin in a detection's box, 0..1."""
    shares = models.segment(roi.cut(pixels))[:, :, FACE_SKIN]
    to_cells = roi.to_cells(shares.shape[0])
    (left, top), (right, bottom) = (
        (to_cells @ (x, y, 1))[:2]
        for x, y in ((face.x, face.y), (face.x + face.width, face.y + face.height))
    )
    box = shares[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1]
    return float(box.mean()) if box.size else 0.0


def _fit(face: Face, points: NDArray[np.float32], roi: Region) -> bool:
    """Whether landmarks, in pixels of ``roi``, lie where the detection is."""
    oval = points[list(OVAL), :2] + np.array([roi.x0, roi.y0], np.float32)
    low, high = oval.min(axis=0), oval.max(axis=0)
    corner, size = np.array([face.x, face.y]), np.array([face.width, face.height])
    shared = np.clip(np.minimum(high, corner + size) - np.maximum(low, corner), 0, None).prod()
    union = (high - low).prod() + size.prod() - shared
    return bool(shared > _FITS * union)
