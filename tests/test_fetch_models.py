"""Set-up takes a model from the first source that has its bytes, and says which."""

import hashlib
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows import fetch_models
from pipeline.core.errors import ModelError
from pipeline.face.model_manifest import Address, ModelEntry

WEIGHTS = bytes(range(256)) * 40
WRONG = WEIGHTS[::-1]  # as many bytes, others


def entry(*sources: Address) -> ModelEntry:
    return ModelEntry(
        file="toy.onnx",
        sha256=hashlib.sha256(WEIGHTS).hexdigest(),
        bytes=len(WEIGHTS),
        licence="MIT",
        purpose={"zh": "玩具", "en": "a toy"},
        when="always",
        sources=sources,
    )


@pytest.fixture
def into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The target folder; temporary files lie beside it."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    return tmp_path / "into"


@dataclass
class Server:
    """A publisher on this machine that also plays the unreliable ones."""

    port: int
    asked: list[str] = field(default_factory=list)

    def address(self, what: str) -> Address:
        return Address(kind="address", url=f"http://127.0.0.1:{self.port}/{what}/toy.onnx")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            what = self.path.split("/")[1]
            running.asked.append(what)
            if what == "missing":
                self.send_error(404)
                return
            if what == "stall":
                closing.wait(5)
                return
            self.send_response(200)
            self.end_headers()
            if what == "trickle":
                while not closing.wait(0.02):
                    self.wfile.write(b"x")
                return
            self.wfile.write({"good": WEIGHTS, "long": WEIGHTS * 9, "short": b"x"}.get(what, WRONG))

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Clients that hang up are the point of some tests."""

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Quiet(("127.0.0.1", 0), Handler) as httpd:
        running = Server(httpd.server_port)
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        yield running
        closing.set()
        httpd.shutdown()
        thread.join()


# ── a local folder ──────────────────────────────────────────────────────────


def test_what_is_already_there_is_left_alone(into: Path) -> None:
    into.mkdir()
    (into / "toy.onnx").write_bytes(WEIGHTS)
    before = (into / "toy.onnx").stat()
    assert fetch_models.fetch(entry(), into).en == "already there"
    assert (into / "toy.onnx").stat().st_mtime_ns == before.st_mtime_ns


def test_a_damaged_file_in_place_is_an_error(into: Path, server: Server) -> None:
    into.mkdir()
    (into / "toy.onnx").write_bytes(WRONG)
    with pytest.raises(ModelError, match=r"toy\.onnx"):
        fetch_models.fetch(entry(server.address("good")), into)
    assert server.asked == []


def test_a_local_folder_serves_and_the_copy_can_be_read_by_all(into: Path, tmp_path: Path) -> None:
    (tmp_path / "toy.onnx").write_bytes(WEIGHTS)
    assert str(tmp_path) in fetch_models.fetch(entry(), into, [tmp_path / "none", tmp_path]).en
    assert (into / "toy.onnx").read_bytes() == WEIGHTS
    assert (into / "toy.onnx").stat().st_mode & 0o777 == 0o644


def test_wrong_bytes_in_a_local_folder_are_an_error_and_nothing_else_is_asked(
    into: Path, tmp_path: Path, server: Server
) -> None:
    (tmp_path / "toy.onnx").write_bytes(WRONG)
    with pytest.raises(ModelError) as caught:
        fetch_models.fetch(entry(server.address("good")), into, [tmp_path])
    assert str(tmp_path / "toy.onnx") in str(caught.value)
    assert server.asked == []
    assert not into.exists()


def test_local_folders_are_the_users_and_then_the_one_beside_the_project(tmp_path: Path) -> None:
    beside = tmp_path / "shared" / "models"
    assert fetch_models.local_folders({}, tmp_path / "project") == []
    beside.mkdir(parents=True)
    assert fetch_models.local_folders({}, tmp_path / "project") == [beside]
    environ = {"GRADPHOTO_MODELS": str(tmp_path)}
    assert fetch_models.local_folders(environ, tmp_path / "project") == [tmp_path, beside]


def test_a_variable_that_names_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="GRADPHOTO_MODELS"):
        fetch_models.local_folders({"GRADPHOTO_MODELS": str(tmp_path / "typo")}, tmp_path)


# ── the publisher's address ─────────────────────────────────────────────────


def test_the_publishers_address_serves(into: Path, server: Server) -> None:
    address = server.address("good")
    assert fetch_models.fetch(entry(address), into).en == f"from {address.url}"
    assert [path.name for path in into.iterdir()] == ["toy.onnx"]


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("wrong", "WRONG BYTES"),
        ("long", "WRONG BYTES"),
        ("short", "WRONG BYTES"),
        ("missing", "404"),
        ("stall", "timed out"),
        ("trickle", "not complete after 0.3 s"),
    ],
)
def test_an_address_that_fails_is_said_and_leaves_nothing_behind(
    into: Path, server: Server, capsys: pytest.CaptureFixture[str], what: str, why: str
) -> None:
    address = server.address(what)
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        fetch_models.fetch(entry(address), into, stall_seconds=0.3, address_seconds=0.3)
    assert time.monotonic() - began < 3
    for text in (str(caught.value), capsys.readouterr().err):
        assert why in text
        assert address.url in text
    assert list(into.iterdir()) == []


def test_after_one_address_failed_the_next_source_serves(
    into: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = server.address("wrong"), server.address("good")
    assert fetch_models.fetch(entry(first, second), into).en == f"from {second.url}"
    assert server.asked == ["wrong", "good"]
    assert "WRONG BYTES" in capsys.readouterr().err


def test_nobody_listening_is_a_failure_of_the_source(into: Path) -> None:
    nobody = Address(kind="address", url="http://127.0.0.1:9/toy.onnx")
    with pytest.raises(ModelError, match="refused"):
        fetch_models.fetch(entry(nobody), into)


# ── the command ─────────────────────────────────────────────────────────────


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """A manifest of two: one that is always needed, one for identity."""
    always = entry(server.address("good"))
    identity = always.model_copy(update={"file": "identity.onnx", "when": "identity"})
    monkeypatch.setattr(fetch_models, "MODELS", {"toy": always, "identity": identity})
    monkeypatch.setattr(fetch_models, "local_folders", lambda _: [])


@pytest.mark.usefixtures("toys")
def test_the_command_says_one_line_a_model(into: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch_models.main(["--into", str(into)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("toy.onnx: from http://127.0.0.1")


@pytest.mark.usefixtures("toys")
def test_the_identity_model_comes_only_when_asked_for(into: Path) -> None:
    assert fetch_models.main(["--into", str(into)]) == 0
    assert {path.name for path in into.iterdir()} == {"toy.onnx"}
    assert fetch_models.main(["--into", str(into), "--identity"]) == 0
    assert {path.name for path in into.iterdir()} == {"toy.onnx", "identity.onnx"}


@pytest.mark.usefixtures("toys")
def test_a_target_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert fetch_models.main(["--into", str(tmp_path / "file")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error:")
