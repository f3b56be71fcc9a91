"""A covered head: what is on it is the top, nothing passes by measuring under it, and what an
accepted exemption hands over shows all of it."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from checks import CHECKS
from fixtures.camera import Shot, take
from fixtures.people import person
from flows.season.review import review
from flows.season.steps import ingest, init
from pipeline.core.errors import UsageError
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_checks

SEED = 3
PX_PER_CM = 1200 / 46
NEAR = 5  # px of the file: as near as the crown must be
WORN = ("headscarf", "patterned_headscarf", "turban", "doctoral_cap")
NUMBERS = ("2023980010001", "2023980010002")


def photo(wear=None, eye_y=0.36, **how) -> np.ndarray:
    """A studio frame with room above the head."""
    return take(Shot((person(SEED),), eye_at=(0.5, eye_y), wear=wear, **how))


def top_of(picture: np.ndarray) -> int:
    """The first row of whatever stands before the backdrop, over the middle of the head."""
    off = np.abs(picture.astype(int) - picture[5, 5]).sum(axis=2)[:, 500:700] > 60
    return int(np.flatnonzero(off.sum(axis=1) > 10)[0])


def with_tall_hat(picture: np.ndarray, cm: float, eye_y: float) -> np.ndarray:
    """Paint a top hat: a brim above the brows, and so much more above it."""
    picture, eye = picture.copy(), eye_y * 1600
    brim, top = eye - 5.2 * PX_PER_CM, eye - (5.2 + cm) * PX_PER_CM
    half, wide = 8.2 * PX_PER_CM, 12.5 * PX_PER_CM
    for x, y0, y1 in ((half, top, brim), (wide, brim - 0.9 * PX_PER_CM, brim)):
        corners = ((round(600 - x), max(0, round(y0))), (round(600 + x), round(y1)))
        cv2.rectangle(picture, *corners, (52, 40, 38), -1, cv2.LINE_AA)
    band = round(brim - 2.4 * PX_PER_CM), round(brim - 0.9 * PX_PER_CM)
    picture[band[0] : band[1], round(600 - half) : round(600 + half)] = (120, 30, 36)
    return cv2.GaussianBlur(picture, (0, 0), 0.8)


@pytest.fixture(scope="module")
def seen(facts_of, spec):
    """Facts and findings, by code, of a source."""

    def run(picture, off=()):
        facts = facts_of(picture, Mode.SOURCE)
        return facts, {f.code: f for f in run_checks(CHECKS, facts, spec.limits, off)}

    return run


def is_cut(found) -> bool:
    return any(found[code].outcome is not Outcome.PASSED for code in ("FC004", "FC010"))


@pytest.mark.parametrize("wear", [None, *WORN])
def test_the_top_is_that_of_whatever_is_on_the_head(seen, wear):
    picture = photo(wear)
    facts, _ = seen(picture)
    px = facts.head.face_width / 224  # of the frame, for one of the file
    assert facts.head.crown_y == pytest.approx(top_of(picture), abs=NEAR * px)


@pytest.mark.parametrize("cm", [10, 18, 26])
def test_so_is_that_of_a_hat_that_reaches_far_above_the_usual_region(seen, cm):
    picture = with_tall_hat(photo(eye_y=0.62), cm, 0.62)
    facts, _ = seen(picture)
    px = facts.head.face_width / 224
    assert facts.head.crown_y == pytest.approx(top_of(picture), abs=2 * NEAR * px)


@pytest.mark.parametrize("wear", WORN)
def test_under_a_covering_neither_crown_nor_cut_is_measurable(seen, wear):
    _, found = seen(photo(wear))
    assert found["HT001"].outcome is Outcome.BROKEN
    for code in ("FC004", "FC010"):
        assert (found[code].outcome, found[code].caused_by) == (Outcome.SKIPPED, "HT001")
        assert "量不准" in found[code].because.zh


@pytest.mark.parametrize("wear", WORN)
def test_where_coverings_are_allowed_the_picture_is_framed_by_them(seen, wear):
    facts, found = seen(photo(wear), off={"HT001"})
    assert found["FC004"].outcome is Outcome.PASSED
    assert found["FC004"].measured == pytest.approx(facts.placement.crown)
    assert 50 <= facts.placement.crown <= 110
    assert found["FC010"].outcome is Outcome.PASSED


def test_a_hood_that_the_frame_cuts_is_cut(seen):
    """Its top lies above the frame, though the crown of the head would be in it."""
    cut, whole = photo("hood", eye_y=0.23), photo("hood")
    assert is_cut(seen(cut, off={"HT001"})[1])
    assert not is_cut(seen(whole, off={"HT001"})[1])


def test_a_covering_that_leaves_no_room_at_the_side_is_cut(seen):
    """No crop of a narrow frame shows all of it."""
    narrow = np.ascontiguousarray(photo("turban")[:, 350:850])
    assert seen(narrow, off={"HT001"})[1]["FC010"].outcome is Outcome.BROKEN


@pytest.fixture(scope="module")
def season(tmp_path_factory):
    """Two students in headscarves: one with room above, one whose scarf the frame cuts."""
    folder = tmp_path_factory.mktemp("covered")
    inbox, season = folder / "inbox", folder / "season"
    inbox.mkdir()
    rows = "".join(f"{number},慕容{n}\n" for n, number in enumerate(NUMBERS))
    (folder / "roster.csv").write_text("学号,姓名\n" + rows, encoding="utf-8-sig")
    for number, eye_y in zip(NUMBERS, (0.36, 0.22), strict=True):
        Image.fromarray(photo("headscarf", eye_y)).save(inbox / f"{number}.jpg", quality=92)
    init(season, folder / "roster.csv", "chsi_graduate", class_of=2099)
    ingest(season, inbox, workers=1)
    return season


def accept(season, number) -> None:
    review(season, number, accept=True, why="宗教原因", who="王老师")


def test_its_file_is_framed_by_the_covering(season, facts_of):
    accept(season, NUMBERS[0])
    file = season / "reports" / "upload" / f"{NUMBERS[0]}.jpg"
    picture = np.asarray(Image.open(io.BytesIO(file.read_bytes())))
    assert picture.shape == (640, 480, 3)
    covered = facts_of(file.read_bytes(), Mode.FINAL)
    assert 50 <= covered.placement.crown <= 110
    assert (np.abs(picture[:40].astype(int) - picture[3, 3]).sum(axis=2) < 60).all(), "only wall"


def test_or_it_is_said_that_there_can_be_none(season):
    with pytest.raises(UsageError, match=r"no registration file that shows all of the head cov"):
        accept(season, NUMBERS[1])
    assert not (season / "reports" / "upload" / f"{NUMBERS[1]}.jpg").exists()
