"""SSIM as everyone computes it, and what it must say of pictures that are known."""

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from pipeline.image.ssim import ssim


def noisy(picture: np.ndarray, sigma: float) -> np.ndarray:
    grain = np.random.default_rng(4).normal(0, sigma, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("sigma", [2, 10, 40])
def test_it_is_the_one_of_scikit_image(sitter, sigma):
    picture = sitter()[300:600, 300:500]
    other = noisy(picture, sigma)
    due = structural_similarity(
        picture, other, channel_axis=2, data_range=255,
        gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
    )  # fmt: skip
    assert ssim(picture, other) == pytest.approx(due, abs=2e-4)


def test_a_picture_is_wholly_like_itself_and_less_the_noisier(sitter):
    picture = sitter()[300:600, 300:500]
    similarity = [ssim(picture, noisy(picture, sigma)) for sigma in (0, 2, 5, 20)]
    assert similarity[0] == pytest.approx(1, abs=1e-5)
    assert similarity == sorted(similarity, reverse=True)


def test_a_change_of_colour_alone_is_seen(sitter):
    picture = sitter()[300:600, 300:500]
    assert ssim(picture, picture[:, :, ::-1]) < 0.95
