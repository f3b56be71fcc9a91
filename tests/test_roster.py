"""Rosters as offices send them, and how those that cannot be used are refused.

All people are made up; the ID numbers begin with 99, which no region has.
"""

import csv
import datetime
import io
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import dbf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline.core.errors import RosterError
from pipeline.core.records import Student
from pipeline.intake.identifiers import check_digit
from pipeline.intake.roster import read_roster as read

HEADER = ["学号", "考生号", "证件号", "姓名", "学院", "专业", "班级"]
ID_BODY = "99010120010101001"
ID = ID_BODY + check_digit(ID_BODY)
ROW = ["0023001", "23510104110001", ID, "张三", "文学院", "汉语言文学", "中文2301"]
STUDENT = Student("0023001", 2, "0023001", "23510104110001", ID, "", "张三", "文学院",
                  "汉语言文学", "中文2301")  # fmt: skip


def as_csv(path, rows, encoding="utf-8", delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def as_xlsx(path, rows, title="名单"):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def as_dbf(
    path, rows, fields="XH C(15); KSH C(18); SFZH C(18); XM C(40); FY C(40); ZYMC C(50); BH C(30)"
):
    table = dbf.Table(str(path), fields, codepage="cp936")
    table.open(dbf.READ_WRITE)
    for row in rows:
        table.append(tuple(row))
    table.close()
    return path


def read_roster(path, *sheets):
    return read(path, sheets).students


def refusal(path, *sheets):
    with pytest.raises(RosterError) as error:
        read_roster(path, *sheets)
    message = str(error.value)
    assert message.startswith(f"{path.name}: ")
    assert "\n" not in message
    for personal in ("张三", "李四", "2023001", "2023002", ID):
        assert personal not in message
    return message


# What can be read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_editors_and_excel_write_it(tmp_path, encoding, delimiter):
    path = as_csv(tmp_path / "r.csv", [HEADER, ROW], encoding, delimiter)
    assert read_roster(path) == (STUDENT,)


def test_xlsx_and_dbf_give_the_same_students(tmp_path):
    assert read_roster(as_xlsx(tmp_path / "r.xlsx", [HEADER, ROW])) == (STUDENT,)
    (student,) = read_roster(as_dbf(tmp_path / "r.dbf", [ROW]))
    assert student == replace(STUDENT, row=1)  # DBF rows are record numbers


NAMES = st.text("张王李赵思远䶮佳宁·", min_size=2, max_size=8).map(lambda n: n.strip("·") or "某某")


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(st.from_regex(r"[0-9A-Z][0-9A-Z-]{3,10}", fullmatch=True), NAMES),
        min_size=1, max_size=5, unique_by=lambda row: row[0],
    )
)  # fmt: skip
def test_a_roster_comes_back_the_same_from_every_format(rows):
    with TemporaryDirectory() as scratch:
        header = ["学号", "姓名"]
        dbf_rows = [(number, name.replace("䶮", "彦")) for number, name in rows]
        read = [
            read_roster(as_xlsx(Path(scratch, "r.xlsx"), [header, *rows])),
            read_roster(as_csv(Path(scratch, "r.csv"), [header, *rows], "gb18030")),
            read_roster(as_dbf(Path(scratch, "r.dbf"), dbf_rows, "XH C(15); XM C(40)")),
        ]
    expected = tuple(
        Student(number, at, student_no=number, name=name)
        for at, (number, name) in enumerate(rows, 2)
    )
    assert read[0] == read[1] == expected
    assert [s.key for s in read[2]] == [s.key for s in expected]
    assert [s.name for s in read[2]] == [s.name.replace("䶮", "彦") for s in expected]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("学 号", "student_no"), ("Student_No", "student_no"), ("student id", "student_no"),
        ("XH", "student_no"), ("学号（必填）*", "student_no"), ("KSH", "exam_no"),
        ("身份证件号码", "id_no"), ("SFZH", "id_no"), ("id_no", "id_no"),
        ("采集码编号", "capture_code"), ("capture_code", "capture_code"), ("XM", "name"),
        ("院系", "college"), ("ZYMC", "major"), ("Class", "class_name"), ("照片", "file"),
        ("录取照片", "reference"),
    ],
)  # fmt: skip
def test_headers_have_synonyms(tmp_path, header, field):
    key = "考生号" if field == "student_no" else "学号"
    path = as_csv(tmp_path / "r.csv", [["备注", header, key], ["不用", "AB12", "1"]])
    (student,) = read_roster(path)
    assert getattr(student, field) == "AB12"


def test_the_key_is_the_student_number_else_the_capture_code_else_the_exam_number(tmp_path):
    rows = [["采集码", "学号", "考生号"], ["C1", "S1", "E1"], ["C2", "", "E2"], ["", "", "E3"]]
    assert [s.key for s in read_roster(as_csv(tmp_path / "r.csv", rows))] == ["S1", "C2", "E3"]


def test_titles_above_the_header_and_empty_rows_are_passed_over(tmp_path):
    rows = [["2026届毕业生名单"], [], ["学院：文学院", "", "姓名与学号请核对"], HEADER, [], ROW]
    (student,) = read_roster(as_xlsx(tmp_path / "r.xlsx", rows))
    assert student == replace(STUDENT, row=6)


def test_rows_that_hold_only_unknown_columns_are_empty(tmp_path):
    rows = [["序号", *HEADER], ["1", *ROW], ["2"], ["合计：1人"]]
    assert len(read_roster(as_xlsx(tmp_path / "r.xlsx", rows))) == 1


def test_the_header_again_is_no_student(tmp_path):
    rows = [["学号", "姓名"], ["XH", "XM"], ["1", "张三"], ["学号", "姓名"], ["2", "李四"]]
    read = read_roster(as_csv(tmp_path / "r.csv", rows))
    assert [(s.key, s.row) for s in read] == [("1", 3), ("2", 5)]


def test_text_is_normalised_but_a_number_stays_the_schools(tmp_path):
    rows = [["学号", "证件号", "姓名"], ["００-2a ", " 9901012001010１001x", "张　三"]]
    (student,) = read_roster(as_csv(tmp_path / "r.csv", rows))
    assert (student.student_no, student.name) == ("00-2a", "张三")
    assert student.id_no == "99010120010101001X"


def test_numeric_cells_are_shown_as_excel_shows_them(tmp_path):
    path = tmp_path / "r.xlsx"
    book = Workbook()
    sheet = book.active
    sheet.append(["学号", "考生号"])
    sheet.append([23001, 510104110001234])
    sheet["A2"].number_format = "0000000000"
    book.save(path)
    (student,) = read_roster(path)
    assert (student.student_no, student.exam_no) == ("0000023001", "510104110001234")


def test_dbf_without_a_language_byte_and_with_deleted_and_cut_fields(tmp_path):
    rows = [("1", "张??"), ("2", "李四"), ("3", "王王王")]
    path = as_dbf(tmp_path / "r.dbf", rows, "XH C(15); XM C(6)")
    content = bytearray(path.read_bytes())
    content[29] = 0
    start = int.from_bytes(content[8:10], "little")
    size = int.from_bytes(content[10:12], "little")
    content[start + size] = ord("*")  # deleted
    last = start + 2 * size + 1 + 15
    content[last + 5] = 0x20  # the field ends within a character
    path.write_bytes(content)
    first, second = read_roster(path)
    assert (first.key, first.name) == ("1", "张??")
    assert (second.key, second.row) == ("3", 3)
    assert second.name.startswith("王王")


def test_dbf_numbers_keep_all_their_digits(tmp_path):
    path = as_dbf(tmp_path / "r.dbf", [(510104110001234,)], "KSH N(18,0)")
    assert read_roster(path)[0].key == "510104110001234"


# What is refused


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (110105194912310021, "a number of more than 15 digits"),
        (1.10105e17, "a number of more than 15 digits"),
        (1.5, "a decimal number"),
        (datetime.date(2023, 1, 1), "turned into a date"),
        ("1.1E+17", "a number in scientific notation"),
        ("2023001.0", "a number in scientific notation or with decimals"),
    ],
)
@pytest.mark.parametrize("column", ["学号", "证件号"])
def test_numbers_that_excel_spoilt_are_refused_with_the_way_to_mend_them(
    tmp_path, value, why, column
):
    rows = [[column, "考生号", "姓名"], [value, "1", "张三"]]
    message = refusal(as_xlsx(tmp_path / "r.xlsx", rows))
    assert f"row 2 {column} is {why}" in message
    assert "format the column as text" in message


def test_what_excel_did_to_other_columns_does_not_matter(tmp_path):
    rows = [["学号", "班级", "序号"], ["2023001", 1.5, 1e20]]
    assert read_roster(as_xlsx(tmp_path / "r.xlsx", rows))[0].class_name == "1.5"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([["2023001", "", ""], ["2023001", "", ""]], "row 3 has the key (学号) of row 2"),
        ([["a1", "", ""], ["A1", "", ""]], "row 3 has the key (学号) of row 2"),
        ([["1", "2023001", ""], ["2", "2023001", ""]], "row 3 has the 考生号 of row 2"),
        ([["1", "", ID], ["2", "", ID]], "row 3 has the 证件号 of row 2"),
        (
            [["1", "", "110105491231002"], ["2", "", "11010519491231002X"]],
            "row 3 has the 证件号 of row 2",
        ),
        ([["1", "", ""], ["", "1", ""]], "row 3 has the key (学号) of row 2"),
        ([["1", "", ""], ["", "", ID]], "row 3 has data but no 学号 or 采集码 or 考生号"),
    ],
)
def test_records_that_cannot_be_told_apart_are_refused(tmp_path, rows, fault):
    path = as_csv(tmp_path / "r.csv", [["学号", "考生号", "证件号"], *rows])
    assert fault in refusal(path)


def test_five_faults_are_named_and_the_rest_counted(tmp_path):
    rows = [["学号", "姓名"], *(["", "张三"] for _ in range(17))]
    message = refusal(as_csv(tmp_path / "r.csv", rows))
    assert message.count("row ") == 5
    assert "row 6 has data" in message
    assert message.endswith("; and 12 more")


def test_a_quote_that_is_never_closed_swallows_no_records(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('学号,姓名\n1,"张三\n2,李四\n', encoding="utf-8")
    assert "line 2 cannot be read" in refusal(path)


def test_a_missing_key_column_lists_the_columns_found(tmp_path):
    message = refusal(as_csv(tmp_path / "r.csv", [["标题"], ["姓名", "学院"], ["张三", "文学院"]]))
    assert "row 2 has no column 学号, 采集码 or 考生号; columns found: 姓名, 学院" in message


def test_two_columns_of_one_meaning_are_refused(tmp_path):
    message = refusal(as_csv(tmp_path / "r.csv", [["学号", "身份证号", "证件号码"], ["1", "", ""]]))
    assert "the columns 身份证号 and 证件号码 mean the same" in message
