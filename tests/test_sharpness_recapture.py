"""SH002 and ED001, both notes: enlarged pictures and screenshots, and walls that no camera took."""

import io
from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from checks import edited, sharpness_recapture
from checks.edited import filled_share
from checks.sharpness_recapture import bars, regularity
from pipeline.core.rules import Mode, Outcome, Remedy
from pipeline.examine.check import run_check


@pytest.fixture(scope="module")
def judged(facts_of, spec):
    def run(picture) -> dict:
        facts = facts_of(picture, Mode.FINAL)
        return {
            f.code: f
            for check in (sharpness_recapture.CHECK, edited.CHECK)
            for f in run_check(check, facts, spec.limits[check.name])
        }

    return run


@pytest.fixture(scope="module")
def taken(framed, sitter):
    """A sitter with the grain of a camera."""

    def take(seed=3, grain=2.0):
        noise = np.random.default_rng(seed).normal(0, grain, (640, 480, 1))
        return np.clip(framed(sitter(seed)) + noise, 0, 255).astype(np.uint8)

    return take


def test_they_are_notes():
    assert sharpness_recapture.SH002.remedy is edited.ED001.remedy is Remedy.NOTE


@pytest.mark.parametrize("seed", [3, 7, 16, 30])
def test_a_picture_as_taken_passes_both(judged, taken, seed):
    found = judged(taken(seed))
    assert {f.outcome for f in found.values()} == {Outcome.PASSED}


def test_a_filled_wall_is_noted(judged, framed, sitter):
    finding = judged(framed(sitter()))["ED001"]
    assert finding.outcome is Outcome.BROKEN
    assert "疑似电脑换底" in finding.because.zh


def test_the_more_grain_the_less_it_looks_filled(judged, taken):
    steps = [judged(taken(grain=grain))["ED001"].measured for grain in (0.1, 0.8, 1.6, 3.0)]
    assert all(b < a for a, b in pairwise(steps))


# -- the measures by themselves ----------------------------------------------------------

WALL = np.ones((320, 240), bool)


def wall(colour) -> np.ndarray:
    return np.full((640, 480, 3), colour, np.uint8)


def test_the_share_that_is_filled():
    pixels = wall((100, 197, 255))
    assert filled_share(pixels, WALL) == 1
    pixels[:160] += np.random.default_rng(1).integers(0, 2, (160, 480, 3), np.uint8) * 4
    assert filled_share(pixels, WALL) == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize("size", [(441, 358), (413, 295), (567, 390), (640, 480)])
def test_an_output_of_odd_sides_is_looked_at_too(size):
    """As idcard_ga461, guokao and putonghua have them: the grid is half of it, rounded down."""
    pixels = np.full((*size, 3), (100, 197, 255), np.uint8)
    assert filled_share(pixels, np.ones((size[0] // 2, size[1] // 2), bool)) == 1


def test_a_slow_gradient_is_not_filled():
    pixels = wall((100, 150, 200))
    pixels[..., 2] = np.linspace(150, 250, 480).astype(np.uint8)
    assert filled_share(pixels, WALL) < 0.05


@pytest.mark.parametrize("colour", [(255, 255, 255), (253, 254, 255), (8, 8, 10)])
def test_clipped_walls_cannot_be_told(colour):
    assert filled_share(wall(colour), WALL) is None
    assert filled_share(wall((90, 90, 90)), np.zeros_like(WALL)) is None


def texture() -> np.ndarray:
    noise = np.random.default_rng(2).normal(0, 1, (240, 240)).astype(np.float32)
    return (128 + 12 * cv2.GaussianBlur(noise, (0, 0), 0.7) / 0.4).astype(np.float32)


@pytest.mark.parametrize("factor", [1.3, 1.7, 2.3])
def test_linear_enlarging_leaves_a_pattern(spec, factor):
    high = spec.limits["recapture"].regular.high
    grown = cv2.resize(texture(), None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    assert regularity(texture()) < high
    assert regularity(grown.round()) > high


def test_the_lines_of_a_screen_are_the_stronger_the_higher():
    lines = np.sin(2 * np.pi * np.arange(240) / 3.3)[None, :]
    found = [regularity((texture() + level * lines).astype(np.float32)) for level in (0, 3, 8, 20)]
    assert all(b > a for a, b in pairwise(found))


def test_the_blocks_of_jpeg_itself_do_not_count():
    picture = texture()
    picture[:, ::8] += 6
    picture[::8] += 6
    assert regularity(picture) < 15


def test_a_small_face_cannot_be_judged(judged, facts_of, framed, sitter, spec):
    facts = facts_of(cv2.resize(framed(sitter()), (180, 240), interpolation=cv2.INTER_AREA))
    (finding,) = run_check(sharpness_recapture.CHECK, facts, spec.limits["recapture"])
    assert finding.outcome is Outcome.SKIPPED


# -- screenshots ---------------------------------------------------------------------------

PHONE, TABLET = (1170, 2532), (1488, 2266)


def screen(picture, size=PHONE, colour=(0, 0, 0), clutter=True) -> Image.Image:
    """A photo as an album shows it: as wide as the screen, bars with clock and buttons around."""
    shown = cv2.resize(picture, (size[0], round(size[0] * picture.shape[0] / picture.shape[1])))
    sheet = Image.new("RGB", size, colour)
    sheet.paste(Image.fromarray(shown), (0, (size[1] - shown.shape[0]) // 2))
    if clutter:
        pen, ink = ImageDraw.Draw(sheet), tuple(255 - c for c in colour)
        pen.text((60, 50), "9:41", fill=ink, font_size=48)
        pen.rectangle((size[0] - 150, 56, size[0] - 80, 92), outline=ink, width=4)
        pen.text((430, size[1] - 180), "share   edit   delete", fill=ink, font_size=40)
    return sheet


def stored(image, kind="PNG", **how) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **how)
    return stream.getvalue()


@pytest.fixture(scope="module")
def source(facts_of, spec):
    def run(data: bytes):
        facts = facts_of(data, Mode.SOURCE)
        (finding,) = run_check(sharpness_recapture.CHECK, facts, spec.limits["recapture"])
        return finding

    return run


def camera() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "maker"
    return exif


@pytest.mark.parametrize(
    ("colour", "kind", "how"),
    [
        ((0, 0, 0), "PNG", {}),
        ((255, 255, 255), "PNG", {}),
        ((0, 0, 0), "JPEG", {"quality": 90}),
        ((255, 255, 255), "JPEG", {"quality": 75}),
        ((28, 28, 30), "WEBP", {}),
    ],
)
def test_a_photo_that_an_album_shows_is_a_screenshot(source, taken, colour, kind, how):
    finding = source(stored(screen(taken(), colour=colour), kind, **how))
    assert finding.outcome is Outcome.BROKEN
    assert "截图" in finding.because.zh


def test_so_is_one_on_a_tablet_and_one_that_fills_a_phone(source, taken):
    assert source(stored(screen(taken(), TABLET))).outcome is Outcome.BROKEN
    filled = Image.fromarray(cv2.copyMakeBorder(taken(), 200, 0, 0, 0, cv2.BORDER_REPLICATE))
    assert source(stored(filled)).outcome is Outcome.BROKEN


def test_and_one_that_says_so_whatever_its_shape(source, sitter):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0Screenshot"
    image = Image.fromarray(sitter())
    assert source(stored(image, "JPEG", quality=95, exif=exif)).outcome is Outcome.BROKEN
    assert source(stored(image, "JPEG", quality=95)).outcome is Outcome.PASSED


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_camera_makes_no_screenshots(source, taken, kind):
    tall = Image.fromarray(cv2.copyMakeBorder(taken(), 200, 0, 0, 0, cv2.BORDER_REPLICATE))
    assert source(stored(tall, kind, exif=camera())).outcome is Outcome.PASSED


def test_a_photo_as_tall_as_a_screen_is_none_for_that(source, taken):
    tall = Image.fromarray(cv2.copyMakeBorder(taken(), 200, 0, 0, 0, cv2.BORDER_REPLICATE))
    assert source(stored(tall, "JPEG", quality=95)).outcome is Outcome.PASSED


def test_a_png_in_the_shape_of_a_photo_is_none(source, taken):
    assert source(stored(Image.fromarray(taken()))).outcome is Outcome.PASSED


@pytest.mark.parametrize("lies", [False, True])
def test_the_smaller_bar_counts_and_both_must_be_of_one_colour(lies):
    picture = np.full((1000, 500, 3), 128, np.uint8)
    picture[:100] = picture[-300:] = 20
    picture[300:700, ::2] = 200
    turned = picture.transpose(1, 0, 2) if lies else picture
    assert bars(turned) == pytest.approx(0.1)
    picture[-300:] = 60
    assert bars(turned) == 0


def test_what_is_of_one_colour_altogether_is_all_bar():
    assert bars(np.full((40, 20, 3), 7, np.uint8)) == 1
