"""Swaps and runs at the desk: side by side, accepted whole or one photo, left, and undone."""

import itertools
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from desk_client import account, signed_in
from reassigning import photo

from flows.desk.app import desk_app
from flows.desk.desk_state import open_desk
from flows.desk.publish import publish_decisions
from flows.season.changes import new_roster
from pipeline.core.roles import Role
from pipeline.core.rules import Verdict
from pipeline.ledger.accounts import last_looks
from pipeline.ledger.decisions import review_log
from pipeline.ledger.reassignments import assigned_now

SWAPPED = {"1": "fail", "2": "fail", "3": "pass", "4": "missing"}
RIGHT = SWAPPED | {"1": "pass", "2": "pass"}


def opened(season):
    hours = itertools.count(48)
    desk = replace(
        open_desk(season.folder, season.ledger),
        clock=lambda: season.start + timedelta(hours=next(hours)),
    )
    for name in ("李老师", "王老师"):
        account(desk, name, Role.REVIEWER)
    account(desk, "只读", Role.READER)
    return desk


@pytest.fixture
def desk(swapped):
    desk = opened(swapped)
    yield desk
    desk.engine.dispose()


def rows(answer) -> list[str]:
    return re.findall(r'name="row" value="([^"]+)"', answer.text)


def publish(season, desk) -> None:
    publish_decisions(season.folder, season.ledger, now=desk.clock() + timedelta(minutes=1))


def given(desk) -> dict[int, str]:
    """Last digit of the student by the submission that was given."""
    with desk.engine.connect() as connection:
        return {one: to.student[-1] for one, to in assigned_now(connection).items()}


def test_a_swap_is_a_group_of_its_own_and_shown_beside_both_records(swapped, desk):
    browser = signed_in(desk_app(desk), "李老师")
    queue = browser.read("/").text
    assert 'href="/case/1"' in queue
    assert "互换-1" in queue
    assert 'href="/photo/1"' not in queue, "its photos are no single ones"
    page = browser.read("/case/2")
    assert page.text == browser.read("/case/1").text, "either photo leads there"
    for shown in ("姓名1", "姓名2", swapped.key(1), swapped.key(2)):
        assert shown in page.text
    for path in re.findall(r'src="(/(?:record|like)[^"]+)"', page.text):
        assert browser.read(path).status_code in {200, 404}
    assert re.findall(r'src="(/[^"]+/[12])"', page.text) == [
        "/picture/1", "/record/1", "/like/1", "/picture/2", "/record/2", "/like/2",
    ]  # fmt: skip
    assert len(rows(page)) == 2
    assert "接受此项" in page.text
    assert "不改" in page.text
    assert given(desk) == {}


def test_accepted_it_is_reassigned_and_lists_follow_and_undone_it_is_as_before(swapped, desk):
    browser = signed_in(desk_app(desk), "李老师")
    done = browser.fill("/case/1", row=rows(browser.read("/case/1")))
    assert "已改归 2 张" in done.text
    assert given(desk) == {1: "2", 2: "1"}
    assert browser.read("/").text.count("/case/") == 0, "before the lists have followed"
    assert browser.read("/case/1").status_code == 303
    assert "刚改归此生" in browser.read("/photo/1").text
    publish(swapped, desk)
    assert swapped.verdicts() == RIGHT
    page = browser.read("/photo/1")
    assert "改归</b> 2023990000002" in page.text
    (row,) = rows(page)
    assert browser.fill("/undo", row=row).status_code == 303
    assert given(desk) == {}
    publish(swapped, desk)
    assert swapped.verdicts() == SWAPPED
    assert "互换-1" in browser.read("/").text
    with desk.engine.connect() as connection:
        said = [one.what for one in last_looks(connection, 4)]
    assert said == [
        "撤销改归", "撤销改归", f"改归 {swapped.key(1)}", f"改归 {swapped.key(2)}",
    ]  # fmt: skip


def test_undone_at_once_nothing_ever_moved(swapped, desk):
    browser = signed_in(desk_app(desk), "李老师")
    done = browser.fill("/case/1", row=rows(browser.read("/case/1")))
    assert browser.fill("/undo", row=rows(done)).status_code == 303
    publish(swapped, desk)
    assert swapped.verdicts() == SWAPPED
    assert rows(browser.read("/case/1"))


def test_left_as_it_is_it_is_not_proposed_again_until_something_new_comes(swapped, desk):
    browser = signed_in(desk_app(desk), "李老师")
    done = browser.fill("/case/1", row=rows(browser.read("/case/1")), kind="keep")
    assert "2 张不改归属" in done.text
    for _ in range(2):
        queue = browser.read("/").text
        assert "/case/" not in queue
        assert 'href="/photo/1"' in queue, "its photos wait one by one"
        publish(swapped, desk)
    assert swapped.verdicts() == SWAPPED
    swapped.put(f"{swapped.key(1)}.jpg", photo(2, "another"))
    swapped.round(now=swapped.start + timedelta(days=30))
    assert "互换-1" in browser.read("/").text, "a new photo"


def test_left_and_undone_it_is_proposed_again(swapped, desk):
    browser = signed_in(desk_app(desk), "李老师")
    done = browser.fill("/case/1", row=rows(browser.read("/case/1")), kind="keep")
    browser.fill("/undo", row=rows(done))
    assert "互换-1" in browser.read("/").text


@pytest.fixture
def run(tmp_path, ledger, new_season, faces_on_record):
    """A season of four whose photos all stand one place on."""
    season = new_season(tmp_path / "s", ledger, identity=True, references=faces_on_record)
    for n, who in ((1, 2), (2, 3), (3, 4), (4, 1)):
        season.put(f"{season.key(n)}.jpg", photo(who))
    season.round()
    desk = opened(season)
    yield season, desk
    desk.engine.dispose()


def test_one_of_several_is_accepted_and_the_rest_goes_on_waiting(run):
    season, desk = run
    browser = signed_in(desk_app(desk), "李老师")
    page = browser.read("/case/1")
    all_rows = rows(page)
    assert len(all_rows) == 4
    done = browser.fill("/case/1", row=all_rows, only=all_rows[0])
    assert "已改归 1 张" in done.text
    assert given(desk) == {1: "2"}
    assert rows(browser.read("/case/2")) == all_rows[1:]
    publish(season, desk)
    assert season.verdicts()["2"] == "pass"
    left = rows(browser.read("/case/2"))
    browser.fill("/case/2", row=left)
    publish(season, desk)
    assert set(season.verdicts().values()) == {"pass"}


def test_of_two_who_decide_on_one_group_the_second_is_told(swapped, desk):
    app = desk_app(desk)
    first, second = signed_in(app, "李老师"), signed_in(app, "王老师")
    seen, also = rows(first.read("/case/1")), rows(second.read("/case/1"))
    assert first.fill("/case/1", row=seen).status_code == 200
    late = second.fill("/case/1", row=also, kind="keep")
    assert late.status_code == 409
    assert "没有写入" in late.text
    with desk.engine.connect() as connection:
        assert {d.who for _, d in review_log(connection)} == {"李老师"}


def test_where_one_photo_was_decided_on_meanwhile_the_group_is_shown_anew(swapped, desk):
    app = desk_app(desk)
    first, second = signed_in(app, "李老师"), signed_in(app, "王老师")
    seen = rows(first.read("/case/1"))
    second.fill("/photo/2", seen=seen[1].rpartition("-")[0], kind="comment", why="再看看")
    late = first.fill("/case/1", row=seen)
    assert late.status_code == 409
    assert "没有写入" in late.text
    assert given(desk) == {}
    assert first.fill("/case/1", row=rows(late)).status_code == 200
    assert given(desk) == {1: "2", 2: "1"}


@pytest.mark.parametrize("row", ["1-1-0-99", "1-99-0-1", "3-3-0-1", "x", ""])
def test_what_was_never_shown_is_not_written(swapped, desk, row):
    browser = signed_in(desk_app(desk), "李老师")
    assert browser.fill("/case/1", row=row).status_code in {409, 400, 422}
    assert given(desk) == {}


def test_who_may_only_look_is_offered_nothing(swapped, desk):
    browser = signed_in(desk_app(desk), "只读")
    page = browser.read("/case/1")
    assert page.status_code == 200
    assert rows(page) == []
    assert "接受此项" not in page.text


def test_a_college_decides_where_both_students_are_its_own(tmp_path, new_season, faces_on_record):
    class TwoColleges(new_season):
        header = "学号,考生号,姓名,学院\n"

    season = TwoColleges(tmp_path / "s", None, identity=True, references=faces_on_record)
    roster = tmp_path / "s" / "roster.csv"
    lines = roster.read_text("utf-8-sig").splitlines()
    colleges = ["文", "理", "理", "文"]
    told = [lines[0], *(f"{a.rstrip(',')},{b}" for a, b in zip(lines[1:], colleges, strict=True))]
    roster.write_text("\n".join(told), "utf-8-sig")
    for n, who in ((1, 2), (2, 1), (3, 3)):
        season.put(f"{season.key(n)}.jpg", photo(who))
    season.round()
    new_roster(season.folder, roster, now=season.start + timedelta(hours=30))
    desk = opened(season)
    for college in ("文", "理"):
        account(desk, college, Role.REVIEWER, college)
    app = desk_app(desk)
    everybody, limited = signed_in(app, "李老师"), signed_in(app, "文")
    seen = rows(everybody.read("/case/1"))
    assert "/case/" not in limited.read("/").text
    assert 'href="/photo/1"' in limited.read("/").text, "its own student's photo waits there"
    for answer in (
        limited.read("/case/1"),
        limited.read("/case/2"),
        limited.read("/like/1"),
        limited.fill("/case/1", row=seen),
        limited.fill("/case/2", row=seen, kind="keep"),
    ):
        assert answer.status_code == 404
        assert not re.search(r"姓名\d|2023990|<img", answer.text)
    assert "姓名2" not in limited.read("/photo/1").text
    assert given(desk) == {}
    done = everybody.fill("/case/1", row=seen)
    for browser in (limited, signed_in(app, "理")):
        assert browser.fill("/undo", row=rows(done)).status_code == 404
        publish(season, desk)
        assert browser.fill("/undo", row=rows(done)).status_code == 404
    assert given(desk) == {1: "2", 2: "1"}
    desk.engine.dispose()


def test_a_picture_under_two_says_who_came_first_and_whom_it_shows(
    tmp_path, ledger, new_season, faces_on_record
):
    season = new_season(tmp_path / "s", ledger, identity=True, references=faces_on_record)
    season.put(f"{season.key(1)}.jpg", photo(1))
    season.round()
    season.put(f"{season.key(2)}.jpg", photo(1))
    season.round(now=season.start + timedelta(days=3))
    assert season.verdicts()["1"] == "pass", "it had passed, and keeps that"
    desk = opened(season)
    browser = signed_in(desk_app(desk), "李老师")
    said = re.sub(r"<[^>]+>|\s+", " ", browser.read("/photo/2").text)
    table = said[said.index("谁先交，是不是本人") :]
    assert re.search(r"姓名2 .{3,60}后交 .{3,40}未合格 .{0,20}像 姓名1", table)
    assert re.search(r"姓名1 .{3,60}先交 .{3,40}已合格，保留结论 .{0,20}与本人录取照一致", table)
    assert "与录取照不符" in browser.read("/").text, "a group of its own"
    desk.engine.dispose()


def test_a_rejected_photo_needs_no_group(swapped, desk):
    swapped.put(f"{swapped.key(1)}.jpg", photo(2, "b", Verdict.RETAKE))
    swapped.round(now=swapped.start + timedelta(days=30))
    browser = signed_in(desk_app(desk), "李老师")
    assert "互换-1" in browser.read("/").text, "whose it is comes before what it lacks"
