"""report.xlsx: the lists that offices hand on, safe to open and to pass round."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from fixtures.example_result import example_result
from pipeline.batch.rounds import StudentState
from pipeline.core.records import Proposal, Result
from pipeline.core.rules import Text, Verdict
from reports.masking import Presentation
from reports.workbook import LISTS, write_list, write_workbook

HOSTILE = ('=HYPERLINK("http://x")', "@SUM(A1)", "#N/A", "\udcd5\x00\x07.jpg", "a\u202egpj.exe")


def book(result: Result, out: Path, lang="zh", *, full_names=False):
    path = out / "report.xlsx"
    write_workbook(result, path, Presentation(lang, full_names))
    return openpyxl.load_workbook(path)


def column(sheet, number: int) -> list[str]:
    return [row[number - 1] or "" for row in sheet.iter_rows(min_row=2, values_only=True)]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    result = example_result(40, HOSTILE)
    return result, book(result, tmp_path_factory.mktemp("book"))


def test_sheets(opened, tmp_path):
    assert opened[1].sheetnames == ["汇总", "合格", "需补拍", "异常", "未采集", "明细"]
    english = book(example_result(3), tmp_path, "en").sheetnames
    assert english == ["Summary", "Pass", "Retake", "Fail", "Missing", "Files"]


def test_every_student_is_on_one_list(opened):
    result, workbook = opened
    for verdict, title in zip(Verdict, ["合格", "需补拍", "异常", "未采集"], strict=True):
        keys = [s.student.key for s in result.students if s.verdict is verdict]
        assert [key for key in column(workbook[title], 1) if key] == keys


def test_every_file_is_in_one_row_of_details_and_strays_are_under_fail(opened):
    result, workbook = opened
    assert len(column(workbook["明细"], 1)) == len(result.photos)
    strays = [key for key in column(workbook["异常"], 1) if not key]
    assert len(strays) == sum(p.student_key is None for p in result.photos)


def test_a_season_s_lists_say_where_each_student_stands(tmp_path):
    result = example_result(12)
    states = {row.student.key: StudentState.UPLOADED for row in result.students}
    states[result.students[0].student.key] = StudentState.DISPUTED
    write_workbook(result, tmp_path / "report.xlsx", Presentation(), states=states)
    opened = openpyxl.load_workbook(tmp_path / "report.xlsx")
    heads, *found = opened["合格"].iter_rows(values_only=True)
    assert heads[-1] == "状态"
    assert {row[0]: row[-1] for row in found}[result.students[0].student.key] == "校对有误"
    counted = [(r[0].value, r[2].value) for r in opened["汇总"].iter_rows() if r[0].value]
    assert ("已上传", 11) in counted
    assert ("校对有误", 1) in counted


def test_numbers_are_text_and_nothing_is_a_formula(opened):
    for sheet in opened[1].worksheets[1:]:
        for row in sheet.iter_rows(min_row=2):
            assert all(cell.data_type == "s" for cell in row if cell.value)
        assert sheet["A2"].number_format == "@"
    assert '=HYPERLINK("http://x")' in column(opened[1]["明细"], 1)


def test_what_cannot_be_seen_is_marked(opened):
    files = column(opened[1]["明细"], 1)
    assert "\ufffd\ufffd\ufffd.jpg" in files
    assert "a\ufffdgpj.exe" in files


def test_lists_are_ready_to_use(opened):
    sheet = opened[1]["需补拍"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:J{sheet.max_row}"
    assert sheet["H2"].alignment.wrap_text
    assert sheet.column_dimensions["H"].width > 40


def test_several_reasons_are_numbered_lines(opened):
    several = next(text for text in column(opened[1]["需补拍"], 8) if "\n" in text)
    assert [line[:2] for line in several.splitlines()] == ["1.", "2.", "3."]


def test_student_and_photographer_have_a_column_each(opened):
    sheet = opened[1]["需补拍"]
    assert [cell.value for cell in sheet[1]][6:] == [
        "代码", "原因", "学生怎么做", "摄影师、老师怎么做",
    ]  # fmt: skip
    assert "请用浅蓝色背景重拍" in column(sheet, 9)[0]
    assert "摄影：请用浅蓝色背景重拍" in column(sheet, 10)[0]


def test_names_are_masked_unless_asked_for(tmp_path):
    result = example_result(6)
    assert "张**" in column(book(result, tmp_path)["需补拍"], 2)
    assert "张晓明" in column(book(result, tmp_path, full_names=True)["需补拍"], 2)


def test_an_empty_result_gives_empty_lists(tmp_path):
    sheets = book(example_result(0), tmp_path).worksheets
    assert [sheet.max_row for sheet in sheets[1:3]] == [1, 1]


def test_a_workbook_holds_no_clock(tmp_path):
    """Neither of the document nor of the entries of its archive: the same rows, the same bytes."""
    result = example_result(40, HOSTILE)
    written = []
    for number in range(2):
        book(result, tmp_path / str(number))
        write_list(tmp_path / str(number) / "list.xlsx", "单", LISTS[Verdict.MISSING], [], "zh")
        written.append({p.name: p.read_bytes() for p in (tmp_path / str(number)).iterdir()})
    assert sorted(written[0]) == ["list.xlsx", "report.xlsx"]
    assert written[0] == written[1]
    for path in (tmp_path / "0").iterdir():
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert {entry.date_time[:3] for entry in archive.infolist()} == {(1980, 1, 31)}
            about = archive.read("docProps/core.xml").decode()
        assert set(re.findall(r"[0-9]{4}-[0-9T:-]+", about)) == {"1980-01-01T00:00:00"}


@pytest.mark.parametrize(
    ("lang", "causes"),
    [("zh", {"互换-1", "错位-2", "文件名"}), ("en", {"swap-1", "shift-2", "name"})],
)
def test_causes_of_proposals_are_in_the_language_of_the_run(tmp_path, lang, causes):
    runs = ("swap-1", "shift-2", "name")
    moves = tuple(Proposal("a.jpg", "", "S1", Text("因为", "because"), run) for run in runs)
    made = book(replace(example_result(2), proposals=moves), tmp_path, lang)
    sheet = made["调整建议" if lang == "zh" else "Proposals"]
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == causes
