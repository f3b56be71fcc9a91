"""Labels of columns as offices write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_roster import as_csv, as_xlsx

from pipeline.core.errors import RosterError
from pipeline.intake.column_names import NAMES, exact_field, field_of
from pipeline.intake.roster import read_roster

AROUND = [
    "{}",
    "{}*",
    "*{}",
    "{}：",
    "1.{}",
    "1、{}",
    "（1）{}",
    "①{}",
    "A.{}",
    "一、{}",
    "【{}】",
    "[{}]",
    "{}必填",
    "必填{}",
    "{}（必填）",
    "{}(13位)",
    "{}13位",
    "{}[文本]",
    "{}文本",
    "{}\n(必填)",
    "编号({})",
    "{}（必填",
    "　{}　",
    "请填写{}",
    "本人{}",
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("学号", "student_no"),
        ("學號", "student_no"),
        ("学 号", "student_no"),
        ("考生号", "exam_no"),
        ("身份证号", "id_no"),
        ("姓名", "name"),
        ("班級", "class_name"),
        ("專業", "major"),
        ("学院", "college"),
    ],
)
def test_a_label_is_understood_with_what_stands_around_it(around, label, field):
    assert field_of(around.format(label)) == field


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("学号/工号", "student_no"),
        ("学号或工号", "student_no"),
        ("学（工）号", "student_no"),
        ("学号 Student ID", "student_no"),
        ("Student No. 学号", "student_no"),
        ("Student ID/学号", "student_no"),
        ("姓名 Name", "name"),
        ("姓名/Name", "name"),
        ("学生姓名", "name"),
        ("毕业生姓名", "name"),
        ("考生姓名", "name"),
        ("所在班级", "class_name"),
        ("身份证号/护照号", "id_no"),
        ("身分證字號", "id_no"),
        ("院(系)", "college"),
        ("ID Card No.", "id_no"),
        ("Full Name", "name"),
        ("Department", "college"),
    ],
)
def test_two_words_for_one_thing_are_one_column(label, field):
    assert field_of(label) == field


@pytest.mark.parametrize(
    "label",
    [
        "学号/姓名",
        "学号/备注",
        "Name 学号",
        "父亲姓名",
        "家长姓名",
        "辅导员姓名",
        "导师姓名",
        "姓名拼音",
        "备注(学号)",
        "学号与姓名是否一致",
        "班级QQ群",
        "证件类型",
        "号码",
        "序号",
        "编号",
        "ID",
        "备注",
        "学号：2023141460001",
        "请各位同学核对自己的学号和姓名，如果有误请在群里告诉班长，谢谢大家的配合，学号",
    ],
)
def test_what_means_two_things_or_another_is_not_guessed(label):
    assert field_of(label) is None


@settings(deadline=None)
@given(st.sampled_from([label for labels in NAMES.values() for label in labels]))
def test_the_plain_names_are_exact(label):
    assert field_of(label) == exact_field(label) is not None


def test_an_exact_name_goes_before_one_that_is_understood(tmp_path):
    rows = [["学工号", "学号", "姓名"], ["T1", "S1", "张三"]]
    assert read_roster(as_csv(tmp_path / "r.csv", rows)).students[0].key == "S1"


def test_two_that_are_understood_alike_are_refused(tmp_path):
    rows = [["学号必填", "学工号"], ["S1", "T1"]]
    with pytest.raises(RosterError, match="the columns 学号必填 and 学工号 mean the same"):
        read_roster(as_csv(tmp_path / "r.csv", rows))


def test_a_header_that_is_not_understood_is_listed(tmp_path):
    rows = [["毕业生名单"], ["编号", "名称", "单位"], ["2023141460001", "张三", "文学院"]]
    with pytest.raises(RosterError, match="found: 编号, 名称, 单位"):
        read_roster(as_csv(tmp_path / "r.csv", rows))
    # Without a header the first row may be a person's.
    with pytest.raises(RosterError) as error:
        read_roster(as_csv(tmp_path / "r.csv", [["张三", "文学院"], ["李四", "文学院"]]))
    assert "张三" not in str(error.value)


def test_a_head_in_two_rows_is_read_as_one(tmp_path):
    rows = [
        ["名单"],
        ["学号", "姓名", "证件", None, "院系班级", None],
        [None, None, "类型", "号码", "学院", "班级"],
        ["S1", "张三", "居民身份证", "E12345678", "文学院", "一班"],
    ]
    (student,) = read_roster(as_xlsx(tmp_path / "r.xlsx", rows)).students
    assert (student.id_no, student.key, student.row) == ("E12345678", "S1", 4)
    rows = [["基本信息", None, "在校信息"], ["学号", "姓名", "学院"], ["S1", "张三", "文学院"]]
    (student,) = read_roster(as_xlsx(tmp_path / "r.xlsx", rows)).students
    assert (student.name, student.college) == ("张三", "文学院")


def test_a_header_below_a_long_form_is_found(tmp_path):
    rows = [*([f"填表说明{n}"] for n in range(25)), ["学号"], ["S1"]]
    assert len(read_roster(as_csv(tmp_path / "r.csv", rows)).students) == 1


def test_a_college_in_a_merged_cell_is_that_of_all_its_rows(tmp_path):
    from openpyxl import load_workbook

    rows = [["学号", "学院"], ["S1", "文学院"], ["S2"], ["S3"], ["S4"]]
    path = as_xlsx(tmp_path / "r.xlsx", rows)
    book = load_workbook(path)
    book.active.merge_cells("B2:B4")
    book.save(path)
    colleges = [s.college for s in read_roster(path).students]
    assert colleges == ["文学院", "文学院", "文学院", ""]


# Columns that a person names


def test_a_column_means_what_a_person_says(tmp_path):
    rows = [["编号", "姓名", "学号"], ["S1", "张三", "1"], ["S2", "李四", "2"]]
    path = as_csv(tmp_path / "r.csv", rows)
    assert [s.key for s in read_roster(path).students] == ["1", "2"]
    assert [s.key for s in read_roster(path, columns=["学号=编号"]).students] == ["S1", "S2"]
    assert read_roster(path, columns=["student_no = 编号 "]).students[0].key == "S1"
    student = read_roster(path, columns=["采集码=编号", "学院=学号"]).students[0]
    assert (student.key, student.capture_code, student.college) == ("S1", "S1", "1")


def test_an_unknown_head_names_what_was_found_and_the_option(tmp_path):
    path = as_csv(tmp_path / "r.csv", [["编号", "姓名"], ["S1", "张三"]])
    with pytest.raises(RosterError) as refused:
        read_roster(path)
    assert "columns found: 编号, 姓名; --column 学号=HEAD" in str(refused.value)
    assert "找到的列：编号, 姓名；用 --column 学号=列名" in refused.value.why.zh


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["学号=号"], "has no column 号; columns found: 学号, 姓名"),
        (["电话=学号"], "at the left one of 学号"),
        (["学号"], "write 学号=编号"),
        (["学号="], "write 学号=编号"),
    ],
)
def test_a_column_that_is_not_there_or_means_nothing_is_refused(tmp_path, columns, said):
    path = as_csv(tmp_path / "r.csv", [["学号", "姓名"], ["S1", "张三"]])
    with pytest.raises(RosterError, match=said):
        read_roster(path, columns=columns)
