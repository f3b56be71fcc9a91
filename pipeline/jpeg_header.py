"""What a JPEG says before its first scan: its kind, and the quality behind its tables."""

import struct
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

# The luminance table of ITU-T T.81 Annex K.1, in zigzag order, which the IJG's library
# scales by quality.
_LUMINANCE = np.array(
    [16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40,
     26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
     56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87,
     95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99]
)  # fmt: skip
_HUFFMAN_DCT = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class JpegTables:
    """``quality`` is the nearest IJG quality, None without a table; ``exact``: the very one."""

    quality: float | None
    exact: bool
    baseline_or_progressive: bool


def read_tables(data: bytes) -> JpegTables:
    """Walk the markers up to the first scan. Bad bytes give what was found until then."""
    table: NDArray[np.int64] | None = None
    frame, position = 0, 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker == 0xDA:
            break
        (length,) = struct.unpack_from(">H", data, position + 2)
        body = data[position + 4 : position + 2 + length]
        if marker == 0xDB and table is None:
            table = _first_table(body)
        elif marker in _START_OF_FRAME:
            frame = marker
        position += 2 + length
    quality, exact = (None, False) if table is None else _quality(table)
    return JpegTables(quality, exact, frame in _HUFFMAN_DCT)


def _first_table(body: bytes) -> NDArray[np.int64] | None:
    """The table numbered 0, which is the luminance's in all common writers."""
    position = 0
    while position < len(body):
        wide, number = body[position] >> 4, body[position] & 15
        size = 128 if wide else 64
        values = body[position + 1 : position + 1 + size]
        if len(values) < size:
            return None
        if number == 0:
            return np.frombuffer(values, ">u2" if wide else np.uint8).astype(np.int64)
        position += 1 + size
    return None


@cache
def _scaled() -> NDArray[np.int64]:
    """The table at the qualities 1 to 100, as jpeg_set_quality makes them (baseline)."""
    quality = np.arange(1, 101)
    factor = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    return np.clip((_LUMINANCE[None] * factor[:, None] + 50) // 100, 1, 255)


def _quality(table: NDArray[np.int64]) -> tuple[float, bool]:
    distances = np.abs(_scaled() - table[None]).sum(axis=1)
    nearest = int(distances.argmin())
    return float(nearest + 1), bool(distances[nearest] == 0)
