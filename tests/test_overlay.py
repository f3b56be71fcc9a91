"""The overlay draws lines where things were measured, in the colour of their rule."""

import io
import re
import stat
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from checks import CHECKS
from flows.commands.overlays import overlay_files
from pipeline.core.errors import UsageError
from pipeline.core.marks import Layer, Standing
from pipeline.core.records import Submission
from pipeline.core.rules import Mode
from pipeline.examine.check import run_checks
from pipeline.examine.examine import examine_with_facts
from pipeline.examine.facts import CropFacts
from pipeline.examine.marks import marks_of, preview
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.image.preview import PREVIEW_BYTES
from pipeline.ledger.codec import decode_marks, encode_marks
from pipeline.rules import photo_rules
from reports import typeset
from reports.overlay import COLOURS, frame_svg, overlay_svg, state_of_mark
from reports.overlay_sheet import overlay_sheet, write_overlay
from reports.rule_states import RuleState, rule_states

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


def points(path: str) -> np.ndarray:
    return np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path), float)


def line(marks, code: str):
    """The measured line of a rule."""
    (found,) = (m for m in marks.marks if m.layer is Layer.LINES and m.code == code and m.path)
    return found


def test_lines_lie_where_things_were_measured(final_facts):
    facts = final_facts()
    marks, place = marks_of(facts), facts.placement
    assert (marks.width, marks.height) == (480, 640)
    for code, row in (("FC004", place.crown), ("FC005", place.eye)):
        assert points(line(marks, code).path)[:, 1] == pytest.approx([row, row], abs=0.06)
    column = (0.5 + place.off_centre / 100) * 480
    assert points(line(marks, "FC003").path)[:, 0] == pytest.approx([column, column], abs=0.06)


def test_the_face_width_is_a_bar_between_the_cheeks(final_facts):
    facts = final_facts()
    bar = points(line(marks_of(facts), "FC006").path)
    x, _ = facts.points[[93, 323]].mean(axis=0)
    assert bar[0, 0] == pytest.approx(x - facts.placement.face_width / 2, abs=0.1)
    assert bar[1, 0] == pytest.approx(x + facts.placement.face_width / 2, abs=0.1)


def test_a_spec_that_asks_for_the_width_between_the_ears_sees_that_one(facts_of, sitter):
    from pipeline.spec.spec import load_spec

    passport = load_spec("exit_entry", CHECKS)
    assert passport.output.face_width is None
    facts = facts_of(sitter(), spec=passport)
    marks = marks_of(facts)
    states = rule_states(run_checks(CHECKS, facts, passport.limits, passport.off), RULES, passport)
    (bar,) = (m for m in marks.marks if m.label is not None and m.label.text.en[:4] == "head")
    wide = points(bar.path)[1, 0] - points(bar.path)[0, 0]
    scale = marks.height / passport.output.height_px
    assert wide == pytest.approx(facts.placement.head_width * scale, abs=0.3)
    inside = passport.output.head_width.allows(facts.placement.head_width)
    assert (state_of_mark(bar, states) is RuleState.BROKEN) is not inside


def test_a_broken_rule_is_red_and_one_in_its_note_band_amber(examined, jpeg, framed, sitter, spec):
    facts, findings = examined(jpeg(framed(sitter(), shift=(31, -90)), quality=85))
    marks, states = marks_of(facts), rule_states(findings, RULES, spec)
    assert state_of_mark(line(marks, "FC005"), states) is RuleState.BROKEN
    assert 5 < facts.placement.off_centre < 8
    assert line(marks, "FC003").standing is Standing.NOTED
    svg = overlay_svg(marks, states, "p.jpg", "zh", "o")
    eye = re.search(rf'd="{re.escape(line(marks, "FC005").path)}" stroke="(#\w+)" .*?"(#\w+)"', svg)
    assert COLOURS[RuleState.BROKEN] in svg
    assert eye is not None


def test_the_windows_of_the_spec_are_shaded_at_the_edge(final_facts):
    windows = [m for m in marks_of(final_facts()).marks if m.layer is Layer.WINDOW]
    crown = points(next(m for m in windows if m.code == "FC004").path)
    assert (crown[:, 1].min(), crown[:, 1].max()) == (50, 110)
    assert crown[:, 0].min() < 0 < crown[:, 0].max() == 480


def test_no_face_is_drawn_with_what_is_known(examined, jpeg, spec):
    wall = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    facts, findings = examined(jpeg(wall))
    assert not facts.faces
    assert {m.layer for m in marks_of(facts).marks} == {Layer.WINDOW}
    facts, findings = examined(jpeg(np.full((600, 900, 3), 90, np.uint8)), Mode.SOURCE)
    assert not isinstance(facts, CropFacts)
    marks = marks_of(facts)
    assert marks.marks == ()
    assert marks.width / marks.height == pytest.approx(1.5, abs=0.01)
    states = rule_states(findings, RULES, spec)
    ElementTree.fromstring(overlay_svg(marks, states, "p.jpg", "zh", "o"))


def test_a_source_shows_where_its_crop_lies_in_the_whole_frame(facts_of, sitter, final_facts):
    facts = facts_of(sitter())
    width, height, x, y, crop_width, crop_height = marks_of(facts).frame
    assert (width, height) == (960, 1280)
    assert (x, y) == (round(facts.crop.x), round(facts.crop.y))
    assert crop_width / crop_height == pytest.approx(0.75, abs=0.01)
    assert f'width="{crop_width}"' in frame_svg(marks_of(facts), "zh")
    assert frame_svg(marks_of(final_facts()), "zh") is None


def test_a_preview_is_640_high_and_at_most_40_kb(final_facts, facts_of):
    data = preview(final_facts())
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (480, 640)
    noise = np.random.default_rng(1).integers(0, 255, (1280, 960, 3), np.uint8)
    assert max(len(data), len(preview(facts_of(noise)))) <= PREVIEW_BYTES


def test_marks_are_kept_and_read_back_as_they_were(final_facts):
    marks = marks_of(final_facts())
    assert decode_marks(encode_marks(marks)) == marks
    assert decode_marks(encode_marks(None)) is None
    assert len(encode_marks(marks)) < 6000


def test_what_comes_from_outside_is_escaped(final_facts, spec):
    states = rule_states((), RULES, spec)
    svg = overlay_svg(marks_of(final_facts()), states, '"><script>', "zh", "o")
    assert "<script>" not in svg
    ElementTree.fromstring(svg)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_it_is_for_the_user_alone(tmp_path, final_facts, spec, suffix):
    path = tmp_path / "new" / f"why{suffix}"
    facts = final_facts()
    findings = run_checks(CHECKS, facts, spec.limits, spec.off)
    write_overlay(path, facts, findings, RULES, spec, "zh")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with Image.open(path) as image:
        assert image.format == {".png": "PNG", ".jpg": "JPEG"}[suffix]
        assert min(image.size) > 1000
        pixels = np.asarray(image.convert("RGB"), int)
    eye = round((14 + 480 * (12 + facts.placement.eye) / (480 + 132 + 16)) * 2)
    red, green, blue = pixels[eye - 3 : eye + 4, 240:250].reshape(-1, 3).T
    assert ((green - red > 60) & (green - blue > 40)).any(), "the eye line, left of the picture"


def test_without_chinese_fonts_it_is_drawn_in_english(monkeypatch, final_facts, spec):
    monkeypatch.setattr(typeset, "_families", frozenset)
    assert typeset.printable("zh") == "en"
    facts = final_facts()
    findings = run_checks(CHECKS, facts, spec.limits, spec.off)
    assert overlay_sheet(facts, findings, RULES, spec, "zh").startswith(b"\x89PNG")


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
