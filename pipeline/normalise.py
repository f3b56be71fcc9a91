"""From the judged crop to the registration file: one resampling step, one honest JPEG.

Nothing here changes what the picture shows: no rotation, no mirroring, no retouching
(禁止整体或局部镜像、旋转等变换).
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pipeline.decode import Pixels
from pipeline.geometry import Crop
from pipeline.spec import Output

KB = 1024  # bytes


@dataclass(frozen=True)
class Encoded:
    """A JPEG and the quality that it was written with."""

    data: bytes
    quality: int


def resample(pixels: Pixels, crop: Crop, scale: float, size: tuple[int, int]) -> Pixels:
    """Cut ``crop`` (full-resolution pixels) out of ``pixels`` and bring it to ``size``.

    Parameters
    ----------
    pixels
        (H, W, 3) uint8 sRGB, ``scale`` times the full resolution.
    size
        Width and height of the result. When the crop is already that size and lies
        on whole pixels, its pixels are returned untouched.
    """
    height, width = pixels.shape[:2]
    left, top = crop.x * scale, crop.y * scale
    right = min(float(width), left + crop.width * scale)
    bottom = min(float(height), top + crop.height * scale)
    if (left, top, right, bottom) == (0, 0, *size) and (width, height) == size:
        return pixels
    image = Image.fromarray(pixels)
    box = (left, top, right, bottom)
    # The gap bounds the Lanczos kernel on large frames; 2 keeps it exact to the eye.
    small = image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
    return np.asarray(small)


def encode(pixels: Pixels, quality: int, dpi: int) -> bytes:
    """Write (H, W, 3) uint8 sRGB as a baseline JPEG: no EXIF, no thumbnail, ``dpi`` in JFIF."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(
        stream, "JPEG", quality=quality, optimize=True, dpi=(dpi, dpi), subsampling="4:2:0"
    )
    return stream.getvalue()


def encode_into_window(pixels: Pixels, output: Output) -> Encoded:
    """Find the highest quality whose file still fits the KB window.

    Bisects quality between the spec's floor and ceiling, aiming below the typical
    upper end (or the hard one where the spec names no typical size). Never pads, never
    goes below the floor: where even the floor is too large, the file at the floor is
    returned, and FS001 says so.
    """
    most = float("inf")
    if output.kb is not None:
        most = output.kb.note_high or output.kb.high or most
    low, high = output.quality_floor, output.quality_ceiling
    best = Encoded(encode(pixels, low, output.dpi), low)
    while low < high:
        quality = (low + high + 1) // 2
        data = encode(pixels, quality, output.dpi)
        if len(data) <= most * KB:
            best, low = Encoded(data, quality), quality
        else:
            high = quality - 1
    return best
