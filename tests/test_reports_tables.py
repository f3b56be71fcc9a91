"""The CSV promise: columns, order, numbers, names, and nothing that runs or disappears."""

import contextlib
import csv
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.example_result import RULES, details_of, example_result, photo, student
from pipeline.core.causes import Cause
from pipeline.core.private_files import make_private_folder, replacing
from pipeline.core.records import (
    BoothFault,
    Detail,
    PairRow,
    Proposal,
    Result,
    StudentRow,
    UploadFile,
    UploadRow,
)
from pipeline.core.rules import Finding, Mode, Outcome, Text, Verdict
from reports.masking import Presentation
from reports.safe_text import csv_text
from reports.summary import Reason, summary
from reports.tables import BOOTH, number, write_tables

FILES = (
    "students.csv",
    "photos.csv",
    "findings.csv",
    "pairs.csv",
    "proposals.csv",
    "booth.csv",
    "upload/manifest.csv",
)


def small_result() -> Result:
    """Two students, of whom one has no photo, and a file of nobody; given out of order."""
    far = Finding("BG001", Outcome.BROKEN, 20.5, None, 12.0, "ΔE", Text("背景不对;偏绿", "green"))
    near = Finding("FC007", Outcome.PASSED, -0.0000001, -8.0, 8.0, "°")
    blind = Finding("EY001", Outcome.SKIPPED, because=Text("没有人脸", "no face"))
    taken = replace(
        photo("b/2.jpg", "S2", 1)[0],
        sha256="22",
        verdict=Verdict.FAIL,
        codes=("BG001", "EY001"),
        findings=(far, blind),
    )
    stray = replace(
        photo("a.jpg", None, 1)[0],
        sha256="11",
        verdict=Verdict.FAIL,
        codes=("RC001",),
        findings=(RULES["RC001"].broken(),),
    )
    two = replace(student(2, "张三"), key="S2")
    one = replace(student(1, "欧阳娜"), key="S1")
    return Result(
        spec_name="chsi_graduate",
        spec_title="学信网",
        mode=Mode.SOURCE,
        rules=RULES,
        photos=(stray, taken),
        details=details_of(
            {"b/2.jpg": Detail((far, blind, near), None), "a.jpg": Detail(stray.findings, None)}
        ),
        students=(
            StudentRow(two, Verdict.FAIL, "b/2.jpg", ("BG001", "EY001"), (far, blind)),
            StudentRow(one, Verdict.MISSING, None, (), ()),
        ),
        pairs=(
            PairRow("swap", "S2", "S1", "b/2.jpg", "c.jpg", 0.5, Text("互换", "swapped")),
            PairRow("same_file", "S1", "S2", "a.jpg", "b/2.jpg", 0.0, Text("相同", "same")),
        ),
        uploads=(
            UploadRow("S2.jpg", "S2", UploadFile("ab", 20480, 88)),
            UploadRow("S1.jpg", "S1", UploadFile("cd", 30000, None)),
        ),
        proposals=(
            Proposal("c.jpg", "S2", "S1", Text("互换", "swapped"), "swap-1"),
            Proposal("b/2.jpg", "S1", "S2", Text("互换", "swapped"), "swap-1"),
        ),
        faces=None,
        droppings=0,
    )


def write(result: Result, out: Path, *, full_names: bool = False) -> dict[str, str]:
    write_tables(result, out, Presentation(full_names=full_names))
    return {name: (out / name).read_bytes().decode("utf-8") for name in FILES}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.removeprefix("\ufeff").splitlines(keepends=True)))


def test_golden_files(tmp_path):
    files = write(small_result(), tmp_path)
    assert files["students.csv"] == (
        "\ufeffstudent_id,name,verdict,photo,codes,reasons,college,major,class,advice\n"
        "S1,欧**,missing,,,,文学与新闻学院,软件工程,2023 级 2 班,请在截止前补拍\n"
        "S2,张**,fail,b/2.jpg,BG001;EY001,"
        '"背景不对,偏绿;无法判断「闭眼或眼睛没有自然睁开」：没有人脸",'
        "数学学院,软件工程,2023 级 3 班,"
        "请用浅蓝色背景重拍；老师会查看这张照片，请等通知\n"
    )
    assert files["booth.csv"] == "\ufeff" + ",".join(BOOTH) + "\n"
    assert files["photos.csv"] == (
        "\ufeffphoto,sha256,student_id,verdict,codes\n"
        "a.jpg,11,,fail,RC001\n"
        "b/2.jpg,22,S2,fail,BG001;EY001\n"
    )
    assert files["findings.csv"] == (
        "\ufeffphoto,student_id,code,outcome,measured,low,high,unit,because\n"
        "a.jpg,,RC001,broken,,,,,名单中没有此学号\n"
        "b/2.jpg,S2,BG001,broken,20.5,,12,ΔE,背景不对;偏绿\n"
        "b/2.jpg,S2,EY001,skipped,,,,,没有人脸\n"
        "b/2.jpg,S2,FC007,passed,0,-8,8,°,\n"
    )
    assert files["pairs.csv"] == (
        "\ufeffkind,student_a,student_b,photo_a,photo_b,score,because\n"
        "same_file,S1,S2,a.jpg,b/2.jpg,0,相同\n"
        "swap,S2,S1,b/2.jpg,c.jpg,0.5,互换\n"
    )
    assert files["proposals.csv"] == (
        "\ufeffphoto,student_id,proposed,cause,because\n"
        "b/2.jpg,S1,S2,swap-1,互换\n"
        "c.jpg,S2,S1,swap-1,互换\n"
    )
    assert files["upload/manifest.csv"] == (
        "\ufefffile,student_id,sha256,bytes,quality\nS1.jpg,S1,cd,30000,\nS2.jpg,S2,ab,20480,88\n"
    )


def test_every_photo_and_every_student_is_in_exactly_one_row(tmp_path):
    result = example_result(40)
    files = write(result, tmp_path)
    assert [r["photo"] for r in rows(files["photos.csv"])] == sorted(p.photo for p in result.photos)
    assert [r["student_id"] for r in rows(files["students.csv"])] == sorted(
        s.student.key for s in result.students
    )
    found = rows(files["findings.csv"])
    details = result.details(p.photo for p in result.photos)
    assert len(found) == sum(len(detail.findings) for detail in details)


def test_codes_and_reasons_split_alike(tmp_path):
    for row in rows(write(example_result(40), tmp_path)["students.csv"]):
        assert row["codes"].count(";") == row["reasons"].count(";")


def booth_fault() -> BoothFault:
    return BoothFault(
        "booth-1", "too_near", ("FC005", "FC006"), "IMG D750", "a.jpg", "b/2.jpg",
        "2026:04:01 09:00:00", "", 8, ("b/2.jpg", "c.jpg"),
        Text("后退约 15 %", "step back by about 15 %"), Text("按编号", "by numbers"),
    )  # fmt: skip


def test_a_fault_of_the_booth_is_told_once_and_the_students_row_points_to_it(tmp_path):
    near = Cause(
        "too_near", ("BG001",), Text("离镜头远一点", "stand farther"), Text("后退", "back"),
        Text("相机过近", "camera too near"),
    )  # fmt: skip
    result = small_result()
    students = tuple(replace(row, causes=(near,)) if row.photo else row for row in result.students)
    fault = replace(booth_fault(), codes=("BG001",))
    files = write(replace(result, students=students, booth=(fault,)), tmp_path)
    (told,) = rows(files["booth.csv"])
    assert told["fault"] == "booth-1"
    assert (told["first"], told["last"]) == ("a.jpg", "b/2.jpg")
    assert (told["frames"], told["photos"], told["share"]) == ("8", "2", "0.25")
    assert told["advice"] == "后退约 15 %"
    row = rows(files["students.csv"])[1]
    assert "见 booth-1" in row["reasons"].split(";")[0]
    assert "摄影师调整后" in row["advice"]
    assert "离镜头远一点" not in row["advice"], "the student is not blamed for the booth"
    assert "booth" not in row["advice"]


def test_what_a_break_made_impossible_is_one_line_of_its_reason(tmp_path):
    result = small_result()
    students = tuple(
        replace(row, unjudged=(("BG001", 28),)) if row.photo else row for row in result.students
    )
    files = write(replace(result, students=students), tmp_path)
    reasons = rows(files["students.csv"])[1]["reasons"].split(";")
    assert reasons[0].endswith("；其余 28 项无法判断")
    assert len(reasons) == 2


def test_same_result_in_any_order_gives_the_same_bytes(tmp_path):
    result = example_result(30)
    turned = replace(
        result,
        photos=result.photos[::-1],
        students=result.students[::-1],
        pairs=result.pairs[::-1],
        uploads=result.uploads[::-1],
    )
    assert write(result, tmp_path / "a") == write(turned, tmp_path / "b")


def test_names_are_masked_unless_asked_for(tmp_path):
    result = example_result(12)
    masked = write(result, tmp_path / "a")
    full = write(result, tmp_path / "b", full_names=True)
    assert "晓明" not in "".join(masked.values())
    assert "李晓明" in full["students.csv"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", "＠x", "\n=1"]
)
def test_formulas_become_text(text):
    assert csv_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["2023141460012", "51010019990101123X", "a-b=c.jpg", "", "张三"])
def test_numbers_of_students_and_plain_names_are_left_alone(text):
    assert csv_text(text) == text


def test_a_file_name_that_is_not_utf8_is_written_with_a_mark(tmp_path):
    result = small_result()
    odd = replace(result.photos[0], photo=os.fsdecode(b"\xd5\xd5\xc6\xac.jpg"))
    details = details_of(dict.fromkeys([odd.photo, "b/2.jpg"], Detail((), None)))
    files = write(replace(result, photos=(odd, result.photos[1]), details=details), tmp_path)
    assert "\ufffd\ufffd\u01ac.jpg" in files["photos.csv"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1 + 0.2, "0.3"), (12.0, "12"), (100, "100"), (1e-9, "0"), (-0.0, "0"), (1e7, "10000000")],
)
def test_numbers_are_written_one_way(value, text):
    assert number(value) == text


def test_files_are_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        write(small_result(), tmp_path / "season" / "reports")
    finally:
        os.umask(before)
    for path in (tmp_path / "season").rglob("*"):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected


def test_a_writer_that_stops_midway_leaves_the_old_file(tmp_path):
    path = make_private_folder(tmp_path / "out") / "photos.csv"
    path.write_text("old")
    with contextlib.suppress(RuntimeError), replacing(path) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert [p.name for p in path.parent.iterdir()] == ["photos.csv"]
    assert path.read_text() == "old"


def test_summary_counts():
    counts = summary(small_result())
    assert counts.students == {"pass": 0, "retake": 0, "fail": 1, "missing": 1}
    assert counts.photos == {"pass": 0, "retake": 0, "fail": 2}
    assert counts.reasons == (
        Reason("BG001", 1, 1),
        Reason("EY001", 1, 1),
        Reason("RC001", 0, 1),
    )
    assert counts.pairs == {"same_file": 1, "swap": 1}
    assert counts.uploads == 2
