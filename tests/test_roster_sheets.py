"""A workbook of several sheets is read whole, or refused with their names; never in part."""

import pytest
from openpyxl import Workbook

from pipeline.core.errors import RosterError
from pipeline.intake.column_names import ALL_SHEETS
from pipeline.intake.matching import read_manifest
from pipeline.intake.roster import read_roster

HEAD = ("学号", "姓名")


def workbook(path, sheets, hidden=()):
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save(path)
    return path


def keys(path, *sheets):
    return [student.key for student in read_roster(path, sheets).students]


def refusal(path, *sheets):
    with pytest.raises(RosterError) as error:
        read_roster(path, sheets)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def classes(tmp_path):
    """One sheet a class, a cover, a form without students, and last year's list, hidden."""
    sheets = {
        "说明": [("请核对",)],
        "软件2301": [HEAD, ("S1", "张三"), ("S2", "李四")],
        "软件2302": [("软件2302班名单",), HEAD, ("S3", "王五")],
        "模板": [HEAD],
        "2026届": [HEAD, ("S9", "赵六")],
    }
    return workbook(tmp_path / "r.xlsx", sheets, hidden=("2026届",))


def test_several_sheets_are_refused_with_their_names_counts_and_the_options(classes):
    message = refusal(classes)
    assert "2 sheets hold students: '软件2301' (2), '软件2302' (1)" in message
    assert "--sheet NAME" in message
    assert "--all-sheets" in message


def test_all_sheets_are_the_visible_ones_that_fit(classes):
    roster = read_roster(classes, [ALL_SHEETS])
    assert [s.key for s in roster.students] == ["S1", "S2", "S3"]
    (note,) = roster.notes
    assert "'软件2301' (2), '软件2302' (1)" in note.en
    assert "'2026届' (hidden)" in note.en
    assert "'说明' (no column of numbers)" in note.en
    assert "'模板' (no students)" in note.en


def test_sheets_are_chosen_by_name_be_they_hidden(classes):
    assert keys(classes, "软件2302") == ["S3"]
    assert keys(classes, "软件2302", " 软件2301 ") == ["S1", "S2", "S3"]
    assert keys(classes, "2026届") == ["S9"]
    assert "no sheet '软件2303'; it has '说明', '软件2301'" in refusal(classes, "软件2303")
    assert "no header" in refusal(classes, "软件2301", "说明")


def test_one_sheet_with_students_needs_no_choice_and_is_named(tmp_path):
    roster = read_roster(workbook(tmp_path / "r.xlsx", {"名单": [HEAD, ("S1", "张三")]}))
    assert [text.en for text in roster.told] == ["roster: sheets read (students): '名单' (1)"]
    assert roster.notes == ()


def test_a_list_on_a_hidden_sheet_alone_is_refused_with_its_name(tmp_path):
    sheets = {"说明": [("请核对",)], "名单": [HEAD, ("S1", "张三")]}
    message = refusal(workbook(tmp_path / "r.xlsx", sheets, hidden=("名单",)))
    assert "hidden sheets are not read unless they are asked for: '名单'" in message


def test_faults_name_their_sheet(tmp_path):
    sheets = {"甲": [HEAD, ("S1", "张三")], "乙": [HEAD, ("S1", "李四"), (None, "王五")]}
    message = refusal(workbook(tmp_path / "r.xlsx", sheets), ALL_SHEETS)
    assert "sheet '乙' row 2 has the key (学号) of sheet '甲' row 2" in message
    assert "sheet '乙' row 3 has data but no 学号" in message


def test_a_csv_has_no_sheets(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("学号\nS1\n", encoding="utf-8")
    assert keys(path, ALL_SHEETS) == ["S1"]
    assert "only a workbook has sheets" in refusal(path, "名单")


def test_a_manifest_in_two_sheets_is_refused_too(tmp_path):
    head = ("文件名", "学号")
    sheets = {"甲": [head, ("1.jpg", "S1")], "乙": [head, ("2.jpg", "S2")]}
    with pytest.raises(RosterError, match=r"'甲' \(1\), '乙' \(1\); keep one"):
        read_manifest(workbook(tmp_path / "m.xlsx", sheets))
