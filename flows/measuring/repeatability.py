"""How well each rule's value repeats: its spread where nothing changed for an inspector.

One photo is measured again and again: its crop moved and scaled by under two pixels, its
file encoded anew, a little lighter or darker, turned by half a degree, with fewer pixels, and
as the registration file that is made of it. What the value then does is the measure's own
(GUM 4.2, type A): twice the standard deviation, pooled over the photos, is the uncertainty
that a limit states (`pipeline.core.rules.Band`). The crop is that of the photo unaltered, so
that the planner of crops does not make up for what the landmarks do; what an alteration does
to a place by itself is known, and taken off, but for the half degree, which nobody sees.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from checks import head_covering
from pipeline.core.errors import PhotoError
from pipeline.core.records import Submission
from pipeline.core.rules import Mode
from pipeline.examine.check import Check, run_check
from pipeline.examine.facts import Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.examine.measure import facts_of
from pipeline.face.models import Models
from pipeline.image.decode import Pixels
from pipeline.image.geometry import Crop, Placement, place
from pipeline.intake.inbox import read_bytes
from pipeline.spec.spec import Spec

KINDS = ("crop", "encoding", "brightness", "turn", "size", "file")
_SHIFT_PX = 2.0  # of the registration file
_SCALE = 0.004  # two pixels of its width
_QUALITY = (85, 95)
_BRIGHTNESS = 0.02
_TURN_DEG = 0.5
_SIZES = (0.75, 0.5)
_UNMEASURED = ("FL", "FS", "RS")  # read off the file, or planned: exact

Limit = tuple[float | None, float | None]
Key = tuple[str, str, Limit]  # code, quantity where it is not the rule's own, limit


@dataclass(frozen=True)
class Altered:
    """The same picture once more: a file's bytes, and where the photo's pixels went in it.

    A pixel (x, y) of the photo lies at ``scale`` · (x, y) + ``shift``.
    """

    kind: str
    data: bytes
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Repeated:
    """The values of one photo: unaltered, and by the kind of alteration."""

    first: Mapping[Key, float]
    again: Sequence[tuple[str, Mapping[Key, float]]]


def alterations(
    pixels: Pixels, crop: Crop, rng: Generator, least_scale: float
) -> Iterator[Altered]:
    """Yield the altered pictures of a photo; sizes only down to ``least_scale``.

    Parameters
    ----------
    pixels
        (H, W, 3) uint8 sRGB.
    crop
        The registration crop of it, whose output pixels shifts are counted in.
    """
    height, width = pixels.shape[:2]
    middle = np.array([crop.x + crop.width / 2, crop.y + crop.height / 2])
    for _ in range(2):
        scale = 1 + rng.uniform(-_SCALE, _SCALE)
        moved = rng.uniform(-_SHIFT_PX, _SHIFT_PX, 2) * crop.scale + (1 - scale) * middle
        across, down = (float(value) for value in moved)
        to = np.array([[scale, 0, across], [0, scale, down]])
        yield Altered("crop", _lossless(_warped(pixels, to)), scale, (across, down))
    for _ in range(2):
        quality = int(rng.integers(_QUALITY[0], _QUALITY[1] + 1))
        yield Altered("encoding", _encoded(pixels, "JPEG", quality=quality))
    for change in (1 - _BRIGHTNESS, 1 + _BRIGHTNESS):
        yield Altered("brightness", _lossless(np.clip(pixels * change, 0, 255).round()))
    for angle in (-_TURN_DEG, _TURN_DEG):
        x, y = (float(value) for value in middle)
        to = cv2.getRotationMatrix2D((x, y), angle, 1.0)
        yield Altered("turn", _lossless(_warped(pixels, to)))
    for scale in _SIZES:
        if scale >= least_scale:
            size = (round(width * scale), round(height * scale))
            small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
            yield Altered("size", _lossless(small), size[0] / width)


def repeat(
    submission: Submission, spec: Spec, checks: Sequence[Check], models: Models
) -> Repeated | None:
    """Measure one photo again and again; None where no head is measured, or it has few pixels.

    The alterations are the same on every run: they are drawn from the photo's own bytes.
    """
    try:
        data = read_bytes(submission, spec.reading.max_bytes)
        pixels = facts_of(data, Mode.SOURCE, spec, models).photo.pixels
    except PhotoError:
        return None
    plain = facts_of(_lossless(pixels), Mode.SOURCE, spec, models)
    least = spec.output.face_width or spec.output.head_width
    least_px = 0.0 if least is None else least.low or 0.0
    if not isinstance(plain, HeadFacts) or plain.head.face_width < least_px:
        return None
    crop = plain.crop
    rng = np.random.default_rng(int(sha256(data).hexdigest()[:16], 16))
    again = []
    for one in alterations(pixels, crop, rng, least_px / plain.head.face_width):
        facts = facts_of(one.data, Mode.SOURCE, spec, models)
        if isinstance(facts, HeadFacts):
            again.append((one.kind, values(_in_crop(facts, crop, one), spec, checks)))
    made = facts_of(plain.encoded.data, Mode.FINAL, spec, models)
    again.append(("file", values(made, spec, checks)))
    return Repeated(values(plain, spec, checks), again)


def _in_crop(facts: HeadFacts, crop: Crop, altered: Altered) -> HeadFacts:
    """The facts of an altered picture in the crop of the photo unaltered."""
    kept = _scaled(crop, altered.scale if altered.kind == "size" else 1.0, (0.0, 0.0))
    moved = _scaled(crop, altered.scale, altered.shift)
    return _Fixed(**{name: getattr(facts, name) for name in _FIELDS}, given=(kept, moved))


@dataclass(frozen=True, eq=False, repr=False)
class _Fixed(HeadFacts):
    """Facts in a crop that is given, with the head's place in another: that of the head itself."""

    given: tuple[Crop, Crop]

    @property
    def crop(self) -> Crop:
        return self.given[0]

    @property
    def placement(self) -> Placement:
        return place(self.head, self.given[1])


_FIELDS = tuple(HeadFacts.__dataclass_fields__)


def _scaled(crop: Crop, by: float, shift: tuple[float, float]) -> Crop:
    x, y = crop.x * by + shift[0], crop.y * by + shift[1]
    return Crop(x, y, crop.width * by, crop.height * by, crop.scale * by)


def values(facts: Facts, spec: Spec, checks: Sequence[Check]) -> dict[Key, float]:
    """Return the measured value of every rule that measures one on the picture.

    HT001 gives the sign of a covering that speaks for it; here are all three of them.
    """
    found = (f for check in checks for f in run_check(check, facts, spec.limits.get(check.name)))
    signs = head_covering.measure(facts.content) if isinstance(facts, HeadFacts) else None
    return _signs(signs or {}, spec) | {
        (f.code, f.quantity.en if f.quantity else "", (f.low, f.high)): float(f.measured)
        for f in found
        if f.measured is not None
        and (f.low, f.high) != (None, None)
        and not f.code.startswith(_UNMEASURED)
        and f.code != "HT001"
    }


def _signs(seen: Mapping[str, float], spec: Spec) -> dict[Key, float]:
    bands = {sign: getattr(spec.limits["head_covering"], sign) for sign in seen}
    return {("HT001", sign, (band.low, band.high)): seen[sign] for sign, band in bands.items()}


def _warped(pixels: Pixels, to: NDArray[np.float64] | cv2.typing.MatLike) -> Pixels:
    size = (pixels.shape[1], pixels.shape[0])
    moved = cv2.warpAffine(pixels, to, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def _lossless(pixels: NDArray[np.generic]) -> bytes:
    return _encoded(pixels, "PNG", compress_level=1)


def _encoded(pixels: NDArray[np.generic], form: str, **how: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, form, **how)
    return stream.getvalue()
