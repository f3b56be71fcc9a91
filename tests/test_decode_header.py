"""What a file says of itself before a pixel is decoded."""

import pickle

import cv2
import numpy as np
import pytest
from pictures import CAPTURED, LIMITS, encoded, exif, picture
from PIL import Image, ImageCms

from pipeline.image.decode import FileFacts, read_header

FOCAL_LENGTH = 0x920A
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("grey", [False, True])
def test_quality_is_read_back_exactly_from_pillow_and_opencv(grey):
    image = picture(16, 16).convert("L" if grey else "RGB")
    for quality in range(1, 101):
        by_opencv = cv2.imencode(".jpg", np.asarray(image), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        for data in (encoded(image, "JPEG", quality=quality), by_opencv.tobytes()):
            facts = read_header(data, LIMITS)
            assert (facts.jpeg_quality, facts.jpeg_quality_exact) == (quality, True)


def test_quality_of_other_tables_is_an_estimate():
    tables = [[max(1, v * 7 // 8) for v in range(10, 74)]] * 2
    facts = read_header(encoded(picture(), "JPEG", qtables=tables), LIMITS)
    assert not facts.jpeg_quality_exact
    assert 40 < facts.jpeg_quality < 90


def test_tables_of_two_qualities_are_not_exact():
    image = np.asarray(picture())
    options = [cv2.IMWRITE_JPEG_LUMA_QUALITY, 90, cv2.IMWRITE_JPEG_CHROMA_QUALITY, 60]
    facts = read_header(cv2.imencode(".jpg", image, options)[1].tobytes(), LIMITS)
    assert facts.jpeg_quality == pytest.approx(90, abs=0.5)
    assert not facts.jpeg_quality_exact


def test_only_a_jpeg_has_a_quality():
    facts = read_header(encoded(picture(), "WEBP"), LIMITS)
    assert (facts.jpeg_quality, facts.jpeg_baseline_or_progressive) == (None, False)


@pytest.mark.parametrize(("option", "name"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_subsampling_is_named(option, name):
    facts = read_header(encoded(picture(), "JPEG", subsampling=option), LIMITS)
    assert facts.subsampling == name


def test_what_the_header_of_a_phone_photo_says():
    data = encoded(
        picture(),
        "JPEG",
        quality=90,
        dpi=(300, 300),
        exif=exif(6, ifd={CAPTURED: "2026:04:01 09:30:00", FOCAL_LENGTH: 4.2}),
        icc_profile=SRGB,
        progressive=True,
    )
    assert read_header(data, LIMITS) == FileFacts(
        format="JPEG",
        mode="RGB",
        bits=8,
        width_px=48,
        height_px=64,
        upright_width_px=64,
        upright_height_px=48,
        orientation=6,
        frames=1,
        dpi=(300, 300),
        jpeg_quality=90,
        jpeg_quality_exact=True,
        jpeg_baseline_or_progressive=True,
        subsampling="4:2:0",
        has_exif=True,
        has_icc=True,
        has_alpha=False,
        is_grey=False,
        capture_time="2026:04:01 09:30:00",
        camera=None,
        is_adobe_rgb=False,
        has_camera=True,
        is_screenshot=False,
    )


def test_no_resolution_is_made_up():
    assert read_header(encoded(picture(), "JPEG", exif=exif()), LIMITS).dpi is None
    assert read_header(encoded(picture(), "PNG"), LIMITS).dpi is None


def test_facts_cross_a_process_border():
    facts = read_header(encoded(picture(), "PNG"), LIMITS)
    assert pickle.loads(pickle.dumps(facts)) == facts


@pytest.mark.parametrize(
    ("kind", "several"),
    [("GIF", True), ("WEBP", True), ("PNG", True), ("TIFF", True), ("HEIF", True), ("MPO", False)],
)
def test_frames_of_an_animation_count_and_views_of_one_photo_do_not(kind, several):
    more = picture().transpose(Image.Transpose.ROTATE_180)
    one, two = (
        encoded(picture(), kind),
        encoded(picture(), kind, save_all=True, append_images=[more]),
    )
    assert read_header(one, LIMITS).frames == 1
    assert (read_header(two, LIMITS).frames > 1) == several
