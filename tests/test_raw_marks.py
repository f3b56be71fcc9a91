"""Cameras' RAW files are known by what is in them, and no scan is taken for one."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import encoded, picture
from PIL import Image

from pipeline.core.errors import NotPhotoError
from pipeline.core.records import FileKind
from pipeline.image.raw_marks import is_raw
from pipeline.image.sniff import sniff

CALM = settings(deadline=None)
THUMBNAIL = {0xFE: 1, 0x100: 160, 0x101: 120, 0x103: 1, 0x106: 2}


def tiff(first, below=None, order="<", following=None):
    """A TIFF of directories {tag: number}: the first, one that hangs below it, one after it."""
    heads, at = [], 8
    for tags in (first, below, following):
        if tags is not None:
            heads.append(at)
            at += 2 + 12 * (len(tags) + (tags is first and below is not None)) + 4
    if below is not None:
        first = first | {0x14A: heads[1]}
    data = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    for tags in (first, below, following):
        if tags is None:
            continue
        data += struct.pack(f"{order}H", len(tags))
        for tag in sorted(tags):
            data += struct.pack(f"{order}HHII", tag, 4, 1, tags[tag])
        data += struct.pack(f"{order}I", heads[-1] if tags is first and following else 0)
    return data


RAW = {
    "NEF": tiff(THUMBNAIL, {0xFE: 0, 0x103: 34713, 0x106: 32803}),
    "NEF of a big-endian camera": tiff(THUMBNAIL, {0xFE: 0, 0x103: 1, 0x106: 32803}, order=">"),
    "ARW": tiff({0x103: 6}, {0x103: 32767, 0x106: 32803}),
    "PEF": tiff({0x103: 65535, 0x106: 32803}),
    "SRW": tiff({0x103: 6}, None, following={0x103: 32772}),
    "DNG": tiff({0x103: 1, 0x106: 2, 0xC612: 0x01040000}),
    "DNG that is linear": tiff({0x103: 7, 0x106: 34892}),
    "a thumbnail of what hangs below it": tiff(THUMBNAIL, {0xFE: 0, 0x103: 9999}),
    "CR2": b"II*\0\x10\0\0\0CR\2\0" + bytes(40),
    "IIQ": b"II*\0\x0c\0\0\0IIII" + bytes(40),
    "CR3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
    "RAF": b"FUJIFILMCCD-RAW 0201",
    "ORF": b"IIRO\x08\0\0\0",
    "RW2": b"IIU\0\x18\0\0\0",
    "X3F": b"FOVb\0\0\2\0",
    "MRW": b"\0MRM\0\0",
    "CRW": b"II\x1a\0\0\0HEAPCCDR",
}


@pytest.mark.parametrize("kind", RAW)
def test_a_raw_is_named_as_one_and_not_judged_by_its_thumbnail(kind):
    assert is_raw(RAW[kind])
    with pytest.raises(NotPhotoError) as told:
        sniff(RAW[kind] + bytes(100))
    assert told.value.why.zh == "相机 RAW 文件，请导出 JPG"
    assert told.value.kind is FileKind.MASTER


def scan(**options):
    stream = io.BytesIO()
    picture().save(stream, "TIFF", **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        scan(), scan(compression="tiff_lzw"), scan(compression="packbits"),
        scan(compression="jpeg"), scan(compression="tiff_adobe_deflate"), scan(big_tiff=True),
        scan(tiffinfo={0x10F: "NIKON CORPORATION", 0xFE: 0}),
        scan(save_all=True, append_images=[picture().resize((12, 16))]),
        tiff({0xFE: 0, 0x103: 1, 0x106: 2}, {0xFE: 1, 0x103: 7, 0x106: 6}),  # a pyramid
        encoded(picture(), "JPEG"), encoded(picture(), "PNG"), encoded(picture(), "HEIF"), b"",
        encoded(Image.new("CMYK", (16, 16)), "TIFF"),
    ],
)  # fmt: skip
def test_what_is_no_raw_is_not_taken_for_one(data):
    assert not is_raw(data)


@CALM
@given(st.sampled_from(list(RAW.values())), st.data())
def test_damaged_tags_are_no_failure(data, draw):
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 6))):
        damaged[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    assert is_raw(bytes(damaged[: draw.draw(st.integers(0, len(data)))])) in {True, False}


def test_directories_that_go_round_end():
    data = bytearray(tiff({0x103: 1}, {0x103: 1}, following={0x103: 1}))
    data[-4:] = struct.pack("<I", 8)
    assert not is_raw(bytes(data))
