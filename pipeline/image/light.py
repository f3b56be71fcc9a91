"""Between sRGB's code and the light it stands for: what is shrunk is averaged as light."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Code = NDArray[np.uint8]  # (H, W, 3) sRGB

# sRGB, IEC 61966-2-1: code to light 0..1, and light in steps of 1/65535 back to code.
_CODES = np.arange(256) / 255
_TO_LIGHT = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
_TO_STEPS = np.round(_TO_LIGHT * 65535).astype(np.uint16)
_STEPS = np.arange(65536) / 65535
_TO_CODE = np.round(
    255 * np.where(_STEPS <= 0.0031308, 12.92 * _STEPS, 1.055 * _STEPS ** (1 / 2.4) - 0.055)
).astype(np.uint8)
_STRIP_ROWS = 64  # of the result: what one strip needs stays in the processor's cache


def to_light(pixels: Code) -> NDArray[np.float32]:
    """Return the light 0..1 of (H, W, 3) uint8 sRGB."""
    return np.asarray(cv2.LUT(np.ascontiguousarray(pixels), _TO_LIGHT), np.float32)


def to_code(light: NDArray[np.float32]) -> Code:
    """Return (H, W, 3) uint8 sRGB of light 0..1; what lies beyond is clipped."""
    steps = np.clip(light * 65535 + 0.5, 0, 65535).astype(np.uint16)
    result: Code = _TO_CODE[steps]
    return result


def shrink(image: Image.Image, factor: int) -> Image.Image:
    """Shrink a picture of mode RGB by a whole factor: each pixel is the mean light of a square.

    Sides are rounded up, as a JPEG's reduced decode rounds them; a square that reaches beyond
    the picture's edge sees the edge repeated. By 1 it is the picture itself.
    """
    if factor == 1:
        return image
    width, height = image.size
    columns, rows = -(-width // factor), -(-height // factor)
    small = np.empty((rows, columns, 3), np.uint8)
    for top in range(0, rows, _STRIP_ROWS):
        bottom = min(rows, top + _STRIP_ROWS)
        box = (0, top * factor, width, min(height, bottom * factor))
        steps = cv2.LUT(np.asarray(image.crop(box)), _TO_STEPS)
        beyond = (bottom - top) * factor - steps.shape[0], columns * factor - width
        if any(beyond):
            steps = cv2.copyMakeBorder(steps, 0, beyond[0], 0, beyond[1], cv2.BORDER_REPLICATE)
        size = (columns, bottom - top)
        small[top:bottom] = _TO_CODE[cv2.resize(steps, size, interpolation=cv2.INTER_AREA)]
    return Image.fromarray(small)
