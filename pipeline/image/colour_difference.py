"""How far apart two colours look: CIEDE2000."""

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.floating]  # (…, 3) CIE L*a*b*

# IEC 61966-2-1: linear sRGB to XYZ, and the white point D65 of 2 degrees; CIE 15 for L*a*b*.
_TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
_25_7 = 25.0**7


def lab_of(srgb: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the L*a*b* (D65) of (…, 3) sRGB 0-255, exactly; OpenCV's is off by a tenth."""
    code = srgb / 255
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    share = light @ _TO_XYZ.T / _WHITE
    x, y, z = np.moveaxis(
        np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116), -1, 0
    )
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e_2000(one: Colours, other: Colours) -> NDArray[np.float64]:
    """Return the CIEDE2000 differences of colours; 1 is about the least that is seen.

    The same as ``skimage.color.deltaE_ciede2000``, which loads half a second of modules that
    nothing else of a check needs.

    Parameters
    ----------
    one, other
        (…, 3) CIE L*a*b*, broadcast against one another.

    Returns
    -------
    ndarray
        (…) float64.

    References
    ----------
    CIE 142-2001; Sharma, Wu, Dalal, Color Research and Application 30 (2005), whose pairs of
    colours are its test (`tests/test_colour_difference.py`).
    """
    (l1, a1, b1), (l2, a2, b2) = (
        np.moveaxis(np.asarray(lab, np.float64), -1, 0) for lab in (one, other)
    )
    chroma = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + _25_7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = (np.arctan2(b, a * stretch) % (2 * np.pi) for a, b in ((a1, b1), (a2, b2)))
    coloured = c1 * c2 != 0
    turn = np.where(coloured, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi, 0.0)
    hue = np.where(coloured, h1 + turn / 2, h1 + h2)
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    weight = (
        1
        - 0.17 * np.cos(hue - np.deg2rad(30))
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.deg2rad(6))
        - 0.20 * np.cos(4 * hue - np.deg2rad(63))
    )
    of_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    of_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    of_hue = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2) / (1 + 0.015 * chroma * weight)
    blue = 60 * np.exp(-(((np.rad2deg(hue) % 360 - 275) / 25) ** 2))
    rotation = 2 * np.sqrt(chroma**7 / (chroma**7 + _25_7)) * np.sin(np.deg2rad(blue))
    squared = of_light**2 + of_chroma**2 + of_hue**2 - rotation * of_chroma * of_hue
    return np.asarray(np.sqrt(np.maximum(squared, 0)))
