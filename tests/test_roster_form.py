"""`gradphoto roster template`: a form that `check` reads once it is filled in."""

import sys

import openpyxl
import pytest

from flows import cli
from pipeline.intake.column_names import NAMES
from pipeline.intake.roster import read_roster


@pytest.fixture
def template(capsys, monkeypatch):
    def run(*words) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["gradphoto", "roster", "template", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run


def test_a_form_that_is_filled_in_is_a_roster(tmp_path, template):
    file = tmp_path / "名单.xlsx"
    code, out, err = template(file)
    assert (code, err) == (0, "")
    assert str(file) in out
    book = openpyxl.load_workbook(file)
    heads = [cell.value for cell in book.active[1]]
    row = {"学号": "0023990000001", "姓名": "张三"}
    book.active.append([row.get(head) for head in heads])
    book.save(file)
    (student,) = read_roster(file).students
    assert (student.key, student.name) == ("0023990000001", "张三")


def test_its_heads_are_those_that_are_understood_and_its_columns_hold_text(tmp_path, template):
    template(tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    assert [cell.value for cell in sheet[1]] == [labels[0] for labels in NAMES.values()]
    assert sheet.column_dimensions["A"].number_format == "@"


def test_no_file_is_written_over_and_no_other_kind_is_made(tmp_path, template):
    (tmp_path / "r.xlsx").write_text("mine", encoding="utf-8")
    for name, said in (("r.xlsx", "is there already"), ("r.csv", "must end in .xlsx")):
        code, out, err = template(tmp_path / name)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err
    assert (tmp_path / "r.xlsx").read_text(encoding="utf-8") == "mine"
