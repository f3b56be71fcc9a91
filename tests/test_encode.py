"""From the judged crop to the registration file: nothing enlarged, turned, padded or hidden."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

import pipeline
from checks import CHECKS
from pipeline.core.bands import Band
from pipeline.image.decode import DecodeLimits, read_header
from pipeline.image.encode import encode, encode_best, encode_into_window, resample
from pipeline.image.geometry import Crop
from pipeline.image.ssim import ssim
from pipeline.spec.spec import load_spec

SIZE = (480, 640)
SPECS = sorted((Path(pipeline.__file__).parent / "specs").glob("*.toml"))
SOF0, EXIF, ICC, COMMENT = b"\xff\xc0", b"Exif\0\0", b"ICC_PROFILE\0", b"\xff\xfe"


def ramps(width=960, height=1280) -> np.ndarray:
    """Red grows to the right, green downwards: every pixel says where it came from."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, :, 0] = np.linspace(0, 255, width)[None, :]
    picture[:, :, 1] = np.linspace(0, 255, height)[:, None]
    return picture


def noise(sigma: float) -> np.ndarray:
    grain = np.random.default_rng(3).normal(128, sigma, (640, 480, 3))
    return np.clip(grain, 0, 255).astype(np.uint8)


# -- resampling ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "crop", [Crop(0, 0, 960, 1280, 2.0), Crop(120, 200, 720, 960, 1.5), Crop(3.5, 0, 480, 640, 1.0)]
)
def test_the_crop_shows_what_lay_there_upright_and_unmirrored(crop):
    """禁止整体或局部镜像、旋转等变换."""
    made = resample(ramps(), crop, 1.0, SIZE).astype(float)
    x = crop.x + (np.arange(480) + 0.5) * crop.scale
    y = crop.y + (np.arange(640) + 0.5) * crop.scale
    np.testing.assert_allclose(made[:, :, 0], np.tile(255 * x / 960, (640, 1)), atol=2)
    np.testing.assert_allclose(made[:, :, 1], np.tile(255 * y / 1280, (480, 1)).T, atol=2)
    assert (made[:, :, 2] == 0).all()


def test_a_reduced_decode_gives_the_same_crop():
    crop = Crop(400, 480, 1920, 2560, 4.0)
    large, small = ramps(3840, 5120), ramps(1920, 2560)
    difference = resample(large, crop, 1.0, SIZE).astype(int) - resample(small, crop, 0.5, SIZE)
    assert np.abs(difference).max() <= 2


def test_a_final_file_keeps_every_pixel():
    picture = noise(40)
    assert resample(picture, Crop(0, 0, 480, 640, 1.0), 1.0, SIZE) is picture


def test_fine_stripes_become_even_and_not_a_pattern():
    """Shrinking averages: stripes finer than an output pixel must not come out as moiré."""
    stripes = np.zeros((2560, 1920, 3), np.uint8)
    stripes[:, ::2] = 255
    made = resample(stripes, Crop(0, 0, 1920, 2560, 4.0), 1.0, SIZE)
    assert made.std() < 3
    assert made.mean() == pytest.approx(187.5, abs=2), "half of white's light, not half its code"


def test_the_crop_of_a_raw_frame_is_never_enlarged(facts_of, sitter):
    facts = facts_of(sitter())
    assert facts.crop.scale >= 1
    assert facts.registration_crop.shape == (640, 480, 3)
    assert facts.crop.width * facts.photo.scale >= 480, "nor is a reduced decode"


def test_a_mirrored_sitter_gives_the_mirrored_file(facts_of, sitter):
    """Whichever way the student faces, the file shows it so."""
    made = facts_of(sitter()).registration_crop
    other = facts_of(np.ascontiguousarray(sitter()[:, ::-1])).registration_crop
    unmirrored = np.abs(other[:, ::-1].astype(int) - made).mean()
    assert unmirrored < 6
    assert np.abs(other.astype(int) - made).mean() > 2 * unmirrored


# -- the file --------------------------------------------------------------------------


def test_the_file_is_a_baseline_jpeg_of_8_bit_rgb_with_the_tag_and_nothing_private(spec):
    data = encode_into_window(noise(10), spec.output).data
    limits = DecodeLimits(spec.reading.max_bytes, spec.reading.max_pixels)
    header = read_header(data, limits)
    assert (header.format, header.mode, header.bits) == ("JPEG", "RGB", 8)
    assert (header.width_px, header.height_px) == SIZE
    assert header.dpi == (300, 300)
    assert header.orientation == 1
    assert SOF0 in data
    assert data[6:11] == b"JFIF\0"
    assert not header.has_exif
    assert not header.has_icc
    for marker in (EXIF, ICC, COMMENT, b"http://ns.adobe.com"):
        assert marker not in data


def test_the_same_pixels_give_the_same_bytes(spec):
    made = [encode_into_window(noise(20), spec.output) for _ in range(2)]
    assert made[0] == made[1]


def test_the_pixels_come_back_as_they_were(sitter, framed, spec):
    picture = framed(sitter())
    back = np.asarray(Image.open(io.BytesIO(encode(picture, spec.output, 95))))
    assert cv2.PSNR(picture, back) > 38


# -- the window ------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [8, 12, 16, 20])
def test_the_highest_quality_that_fits_is_taken(spec, sigma):
    output, picture = spec.output, noise(sigma)
    made = encode_into_window(picture, output)
    fitting = [
        quality
        for quality in range(output.quality_floor, output.quality_ceiling + 1)
        if len(encode(picture, output, quality)) <= output.kb.note_high * 1024
    ]
    assert made.quality == max(fitting, default=output.quality_floor)
    assert made.data == encode(picture, output, made.quality)


def test_a_picture_that_cannot_fit_is_left_at_the_floor(spec):
    made = encode_into_window(noise(90), spec.output)
    assert made.quality == spec.output.quality_floor == 60
    assert len(made.data) > spec.output.kb.high * 1024


def test_a_picture_that_needs_little_stops_at_the_ceiling(spec):
    made = encode_into_window(np.full((640, 480, 3), (100, 197, 255), np.uint8), spec.output)
    assert made.quality == spec.output.quality_ceiling
    assert len(made.data) < spec.output.kb.note_low * 1024, "and is not padded"


def of_window(spec, low, high, **output):
    band = Band(low=low, high=high, source="test", confidence="P")
    return spec.output.model_copy(update={"kb": band, **output})


def subsampling(data: bytes, spec) -> str:
    limits = DecodeLimits(spec.reading.max_bytes, spec.reading.max_pixels)
    return read_header(data, limits).subsampling


@pytest.mark.parametrize("high", [16, 40, 100])
def test_of_three_ways_to_store_colours_the_one_most_like_the_crop_is_taken(
    spec, sitter, framed, high
):
    picture, output = framed(sitter()), of_window(spec, 1, high)
    made = encode_best(picture, output)
    assert made.kb <= high
    assert subsampling(made.data, spec) == made.sampling
    assert made.ssim == ssim(picture, np.asarray(Image.open(io.BytesIO(made.data))))
    others = []
    for sampling in ("4:2:0", "4:2:2", "4:4:4"):
        for quality in range(output.quality_floor, output.quality_ceiling + 1):
            data = encode(picture, output, quality, sampling)
            if len(data) <= high * 1024:
                others.append(ssim(picture, np.asarray(Image.open(io.BytesIO(data)))))
    assert made.ssim >= max(others) - 2e-4, "quality rises with likeness but for rounding"


@pytest.mark.parametrize("window", [(1, 40), (1, 400), (60, 100)])
def test_what_was_found_for_the_window_need_not_be_found_again(spec, sitter, framed, window):
    picture, output = framed(sitter()), of_window(spec, *window)
    known = encode_into_window(picture, output)
    assert encode_best(picture, output, known) == encode_best(picture, output)


def test_red_lines_on_blue_are_stored_finely_where_there_is_room(spec):
    picture = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    picture[::7, :, :] = (200, 30, 30)
    assert encode_best(picture, of_window(spec, 1, 400)).sampling != "4:2:0"


def test_a_file_larger_than_its_pixels_count_is_written_all_the_same(spec):
    """Pillow's optimised coder has a byte a pixel to work in, unless it is given more."""
    data = encode(noise(90), spec.output, 94, "4:4:4")
    assert len(data) > 480 * 640
    assert Image.open(io.BytesIO(data)).size == SIZE


def test_finer_colours_fill_a_window_that_coarse_ones_leave_empty(spec):
    """Never padded: the bytes hold more of the picture."""
    picture = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    picture[:, ::5, 0] = np.random.default_rng(1).integers(0, 255, (640, 96))
    coarse = len(encode(picture, spec.output, spec.output.quality_ceiling)) / 1024
    output = of_window(spec, coarse + 5, 500)
    for made in (encode_into_window(picture, output), encode_best(picture, output)):
        assert made.sampling != "4:2:0"
        assert made.kb >= coarse + 5


@pytest.mark.parametrize(
    "name", [p.stem for p in SPECS if load_spec(p.stem, CHECKS).output.is_exact]
)
def test_a_sitter_gives_a_file_in_the_window_of_every_preset(name, sitter, framed):
    output = load_spec(name, CHECKS).output
    size = (output.width_px, output.height_px)
    picture = cv2.resize(framed(sitter()), size, interpolation=cv2.INTER_AREA)
    made = encode_best(picture, output)
    assert output.quality_floor <= made.quality <= output.quality_ceiling
    if output.kb is not None:
        assert output.kb.allows(made.kb)


def test_a_spec_may_ask_for_a_profile_that_says_srgb(spec, sitter, framed):
    picture = framed(sitter())
    output = spec.output.model_copy(update={"profile": "srgb"})
    plain, marked = encode(picture, spec.output, 85), encode(picture, output, 85)
    one, two = (Image.open(io.BytesIO(data)) for data in (plain, marked))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(two.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    assert len(marked) - len(plain) < 700
    assert np.array_equal(np.asarray(one), np.asarray(two))
    assert encode(picture, output, 85) == marked
