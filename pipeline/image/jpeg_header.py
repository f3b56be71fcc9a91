"""What the header of a JPEG tells beyond Pillow: kind of frame, quality, subsampling.

The quality is not stored in a JPEG; it is read back from the quantisation tables,
which nearly all encoders scale from the tables of ITU-T T.81 Annex K by the rule of
the Independent JPEG Group (libjpeg ``jcparam.c``, ``jpeg_quality_scaling``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# ITU-T T.81, tables K.1 (luminance) and K.2 (chrominance), row by row.
_LUMINANCE = np.array([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
])  # fmt: skip
_CHROMINANCE = np.array([
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    *[99] * 32,
])  # fmt: skip
_QUALITIES = np.arange(1, 101)
_SCALES = np.where(_QUALITIES < 50, 5000 // _QUALITIES, 200 - 2 * _QUALITIES)[:, None]  # per cent


def _tables(base: NDArray[np.int64]) -> NDArray[np.int64]:
    """(100, 64): the table of every quality, unclamped."""
    return (base * _SCALES + 50) // 100


_LUMINANCE_TABLES, _CHROMINANCE_TABLES = _tables(_LUMINANCE), _tables(_CHROMINANCE)
_BASELINE_MAX = 255  # a baseline table holds bytes; only those of quality < 25 are touched

HUFFMAN_DCT = frozenset({0xC0, 0xC1, 0xC2})  # SOF0 baseline, SOF1 extended, SOF2 progressive
_SOF_PROGRESSIVE = 0xC2
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # DHT, JPG, DAC
_SOS, _EOI, _FF = 0xDA, 0xD9, 0xFF
# Begins with 0 lest it make a marker of an FF before it; holds no FF itself.
_FILLER = bytes(37 * i % 251 for i in range(512))
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, RST0-7, SOI: no length follows


@dataclass(frozen=True)
class Frame:
    """The frame header of a JPEG, and its scans.

    ``marker`` is the second byte of SOFn: 0xC0 baseline, 0xC1 extended, 0xC2 progressive
    (all Huffman), 0xC3 lossless … ``first_scan`` is where the first scan begins.
    """

    marker: int
    first_scan: int
    scans: int


@dataclass(frozen=True)
class Quality:
    """An IJG quality 1..100; ``exact`` when the tables are precisely those of it."""

    value: float
    exact: bool


def read_frame(data: bytes) -> Frame | None:
    """Walk the segments from the start of a JPEG to its first scan.

    Returns
    -------
    Frame or None
        None when the file ends, or a scan begins, before any frame header.
    """
    marker, components, at = None, 0, 2
    while at + 4 <= len(data):
        if data[at] != _FF:  # junk between segments, which libjpeg skips too
            at += 1
            continue
        code = data[at + 1]
        if code == _FF:  # a fill byte
            at += 1
        elif code == 0 or code in _ALONE:
            at += 2
        elif code == _EOI:
            return None
        elif code == _SOS:
            if marker is None:
                return None
            whole = marker != _SOF_PROGRESSIVE and data[at + 4 : at + 5] == bytes([components])
            return Frame(marker, at, 1 if whole else data.count(b"\xff\xda", at, _end(data, at)))
        else:
            if code in _SOF:
                marker, components = code, int.from_bytes(data[at + 9 : at + 10], "big")
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


def with_filler(data: bytes) -> bytes:
    """Put more coded data before the end marker of a JPEG; a whole one decodes the same."""
    frame = read_frame(data)
    if frame is None:
        return data
    end = _end(data, frame.first_scan)
    return data[:end] + _FILLER + data[end:]


def _end(data: bytes, at: int) -> int:
    # No EOI can stand within coded data, where every FF is followed by a zero.
    end = data.find(b"\xff\xd9", at)
    return len(data) if end < 0 else end


def estimate_quality(tables: Mapping[int, Sequence[int]], used: Sequence[int]) -> Quality | None:
    """Read the IJG quality back from the quantisation tables.

    Parameters
    ----------
    tables
        Table number to 64 steps, row by row (not zigzag).
    used
        The table number of each component, luminance first.

    Returns
    -------
    Quality or None
        Exact when the luminance table, and the chrominance table where there is one, are
        those of one quality (clamped to 255 or not). Otherwise an estimate: the quality
        whose scale is nearest to the mean ratio of the luminance table to that of Annex
        K. None when the file names no table that it holds.

    References
    ----------
    ITU-T T.81 Annex K.1; libjpeg ``jcparam.c``.
    """
    chosen = [np.asarray(tables[number]) for number in used if number in tables]
    if not chosen or len(chosen) != len(used):
        return None
    luminance, *others = chosen
    fits = _fits(luminance, _LUMINANCE_TABLES)
    for table in others:
        # A file may use the luminance table for its colours too (RGB or CMYK as stored).
        fits = fits & (_fits(table, _CHROMINANCE_TABLES) | _fits(table, _LUMINANCE_TABLES))
    if fits.any():
        return Quality(float(_QUALITIES[fits][-1]), exact=True)
    scale = float(np.mean(100 * luminance / _LUMINANCE))
    value = 100 - scale / 2 if scale <= 100 else 5000 / scale
    return Quality(min(100.0, max(1.0, value)), exact=False)


def _fits(table: NDArray[np.int64], tables: NDArray[np.int64]) -> NDArray[np.bool_]:
    most = _BASELINE_MAX if table.max() <= _BASELINE_MAX else 32767
    same: NDArray[np.bool_] = (np.clip(tables, 1, most) == table).all(axis=1)
    return same


def subsampling(factors: Sequence[tuple[int, int]]) -> str | None:
    """Name the chroma subsampling.

    Parameters
    ----------
    factors
        (horizontal, vertical) sampling factor of each component.

    Returns
    -------
    str or None
        ``4:4:4``, ``4:2:2``, ``4:2:0``, ``4:4:0``, ``4:1:1``, or the factors themselves
        where they have no name; None for greyscale.
    """
    if len(factors) < 3:
        return None
    (h, v), *chroma = factors[:3]
    if chroma == [(1, 1), (1, 1)] and (h, v) in _NAMES:
        return _NAMES[h, v]
    return " ".join(f"{across}x{down}" for across, down in factors)


_NAMES = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1"}
