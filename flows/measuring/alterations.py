"""What happens to a picture on its way: seeded alterations that leave it the same picture.

Each takes the upright picture, (H, W, 3) uint8 sRGB, a seeded generator and the share of
background in every pixel, (H, W) float32, 0-1; and gives the bytes of a JPEG file. The
ranges are those that "the same picture" is promised for.
"""

import io
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from pipeline.image.decode import Pixels

Share = NDArray[np.float32]
Alteration = Callable[[Pixels, Generator, Share], bytes]

COMMON_BLUE = (100, 197, 255)  # the standard's reference, standard.md §1.1
_BACKGROUNDS = (COMMON_BLUE, (67, 142, 219), (255, 255, 255), (220, 30, 40), (120, 125, 130))
_CROP = 0.08  # of a side, off each of its two ends
_TURN_DEG = 3.0
_QUALITY = (40, 90)
_SCALE = (0.5, 2.0)
_LIGHTER, _STEEPER, _GAMMA = (0.75, 1.25), (0.8, 1.25), (0.7, 1.4)


def encoded(pixels: Pixels, quality: int = 92) -> bytes:
    """Encode as a JPEG."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def reencoded(pixels: Pixels, rng: Generator, _: Share) -> bytes:
    """JPEG quality 40-90."""
    return encoded(pixels, int(rng.integers(_QUALITY[0], _QUALITY[1] + 1)))


def reencoded_worst(pixels: Pixels, _rng: Generator, _: Share) -> bytes:
    """JPEG quality 40."""
    return encoded(pixels, _QUALITY[0])


def resized(pixels: Pixels, rng: Generator, _: Share) -> bytes:
    """Half to twice the size, evenly on a logarithmic scale."""
    return encoded(_scaled(pixels, _log_uniform(rng, _SCALE)))


def toned(pixels: Pixels, rng: Generator, _: Share) -> bytes:
    """Brightness, contrast and gamma together."""
    return encoded(_toned(pixels, rng))


def cropped(pixels: Pixels, rng: Generator, _: Share) -> bytes:
    """Up to 8 % off each of the four edges."""
    return encoded(_cropped(pixels, rng))


def turned(pixels: Pixels, rng: Generator, _: Share) -> bytes:
    """Turned by up to 3° either way; beyond the picture as at its edge."""
    return encoded(_turned(pixels, rng))


def mirrored(pixels: Pixels, rng: Generator, _: Share) -> bytes:
    """Left and right exchanged, and encoded anew."""
    return reencoded(np.ascontiguousarray(pixels[:, ::-1]), rng, _)


def on_another(pixels: Pixels, rng: Generator, background: Share) -> bytes:
    """Set on another colour, evenly or with a gradient of up to 20 % from top to bottom."""
    colour = np.array(_BACKGROUNDS[int(rng.integers(len(_BACKGROUNDS)))], np.float32)
    fade = np.linspace(1.0, rng.uniform(0.8, 1.0), len(pixels), dtype=np.float32)
    return reencoded(_set_on(pixels, background, fade[:, None, None] * colour), rng, background)


def on_blue(pixels: Pixels, rng: Generator, background: Share) -> bytes:
    """Set on the one blue that all others are set on too."""
    return reencoded(
        _set_on(pixels, background, np.array([[COMMON_BLUE]], np.float32)), rng, background
    )


def all_at_once(pixels: Pixels, rng: Generator, background: Share) -> bytes:
    """Turned, cropped, toned, resized and encoded anew."""
    changed = _cropped(_turned(pixels, rng), rng)
    changed = _scaled(_toned(changed, rng), _log_uniform(rng, _SCALE))
    return reencoded(changed, rng, background)


ALTERATIONS: Mapping[str, Alteration] = {
    "re-encoded q40-90": reencoded,
    "re-encoded q40": reencoded_worst,
    "resized x0.5-2": resized,
    "brightness, contrast, gamma": toned,
    "cropped by up to 8 %": cropped,
    "turned by up to 3°": turned,
    "mirrored": mirrored,
    "another background": on_another,
    "on the common blue": on_blue,
    "all but the last three": all_at_once,
}


def _cropped(pixels: Pixels, rng: Generator) -> Pixels:
    height, width = pixels.shape[:2]
    left, right, top, bottom = rng.uniform(0, _CROP, 4)
    return np.ascontiguousarray(
        pixels[round(top * height) : height - round(bottom * height)][
            :, round(left * width) : width - round(right * width)
        ]
    )


def _turned(pixels: Pixels, rng: Generator) -> Pixels:
    height, width = pixels.shape[:2]
    angle = float(rng.uniform(-_TURN_DEG, _TURN_DEG))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    moved = cv2.warpAffine(
        pixels, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)


def _scaled(pixels: Pixels, scale: float) -> Pixels:
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=way), np.uint8)


def _toned(pixels: Pixels, rng: Generator) -> Pixels:
    gamma, steep = _log_uniform(rng, _GAMMA), rng.uniform(*_STEEPER)
    unit = (pixels.astype(np.float32) / np.float32(255)) ** np.float32(gamma)
    changed = ((unit - 0.5) * steep + 0.5) * rng.uniform(*_LIGHTER)
    return np.asarray((np.clip(changed, 0, 1) * 255).round(), np.uint8)


def _set_on(pixels: Pixels, background: Share, colour: NDArray[np.float32]) -> Pixels:
    share = background[:, :, None]
    return np.asarray((pixels * (1 - share) + colour * share).round().clip(0, 255), np.uint8)


def _log_uniform(rng: Generator, ends: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(ends))))
