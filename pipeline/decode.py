"""Bytes to upright sRGB pixels, in one place, safely.

The content decides what a file is, never its name. Ceilings on bytes and pixels are
held against the header before anything is decompressed. Large JPEGs are decoded at one
of libjpeg's reduced scales, which skips most of the work.
"""

import io
import struct
import warnings
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile, UnidentifiedImageError

from pipeline.errors import PhotoError
from pipeline.jpeg_header import read_tables
from pipeline.words import Text

Pixels = NDArray[np.uint8]  # (H, W, 3), sRGB, upright

# Formats that students and cameras give; whatever else Pillow can read stays closed.
_FORMATS = ("JPEG", "PNG", "HEIF", "WEBP", "BMP", "TIFF", "AVIF", "GIF")
_ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 0x0112, 0x011A, 0x011B, 0x0128
_EXIF_IFD, _DATE_TIME_ORIGINAL = 0x8769, 0x9003
_SIDEWAYS = frozenset({5, 6, 7, 8})

# What Pillow, its codecs and pillow-heif raise on bad bytes (found by fuzzing).
_BAD_BYTES = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    KeyError,
    IndexError,
    AttributeError,
    ZeroDivisionError,
    OverflowError,
    MemoryError,
    RuntimeError,
    NotImplementedError,
    struct.error,
    Image.DecompressionBombError,
    ImageCms.PyCMSError,
)

pillow_heif.register_heif_opener(thumbnails=False)
# A picture that ends early is the transfer's fault and must be said, not filled with grey.
ImageFile.LOAD_TRUNCATED_IMAGES = False
# Held against `DecodeLimits` before decoding; Pillow's own ceiling is lower than 120 MP.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class DecodeLimits:
    """Ceilings before decompression."""

    max_bytes: int
    max_pixels: int


@dataclass(frozen=True)
class FileFacts:
    """What the header says; no pixel has been decoded.

    ``width_px`` and ``height_px`` are as stored, the ``upright_`` ones after the EXIF
    orientation (1-8; 1 when absent or invalid). ``frames`` counts an animation or
    several pages; the second view or gain map of an MPO or Ultra HDR file is no
    picture of its own and does not count. ``jpeg_quality`` is the IJG quality whose
    tables are nearest, ``jpeg_quality_exact`` whether they are the very same.
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
    has_exif: bool
    has_icc: bool
    has_alpha: bool
    is_grey: bool
    capture_time: str | None


@dataclass(frozen=True)
class Photo:
    """A decoded picture; ``scale`` is decoded size over full size."""

    facts: FileFacts
    pixels: Pixels
    scale: float


def read_header(data: bytes, limits: DecodeLimits) -> FileFacts:
    """Say what a file is, from its bytes, without decoding pixels.

    Raises
    ------
    PhotoError
        When it is empty, not a picture, of a format that is not read, damaged in its
        header, or larger than ``limits`` allow.
    """
    if not data:
        raise PhotoError(Text("文件为空", "the file is empty"))
    if len(data) > limits.max_bytes:
        raise PhotoError(Text("文件过大，不能安全打开", "the file is too large to open safely"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on damaged metadata; what matters is read below
            with _open(data) as image:
                facts = _facts(image, data)
    except PhotoError:
        raise
    except _BAD_BYTES as error:
        raise PhotoError(_why(data, error)) from None
    if facts.width_px * facts.height_px > limits.max_pixels:
        size = f"{facts.width_px}×{facts.height_px}"
        raise PhotoError(
            Text(f"像素过多（{size}），不能安全打开", f"{size} pixels are too many to open safely")
        )
    return facts


def decode(data: bytes, header: FileFacts, min_size: tuple[int, int] | None) -> Photo:
    """Decode to upright sRGB.

    Parameters
    ----------
    data, header
        The file, and what `read_header` said of it (its ceilings have been held).
    min_size
        Width and height that the upright result must keep; a JPEG is decoded at the
        smallest of the scales 1, 1/2, 1/4, 1/8 that does. None: full size.

    Returns
    -------
    Photo
        ``pixels`` (H, W, 3) uint8. ICC profiles are converted (relative colorimetric
        with black point compensation), alpha is laid over white (what a viewer
        shows), 16-bit values are divided, not clipped.

    Raises
    ------
    PhotoError
        When the data is truncated or corrupt.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _open(data) as image:
                if image.format in {"JPEG", "MPO"} and min_size is not None:
                    _draft(image, header, min_size)
                image.load()
                pixels = _to_srgb(image, header)
    except _BAD_BYTES as error:
        raise PhotoError(_why(data, error)) from None
    pixels = _turn(pixels, header.orientation)
    return Photo(header, pixels, pixels.shape[1] / header.upright_width_px)


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=_FORMATS)


def _draft(image: Image.Image, header: FileFacts, min_size: tuple[int, int]) -> None:
    """Ask libjpeg for a reduced scale. Pillow keeps both sides at least as large as asked."""
    width, height = min_size[::-1] if header.orientation in _SIDEWAYS else min_size
    assert isinstance(image, ImageFile.ImageFile)
    for denominator in (8, 4, 2):
        size = (-(-header.width_px // denominator), -(-header.height_px // denominator))
        if size[0] >= width and size[1] >= height:
            # None keeps the mode: CMYK must not lose its profile on the way.
            image.draft(image.mode if image.mode in {"L", "RGB"} else None, size)  # type: ignore[arg-type]
            return


def _facts(image: Image.Image, data: bytes) -> FileFacts:
    kind = image.format or ""
    width, height = image.size
    if width < 1 or height < 1:
        raise PhotoError(Text("图片没有像素", "the picture has no pixels"))
    tables = read_tables(data) if kind in {"JPEG", "MPO"} else None
    exif = _exif(image)
    # pillow-heif turns the pixels itself and leaves the tag; the tag is done with.
    orientation = 1 if kind in {"HEIF", "AVIF"} else exif.get(_ORIENTATION, 1)
    if not isinstance(orientation, int) or not 1 <= orientation <= 8:
        orientation = 1
    turned = orientation in _SIDEWAYS
    time = None
    if exif:
        time = exif.get_ifd(_EXIF_IFD).get(_DATE_TIME_ORIGINAL)
    return FileFacts(
        format=kind,
        mode=image.mode,
        bits=_bits(image),
        width_px=width,
        height_px=height,
        upright_width_px=height if turned else width,
        upright_height_px=width if turned else height,
        orientation=orientation,
        frames=1 if kind in {"JPEG", "MPO", "HEIF", "AVIF"} else getattr(image, "n_frames", 1),
        dpi=_dpi(image, exif),
        jpeg_quality=None if tables is None else tables.quality,
        jpeg_quality_exact=tables is not None and tables.exact,
        jpeg_baseline_or_progressive=tables is not None and tables.baseline_or_progressive,
        has_exif=bool(exif),
        has_icc=bool(image.info.get("icc_profile")),
        has_alpha="A" in image.mode or "transparency" in image.info,
        is_grey=image.mode in {"1", "L", "LA", "I", "F"} or image.mode.startswith("I;16"),
        capture_time=time if isinstance(time, str) else None,
    )


def _exif(image: Image.Image) -> Image.Exif:
    try:
        return image.getexif()
    except _BAD_BYTES:
        return Image.Exif()  # unreadable metadata spoils no picture


def _bits(image: Image.Image) -> int:
    if image.mode.startswith("I;16") or image.mode == "I":
        return 16
    if image.format == "PNG":
        # Pillow reduces 16-bit colour to 8 bits silently; the tile knows the raw mode.
        raw = [str(tile[3]) for tile in getattr(image, "tile", [])]
        return 16 if any(";16" in mode for mode in raw) else 8
    return int(image.info.get("bit_depth", 8)) if image.format in {"HEIF", "AVIF"} else 8


def _dpi(image: Image.Image, exif: Image.Exif) -> tuple[float, float] | None:
    """The JFIF density; else that of EXIF. 72 by default of a reader is no tag."""
    density, unit = image.info.get("jfif_density"), image.info.get("jfif_unit")
    if density and unit in {1, 2}:
        factor = 1.0 if unit == 1 else 2.54
        return float(density[0]) * factor, float(density[1]) * factor
    x, y = exif.get(_X_RESOLUTION), exif.get(_Y_RESOLUTION)
    try:
        if x and y:
            factor = 2.54 if exif.get(_RESOLUTION_UNIT) == 3 else 1.0
            return float(x) * factor, float(y) * factor
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if image.format not in {"JPEG", "MPO"} and "dpi" in image.info:
        dpi = image.info["dpi"]
        return float(dpi[0]), float(dpi[1])
    return None


def _to_srgb(image: Image.Image, header: FileFacts) -> Pixels:
    """Bring any mode to (H, W, 3) uint8 sRGB, still as stored (not turned)."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        values = np.asarray(image).astype(np.float32)
        top = 65535.0 if values.max(initial=0) > 255 else 255.0
        grey = np.clip(np.round(values / top * 255), 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if header.has_alpha:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image).convert("RGB")
    elif image.mode not in {"RGB", "CMYK", "L"}:
        image = image.convert("RGB")
    if profile:
        image = _apply_profile(image, profile)
    if image.mode != "RGB":
        image = image.convert("RGB")
    return np.asarray(image)


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert from an embedded profile; a broken or unfitting one is ignored, as viewers do."""
    try:
        transform = _transform(profile, image.mode)
    except _BAD_BYTES:
        return image
    if transform is None:
        return image
    try:
        return ImageCms.applyTransform(image, transform) or image
    except _BAD_BYTES:
        return image


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Build the transform to sRGB; None where the profile is sRGB already."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if mode == "RGB" and "sRGB" in (ImageCms.getProfileDescription(source) or ""):
        return None
    return ImageCms.buildTransform(
        source,
        _srgb(),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _turn(pixels: Pixels, orientation: int) -> Pixels:
    """Apply an EXIF orientation (CIPA DC-008, Orientation)."""
    if orientation in _SIDEWAYS:
        pixels = pixels.transpose(1, 0, 2)
    flips = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
    if orientation in flips:
        axis = flips[orientation]
        pixels = cv2.flip(np.ascontiguousarray(pixels), axis)  # type: ignore[assignment]
    return np.ascontiguousarray(pixels)


def _why(data: bytes, error: BaseException) -> Text:
    """Say in plain words what a file is that cannot be read. Nothing of its content."""
    if isinstance(error, UnidentifiedImageError):
        head = data[:512].lstrip()
        if data[:5] == b"%PDF-":
            return Text("这是 PDF，不是图片", "this is a PDF, not a picture")
        if data[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"Rar!"}:
            return Text("这是压缩包或文档，不是图片", "an archive or document, not a picture")
        if head[:1] == b"<":
            return Text("这是网页，不是图片", "a web page, not a picture")
        if data[:2] != b"\xff\xd8" and _is_text(data[:512]):
            return Text("这是文本，不是图片（不要只改后缀）", "text, not a picture")
        if data[:2] == b"\xff\xd8":
            return Text("JPG 文件头损坏", "the JPEG's header is damaged")
        return Text("不是可识别的图片", "not a picture of a known kind")
    if "truncated" in str(error).lower() or "end of file" in str(error).lower():
        return Text("文件不完整（可能传输中断）", "the file ends early, perhaps a broken transfer")
    return Text("文件已损坏或格式不受支持", "the file is corrupt or of an unsupported kind")


def _is_text(head: bytes) -> bool:
    return bool(head) and not any(byte < 9 or 13 < byte < 32 for byte in head)
