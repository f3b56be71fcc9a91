"""What EXIF says of a picture: which way up, which colours, when, and whether by a camera."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.ImageFile import ImageFile
from pillow_heif import HeifImageFile

from pipeline.image.decoder_errors import BAD_BYTES
from pipeline.image.frames import is_turned_by_file

_ORIENTATIONS = range(1, 9)
_ADOBE_RGB, _UNCALIBRATED = 2, 0xFFFF  # ColorSpace; 2 is not the standard's
_INTEROP_INDEX, _DCF_OPTION = 1, "R03"  # DCF 2.0, 5.6.2: an option file is Adobe RGB
_CAMERA = (Base.Make, Base.Model)
_SETTINGS = (Base.ExposureTime, Base.FNumber, Base.FocalLength)
# Phones write it as EXIF (JPEG, HEIC) or as XMP (PNG).
_SCREENSHOT = re.compile(rb"UserComment.{0,200}?Screenshot", re.DOTALL)


@dataclass(frozen=True)
class Exif:
    """The few tags that matter; see `pipeline.image.decode.FileFacts`."""

    orientation: int = 1
    has_dpi: bool = False
    capture_time: str | None = None
    camera: str | None = None
    is_adobe_rgb: bool = False
    has_camera: bool = False
    is_screenshot: bool = False


def read_exif(image: ImageFile) -> Exif:
    """Read the tags of a picture; what cannot be read is as good as absent."""
    try:
        tags = image.getexif()
        orientation: object = tags.get(Base.Orientation)
    except BAD_BYTES:
        return Exif()
    if isinstance(image, HeifImageFile):  # its reader takes the tag away
        turned = is_turned_by_file(image)
        orientation = None if turned else image.info.get("original_orientation")
    shot = _directory(tags, IFD.Exif)
    captured, model = shot.get(Base.DateTimeOriginal), tags.get(Base.Model)
    return Exif(
        orientation=orientation
        if isinstance(orientation, int) and orientation in _ORIENTATIONS
        else 1,
        has_dpi=Base.XResolution in tags,
        capture_time=captured if isinstance(captured, str) and captured[:4].isdigit() else None,
        camera=model.strip("\0 ") if isinstance(model, str) else None,
        is_adobe_rgb=_is_adobe_rgb(shot.get(Base.ColorSpace), _directory(tags, IFD.Interop)),
        has_camera=any(tags.get(tag) for tag in _CAMERA) or any(tag in shot for tag in _SETTINGS),
        is_screenshot=_is_screenshot(shot.get(Base.UserComment), image.info.get("xmp")),
    )


def _directory(tags: Image.Exif, number: int) -> Mapping[int, object]:
    try:
        return tags.get_ifd(number)
    except BAD_BYTES:
        return {}


def _is_adobe_rgb(space: object, interop: Mapping[int, object]) -> bool:
    """Whether the colours are Adobe RGB: said outright, or by the index of an option file.

    A camera that is set to Adobe RGB calls its colours uncalibrated, for the standard has no
    number for them, and marks the file as DCF's option file. Uncalibrated alone, or with the
    index of a basic file (R98), says nothing.
    """
    is_option = interop.get(_INTEROP_INDEX) == _DCF_OPTION
    return space == _ADOBE_RGB or (space in (None, _UNCALIBRATED) and is_option)


def _is_screenshot(comment: object, xmp: object) -> bool:
    # The comment's own text follows eight bytes that name its encoding, perhaps UTF-16.
    said = comment.replace(b"\0", b"") if isinstance(comment, bytes) else b""
    meta = xmp if isinstance(xmp, bytes) else b""
    return b"Screenshot" in said or _SCREENSHOT.search(meta) is not None
