"""Closed, full and unread stdout and stderr: the work is done, and one line at most is said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NUMBER = "2023990010001"
GIVEN = "1 files, 1 students, spec chsi_graduate, judged as source\n"
FULL = "gradphoto: stdout cannot be written (No space left on device)\n"
STREAMS = {
    "stdout closed": (">&-", 0, ""),
    "stderr closed": ("2>&-", 0, ""),
    "all three closed": ("<&- >&- 2>&-", 0, ""),
    "stdout full": (">/dev/full", 2, FULL),
    "stderr full": ("2>/dev/full", 0, ""),
    "a log on a full disk": (">/dev/full 2>&1", 2, ""),
    "a pipe that nobody reads": ("| true", 0, ""),
}


def shell(arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the program under bash, for what can be done to its streams."""
    command = f"set -o pipefail; {sys.executable} -m flows.cli {arguments}"
    return subprocess.run(
        ["bash", "-c", command], cwd=cwd, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


@pytest.fixture
def given(tmp_path):
    """One student, whose file is no picture."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / f"{NUMBER}.jpg").write_text("no picture", encoding="utf-8")
    (tmp_path / "roster.csv").write_text(f"学号\n{NUMBER}\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("named", STREAMS)
def test_a_check_is_done_whatever_becomes_of_its_words(given, named):
    streams, code, said = STREAMS[named]
    done = shell(f"check inbox --roster roster.csv --out out --workers 1 {streams}", given)
    assert (given / "out" / "report.html").is_file()
    assert done.returncode == code
    assert done.stderr.removeprefix(GIVEN) == said


@pytest.mark.parametrize("named", STREAMS)
def test_other_commands_say_one_line_at_most(tmp_path, named):
    streams, code, said = STREAMS[named]
    done = shell(f"spec show chsi_graduate {streams}", tmp_path)
    assert (done.returncode, done.stderr) == (code, said)
    refused = shell(f"spec show no_such_spec {streams}", tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == ("2>" not in streams)


def test_what_is_opened_takes_no_place_of_a_closed_stream(given):
    """What a library prints on descriptor 2 would land in the file that took its number."""
    (given / "inbox" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
    shell("check inbox --roster roster.csv --out open --workers 1", given)
    shell("check inbox --roster roster.csv --out closed --workers 1 <&- >&- 2>&-", given)
    names = sorted(path.name for path in (given / "open").iterdir())
    assert names == sorted(path.name for path in (given / "closed").iterdir())
    for name in ("students.csv", "photos.csv", "findings.csv", "report.xlsx", "report.html"):
        assert (given / "closed" / name).read_bytes() == (given / "open" / name).read_bytes()


def test_a_purge_with_a_closed_stdin_asks_nobody(given):
    assert shell("season init season --roster roster.csv --class-of 2099", given).returncode == 0
    done = shell("season purge season <&-", given)
    assert (done.returncode, done.stdout) == (2, "")
    assert "give --yes" in done.stderr
    assert shell("season status season", given).returncode == 0, "it is still there"
