"""FL: what a file is, by its own header. A final file is held to it, a source is not."""

import io

import numpy as np
import pytest
from PIL import Image

from checks import files
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check
from pipeline.examine.facts import Facts
from pipeline.image.decode import DecodeLimits, Photo, read_header

FINAL_RULES = {"FL002"}
FACE = (object(),)
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


def header_of(data: bytes, mode=Mode.FINAL, faces=FACE, turn=0) -> Facts:
    """Facts of a file of which only the header was read, and in which somebody is said to be."""
    photo = Photo(read_header(data, DecodeLimits(2**20, 2**20)), None, 1.0)
    return Facts(data, photo, mode, None, faces, None, None, turn=turn)


@pytest.fixture(scope="module")
def outcomes():
    def run(data: bytes, mode=Mode.FINAL) -> dict[str, Outcome]:
        found = run_check(files.CHECK, header_of(data, mode), None)
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
    ids=["PNG", "CMYK", "turned by its tag", "landscape"],
)
def test_a_source_may_be_of_any_kind_and_shape(outcomes, data):
    found = outcomes(data, Mode.SOURCE)
    assert {found[code] for code in FINAL_RULES} == {Outcome.NOT_APPLICABLE}
    assert {found[code] for code in found.keys() - FINAL_RULES} == {Outcome.PASSED}


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("turn", "words"), [(90, "横置"), (180, "倒置"), (270, "横置")], ids=["90", "180", "270"]
)
def test_whoever_lies_in_it_is_the_wrong_way_up_in_either_mode(mode, turn, words):
    found = run_check(files.CHECK, header_of(saved(picture()), mode, turn=turn), None)
    finding = next(f for f in found if f.code == "FL003")
    assert finding.outcome is Outcome.BROKEN
    assert "方向错误" in finding.because.zh
    assert words in finding.because.zh
    assert "请转正" in finding.because.zh


@pytest.mark.parametrize("mode", Mode)
def test_without_a_face_nobody_knows_which_way_up_it_is(mode):
    found = run_check(files.CHECK, header_of(saved(picture()), mode, faces=()), None)
    finding = next(f for f in found if f.code == "FL003")
    assert (finding.outcome, finding.caused_by) == (Outcome.SKIPPED, "FC001")


def test_the_student_is_told_which_kind_it_is():
    found = run_check(files.CHECK, header_of(saved(picture(mode="CMYK"))), None)
    because = next(f.because for f in found if f.code == "FL002")
    assert "JPEG CMYK 8 bit" in because.zh
    assert "JPEG CMYK 8 bit" in because.en
