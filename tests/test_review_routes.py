"""The queue of the desk: what waits, decisions, undo, two at once, and the lists that follow."""

import itertools
import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from desk_client import account, signed_in

from fixtures.stub_examiner import photo_near, photo_of
from flows.desk.app import desk_app
from flows.desk.desk_state import open_desk
from flows.desk.publish import publish_decisions
from flows.season.review import decide, review
from flows.season.steps import open_season
from pipeline.batch.reviews import DecisionKind
from pipeline.batch.rounds import StudentState
from pipeline.core.roles import Role
from pipeline.core.rules import Verdict
from pipeline.ledger.decisions import Seen, review_log, seen_now, standing
from pipeline.ledger.waiting import is_unpublished, read_shown, waiting

PASS, RETAKE, FAIL = Verdict.PASS, Verdict.RETAKE, Verdict.FAIL


@pytest.fixture
def at_desk(season):
    """The desk of a season with a hat, a pass, and two borderline photos."""
    season.put(f"{season.key(1)}.jpg", photo_of(FAIL, 1))
    season.put(f"{season.key(2)}.jpg", photo_of(PASS, 2))
    season.put(f"{season.key(3)}.jpg", photo_near("FC005", 3))
    season.put(f"{season.key(4)}.jpg", photo_near("FC005", 4))
    season.round()
    hours = itertools.count(48)
    desk = replace(
        open_desk(season.folder, season.ledger),
        clock=lambda: season.start + timedelta(hours=next(hours)),
    )
    for name in ("李老师", "王老师"):
        account(desk, name, Role.REVIEWER)
    yield desk
    desk.engine.dispose()


def row_of(desk, number: int) -> str:
    with desk.engine.connect() as connection:
        seen = read_shown(connection, number).seen
    return f"{number}-{seen.verdict}-{seen.review}"


def decisions(desk, number: int):
    with desk.engine.connect() as connection:
        return [one for _, one in review_log(connection, number)]


def waits(desk) -> list[int]:
    with desk.engine.connect() as connection:
        return [one.id for one in waiting(connection)]


def follow(season, desk) -> dict[str, str]:
    publish_decisions(season.folder, season.ledger, now=desk.clock())
    return season.verdicts()


def test_borderline_findings_of_one_rule_are_a_group_and_the_rest_come_singly(season, at_desk):
    browser = signed_in(desk_app(at_desk), "李老师")
    page = browser.read("/").text
    assert '<a href="/group/FC005"><b>2</b>' in page
    assert 'href="/photo/1"' in page
    assert 'href="/photo/2"' not in page, "it passed"
    assert browser.get("/next").headers["location"] == "/photo/1"
    sheet = browser.read("/group/FC005").text
    assert sheet.count('type="checkbox"') == 2
    assert browser.read("/group/FC004").headers["location"] == "/"


def test_a_group_is_accepted_but_for_what_was_unticked_and_all_of_it_undone(season, at_desk):
    browser = signed_in(desk_app(at_desk), "李老师")
    done = browser.fill("/group/FC005", row=[row_of(at_desk, 3)])
    assert "已接受 1 张" in done.text
    assert waits(at_desk) == [1, 4]
    assert follow(season, at_desk)["3"] == "pass"
    (made,) = decisions(at_desk, 3)
    assert (made.kind, made.who, made.codes) == (DecisionKind.ACCEPT, "李老师", {"FC005"})
    undone = done.text.partition('name="row" value="')[2].partition('"')[0]
    assert browser.fill("/undo", row=[undone]).status_code == 303
    assert follow(season, at_desk)["3"] == "fail"
    assert waits(at_desk) == [1, 3, 4]


@pytest.mark.parametrize(
    ("form", "verdict", "why"),
    [
        ({"kind": "accept"}, "pass", "人工查看后接受"),
        ({"kind": "accept", "why": "是本人"}, "pass", "是本人"),
        ({"kind": "exempt", "exempt": "religion", "why": "有证明"}, "pass", "宗教原因；有证明"),
        ({"kind": "retake", "why": "请摘帽"}, "retake", "请摘帽"),
        (
            {"kind": "retake", "reason": ["HT001"], "why": "请摘帽"},
            "retake",
            "佩戴帽子、头巾等头部覆盖物；请摘帽",
        ),
        ({"kind": "fail"}, "fail", "人工查看，确认异常"),
    ],
)
def test_each_decision_comes_to_its_verdict_and_leaves_the_queue(
    season, at_desk, form, verdict, why
):
    browser = signed_in(desk_app(at_desk), "李老师")
    answer = browser.fill("/photo/1", seen=row_of(at_desk, 1), **form)
    assert answer.headers["location"] == "/next?after=1"
    assert waits(at_desk) == [3, 4]
    assert follow(season, at_desk)["1"] == verdict
    assert waits(at_desk) == [3, 4], "what the lists came to does not bring it back"
    (made,) = decisions(at_desk, 1)
    assert made.why.endswith(why)


def test_a_student_who_is_sent_back_reads_what_the_reviewer_chose(season, at_desk):
    browser = signed_in(desk_app(at_desk), "李老师")
    browser.fill("/photo/1", seen=row_of(at_desk, 1), kind="retake", why="刘海遮住眉毛")
    follow(season, at_desk)
    (row,) = [r for r in season.rows("students.csv") if r["student_id"] == season.key(1)]
    assert row["codes"] == "SN003"
    assert "刘海遮住眉毛" in row["reasons"]
    assert "刘海遮住眉毛" in row["advice"]
    assert season.history(1).state is StudentState.RETAKE


def test_after_a_retake_is_taken_back_what_stood_before_stands_again(season, at_desk):
    browser = signed_in(desk_app(at_desk), "李老师")
    browser.fill("/photo/1", seen=row_of(at_desk, 1), kind="accept")
    follow(season, at_desk)
    browser.fill("/photo/1", seen=row_of(at_desk, 1), kind="retake", why="不是近照")
    assert follow(season, at_desk)["1"] == "retake", "the hat that was accepted is no fault now"
    browser.fill("/undo", row=[row_of(at_desk, 1)])
    assert follow(season, at_desk)["1"] == "pass"


@pytest.mark.parametrize(
    ("number", "form", "status"),
    [
        (1, {"kind": "retake"}, 400),  # no reason
        (1, {"kind": "comment"}, 400),  # no comment
        (1, {"kind": "exempt"}, 400),  # no reason
        (3, {"kind": "exempt", "exempt": "religion"}, 400),  # no head covering
        (2, {"kind": "fail"}, 400),  # it passed
        (1, {"kind": "undo"}, 400),
        (1, {"kind": "nonsense"}, 400),
        (1, {"kind": "retake", "why": "x" * 501}, 400),
        (1, {"kind": "accept", "seen": "2-1-0"}, 400),  # of another photo
        (1, {"kind": "accept", "seen": "x"}, 400),
        (99, {"kind": "accept", "seen": "99-1-0"}, 404),
    ],
)
def test_what_is_no_decision_is_refused_and_nothing_is_written(at_desk, number, form, status):
    browser = signed_in(desk_app(at_desk), "李老师")
    seen = {} if "seen" in form else {"seen": row_of(at_desk, number)}
    assert browser.fill(f"/photo/{number}", **seen, **form).status_code == status
    assert decisions(at_desk, min(number, 4)) == []


def test_a_comment_decides_nothing(season, at_desk):
    browser = signed_in(desk_app(at_desk), "李老师")
    browser.fill("/photo/1", seen=row_of(at_desk, 1), kind="comment", why="问过本人")
    assert 1 in waits(at_desk)
    assert "问过本人" in browser.read("/photo/1").text
    assert follow(season, at_desk)["1"] == "fail"


def test_of_two_reviewers_the_second_is_told_and_overwrites_nothing(at_desk):
    app = desk_app(at_desk)
    first, second = signed_in(app, "李老师"), signed_in(app, "王老师")
    seen = row_of(at_desk, 1)
    assert first.fill("/photo/1", seen=seen, kind="accept").status_code == 303
    told = second.fill("/photo/1", seen=seen, kind="retake", why="帽子")
    assert told.status_code == 409
    assert "没有写入" in told.text
    assert "李老师" in told.text
    assert [one.who for one in decisions(at_desk, 1)] == ["李老师"]
    group = second.fill("/group/FC005", row=[row_of(at_desk, 3)])
    assert "已接受 1 张" in group.text
    again = first.fill("/group/FC005", row=["3-3-0"])
    assert "没有写入" in again.text


def test_of_twenty_at_the_same_moment_one_is_written(season, at_desk):
    with at_desk.engine.connect() as connection:
        seen = seen_now(connection, 1)
    held, made, start = at_desk.season(), [], threading.Barrier(20)

    def one(number: int) -> None:
        start.wait()
        with at_desk.engine.begin() as connection:
            made.append(
                decide(
                    held, connection, 1, seen, DecisionKind.ACCEPT,
                    why="x", who=f"{number}", now=at_desk.clock(),
                )
            )  # fmt: skip

    threads = [threading.Thread(target=one, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 20
    assert sum(one is not None for one in made) == 1
    assert len(decisions(at_desk, 1)) == 1


def test_what_came_up_after_the_page_was_shown_is_not_accepted_unseen(season, at_desk):
    seen = row_of(at_desk, 1)
    season.put(f"{season.key(2)}.jpg", photo_of(FAIL, 1))  # the same bytes under another student
    season.put(f"b/{season.key(4)}.jpg", photo_of(FAIL, 1))
    season.round(now=at_desk.clock())
    browser = signed_in(desk_app(at_desk), "李老师")
    assert browser.fill("/photo/1", seen=seen, kind="accept").status_code == 409
    assert decisions(at_desk, 1) == []


def test_a_decision_is_written_while_a_round_is_under_way_and_its_lists_have_it(season, at_desk):
    with open_season(season.folder, season.ledger):  # `ingest` holds the season
        browser = signed_in(desk_app(at_desk), "李老师")
        assert browser.fill("/photo/1", seen=row_of(at_desk, 1), kind="accept").status_code == 303
    season.put("new.jpg", photo_of(PASS, 9))
    season.round(now=at_desk.clock())
    assert season.verdicts()["1"] == "pass"


def test_a_desk_that_was_killed_lost_no_decision_and_the_next_writes_the_lists(season, at_desk):
    browser = signed_in(desk_app(at_desk), "李老师")
    browser.fill("/photo/1", seen=row_of(at_desk, 1), kind="accept")
    at_desk.engine.dispose()  # nothing was published
    again = open_desk(season.folder, season.ledger)
    with again.engine.connect() as connection:
        assert is_unpublished(connection)
    assert publish_decisions(season.folder, season.ledger, now=at_desk.clock())
    assert season.verdicts()["1"] == "pass"
    assert not publish_decisions(season.folder, season.ledger), "there is nothing left to do"
    again.engine.dispose()


def test_the_command_line_and_the_desk_see_each_others_decisions(season, at_desk):
    who = {"who": "张", "ledger": season.ledger, "now": at_desk.clock()}
    review(season.folder, season.key(1), accept=False, why="不是近照", **who)
    assert waits(at_desk) == [3, 4]
    assert "不是近照" in signed_in(desk_app(at_desk), "李老师").read("/photo/1").text
    with at_desk.engine.connect() as connection:
        assert standing(review_log(connection))[1].kind is DecisionKind.RETAKE
        assert seen_now(connection, 1) != Seen(1, 0)


def test_an_account_of_a_college_sees_its_own_students_only(season, at_desk):
    account(at_desk, "文学院", Role.REVIEWER, "文学院")
    browser = signed_in(desk_app(at_desk), "文学院")
    page = browser.read("/").text
    assert not re.search(r"姓名\d", page)
    assert "没有照片在等人处理" in page
    for path in ("photo", "thumbnail", "picture", "record"):
        assert browser.get(f"/{path}/1").status_code == 404
    assert browser.fill("/photo/1", seen=row_of(at_desk, 1), kind="accept").status_code == 404
    assert browser.fill("/undo", row=[row_of(at_desk, 1)]).status_code == 404
    assert browser.fill("/group/FC005", row=[row_of(at_desk, 3)]).status_code == 404
    assert decisions(at_desk, 1) == decisions(at_desk, 3) == []


def test_words_of_people_are_shown_as_text(season, at_desk):
    browser = signed_in(desk_app(at_desk), "李老师")
    browser.fill("/photo/1", seen=row_of(at_desk, 1), kind="comment", why="<img src=x onerror=y>")
    page = browser.read("/photo/1").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_of_one_picture_under_two_students_both_stand_side_by_side(season, at_desk):
    season.put(f"b/{season.key(2)}.jpg", b"")  # nothing to see
    hat = photo_of(FAIL, 1)
    season.put(f"later/{season.key(4)}.jpg", hat)
    season.round(now=at_desk.clock())
    account(at_desk, "文学院", Role.REVIEWER, "文学院")
    browser = signed_in(desk_app(at_desk), "李老师")
    with at_desk.engine.connect() as connection:
        later = [one.id for one in waiting(connection) if one.student_key == season.key(4)]
    if not later:
        pytest.fail("the later one waits")
    first, second = browser.read("/photo/1").text, browser.read(f"/photo/{later[0]}").text
    assert f'<img src="/picture/{later[0]}"' in first
    assert "姓名4" in first
    assert "后交" in first
    assert '<img src="/picture/1"' in second
    assert "先交" in second
