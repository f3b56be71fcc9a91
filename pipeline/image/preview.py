"""The preview: a picture large enough to judge a photo by, small enough for hundreds of them."""

import io

from PIL import Image

from pipeline.core.errors import PhotoError
from pipeline.image.decode import DecodeLimits, decode, read_header

PREVIEW_BYTES = 40 * 1024
BOX = (960, 640)  # px that it fits in; a portrait is 640 high
_QUALITIES = range(88, 24, -8)


def preview_scale(width: int, height: int) -> float:
    """Return how many times its size a picture of so many pixels has as a preview."""
    return min(BOX[0] / width, BOX[1] / height)


def preview_of(image: Image.Image) -> bytes:
    """Bring a picture to the size of a preview, as a JPEG of at most `PREVIEW_BYTES`.

    The last quality stands where none is small enough: a picture of noise.
    """
    scale = preview_scale(image.width, image.height)
    size = (round(image.width * scale), round(image.height * scale))
    image = image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)
    data = b""
    for quality in _QUALITIES:
        stream = io.BytesIO()
        image.convert("RGB").save(stream, "JPEG", quality=quality, optimize=True)
        data = stream.getvalue()
        if len(data) <= PREVIEW_BYTES:
            break
    return data


def preview_of_file(data: bytes, limits: DecodeLimits) -> bytes | None:
    """Return the preview of a file of any kind that photos come in; None: it cannot be read."""
    try:
        photo = decode(data, read_header(data, limits), BOX)
    except PhotoError:
        return None
    return preview_of(Image.fromarray(photo.pixels))
