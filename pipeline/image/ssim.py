"""How much alike two pictures are: SSIM, for choosing among encodings of one."""

from collections.abc import Callable

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
    ``skimage.metrics.structural_similarity`` with those settings, in an eighth of its
    time (`tests/test_ssim.py`).
    """
    return ssim_to(reference)(other)


def ssim_to(reference: Pixels) -> Callable[[Pixels], float]:
    """Return `ssim` against one picture, whose own means are computed once for all others."""
    a = reference.astype(np.float32)
    mean_a = _mean(a)
    square_a = mean_a * mean_a
    variance_a = _mean(a * a) - square_a
    rim = _WINDOW // 2

    def compare(other: Pixels) -> float:
        b = other.astype(np.float32)
        covariance, mean_b = _mean(a * b), _mean(b)
        variance = _mean(np.multiply(b, b, out=b))
        both = mean_a * mean_b
        covariance -= both
        squares = np.multiply(mean_b, mean_b, out=mean_b)
        variance -= squares
        variance += variance_a
        squares += square_a
        likeness = _term(both, 2, _C1)
        likeness *= _term(covariance, 2, _C2)
        likeness /= _term(squares, 1, _C1)
        likeness /= _term(variance, 1, _C2)
        return float(likeness[rim:-rim, rim:-rim].mean(dtype=np.float64))

    return compare


def _term(values: NDArray[np.float32], times: float, plus: float) -> NDArray[np.float32]:
    """Bring an array to ``times`` itself ``plus`` a constant, in place."""
    values *= np.float32(times)
    values += np.float32(plus)
    return values


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (_WINDOW, _WINDOW), _SIGMA), np.float32)
