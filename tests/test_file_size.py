"""FS: the file's size in KB of 1024 bytes, and the JPEG quality behind it."""

import numpy as np
import pytest

from checks import file_size
from pipeline.core.bands import Band
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check, run_checks
from pipeline.image.encode import KB, encode, encode_into_window

BLUE = (100, 197, 255)
COMMENT = b"\xff\xfe"
MOST_OF_A_COMMENT = 65_533
BOTH = (file_size.SIZE, file_size.QUALITY)


@pytest.fixture(scope="module")
def judged(facts_of, spec):
    def run(picture, mode=Mode.FINAL) -> dict:
        found = run_checks(BOTH, facts_of(picture, mode), spec.limits)
        return {finding.code: finding for finding in found}

    return run


def grained(pixels: np.ndarray, face: float, around: float) -> np.ndarray:
    """A framed sitter behind black and white grain, weaker on the face: it must be found."""
    strength = np.full((640, 480, 1), around)
    strength[100:470, 110:370] = face
    grain = np.random.default_rng(2).normal(0, 1, (640, 480, 1)) * strength
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def of_size(data: bytes, size: int) -> bytes:
    """The same picture in exactly ``size`` bytes: comments fill the file up."""
    missing = size - len(data)
    assert missing >= 4
    filler = b""
    while missing:
        # A comment takes 4 bytes at least: leave none or enough for the next.
        take = min(missing, MOST_OF_A_COMMENT)
        take -= 4 if 0 < missing - take < 4 else 0
        filler += COMMENT + (take - 2).to_bytes(2, "big") + bytes(take - 4)
        missing -= take
    return data[:2] + filler + data[2:]


@pytest.fixture(scope="module")
def plain(jpeg):
    return jpeg(np.full((640, 480, 3), BLUE, np.uint8))


@pytest.mark.parametrize(
    ("size", "outcome", "noted"),
    [
        (10 * KB - 1, Outcome.BROKEN, True),
        (10 * KB, Outcome.PASSED, True),
        (20 * KB - 1, Outcome.PASSED, True),
        (20 * KB, Outcome.PASSED, False),
        (40 * KB, Outcome.PASSED, False),
        (40 * KB + 1, Outcome.PASSED, True),
        (100 * KB, Outcome.PASSED, True),
        (100 * KB + 1, Outcome.BROKEN, True),
    ],
)
def test_a_final_file_is_weighed_to_the_byte(judged, plain, size, outcome, noted):
    """20–40 KB is typical (一般在20KB至40KB) and no hard limit; 10 and 100 KB are."""
    data = of_size(plain, size)
    assert len(data) == size
    finding = judged(data)["FS001"]
    assert (finding.outcome, finding.because is not None) == (outcome, noted)
    assert finding.measured == size / 1024


@pytest.mark.parametrize("quality", [30, 59, 60, 61, 75, 95])
def test_the_quality_of_a_final_file_is_60_or_more(judged, jpeg, sitter, framed, quality):
    finding = judged(jpeg(framed(sitter()), quality=quality))["FS002"]
    assert finding.measured == quality
    assert finding.outcome is (Outcome.PASSED if quality >= 60 else Outcome.BROKEN)


@pytest.mark.parametrize("how", [{"progressive": True}, {"subsampling": "4:4:4"}])
def test_how_it_is_stored_says_nothing_of_the_quality(judged, jpeg, sitter, framed, how):
    assert judged(jpeg(framed(sitter()), quality=59, **how))["FS002"].outcome is Outcome.BROKEN


@pytest.mark.parametrize(
    ("step", "outcome", "words"),
    [
        (90, Outcome.SKIPPED, "无法确定"),  # far below the floor: nothing can be broken
        (22, Outcome.SKIPPED, "无法确定"),  # about 63: near the floor
        (16, Outcome.PASSED, "仅供参考"),  # about 72
    ],
)
def test_tables_of_no_known_quality_are_an_estimate(judged, jpeg, step, outcome, words):
    tables = [[step + n % 7 for n in range(64)]] * 2  # at 50 they are taken as they are
    picture = np.full((640, 480, 3), BLUE, np.uint8)
    finding = judged(jpeg(picture, qtables=tables, quality=50))["FS002"]
    assert finding.measured is not None
    assert finding.outcome is outcome
    assert words in finding.because.zh


def test_what_is_no_jpeg_has_no_jpeg_quality(judged):
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (480, 640), BLUE).save(stream, "PNG")
    assert judged(stream.getvalue())["FS002"].outcome is Outcome.NOT_APPLICABLE


def test_the_file_made_of_a_source_is_the_best_that_fits_40_kb(facts_of, sitter, spec):
    facts = facts_of(sitter())
    made, output = facts.encoded, spec.output
    assert output.quality_floor < made.quality < output.quality_ceiling
    assert len(made.data) <= 40 * KB
    assert made.data == encode(facts.registration_crop, output, made.quality)
    assert len(encode(facts.registration_crop, output, made.quality + 1)) > 40 * KB


def test_a_source_is_judged_by_the_file_that_it_gives(judged, sitter):
    found = judged(sitter(), Mode.SOURCE)
    assert found["FS001"].outcome is Outcome.PASSED
    assert found["FS001"].because is None
    assert found["FS001"].measured <= 40
    assert found["FS002"].outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("around", "least_kb", "most_kb", "outcome"),
    [(20, 40, 100, Outcome.PASSED), (110, 100, 200, Outcome.BROKEN)],
)
def test_a_source_too_busy_for_the_window_is_told_so_and_not_squeezed(
    judged, facts_of, sitter, framed, spec, around, least_kb, most_kb, outcome
):
    """Never below the floor: the honest file is too large, and FS001 says by how much."""
    picture = grained(framed(sitter()), 20, around)
    facts = facts_of(picture)
    assert facts.encoded.quality == spec.output.quality_floor
    finding = judged(picture, Mode.SOURCE)["FS001"]
    assert least_kb < finding.measured < most_kb
    assert finding.measured == len(facts.encoded.data) / 1024
    assert finding.outcome is outcome
    assert "40.0 KB" in finding.because.en or "100.0 KB" in finding.because.en
    assert "已是允许的最低品质 60" in finding.because.zh
    assert "at the lowest quality allowed, 60" in finding.because.en


def test_a_source_too_plain_for_the_window_is_told_the_other_side(facts_of, sitter, spec):
    """A window that begins above what the best file needs cannot be met, and is not padded up."""
    high = Band(low=300, high=400, source="test", confidence="P")
    output = spec.output.model_copy(update={"kb": high})
    facts = facts_of(sitter(), spec=spec.model_copy(update={"output": output}))
    (finding,) = run_check(file_size.SIZE, facts, spec.limits["file_size"])
    assert finding.outcome is Outcome.BROKEN
    assert "差" in finding.because.zh
    assert "已是最高品质 95" in finding.because.zh


def test_a_picture_with_nothing_in_it_is_never_padded_up_to_20_kb(spec):
    made = encode_into_window(np.full((640, 480, 3), BLUE, np.uint8), spec.output)
    assert made.quality == spec.output.quality_ceiling
    assert len(made.data) < 10 * KB


def test_without_a_face_no_file_is_made(judged):
    finding = judged(np.full((640, 480, 3), BLUE, np.uint8), Mode.SOURCE)["FS001"]
    assert finding.outcome is Outcome.SKIPPED
    assert finding.caused_by == "FC001"
