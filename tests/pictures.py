"""What the tests of decoding share: a small picture, its bytes in any format, and reading them."""

import io

import numpy as np
import pillow_heif
from PIL import Image

from pipeline.image.decode import DecodeLimits, Photo, decode, read_header

pillow_heif.register_heif_opener()  # to write HEIC files, not to read them

LIMITS = DecodeLimits(max_bytes=1 << 26, max_pixels=120_000_000)
ORIENTATION, EXIF_IFD, CAPTURED = 0x0112, 0x8769, 0x9003


def picture(width=48, height=64):
    """Smooth, and different in every corner."""
    y, x = np.mgrid[0:height, 0:width]
    red, green, blue = x * 255 / width, y * 255 / height, (x + y) * 127 / (width + height)
    return Image.fromarray(np.stack([red, green, blue], -1).astype(np.uint8))


def plain(colour, mode="RGB"):
    return Image.new(mode, (16, 16), colour)


def encoded(image, kind, **options):
    stream = io.BytesIO()
    if kind == "HEIF" and "exif" in options:
        options["exif"] = options["exif"].tobytes()  # an object it passes over in silence
    image.save(stream, kind, **options)
    return stream.getvalue()


def exif(orientation=1, **tags):
    data = Image.Exif()
    data[ORIENTATION] = orientation
    data.get_ifd(EXIF_IFD).update(tags.get("ifd", {}))
    return data


def read(data, min_size=None, limits=LIMITS) -> Photo:
    return decode(data, read_header(data, limits), min_size)
