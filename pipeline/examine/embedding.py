"""A face as 128 numbers that can be compared: SFace on two views of one aligned face.

Templates are biometric data: they stay in memory (standard.md §6). A run makes them only
where it was told to compare faces; `pipeline.face.models.load_recogniser` is called by nobody
else.

What pays was measured here, by ``gradphoto evaluate LABELS.csv --identity`` and variants of
it chosen on one half of the people and scored on the other: laying the face on SFace's
template by landmarks of the mesh instead of YuNet's five points, taking the mean with the
mirrored face, and taking the mean of the batch off. Several scales, shifts and turns of the
crop, one point set averaged with another, smoother resampling, grey or evened light and
whitening gave nothing more, or less.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.rules import Text
from pipeline.examine.facts import Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.models import Recogniser
from pipeline.image.decode import Pixels

Vector = NDArray[np.float32]

NO_FACE = Text("未检测到人脸，无法比对", "no face was found to compare")
# A child's photo on record is not among the reasons: age is not measured, and a child's
# face is compared like any other, with a low similarity to the adult's.

# Right eye, left eye, nose, mouth corners on the 112×112 picture that SFace was trained on
# (ArcFace's template; `getSimilarityTransformMatrix` of OpenCV's face_recognize.cpp).
_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]]
)  # fmt: skip
_SIDE_PX = 112
# The same places on the mesh. Between the corners of an eye: the iris follows the gaze.
_EYES = ((33, 133), (362, 263))
_NOSE, _MOUTH = 1, (61, 291)
# A mesh farther than this from YuNet's points, in distances between the eyes, lies on
# another face. On the labelled photographs 99 % lie within 0.33, and the three that were
# placed on a bystander from 1.4 on.
_SAME_FACE = 0.5
# How many photos weigh as much as no knowledge of the mean: with 5 a third of it is taken
# off, with 200 all but a twentieth.
_MEAN_PRIOR = 10


def embedding(facts: Facts, recogniser: Recogniser, *, least_eyes_px: float) -> Vector | Text:
    """Describe the main face of a photo, or say why it cannot be compared.

    Parameters
    ----------
    facts
        Of the photo; its faces, its mesh and its decoded pixels are used.
    recogniser
        SFace.
    least_eyes_px
        Distance between the eyes, in full-resolution pixels, below which a face is too
        small to say whose it is.

    Returns
    -------
    Vector or Text
        (128,) float32 of length 1; the mean of the face and its mirror image.
    """
    if not facts.faces:
        return NO_FACE
    points = five_points(facts)
    eyes_px = float(np.linalg.norm(points[1] - points[0])) / facts.photo.scale
    if eyes_px < least_eyes_px:
        return Text(
            f"人脸过小，无法比对：两眼间距 {eyes_px:.0f} 像素，至少需要 {least_eyes_px:.0f}",
            f"the face is too small to compare: {eyes_px:.0f} px between the eyes, "
            f"at least {least_eyes_px:.0f} are needed",
        )
    return describe(facts.photo.pixels, points, recogniser)


def five_points(facts: Facts) -> NDArray[np.float64]:
    """Return eyes, nose and mouth corners of the main face, (5, 2) in pixels of the decoded photo.

    From the mesh where it lies on the face that YuNet found largest, else YuNet's own.
    Needs a face.
    """
    found = facts.faces[0].points.astype(np.float64)
    if not isinstance(facts, HeadFacts):
        return found
    mesh = facts.mesh.points[:, :2].astype(np.float64) * facts.photo.scale
    eyes = [mesh[list(corners)].mean(axis=0) for corners in _EYES]
    points = np.array([*eyes, mesh[_NOSE], *mesh[list(_MOUTH)]])
    apart = np.linalg.norm(points - found, axis=1).mean()
    near = apart < _SAME_FACE * np.linalg.norm(found[1] - found[0])
    return points if near else found


def describe(pixels: Pixels, points: NDArray[np.float64], recogniser: Recogniser) -> Vector:
    """Describe the face at five points: the mean of it and of its mirror image, of length 1.

    Parameters
    ----------
    pixels
        (H, W, 3) uint8 sRGB.
    points
        (5, 2) in its pixels: right eye, left eye, nose, right and left corner of the mouth,
        as the person has them.
    """
    face = aligned(pixels, points)
    mirrored = np.ascontiguousarray(face[:, ::-1])
    return _unit(recogniser.describe(face) + recogniser.describe(mirrored))


def aligned(pixels: Pixels, points: NDArray[np.float64]) -> Pixels:
    """Lay a face on SFace's template, (112, 112, 3) uint8; black beyond the picture.

    By the similarity that brings the points nearest in the sense of least squares: in the
    plane it is one complex factor and a shift.
    """
    source, goal = (p[:, 0] + 1j * p[:, 1] for p in (points, _TEMPLATE))
    centred_source, centred_goal = source - source.mean(), goal - goal.mean()
    factor = np.vdot(centred_source, centred_goal) / np.vdot(centred_source, centred_source).real
    if abs(factor) < 0.5:
        # Interpolation alone would skip pixels: shrink first, to 1.5 for one of the template.
        shrink = 1.5 * abs(factor)
        small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        stretch = np.array(small.shape[1::-1]) / np.array(pixels.shape[1::-1])
        return aligned(np.asarray(small, np.uint8), (points + 0.5) * stretch - 0.5)
    shift = goal.mean() - factor * source.mean()
    move = np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    )
    return np.asarray(cv2.warpAffine(pixels, move, (_SIDE_PX, _SIDE_PX)), np.uint8)


def centred(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take off what the faces of one batch have in common, and make each length 1 again.

    Before one wall, under one light and of one age, faces resemble each other by what says
    nothing of who they are. Photos and photos on record are two batches: each has its own
    mean. Of a small batch only a part of the mean is taken off, as it is still the
    people's own.

    Parameters
    ----------
    vectors
        (n, 128) float32, of length 1; one a photo.

    Returns
    -------
    NDArray[np.float32]
        (n, 128); inner products of rows are the similarities to compare, -1..1.
    """
    if len(vectors) == 0:
        return vectors
    share = len(vectors) / (len(vectors) + _MEAN_PRIOR)
    return _unit(vectors - np.float32(share) * vectors.mean(axis=0))


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, np.float32(1e-12)), np.float32)
