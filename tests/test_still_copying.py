"""Files still being copied into the inbox wait; finished ones do not."""

import fcntl
import os
import time
import zipfile
from pathlib import Path

import pytest
from pictures import encoded, exif, picture

from pipeline.intake.inbox import list_submissions
from pipeline.intake.still_copying import is_whole_jpeg, lies_still

HOUR = 3600.0


def look(inbox: Path, quiet_seconds: float, now: float) -> tuple[list[str], int]:
    submissions, _ = list_submissions(inbox)
    ready = [s.photo for s in submissions if lies_still(s, quiet_seconds, now)]
    waiting = {s.path for s in submissions if not lies_still(s, quiet_seconds, now)}
    return ready, len(waiting)


def test_a_file_is_ready_once_it_has_lain_still(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    changed = (tmp_path / "a.jpg").stat().st_ctime
    assert look(tmp_path, 30, changed + 29) == ([], 1)
    assert look(tmp_path, 30, changed + 31) == (["a.jpg"], 0)


def test_a_copy_that_keeps_its_old_date_waits_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    os.utime(tmp_path / "a.jpg", (0, 0))
    assert look(tmp_path, 30, time.time() + 1) == ([], 1)


@pytest.mark.parametrize(
    "name",
    ["a.jpg.part", "a.jpg.crdownload", "a.JPG.FILEPART", ".a.jpg.Ab3xYz", "~$名单.xlsx", "x.tmp"],
)
def test_names_of_unfinished_files_wait_however_old(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert look(tmp_path, 0, time.time() + HOUR) == ([], 1)


@pytest.mark.parametrize(
    "name", ["a.jpg", "张三.JPG", "part.jpg", "a.party", ".hidden.jpg", "a.b.heic"]
)
def test_other_names_do_not(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert look(tmp_path, 0, time.time() + HOUR) == ([name], 0)


def test_a_locked_file_waits_until_it_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    with path.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert look(tmp_path, 0, time.time() + HOUR) == ([], 1)
    assert look(tmp_path, 0, time.time() + HOUR) == (["a.jpg"], 0)


def test_a_file_that_vanishes_between_the_two_looks_is_still_listed(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    (submission,), _ = list_submissions(tmp_path)
    (tmp_path / "a.jpg").unlink()
    assert lies_still(submission, quiet_seconds=30)


def test_a_growing_archive_is_one_file_that_waits(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in ("a.jpg", "b.jpg"):
            archive.writestr(name, b"x")
    changed = (tmp_path / "x.zip").stat().st_ctime
    assert look(tmp_path, 30, changed) == ([], 1)
    assert look(tmp_path, 30, changed + 31) == (["x.zip/a.jpg", "x.zip/b.jpg"], 0)


def with_thumbnail() -> bytes:
    """A JPEG whose EXIF holds a whole small JPEG, as cameras write them."""
    small = encoded(picture(16, 16), "JPEG")
    tags = exif()
    tags[0x010E] = "x" * 40
    segment = b"\xff\xe2" + (len(small) + 2).to_bytes(2, "big") + small
    data = encoded(picture(480, 640), "JPEG", exif=tags)
    return data[:2] + segment + data[2:]


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_no_part_of_a_jpeg_is_a_whole_one(tmp_path: Path, options: dict) -> None:
    path = tmp_path / "a.jpg"
    for data in (encoded(picture(480, 640), "JPEG", **options), with_thumbnail()):
        path.write_bytes(data)
        assert is_whole_jpeg(path)
        path.write_bytes(data + bytes(100))  # cameras fill up
        assert is_whole_jpeg(path)
        for length in range(len(data)):
            if length % 61 == 0 or data[:length].endswith(b"\xff\xd9"):
                path.write_bytes(data[:length])
                assert not is_whole_jpeg(path), length


def test_what_is_no_jpeg_is_no_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    for data in (b"", b"\xff", b"\xff\xd8", b"PK\x03\x04 \xff\xd9", b"\xff\xd8\xff\xd8\xff\xd9"):
        path.write_bytes(data)
        assert not is_whole_jpeg(path)
