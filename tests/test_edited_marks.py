"""ED002: what was written over the person is noted; clothes, faces and the wall are not."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from checks import edited_marks
from checks.edited_marks import longest_mark
from pipeline.core.rules import Mode, Outcome, Remedy
from pipeline.examine.check import run_check

ORANGE, WHITE, BLACK = (255, 140, 0), (255, 255, 255), (0, 0, 0)


@pytest.fixture(scope="module")
def noted(facts_of, spec, jpeg):
    def run(picture) -> bool:
        facts = facts_of(jpeg(picture, quality=84), Mode.FINAL)
        (finding,) = run_check(edited_marks.CHECK, facts, spec.limits["marks"])
        assert finding.outcome in {Outcome.PASSED, Outcome.BROKEN}
        return finding.outcome is Outcome.BROKEN

    return run


@pytest.fixture(scope="module")
def portrait(framed, sitter):
    """A sitter's registration file with a camera's grain."""

    def take(seed=3, **how):
        noise = np.random.default_rng(seed).normal(0, 1.2, (640, 480, 1))
        return np.clip(framed(sitter(seed, **how)) + noise, 0, 255).astype(np.uint8)

    return take


def written(picture, text, at, size, colour, thick=2, share=1.0):
    layer = np.zeros(picture.shape[:2], np.uint8)
    cv2.putText(layer, text, at, cv2.FONT_HERSHEY_DUPLEX, size, 255, thick, cv2.LINE_AA)
    ink = (layer * (share / 255))[..., None]
    mixed = picture * (1 - ink) + np.array(colour) * ink
    return mixed.round().astype(np.uint8)


def test_it_is_a_note():
    assert edited_marks.ED002.remedy is Remedy.NOTE


@pytest.mark.parametrize("seed", [3, 7, 16, 30])
def test_a_plain_person_is_not_noted(noted, portrait, seed):
    assert not noted(portrait(seed))


@pytest.mark.parametrize("colour", [ORANGE, WHITE, (255, 220, 0), (230, 30, 30)])
@pytest.mark.parametrize(
    ("text", "at", "size"), [("2026/06/01 09:41", (130, 615), 0.8), ("2026.06.01", (300, 625), 0.6)]
)
def test_a_date_is(noted, portrait, text, at, size, colour):
    assert noted(written(portrait(), text, at, size, colour))


@pytest.mark.parametrize(("at", "share"), [((130, 350), 0.6), ((130, 600), 0.4)])
def test_a_watermark_is_that_one_sees_through(noted, portrait, at, share):
    assert noted(written(portrait(), "SAMPLE", at, 1.6, WHITE, 3, share))


def test_a_badge_in_the_corner_is(noted, portrait):
    picture = portrait()
    cv2.circle(picture, (440, 600), 32, (240, 240, 240), -1, cv2.LINE_AA)
    assert noted(written(picture, "AI", (424, 610), 0.9, (60, 60, 60)))


def test_the_sentence_says_what_to_look_for(facts_of, spec, jpeg, portrait):
    picture = written(portrait(), "2026/06/01", (150, 615), 0.9, ORANGE)
    facts = facts_of(jpeg(picture), Mode.FINAL)
    (finding,) = run_check(edited_marks.CHECK, facts, spec.limits["marks"])
    assert "文字" in finding.because.zh
    assert finding.measured > finding.high


def test_what_is_written_on_the_wall_is_another_rules_matter(noted, findings, portrait):
    picture = written(portrait(), "2026 GRADUATE", (8, 32), 1.1, WHITE)
    assert not noted(picture)
    assert findings(picture, Mode.FINAL)["BG003"].outcome is Outcome.BROKEN


@pytest.mark.parametrize("step", [7, 12, 20])
@pytest.mark.parametrize("way", ["stripes", "checks"])
def test_stripes_and_checks_are_no_text(noted, framed, sitter, portrait, way, step):
    plain, other = (framed(sitter(cloth=c)).astype(int) for c in ((30, 30, 40), (80, 90, 130)))
    clothes = np.abs(plain - other).max(axis=2) > 8
    y, x = np.mgrid[0:640, 0:480]
    lines = x % step < step // 3
    if way == "checks":
        lines = lines | (y % step < step // 3)
    picture = portrait()
    picture[clothes & lines] = (210, 210, 220)
    assert not noted(picture)


# -- the measure by itself ----------------------------------------------------------------


def cloth(text="", size=0.8, colour=WHITE, ground=(40, 42, 52), at=(60, 590)):
    return written(np.full((640, 480, 3), ground, np.uint8), text, at, size, colour)


def longest(picture, elsewhere=None) -> float:
    return longest_mark(picture, np.zeros((640, 480), bool) if elsewhere is None else elsewhere)


def test_no_letters_no_length():
    assert longest(cloth()) == 0


def test_a_longer_line_is_longer_and_so_is_one_of_larger_letters():
    lengths = [longest(cloth("SAMPLE"[:count])) for count in (3, 4, 5, 6)]
    assert lengths == sorted(set(lengths))
    assert 0 < longest(cloth("SAMPLE", 0.6)) < longest(cloth("SAMPLE", 0.9))


@pytest.mark.parametrize(("share", "is_seen"), [(0.1, False), (0.3, True), (1.0, True)])
def test_what_hardly_stands_out_does_not_count(share, is_seen):
    picture = written(cloth(), "SAMPLE", (60, 590), 0.9, WHITE, 2, share)
    assert (longest(picture) > 0) is is_seen


@pytest.mark.parametrize(("row", "is_seen"), [(300, False), (600, True)])
def test_two_letters_count_low_in_the_picture_alone(row, is_seen):
    assert (longest(cloth("AI", 0.9, at=(400, row))) > 0) is is_seen
    assert longest(cloth("SAMPLE", at=(300, row))) > 0


def test_what_lies_elsewhere_does_not_count():
    assert longest(cloth("SAMPLE"), np.ones((640, 480), bool)) == 0


def test_the_same_line_over_and_over_is_a_pattern():
    picture = cloth("SAMPLE", at=(60, 400))
    assert longest(picture) > 0
    for row in (440, 480, 520, 560):
        picture = written(picture, "SAMPLE", (60, row), 0.8, WHITE)
    assert longest(picture) == 0


def test_buttons_in_a_row_are_no_letters():
    picture = cloth()
    for x in range(100, 300, 40):
        cv2.circle(picture, (x, 590), 6, WHITE, -1, cv2.LINE_AA)
    assert longest(picture) == 0


# -- on photographs, for measuring only ---------------------------------------------------


@pytest.mark.slow
@pytest.mark.photos
def test_at_most_one_plain_portrait_in_fifty_is_noted(photos: Path, facts_of, spec):
    from pipeline.examine.head_facts import HeadFacts

    count = hits = 0
    for path in sorted([*(photos / "idstyle").iterdir(), *(photos / "portrait").iterdir()]):
        facts = facts_of(path.read_bytes())
        if isinstance(facts, HeadFacts):
            (finding,) = run_check(edited_marks.CHECK, facts, spec.limits["marks"])
            count, hits = count + 1, hits + (finding.outcome is Outcome.BROKEN)
    assert count > 100
    assert hits <= 0.02 * count
