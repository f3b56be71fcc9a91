"""Plain SFace templates of labelled photographs: one crop of the only large face, no flip."""

import csv
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.model_manifest import model_path
from pipeline.private import write_private

# People as they are on a registration photo or a snapshot; not those behind masks and glasses.
_GROUPS = {"identity", "idstyle", "portrait", "hat", "pose"}
_LONGEST_PX = 640  # of the picture that the detector sees
_LEAST_SCORE = 0.6
_RIVAL = 0.5  # of the main face's width: with another face as large it is not known who is meant


def templates_of(
    labels: Path, kept: Path | None
) -> tuple[Mapping[str, NDArray[np.float32]], Mapping[str, str]]:
    """Give the template and the person of each labelled photograph with a face.

    Parameters
    ----------
    labels
        CSV with columns path, group, identity and component. A photograph without an
        identity is the person of its component.
    kept
        File that the templates are read from, or written to (0600) where it does not exist.

    Returns
    -------
    templates, identity_of
        (128,) float32 of length 1, and a name of the person, by path.
    """
    with labels.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["group"] in _GROUPS]
    identity_of = {row["path"]: row["identity"] or row["component"] for row in rows}
    if kept is not None and kept.exists():
        with np.load(kept) as file:
            return dict(zip(file["paths"].tolist(), file["templates"], strict=True)), identity_of
    detector = cv2.FaceDetectorYN.create(
        str(model_path("yunet")), "", (320, 320), score_threshold=_LEAST_SCORE
    )
    recogniser = cv2.FaceRecognizerSF.create(str(model_path("sface")), "")
    templates: dict[str, NDArray[np.float32]] = {}
    for row in rows:
        template = _template(labels.parent / row["path"], detector, recogniser)
        if template is not None:
            templates[row["path"]] = template
    if kept is not None:
        held = BytesIO()
        np.savez(held, paths=list(templates), templates=np.array(list(templates.values())))
        write_private(kept, held.getvalue())
    return templates, identity_of


def _template(
    path: Path, detector: cv2.FaceDetectorYN, recogniser: cv2.FaceRecognizerSF
) -> NDArray[np.float32] | None:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        return None
    shrink = min(1.0, _LONGEST_PX / max(pixels.shape[:2]))
    if shrink < 1:
        pixels = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    detector.setInputSize((pixels.shape[1], pixels.shape[0]))
    _, faces = detector.detect(pixels)
    if faces is None:
        return None
    largest, *rest = sorted(faces, key=lambda face: -float(face[2] * face[3]))
    if rest and rest[0][2] >= _RIVAL * largest[2]:
        return None
    template = recogniser.feature(recogniser.alignCrop(pixels, largest)).ravel()
    return np.asarray(template / np.linalg.norm(template), np.float32)
