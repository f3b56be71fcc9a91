"""The overlay draws lines where things were measured, in the colour of their rule."""

import stat

import numpy as np
import pytest
from PIL import Image, ImageFont

from checks import CHECKS
from flows.commands.overlays import overlay_files
from pipeline.core.errors import UsageError
from pipeline.core.records import Submission
from pipeline.core.rules import Mode
from pipeline.examine.check import run_checks
from pipeline.examine.examine import examine_with_facts
from pipeline.examine.facts import CropFacts
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.rules import photo_rules
from reports import drawing as ink
from reports.drawing import BROKEN, KEPT, NOTED
from reports.overlay import GUTTER, overlay, view_of, write_overlay

RULES = photo_rules(CHECKS)


@pytest.fixture
def examined(tmp_path, spec):
    """Facts and findings of bytes."""

    def run(data: bytes, mode=Mode.FINAL):
        path = tmp_path / "photo.jpg"
        path.write_bytes(data)
        examination, facts = examine_with_facts(
            Submission("photo.jpg", path), Setting(spec, mode), Tools(CHECKS, load_models())
        )
        return facts, examination.findings

    return run


@pytest.fixture
def drawn(examined, spec):
    """The overlay of bytes as pixels, with the facts and the place of the picture on it."""

    def run(data: bytes, mode=Mode.FINAL, lang="zh"):
        facts, findings = examined(data, mode)
        return np.asarray(overlay(facts, findings, RULES, spec, lang)), facts, view_of(facts)

    return run


def row_of(sheet, view, y) -> np.ndarray:
    """The sheet's pixels along an output row, left of the picture where only the line is."""
    return sheet[round(view.y(y)), GUTTER - 20 : GUTTER - 4]


def is_all(pixels, colour) -> bool:
    return bool((pixels == np.array(colour)).all())


def test_lines_lie_where_things_were_measured(drawn, jpeg, framed, sitter):
    sheet, facts, view = drawn(jpeg(framed(sitter()), quality=85))
    place = facts.placement
    assert is_all(row_of(sheet, view, place.crown), KEPT)
    assert is_all(row_of(sheet, view, place.eye), KEPT)
    assert not is_all(row_of(sheet, view, place.eye + 6), KEPT)
    middle = round(view.x((0.5 + place.off_centre / 100) * 480))
    assert is_all(sheet[round(view.bottom) + 4 : round(view.bottom) + 20, middle], KEPT)


def test_the_face_width_is_a_bar_between_the_cheeks(drawn, jpeg, framed, sitter):
    sheet, facts, view = drawn(jpeg(framed(sitter()), quality=85))
    x, y = facts.points[[93, 323]].mean(axis=0)
    for end in (-1, 1):
        column = round(view.x(x + end * facts.placement.face_width / 2))
        ticks = sheet[round(view.y(y)) - 25 : round(view.y(y)) - 18, column - 1 : column + 2]
        assert (ticks == np.array(KEPT)).all(axis=2).any(axis=1).all()


def test_a_spec_that_asks_for_the_width_between_the_ears_sees_that_one(facts_of, sitter):
    from pipeline.spec.spec import load_spec

    passport = load_spec("exit_entry", CHECKS)
    assert passport.output.face_width is None
    other = facts_of(sitter(), spec=passport)
    found = run_checks(CHECKS, other, passport.limits, passport.off)
    sheet, view = np.asarray(overlay(other, found, RULES, passport, "en")), view_of(other)
    x, y = other.points[[234, 454]].mean(axis=0)
    right = round(view.x(x + other.placement.head_width / 2))
    inside = passport.output.head_width.allows(other.placement.head_width)
    tick = sheet[round(view.y(y)) - 25 : round(view.y(y)) - 18, right - 1 : right + 2]
    due = KEPT if inside else BROKEN
    assert (tick == np.array(due)).all(axis=2).any(axis=1).all()


def test_a_broken_rule_is_red_and_one_in_its_note_band_amber(drawn, jpeg, framed, sitter):
    sheet, facts, view = drawn(jpeg(framed(sitter(), shift=(31, -90)), quality=85))
    assert is_all(row_of(sheet, view, facts.placement.eye), BROKEN)
    assert 5 < facts.placement.off_centre < 8
    middle = round(view.x((0.5 + facts.placement.off_centre / 100) * 480))
    assert is_all(sheet[round(view.bottom) + 4 : round(view.bottom) + 20, middle], NOTED)


def test_the_windows_of_the_spec_are_shaded_at_the_edge(drawn, jpeg, framed, sitter):
    sheet, _, view = drawn(jpeg(framed(sitter()), quality=85))

    def tint(y):
        red, green, _ = (int(v) for v in sheet[round(view.y(y)), GUTTER - 15])
        return green - red

    assert tint(60) > 30
    assert tint(280) > 30
    assert tint(40) < 5
    assert tint(150) < 5


def test_no_face_is_drawn_with_what_is_known(drawn, jpeg):
    wall = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    final, facts, view = drawn(jpeg(wall))
    assert not facts.faces
    assert final[round(view.y(600)), round(view.x(240))].tolist() == pytest.approx(
        [100, 197, 255], abs=6
    )
    source, facts, view = drawn(jpeg(np.full((600, 900, 3), 90, np.uint8)), Mode.SOURCE)
    assert not isinstance(facts, CropFacts)
    assert (view.right - view.left) / (view.bottom - view.top) == pytest.approx(1.5, rel=0.01)
    assert abs(int(source[round(view.top) + 50, GUTTER + 50, 0]) - 90) < 6


def test_a_source_shows_the_planned_crop_in_the_whole_frame(drawn, jpeg, sitter):
    as_source, _, view = drawn(jpeg(sitter()), Mode.SOURCE)
    strip = as_source[: as_source.shape[0] // 2, round(view.right) + 28 :]
    blue = (np.abs(strip.astype(int) - [100, 197, 255]) < 12).all(axis=2)
    assert blue.sum() > 5_000, "the backdrop of the small view"


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_it_is_for_the_user_alone(tmp_path, examined, spec, jpeg, framed, sitter, suffix):
    facts, findings = examined(jpeg(framed(sitter()), quality=85))
    path = tmp_path / "new" / f"why{suffix}"
    write_overlay(path, facts, findings, RULES, spec, "zh")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with Image.open(path) as image:
        assert image.format == {".png": "PNG", ".jpg": "JPEG"}[suffix]
        assert min(image.size) > 1000


@pytest.fixture
def no_fonts(monkeypatch):
    monkeypatch.setattr(ink, "FOLDERS", ())
    ink.lettering.cache_clear()
    ink.font.cache_clear()
    yield
    ink.lettering.cache_clear()
    ink.font.cache_clear()


def test_without_fonts_it_is_drawn_in_english(no_fonts, drawn, jpeg, framed, sitter):
    sheet, facts, view = drawn(jpeg(framed(sitter()), quality=85), lang="zh")
    assert ink.lettering("zh") == ink.Lettering("en", None)
    assert is_all(row_of(sheet, view, facts.placement.eye), KEPT)


def test_a_damaged_font_does_no_harm(tmp_path):
    broken = tmp_path / "NotoSansCJK-Regular.ttc"
    broken.write_bytes(b"no font")
    letters = ink.Lettering("zh", broken)
    assert ink.font(letters, 20).getlength("abc") > 0


def test_a_text_is_broken_between_words_and_between_chinese_letters():
    face = ImageFont.load_default(20)
    text = "eye line tilted by 12.7 ° over"
    lines = list(ink.wrapped(text, face, 120))
    assert all(face.getlength(line) <= 120 for line in lines)
    assert " ".join(lines) == text
    chinese = "头顶距上边沿要求"
    assert "".join(ink.wrapped(chinese, face, 60)) == chinese


# -- where they go -------------------------------------------------------------------------


@pytest.fixture
def photos_in(tmp_path):
    """An inbox with two photos of one name in two folders."""
    inbox = tmp_path / "inbox"
    files = [inbox / "a" / "1.jpg", inbox / "b" / "1.jpg"]
    for file in files:
        file.parent.mkdir(parents=True)
        file.touch()
    return [Submission(str(file), file) for file in files]


def test_several_photos_go_into_a_folder_each_under_its_own_name(tmp_path, photos_in):
    files = overlay_files(photos_in, tmp_path / "why")
    assert [file.name for file in files] == ["1.jpg.png", "1.jpg#2.png"]
    assert {file.parent for file in files} == {tmp_path / "why"}


@pytest.mark.parametrize(
    ("count", "where", "says"),
    [
        (2, "why.png", "give a folder"),
        (1, "why.gif", "a .png or .jpg file"),
        (1, "inbox/a/1.jpg", "would replace a photo"),
        (2, "inbox/a", "the photos are in there"),
        (1, "inbox/a/1.jpg/why.png", "cannot be written"),
    ],
)
def test_a_place_that_will_not_do_is_refused(tmp_path, photos_in, count, where, says):
    with pytest.raises(UsageError, match=says):
        overlay_files(photos_in[:count], tmp_path / where)
