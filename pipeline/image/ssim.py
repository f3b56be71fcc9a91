"""How much alike two pictures are: SSIM, for choosing among encodings of one."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image.decode import Pixels

_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(reference: Pixels, other: Pixels) -> float:
    """Mean structural similarity of two pictures, over the three channels of RGB.

    Parameters
    ----------
    reference, other
        (H, W, 3) uint8, of the same size, at least 11 x 11.

    Returns
    -------
    float
        1 for equal pictures; the mean over all windows of 11 x 11 that lie inside.

    References
    ----------
    Wang, Bovik, Sheikh, Simoncelli, Image quality assessment, IEEE TIP 13 (2004): a
    Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03. The same as
    ``skimage.metrics.structural_similarity`` with those settings, in a quarter of its
    time (`tests/test_ssim.py`).
    """
    a, b = reference.astype(np.float32), other.astype(np.float32)
    mean_a, mean_b = _mean(a), _mean(b)
    both, square = mean_a * mean_b, mean_a * mean_a + mean_b * mean_b
    variance = _mean(a * a + b * b) - square
    covariance = _mean(a * b) - both
    likeness = ((2 * both + _C1) * (2 * covariance + _C2)) / ((square + _C1) * (variance + _C2))
    rim = _WINDOW // 2
    return float(likeness[rim:-rim, rim:-rim].mean(dtype=np.float64))


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (_WINDOW, _WINDOW), _SIGMA), np.float32)
