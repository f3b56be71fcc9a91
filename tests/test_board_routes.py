"""The board of the desk and the page of a student."""

from datetime import date

import pytest
from desk_client import ID, Clock, signed_in, two_colleges

from flows.desk.app import desk_app
from flows.desk.publish import publish_decisions
from flows.season.review import review
from pipeline.batch.rounds import StudentState
from pipeline.ledger.accounts import last_looks


@pytest.fixture
def at_desk(tmp_path):
    desk = two_colleges(tmp_path, Clock())
    yield desk
    desk.engine.dispose()


def accept_the_first(desk):
    review(desk.folder, "2023990000001.jpg", accept=True, why="看过", who="李", now=desk.clock())


def test_the_board_counts_by_state_class_and_day_and_names_who_is_missing(at_desk):
    browser = signed_in(desk_app(at_desk), "reader")
    page = browser.read("/board").text
    for state, count in (("review", 1), ("passed", 1), ("retake", 1), ("missing", 1)):
        assert f'<a href="/students/{state}"><b>{count}</b>' in page
    assert "最后截止 2027-06-10（还有 99 天）" in page
    assert "丁四" in page
    assert "13000000004" in page
    assert '<td>2027-03-02</td><td class="count">3</td>' in page
    assert page.count("汉语1班") == 1
    with at_desk.engine.connect() as connection:
        board = at_desk.board(connection)
        assert at_desk.board(connection) is board, "nothing changed: nothing is read anew"
    assert board.by_day == {date(2027, 3, 2): 3}


def test_a_board_is_read_anew_when_something_was_decided(at_desk):
    browser = signed_in(desk_app(at_desk), "admin")
    browser.read("/board")
    browser.fill("/photo/1", seen="1-1-0", kind="accept")
    assert '<a href="/"><b>0</b>' in browser.read("/board").text
    publish_decisions(at_desk.folder, now=at_desk.clock())
    assert '<a href="/students/passed"><b>2</b>' in browser.read("/board").text


def test_the_board_draws_the_days_and_says_who_waits_for_whom(at_desk):
    page = signed_in(desk_app(at_desk), "reader").read("/board").text
    assert page.count("<polyline") == 4
    assert "最后截止 06-10" in page
    assert "个人补拍截止 03-10" in page
    assert "<td>2027-03-02</td><td" in page
    assert "等教务" in page
    assert "还没有清除过" in page
    assert "学生 4，照片文件 3" in page


def test_the_board_tells_the_faults_of_booths_that_the_lists_tell(at_desk):
    reports = at_desk.folder / "reports"
    lines = (reports / "booth.csv").read_text("utf-8-sig").splitlines()
    fault = dict.fromkeys(lines[0].split(","), "") | {"camera": "A7", "advice": "把相机移近"}
    fault |= {"first": "IMG_1.JPG", "last": "IMG_9.JPG", "photos": "7", "frames": "9"}
    (reports / "booth.csv").write_text("\n".join([lines[0], ",".join(fault.values())]), "utf-8-sig")
    app = desk_app(at_desk)
    told = "A7：把相机移近（IMG_1.JPG 至 IMG_9.JPG，7/9 张）"
    assert told in signed_in(app, "reader").read("/board").text
    assert told not in signed_in(app, "理").read("/board").text, "files of other colleges"
    (reports / "booth.csv").unlink()
    assert signed_in(app, "reader").read("/board").status_code == 200


def test_a_list_of_a_state_has_class_and_telephone(at_desk):
    browser = signed_in(desk_app(at_desk), "reader")
    page = browser.read(f"/students/{StudentState.RETAKE}").text
    assert "丙三" in page
    assert "13000000003" in page
    assert "甲一" not in page
    assert browser.get("/students/nonsense").status_code == 400


@pytest.mark.parametrize(("most", "listed"), [(1, False), (2, True)])
def test_a_long_list_says_that_it_ends(at_desk, monkeypatch, most, listed):
    accept_the_first(at_desk)
    monkeypatch.setattr("flows.desk.board_routes._LISTED", most)
    page = signed_in(desk_app(at_desk), "reader").read("/students/passed").text
    assert "合格：2 人" in page
    assert ("列出前 1 人" not in page) is listed
    assert ("乙二" in page) is listed


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("2023990000002", {"乙二"}),
        ("丙", {"丙三"}),
        ("汉语1班", {"甲一", "乙二"}),
        ("没有", set()),
        (" ", set()),
    ],
)
def test_students_are_found_by_number_name_and_class(at_desk, words, found):
    page = signed_in(desk_app(at_desk), "reader").fill("/find", words=words).text
    assert {name for name in ("甲一", "乙二", "丙三", "丁四") if name in page} == found


def test_a_student_is_shown_with_attempts_decisions_and_what_he_reads(at_desk):
    browser = signed_in(desk_app(at_desk), "reviewer")
    browser.fill("/photo/1", seen="1-1-0", kind="comment", why="问过本人")
    page = browser.read("/student/0").text
    assert "第 1 次" in page
    assert "待人工复核" in page
    assert "HT001" in page
    assert "请摘下帽子" in page
    assert "reviewer <b>备注</b>：问过本人" in page
    assert browser.read("/student/3").text.count("还没有收到照片") == 1
    assert browser.get("/student/4").status_code == 404


def test_a_full_number_is_shown_to_the_registry_and_that_is_written_down(at_desk):
    app = desk_app(at_desk)
    reader, registry = signed_in(app, "reader"), signed_in(app, "registry")
    assert ID not in reader.read("/student/0").text
    assert "110" in reader.read("/student/0").text
    assert reader.fill("/student/0/number").status_code == 403
    assert ID not in registry.read("/student/0").text
    assert ID in registry.fill("/student/0/number").text
    with at_desk.engine.connect() as connection:
        looks = [(one.who, one.what, one.of_whom) for one in last_looks(connection, 9)]
    assert looks[0] == ("registry", "查看完整证件号", "2023990000001")
    assert "查看完整证件号" in signed_in(app, "admin").read("/audit").text


def test_an_account_of_a_college_sees_its_own_students_only(at_desk):
    browser = signed_in(desk_app(at_desk), "理")
    assert "最近的运行" not in browser.read("/board").text, "counts of all colleges"
    for path in ("/board", "/students/passed", "/students/review", "/students/missing"):
        page = browser.read(path).text
        assert "文学院" not in page
        assert "甲一" not in page
        assert "乙二" not in page
    assert "没有学生" in browser.fill("/find", words="甲一").text
    assert browser.get("/student/0").status_code == 404
    assert browser.fill("/student/0/number").status_code == 404
    assert browser.get("/student/2").status_code == 200


def test_no_name_and_no_number_stands_in_an_address(at_desk):
    browser, seen = signed_in(desk_app(at_desk), "admin"), set()
    import re

    for path in ("/", "/board", "/students/retake", "/student/0", "/photo/1"):
        seen |= set(re.findall(r'(?:href|src|action)="([^"]+)"', browser.read(path).text))
    assert not [one for one in seen if re.search(r"2023990|[一-鿿]|%", one)]
