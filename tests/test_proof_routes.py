"""One-time links of students, 校对 by them, and who has not answered."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from desk_client import ID, Browser, Clock, signed_in, two_colleges

from flows.desk.app import desk_app
from flows.desk.publish import publish_decisions
from flows.season.changes import proofs as import_proofs
from flows.season.changes import purge
from flows.season.views import history
from pipeline.batch.rounds import StudentState
from pipeline.ledger.accounts import last_looks

CONFIRMED, DISPUTED, PASSED = (
    StudentState.CONFIRMED,
    StudentState.DISPUTED,
    StudentState.PASSED,
)


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


def link_of(registry: Browser, place: int) -> str:
    page = registry.fill(f"/student/{place}/link").text
    return re.search(r"<code>http://testserver(/s/[^<]+)</code>", page)[1]


def student(app, place: int) -> Browser:
    """A browser that came by the link of a student."""
    browser = Browser(app)
    came = browser.get(link_of(signed_in(app, "registry"), place))
    assert came.headers["location"] == "/proof"
    return browser


def confirm(browser: Browser):
    seen = re.search(r'name="seen" value="(\w+)"', browser.read("/proof").text)[1]
    return browser.fill("/proof", answer="right", seen=seen)


def state(desk, number: int) -> StudentState:
    return history(desk.folder, f"202399000000{number}").state


def test_a_student_sees_the_own_photo_and_data_and_nobody_elses(app):
    browser = student(app, 1)
    page = browser.read("/proof").text
    assert "乙二" in page
    assert "2023990000002" in page
    assert browser.get("/proof/picture").content.startswith(b"\xff\xd8")
    for other in ("甲一", "丙三", "丁四", ID):
        assert other not in page
    for path in ("/", "/board", "/photo/2", "/picture/2", "/thumbnail/1", "/student/1"):
        assert browser.get(path).status_code in {303, 403}
    assert browser.get("/").headers["location"] == "/sign-in"


def test_an_id_number_is_shown_as_its_owner_compares_it(app):
    page = student(app, 0).read("/proof").text
    assert ID not in page
    assert "110101********1237" in page


def test_who_has_no_photo_yet_reads_what_to_do_and_can_confirm_nothing(app):
    browser = student(app, 2)
    page = browser.read("/proof").text
    assert "还需要您做的" in page
    assert "<img" not in page
    assert browser.get("/proof/picture").status_code == 404
    assert browser.fill("/proof", answer="right").status_code == 400


def test_a_link_is_of_one_student_signed_and_the_next_one_ends_it(app, clock):
    registry = signed_in(app, "registry")
    first = link_of(registry, 1)
    second = link_of(registry, 1)
    assert Browser(app).get(first).status_code == 410
    assert Browser(app).get(second).status_code == 303
    forged = second[:-1] + ("A" if second[-1] != "A" else "B")
    assert Browser(app).get(forged).status_code == 404
    assert Browser(app).get("/s/" + second[3:].rpartition(".")[0]).status_code == 404
    assert not re.search(r"2023990|[一-鿿]|%", second), "nothing of the student stands in it"


def test_a_link_expires_and_with_it_whoever_came_by_it(app, clock):
    registry = signed_in(app, "registry")
    address = link_of(registry, 1)
    browser = Browser(app)
    browser.get(address)
    clock.now += timedelta(days=14) - timedelta(seconds=1)
    assert browser.read("/proof").status_code == 200
    clock.now += timedelta(seconds=1)
    ended = browser.read("/proof")
    assert ended.status_code == 410
    assert "乙二" not in ended.text
    assert browser.get("/proof/picture").status_code == 410
    assert Browser(app).get(address).status_code == 410


def test_a_revoked_link_ends_at_once_and_making_and_revoking_are_written_down(app, at_desk):
    registry = signed_in(app, "registry")
    browser = Browser(app)
    browser.get(link_of(registry, 1))
    assert registry.fill("/student/1/link/revoke").status_code == 303
    assert browser.read("/proof").status_code == 410
    with at_desk.engine.connect() as connection:
        looks = [(one.what, one.of_whom) for one in last_looks(connection, 2)]
    assert looks == [
        ("撤销一次性链接", "2023990000002"),
        ("生成一次性链接", "2023990000002"),
    ]


def test_a_link_of_another_desk_is_none(app, at_desk, tmp_path):
    address = link_of(signed_in(app, "registry"), 1)
    other = desk_app(replace(at_desk, key="x" * 40))
    assert Browser(other).get(address).status_code == 404


def test_an_answer_may_be_changed_for_24_hours_and_is_then_final(app, at_desk, clock):
    browser = student(app, 1)
    assert confirm(browser).status_code == 303
    assert state(at_desk, 2) is CONFIRMED
    clock.now += timedelta(hours=24) - timedelta(seconds=1)
    browser.read("/proof")
    browser.fill("/proof", answer="wrong", reason="person", why="是同学")
    assert state(at_desk, 2) is DISPUTED
    clock.now += timedelta(seconds=1)
    page = browser.read("/proof").text
    assert "有误：照片不是本人，或与他人互换；是同学" in page
    assert "不能再改" in page
    assert "<button" not in page
    assert browser.fill("/proof", answer="right").status_code == 400
    assert state(at_desk, 2) is DISPUTED


@pytest.mark.parametrize(
    "form",
    [{}, {"answer": "perhaps"}, {"answer": "wrong"}, {"answer": "wrong", "reason": "x"}],
)
def test_what_is_no_answer_is_refused(app, at_desk, form):
    browser = student(app, 1)
    browser.read("/proof")
    assert browser.fill("/proof", **form).status_code == 400
    assert state(at_desk, 2) is PASSED


@pytest.mark.parametrize("seen", [{}, {"seen": "0" * 64}])
def test_a_photo_that_came_after_the_page_is_not_confirmed_unseen(app, at_desk, seen):
    browser = student(app, 1)
    browser.read("/proof")
    told = browser.fill("/proof", answer="right", **seen)
    assert told.status_code == 400
    assert "照片换了" in told.text
    assert state(at_desk, 2) is PASSED


def test_an_answer_without_the_forms_token_is_none(app, at_desk):
    browser = student(app, 1)
    browser.read("/proof")
    assert browser.post("/proof", data={"answer": "right"}).status_code == 403
    assert state(at_desk, 2) is PASSED


def test_what_the_platform_says_later_counts_though_the_answer_here_is_final(
    app, at_desk, clock, tmp_path
):
    browser = student(app, 1)
    confirm(browser)
    clock.now += timedelta(days=30)
    listed = tmp_path / "platform.csv"
    listed.write_text("学号,结果,原因\n2023990000002,有误,照片不是本人\n", encoding="utf-8-sig")
    done = import_proofs(at_desk.folder, listed, now=clock.now)
    assert (done.new, done.refused) == (1, ())
    assert state(at_desk, 2) is DISPUTED


def test_staff_see_who_said_wrong_and_who_has_not_answered(app, at_desk, clock):
    registry = signed_in(app, "registry")
    page = registry.read("/proofs").text
    assert "正确 0 人，有误 0 人，未回答 1 人" in page
    browser = student(app, 1)
    browser.read("/proof")
    browser.fill("/proof", answer="wrong", reason="data", why="名字错")
    page = registry.read("/proofs").text
    assert "正确 0 人，有误 1 人，未回答 0 人" in page
    assert "学号、姓名或证件号有误；名字错" in page
    assert "乙二" not in signed_in(app, "理").read("/proofs").text
    clock.now += timedelta(hours=1)
    assert publish_decisions(at_desk.folder, now=clock.now)
    lists = at_desk.folder.glob("reports/*.csv")
    assert "名字错" in "".join(path.read_text("utf-8-sig") for path in lists)


def test_reminders_are_a_csv_with_a_link_each_that_leads_to_its_student(app, at_desk):
    registry = signed_in(app, "registry")
    answer = registry.fill("/exports/reminders")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["学号"], row["联系电话"], row["有效期至"]) == (
        "2023990000002",
        "13000000002",
        "2027-03-17",
    )
    browser = Browser(app)
    browser.get(row["链接"].removeprefix("http://testserver"))
    assert "乙二" in browser.read("/proof").text
    again = registry.fill("/exports/reminders").content.decode("utf-8-sig")
    assert row["链接"] in again, "a link that is open is not made anew"
    assert "乙二" not in signed_in(app, "理").fill("/exports/reminders").text


def test_an_account_of_a_college_makes_links_of_its_own_students_only(app):
    browser = signed_in(app, "理")
    assert browser.fill("/student/1/link").status_code == 404
    assert browser.fill("/student/1/link/revoke").status_code == 404
    assert browser.fill("/student/2/link").status_code == 200


def test_a_purged_season_serves_nobody(app, at_desk):
    browser = student(app, 1)
    purge(at_desk.folder)
    assert browser.read("/proof").status_code in {403, 410}
