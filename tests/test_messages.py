"""Messages to whoever asked for them: counts only, through Apprise, to a server of the test's."""

import http.server
import json
import threading
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from flows.prefect_glue.messages import (
    NOTIFY_VARIABLE,
    check_addresses,
    digest,
    send_digest,
    send_message,
)
from pipeline.core.errors import UsageError

COUNTS = {"pass": 21, "retake": 9, "fail": 4, "missing": 6}


@pytest.fixture
def inbox(monkeypatch):
    """What arrived at an address that was asked for."""
    arrived = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(NOTIFY_VARIABLE, f"json://127.0.0.1:{server.server_port}")
        yield arrived
        server.shutdown()


def test_nothing_is_sent_where_nobody_asked(tmp_path, monkeypatch):
    monkeypatch.delenv(NOTIFY_VARIABLE, raising=False)
    check_addresses()
    assert send_message("title", "body")
    assert send_digest(tmp_path, COUNTS, None, datetime.now(UTC), "zh")
    assert not list(tmp_path.iterdir())


def test_a_message_goes_to_the_address(inbox):
    assert send_message("gradphoto 2027届", "20:20 没有完成，原因见运行记录")
    (one,) = inbox
    assert (one["title"], one["message"]) == ("gradphoto 2027届", "20:20 没有完成，原因见运行记录")


def test_a_digest_is_sent_once_a_day_of_the_schools(inbox, tmp_path):
    late, next_day = (
        datetime(2026, 10, 8, 15, 59, tzinfo=UTC),
        datetime(2026, 10, 8, 16, tzinfo=UTC),
    )
    for now in (late, late, next_day):
        assert send_digest(tmp_path, COUNTS, date(2027, 6, 10), now, "zh")
    assert [one["message"] for one in inbox] == ["合格 21  需补拍 9  异常 4  未采集 6"] * 2


def test_a_digest_that_did_not_go_out_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setenv(NOTIFY_VARIABLE, "json://127.0.0.1:9")  # nobody answers
    assert not send_digest(tmp_path, COUNTS, None, datetime.now(UTC), "zh")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("day", "near"), [(26, False), (27, True), (28, False)])
def test_a_digest_says_that_the_deadline_is_near(day, near):
    said = digest(COUNTS, date(2027, 6, 10), date(2027, 5, day))
    assert ("最后截止 2027-06-10，还有 14 天" in said.zh) == near
    assert ("deadline 2027-06-10, 14 days left" in said.en) == near


def test_an_address_that_is_none_is_refused_by_its_place(monkeypatch):
    monkeypatch.setenv(NOTIFY_VARIABLE, "json://localhost nonsense:secret")
    with pytest.raises(UsageError, match="address 2 cannot be used") as refused:
        check_addresses()
    assert "secret" not in str(refused.value)


def test_the_first_of_several_looks_that_fail_sends_one_message(inbox, tmp_path, capsys):
    from flows.season_flow import say_failed

    call = SimpleNamespace(id="a", parameters={"folder": str(tmp_path), "every": 20})
    for _ in range(2):
        say_failed(SimpleNamespace(name="gradphoto-season"), call, SimpleNamespace(name="Failed"))
    (one,) = inbox
    assert one["title"] == f"gradphoto {tmp_path.name}"
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert one["message"] == said[0], "what the terminal says"
