"""What is refused, and the reason that is given: damage, bombs, and what is no photo."""

import random
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from pictures import LIMITS, encoded, exif, picture, plain, read
from PIL import Image, ImageCms

from pipeline.core.errors import PhotoError
from pipeline.image.jpeg_header import read_frame

INCOMPLETE = "文件不完整（传输中断）"
DAMAGED = "文件已损坏，或编码方式不受支持"
TOO_LARGE = "图片过大，无法安全打开"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def refusal(data, limits=LIMITS):
    with pytest.raises(PhotoError) as caught:
        read(data, limits=limits)
    return caught.value.why.zh


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
    "png": encoded(picture(), "PNG", exif=exif(3), icc_profile=SRGB),
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
