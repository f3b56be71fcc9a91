"""``make bench-cards``: drawn code cards that are read, read wrong, and the time of other frames.

A card is a QR code of a 学号 at error level M, anywhere in a frame as one of 24 MP is decoded,
turned by up to 25 degrees, unevenly lit, with noise. OpenCV's reader stands beside the one in use.
"""

import argparse
import io
import time
from collections.abc import Callable
from itertools import product
from statistics import median

import cv2
import numpy as np
import segno
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.table import Table

from fixtures.people import person, portrait
from pipeline.image.code_card import read_codes

Pixels = NDArray[np.uint8]
_HEIGHT, _WIDTH = 1000, 1500
_SHARES = (0.02, 0.04, 0.08)  # of the frame, the white margin included
_SPOILED = ((0, 0.0), (30, 0.0), (50, 0.0), (0, 1.5), (0, 2.5), (30, 1.5), (30, 2.5), (50, 1.5))
_NOISE = 5.0  # levels
_24_MP = (6000, 4000)


def main() -> None:
    """Draw, read, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=12, help="cards of each kind")
    count = parser.parse_args().count
    random = np.random.default_rng(18)
    table = Table(title=f"cards read, of {count} (read wrong)", box=None)
    for head in ("share", "tilt", "blur", "in use", "OpenCV"):
        table.add_column(head, justify="right")
    for share, (tilt, blur) in product(_SHARES, _SPOILED):
        cards = [card(random, share, tilt, blur) for _ in range(count)]
        told = (_told(cards, reader) for reader in (read_codes, read_by_opencv))
        table.add_row(f"{share:.0%}", str(tilt), f"{blur:g}", *told)
    say = Console(highlight=False)
    say.print(table)
    frames = [portrait(person(seed), 12.0) for seed in range(count)]
    for size in ((_WIDTH, _HEIGHT), _24_MP):
        larger = [_scaled(frame, size) for frame in frames]
        found = sum(bool(read_codes(frame)) for frame in larger)
        seconds = (f"{_median_ms(larger, r):.0f}" for r in (read_codes, read_by_opencv))
        say.print(f"{size[0]}x{size[1]} without a card: {' ms, OpenCV '.join(seconds)} ms")
        say.print(f"codes found there: {found} of {count}")


def card(random: np.random.Generator, share: float, tilt: float, blur: float) -> tuple[str, Pixels]:
    """Draw a frame with a card: its number, and (H, W, 3) uint8 RGB.

    Parameters
    ----------
    share
        Of the frame's area that the card would take if it were not tilted.
    tilt
        Degrees about its upright axis, seen from near.
    blur
        Deviation of a Gaussian, px.
    """
    number = f"2023141460{random.integers(1000):03}"
    code = _printed(number)
    side = (share * _HEIGHT * _WIDTH) ** 0.5
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * side
    corners[:, 0] *= np.cos(np.radians(tilt))
    nearer = 1 + 0.12 * np.sin(np.radians(tilt)) * random.choice([-1, 1])
    corners[[0, 3], 1] *= nearer
    corners[[1, 2], 1] /= nearer
    turn = np.radians(random.uniform(-25, 25))
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    room = side * 0.75
    place = (random.uniform(room, _WIDTH - room), random.uniform(room, _HEIGHT - room))
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * len(code)
    to_frame = cv2.getPerspectiveTransform(square, (corners + place).astype(np.float32))
    size = (_WIDTH, _HEIGHT)
    paper = cv2.warpPerspective(code, to_frame, size, flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.ones_like(code), to_frame, size)
    light = np.linspace(0.75, 1.0, _WIDTH, dtype=np.float32)[None]
    frame = (150 * (1 - inside) + (30 + 0.75 * paper) * inside) * light
    if blur:
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), blur), np.float32)
    noisy = np.clip(frame + random.normal(0, _NOISE, frame.shape), 0, 255).astype(np.uint8)
    return number, np.dstack([noisy] * 3)


def read_by_opencv(pixels: Pixels) -> str:
    """Read one QR code by OpenCV's reader; the empty string where it reads none."""
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    return str(text)


def _printed(number: str) -> NDArray[np.float32]:
    stream = io.BytesIO()
    segno.make(number, error="m", micro=False).save(stream, kind="png", scale=10, border=4)
    return np.asarray(Image.open(stream).convert("L"), np.float32)


def _scaled(sheet: NDArray[np.float32], size: tuple[int, int]) -> Pixels:
    """Scale a drawn person, (H, W, 4), to a frame of a size."""
    return cv2.resize(sheet[:, :, :3], size).clip(0, 255).astype(np.uint8)


def _told(cards: list[tuple[str, Pixels]], reader: Callable[[Pixels], str]) -> str:
    read = [(number, reader(pixels)) for number, pixels in cards]
    wrong = sum(text not in {number, ""} for number, text in read)
    return f"{sum(text == number for number, text in read)} ({wrong})"


def _median_ms(frames: list[Pixels], reader: Callable[[Pixels], str]) -> float:
    seconds = []
    for frame in frames:
        began = time.process_time()
        reader(frame)
        seconds.append(time.process_time() - began)
    return 1000 * median(seconds)


if __name__ == "__main__":
    main()
