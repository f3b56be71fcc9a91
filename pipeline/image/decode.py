"""From the bytes of a file to upright sRGB pixels, or to a plain reason why not.

The content decides what a file is, never its name: each format has its magic bytes and
one Pillow class, called directly. So no other decoder of Pillow's forty can be reached
by a forged file, and our own ceiling is the only one (`Image.open` adds a warning and a
limit of its own).
"""

import io
import math
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from pipeline.core.errors import PhotoError
from pipeline.image.colour import ADOBE_RGB_PROFILE, to_srgb
from pipeline.image.decoder_errors import (
    CORRUPT,
    INCOMPLETE,
    TOO_LARGE,
    muted,
    refusing_bad_bytes,
)
from pipeline.image.exif import Exif, read_exif
from pipeline.image.frames import settle
from pipeline.image.jpeg_header import (
    HUFFMAN_DCT,
    estimate_quality,
    read_frame,
    subsampling,
    with_filler,
)
from pipeline.image.light import shrink
from pipeline.image.sniff import is_whole, sniff

Pixels = NDArray[np.uint8]  # (H, W, 3) RGB, sRGB, upright


@dataclass(frozen=True)
class DecodeLimits:
    """Ceilings held before anything is decompressed."""

    max_bytes: int
    max_pixels: int


@dataclass(frozen=True)
class FileFacts:
    """What the header of a file says; no pixel has been decoded.

    ``format`` is JPEG, MPO (a JPEG with an index of further pictures: a second view, or
    the gain map of an Ultra HDR photo), PNG, HEIF, AVIF, WEBP, BMP, TIFF or GIF.
    ``mode`` is Pillow's word for the stored pixels, ``bits`` the stored bits a channel
    (8 for an AVIF, whatever it holds: Pillow does not say).
    ``width_px``/``height_px`` are as stored, the upright ones as shown; a HEIF that says how
    it is turned (irot, imir) is turned by its decoder, so both are the same there and
    ``orientation`` is 1, whatever EXIF repeats.
    ``frames`` is above 1 for an animation, several pages or several pictures, of which 2
    may mean "at least two"; views and reduced copies of the photo do not count
    (`pipeline.image.frames`).
    ``jpeg_quality`` is an estimate unless ``jpeg_quality_exact``.
    ``capture_time`` is EXIF DateTimeOriginal as it stands, ``camera`` EXIF Model.
    ``is_adobe_rgb``: the colours are Adobe RGB by EXIF, and no profile says otherwise.
    ``has_camera``: EXIF names a camera, or how it was set. ``is_screenshot``: EXIF says so.
    """

    format: str
    mode: str
    bits: int
    width_px: int
    height_px: int
    upright_width_px: int
    upright_height_px: int
    orientation: int
    frames: int
    dpi: tuple[float, float] | None
    jpeg_quality: float | None
    jpeg_quality_exact: bool
    jpeg_baseline_or_progressive: bool
    subsampling: str | None
    has_exif: bool
    has_icc: bool
    has_alpha: bool
    is_grey: bool
    capture_time: str | None
    camera: str | None
    is_adobe_rgb: bool
    has_camera: bool
    is_screenshot: bool


@dataclass(frozen=True)
class Photo:
    """A decoded picture. ``scale`` is decoded over full size: one over a whole number."""

    facts: FileFacts
    pixels: Pixels  # read-only
    scale: float


_FORMATS: dict[str, type[ImageFile]] = {
    "JPEG": JpegImageFile,
    "MPO": JpegImageFile,
    "PNG": PngImageFile,
    "HEIF": HeifImageFile,
    "AVIF": AvifImageFile,
    "WEBP": WebPImageFile,
    "BMP": BmpImageFile,
    "TIFF": TiffImageFile,
    "GIF": GifImageFile,
}

# Each scan of a JPEG is a pass over the whole picture, and may take a handful of bytes;
# progressive photos have about ten.
_MOST_SCANS = 100
_BITS = 0x0102
_SPARE = 2  # times the smallest size that will do, where a format has no reduced decode
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED = frozenset({5, 6, 7, 8})  # width and height change places
_GREY = frozenset({"1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"})


def read_header(data: bytes, limits: DecodeLimits) -> FileFacts:
    """Find out what a file is, from its content, without decoding a pixel.

    Raises
    ------
    PhotoError
        Empty, not a picture, damaged, incomplete, or above a ceiling.
    """
    if len(data) > limits.max_bytes:
        raise PhotoError(TOO_LARGE)
    kind = sniff(data)
    if not is_whole(kind, data):
        raise PhotoError(INCOMPLETE)
    with refusing_bad_bytes():
        image, frames = _open(kind, data)
        stored = image.size
        if math.prod(stored) > limits.max_pixels:
            raise PhotoError(TOO_LARGE)
        exif = read_exif(image)
        bits = _bits(image, data)
        dpi = _dpi(image, exif)
    turned = exif.orientation in _TURNED
    if turned and kind == "TIFF":
        stored = stored[::-1]  # Pillow gives a TIFF upright
    upright = stored[::-1] if turned else stored
    quality = factors = frame = None
    if isinstance(image, JpegImageFile):
        if not image.tile:  # the file ends before its first scan
            raise PhotoError(INCOMPLETE)
        kind = "MPO" if "mp" in image.info else kind
        frame = read_frame(data)
        if frame is not None and frame.scans > _MOST_SCANS:
            raise PhotoError(TOO_LARGE)
        quality = estimate_quality(image.quantization, [layer[3] for layer in image.layer])
        factors = subsampling([layer[1:3] for layer in image.layer])
    return FileFacts(
        format=kind,
        mode=image.mode,
        bits=bits,
        width_px=stored[0],
        height_px=stored[1],
        upright_width_px=upright[0],
        upright_height_px=upright[1],
        orientation=exif.orientation,
        frames=frames,
        dpi=dpi,
        jpeg_quality=quality.value if quality else None,
        jpeg_quality_exact=quality.exact if quality else False,
        jpeg_baseline_or_progressive=frame is not None and frame.marker in HUFFMAN_DCT,
        subsampling=factors,
        has_exif="exif" in image.info or "Raw profile type exif" in image.info,
        has_icc=bool(image.info.get("icc_profile")),
        has_alpha=image.has_transparency_data,
        is_grey=image.mode in _GREY,
        capture_time=exif.capture_time,
        camera=exif.camera,
        is_adobe_rgb=exif.is_adobe_rgb and not {"icc_profile", "srgb"} & image.info.keys(),
        has_camera=exif.has_camera,
        is_screenshot=exif.is_screenshot,
    )


def decode(data: bytes, header: FileFacts, min_size: tuple[int, int] | None) -> Photo:
    """Decode a file to upright sRGB pixels.

    Colours are brought to sRGB through the embedded profile, or the one that EXIF names
    (relative colorimetric, black point compensated); a profile that is broken or belongs
    to another colour space is ignored. 16-bit samples are scaled, not clipped. What is
    transparent becomes white: the colour of the page that the photo is printed on.

    Parameters
    ----------
    data
        The bytes that ``header`` was read from.
    header
        What `read_header` said of them.
    min_size
        Smallest upright (width, height) that will do. A JPEG is then decoded at the
        smallest scale of 1, 1/2, 1/4, 1/8 at which both sides, before they are rounded
        up to whole pixels, are at least that. Other formats are decoded in full and then
        shrunk by a whole factor, in light, to no less than twice that: to decode them once
        more where a part of them is needed larger would cost the most. None: in full.

    Returns
    -------
    Photo
        (H, W, 3) uint8 sRGB, read-only.

    Raises
    ------
    PhotoError
        Damaged, incomplete, or of a kind of pixels without a meaning as colour.
    """
    with refusing_bad_bytes():
        image, scale = _load(data, header, min_size)
        if header.jpeg_baseline_or_progressive and _ends_in_grey(image):
            # Where data ends early but an end marker follows, libjpeg paints the rest in
            # middle grey and says nothing. More data then changes the picture; a whole
            # one it leaves as it is.
            again, _ = _load(with_filler(data), header, min_size)
            if ImageChops.difference(image, again).getbbox() is not None:
                raise PhotoError(INCOMPLETE)
        profile = ADOBE_RGB_PROFILE if header.is_adobe_rgb else image.info.get("icc_profile")
        if min_size is not None and scale == 1:
            # Before its colours are changed, which costs the more the larger it is.
            factor = _whole_factor(image, header, min_size)
            image, scale = shrink(image, factor), 1 / factor
        colours = to_srgb(image, header.bits, profile)
        if header.orientation in _UPRIGHT and header.format != "TIFF":
            colours = colours.transpose(_UPRIGHT[header.orientation])
        pixels = np.asarray(colours)
    return Photo(header, pixels, scale)


def _open(kind: str, data: bytes) -> tuple[ImageFile, int]:
    """Open a file at the picture that is the photo, and count its pictures (`settle`)."""
    image = _FORMATS[kind](io.BytesIO(data))
    return image, settle(image)


def _load(
    data: bytes, header: FileFacts, min_size: tuple[int, int] | None
) -> tuple[Image.Image, float]:
    """Decode as stored; the picture and its scale."""
    image, _ = _open(header.format, data)
    full, scale = image.size, 1.0
    if min_size is not None and header.jpeg_baseline_or_progressive:
        asked = (max(1, min_size[0]), max(1, min_size[1]))
        drafted = image.draft(None, asked[::-1] if header.orientation in _TURNED else asked)
        if drafted is not None:
            scale = drafted[1][2] / full[0]
    expected = image.size
    with muted() if header.format == "TIFF" else nullcontext():
        image.load()
    if image.size != expected:  # a HEIF may hold other pixels than its header says
        raise PhotoError(CORRUPT)
    return image, scale


def _whole_factor(image: Image.Image, header: FileFacts, min_size: tuple[int, int]) -> int:
    if image.mode != "RGB" or image.has_transparency_data:
        return 1  # rare in a photo of that size
    sides = zip((header.upright_width_px, header.upright_height_px), min_size, strict=True)
    return max(1, min(side // (_SPARE * max(1, least)) for side, least in sides))


def _ends_in_grey(image: Image.Image) -> bool:
    width, height = image.size
    darkest, brightest = 127, 128  # CMYK is inverted
    last_row = np.asarray(image.crop((0, height - 1, width, height)))
    return bool(last_row.min() >= darkest and last_row.max() <= brightest)


def _bits(image: ImageFile, data: bytes) -> int:
    """Stored bits a channel; 8 where the format knows no other."""
    if isinstance(image, PngImageFile):
        return data[24]  # IHDR is the first chunk, and its size is fixed
    if isinstance(image, TiffImageFile):
        return int(max(image.tag_v2.get(_BITS, (1,))))
    return int(image.info.get("bit_depth", 8))  # pillow-heif


def _dpi(image: ImageFile, exif: Exif) -> tuple[float, float] | None:
    """Return the stored resolution if it makes sense."""
    stored = image.info.get("dpi")
    # Pillow makes up 72 dpi for a JPEG with EXIF data and no resolution.
    made_up = isinstance(image, JpegImageFile) and not (
        exif.has_dpi or image.info.get("jfif_unit") in {1, 2}
    )
    if stored is None or made_up:
        return None
    x, y = float(stored[0]), float(stored[1])
    return (x, y) if math.isfinite(x) and math.isfinite(y) and min(x, y) > 0 else None
