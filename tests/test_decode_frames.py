"""One photo with its reduced copies is one photo; two photos are two."""

import io
import struct

import numpy as np
import pillow_heif
import pytest
from pictures import LIMITS, encoded, picture, read
from PIL import Image

from pipeline.image.decode import read_header

FULL, REDUCED, PAGE, MASK = 0, 1, 2, 4  # NewSubfileType
OTHER = picture().transpose(Image.Transpose.ROTATE_180)
SMALL = picture().resize((12, 16))


def tiff(*pages: tuple[Image.Image, int | None], tag=0xFE) -> bytes:
    """Pages, each with what it is marked as."""
    first, *more = [page.copy() for page, _ in pages]
    marks = [{} if mark is None else {tag: mark} for _, mark in pages]
    for page, mark in zip(more, marks[1:], strict=True):
        page.encoderinfo = {"tiffinfo": mark}
    return encoded(first, "TIFF", save_all=True, append_images=more, tiffinfo=marks[0])


def heic(*pictures: Image.Image, primary=0, **how) -> bytes:
    heif, stream = pillow_heif.HeifFile(), io.BytesIO()
    for one in pictures:
        heif.add_from_pillow(one)
    heif.save(stream, quality=-1, chroma=444, primary_index=primary, **how)
    return stream.getvalue()


def grouped(data: bytes, kind: bytes) -> bytes:
    """The same HEIC with a group (``grpl``) of its first two pictures, items 1 and 2."""
    box = struct.pack(">I4sI4s5I", 36, b"grpl", 28, kind, 0, 9, 2, 1, 2)
    at = data.index(b"meta") - 4
    (size,) = struct.unpack_from(">I", data, at)
    meta = bytearray(data[at : at + size])
    struct.pack_into(">I", meta, 0, size + len(box))
    where = meta.index(b"iloc") + 4
    assert meta[where : where + 6] == b"\0\0\0\0\x44\x40", "base, offset, length: 4 bytes each"
    (count,) = struct.unpack_from(">H", meta, where + 6)
    where += 8
    for _ in range(count):
        base, extents = struct.unpack_from(">IH", meta, where + 4)
        struct.pack_into(">I", meta, where + 4, base + len(box))
        where += 10 + 8 * extents
    return data[:at] + bytes(meta) + box + data[at + size :]


def frames(data: bytes) -> int:
    return read_header(data, LIMITS).frames


def shows(data: bytes, image: Image.Image) -> bool:
    pixels = read(data).pixels
    expected = np.asarray(image).astype(int)
    return pixels.shape == expected.shape and np.abs(pixels - expected).max() <= 12


@pytest.mark.parametrize("mark", [REDUCED, MASK, REDUCED | MASK])
def test_a_page_that_is_marked_as_a_copy_or_a_mask_is_no_second_photo(mark):
    data = tiff((picture(), FULL), (SMALL, mark))
    assert frames(data) == 1
    assert shows(data, picture())


def test_nor_is_one_that_an_old_program_marked():
    data = tiff((picture(), None), (SMALL, 2), tag=0xFF)
    assert frames(data) == 1


@pytest.mark.parametrize("marks", [(FULL, FULL), (PAGE, PAGE), (None, None), (FULL, PAGE)])
def test_other_pages_are(marks):
    assert frames(tiff((picture(), marks[0]), (OTHER, marks[1]))) == 2


def test_a_pyramid_is_one_photo_and_a_second_photo_behind_it_is_seen():
    levels = [(picture().resize((48 // n, 64 // n)), REDUCED) for n in (2, 4, 8)]
    assert frames(tiff((picture(), FULL), *levels)) == 1
    assert frames(tiff((picture(), FULL), *levels, (OTHER, FULL))) == 2


def test_where_the_copy_comes_first_the_photo_is_read():
    data = tiff((SMALL, REDUCED), (picture(), FULL))
    header = read_header(data, LIMITS)
    assert (header.frames, header.width_px, header.height_px) == (1, 48, 64)
    assert shows(data, picture())


def test_where_all_pages_are_copies_the_first_one_is_read():
    assert shows(tiff((picture(), REDUCED), (SMALL, REDUCED)), picture())


def test_pages_without_end_are_not_counted_to_the_end():
    data = tiff((picture(), FULL), *[(SMALL, REDUCED)] * 40)
    assert frames(data) == 2, "no photo has so many copies"


@pytest.mark.parametrize("primary", [0, 1])
def test_a_smaller_picture_beside_the_primary_one_is_its_copy(primary):
    both = [picture(), SMALL] if primary == 0 else [SMALL, picture()]
    data = heic(*both, primary=primary)
    assert frames(data) == 1
    assert shows(data, picture())


@pytest.mark.parametrize(
    "other",
    [OTHER, picture(96, 128), picture(30, 32)],
    ids=["a burst", "a larger one", "another shape"],
)
def test_any_other_picture_beside_it_is_a_second_photo(other):
    assert frames(heic(picture(), other)) == 2


def test_thumbnails_of_a_heic_are_none():
    heif, stream = pillow_heif.from_pillow(picture(480, 640)), io.BytesIO()
    heif.info["thumbnails"] = [64]
    heif.save(stream, quality=60)
    assert frames(stream.getvalue()) == 1


@pytest.mark.parametrize(("kind", "count"), [(b"ster", 1), (b"altr", 1), (b"brst", 2)])
def test_two_eyes_of_one_camera_are_one_photo_and_a_burst_is_not(kind, count):
    data = grouped(heic(picture(), OTHER), kind)
    assert frames(data) == count
    assert shows(data, picture())
