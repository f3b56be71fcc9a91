"""CIEDE2000 as everyone computes it."""

import numpy as np
import pytest
from skimage import color

from pipeline.image.colour_difference import delta_e_2000, lab_of


@pytest.mark.parametrize(
    ("one", "other", "due"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.001), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ],
)
def test_it_is_that_of_the_published_pairs(one, other, due):
    """Of Sharma, Wu and Dalal's pairs those on which others' programs failed."""
    assert delta_e_2000(np.array(one), np.array(other)) == pytest.approx(due, abs=1e-4)


def test_colours_are_brought_to_lab_as_scikit_image_does():
    colours = np.random.default_rng(6).integers(0, 256, (1000, 3))
    colours[0] = 255
    np.testing.assert_allclose(lab_of(colours), color.rgb2lab(colours / 255), atol=1e-9)


def test_it_is_the_one_of_scikit_image():
    random = np.random.default_rng(5)
    one, other = random.uniform((0, -110, -110), (100, 110, 110), (2, 5000, 3))
    one[:50, 1:] = 0
    other[25:75, 1:] = 0
    other[80:90] = one[80:90]
    found = delta_e_2000(one, other)
    np.testing.assert_allclose(found, color.deltaE_ciede2000(one, other), atol=1e-9)
    assert found[85] == 0
