"""Colours are called as people call them."""

import cv2
import numpy as np
import pytest

from pipeline.image.colour_names import name_of


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 255, 255), "white"),
        ((240, 240, 240), "white"),
        ((20, 20, 25), "black"),
        ((128, 128, 128), "grey"),
        ((100, 197, 255), "blue"),
        ((67, 142, 219), "blue"),
        ((216, 22, 32), "red"),
        ((230, 140, 20), "orange"),
        ((240, 220, 40), "yellow"),
        ((30, 130, 60), "green"),
        ((150, 60, 170), "purple"),
    ],
)
def test_names(rgb, name):
    unit = np.array([[rgb]], np.float32) / 255
    assert name_of(cv2.cvtColor(unit, cv2.COLOR_RGB2Lab)[0, 0]) == name
