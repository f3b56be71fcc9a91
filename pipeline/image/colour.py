"""From any kind of stored pixels to 8-bit sRGB.

Colours are brought to sRGB through the picture's profile where it matters; most photos
carry sRGB itself or nothing, and pay nothing. A camera that is set to Adobe RGB embeds no
profile and says so in EXIF (`pipeline.image.exif`): `ADOBE_RGB_PROFILE` stands in for it.
"""

import io
import struct
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}  # Pillow's mode: the profile's word
_SRGB = ImageCms.createProfile("sRGB")
_SAME_COLOUR = 2  # levels: a profile that moves no colour further is sRGB by another name


def _srgb_profile() -> bytes:
    """Little CMS's sRGB, 588 bytes, always the same: it dates a profile by the clock."""
    made = ImageCms.ImageCmsProfile(_SRGB).tobytes()
    published = b"".join(part.to_bytes(2, "big") for part in (1999, 10, 18, 0, 0, 0))
    return made[:24] + published + made[36:]  # the date of IEC 61966-2-1


SRGB_PROFILE = _srgb_profile()


def _adobe_rgb_profile() -> bytes:
    """Little CMS's sRGB with the primaries and the gamma of Adobe RGB; it can make no other.

    Adobe RGB (1998) Color Image Encoding, version 2005-05: 4.3.1 and annex B (as D50).
    """

    def fixed(*values: float) -> bytes:
        return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))

    # Curve of the ICC's type 3: (a x + b)^g, and c x below d, which is nothing here.
    curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.19921875, 1, 0, 0, 0)
    name = "like AdobeRGB".encode("utf-16-be")
    return _with_tags(
        SRGB_PROFILE,
        {
            b"desc": b"mluc\0\0\0\0\0\0\0\1\0\0\0\x0cenUS" + struct.pack(">II", 26, 28) + name,
            b"rXYZ": b"XYZ \0\0\0\0" + fixed(0.60974, 0.31111, 0.01947),
            b"gXYZ": b"XYZ \0\0\0\0" + fixed(0.20528, 0.62567, 0.06087),
            b"bXYZ": b"XYZ \0\0\0\0" + fixed(0.14919, 0.06322, 0.74457),
            **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
            b"chrm": b"chrm\0\0\0\0\0\3\0\0" + fixed(0.64, 0.33, 0.21, 0.71, 0.15, 0.06),
        },
    )


def _with_tags(profile: bytes, bodies: Mapping[bytes, bytes]) -> bytes:
    """Exchange the bodies of a profile's tags for others of the same length."""
    made = bytearray(profile)
    (count,) = struct.unpack_from(">I", profile, 128)
    for entry in range(count):
        tag, at, size = struct.unpack_from(">4sII", profile, 132 + 12 * entry)
        body = bodies.get(tag, profile[at : at + size])
        assert len(body) == size, tag
        made[at : at + size] = body
    return bytes(made)


ADOBE_RGB_PROFILE = _adobe_rgb_profile()


class ColourError(ValueError):
    """The pixels do not say which colour they are."""


def to_srgb(image: Image.Image, bits: int, profile: bytes | None) -> Image.Image:
    """Bring a picture of any mode to mode RGB, 8-bit sRGB, on white.

    Parameters
    ----------
    image
        A loaded picture.
    bits
        Stored bits a channel, which 16-bit modes are scaled down from.
    profile
        The ICC profile of its colours, if any.

    Raises
    ------
    ColourError
        For 32-bit and floating-point samples and for Lab.
    """
    if image.mode.startswith("I;16"):
        image = Image.fromarray(_to_8_bit(np.asarray(image), bits))
    elif image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        image = Image.alpha_composite(white, clear).convert("RGB")
    elif image.mode in {"I", "F", "LAB"}:  # 32-bit samples do not say what white is
        raise ColourError(image.mode)
    elif image.mode not in _SPACES:  # "1", palettes, YCbCr
        image = image.convert("L" if image.mode == "1" else "RGB")
    transform = _transform(profile, image.mode) if profile else None
    if transform is not None:
        return transform.apply(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def is_srgb(profile: bytes) -> bool:
    """Whether an ICC profile for RGB means sRGB's colours; none does, and one that is broken."""
    return not profile or _transform(profile, "RGB") is None


def _to_8_bit(samples: NDArray[np.uint16], bits: int) -> NDArray[np.uint8]:
    """Scale (H, W) samples of ``bits`` bits to 0..255, rounded."""
    most = 2 ** min(bits, 16) - 1
    scaled = (samples.astype(np.uint32) * 255 + most // 2) // most
    eight: NDArray[np.uint8] = np.minimum(scaled, 255).astype(np.uint8)
    return eight


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The way from a profile to sRGB; None where there is none, or none is needed."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES[mode]:
            return None
        transform = ImageCms.buildTransform(
            source,
            _SRGB,
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (OSError, ImageCms.PyCMSError):
        return None
    if mode == "CMYK":
        return transform
    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    if mode == "L":
        probe = Image.fromarray(steps[None, :])
    else:
        probe = Image.fromarray(np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3))
    before = np.asarray(probe.convert("RGB")).astype(np.int16)
    moved = np.abs(np.asarray(transform.apply(probe)) - before).max()
    return None if moved <= _SAME_COLOUR else transform
