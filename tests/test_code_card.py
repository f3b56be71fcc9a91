"""Drawn code cards: read at 2 to 8 % of the frame, tilted and slightly blurred."""

import cv2
import numpy as np
import pytest

from pipeline.image.code_card import read_code

NUMBER = "2023141460001"
HEIGHT, WIDTH = 1500, 1000  # as a frame of 24 MP is decoded


def card(share: float, degrees: float = 0.0, blur: float = 0.0) -> np.ndarray:
    """A frame with a code that takes ``share`` of its area: (H, W, 3) uint8."""
    side = round((share * HEIGHT * WIDTH) ** 0.5)
    code = cv2.QRCodeEncoder.create().encode(NUMBER)
    code = cv2.copyMakeBorder(code, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255)
    code = cv2.resize(code, (side, side), interpolation=cv2.INTER_NEAREST)
    frame = np.full((HEIGHT, WIDTH), 150, np.uint8)
    top, left = (HEIGHT - side) // 2, (WIDTH - side) // 2
    frame[top : top + side, left : left + side] = code
    turned = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, 1.0)
    frame = cv2.warpAffine(frame, turned, (WIDTH, HEIGHT), borderValue=150)
    if blur:
        frame = cv2.GaussianBlur(frame, None, blur)
    return cv2.cvtColor(frame, cv2.COLOR_GRAY2RGB)


@pytest.mark.parametrize("share", [0.02, 0.04, 0.08])
@pytest.mark.parametrize(("degrees", "blur"), [(0.0, 0.0), (12.0, 0.0), (0.0, 1.5), (8.0, 1.0)])
def test_a_card_is_read(share, degrees, blur):
    assert read_code(card(share, degrees, blur)) == NUMBER


def test_a_card_in_full_resolution_is_read():
    assert read_code(cv2.resize(card(0.04), (4000, 6000))) == NUMBER


def test_a_sitter_is_no_card(sitter):
    assert read_code(sitter()) == ""
