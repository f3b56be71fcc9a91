"""`kill -9` at any moment and run again: nothing lost, nothing twice, the same bytes in the end."""

import csv
import hashlib
import multiprocessing
import os
import random
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.season.rejudge import rejudge_season
from flows.season.review import review
from flows.season.steps import ingest, init
from flows.season.views import status

pytestmark = pytest.mark.slow
NOW = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
STUDENTS, STRAYS = 150, 5
# Children are forked from a process that has imported all: they are at work at once.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["fixtures.stub_examiner", "flows.season.steps", "flows.season.rejudge"]
)
LOOSER = """extends = "chsi_graduate"
[limits.background.spread]
high = 1000
source = "a test"
confidence = "P"
"""


def key(number: int) -> str:
    return f"2023990{number:06}"


@pytest.fixture(scope="module")
def shoot(tmp_path_factory):
    """An inbox with doubles, strays and unreadable files, and its roster."""
    folder = tmp_path_factory.mktemp("shoot")
    inbox = folder / "inbox"
    inbox.mkdir()
    lines = ["学号,姓名"]
    for number in range(STUDENTS):
        lines.append(f"{key(number)},姓名")
        if number % 20:
            (inbox / f"{key(number)}.jpg").write_bytes(f"photo {number}".encode() * 50)
    for number in range(STRAYS):
        (inbox / f"谁 {number}.jpg").write_bytes(b"a double" if number % 2 else b"")
    (folder / "roster.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    (folder / "looser.toml").write_text(LOOSER, encoding="utf-8")
    return folder


def begin(shoot: Path, folder: Path, ledger: str | None) -> None:
    init(folder, shoot / "roster.csv", "chsi_graduate", ledger=ledger, now=NOW)


def all_of_it(shoot: Path, folder: Path, ledger: str | None) -> None:
    """Take in, examine, judge; then a person decides; then other limits. Each can be repeated."""
    from fixtures.stub_examiner import stub_pool

    ingest(folder, shoot / "inbox", ledger=ledger, pool=stub_pool, now=NOW)
    how = {"why": "已核对", "who": "王", "ledger": ledger, "now": NOW}
    review(folder, key(1), accept=False, **how)
    rejudge_season(
        folder, str(shoot / "looser.toml"), apply=True, ledger=ledger, pool=stub_pool, now=NOW
    )


def outputs(folder: Path) -> dict[str, bytes]:
    """What is promised to be the same: lists, the page, and the registration files."""
    reports = folder / "reports"
    found = [p for p in reports.rglob("*") if p.is_file()]
    return {str(p.relative_to(reports)): p.read_bytes() for p in found}


@pytest.fixture(scope="module")
def undisturbed(shoot, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "season"
    begin(shoot, folder, None)
    started = time.monotonic()
    all_of_it(shoot, folder, None)
    return folder, time.monotonic() - started


def hold(shoot, folder, ledger, undisturbed):
    """The end of a season that was killed is that of one that was not."""
    due = outputs(undisturbed)
    got = outputs(folder)
    assert sorted(got) == sorted(due)
    assert [name for name in due if got[name] != due[name]] == []
    with (folder / "reports/attempts.csv").open(encoding="utf-8-sig", newline="") as stream:
        photos = [row["photo"] for row in csv.DictReader(stream)]
    assert sorted(photos) == sorted(p.name for p in (shoot / "inbox").iterdir())
    found, whole = status(folder, ledger=ledger), status(undisturbed)
    assert (found.rounds, found.submissions) == (1, len(photos))
    assert found.examinations == whole.examinations
    assert not found.interrupted
    assert not list(folder.rglob(".*.part"))
    for path in (folder / "photos").rglob("*"):
        assert path.is_dir() or hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    for path in (folder / "store").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem


def test_killed_at_random_moments(shoot, tmp_path, ledger, undisturbed):
    whole, seconds = undisturbed
    folder = tmp_path / "season"
    begin(shoot, folder, ledger)
    chance, killed = random.Random(7), 0
    for number in range(40):
        child = FORKS.Process(target=all_of_it, args=(shoot, folder, ledger))
        child.start()
        child.join(chance.uniform(0, seconds / 4) if number < 20 else None)
        if child.exitcode is None:
            os.kill(child.pid, signal.SIGKILL)
            child.join()
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        killed += 1
    assert killed >= 3
    hold(shoot, folder, ledger, whole)


def die_at(step: int, shoot: Path, folder: Path) -> None:
    """Do all of it, and die at one of the moments at which something is made to last."""
    from sqlalchemy import Engine, event

    from pipeline.core import private_files as private

    left = [step]

    def passed(*_args) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    replace = Path.replace

    def replacing(path, target):
        passed()  # the file is written, and not yet in its place
        replace(path, target)
        passed()  # in its place, and the ledger knows nothing of it

    private.Path.replace = replacing
    event.listen(Engine, "commit", passed)
    all_of_it(shoot, folder, None)


def test_killed_at_every_kind_of_moment(shoot, tmp_path, undisturbed):
    whole, _ = undisturbed
    folder = tmp_path / "season"
    begin(shoot, folder, None)
    died = 0
    for step in (0, 7, 90, 91, 200, 13, 150, 3, 170, 230, 5, 61, 260, 8, 19, 2, 280, 300, 4, None):
        if step is None:
            child = FORKS.Process(target=all_of_it, args=(shoot, folder, None))
        else:
            child = FORKS.Process(target=die_at, args=(step, shoot, folder))
        child.start()
        child.join()
        died += child.exitcode == -signal.SIGKILL
        if child.exitcode == 0:
            break
    assert died >= 5
    hold(shoot, folder, None, whole)


def test_what_a_killed_child_does_is_what_is_tested(shoot, tmp_path):
    """A child that is not killed ends well, and one that is leaves less."""
    folder = tmp_path / "season"
    begin(shoot, folder, None)
    child = FORKS.Process(target=die_at, args=(40, shoot, folder))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not (folder / "reports").exists()
    assert 0 < len([p for p in (folder / "photos").rglob("*") if p.is_file()]) < STUDENTS
