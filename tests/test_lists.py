"""Lists to act on: a workbook a unit, under the offices' names, from entries and the roster."""

import gzip
import os
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path

import openpyxl
import pytest

from checks import CHECKS
from fixtures.example_result import example_result
from pipeline.batch.rounds import StudentState
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text, Verdict
from pipeline.ledger.proofs import Proof
from pipeline.spec.school import MakeUp, School
from pipeline.spec.spec import load_spec
from reports.beside import Beside, SeasonView
from reports.entries import read_entries
from reports.lists import SHEETS, write_lists
from reports.masking import Presentation
from reports.people import people_of
from reports.write import write_all

GOLDEN = Path(__file__).parent / "golden" / "lists.txt"
RARE = ("王𬱖", "龑明", "阿依古丽·买买提", "王五")
PHONE, COUNSELLOR = "联系电话", "辅导员"
SCHOOL = School(
    code="10610",
    name="示例大学",
    bring=("二代身份证",),
    until=date(2027, 3, 10),
    self_upload="小程序“采集助手”",
    make_up=(
        MakeUp(place="B101", day=date(2027, 3, 3), hours="9:00"),
        MakeUp(place="B102", day=date(2027, 3, 9)),
    ),
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A finished run whose students have a telephone, one of them a formula for a name."""
    result, out = example_result(30), tmp_path_factory.mktemp("run")
    result = replace(result, header_lines=(Text("最后截止 2027-06-10", "deadline 2027-06-10"),))
    write_all(result, out, Presentation(), Beside())
    students = [
        replace(
            row.student,
            name="=HYPERLINK(1)" if n == 1 else row.student.name,
            carried=((PHONE, f"1380000{n:04}"), (COUNSELLOR, "李老师" if n % 2 else "赵老师")),
        )
        for n, row in enumerate(result.students)
    ]
    return result, students, out


def people(ran, *, full_names=True, school=SCHOOL):
    _, students, out = ran
    head, entries = read_entries(out / "entries.jsonl.gz")
    fallback = load_spec("scu_fallback_16k", CHECKS).output
    shown = Presentation("zh", full_names)
    return people_of(students, entries, head, school, out, shown, fallback=fallback)


def rows(sheet) -> list[dict]:
    heads, *found = sheet.iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in found]


def test_entries_hold_nobodys_name(ran):
    result, _, out = ran
    with gzip.open(out / "entries.jsonl.gz", "rt") as stream:
        text = stream.read()
    assert "晓明" not in text.encode().decode("unicode_escape")
    _, entries = read_entries(out / "entries.jsonl.gz")
    assert [e.key for e in entries] == [row.student.key for row in result.students]
    assert [e.verdict for e in entries] == [row.verdict for row in result.students]


def test_a_run_remembers_which_columns_it_carried(ran, tmp_path):
    result, students, _ = ran
    rows = [replace(r, student=s) for r, s in zip(result.students, students, strict=True)]
    write_all(replace(result, students=rows), tmp_path, Presentation(), Beside())
    head, _ = read_entries(tmp_path / "entries.jsonl.gz")
    assert head.carry == (PHONE, COUNSELLOR)
    with gzip.open(tmp_path / "entries.jsonl.gz", "rt") as stream:
        assert "13800" not in stream.read()


def test_every_student_is_on_one_list_of_one_unit(ran, tmp_path):
    result, students, _ = ran
    files = write_lists(people(ran), "class", tmp_path, None)
    assert {path.stem for path in files} == {s.class_name for s in students}
    listed = []
    for path in files:
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["汇总", *(title.zh for title in SHEETS.values())]
        for sheet in book.worksheets[1:]:
            listed += [row["学号"] for row in rows(sheet)]
            assert all("班级" not in row for row in rows(sheet)), "it is one for all"
    assert sorted(listed) == sorted(row.student.key for row in result.students)


def test_a_list_says_whom_to_call_what_to_do_and_where_to_sign(ran, tmp_path):
    files = write_lists(people(ran), "counsellor", tmp_path, date(2027, 3, 4))
    assert [path.stem for path in files] == ["李老师", "赵老师"]
    book = openpyxl.load_workbook(files[0])
    (first, *_) = rows(book["需补拍名单"])
    assert first[PHONE].startswith("1380000")
    assert first["补拍时间地点"] == "2027-03-09\nB102\n最晚 2027-03-10"
    assert "重拍" in first["学生怎么做"]
    assert "签字" in first
    sheet = book["需补拍名单"]
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.fitToHeight == 0
    assert "10610 示例大学 李老师" in sheet.oddHeader.left.text
    pictured = [row for row in rows(sheet) if row]
    assert len(sheet._images) >= len(pictured) - 1
    summary = [cell.value for row in book["汇总"].iter_rows() for cell in row if cell.value]
    assert "10610 示例大学" in summary


def test_who_missed_the_shoot_is_told_every_way_that_is_left(ran, tmp_path):
    (path, *_) = write_lists(people(ran), "counsellor", tmp_path, date(2027, 3, 4))
    book = openpyxl.load_workbook(path)
    (first, *_) = rows(book["未采集图像名单"])
    assert first["学生怎么做"] == "带二代身份证散拍，或自主上传，院校代码 10610"
    told = {r[0].value: r[1].value for r in book["汇总"].iter_rows() if r[0].value}
    assert told["散拍"].startswith("带二代身份证，报院校代码 10610、学号")
    assert "2027-03-09 B102" in told["散拍"]
    assert told["自主上传"].startswith("小程序“采集助手”，填院校代码 10610、学号")
    assert "480×640 像素，不超过 16 KB" in told["备用照片"]
    assert "2027-03-10" in told["备用照片"]


def test_what_is_said_of_the_roster_is_no_deadline(ran, tmp_path):
    """A shoot's header lines are notes of how its roster was read."""
    (path, *_) = write_lists(people(ran, school=None), "counsellor", tmp_path, None)
    (first, *_) = rows(openpyxl.load_workbook(path)["未采集图像名单"])
    assert not first["补拍时间地点"]
    assert first["学生怎么做"] == "请在截止前补拍"


def test_numbers_are_text_and_nothing_is_a_formula(ran, tmp_path):
    for path in write_lists(people(ran), "college", tmp_path, None):
        for sheet in openpyxl.load_workbook(path).worksheets[1:]:
            for row in sheet.iter_rows(min_row=2):
                assert all(cell.data_type == "s" for cell in row if cell.value)


def test_names_are_masked_unless_asked_for(ran, tmp_path):
    for full in (False, True):
        files = write_lists(people(ran, full_names=full), "class", tmp_path / str(full), None)
        names = {
            r["姓名"]
            for f in files
            for s in openpyxl.load_workbook(f).worksheets[1:]
            for r in rows(s)
        }
        assert ("张晓明" in names) is full
        assert ("张**" in names) is not full


def test_the_same_run_gives_the_same_bytes(ran, tmp_path):
    a, b = (write_lists(people(ran), "class", tmp_path / name, None) for name in "ab")
    assert [path.read_bytes() for path in a] == [path.read_bytes() for path in b]
    with zipfile.ZipFile(a[0]) as archive:
        assert archive.testzip() is None
    assert not list((tmp_path / "a").glob(".*"))


def test_a_unit_is_a_file_whatever_it_is_called(ran, tmp_path):
    result, students, out = ran
    odd = [replace(s, class_name=["a/b", "A_B", "..", ""][n % 4]) for n, s in enumerate(students)]
    files = write_lists(people((result, odd, out)), "class", tmp_path, None)
    assert len({path.name.casefold() for path in files}) == 4
    assert {path.parent for path in files} == {tmp_path}


def test_golden_lists(tmp_path):
    """All sheets of every list as text: GRADPHOTO_WRITE_GOLDEN=1 writes them anew."""
    shown = []
    for path in _season_lists(tmp_path):
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets:
            head = " | ".join(filter(None, (sheet.oddHeader.left.text, sheet.oddHeader.right.text)))
            shown.append(f"== {path.name} / {sheet.title} ({head}; {len(sheet._images)} pictures)")
            for row in sheet.iter_rows(values_only=True):
                cells = ("" if v is None else str(v).replace("\n", " / ") for v in row)
                shown.append("\t".join(cells).rstrip())
    text = "\n".join(shown) + "\n"
    if os.environ.get("GRADPHOTO_WRITE_GOLDEN"):
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8")


def _season_lists(out):
    """A season of twelve in which one was handed over and two were called right or wrong."""
    result = example_result(12)
    students = [
        replace(r.student, carried=((PHONE, f"1380000{n:04}"),), exam_no=f"K{n}", name=name)
        for n, (r, name) in enumerate(zip(result.students, cycle(RARE), strict=False))
    ]
    rows = tuple(replace(r, student=s) for r, s in zip(result.students, students, strict=True))
    passed = [row.student.key for row in rows if row.verdict is Verdict.PASS]
    by_verdict = {Verdict.PASS: StudentState.PASSED, Verdict.RETAKE: StudentState.RETAKE}
    by_verdict |= {Verdict.FAIL: StudentState.REVIEW, Verdict.MISSING: StudentState.MISSING}
    states = {row.student.key: by_verdict[row.verdict] for row in rows}
    told = (StudentState.UPLOADED, StudentState.CONFIRMED, StudentState.DISPUTED)
    states |= dict(zip(passed, told, strict=False))
    noon = datetime(2027, 5, 10, 4, tzinfo=UTC)
    proofs = {passed[1]: Proof(passed[1], True, "", noon)}
    proofs[passed[2]] = Proof(passed[2], False, "不是本人", noon)
    deadlines = (Text("最后截止 2027-06-10", "deadline 2027-06-10"),)
    season = SeasonView((), states, date(2027, 6, 10))
    write_all(
        replace(result, students=rows, header_lines=deadlines),
        out,
        Presentation("zh", full_names=True),
        Beside(season=season, school=SCHOOL.code),
    )
    head, entries = read_entries(out / "entries.jsonl.gz")
    shown, fallback = (
        Presentation("zh", full_names=True),
        load_spec("scu_fallback_16k", CHECKS).output,
    )
    found = people_of(students, entries, head, SCHOOL, out, shown, proofs=proofs, fallback=fallback)
    lists = write_lists(found, "major", out / "lists", date(2027, 3, 1))
    return out / "report.xlsx", *lists


def test_the_golden_lists_are_the_same_bytes_again(tmp_path):
    a, b = (_season_lists(tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in a] == [path.read_bytes() for path in b]


def test_a_folder_without_a_run_is_one_line(tmp_path):
    with pytest.raises(UsageError, match=r"holds no entries\.jsonl\.gz"):
        read_entries(tmp_path / "entries.jsonl.gz")
    (tmp_path / "entries.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(UsageError, match="cannot be read"):
        read_entries(tmp_path / "entries.jsonl.gz")
