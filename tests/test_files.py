"""FL: what a file is, by its own header. A final file is held to it, a source is not."""

import io

import numpy as np
import pytest
from PIL import Image

from checks import files
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check

FINAL_RULES = {"FL002", "FL003"}
ORIENTATION = 0x0112


def picture(size=(48, 64), mode="RGB") -> Image.Image:
    pixels = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(pixels).convert(mode)


def saved(image, kind="JPEG", **how) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **how)
    return stream.getvalue()


def with_frame_marker(data: bytes, marker: int) -> bytes:
    """The same JPEG, said to be of another kind of frame (SOF0 is 0xC0)."""
    at = data.index(b"\xff\xc0")
    return data[: at + 1] + bytes([marker]) + data[at + 2 :]


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return saved(picture(), exif=exif)


def frames(kind: str, count: int) -> bytes:
    first, *more = [picture().rotate(90 * n) for n in range(count)]
    return saved(first, kind, save_all=True, append_images=more)


@pytest.fixture(scope="module")
def outcomes(facts_of):
    def run(data: bytes, mode=Mode.FINAL) -> dict[str, Outcome]:
        found = run_check(files.CHECK, facts_of(data, mode), None)
        return {finding.code: finding.outcome for finding in found}

    return run


@pytest.mark.parametrize(
    "data",
    [
        saved(picture()),
        saved(picture(), progressive=True),
        saved(picture(), subsampling="4:4:4"),
        with_frame_marker(saved(picture()), 0xC1),
    ],
    ids=["baseline", "progressive", "4:4:4", "extended sequential"],
)
def test_an_rgb_jpeg_of_8_bits_is_a_registration_file(outcomes, data):
    assert set(outcomes(data).values()) == {Outcome.PASSED}


@pytest.mark.parametrize(
    "data",
    [
        saved(picture(mode="L")),
        saved(picture(mode="CMYK")),
        saved(picture(), "PNG"),
        saved(picture(), "BMP"),
        saved(picture(), "WEBP"),
        with_frame_marker(saved(picture()), 0xC3),
        with_frame_marker(saved(picture()), 0xC9),
    ],
    ids=["grey", "CMYK", "PNG", "BMP", "WebP", "lossless", "arithmetic"],
)
def test_any_other_kind_of_file_is_not(outcomes, data):
    found = outcomes(data)
    assert found.pop("FL002") is Outcome.BROKEN
    assert set(found.values()) == {Outcome.PASSED}, "and nothing else is wrong with it"


def test_upright_by_its_pixels_and_its_tag(outcomes):
    assert outcomes(turned(1))["FL003"] is Outcome.PASSED


@pytest.mark.parametrize("orientation", range(2, 9))
def test_every_tag_that_turns_or_mirrors_is_the_wrong_orientation(outcomes, orientation):
    assert outcomes(turned(orientation))["FL003"] is Outcome.BROKEN


@pytest.mark.parametrize(
    ("size", "outcome"),
    [
        ((63, 64), Outcome.PASSED),
        ((64, 64), Outcome.PASSED),
        ((65, 64), Outcome.BROKEN),
    ],
)
def test_wider_than_high_is_landscape(outcomes, size, outcome):
    assert outcomes(saved(picture(size)))["FL003"] is outcome


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_one_frame_is_a_photo_and_two_are_none(outcomes, kind, mode):
    assert outcomes(frames(kind, 1), mode)["FL004"] is Outcome.PASSED
    assert outcomes(frames(kind, 2), mode)["FL004"] is Outcome.BROKEN


def test_a_phone_photo_with_a_second_view_is_one_photo(outcomes):
    """MPO: gain maps and second lenses are views of the same picture."""
    assert outcomes(frames("MPO", 2))["FL004"] is Outcome.PASSED


@pytest.mark.parametrize(
    "data",
    [saved(picture(), "PNG"), saved(picture(mode="CMYK")), turned(6), saved(picture((65, 64)))],
    ids=["PNG", "CMYK", "turned", "landscape"],
)
def test_a_source_may_be_of_any_kind_and_lie_on_its_side(outcomes, data):
    found = outcomes(data, Mode.SOURCE)
    assert {found[code] for code in FINAL_RULES} == {Outcome.NOT_APPLICABLE}
    assert {found[code] for code in found.keys() - FINAL_RULES} == {Outcome.PASSED}


def test_the_student_is_told_which_kind_it_is(facts_of):
    found = run_check(files.CHECK, facts_of(saved(picture(mode="CMYK")), Mode.FINAL), None)
    because = next(f.because for f in found if f.code == "FL002")
    assert "JPEG CMYK 8 bit" in because.zh
    assert "JPEG CMYK 8 bit" in because.en
