"""Code cards: a QR code that is photographed before the frames of a student."""

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray


def read_codes(pixels: NDArray[np.uint8]) -> str:
    """Read the QR codes of a picture, one a line; the empty string where none can be read.

    Parameters
    ----------
    pixels : (H, W, 3) uint8 RGB
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    # Model 2: the small kinds are hardly printed, and have less that keeps them from chance. One
    # that outlives the call is told of as a leak at the end of the process.
    printed = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])
    found = zxingcpp.read_barcodes(grey, formats=printed)
    return "\n".join(sorted({text for one in found if (text := one.text.strip())}))
