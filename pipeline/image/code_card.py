"""Code cards: a QR code that is photographed before the frames of a student."""

import cv2
import numpy as np
from numpy.typing import NDArray

# A code of 2 % of the frame has then some 5 pixels a module; more pixels only cost time.
_LONG_SIDE = 1800


def read_code(pixels: NDArray[np.uint8]) -> str:
    """Read the QR code of a picture; the empty string where none can be read.

    Parameters
    ----------
    pixels : (H, W, 3) uint8 RGB
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = _LONG_SIDE / max(grey.shape)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(grey)
    return str(text).strip()
