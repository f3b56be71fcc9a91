"""The season as a Prefect flow: the same lists, each photo once, and nobody in its database."""

import contextlib
import csv
import io
import json
import logging
import re
import threading
import time

import numpy as np
import pytest

from fixtures.stub_examiner import stub_pool
from flows.season.steps import ingest, init
from flows.season.views import status
from pipeline.core.errors import UsageError

pytestmark = pytest.mark.slow

NAME, NUMBER, ID_NO = "慕容霜降", "2023980010001", "990101200501010029"
OTHER_NAME, OTHER_NUMBER = "尉迟惊蛰", "2023980010002"
LATE_NUMBER, LATER_NUMBER = "2023980010003", "2023980010004"
PERSONAL = (NAME, NUMBER, ID_NO, OTHER_NAME, OTHER_NUMBER, LATE_NUMBER, LATER_NUMBER)
ROSTER = f"""学号,姓名,身份证号
{NUMBER},{NAME},{ID_NO}
{OTHER_NUMBER},{OTHER_NAME},
{LATE_NUMBER},上官,
{LATER_NUMBER},东方,
"""
QUIET = 1.0  # seconds


def begin(folder, name="season"):
    (folder / "inbox").mkdir(exist_ok=True)
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8-sig")
    init(folder / name, folder / "roster.csv", "chsi_graduate", class_of=2099)
    return folder / name, folder / "inbox"


def outputs(season):
    """What is promised to be the same: lists, the page, and the registration files."""
    reports = season / "reports"
    found = [p for p in reports.rglob("*") if p.is_file()]
    return {str(p.relative_to(reports)): p.read_bytes() for p in found}


def rows(season, name):
    with (season / "reports" / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@contextlib.contextmanager
def growing(path):
    """A file that another program writes, a little at a time."""
    ended = threading.Event()

    def write():
        while not ended.is_set():
            with path.open("ab") as stream:
                stream.write(b"more ")
            ended.wait(QUIET / 10)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


@pytest.fixture(scope="module")
def looks(server, tmp_path_factory, jpeg, framed, sitter):
    """Three looks into an inbox, and a failure between; the counts, and what was said."""
    from flows.season_flow import season_flow

    season, inbox = begin(tmp_path_factory.mktemp("season"))
    (inbox / f"{NUMBER}.jpg").write_bytes(jpeg(framed(sitter()), quality=85))
    (inbox / f"{OTHER_NUMBER}.jpg").write_bytes(
        jpeg(np.full((640, 480, 3), (100, 197, 255), np.uint8))
    )
    (inbox / f"{NAME}.txt").write_text(f"{NAME} {ID_NO}", encoding="utf-8")
    (inbox / f"{LATER_NUMBER}.jpg.part").write_bytes(b"half")
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    loggers = [logging.getLogger(), logging.getLogger("prefect")]
    for logger in loggers:
        logger.addHandler(handler)
    call = {"folder": str(season), "inbox": str(inbox), "quiet_seconds": QUIET, "workers": 1}
    counts, examined = [], []
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        with growing(inbox / f"{LATE_NUMBER}.jpg"):
            time.sleep(1.5 * QUIET)
            counts.append(season_flow(**call))
        examined.append(status(season).examinations)
        first = outputs(season)
        wrong = {**call, "inbox": str(inbox / "no such place")}
        with pytest.raises(UsageError):
            season_flow.with_options(retries=0)(**wrong)
        note = (season / "上次运行失败.txt").read_text("utf-8")
        time.sleep(1.5 * QUIET)
        (inbox / f"{LATER_NUMBER}.jpg.part").rename(inbox / f"{LATER_NUMBER}.jpg")
        time.sleep(1.5 * QUIET)
        counts.append(season_flow(**call))
        examined.append(status(season).examinations)
        counts.append(season_flow(**call))
        examined.append(status(season).examinations)
    for logger in loggers:
        logger.removeHandler(handler)
    return {
        "season": season,
        "inbox": inbox,
        "first": first,
        "counts": counts,
        "examined": examined,
        "note": note,
        "said": said.getvalue(),
    }


@pytest.fixture(scope="module")
def database(looks, written_by_prefect):
    return written_by_prefect()


def test_the_flow_counts_students_by_verdict(looks):
    assert looks["counts"][0] == {"pass": 1, "retake": 1, "fail": 0, "missing": 2}


def test_its_lists_are_those_of_season_ingest_byte_for_byte(looks, tmp_path):
    season, _ = begin(tmp_path)
    ours = (f"{NUMBER}.jpg", f"{OTHER_NUMBER}.jpg", f"{NAME}.txt")
    ingest(
        season,
        looks["inbox"],
        workers=1,
        ready=lambda submission: submission.photo in ours,
    )
    due = outputs(season)
    assert len([n for n in due if n.startswith("upload/")]) == 2, "a file and the manifest"
    assert sorted(looks["first"]) == sorted(due)
    assert [name for name in due if looks["first"][name] != due[name]] == []


def test_what_is_still_being_copied_waits_and_is_taken_at_the_next_look(looks):
    first = looks["first"]["attempts.csv"].decode("utf-8-sig")
    assert NUMBER in first
    assert LATE_NUMBER not in first
    assert LATER_NUMBER not in first
    assert looks["examined"][:2] == [2, 4]
    assert {LATE_NUMBER, LATER_NUMBER} <= {
        row["student_id"] for row in rows(looks["season"], "attempts.csv")
    }


def test_a_look_at_nothing_new_examines_nothing(looks):
    assert looks["examined"][2] == looks["examined"][1]
    assert looks["counts"][2] == looks["counts"][1]


def test_a_failure_is_told_in_the_folder_until_a_run_ends_well(looks):
    assert "ended as Failed" in looks["note"]
    assert not (looks["season"] / "上次运行失败.txt").exists()


def test_the_artifacts_hold_counts_and_nothing_else(database):
    _, artifacts = database
    tables = [json.loads(a["data"]) for a in artifacts if a["key"] == "gradphoto-season"]
    tables = [json.loads(t) if isinstance(t, str) else t for t in tables]
    assert all(set(row) == {"what", "count"} for table in tables for row in table)
    assert all(isinstance(row["count"], int) for table in tables for row in table)
    # The server is shared: other tests' looks left theirs.
    assert {
        "students: pass": 1,
        "students: retake": 1,
        "students: fail": 0,
        "students: missing": 2,
        "new files": 3,
        "files that wait": 2,
        "examined": 2,
    } in [{row["what"]: row["count"] for row in table} for table in tables]


def test_an_artifact_leads_to_the_report(database, looks):
    _, artifacts = database
    told = [a["description"] for a in artifacts if (a["key"] or "").startswith("gradphoto-season")]
    path = looks["season"] / "reports/report.html"
    assert any(f"`{path}`" in words for words in told), "a path to open"
    assert not any("file://" in json.dumps(a, default=str) for a in artifacts)


def test_an_artifact_shows_the_checks_in_sequence(database):
    _, artifacts = database
    tables = [json.loads(a["data"]) for a in artifacts if a["key"] == "gradphoto-season-checks"]
    tables = [json.loads(t) if isinstance(t, str) else t for t in tables]
    # One passes, one shows a wall: no face, and what needs one cannot be measured; one is text.
    assert [
        {"check": "background", "passed": 1, "borderline": 0, "broken": 0, "not measurable": 2},
        {"check": "face, centring, light", "passed": 1, "borderline": 0, "broken": 1,
         "not measurable": 1},
    ] in [table[:2] for table in tables]  # fmt: skip


def test_the_stages_are_tasks_with_a_log_line_of_counts(database):
    text, _ = database
    for name in ("taking in what is new", "checking 1/1", "comparing the photos", "judging",
                 "writing lists and report"):  # fmt: skip
        assert f"'{name}'" in text, name
    for line in ("new 3, known 0, waiting 2", "photos 3, pairs 0", "photos 3, registration files 1",
                 "pass 1  retake 1  fail 0  missing 2"):  # fmt: skip
        assert f"'{line}'" in text, line


def test_a_look_is_one_line_on_the_terminal_and_in_the_log(database, looks):
    text, _ = database
    (first, failed, second, third) = re.findall(r"^\d\d:\d\d .*$", looks["said"], re.MULTILINE)
    assert first[6:] == "new 3 pass 1 retake 1 fail 1"
    assert failed[6:] == "not completed, its log says why"
    assert second[6:].startswith("new 2 ")
    assert third[6:] == "new 0"
    assert f"'{first}'" in text


def test_runs_are_named_by_season_and_time(database, looks):
    text, _ = database
    assert re.search(rf"'{looks['season'].name} \d\d-\d\d \d\d:\d\d'", text)


@pytest.mark.parametrize("personal", PERSONAL)
def test_the_servers_database_knows_nobody(database, personal):
    text, _ = database
    assert "no such place: there is no" in text, "the search finds what is there"
    assert personal not in text
    assert json.dumps(personal).strip('"') not in text, "nor escaped"


@pytest.mark.parametrize("personal", PERSONAL)
def test_the_log_names_nobody(looks, personal):
    assert "no such place: there is no" in looks["said"]
    assert personal not in looks["said"]


def test_only_reports_have_names_on_disk(looks):
    season = looks["season"]
    outside = [
        str(path.relative_to(season))
        for path in season.rglob("*")
        if not path.is_relative_to(season / "reports")
    ]
    assert outside
    assert [name for name in outside if any(p in name for p in PERSONAL)] == []


def test_a_file_that_vanishes_before_it_is_read_is_a_row(server, tmp_path, monkeypatch):
    from flows import season_flow

    season, inbox = begin(tmp_path)
    (inbox / f"{NUMBER}.jpg").write_bytes(b"a photo")
    (inbox / f"{OTHER_NUMBER}.jpg").write_bytes(b"another")

    def gone(submission, _quiet):
        if submission.photo == f"{OTHER_NUMBER}.jpg":
            submission.path.unlink()
        return True

    monkeypatch.setattr(season_flow, "lies_still", gone)
    monkeypatch.setattr("flows.prefect_glue.task_pool.worker_pool", stub_pool)
    season_flow.season_flow(str(season), str(inbox))
    (row,) = [r for r in rows(season, "photos.csv") if r["photo"] == f"{OTHER_NUMBER}.jpg"]
    assert row["codes"] == "FL001"
    assert {r["student_id"]: r["verdict"] for r in rows(season, "students.csv")}[
        OTHER_NUMBER
    ] == "retake"


def test_an_inbox_at_a_url_is_brought_once_and_leaves_with_the_pictures(
    server, tmp_path, monkeypatch
):
    import fsspec

    from flows import season_flow
    from flows.season.changes import purge

    season, _ = begin(tmp_path)
    storage = fsspec.filesystem("memory")
    storage.pipe_file(f"/gradphoto-flow/{NUMBER}.jpg", b"a photo from elsewhere")
    monkeypatch.setattr("flows.prefect_glue.task_pool.worker_pool", stub_pool)
    for _ in range(2):
        season_flow.season_flow(str(season), "memory://gradphoto-flow", quiet_seconds=0)
    assert [r["photo"] for r in rows(season, "photos.csv")] == [f"{NUMBER}.jpg"]
    assert status(season).examinations == 1
    purge(season)
    left = [p for p in season.rglob("*") if NUMBER in p.name]
    assert left == []
    for path in season.rglob("*"):
        assert path.is_dir() or NUMBER.encode() not in path.read_bytes(), path.name


def test_a_run_that_was_killed_is_shown_as_crashed_by_the_next_one(server, tmp_path, monkeypatch):
    """Of this season alone: the same flow may be at work on another."""
    from prefect.client.orchestration import get_client
    from prefect.states import Running

    from flows.season_flow import season_flow

    season, inbox = begin(tmp_path)
    monkeypatch.setattr("flows.prefect_glue.task_pool.worker_pool", stub_pool)
    call = {"folder": str(season), "inbox": str(inbox), "quiet_seconds": 0}
    runs = {}
    with get_client(sync_client=True) as client:
        for name, folder in (("killed", season), ("another's", tmp_path / "other")):
            run = client.create_flow_run(season_flow, parameters={**call, "folder": str(folder)})
            client.set_flow_run_state(run.id, Running(), force=True)
            runs[name] = run.id
        season_flow(**call)
        states = {name: client.read_flow_run(one).state_type for name, one in runs.items()}
        for one in runs.values():
            client.delete_flow_run(one)
    assert states == {"killed": "CRASHED", "another's": "RUNNING"}


def test_one_look_from_the_command_line(server, tmp_path, monkeypatch, capsys):
    from flows import season_flow
    from flows.cli import app

    season, inbox = begin(tmp_path)
    (inbox / f"{NUMBER}.jpg").write_bytes(b"a photo")
    monkeypatch.setattr("flows.prefect_glue.task_pool.worker_pool", stub_pool)
    monkeypatch.setattr(season_flow, "lies_still", lambda _submission, _quiet: True)
    lists = tmp_path / "lists"
    call = ["flow", "season", str(season), str(inbox), "--lists-to", lists.as_uri()]
    app(call, standalone_mode=False)
    assert "missing 3" in capsys.readouterr().out
    assert status(season).examinations == 1
    for name in ("students.csv", "report.html"):
        assert (lists / name).read_bytes() == (season / "reports" / name).read_bytes()
    with pytest.raises(UsageError, match="a URL"):
        app([*call[:-1], "lists"], standalone_mode=False)
