"""自查: anybody tries a photo; it is answered in the student's words and nothing is kept."""

import logging
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
from desk_client import Browser, Clock, StubPool, signed_in, two_colleges
from pictures import encoded
from PIL import Image
from test_proof_routes import link_of

from fixtures.stub_examiner import photo_of
from flows.desk.app import desk_app
from flows.desk.self_check import OF_ADDRESS, OF_STUDENT, SelfCheck
from pipeline.core.rules import Verdict

NAMES = ("甲一", "乙二", "丙三", "丁四", "2023990")


@pytest.fixture
def pool():
    return StubPool()


@pytest.fixture
def at_desk(tmp_path, pool):
    desk = replace(two_colleges(tmp_path, Clock()), self_check=SelfCheck(pool))
    yield desk
    desk.engine.dispose()


@pytest.fixture
def app(at_desk):
    return desk_app(at_desk)


@pytest.fixture
def nobody(app):
    return at_check(Browser(app))


def at_check(browser: Browser) -> Browser:
    assert browser.read("/check").status_code == 200
    return browser


def by_link(app) -> Browser:
    browser = Browser(app)
    browser.get(link_of(signed_in(app, "registry"), 1))
    return at_check(browser)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict.PASS, "可以：没有发现问题"),
        (Verdict.RETAKE, "还不行：请重拍"),
        (Verdict.FAIL, "要由老师看过才能定"),
    ],
)
def test_nobody_is_told_what_a_photo_would_come_to_and_sees_how_it_should_look(
    nobody, verdict, said
):
    answer = nobody.fill("/check", photo=photo_of(verdict, 7))
    assert answer.status_code == 200
    assert said in answer.text
    assert ("怎么改" in answer.text) is (verdict is not Verdict.PASS)
    assert "应当是这样" in answer.text
    assert "没有上交，也没有保存" in answer.text
    assert not any(name in answer.text for name in NAMES)


def test_the_page_is_for_a_phone_and_takes_a_file_or_the_camera(nobody):
    page = nobody.read("/check").text
    assert 'class="phone"' in page
    assert page.count('type="file"') == 2
    assert page.count('capture="environment"') == 1
    assert "<script" not in page


def test_what_arrives_is_private_while_it_is_looked_at_and_gone_afterwards(
    nobody, at_desk, pool, tmp_path, monkeypatch, caplog
):
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(kept))
    before = everything(at_desk)
    with caplog.at_level(logging.DEBUG):
        nobody.fill("/check", photo=photo_of(Verdict.PASS, 7))
    assert pool.modes == [(0o600, 0o700)]
    assert [path.parent.parent for path in pool.paths] == [kept]
    assert not list(kept.iterdir())
    assert everything(at_desk) == before
    assert "IMG_0001" not in caplog.text


def everything(desk):
    from pipeline.ledger.tables import metadata

    files = {p: p.stat().st_size for p in desk.folder.rglob("*") if "ledger" not in p.name}
    with desk.engine.connect() as connection:
        return files, [connection.execute(t.select()).all() for t in metadata.sorted_tables]


def test_it_is_removed_also_where_the_program_is_at_fault(nobody, pool, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(pool, "result", lambda *_: 1 / 0)
    nobody._transport.raise_server_exceptions = False
    answer = nobody.fill("/check", photo=b"a photo")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("gradphoto-")]


def test_one_pool_a_desk_started_when_the_first_student_comes(app, pool):
    assert pool.opened == 0
    for _ in range(2):
        at_check(Browser(app)).fill("/check", photo=b"a photo")
    assert pool.opened == 1


def test_a_student_by_link_is_led_back_and_a_revoked_link_is_as_none(app):
    browser = by_link(app)
    assert 'href="/proof"' in browser.fill("/check", photo=b"a photo").text
    signed_in(app, "registry").fill("/student/1/link/revoke")
    answer = browser.fill("/check", photo=b"a photo")
    assert answer.status_code == 200
    assert 'href="/proof"' not in answer.text
    assert not any(name in answer.text for name in NAMES)


def test_an_address_may_ask_so_often_in_a_quarter_of_an_hour(app, pool):
    browser = at_check(Browser(app))
    for _ in range(OF_ADDRESS.amount):
        assert browser.fill("/check", photo=b"a photo").status_code == 200
    assert browser.fill("/check", photo=b"a photo").status_code == 429
    assert len(pool.paths) == OF_ADDRESS.amount, "one too many is not looked at"
    assert by_link(app).fill("/check", photo=b"a photo").status_code == 200


def test_a_student_by_link_too(app):
    browser = by_link(app)
    for _ in range(OF_STUDENT.amount):
        assert browser.fill("/check", photo=b"a photo").status_code == 200
    assert browser.fill("/check", photo=b"a photo").status_code == 429
    assert at_check(Browser(app)).fill("/check", photo=b"a photo").status_code == 200


def test_an_upload_without_the_forms_token_is_not_looked_at(app, pool):
    assert Browser(app).fill("/check", photo=b"a photo").status_code == 403
    browser = at_check(Browser(app))
    files = {"photo": ("a.jpg", b"a photo")}
    assert browser.post("/check", files=files).status_code == 403
    assert pool.paths == []


@pytest.mark.parametrize("more", [0, 1])
def test_what_is_too_large_is_refused_before_it_is_read(nobody, at_desk, more, pool):
    most = at_desk.season().spec.reading.max_bytes + (64 << 10)
    kind = "multipart/form-data; boundary=x"
    said = {"content-length": str(most + more), "content-type": kind}
    answer = nobody.post("/check", content=b"--x--", headers=said)
    assert answer.status_code == (413 if more else 403)  # read, and refused for its token
    assert pool.paths == []


def test_a_form_without_a_file_is_refused(nobody, pool):
    assert nobody.fill("/check").status_code == 400
    assert pool.paths == []


def test_twenty_at_once_are_all_answered(app):
    browsers = [at_check(Browser(app)) for _ in range(20)]
    numbers = count()
    photos = [photo_of(Verdict.PASS, next(numbers)) for _ in browsers]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda b, p: b.fill("/check", photo=p), browsers, photos))
    assert {answer.status_code for answer in answers} == {200}
    assert all("可以：没有发现问题" in answer.text for answer in answers)


@pytest.fixture
def real(tmp_path):
    """A desk whose photos are opened by the models, in a worker process."""
    check = SelfCheck()
    desk = replace(two_colleges(tmp_path, Clock()), self_check=check)
    yield desk_app(desk)
    check.close()
    desk.engine.dispose()


def test_a_worker_process_reads_heic_and_draws_and_survives_what_is_no_picture(real, sitter):
    browser = at_check(Browser(real))
    heic = encoded(Image.fromarray(sitter()), "HEIF", quality=90)
    answer = browser.fill("/check", photo=heic).text
    assert 'class="overlay"' in answer
    assert 'href="data:image/jpeg;base64,' in answer
    for data in (b"no picture", b"", b"\xff\xd8\xff\xe0 cut"):
        refused = browser.fill("/check", photo=data)
        assert refused.status_code == 200
        assert 'class="overlay"' not in refused.text
        assert "怎么改" in refused.text
    assert 'class="overlay"' in browser.fill("/check", photo=heic).text
