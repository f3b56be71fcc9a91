"""Inboxes and reports at a URL: file, memory, and an S3-compatible server."""

import os
import stat
import uuid
from pathlib import Path

import fsspec
import pytest

from pipeline.core.errors import InboxError, UsageError
from pipeline.intake.remote import bring, is_url, send


@pytest.fixture(params=["file", "memory", "s3"])
def place(request, tmp_path, monkeypatch):
    """A URL at which nothing lies yet."""
    if request.param == "s3":
        pytest.importorskip("s3fs", reason="the extra [s3] is not installed")
        server = pytest.importorskip("moto.server", reason="moto's server is not installed")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        running.start()
        host, port = running.get_host_and_port()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        bucket = f"b{uuid.uuid4().hex}"
        fsspec.filesystem("s3").mkdir(bucket)
        yield f"s3://{bucket}/2027"
        running.stop()
    elif request.param == "memory":
        yield f"memory://{tmp_path.name}/inbox"
    else:
        yield f"file://{tmp_path}/inbox"


def put(url: str, name: str, content: bytes) -> None:
    storage, root = fsspec.core.url_to_fs(url)
    path = f"{root}/{name}"
    storage.makedirs(path.rpartition("/")[0], exist_ok=True)
    storage.pipe_file(path, content)
    storage.invalidate_cache()


def held(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_new_comes_once_and_what_has_changed_comes_again(place, tmp_path) -> None:
    into = tmp_path / "spool"
    put(place, "20230001.jpg", b"one")
    put(place, "软件2301/20230002.jpg", b"two")
    assert bring(place, into) == 2
    assert held(into) == {"20230001.jpg": b"one", "软件2301/20230002.jpg": b"two"}
    assert bring(place, into) == 0
    put(place, "20230001.jpg", b"another")
    assert bring(place, into) == 1
    assert held(into)["20230001.jpg"] == b"another"


def test_files_are_private(place, tmp_path) -> None:
    put(place, "a/20230001.jpg", b"one")
    bring(place, tmp_path / "spool")
    for path in (tmp_path / "spool").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_reports_are_sent_with_their_folders(place, tmp_path) -> None:
    out = tmp_path / "reports"
    (out / "upload").mkdir(parents=True)
    (out / "students.csv").write_bytes(b"s")
    (out / "upload" / "20230001.jpg").write_bytes(b"p")
    assert send(out, place) == 2
    bring(place, tmp_path / "back")
    assert held(tmp_path / "back") == {"students.csv": b"s", "upload/20230001.jpg": b"p"}


def test_a_place_that_is_not_there_is_an_error_of_one_line(tmp_path) -> None:
    with pytest.raises((InboxError, UsageError)) as error:
        bring(f"nosuch://{tmp_path.name}/secret-key", tmp_path / "spool")
    assert "secret-key" not in str(error.value)


def test_paths_are_no_urls() -> None:
    assert is_url("s3://bucket/inbox")
    assert not is_url("/data/inbox")
    assert not is_url(os.fspath(Path("relative")))


@pytest.mark.parametrize("text", ["", '{"a', "[1]", "[" * 5000])
def test_a_record_that_was_edited_by_hand_brings_all_again(tmp_path, text) -> None:
    place, into = f"file://{tmp_path}/inbox", tmp_path / "spool"
    put(place, "20230001.jpg", b"one")
    assert bring(place, into) == 1
    (tmp_path / "spool.seen.json").write_text(text, encoding="utf-8")
    assert bring(place, into) == 1
