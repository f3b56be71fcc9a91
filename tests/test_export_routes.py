"""Downloads of the desk: the bytes of `lists`, links for many, each written down."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest
import segno
from desk_client import Browser, Clock, signed_in, two_colleges
from typer.testing import CliRunner

from flows.cli import app as commands
from flows.desk.app import desk_app
from pipeline.ledger.accounts import last_looks


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def at_desk(tmp_path, clock):
    desk = two_colleges(tmp_path, clock)
    yield desk
    desk.engine.dispose()


@pytest.fixture
def app(at_desk):
    return desk_app(at_desk)


def members(answer) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def file_name(answer) -> str:
    said = answer.headers["content-disposition"]
    assert said.startswith("attachment; filename*=UTF-8''")
    assert said.isascii()
    return unquote(said.partition("''")[2])


def rows_of(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def audited(desk) -> list[tuple[str, str, str]]:
    with desk.engine.connect() as connection:
        return [(one.who, one.what, one.of_whom) for one in last_looks(connection, 50)]


def written(desk, tmp_path, *options: str) -> dict[str, bytes]:
    """What the command writes."""
    done = CliRunner().invoke(
        commands, ["lists", str(desk.folder), "--to", str(tmp_path / "by hand"), *options]
    )
    assert done.exit_code == 0, done.output
    return {path.name: path.read_bytes() for path in (tmp_path / "by hand").iterdir()}


@pytest.mark.parametrize("names", ["full", "masked"])
@pytest.mark.parametrize("by", ["class", "college", "major", "counsellor"])
def test_the_workbooks_are_those_of_the_command_byte_for_byte(app, at_desk, tmp_path, by, names):
    answer = signed_in(app, "registry").fill("/exports/lists", by=by, names=names)
    assert file_name(answer) == "名单.zip"
    by_hand = written(at_desk, tmp_path, "--by", by, "--names", names, "--lang", "zh")
    assert members(answer) == by_hand
    assert by_hand


def test_the_workbook_of_one_class_comes_as_it_is(app, at_desk, tmp_path):
    answer = signed_in(app, "registry").fill(
        "/exports/lists", by="class", names="full", unit="数学2班"
    )
    assert file_name(answer) == "数学2班.xlsx"
    by_hand = written(at_desk, tmp_path, "--names", "full", "--lang", "zh")
    assert answer.content == by_hand["数学2班.xlsx"]


@pytest.mark.parametrize("names", ["full", "masked"])
def test_the_list_for_the_office_is_that_of_the_command(app, at_desk, tmp_path, names):
    answer = signed_in(app, "admin").fill("/exports/audit", names=names)
    by_hand = written(at_desk, tmp_path, "--audit", "--names", names, "--lang", "zh")
    assert {file_name(answer): answer.content} == by_hand


def test_an_account_of_a_college_gets_its_own_students_alone(app, at_desk, tmp_path):
    browser = signed_in(app, "理")
    by_hand = written(at_desk, tmp_path, "--names", "full", "--lang", "zh")
    got = members(browser.fill("/exports/lists", by="class", names="full"))
    assert got == {"数学2班.xlsx": by_hand["数学2班.xlsx"]}
    assert "汉语1班" not in browser.read("/exports").text
    for path, values in (
        ("/exports/lists", {"by": "class", "names": "full"}),
        ("/exports/notices", {"what": "merge"}),
        ("/exports/reminders", {}),
    ):
        answers = [browser.fill(path, unit=unit, **values) for unit in ("汉语1班", "没有这个班")]
        assert [one.status_code for one in answers] == [400, 400]
        assert answers[0].text == answers[1].text, "whether there is such a class is not told"
    assert browser.fill("/student/0/notice").status_code == 404
    told = {row["姓名"] for row in rows_of(browser.fill("/exports/notices", what="merge"))}
    assert told == {"丙三", "丁四"}
    sheet = zipfile.ZipFile(io.BytesIO(browser.fill("/exports/audit", names="full").content))
    words = b"".join(map(sheet.read, sheet.namelist())).decode("utf-8", "ignore")
    assert "丙三" in words
    assert "甲一" not in words


def test_every_download_is_written_down(app, at_desk):
    browser = signed_in(app, "registry")
    browser.fill("/exports/lists", by="class", names="full")
    browser.fill("/exports/lists", by="class", names="masked", unit="数学2班")
    browser.fill("/exports/audit", names="full")
    browser.fill("/exports/notices", what="merge", unit="数学2班")
    browser.fill("/exports/reminders")
    browser.fill("/student/3/notice")
    assert audited(at_desk)[:6] == [
        ("registry", "补拍通知（含链接）", "2023990000004"),
        ("registry", "导出校对提醒（1 人，含链接）", ""),
        ("registry", "导出补拍通知（2 人，含链接）", "数学2班"),
        ("registry", "导出毕业审核（全名）", ""),
        ("registry", "导出名单（按班级，1 个，隐去姓名）", "数学2班"),
        ("registry", "导出名单（按班级，2 个，全名）", ""),
    ]


def test_a_csv_for_messages_has_a_link_of_each_that_leads_to_its_student(app, at_desk, clock):
    browser = signed_in(app, "registry")
    rows = rows_of(browser.fill("/exports/notices", what="merge"))
    assert [row["姓名"] for row in rows] == ["甲一", "丙三", "丁四"]
    assert {row["链接有效期至"] for row in rows} == {"2027-03-17"}
    for row in rows:
        assert not re.search(r"2023990|[一-鿿]|%", row["链接"]), "nothing of the student in it"
        student = Browser(app)
        student.get(row["链接"].removeprefix("http://testserver"))
        assert row["姓名"] in student.read("/proof").text
    again = rows_of(browser.fill("/exports/notices", what="merge"))
    assert [row["链接"] for row in again] == [row["链接"] for row in rows]


@pytest.mark.parametrize(
    ("passed", "same"), [(timedelta(days=6), True), (timedelta(days=7), False)]
)
def test_a_link_that_ends_soon_is_not_handed_out_again(app, clock, passed, same):
    browser = signed_in(app, "registry")
    (first,) = rows_of(browser.fill("/exports/reminders"))
    clock.now += passed
    (second,) = rows_of(signed_in(app, "registry").fill("/exports/reminders"))
    assert (first["链接"] == second["链接"]) is same
    student = Browser(app)
    assert student.get(first["链接"].removeprefix("http://testserver")).status_code == 303


def test_a_notice_has_the_code_of_the_students_own_link(app, at_desk):
    browser = signed_in(app, "registry")
    answer = browser.fill("/student/3/notice")
    assert file_name(answer) == "补拍通知.pdf"
    assert answer.content.startswith(b"%PDF")
    files = members(browser.fill("/exports/notices", what="notices"))
    assert set(files) == {"notices.html", "notices.pdf", "merge.csv"}
    html = files["notices.html"].decode()
    assert html.count('class="qr"') == html.count("<article>") == 3
    assert "只限本人，有效期至 2027-03-17" in html
    for row in csv.DictReader(io.StringIO(files["merge.csv"].decode("utf-8-sig"))):
        code = segno.make(row["链接"], error="m").svg_inline(border=2)
        assert re.search(r' d="[^"]+"', code)[0] in html


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://127.0.0.1:8420/", True),
        ("http://[::1]:8420/2/", True),
        ("https://a.edu.cn/", False),
    ],
)
def test_links_that_lead_nowhere_from_a_phone_are_told(at_desk, address, told):
    browser = signed_in(desk_app(replace(at_desk, address=address)), "registry")
    for page in (browser.read("/exports"), browser.fill("/student/3/link")):
        assert ("只有这台电脑能打开" in page.text) is told


@pytest.mark.parametrize(("most", "status"), [(2, 400), (3, 200)])
def test_more_notices_than_fit_are_taken_class_by_class(app, at_desk, monkeypatch, most, status):
    monkeypatch.setattr("flows.desk.export_routes._MOST_NOTICES", most)
    browser = signed_in(app, "registry")
    assert browser.fill("/exports/notices", what="notices").status_code == status
    assert browser.fill("/exports/notices", what="notices", unit="汉语1班").status_code == 200
    assert browser.fill("/exports/notices", what="merge").status_code == 200


def test_who_passed_is_asked_for_nothing(app):
    browser = signed_in(app, "registry")
    assert "/student/1/notice" not in browser.read("/student/1").text
    assert "/student/2/notice" in browser.read("/student/2").text
    assert browser.fill("/student/1/notice").status_code == 400
    assert "/notice" not in signed_in(app, "reader").read("/student/2").text


def test_a_download_leaves_no_file_behind(app, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    browser = signed_in(app, "registry")
    for path, values in (
        ("/exports/lists", {"by": "class", "names": "full"}),
        ("/exports/notices", {"what": "merge"}),
    ):
        assert browser.fill(path, **values).status_code == 200
    assert list((tmp_path / "tmp").iterdir()) == []
