"""What `inspect` shows: a line a rule within 80 columns, the distance to the limit on a break."""

import re

import pytest
from rich.cells import cell_len

from checks import CHECKS
from pipeline.core.records import Submission
from pipeline.core.rules import Mode
from pipeline.examine.examine import examine
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.rules import photo_rules
from reports.terminal.findings import print_examination


@pytest.fixture
def shown(tmp_path, spec, monkeypatch, capsys):
    """The lines that `inspect` prints on bytes, 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")

    def show(data: bytes, mode=Mode.FINAL, lang="zh") -> list[str]:
        path = tmp_path / "photo.jpg"
        path.write_bytes(data)
        examination = examine(
            Submission("photo.jpg", path), Setting(spec, mode), Tools(CHECKS, load_models())
        )
        print_examination(examination, photo_rules(CHECKS), spec, lang)
        return [line.rstrip() for line in capsys.readouterr().out.splitlines()]

    return show


def line_of(lines: list[str], code: str) -> str:
    return next(line for line in lines if f" {code} " in line)


@pytest.mark.parametrize(("lang", "short"), [("zh", "差 "), ("en", " px short")])
def test_a_break_states_its_distance_in_a_column_of_its_own(
    shown, jpeg, framed, sitter, lang, short
):
    lines = shown(jpeg(framed(sitter(), shift=(0, -90)), quality=85), lang=lang)
    assert max(cell_len(line) for line in lines) <= 80
    eyes = line_of(lines, "FC005")
    assert eyes.startswith("×")
    assert short in eyes
    assert "200–300" in eyes
    assert "要求" not in eyes, "the numbers stand in columns, not in the sentence again"
    assert short not in line_of(lines, "FC006")
    # the columns are aligned: the limits begin in one place
    starts = {cell_len(line_of(lines, code).split("≤")[0]) for code in ("BG001", "BG002")}
    assert len(starts) == 1


@pytest.mark.parametrize(
    ("lang", "student", "photographer"),
    [("zh", "学生：", "摄影："), ("en", "Student: ", "Photographer: ")],
)
def test_student_and_photographer_are_told_once(
    shown, jpeg, framed, sitter, lang, student, photographer
):
    text = "".join(shown(jpeg(framed(sitter(), shift=(0, -90)), quality=85), lang=lang))
    assert text.count(student) == text.count(photographer) == 1
    assert photographer in text.split(student)[1]
    fine = "".join(shown(jpeg(framed(sitter()), quality=85), lang=lang))
    assert student not in fine
    assert photographer not in fine


def test_a_note_is_told_as_one_and_never_as_a_fault(shown, jpeg, framed, sitter):
    lines = shown(jpeg(framed(sitter()), quality=85, dpi=(72, 72)))
    tag = line_of(lines, "RS003")
    assert tag.startswith("!")
    assert "提示，不影响结论" in "".join(lines)


def test_what_a_broken_rule_made_impossible_is_one_quiet_line(shown, jpeg, framed):
    import numpy as np

    wall = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    lines = shown(jpeg(wall))
    assert line_of(lines, "FC001").startswith("×")
    assert any(re.match(r"FC001  其余 \d+ 项无法判断", line) for line in lines)
    assert not [line for line in lines if line.startswith("?")]
