"""From the judged crop to the registration file: one resampling step, one honest JPEG.

Nothing here changes what the picture shows: no rotation, no mirroring, no retouching
(禁止整体或局部镜像、旋转等变换).
"""

import io
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageFile

from pipeline.image.colour import SRGB_PROFILE
from pipeline.image.decode import Pixels
from pipeline.image.geometry import Crop
from pipeline.image.light import to_code, to_light
from pipeline.image.ssim import ssim_to
from pipeline.spec.document import Output

KB = 1024  # bytes
Sampling = Literal["4:2:0", "4:2:2", "4:4:4"]
_SAMPLINGS: tuple[Sampling, ...] = ("4:2:0", "4:2:2", "4:4:4")  # smallest files first

# Pillow's optimised coder must hold the whole file, has a byte a pixel for it unless this is
# more, and fails beyond: a picture of noise at 480x640 takes 500 KB.
ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 1 << 22)
_LANCZOS_RIM = 3  # lobes on each side
_USUAL_QUALITY = 88  # of a portrait within the typical size
# A file of half the size has 3.3 times the distance from quality 100: the usual slope, good
# for a guess.
_LOSS_FOR_SIZE = 1.7


@dataclass(frozen=True)
class Encoded:
    """A JPEG, the quality and chroma subsampling it was written with.

    ``ssim`` is that of its pixels and those it was made of, where it was measured.
    """

    data: bytes
    quality: int
    sampling: Sampling
    ssim: float | None = None

    @property
    def kb(self) -> float:
        """Size in KB of 1024 bytes."""
        return len(self.data) / KB


def resample(pixels: Pixels, crop: Crop, scale: float, size: tuple[int, int]) -> Pixels:
    """Cut ``crop`` (full-resolution pixels) out of ``pixels`` and bring it to ``size``.

    One step, Lanczos of three lobes, on light and not on its code: the mean of black and
    white hair is the grey that a camera of fewer pixels would have seen. Measured here by
    ``python -m flows.measuring.upload_files`` on 35 crops of photographs, against a downscale of
    ten lobes in light: Lanczos in light 50.4 dB (SSIM 0.9975), on code 47.5 (0.9961); area
    in light 44.2 (0.9917), on code 44.3 (0.9915). Of a zone plate's rings above the
    output's reach, shrunk to a third, Lanczos leaves a pattern of 6 of 255, area one of 15.
    A reduced decode that still has a pixel for each of the output's is large enough: six
    crops differ from the same of the full decode by 47.6 dB or more (SSIM 0.995), a tenth
    of what the JPEG then costs (0.95-0.97).

    Parameters
    ----------
    pixels
        (H, W, 3) uint8 sRGB, ``scale`` times the full resolution.
    size
        Width and height of the result. When the crop is already that size and lies
        on whole pixels, its pixels are returned untouched.
    """
    height, width = pixels.shape[:2]
    left, top = crop.x * scale, crop.y * scale
    right = min(float(width), left + crop.width * scale)
    bottom = min(float(height), top + crop.height * scale)
    if (left, top, right, bottom) == (0, 0, *size) and (width, height) == size:
        return pixels
    rim = _LANCZOS_RIM * max(1.0, (right - left) / size[0], (bottom - top) / size[1]) + 1
    x0, y0 = max(0, int(left - rim)), max(0, int(top - rim))
    seen = pixels[y0 : int(bottom + rim) + 1, x0 : int(right + rim) + 1]
    box = (left - x0, top - y0, right - x0, bottom - y0)
    light = to_light(seen)
    small = np.stack(
        [
            np.asarray(Image.fromarray(channel).resize(size, Image.Resampling.LANCZOS, box=box))
            for channel in cv2.split(light)
        ],
        axis=2,
    )
    return to_code(small)


def encode(pixels: Pixels, output: Output, quality: int, sampling: Sampling = "4:2:0") -> bytes:
    """Write (H, W, 3) uint8 sRGB as a baseline JPEG with optimised Huffman tables.

    The tag says ``output.dpi``; no EXIF, no thumbnail, and an sRGB profile only where the
    spec asks for one.
    """
    stream = io.BytesIO()
    Image.fromarray(pixels).save(
        stream,
        "JPEG",
        quality=quality,
        optimize=True,
        dpi=(output.dpi, output.dpi),
        subsampling=sampling,
        icc_profile=SRGB_PROFILE if output.profile == "srgb" else None,
    )
    return stream.getvalue()


def encode_into_window(pixels: Pixels, output: Output) -> Encoded:
    """Say what file a crop would give: the highest quality that still fits the KB window.

    Looks for quality between the spec's floor and ceiling, aiming below the typical
    upper end (or the hard one where the spec names no typical size). Never pads, never
    goes below the floor: where even the floor is too large, the file at the floor is
    returned, and FS001 says so. Where the file stays below the window at the ceiling,
    the colours are stored more finely.
    """
    best = _finest(pixels, output, _SAMPLINGS[0], _USUAL_QUALITY)
    for sampling in _SAMPLINGS[1:]:
        if best.kb >= _ends(output)[0]:
            break
        best = _finest(pixels, output, sampling, best.quality)
    return best


def encode_best(pixels: Pixels, output: Output, known: Encoded | None = None) -> Encoded:
    """Do the same in each chroma subsampling, and keep the one most like the crop.

    Those that keep the KB window come first, then the largest SSIM. ``known`` is what
    `encode_into_window` gave: it need not be looked for again.
    """
    tried = []
    low, most = _ends(output)
    similarity, quality = ssim_to(pixels), _USUAL_QUALITY
    for sampling in _SAMPLINGS:
        if known is not None and known.sampling == sampling:
            made = known
        else:
            made = _finest(pixels, output, sampling, quality)
        likeness = similarity(np.asarray(Image.open(io.BytesIO(made.data))))
        found, quality = replace(made, ssim=likeness), made.quality
        tried.append((low <= made.kb <= most, likeness, found))
    return max(tried, key=lambda one: one[:2])[2]


def _finest(pixels: Pixels, output: Output, sampling: Sampling, guess: int) -> Encoded:
    """Return the file of the highest quality that fits, or that of the floor.

    From a guess, each file's size tells what to try next; three or four do where bisecting
    would take seven.
    """
    most = _ends(output)[1]
    floor, high = output.quality_floor, output.quality_ceiling
    best, low = None, floor - 1
    quality = min(max(guess, floor), high)
    while True:
        made = Encoded(encode(pixels, output, quality, sampling), quality, sampling)
        if made.kb <= most:
            best, low = made, quality
        else:
            high = quality - 1
        if low >= high:
            return best or made
        aim = 100 - (100 - quality) * (made.kb / most) ** _LOSS_FOR_SIZE
        quality = min(max(int(aim), low + 1), high)


def _ends(output: Output) -> tuple[float, float]:
    """The KB window that is aimed at: the typical one where the spec names it."""
    if output.kb is None:
        return 0.0, float("inf")
    return (
        output.kb.note_low or output.kb.low or 0.0,
        output.kb.note_high or output.kb.high or float("inf"),
    )
