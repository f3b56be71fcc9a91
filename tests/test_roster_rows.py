"""Rows below a table that are no students, and what stands for a number that is not there.

What is left out is named by its row, and no student is lost. All people are made up.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_roster import ID, as_csv, as_xlsx

from pipeline.core.errors import RosterError
from pipeline.intake.identifiers import check_digit
from pipeline.intake.no_student import is_date, is_note, is_placeholder
from pipeline.intake.roster import read_roster

HEAD = ["学号", "姓名", "证件号", "学院"]
TWO = [["2023141460001", "张三", "", "文学院"], ["2023141460002", "李四", "", "文学院"]]
OTHER_BODY = "99010120010101002"
OTHER_ID = OTHER_BODY + check_digit(OTHER_BODY)


def read(tmp_path, rows, **how):
    return read_roster(as_xlsx(tmp_path / "r.xlsx", rows), **how)


def refusal(tmp_path, rows, **how):
    with pytest.raises(RosterError) as error:
        read(tmp_path, rows, **how)
    return str(error.value)


FEET = [
    ["合计"],
    ["合计：2人"],
    ["小计", "2人"],
    [None, "总计", None, "2"],
    ["合計", 2],
    ["共2人"],
    ["以上共 2 人"],
    ["制表人", "某老师"],
    ["制表人：某老师", None, "审核人：某主任"],
    ["審核：", None, "簽字："],
    ["班主任签字："],
    ["学院（盖章）"],
    [None, None, None, "（公章）"],
    ["备注：请各班核对姓名，无误后签字。"],
    ["注：1. 本表一式两份"],
    ["说明"],
    ["填表说明：学号为13位"],
    ["（以下空白）"],
    ["此表由学院盖章后交教务处"],
    ["联系电话：028-85400000"],
    ["2026年10月8日"],
    ["2026-10-08"],
    [None, None, None, "二〇二六年十月八日"],
    ["第1页 共3页"],
    ["1/3"],
    ["Page 1 of 3"],
    ["Total: 2"],
    ["Prepared by: the office"],
    ["Signature:"],
    ["Note: two copies"],
    ["합계", "2"],
    ["某某大学教务处 2026年制"],
    ["打印时间：2026-10-08 09:30"],
]


@pytest.mark.parametrize("foot", FEET, ids=str)
def test_what_stands_below_the_table_is_no_student_and_is_told(tmp_path, foot):
    roster = read(tmp_path, [HEAD, *TWO, [], foot])
    assert [s.row for s in roster.students] == [2, 3]
    (note,) = roster.notes
    assert "row 5; 1 in all" in note.en
    assert "第5行" in note.zh


def test_totals_between_groups_and_headings_of_groups_are_no_students(tmp_path):
    rows = [HEAD, ["软件2301班（1人）"], TWO[0], ["小计：1人"], ["软件2302班（1人）"], TWO[1]]
    roster = read(tmp_path, rows)
    assert [s.row for s in roster.students] == [3, 6]
    assert "row 2, 4-5; 3 in all" in roster.notes[0].en


def test_a_count_below_the_numbers_is_no_student(tmp_path):
    numbered = [["序号", *HEAD], [1, *TWO[0]], [2, *TWO[1]], ["合计", 2]]
    assert len(read(tmp_path, numbered).students) == 2
    assert len(read(tmp_path, [HEAD, *TWO, [2]]).students) == 2
    # A number is a student where it is no count.
    assert len(read(tmp_path, [HEAD, *TWO, [3]]).students) == 3
    assert len(read(tmp_path, [HEAD, ["1", "张三"], ["2"]]).students) == 2


def test_rows_that_are_numbered_and_else_empty_say_nothing(tmp_path):
    roster = read(tmp_path, [["序号", *HEAD], [1, *TWO[0]], [2], [3]])
    assert len(roster.students) == 1
    assert roster.notes == ()


@pytest.mark.parametrize("name", ["合计学", "合计", "制表人", "计春华", "注册", "小计"])
def test_a_student_with_a_number_stays_whatever_the_name(tmp_path, name):
    roster = read(tmp_path, [HEAD, *TWO, ["2023141460003", name]])
    assert [s.name for s in roster.students] == ["张三", "李四", name]
    assert roster.notes == ()


@pytest.mark.parametrize(
    "row",
    [
        [None, "王五", OTHER_ID],
        [None, "王五"],
        ["王五"],
        [None, None, OTHER_ID],
        ["合计", "王五", OTHER_ID],
        ["无", "王五", OTHER_ID],
        ["王五", "2023141460003"],
    ],
    ids=str,
)
def test_a_person_without_a_number_stops_the_roster(tmp_path, row):
    assert "row 4 " in refusal(tmp_path, [HEAD, *TWO, row])


def test_numbers_that_look_like_days_are_numbers_where_a_name_is_beside_them(tmp_path):
    rows = [HEAD, ["2023-01-15", "张三"], ["2023-01-16", "李四"]]
    assert [s.key for s in read(tmp_path, rows).students] == ["2023-01-15", "2023-01-16"]
    rows = [["学号"], ["2023-01-15"], ["2023-01-16"]]
    assert len(read_roster(as_csv(tmp_path / "r.csv", rows)).students) == 2


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(FEET), st.from_regex(r"[A-Z0-9]{0,3}[1-9][0-9]{6,9}", fullmatch=True))
def test_a_number_beside_any_foot_is_a_student(foot, number):
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as scratch:
        words = next(str(text) for text in foot if text)
        path = as_csv(Path(scratch, "r.csv"), [HEAD, *TWO, [number, words]])
        assert read_roster(path).students[-1].key == number


def test_the_example_of_a_form_is_no_student(tmp_path):
    rows = [["序号", *HEAD], ["示例", "2023000000000", "某某"], [1, *TWO[0]]]
    roster = read(tmp_path, rows)
    assert [s.row for s in roster.students] == [3]
    assert "row 2" in roster.notes[0].en
    rows = [HEAD, ["必填", "必填", "选填", "选填"], *TWO]
    assert len(read(tmp_path, rows).students) == 2


# Placeholders


@pytest.mark.parametrize(
    "nothing",
    [
        "无",
        "無",
        "/",
        "／",
        "\\",
        "-",
        "—",
        "——",
        "0",
        0,
        "000000",
        "null",
        "NULL",
        "None",
        "nan",
        "N/A",
        "n/a",
        "暂无",
        "空",
        "未知",
        "不详",
        "待补",
        "（无）",
        "无证件号",
        "*",
        "?",
        "xxxx",
    ],
)
@pytest.mark.parametrize("column", ["证件号", "考生号", "采集码"])
def test_what_stands_for_no_number_is_read_as_empty_and_told(tmp_path, column, nothing):
    rows = [["学号", column], ["S1", nothing], ["S2", nothing]]
    roster = read(tmp_path, rows)
    assert [(s.id_no, s.exam_no, s.capture_code) for s in roster.students] == [("", "", "")] * 2
    assert "row 2-3; 2 in all" in roster.notes[0].en


def test_a_placeholder_is_no_key(tmp_path):
    rows = [["学号", "考生号", "姓名"], ["无", "E1", "张三"], ["0", "无", "李四"]]
    assert "row 3 has data but no 学号" in refusal(tmp_path, rows)
    assert [s.key for s in read(tmp_path, rows[:2]).students] == ["E1"]


def test_an_error_of_a_formula_is_no_placeholder(tmp_path):
    assert "the error of a formula" in refusal(tmp_path, [["学号"], ["=1/0"], ["#N/A"]])


@pytest.mark.parametrize("text", ["S1", "00-2a", "无忌", "A0", "1", "0a"])
def test_a_number_is_no_placeholder(text):
    assert not is_placeholder(text)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_looked_at_in_no_time(text):
    is_placeholder(text), is_note(text), is_date(text)


# One person, two records


def test_one_person_in_two_courses_is_two_records_and_a_note(tmp_path):
    rows = [HEAD, ["S1", "张三", ID], ["S2", "李四", OTHER_ID], ["S3", " 张三", ID.lower()]]
    roster = read(tmp_path, rows)
    assert [s.key for s in roster.students] == ["S1", "S2", "S3"]
    assert "row 4; 1 in all" in roster.notes[0].en


@pytest.mark.parametrize("name", ["李四", None])
def test_one_id_number_of_two_people_is_refused(tmp_path, name):
    rows = [HEAD, ["S1", "张三", ID], ["S2", name, ID]]
    assert "row 3 has the 证件号 of row 2" in refusal(tmp_path, rows)


# Lists without any number but that of the document


def test_the_id_number_is_the_key_where_files_are_named_by_it(tmp_path):
    rows = [["姓名", "身份证号"], ["张三", ID], ["李四", OTHER_ID]]
    roster = read(tmp_path, rows, by_id=True)
    assert [s.key for s in roster.students] == [ID, OTHER_ID]
    assert "row 2-3; 2 in all" in roster.notes[0].en
    assert "no column 学号, 采集码 or 考生号; columns found: 姓名" in refusal(tmp_path, rows)
    twice = [*rows, ["王五", ID.lower()]]
    assert "row 4 has the key" in refusal(tmp_path, twice, by_id=True)


def test_the_student_number_goes_before_the_id_number(tmp_path):
    rows = [HEAD, ["S1", "张三", ID], [None, "李四", OTHER_ID]]
    assert [s.key for s in read(tmp_path, rows, by_id=True).students] == ["S1", OTHER_ID]


# In doubt a student


@pytest.mark.parametrize(
    "key", ["２０２３１４１４６０００３", "2023 1414 60003", "(2023)003", "S-03", "ABCD"]
)
def test_a_number_alone_is_a_student_in_whatever_form(tmp_path, key):
    assert len(read(tmp_path, [HEAD, *TWO, [key]]).students) == 3


def test_a_number_with_chinese_is_one_where_others_have_it(tmp_path):
    rows = [HEAD, ["计2301001", "张三"], ["计2301002"]]
    assert [s.key for s in read(tmp_path, rows).students] == ["计2301001", "计2301002"]


def test_a_college_without_anybody_is_no_student(tmp_path):
    roster = read(tmp_path, [HEAD, *TWO, [None, None, None, "文学院"]])
    assert len(roster.students) == 2
    assert "row 4" in roster.notes[0].en
    rows = [["学号", "学院"], ["S1", "文学院"], [None, "文学院"]]
    assert "row 3 has data but no 学号" in refusal(tmp_path, rows)


def test_one_person_in_two_courses_may_have_one_exam_number(tmp_path):
    head = ["学号", "姓名", "证件号", "考生号"]
    roster = read(tmp_path, [head, ["S1", "张三", ID, "E1"], ["S2", "张三", ID, "E1"]])
    assert len(roster.students) == 2
    assert "row 3 has the 考生号 of row 2" in refusal(
        tmp_path, [head, ["S1", "张三", "", "E1"], ["S2", "张三", "", "E1"]]
    )
