"""What EXIF alone says is believed: Adobe RGB, which way up, a camera, a screenshot."""

import io
import struct

import numpy as np
import pillow_heif
import pytest
from pictures import LIMITS, ORIENTATION, encoded, picture, plain, read
from PIL import Image, ImageCms, PngImagePlugin

from checks import CHECKS
from pipeline.image.colour import ADOBE_RGB_PROFILE
from pipeline.image.decode import read_header
from pipeline.image.retag import retag
from pipeline.spec.spec import load_spec

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
IS_SRGB, IS_ADOBE, UNCALIBRATED = 1, 2, 0xFFFF
# Colours of sRGB, and the numbers that Adobe RGB has for them.
KNOWN = {
    (255, 0, 0): (219, 0, 0),
    (0, 255, 0): (144, 255, 60),
    (0, 0, 255): (0, 0, 250),
    (128, 128, 128): (127, 127, 127),
}
LOSSLESS = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "PNG": {},
    "WEBP": {"lossless": True},
    "TIFF": {},
    "HEIF": {"quality": -1, "chroma": 444},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}


def exif_bytes(space: int | None, index: bytes | None) -> bytes:
    """EXIF with a ColorSpace and an interoperability index, as a camera writes them."""
    shot = [] if space is None else [struct.pack("<HHIHH", 0xA001, 3, 1, space, 0)]
    shot_at = 8 + 2 + 12 + 4
    interop_at = shot_at + 2 + 12 * (len(shot) + (index is not None)) + 4
    interop = b""
    if index is not None:
        shot.append(struct.pack("<HHII", 0xA005, 4, 1, interop_at))
        interop = struct.pack("<HHHI4sI", 1, 1, 2, 4, index, 0)
    first = struct.pack("<HHHIII", 1, 0x8769, 4, 1, shot_at, 0)
    directory = struct.pack("<H", len(shot)) + b"".join(shot) + bytes(4)
    return b"Exif\0\0II*\0\x08\0\0\0" + first + directory + interop


def stored(kind, image, space=UNCALIBRATED, index=b"R03\0", **options) -> bytes:
    if kind == "TIFF":  # EXIF that is loaded from bytes it writes without its directories
        shot = {0xA001: space, 0xA005: {1: index.decode().strip("\0")}}
        return encoded(image, kind, tiffinfo={0x8769: shot}, **options)
    tags = Image.Exif()
    tags.load(exif_bytes(space, index))
    return encoded(image, kind, exif=tags, **LOSSLESS[kind], **options)


def colour(data: bytes) -> tuple[int, ...]:
    return tuple(int(value) for value in read(data).pixels[8, 8])


@pytest.mark.parametrize("kind", LOSSLESS)
@pytest.mark.parametrize("srgb", KNOWN)
def test_a_camera_set_to_adobe_rgb_says_so_by_exif_alone(kind, srgb):
    data = stored(kind, plain(KNOWN[srgb]))
    assert read_header(data, LIMITS).is_adobe_rgb
    assert colour(data) == pytest.approx(srgb, abs=8)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_its_pixels_are_those_that_the_profile_gives(kind):
    said = read(stored(kind, picture()))
    with_profile = encoded(picture(), kind, icc_profile=ADOBE_RGB_PROFILE, **LOSSLESS[kind])
    assert np.array_equal(said.pixels, read(with_profile).pixels)
    assert not np.array_equal(said.pixels, read(encoded(picture(), kind, **LOSSLESS[kind])).pixels)


@pytest.mark.parametrize(
    ("space", "index", "is_adobe"),
    [
        (UNCALIBRATED, b"R03\0", True),
        (None, b"R03\0", True),
        (IS_ADOBE, None, True),  # not the standard's, but written
        (IS_ADOBE, b"R98\0", True),
        (UNCALIBRATED, b"R98\0", False),
        (UNCALIBRATED, b"THM\0", False),
        (UNCALIBRATED, None, False),  # of which colours it does not say
        (IS_SRGB, b"R98\0", False),
        (IS_SRGB, b"R03\0", False),
        (None, None, False),
    ],
)
def test_only_where_it_does_say_so(space, index, is_adobe):
    data = stored("JPEG", plain((219, 0, 0)), space, index)
    assert read_header(data, LIMITS).is_adobe_rgb == is_adobe
    assert colour(data) == pytest.approx((255, 0, 0) if is_adobe else (219, 0, 0), abs=2)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_a_profile_is_believed_before_exif(kind):
    data = stored(kind, plain((219, 0, 0)), icc_profile=SRGB)
    assert not read_header(data, LIMITS).is_adobe_rgb
    assert colour(data) == pytest.approx((219, 0, 0), abs=2)


def test_so_is_a_png_that_says_srgb():
    chunks = PngImagePlugin.PngInfo()
    chunks.add(b"sRGB", b"\0")
    assert colour(stored("PNG", plain((219, 0, 0)), pnginfo=chunks)) == (219, 0, 0)


def test_grey_and_cmyk_have_no_primaries():
    for mode in ("L", "CMYK"):
        image = picture().convert(mode)
        data = encoded(image, "JPEG", exif=exif_bytes(UNCALIBRATED, b"R03\0"))
        assert np.array_equal(read(data).pixels, read(encoded(image, "JPEG")).pixels)


def test_a_broken_pointer_to_the_index_loses_nothing_else():
    data = encoded(picture(), "JPEG", exif=exif_bytes(IS_ADOBE, b"R03\0")[:-12])
    assert read_header(data, LIMITS).is_adobe_rgb


def test_a_registration_file_that_loses_its_exif_gets_the_profile_instead():
    output = load_spec("chsi_graduate", CHECKS).output
    data = stored("JPEG", picture())
    mended = retag(data, output, is_adobe_rgb=read_header(data, LIMITS).is_adobe_rgb)
    header = read_header(mended, LIMITS)
    assert header.has_icc
    assert not header.has_exif
    assert np.array_equal(read(mended).pixels, read(data).pixels)
    assert retag(mended, output) == mended


# -- which way up a HEIC is ----------------------------------------------------------


def heic(pixels, in_exif: int, in_file: int = 1) -> bytes:
    """A HEIC turned by the file itself (irot, imir) as ``in_file`` says, by EXIF as ``in_exif``."""
    tags, stream = Image.Exif(), io.BytesIO()
    tags[ORIENTATION] = in_file
    pillow_heif.from_pillow(pixels).save(stream, quality=-1, chroma=444, exif=tags.tobytes())
    data = stream.getvalue()
    entries = {order: struct.pack(f"{order}HHIH", ORIENTATION, 3, 1, in_file) for order in "<>"}
    (order, entry) = next((o, e) for o, e in entries.items() if data.count(e) == 1)
    return data.replace(entry, struct.pack(f"{order}HHIH", ORIENTATION, 3, 1, in_exif))


STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def differs(data: bytes, image: Image.Image) -> int:
    pixels = read(data).pixels.astype(int)
    assert pixels.shape == np.asarray(image).shape
    return int(np.abs(pixels - np.asarray(image)).max())


@pytest.mark.parametrize("tag", STORED_AS)
def test_a_heic_that_does_not_turn_itself_is_turned_by_exif(tag):
    data = heic(picture().transpose(STORED_AS[tag]), in_exif=tag)
    header = read_header(data, LIMITS)
    assert header.orientation == tag
    assert (header.upright_width_px, header.upright_height_px) == picture().size
    assert differs(data, picture()) <= 12


@pytest.mark.parametrize("tag", STORED_AS)
@pytest.mark.parametrize("repeated", [True, False])
def test_one_that_does_is_not_turned_twice(tag, repeated):
    data = heic(picture().transpose(STORED_AS[tag]), tag if repeated else 1, in_file=tag)
    assert read_header(data, LIMITS).orientation == 1
    assert differs(data, picture()) <= 12


def test_nor_by_exif_that_says_another_way():
    data = heic(picture().transpose(STORED_AS[6]), in_exif=3, in_file=6)
    assert differs(data, picture()) <= 12


# -- a camera, a screenshot ----------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "value", "directory"),
    [(0x010F, "maker", None), (0x0110, "model", None), (0x829A, 0.01, 0x8769)],
    ids=["make", "model", "exposure time"],
)
def test_a_camera_names_itself_or_how_it_was_set(tag, value, directory):
    tags = Image.Exif()
    (tags if directory is None else tags.get_ifd(directory))[tag] = value
    assert read_header(encoded(picture(), "JPEG", exif=tags), LIMITS).has_camera


def test_a_program_that_writes_exif_is_no_camera():
    tags = Image.Exif()
    tags[0x0131] = "editor 1.0"
    assert not read_header(encoded(picture(), "JPEG", exif=tags), LIMITS).has_camera


@pytest.mark.parametrize(
    "text", [b"ASCII\0\0\0Screenshot", b"UNICODE\0" + "Screenshot".encode("utf-16-le")]
)
def test_phones_say_that_it_is_a_screenshot(text):
    tags = Image.Exif()
    tags.get_ifd(0x8769)[0x9286] = text
    assert read_header(encoded(picture(), "JPEG", exif=tags), LIMITS).is_screenshot


def test_or_say_it_in_xmp():
    chunks = PngImagePlugin.PngInfo()
    said = (
        "<x><exif:UserComment><rdf:Alt><rdf:li>Screenshot</rdf:li></rdf:Alt></exif:UserComment></x>"
    )
    chunks.add_itxt("XML:com.adobe.xmp", said)
    assert read_header(encoded(picture(), "PNG", pnginfo=chunks), LIMITS).is_screenshot
    assert not read_header(encoded(picture(), "PNG"), LIMITS).is_screenshot
