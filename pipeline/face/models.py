"""The models, loaded once a process: the only module that imports mediapipe or a runtime.

YuNet finds faces, the face landmarker gives 478 points with blendshapes and a pose,
the selfie segmenter gives six classes. Each is called on upright sRGB pixels and
answers in pixels of the picture it was given. SFace makes a face comparable with others;
it is loaded only where a run compares faces, and by nothing else.

The runtimes are imported where a model is loaded: whoever reads a spec or a ledger
comes past this module and needs none.
"""

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.face.model_manifest import model_path
from pipeline.image.decode import Pixels

# Channels of the segmenter (model card of selfie_multiclass_256x256).
BACKGROUND, HAIR, BODY_SKIN, FACE_SKIN, CLOTHES, OTHERS = range(6)

# YuNet is trained for faces of about 10 to 300 px; at this length of the longer side a
# registration photo's face (180-300 px of 640) and a bystander's both lie inside.
_DETECTOR_SIDE_PX = 640
_DETECTOR_SCORE = 0.6
_SEGMENTER_SIDE_PX = 256
_FACE_SIDE_PX = 112


@dataclass(frozen=True)
class Face:
    """A face that YuNet found: box and five points in pixels, score 0..1."""

    x: float
    y: float
    width: float
    height: float
    score: float
    points: NDArray[np.float32]  # (5, 2): right eye, left eye, nose, mouth corners

    def moved(self, x: float, y: float, by: float, scale: float) -> "Face":
        """Return the face in a crop that begins at (x, y) and is enlarged ``by`` so much.

        Both count in pixels of the full size; the face, in those decoded at ``scale``.
        """
        by = by / scale
        corner = np.array([x, y]) * scale
        return replace(
            self,
            x=(self.x - float(corner[0])) * by,
            y=(self.y - float(corner[1])) * by,
            width=self.width * by,
            height=self.height * by,
            points=((self.points - corner) * by).astype(np.float32),
        )


@dataclass(frozen=True)
class Mesh:
    """478 landmarks of one face.

    ``points`` is (478, 3) float32: x, y in pixels, z in the same unit with smaller
    values nearer to the camera. ``blendshapes`` maps ARKit names to 0..1.
    ``transform`` is the (4, 4) pose of the canonical head.
    """

    points: NDArray[np.float32]
    blendshapes: Mapping[str, float]
    transform: NDArray[np.float32]


@dataclass(frozen=True)
class Models:
    """Handles of the loaded models; one a process, not shared between threads."""

    detector: Any
    landmarker: Any
    segmenter: Any

    def detect_faces(self, pixels: Pixels) -> tuple[Face, ...]:
        """Find faces in (H, W, 3) uint8 RGB, largest first."""
        height, width = pixels.shape[:2]
        shrink = min(1.0, _DETECTOR_SIDE_PX / max(height, width))
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if shrink < 1 else pixels
        self.detector.setInputSize(size)
        _, rows = self.detector.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        if rows is None:
            return ()
        scale = np.array([width / size[0], height / size[1]], dtype=np.float32)
        faces = [_face(row, scale) for row in rows if np.isfinite(row).all()]
        return tuple(sorted(faces, key=lambda face: -face.width * face.height))

    def find_mesh(self, pixels: Pixels) -> Mesh | None:
        """Place the landmarks on the face in (H, W, 3) uint8 RGB; None where none is found."""
        from mediapipe import Image, ImageFormat

        height, width = pixels.shape[:2]
        image = Image(image_format=ImageFormat.SRGB, data=np.ascontiguousarray(pixels))
        found = self.landmarker.detect(image)
        if not found.face_landmarks:
            return None
        points = np.array([(p.x, p.y, p.z) for p in found.face_landmarks[0]], dtype=np.float32)
        points *= np.array([width, height, width], dtype=np.float32)
        shapes = {c.category_name: float(c.score) for c in found.face_blendshapes[0]}
        transform = np.array(found.facial_transformation_matrixes[0], dtype=np.float32)
        return Mesh(points, shapes, transform)

    def segment(self, pixels: Pixels) -> NDArray[np.float32]:
        """Return the share of six classes on a 256x256 grid stretched over the picture.

        Returns (256, 256, 6) float32, each cell summing to 1. The input scaling
        (-1..1) is that of the file's own metadata (mean and deviation 127.5); the
        agreement with the mediapipe task is held by a test.
        """
        side = (_SEGMENTER_SIDE_PX, _SEGMENTER_SIDE_PX)
        shrinking = min(pixels.shape[:2]) > 2 * _SEGMENTER_SIDE_PX
        method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
        cells = cv2.resize(pixels, side, interpolation=method).astype(np.float32)
        cells = cells / np.float32(127.5) - np.float32(1)
        self.segmenter.set_tensor(self.segmenter.get_input_details()[0]["index"], cells[None])
        self.segmenter.invoke()
        scores = self.segmenter.get_tensor(self.segmenter.get_output_details()[0]["index"])[0]
        # The scores lie within a few units of one another, so one maximum serves them all,
        # and the product sums six numbers a cell five times faster than a reduction.
        exp = np.exp(scores - scores.max())
        shares: NDArray[np.float32] = (
            exp / (exp @ np.ones(scores.shape[-1:], np.float32))[..., None]
        )
        return shares


@cache
def load_models() -> Models:
    """Load the models of this process, once.

    Raises
    ------
    ModelError
        When a file is missing or has the wrong bytes.
    """
    # Workers are processes, one a core: a model's own threads would only compete.
    cv2.setNumThreads(1)
    with _quiet():
        models = _load()
        blank = np.zeros((_SEGMENTER_SIDE_PX, _SEGMENTER_SIDE_PX, 3), np.uint8)
        models.detect_faces(blank)
        models.find_mesh(blank)
        models.segment(blank)
    return models


@dataclass(frozen=True)
class Recogniser:
    """SFace: 128 numbers of a face that are near for one person and far for two.

    Zhong et al. 2021, "SFace: sigmoid-constrained hypersphere loss", as OpenCV publishes it.
    """

    network: Any

    def describe(self, aligned: Pixels) -> NDArray[np.float32]:
        """Describe one aligned face.

        Parameters
        ----------
        aligned
            (112, 112, 3) uint8 sRGB, laid on SFace's template (`examine.embedding.aligned`).

        Returns
        -------
        NDArray[np.float32]
            (128,), of length 1.
        """
        found = self.network.feature(cv2.cvtColor(aligned, cv2.COLOR_RGB2BGR))
        vector = np.array(found, np.float32).ravel()  # a copy: the handle reuses its buffer
        return vector / np.linalg.norm(vector)


@cache
def load_recogniser() -> Recogniser:
    """Load SFace in this process, once. Only for a run that compares faces.

    Raises
    ------
    ModelError
        When the file is missing or has the wrong bytes.
    """
    cv2.setNumThreads(1)
    with _quiet():
        recogniser = Recogniser(cv2.FaceRecognizerSF.create(str(model_path("sface")), ""))
        recogniser.describe(np.full((_FACE_SIDE_PX, _FACE_SIDE_PX, 3), 128, np.uint8))
    return recogniser


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the C++ libraries' chatter about delegates off the user's terminal.

    They write to file descriptor 2 at loading and at the first inference, and offer no
    switch for it. An exception still reaches Python's own stderr afterwards.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _load() -> Models:
    from ai_edge_litert.interpreter import Interpreter
    from mediapipe.tasks.python import BaseOptions
    from mediapipe.tasks.python.vision import FaceLandmarker, FaceLandmarkerOptions

    detector = cv2.FaceDetectorYN.create(
        str(model_path("yunet")), "", (320, 320), score_threshold=_DETECTOR_SCORE
    )
    landmarker = FaceLandmarker.create_from_options(
        FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model_path("landmarker"))),
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
            num_faces=1,
        )
    )
    # Closing needs its own thread pool, which Python shuts down before atexit runs, and its
    # __del__ raises when it was not closed: so close where thread pools themselves do.
    threading._register_atexit(landmarker.close)  # type: ignore[attr-defined]  # noqa: SLF001
    segmenter = Interpreter(str(model_path("segmenter")), num_threads=1)
    segmenter.allocate_tensors()
    return Models(detector, landmarker, segmenter)


def _face(row: NDArray[np.float32], scale: NDArray[np.float32]) -> Face:
    corner, size = row[0:2] * scale, row[2:4] * scale
    return Face(
        x=float(corner[0]),
        y=float(corner[1]),
        width=float(size[0]),
        height=float(size[1]),
        score=float(row[14]),
        points=row[4:14].reshape(5, 2) * scale,
    )
