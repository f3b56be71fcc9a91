"""What becomes pixels, which colours they have, and what is refused with a reason."""

import io
import itertools
import pickle
import random
import struct
import zlib
from dataclasses import replace

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from pipeline.decode import DecodeLimits, FileFacts, Photo, decode, read_header
from pipeline.errors import PhotoError
from pipeline.jpeg_header import read_frame

pillow_heif.register_heif_opener()  # to write HEIC files, not to read them

LIMITS = DecodeLimits(max_bytes=1 << 26, max_pixels=120_000_000)
INCOMPLETE = "文件不完整（传输中断）"
DAMAGED = "文件已损坏，或编码方式不受支持"
TOO_LARGE = "图片过大，无法安全打开"

ORIENTATION, EXIF_IFD, CAPTURED = 0x0112, 0x8769, 0x9003
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


def picture(width=48, height=64):
    """Smooth, and different in every corner."""
    y, x = np.mgrid[0:height, 0:width]
    red, green, blue = x * 255 / width, y * 255 / height, (x + y) * 127 / (width + height)
    return Image.fromarray(np.stack([red, green, blue], -1).astype(np.uint8))


def encoded(image, kind, **options):
    stream = io.BytesIO()
    if kind == "HEIF" and "exif" in options:
        options["exif"] = options["exif"].tobytes()  # an object it passes over in silence
    image.save(stream, kind, **options)
    return stream.getvalue()


def read(data, min_size=None, limits=LIMITS) -> Photo:
    return decode(data, read_header(data, limits), min_size)


def refusal(data, limits=LIMITS):
    with pytest.raises(PhotoError) as caught:
        read(data, limits=limits)
    return caught.value.why.zh


def exif(orientation=1, **tags):
    data = Image.Exif()
    data[ORIENTATION] = orientation
    data.get_ifd(EXIF_IFD).update(tags.get("ifd", {}))
    return data


def distance(photo, image):
    expected = np.asarray(image.convert("RGB")).astype(int)
    assert photo.pixels.shape == expected.shape
    return np.abs(photo.pixels - expected).max()


# -- upright -----------------------------------------------------------------------


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


# -- colour ------------------------------------------------------------------------


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


def plain(colour, mode="RGB"):
    return Image.new(mode, (16, 16), colour)


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
    assert refusal(encoded(floats, "TIFF")) == DAMAGED


# -- reduced decoding ----------------------------------------------------------------


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


def test_other_formats_are_decoded_in_full():
    photo = read(encoded(picture(), "PNG"), (6, 8))
    assert photo.scale == 1
    assert photo.pixels.shape == (64, 48, 3)


# -- the header ----------------------------------------------------------------------


@pytest.mark.parametrize("grey", [False, True])
def test_quality_is_read_back_exactly_from_pillow_and_opencv(grey):
    image = picture(16, 16).convert("L" if grey else "RGB")
    for quality in range(1, 101):
        by_opencv = cv2.imencode(".jpg", np.asarray(image), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        for data in (encoded(image, "JPEG", quality=quality), by_opencv.tobytes()):
            facts = read_header(data, LIMITS)
            assert (facts.jpeg_quality, facts.jpeg_quality_exact) == (quality, True)


def test_quality_of_other_tables_is_an_estimate():
    tables = [[max(1, v * 7 // 8) for v in range(10, 74)]] * 2
    facts = read_header(encoded(picture(), "JPEG", qtables=tables), LIMITS)
    assert not facts.jpeg_quality_exact
    assert 40 < facts.jpeg_quality < 90


def test_tables_of_two_qualities_are_not_exact():
    image = np.asarray(picture())
    options = [cv2.IMWRITE_JPEG_LUMA_QUALITY, 90, cv2.IMWRITE_JPEG_CHROMA_QUALITY, 60]
    facts = read_header(cv2.imencode(".jpg", image, options)[1].tobytes(), LIMITS)
    assert facts.jpeg_quality == pytest.approx(90, abs=0.5)
    assert not facts.jpeg_quality_exact


def test_only_a_jpeg_has_a_quality():
    facts = read_header(encoded(picture(), "WEBP"), LIMITS)
    assert (facts.jpeg_quality, facts.jpeg_baseline_or_progressive) == (None, False)


@pytest.mark.parametrize(("option", "name"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_subsampling_is_named(option, name):
    facts = read_header(encoded(picture(), "JPEG", subsampling=option), LIMITS)
    assert facts.subsampling == name


def test_what_the_header_of_a_phone_photo_says():
    data = encoded(
        picture(),
        "JPEG",
        quality=90,
        dpi=(300, 300),
        exif=exif(6, ifd={CAPTURED: "2026:04:01 09:30:00"}),
        icc_profile=display_p3(),
        progressive=True,
    )
    assert read_header(data, LIMITS) == FileFacts(
        format="JPEG",
        mode="RGB",
        bits=8,
        width_px=48,
        height_px=64,
        upright_width_px=64,
        upright_height_px=48,
        orientation=6,
        frames=1,
        dpi=(300, 300),
        jpeg_quality=90,
        jpeg_quality_exact=True,
        jpeg_baseline_or_progressive=True,
        subsampling="4:2:0",
        has_exif=True,
        has_icc=True,
        has_alpha=False,
        is_grey=False,
        capture_time="2026:04:01 09:30:00",
    )


def test_no_resolution_is_made_up():
    assert read_header(encoded(picture(), "JPEG", exif=exif()), LIMITS).dpi is None
    assert read_header(encoded(picture(), "PNG"), LIMITS).dpi is None


def test_facts_cross_a_process_border():
    facts = read_header(encoded(picture(), "PNG"), LIMITS)
    assert pickle.loads(pickle.dumps(facts)) == facts


@pytest.mark.parametrize(
    ("kind", "several"),
    [("GIF", True), ("WEBP", True), ("PNG", True), ("TIFF", True), ("HEIF", True), ("MPO", False)],
)
def test_frames_of_an_animation_count_and_views_of_one_photo_do_not(kind, several):
    more = picture().transpose(Image.Transpose.ROTATE_180)
    one, two = (
        encoded(picture(), kind),
        encoded(picture(), kind, save_all=True, append_images=[more]),
    )
    assert read_header(one, LIMITS).frames == 1
    assert (read_header(two, LIMITS).frames > 1) == several
    assert distance(read(two), picture()) <= 60  # GIF has 256 colours


# -- refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "文件为空"),
        (b"<!DOCTYPE html><html>", "网页"),
        (b"\xef\xbb\xbf\n <?xml version='1.0'?><svg/>", "网页"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04" + bytes(40), "Office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office"),
        (b"8BPS\0\1", "Photoshop"),
        ("这不是照片".encode(), "不是可识别的图片文件"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "不是可识别的图片文件"),
        (b"\xff\xd8\xff", DAMAGED),
        (b"BMW", DAMAGED),
    ],
)
def test_what_is_not_a_photo_is_refused_with_a_reason(data, reason):
    assert reason in refusal(data)


SMALL = {
    "jpeg": encoded(picture(), "JPEG", exif=exif(6)),
    "progressive": encoded(picture(), "JPEG", progressive=True),
    "cmyk": encoded(picture().convert("CMYK"), "JPEG"),
    "mpo": encoded(picture(), "MPO", save_all=True, append_images=[picture()]),
    "png": encoded(picture(), "PNG", exif=exif(3), icc_profile=display_p3()),
    "palette": encoded(picture().quantize(16), "PNG", transparency=3),
    "animated-png": encoded(
        picture(), "PNG", save_all=True, append_images=[plain("red").resize((48, 64))]
    ),
    "webp": encoded(picture(), "WEBP", exif=exif(8)),
    "animated-webp": encoded(
        picture(), "WEBP", save_all=True, append_images=[plain("red").resize((48, 64))]
    ),
    "bmp": encoded(picture(), "BMP"),
    "tiff": encoded(picture(), "TIFF"),
    "tiff-lzw": encoded(picture(), "TIFF", compression="tiff_lzw"),
    "tiff-jpeg": encoded(picture(), "TIFF", compression="jpeg"),
    "gif": encoded(picture(), "GIF"),
    "avif": encoded(picture(), "AVIF", exif=exif(6)),
    "heif": encoded(picture(), "HEIF", quality=60),
}


@pytest.mark.parametrize("name", [name for name in SMALL if name != "mpo"])
def test_a_file_cut_off_anywhere_is_refused(name):
    data = SMALL[name]
    for length in range(0, len(data) - 1, max(1, len(data) // 60)):
        refusal(data[:length])
    if name != "gif":  # its last byte is a mere full stop
        refusal(data[:-1])


def test_a_cut_jpeg_says_so():
    data = SMALL["jpeg"]
    assert refusal(data[: len(data) * 2 // 3]) == INCOMPLETE
    assert refusal(data[:-2]) == INCOMPLETE


@pytest.mark.parametrize(
    "options",
    [{}, {"subsampling": 0}, {"restart_marker_rows": 1}, {"optimize": True}],
    ids=str,
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_that_ends_early_behind_a_false_end_is_refused(mode, options):
    noise = np.random.default_rng(0).integers(0, 255, (160, 120, 3), np.uint8)
    data = encoded(Image.fromarray(noise).convert(mode), "JPEG", **options)
    for share in (0.3, 0.5, 0.7, 0.85):
        assert refusal(data[: int(len(data) * share)] + b"\xff\xd9") == INCOMPLETE


@pytest.mark.parametrize(
    "options", [{}, {"restart_marker_rows": 1}, {"progressive": True}], ids=str
)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_whole_picture_that_ends_in_grey_is_not(mode, options):
    image = picture(64, 96).convert(mode)
    image.paste(plain((128, 128, 128)).convert(mode).resize((64, 48)), (0, 48))
    assert read(encoded(image, "JPEG", **options)).pixels[-1, -1].tolist() == [128] * 3


def test_bytes_have_a_ceiling():
    data = SMALL["png"]
    assert read(data, limits=replace(LIMITS, max_bytes=len(data)))
    assert refusal(data, replace(LIMITS, max_bytes=len(data) - 1)) == TOO_LARGE


@pytest.mark.parametrize("name", SMALL)
def test_pixels_have_a_ceiling(name):
    pixels = 48 * 64
    assert read(SMALL[name], limits=replace(LIMITS, max_pixels=pixels))
    assert refusal(SMALL[name], replace(LIMITS, max_pixels=pixels - 1)) == TOO_LARGE


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_with(*chunks, size=(8, 8)):
    rows = zlib.compress(b"\0" * (25 * 8))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    body = b"".join(chunks) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


BOMB = zlib.compress(bytes(200_000_000), 9)  # 200 kB


def test_a_png_that_claims_gigapixels_is_refused():
    assert read(png_with())
    assert refusal(png_with(size=(60_000, 60_000))) == TOO_LARGE


def test_a_compressed_text_bomb_is_refused():
    assert refusal(png_with(chunk(b"zTXt", b"Comment\0\0" + BOMB)))


def test_a_compressed_profile_bomb_is_refused():
    assert refusal(png_with(chunk(b"iCCP", b"p\0\0" + BOMB)))


def test_a_jpeg_of_gigapixels_is_refused():
    data = bytearray(SMALL["jpeg"])
    at = data.rindex(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\x00\xff\x00"
    assert refusal(bytes(data)) == TOO_LARGE


def test_a_jpeg_of_endless_scans_is_refused():
    data = SMALL["progressive"]
    last = data.rindex(b"\xff\xda")
    assert read_frame(data).scans == data.count(b"\xff\xda") > 1
    assert refusal(data[:-2] + data[last:-2] * 200 + b"\xff\xd9") == TOO_LARGE


def damaged(data, chance):
    """Bytes overwritten (half of the time in the header), or a stretch left out."""
    if chance.random() < 0.2:
        start, stop = sorted(chance.sample(range(len(data)), 2))
        return data[:start] + data[stop:]
    spoiled = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        reach = len(data) if chance.random() < 0.5 else min(300, len(data))
        spoiled[chance.randrange(reach)] = chance.choice((0, 127, 128, 255, chance.randrange(256)))
    return bytes(spoiled)


@pytest.mark.parametrize("name", SMALL)
def test_damage_is_refused_or_decoded_and_nothing_else(name, capfd):
    chance = random.Random(name)
    limits = replace(LIMITS, max_pixels=1_000_000)
    for _ in range(60):
        data = damaged(SMALL[name], chance)
        try:
            photo = read(data, limits=limits)
        except PhotoError:
            continue
        facts = photo.facts
        assert photo.pixels.shape == (facts.upright_height_px, facts.upright_width_px, 3)
        assert photo.pixels.dtype == np.uint8
    assert capfd.readouterr() == ("", "")


# -- real files ----------------------------------------------------------------------

REFUSED = {
    "Pillow__seek_too_large.tif": DAMAGED,  # a BigTIFF of 16 bytes
    "Pillow__truncated_image.png": INCOMPLETE,
    "Pillow__truncated_jpeg.jpg": INCOMPLETE,
    "Pillow__ultrahdr.jpg": INCOMPLETE,  # cut short by its publishers
    "Pillow__unknown_compression_method.png": DAMAGED,
    "metadata-extractor__NegativeArraySizeException.ItemInfoBox.init.heif": DAMAGED,
    "metadata-extractor__NullPointerException.HeifPictureHandler.processBox.heif": INCOMPLETE,
    "pillow_heif__200MP.heic": TOO_LARGE,
    "pillow_heif__truncated.heic": INCOMPLETE,  # the last byte of its second picture
    "pocs__smallest-invalid.png": INCOMPLETE,  # ends within its IDAT chunk
}
READ = {  # upright width and height, as looked at
    "Pillow__exif.avif": (512, 512),
    "Pillow__exif_imagemagick_orientation.png": (512, 512),
    "Pillow__hopper_bad_exif.jpg": (500, 500),
    "Pillow__icc-after-SOF.jpg": (10, 10),
    "Pillow__icc_profile_big.jpg": (425, 250),
    "Pillow__orientation_rectangle.jpg": (1, 2),
    "Pillow__pil_sample_cmyk.jpg": (100, 100),
    "Pillow__sugarshack.mpo": (640, 480),
    "Pillow__sugarshack_no_data.mpo": (640, 480),  # only the second view is missing
    "exif-samples__HMD_Nokia_8.3_5G_hdr.heif": (4608, 3456),
    "exif-samples__IMG_5195.HEIC": (2566, 3313),
    "exif-samples__image01088.jpg": (425, 120),
    "exif-samples__image01980.jpg": (284, 25),
    "exif-samples__image02206.jpg": (65, 65),
    **{f"exif-samples__portrait_{n}.jpg": (450, 600) for n in range(1, 9)},
    "metadata-extractor__IMG_2927.HEIC": (3024, 4032),
    "metadata-extractor__Samsung_GT-I9000_Galaxy_S_.jpg": (480, 640),
    "pillow_heif__RGBA_16__128x128.png": (128, 128),
    "pillow_heif__RGB_12__128x128.heif": (128, 128),
    "pillow_heif__RGB_16__128x128.png": (128, 128),
    "pocs__20scans.jpg": (1944, 2508),
    "pocs__jpg-jpg1.jpg": (1280, 720),
    "pocs__lossless.jpg": (141, 188),  # black and white in DCT blocks, without loss
    "pocs__small.jpg": (1, 1),  # arithmetic coding
}


@pytest.mark.photos
def test_every_real_file_is_read_upright_or_refused_for_its_own_reason(photos, capfd):
    names = {path.name for path in (photos / "format").iterdir()}
    assert names == REFUSED.keys() | READ.keys()
    for name, reason in REFUSED.items():
        assert refusal((photos / "format" / name).read_bytes()) == reason, name
    for name, (width, height) in READ.items():
        photo = read((photos / "format" / name).read_bytes())
        assert photo.pixels.shape == (height, width, 3), name
        assert photo.facts.frames == 1, name
    assert capfd.readouterr() == ("", "")


@pytest.mark.photos
def test_eight_real_orientations_show_one_scene(photos):
    """Each file has its own number in the middle; all around it the scene is the same."""
    scenes = []
    for number in range(1, 9):
        photo = read((photos / "format" / f"exif-samples__portrait_{number}.jpg").read_bytes())
        scenes.append(np.asarray(Image.fromarray(photo.pixels).reduce(10)).astype(int))
    for one, other in itertools.combinations(scenes, 2):
        assert np.median(np.abs(one - other)) < 10
