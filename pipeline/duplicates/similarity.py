"""Whether two photos are the same picture: their small pictures laid on one another.

The second is fitted onto the first by an affine motion that maximises their correlation
(ECC: Evangelidis and Psarakis 2008, doi:10.1109/TPAMI.2008.113), then the detail of the
person is correlated where both pictures show it. Light, contrast and gamma, the
background, the crop and the size have then no say; hair, eyes, mouth, skin and collar do.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.core.records import Fingerprint
from pipeline.duplicates.fingerprints import SIDE, Lightness, Mask, detail, mask_of, small_picture

_DETAIL = 0.06  # faces
# Widths of the Gaussian that ECC smooths with, in cells: first to come near, then to fit.
_SMOOTHING = (5, 1)
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 1e-4)
# No way of copying a picture stretches or shears it: a fit that does so lays one person on
# another.
_MOST_SHEAR = 0.08
_LEAST_CELLS = 200  # of 4096; fewer are an accident
_OTHER_BACKGROUND = 12.0  # levels of 255; see `similarity`


@dataclass(frozen=True)
class PictureSimilarity:
    """How alike two pictures are.

    ``score`` is the correlation of their details, -1 to 1. ``other_background`` says that
    what is behind the person differs in lightness.
    """

    score: float
    other_background: bool


def similarity(a: Fingerprint, b: Fingerprint, *, mirror: bool = False) -> PictureSimilarity:
    """Lay ``b``, or its mirror image, on ``a`` and correlate what both show of a person."""
    first, person, behind = _parts(a)
    second, other_person, other_behind = _parts(b)
    if mirror:
        second = np.ascontiguousarray(second[:, ::-1])
        other_person, other_behind = other_person[:, ::-1], other_behind[:, ::-1]
    plain = _correlation(first, second, person & other_person)
    motion = _motion(detail(first, person, _DETAIL), detail(second, other_person, _DETAIL), person)
    if motion is not None:
        moved = _moved(second, motion)
        here, there = (
            _moved(part.astype(np.float32), motion, cv2.BORDER_CONSTANT) > 0.99
            for part in (other_person, other_behind)
        )
        fitted = _correlation(first, moved, person & here)
        if fitted > plain:
            return PictureSimilarity(fitted, _differs(first, moved, person & here, behind & there))
    both = behind & other_behind
    return PictureSimilarity(plain, _differs(first, second, person & other_person, both))


def _parts(of: Fingerprint) -> tuple[Lightness, Mask, Mask]:
    return small_picture(of), mask_of(of.person), mask_of(of.background)


def _motion(first: Lightness, second: Lightness, person: Mask) -> Lightness | None:
    """Fit an affine motion; None where there is none, or it is no copy's."""
    motion = np.eye(2, 3, dtype=np.float32)
    mask = person.astype(np.uint8) * 255
    try:
        for width in _SMOOTHING:
            _, fitted = cv2.findTransformECC(
                first, second, motion, cv2.MOTION_AFFINE, _STOP, mask, width
            )
            motion = np.asarray(fitted, np.float32)
    except cv2.error:  # pictures that have nothing in common, or nothing in them
        return None
    shear = max(abs(motion[0, 0] - motion[1, 1]), abs(motion[0, 1] + motion[1, 0])) / 2
    return motion if shear <= _MOST_SHEAR else None


def _moved(picture: Lightness, motion: Lightness, border: int = cv2.BORDER_REPLICATE) -> Lightness:
    moved = cv2.warpAffine(
        picture,
        motion,
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=border,
    )
    return np.asarray(moved, np.float32)


def _correlation(first: Lightness, second: Lightness, both: Mask) -> float:
    """Pearson's correlation of the details; 0 where too little is shown by both."""
    if both.sum() < _LEAST_CELLS:
        return 0.0
    x, y = (detail(part, both, _DETAIL)[both].astype(np.float64) for part in (first, second))
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x @ x) * (y @ y)))
    if norm == 0:  # nothing in one of them: alike only where there is nothing in both
        return float(not x.any() and not y.any())
    return float(x @ y) / norm


def _differs(first: Lightness, second: Lightness, person: Mask, behind: Mask) -> bool:
    """Whether the backgrounds differ once the people are made equally light."""
    if min(person.sum(), behind.sum()) < _LEAST_CELLS:
        return False
    gain, offset = np.polyfit(second[person], first[person], 1)
    return bool(np.median(np.abs(first - gain * second - offset)[behind]) > _OTHER_BACKGROUND)
