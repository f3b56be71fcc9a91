"""Cameras' RAW files by what is in them: most are TIFFs whose first picture is a thumbnail.

A decoder would judge that thumbnail. What gives them away is the picture behind it: a colour
filter array (TIFF/EP, ISO 12234-2), a maker's way of packing, the version of DNG.
"""

import struct
from collections.abc import Iterator

_MAGIC = (
    b"FUJIFILMCCD-RAW",  # RAF
    b"IIRO", b"IIRS", b"MMOR",  # ORF, Olympus
    b"IIU\0",  # RW2 and RWL, Panasonic and Leica
    b"FOVb",  # X3F, Sigma
    b"\0MRM",  # MRW, Minolta
    b"II\x1a\0\0\0HEAPCCDR",  # CRW, Canon
    b"ARRI",
)  # fmt: skip
_CR3_BRAND = b"crx "
_AFTER_TIFF_HEADER = (b"CR\2\0", b"IIII", b"MMMM")  # CR2, Canon; IIQ, Phase One

_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _SUB_IFDS = 0x00FE, 0x0103, 0x0106, 0x014A
# The filter array's size and pattern, the version of DNG.
_ONLY_IN_RAW = {0x828D, 0x828E, 0xC612}
_RAW_PHOTOMETRIC = {32803, 34892}  # colour filter array, linear raw
# Nikon, Sony, Pentax, Kodak, Samsung, lossy DNG.
_RAW_COMPRESSION = {34713, 32767, 65535, 65000, 32769, 32770, 32772, 34892}
_REDUCED = 1
_SIZES = {3: "H", 4: "I", 13: "I"}  # SHORT, LONG, IFD
_MOST_DIRECTORIES, _MOST_TAGS, _MOST_CHILDREN = 32, 512, 16


def is_raw(data: bytes) -> bool:
    """Whether a file, or its first bytes, is a camera's RAW."""
    if data.startswith(_MAGIC):
        return True
    if data[4:8] == b"ftyp":
        return data[8:12] == _CR3_BRAND
    if not data.startswith((b"II*\0", b"MM\0*")):
        return False
    return data[8:12] in _AFTER_TIFF_HEADER or any(map(_tells_raw, _directories(data)))


Tags = dict[int, tuple[int, ...]]


def _tells_raw(tags: Tags) -> bool:
    return bool(
        tags.keys() & _ONLY_IN_RAW
        or _RAW_PHOTOMETRIC & set(tags.get(_PHOTOMETRIC, ()))
        or _RAW_COMPRESSION & set(tags.get(_COMPRESSION, ()))
        # Whose first picture is a smaller one of what hangs below it. A scan begins with itself.
        or (_SUB_IFDS in tags and tags.get(_SUBFILE, (0,))[:1] == (_REDUCED,))
    )


def _directories(data: bytes) -> Iterator[Tags]:
    """Yield the image directories of a TIFF, children too; what is damaged is left out."""
    order = "<" if data.startswith(b"II") else ">"
    waiting = [struct.unpack_from(f"{order}I", data.ljust(8, b"\0"), 4)[0]]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        at = waiting.pop(0)
        if at in seen or not 8 <= at <= len(data) - 2:
            continue
        seen.add(at)
        (count,) = struct.unpack_from(f"{order}H", data, at)
        count = min(count, _MOST_TAGS, (len(data) - at - 2) // 12)
        tags = {}
        for place in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, number = struct.unpack_from(f"{order}HHI", data, place)
            tags[tag] = _values(data, order, place + 8, kind, number)
        yield tags
        waiting += tags.get(_SUB_IFDS, ())
        following = at + 2 + 12 * count
        if following + 4 <= len(data):
            waiting += struct.unpack_from(f"{order}I", data, following)


def _values(data: bytes, order: str, at: int, kind: int, number: int) -> tuple[int, ...]:
    """The first numbers of a tag; none where they are no whole numbers or not there."""
    if kind not in _SIZES:
        return ()
    form = f"{order}{min(number, _MOST_CHILDREN)}{_SIZES[kind]}"
    if number * struct.calcsize(f"{order}{_SIZES[kind]}") > 4:
        (at,) = struct.unpack_from(f"{order}I", data, at)
    if at + struct.calcsize(form) > len(data):
        return ()
    return struct.unpack_from(form, data, at)
