"""What becomes pixels: upright, in sRGB, no larger than needed."""

import struct

import cv2
import numpy as np
import pytest
from pictures import LIMITS, encoded, exif, picture, plain, read
from PIL import Image, ImageCms

from pipeline.core.errors import PhotoError
from pipeline.image.decode import read_header

STORED_AS = {  # what a camera held that way writes, for an upright picture
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def distance(photo, image):
    expected = np.asarray(image.convert("RGB")).astype(int)
    assert photo.pixels.shape == expected.shape
    return np.abs(photo.pixels - expected).max()


# -- upright ----------------------------------------------------------------------


LOSSY, EXACT = 12, 0


@pytest.mark.parametrize("orientation", STORED_AS)
@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, EXACT),
        ("WEBP", {"lossless": True}, EXACT),
        ("TIFF", {}, EXACT),
        ("TIFF", {"compression": "tiff_lzw"}, EXACT),
        ("JPEG", {"quality": 98, "subsampling": 0}, LOSSY),
        ("AVIF", {"quality": 95}, LOSSY),
        ("HEIF", {"quality": 95, "chroma": 444}, LOSSY),
    ],
)
def test_all_eight_orientations_give_the_same_upright_picture(
    kind, options, tolerance, orientation
):
    upright, turn = picture(), STORED_AS[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    photo = read(encoded(stored, kind, exif=exif(orientation), **options))
    assert distance(photo, upright) <= tolerance
    facts = photo.facts
    assert (facts.upright_width_px, facts.upright_height_px) == upright.size
    if kind != "HEIF":  # turns itself
        assert facts.orientation == orientation
        assert (facts.width_px, facts.height_px) == stored.size


@pytest.mark.parametrize("tag", [0, 9, 4711])
def test_an_invalid_orientation_is_none(tag):
    photo = read(encoded(picture(), "PNG", exif=exif(tag)))
    assert photo.facts.orientation == 1
    assert distance(photo, picture()) == 0


def test_unreadable_exif_spoils_no_picture():
    data = encoded(picture(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert read(data).facts.orientation == 1
    assert read_header(data, LIMITS).capture_time is None


# -- colour ----------------------------------------------------------------------


def icc(space, pcs, tags):
    """The smallest ICC profile that holds ``tags`` (ICC.1:2022, clauses 7 and 10)."""
    offset, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        padded = value + b"\0" * (-len(value) % 4)
        table += name + struct.pack(">II", offset + len(body), len(value))
        body += padded
    head = struct.pack(">I4sI4s4s4s", offset + len(body), b"test", 0x04300000, b"prtr", space, pcs)
    head += struct.pack(">6H4s", 2020, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 28
    head += fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + body


def fixed(*values):
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def display_p3():
    curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    primaries = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
        b"wtpt": (0.96420, 1.0, 0.82491),
    }
    tags = {name: b"XYZ \0\0\0\0" + fixed(*xyz) for name, xyz in primaries.items()}
    return icc(b"RGB ", b"XYZ ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def cmyk_profile(lab):
    """Every ink gives ``lab``, no ink gives white."""
    straight = bytes(range(256))
    grid = bytes((255, 128, 128)) + bytes(lab) * 15
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return icc(b"CMYK", b"Lab ", {b"A2B0": table + straight * 4 + grid + straight * 3})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_display_p3_is_converted(kind):
    # sRGB's own red, in the coordinates of Display P3.
    data = encoded(plain((234, 51, 35)), kind, icc_profile=display_p3(), quality=95)
    assert read_header(data, LIMITS).has_icc
    assert distance(read(data), plain((255, 0, 0))) <= 8


def test_an_srgb_profile_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = read(encoded(picture(), "PNG", icc_profile=profile))
    assert photo.facts.has_icc
    assert distance(photo, picture()) == 0


@pytest.mark.parametrize("profile", [b"junk", display_p3()[:200], cmyk_profile((0, 0, 0))])
def test_a_broken_or_foreign_profile_is_ignored(profile):
    assert distance(read(encoded(picture(), "PNG", icc_profile=profile)), picture()) == 0


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])  # inverted by Adobe's custom, and not
@pytest.mark.parametrize("colour", [(250, 10, 10), (10, 250, 10), (255, 255, 255), (0, 0, 0)])
def test_cmyk_keeps_its_colours(kind, colour):
    data = encoded(plain(colour).convert("CMYK"), kind)
    assert read_header(data, LIMITS).mode == "CMYK"
    assert distance(read(data), plain(colour)) <= 3


def test_cmyk_goes_through_its_own_profile():
    green = (round(0.88 * 255), 128 - 79, 128 + 81)  # CIE Lab of sRGB's green, encoded
    data = encoded(plain((255, 0, 0, 0), "CMYK"), "TIFF", icc_profile=cmyk_profile(green))
    red, green, blue = (int(v) for v in read(data).pixels[0, 0])
    assert green > 240
    assert max(red, blue) < 100


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(kind):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :].repeat(8, 0)
    photo = read(encoded(Image.fromarray(ramp), kind))
    assert photo.facts.bits == 16
    assert photo.facts.is_grey
    assert np.abs(photo.pixels[:, :, 0] - np.arange(256)).max() <= 1


def test_sixteen_bit_colour_is_scaled_not_clipped():
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None, :, None].repeat(8, 0).repeat(3, 2)
    photo = read(cv2.imencode(".png", ramp)[1].tobytes())
    assert photo.facts.bits == 16
    assert np.abs(photo.pixels[:, :, 0] - np.arange(256)).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_what_is_transparent_becomes_white(kind):
    image = picture().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 24, 64))
    photo = read(encoded(image, kind))
    assert photo.facts.has_alpha
    assert photo.pixels[:, :20].min() >= 250
    assert photo.pixels[:, 30:, 2].max() < 128


def test_half_transparent_black_becomes_middle_grey():
    photo = read(encoded(plain((0, 0, 0, 128), "RGBA"), "PNG"))
    assert set(photo.pixels.flat) <= {126, 127, 128}


@pytest.mark.parametrize(
    "image",
    [
        picture().convert("1"),
        picture().convert("L"),
        picture().convert("LA"),
        picture().quantize(200),
    ],
    ids=lambda image: image.mode,
)
def test_every_simple_mode_is_shown_as_it_is(image):
    photo = read(encoded(image, "PNG"))
    assert distance(photo, image) == 0
    assert photo.facts.is_grey == (image.mode != "P")


def test_transparency_of_a_palette_becomes_white():
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert distance(read(encoded(image, "PNG", transparency=1)), plain("white").resize((8, 8))) == 0


def test_samples_without_a_white_are_refused():
    floats = Image.fromarray(np.ones((8, 8), np.float32))
    with pytest.raises(PhotoError):
        read(encoded(floats, "TIFF"))


# -- reduced ----------------------------------------------------------------------


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(
    ("size", "least", "scale"),
    [
        ((1600, 2400), (200, 300), 1 / 8),
        ((1600, 2400), (201, 300), 1 / 4),
        ((1600, 2400), (400, 600), 1 / 4),
        ((1600, 2400), (400, 601), 1 / 2),
        ((1601, 2401), (800, 1200), 1 / 2),
        ((1600, 2400), (801, 10), 1),
        ((1600, 2400), (5000, 5000), 1),
        ((1600, 2400), (0, 0), 1 / 8),
        ((1600, 2400), None, 1),
    ],
)
def test_a_large_jpeg_is_decoded_no_larger_than_needed(size, least, scale, orientation):
    upright = Image.new("RGB", size, (90, 120, 150))
    stored = upright if orientation == 1 else upright.transpose(STORED_AS[orientation])
    photo = read(encoded(stored, "JPEG", exif=exif(orientation)), least)
    height, width = photo.pixels.shape[:2]
    assert photo.scale == scale
    assert (width, height) == tuple(-(-side * scale // 1) for side in size)
    if least is not None and scale < 1:
        assert width >= least[0]
        assert height >= least[1]


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_reduced_picture_is_the_same_picture(mode):
    large = picture(480, 640).convert(mode)
    data = encoded(large, "JPEG", quality=95)
    small = Image.fromarray(read(data).pixels).reduce(8)
    assert distance(read(data, (60, 80)), small) <= 3


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(
    ("size", "least", "scale"),
    [
        ((480, 640), (120, 160), 1 / 2),
        ((480, 640), (121, 160), 1),
        ((480, 640), (80, 100), 1 / 3),
        ((481, 641), (80, 100), 1 / 3),
        ((480, 640), (0, 0), 1 / 240),
        ((480, 640), None, 1),
    ],
)
def test_another_format_is_shrunk_to_no_less_than_twice_what_is_needed(
    size, least, scale, orientation
):
    upright = Image.new("RGB", size, (90, 120, 150))
    stored = upright if orientation == 1 else upright.transpose(STORED_AS[orientation])
    photo = read(encoded(stored, "PNG", exif=exif(orientation)), least)
    height, width = photo.pixels.shape[:2]
    assert photo.scale == scale
    assert (width, height) == tuple(-(-side // round(1 / scale)) for side in size)
    assert (photo.pixels == (90, 120, 150)).all()


def test_it_is_shrunk_in_light():
    stripes = np.zeros((64, 48, 3), np.uint8)
    stripes[:, ::2] = 255
    photo = read(encoded(Image.fromarray(stripes), "PNG"), (6, 8))
    assert photo.scale == 1 / 4
    assert (photo.pixels == 188).all(), "half of white's light, not half its code"


def test_a_picture_that_is_partly_transparent_is_decoded_in_full():
    photo = read(encoded(picture().convert("RGBA"), "PNG"), (6, 8))
    assert photo.scale == 1
    assert photo.pixels.shape == (64, 48, 3)
