"""Wrong tags are mended, and not one byte of the picture changes."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from checks import CHECKS
from pipeline.image.decode import DecodeLimits, read_header
from pipeline.image.retag import retag
from pipeline.spec.spec import load_spec

OUTPUT = load_spec("chsi_graduate", CHECKS).output
WITH_PROFILE = OUTPUT.model_copy(update={"profile": "srgb"})
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SOS, EOI, GPS = b"\xff\xda", b"\xff\xd9", 0x8825


def picture() -> Image.Image:
    grain = np.random.default_rng(5).integers(0, 255, (64, 48, 3), np.uint8)
    return Image.fromarray(grain)


def jpeg(**how) -> bytes:
    stream = io.BytesIO()
    picture().save(stream, "JPEG", **{"quality": 85, "dpi": (300, 300), **how})
    return stream.getvalue()


def private() -> Image.Exif:
    """A camera, a time and a place."""
    exif = Image.Exif()
    exif[0x0110], exif[0x0132] = "camera", "2026:05:04 10:00:00"
    exif.get_ifd(GPS)[1] = "N"
    return exif


def scans(data: bytes) -> bytes:
    start = data.index(SOS)
    return data[start : data.index(EOI, start) + 2]


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


RIGHT = jpeg()
WRONG = {
    "72 dpi": jpeg(dpi=(72, 72)),
    "no resolution": jpeg(dpi=(0, 0)),
    "two resolutions": jpeg(dpi=(300, 72)),
    "EXIF with a place": jpeg(exif=private()),
    "EXIF, and 72 dpi": jpeg(exif=private(), dpi=(72, 72)),
    "a comment": jpeg(comment=b"made by an app"),
    "progressive": jpeg(progressive=True, dpi=(72, 72)),
    "restart markers": jpeg(restart_marker_blocks=2, dpi=(72, 72)),
    "4:4:4": jpeg(subsampling="4:4:4", dpi=(72, 72)),
    "an sRGB profile": jpeg(icc_profile=SRGB),
    "a profile that is none": jpeg(icc_profile=b"no profile"),
    "a video behind it": RIGHT + b"\0\0\0\x18ftypmp42" + bytes(500),
    "a thumbnail in JFIF": RIGHT[:4] + b"\0\x13" + RIGHT[6:18] + b"\1\1abc" + RIGHT[20:],
    "XMP": RIGHT[:20] + b"\xff\xe1\0\x25http://ns.adobe.com/xap/1.0/\0<x/>aa" + RIGHT[20:],
    "fill bytes": RIGHT[:20] + b"\xff\xff\xff" + RIGHT[20:],
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_the_tags_are_right_afterwards_and_the_picture_is_the_same_bit_for_bit(data):
    retagged = retag(data, OUTPUT)
    header = read_header(retagged, DecodeLimits(10**7, 10**7))
    assert header.dpi == (300, 300)
    assert not header.has_exif
    assert not header.has_icc
    for tag in (b"Exif", b"camera", b"app", b"ftyp", b"xap", b"abc"):
        assert tag not in retagged
    assert scans(retagged) == scans(data)
    assert np.array_equal(pixels(retagged), pixels(data))


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_what_was_mended_has_nothing_to_mend(data):
    retagged = retag(data, OUTPUT)
    assert retag(retagged, OUTPUT) == retagged


@pytest.mark.parametrize("data", [RIGHT, jpeg(progressive=True), jpeg(restart_marker_rows=1)])
def test_a_right_file_is_left_byte_for_byte(data):
    assert retag(data, OUTPUT) == data


def test_dots_a_centimetre_that_come_to_300_dpi_are_right():
    unit = RIGHT.index(b"JFIF\0") + 7
    in_cm = RIGHT[:unit] + bytes([2, 0, 118, 0, 118]) + RIGHT[unit + 5 :]
    assert retag(in_cm, OUTPUT) == in_cm


def test_a_spec_may_ask_for_the_profile():
    retagged = retag(WRONG["EXIF, and 72 dpi"], WITH_PROFILE)
    assert read_header(retagged, DecodeLimits(10**7, 10**7)).has_icc
    assert np.array_equal(pixels(retagged), pixels(WRONG["EXIF, and 72 dpi"]))
    assert retag(retagged, WITH_PROFILE) == retagged
    assert retag(retagged, OUTPUT) == RIGHT


def test_other_colours_than_srgb_keep_their_profile():
    """Without it the same numbers would be other colours; the rest is mended."""
    red_is_green = SRGB.replace(b"rXYZ", b"....", 1).replace(b"gXYZ", b"rXYZ", 1)
    red_is_green = red_is_green.replace(b"....", b"gXYZ", 1)
    data = jpeg(icc_profile=red_is_green, exif=private(), dpi=(72, 72))
    for output in (OUTPUT, WITH_PROFILE):
        retagged = retag(data, output)
        assert Image.open(io.BytesIO(retagged)).info["icc_profile"] == red_is_green
        assert b"Exif" not in retagged
        assert scans(retagged) == scans(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", RIGHT[:-2], RIGHT[:300], RIGHT[:20] + b"junk" + RIGHT[20:], b"\x89PNG\r\n"],
)
def test_disorder_is_not_mended(data):
    assert retag(data, OUTPUT) is None


def test_colours_stored_as_rgb_stay_under_their_own_marker():
    stored = jpeg(keep_rgb=True)
    assert b"Adobe" in stored
    assert retag(stored, OUTPUT) is None


@settings(max_examples=200, deadline=None)
@given(at=st.integers(2, len(RIGHT) - 1), byte=st.integers(0, 255))
def test_a_damaged_byte_never_costs_a_scan(at, byte):
    damaged = RIGHT[:at] + bytes([byte]) + RIGHT[at + 1 :]
    retagged = retag(damaged, OUTPUT)
    if retagged is not None:
        assert retagged.endswith(EOI)
        assert retag(retagged, OUTPUT) == retagged
