"""The fingerprint of a photo: a small picture fixed to the face, and a hash of it.

The frame is that of the head seen from near (`face.head_view.CLOSE`), upright and scaled by the
landmarks, so cropping, scaling and turning have mostly fallen away. What counts is the
person alone, as the segmenter sees it, and of the person only what is fine: two people
before one wall share the wall and the rough shape of a head; one picture before two walls
shares all the rest.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UsageError
from pipeline.core.private_files import write_private
from pipeline.core.records import Fingerprint
from pipeline.core.rules import Text
from pipeline.duplicates.search import Codes
from pipeline.face.head_view import CLOSE, HeadView, places
from pipeline.face.models import BACKGROUND
from pipeline.image.decode import Pixels

Mask = NDArray[np.bool_]
Lightness = NDArray[np.float32]

SIDE = 64  # cells of the small picture, 29 to a face: 40 px of a face are enough
FACE = SIDE / CLOSE.side  # cells

_HASH_SIDE, _DCT_SIDE = 16, 32
_HASH_DETAIL = 0.12  # faces; see `detail`
# An oval that holds a head with its hair: half its width, its top and its foot, in faces
# from the eyes.
_HEAD_HALF, _HEAD_TOP, _HEAD_FOOT = 0.75, -0.95, 0.9
_SURE = 0.5  # a cell belongs to what holds half of it
_RIM = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))

_MEMBERS = ("code", "lightness", "person", "background")


def fingerprint(view: HeadView | None, pixels: Pixels) -> Fingerprint:
    """Make the fingerprint of a photo; of the whole frame where it shows no head.

    Parameters
    ----------
    view
        `HeadFacts.close_view`.
    pixels
        (H, W, 3) uint8 sRGB, the whole photo; looked at only without a view.
    """
    seen = cv2.resize(
        pixels if view is None else view.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA
    )
    unit = seen.astype(np.float32) / np.float32(255)
    lightness = np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2Lab)[:, :, 0], np.float32)
    person, background = np.ones((SIDE, SIDE), bool), np.zeros((SIDE, SIDE), bool)
    if view is not None:
        behind, inside = _small(view.classes[:, :, BACKGROUND]), _small(view.inside) >= 1
        person = _without_rim((behind < _SURE) & inside)
        background = _without_rim((behind >= _SURE) & inside)
    small = np.clip(lightness * 2.55, 0, 255).round().astype(np.uint8)
    return Fingerprint(
        code=_hash(small.astype(np.float32), person),
        lightness=small.tobytes(),
        person=np.packbits(person).tobytes(),
        background=np.packbits(background).tobytes(),
    )


def detail(lightness: Lightness, mask: Mask, faces: float) -> Lightness:
    """Keep what is finer than ``faces``: each cell less the mean around it, inside the mask.

    The mean is a Gaussian's, over cells of the mask only, so that nothing outside of it
    has a say. 0 outside.
    """
    weight = mask.astype(np.float32)
    sigma = faces * FACE
    around, of = (
        cv2.GaussianBlur(part, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        for part in (lightness * weight, weight)
    )
    return np.asarray((lightness - around / np.maximum(of, 1e-6)) * weight, np.float32)


def small_picture(of: Fingerprint) -> Lightness:
    """Return the lightness in the face's frame, (64, 64) float32, 0-255."""
    return np.frombuffer(of.lightness, np.uint8).reshape(SIDE, SIDE).astype(np.float32)


def mask_of(bits: bytes) -> Mask:
    """Return the cells of `Fingerprint.person` or `Fingerprint.background`, (64, 64) bool."""
    return np.unpackbits(np.frombuffer(bits, np.uint8)).reshape(SIDE, SIDE).astype(bool)


def codes_of(codes: Sequence[bytes]) -> Codes:
    """Return hashes (`Fingerprint.code`) as they are searched: (n, 4) uint64."""
    return np.frombuffer(b"".join(codes), np.uint64).reshape(len(codes), -1)


def mirrored(codes: Codes) -> Codes:
    """Return the hashes of the mirrored pictures: the frequencies odd across change sign."""
    return codes ^ _ODD_ACROSS


def write_fingerprints(path: Path, prints: Mapping[str, Fingerprint]) -> None:
    """Write fingerprints by the SHA-256 of their file: no names, no face template; 0600.

    The same fingerprints give the same bytes.
    """
    known = sorted(sha256 for sha256 in prints if sha256)
    arrays = {
        name: np.array([np.frombuffer(getattr(prints[key], name), np.uint8) for key in known])
        for name in _MEMBERS
    }
    keys = np.array([np.frombuffer(bytes.fromhex(key), np.uint8) for key in known])
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, sha256=keys, **arrays)
    write_private(path, stream.getvalue())


def read_fingerprints(path: Path) -> dict[str, Fingerprint]:
    """Read what `write_fingerprints` wrote, by SHA-256.

    Raises
    ------
    UsageError
        When it cannot be read or is something else.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as members:
            keys, *columns = (members[name] for name in ("sha256", *_MEMBERS))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        why = type(error).__name__
        raise UsageError(
            Text(
                f"{path.name}：不是可以读取的指纹文件（{why}）",
                f"{path.name}: no fingerprints that can be read ({why})",
            )
        ) from None
    sizes = {"code": 32, "lightness": SIDE * SIDE, "person": 512, "background": 512}
    for name, column in zip(_MEMBERS, columns, strict=True):
        if len(keys) and column.shape != (len(keys), sizes[name]):
            raise UsageError(
                Text(
                    f"{path.name}：是另一个版本的指纹",
                    f"{path.name}: fingerprints of another version",
                )
            )
    return {
        key.tobytes().hex(): Fingerprint(*(column[row].tobytes() for column in columns))
        for row, key in enumerate(keys)
    }


def _small(grid: NDArray[np.float32] | Mask) -> NDArray[np.float32]:
    shrunk = cv2.resize(grid.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.float32)


def _without_rim(mask: Mask) -> Mask:
    """Leave out the cells at the edge: they mix with what is on the other side of it."""
    return cv2.erode(mask.astype(np.uint8), _RIM, borderValue=1).astype(bool)


def _hash(lightness: Lightness, person: Mask) -> bytes:
    """Hash the head's detail by pHash: signs of the 16x16 lowest frequencies of a 32x32 DCT.

    Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions", there
    with 8x8 of the whole picture.
    """
    fine = detail(lightness, person & _HEAD, _HASH_DETAIL)[_HEAD_BOX]
    square = cv2.resize(fine, (_DCT_SIDE, _DCT_SIDE), interpolation=cv2.INTER_AREA)
    return np.packbits(cv2.dct(square)[:_HASH_SIDE, :_HASH_SIDE] > 0).tobytes()


def _head() -> tuple[Mask, tuple[slice, slice]]:
    """The oval of the head, and the box around it."""
    x, y = places(CLOSE, SIDE)
    middle, half = (_HEAD_TOP + _HEAD_FOOT) / 2, (_HEAD_FOOT - _HEAD_TOP) / 2
    oval = (x / _HEAD_HALF) ** 2 + ((y - middle) / half) ** 2 <= 1
    rows, columns = (np.flatnonzero(oval.any(axis=axis)) for axis in (1, 0))
    return oval, (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))


_HEAD, _HEAD_BOX = _head()
_ODD_ACROSS = np.packbits(np.tile([False, True], _HASH_SIDE * _HASH_SIDE // 2)).view(np.uint64)
