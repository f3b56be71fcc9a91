"""提交: what was tried is handed in by the link, within attempts and deadline, and once."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import anyio
import pytest
from desk_client import Browser, Clock, StubPool, signed_in, two_colleges
from test_proof_routes import link_of

from fixtures.stub_examiner import photo_of, stub_pool
from flows.desk.app import desk_app
from flows.desk.self_check import OF_STUDENT, SelfCheck
from flows.season.changes import purge
from flows.season.handed_in import take_in_handed_in
from flows.season.views import history
from pipeline.core.rules import Verdict
from pipeline.ledger.handed_in import hand_in

# Places in the roster: a hat waits for staff, a pass, a retake, nothing yet.
HAT, PASSED, RETAKEN, MISSING = range(4)
TRIED = "2023990000004"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def at_desk(tmp_path, clock):
    desk = replace(two_colleges(tmp_path, clock), self_check=SelfCheck(StubPool()))
    yield desk
    desk.engine.dispose()


@pytest.fixture
def app(at_desk):
    return desk_app(at_desk)


def by_link(app, place: int) -> Browser:
    browser = Browser(app)
    browser.get(link_of(signed_in(app, "registry"), place))
    assert browser.read("/check").status_code == 200
    return browser


def queue(desk) -> list[str]:
    inside = desk.folder / "handed_in"
    return sorted(path.name for path in inside.iterdir()) if inside.is_dir() else []


def drain(desk):
    return take_in_handed_in(desk.folder, workers=1, pool=stub_pool, now=desk.clock())


def tries(desk, key: str = TRIED):
    return history(desk.folder, key).tries


def test_below_the_answer_stands_hand_in_with_what_attempts_and_deadline_leave(app):
    browser = by_link(app, RETAKEN)
    assert "提交这张照片" not in browser.read("/check").text, "nothing was tried yet"
    page = browser.fill("/check", photo=photo_of(Verdict.PASS, 7)).text
    assert "提交这张照片" in page
    assert 'form="file" formaction="/hand-in"' in page
    assert "本轮还可提交 2 次，截止 6月10日 24:00" in page
    assert 'form="camera"' in browser.fill("/check", photo=b"a photo", way="camera").text


def test_whoever_came_without_a_link_can_only_try(app, at_desk):
    nobody = Browser(app)
    nobody.read("/check")
    assert "hand-in" not in nobody.fill("/check", photo=photo_of(Verdict.PASS, 7)).text
    assert nobody.fill("/hand-in", photo=b"a photo").status_code == 403
    staff = signed_in(app, "admin")
    assert staff.fill("/hand-in", photo=b"a photo").status_code == 403
    assert queue(at_desk) == []


def test_a_photo_that_would_be_refused_may_be_handed_in_after_a_warning(app):
    page = by_link(app, MISSING).fill("/check", photo=photo_of(Verdict.RETAKE, 7)).text
    assert "多半会被退回" in page
    assert "提交这张照片" in page


def test_what_is_handed_in_is_private_and_named_by_the_program_and_becomes_the_students(
    app, at_desk, clock
):
    browser, photo = by_link(app, MISSING), photo_of(Verdict.PASS, 7)
    assert browser.fill("/check", photo=photo).status_code == 200
    assert queue(at_desk) == [], "nothing is kept unless the student hands it in"
    answer = browser.fill("/hand-in", photo=photo)
    assert (answer.status_code, answer.headers["location"]) == (303, "/proof")
    (name,) = queue(at_desk)
    assert re.fullmatch(rf"{TRIED}\.[0-9a-f]{{64}}", name)
    path = at_desk.folder / "handed_in" / name
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (photo, 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    page = browser.read("/proof").text
    assert "已收到：3月3日 10:00" in page
    assert "几分钟后有结果" in page
    came = clock.now
    clock.now += timedelta(minutes=2)
    assert drain(at_desk).new == 1
    assert queue(at_desk) == []
    (one,) = tries(at_desk)
    assert (one.photo, one.day, one.number) == (f"链接提交/{TRIED}", came, 1)
    assert "上一次提交（3月3日 10:00）：合格" in browser.read("/proof").text
    lists = "".join(p.read_text("utf-8-sig") for p in at_desk.folder.glob("reports/*.csv"))
    assert "IMG_0001" not in lists, "the upload's own name is kept nowhere"


def test_a_student_comes_back_and_reads_what_became_of_it_and_hands_in_again(app, at_desk):
    browser = by_link(app, MISSING)
    browser.fill("/hand-in", photo=photo_of(Verdict.RETAKE, 7))
    drain(at_desk)
    page = browser.read("/proof").text
    assert "上一次提交（3月3日 10:00）：需重拍" in page
    assert "还需要您做的" in page
    assert "本轮还可提交 2 次" in page
    browser.fill("/hand-in", photo=photo_of(Verdict.PASS, 8))
    drain(at_desk)
    assert [one.number for one in tries(at_desk)] == [1, 2]
    assert "上一次提交（3月3日 10:00）：合格" in browser.read("/proof").text


def test_staff_see_every_attempt_with_its_own_picture_and_what_waits(app, at_desk):
    browser, staff = by_link(app, MISSING), signed_in(app, "registry")
    for seed in (7, 8):
        browser.fill("/hand-in", photo=photo_of(Verdict.RETAKE, seed))
        assert "已收到，等待检查" in staff.read(f"/student/{MISSING}").text
        drain(at_desk)
    page = staff.read(f"/student/{MISSING}").text
    assert "等待检查" not in page
    pictures = re.findall(r'src="(/thumbnail/\d+)"', page)
    assert len(set(pictures)) == 2
    assert all(staff.get(address).status_code == 200 for address in pictures)


def test_the_same_photo_counts_once_however_often_and_whenever_it_is_sent(app, at_desk):
    browser, photo = by_link(app, MISSING), photo_of(Verdict.RETAKE, 7)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: browser.fill("/hand-in", photo=photo), range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert len(queue(at_desk)) == 1
    drain(at_desk)
    assert browser.fill("/hand-in", photo=photo).status_code == 303
    assert queue(at_desk) == []
    assert len(tries(at_desk)) == 1
    assert "本轮还可提交 2 次" in browser.read("/proof").text


def test_another_waits_until_the_one_before_is_judged(app, at_desk):
    browser = by_link(app, MISSING)
    browser.fill("/hand-in", photo=photo_of(Verdict.RETAKE, 7))
    answer = browser.fill("/hand-in", photo=photo_of(Verdict.PASS, 8))
    assert answer.status_code == 400
    assert "有结果之前不能再交" in answer.text
    assert len(queue(at_desk)) == 1


def test_two_that_came_at_the_same_moment_are_one_attempt_and_the_later_speaks(app, at_desk):
    now = at_desk.clock()
    for seed, after in ((7, 0), (8, 1)):
        data = photo_of(Verdict.RETAKE if seed == 7 else Verdict.PASS, seed)
        sha256 = hashlib.sha256(data).hexdigest()
        moment = now + timedelta(seconds=after)
        hand_in(at_desk.folder, TRIED, sha256, BytesIO(data), moment)
    drain(at_desk)
    assert [(one.number, one.place.value) for one in tries(at_desk)] == [
        (1, "superseded"),
        (1, "current"),
    ]
    assert history(at_desk.folder, TRIED).state.value == "passed"


def test_the_attempts_of_the_spec_hold(app, at_desk):
    browser = by_link(app, MISSING)
    for seed in range(3):
        assert browser.fill("/hand-in", photo=photo_of(Verdict.RETAKE, seed)).status_code == 303
        drain(at_desk)
    answer = browser.fill("/hand-in", photo=photo_of(Verdict.PASS, 9))
    assert answer.status_code == 400
    assert "次数已经用完" in answer.text
    assert queue(at_desk) == []
    page = browser.fill("/check", photo=photo_of(Verdict.PASS, 9)).text
    assert "次数已经用完" in page
    assert "提交这张照片" not in page


@pytest.mark.parametrize(("late", "status"), [(0, 303), (1, 400)])
def test_the_deadlines_day_is_in_time_to_its_last_second(app, at_desk, clock, late, status):
    browser = by_link(app, MISSING)
    clock.now = datetime(2027, 6, 10, 15, 59, 59, tzinfo=UTC) + timedelta(seconds=late)
    browser = by_link(app, MISSING)  # the link of March is over
    answer = browser.fill("/hand-in", photo=photo_of(Verdict.PASS, 7))
    assert answer.status_code == status
    assert ("已在 6月10日 截止" in answer.text) is bool(late)
    assert len(queue(at_desk)) == 1 - late
    clock.now += timedelta(hours=1)  # taken in after the deadline, and in time all the same
    drain(at_desk)
    assert [one.late for one in tries(at_desk)] == [False] * (1 - late)


def test_who_passed_hands_in_no_more_unless_the_photo_is_said_to_be_wrong(app, at_desk, clock):
    browser = by_link(app, PASSED)
    photo = photo_of(Verdict.PASS, 9)
    answer = browser.fill("/hand-in", photo=photo)
    assert answer.status_code == 400
    assert "已经合格" in answer.text
    browser.fill("/proof", answer="wrong", reason="person")
    clock.now += timedelta(minutes=1)
    assert browser.fill("/hand-in", photo=photo).status_code == 303
    clock.now += timedelta(minutes=1)
    drain(at_desk)
    assert [one.place.value for one in tries(at_desk, "2023990000002")] == [
        "superseded",
        "current",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "文件为空"), (b"%PDF-1.7", "这是 PDF"), (b"PK\x03\x04", "压缩包")],
)
def test_what_can_be_no_photo_takes_no_attempt(app, at_desk, data, said):
    answer = by_link(app, MISSING).fill("/hand-in", photo=data)
    assert answer.status_code == 400
    assert said in answer.text
    assert queue(at_desk) == []


def test_a_link_is_of_no_use_for_anybody_else_or_once_it_ended(app, at_desk, clock):
    browser, registry = by_link(app, MISSING), signed_in(app, "registry")
    browser.fill("/hand-in", photo=b"a photo", student="2023990000001", place="0")
    assert [name.split(".")[0] for name in queue(at_desk)] == [TRIED]
    registry.fill(f"/student/{MISSING}/link/revoke")
    assert browser.fill("/hand-in", photo=b"another").status_code == 410
    late = by_link(app, HAT)
    clock.now += timedelta(days=15)
    assert late.fill("/hand-in", photo=b"another").status_code == 410
    assert len(queue(at_desk)) == 1


def test_a_link_that_is_revoked_while_the_photo_is_on_its_way_is_refused(app, at_desk):
    browser, registry = by_link(app, MISSING), signed_in(app, "registry")
    request = browser.build_request(
        "POST",
        "/hand-in",
        data={"csrftoken": browser.token},
        files={"photo": ("a.jpg", b"a photo")},
    )
    body, sent = request.read(), []
    half = len(body) // 2

    async def ask() -> None:
        pieces = [(body[:half], True), (body[half:], False)]

        async def receive():
            data, more = pieces.pop(0)
            if not more:
                await anyio.to_thread.run_sync(registry.fill, f"/student/{MISSING}/link/revoke")
            return {"type": "http.request", "body": data, "more_body": more}

        async def answered(message):
            sent.append(message)

        headers = [(k.lower().encode(), v.encode()) for k, v in request.headers.items()]
        scope = {
            "type": "http", "method": "POST", "path": "/hand-in", "raw_path": b"/hand-in",
            "query_string": b"", "scheme": "http", "server": ("testserver", 80),
            "client": ("1.2.3.4", 5), "http_version": "1.1", "headers": headers,
        }  # fmt: skip
        await app(scope, receive, answered)

    anyio.run(ask)
    assert sent[0]["status"] == 410
    assert queue(at_desk) == []


def test_a_form_without_its_token_or_too_large_is_refused(app, at_desk):
    browser = by_link(app, MISSING)
    assert browser.post("/hand-in", files={"photo": ("a", b"a photo")}).status_code == 403
    most = at_desk.season().spec.reading.max_bytes + (64 << 10)
    kind = "multipart/form-data; boundary=x"
    for more, status in ((0, 403), (1, 413)):
        said = {"content-length": str(most + more), "content-type": kind}
        assert browser.post("/hand-in", content=b"--x--", headers=said).status_code == status
    assert queue(at_desk) == []


def test_so_many_photos_in_a_quarter_of_an_hour(app):
    browser = by_link(app, MISSING)
    answers = [browser.fill("/hand-in", photo=b"a photo") for _ in range(OF_STUDENT.amount + 1)]
    assert [answer.status_code for answer in answers[-2:]] == [303, 429]


def test_twenty_uploads_at_once_are_all_answered(app, at_desk):
    browsers = [by_link(app, place) for place in (HAT, RETAKEN, MISSING)]
    jobs = [(browsers[n % 3], f"photo {n % 3}".encode()) for n in range(21)]
    with ThreadPoolExecutor(21) as threads:
        answers = list(threads.map(lambda job: job[0].fill("/hand-in", photo=job[1]), jobs))
    assert {answer.status_code for answer in answers} == {303}
    assert len(queue(at_desk)) == 3


def test_a_folder_that_cannot_be_written_is_said_in_one_line(app, at_desk):
    (at_desk.folder / "handed_in").write_text("a file")
    answer = by_link(app, MISSING).fill("/hand-in", photo=b"a photo")
    assert answer.status_code == 400
    assert "无法写入" in answer.text


def test_a_purge_removes_what_waits(app, at_desk):
    by_link(app, MISSING).fill("/hand-in", photo=b"a photo")
    purge(at_desk.folder)
    assert not (at_desk.folder / "handed_in").exists()
