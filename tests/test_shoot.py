"""A whole shoot: every row of the truth table, and nothing disappears."""

import csv
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from flows.shoot.output import check_out
from flows.shoot.progress import silent
from flows.shoot.reading import prepare
from flows.shoot.request import Request
from flows.shoot.steps import check_shoot, setting_of
from flows.shoot.worker import worker_pool
from pipeline.core.errors import InboxError, RosterError, UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.rules import Outcome, Verdict
from reports.masking import Presentation

ROOT = Path(__file__).resolve().parents[1]
SHOOTS = {"source": "inbox", "final": "final_inbox"}


def run(inbox, roster, out, workers=2, judge_as="auto", **how):
    shoot = prepare(Request(inbox, roster, "chsi_graduate", judge_as, **how))
    result = check_shoot(
        shoot,
        out,
        workers=workers,
        presentation=Presentation(),
        progress=silent,
    )
    return shoot, result


@pytest.fixture(scope="module")
def runs(demo, tmp_path_factory):
    """Both shoots of the demo, run once: name -> (shoot, result, folder).

    The raw frames are compared with the photos on record, the final files with nothing.
    """
    done = {}
    for name, inbox in SHOOTS.items():
        out = tmp_path_factory.mktemp(name) / "out"
        how = {"identity": True, "references": demo / "references"} if name == "source" else {}
        done[name] = (*run(demo / inbox, demo / "roster.xlsx", out, **how), out)
    return done


def truth(demo):
    with (demo / "truth.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_row_of_the_truth_table_comes_out_as_it_says(demo, runs):
    wrong = []
    for row in truth(demo):
        _, result, _ = runs[row["shoot"]]
        if row["photo"]:
            got = next(p for p in result.photos if p.photo == row["photo"])
            student = got.student_key or ""
        else:
            got = next(s for s in result.students if s.student.key == row["student_id"])
            student = got.student.key
        compared = result.faces is not None and row["codes_identity_on"] != row["codes"]
        due = set(filter(None, row["codes_identity_on" if compared else "codes"].split(";")))
        verdict = "fail" if compared else row["verdict"]
        if (str(got.verdict), student) != (verdict, row["student_id"]) or not due <= set(got.codes):
            wrong.append(
                f"{row['shoot']} {row['photo'] or row['student_id']}: {verdict} {due}"
                f" but {got.verdict} {got.codes} {student}"
            )
    assert not wrong, "\n".join(wrong)


def test_the_truth_table_names_every_file_and_every_missing_student(demo, runs):
    named = Counter((row["shoot"], row["photo"]) for row in truth(demo) if row["photo"])
    assert set(named.values()) == {1}
    for name, (shoot, result, _) in runs.items():
        assert {s.photo for s in shoot.submissions} == {p for s, p in named if s == name}
        missing = {s.student.key for s in result.students if s.verdict is Verdict.MISSING}
        said = {r["student_id"] for r in truth(demo) if r["shoot"] == name and not r["photo"]}
        assert said <= missing


@pytest.mark.parametrize("name", SHOOTS)
def test_conservation(runs, name):
    shoot, result, out = runs[name]
    photos = rows(out / "photos.csv")
    assert Counter(r["photo"] for r in photos) == Counter(s.photo for s in shoot.submissions)
    students = rows(out / "students.csv")
    assert Counter(r["student_id"] for r in students) == Counter(s.key for s in shoot.students)
    per_photo = Counter(r["photo"] for r in rows(out / "findings.csv"))
    assert set(per_photo.values()) == {len(result.rules)}, "one finding for every rule, always"


@pytest.mark.parametrize("name", SHOOTS)
def test_a_pass_has_its_upload_file_and_nobody_else_has(runs, name):
    _, result, out = runs[name]
    passed = {s.student.key for s in result.students if s.verdict is Verdict.PASS}
    assert passed
    assert {u.student_key for u in result.uploads} == passed
    assert {p.name for p in (out / "upload").glob("*.jpg")} == {u.file for u in result.uploads}


def test_every_upload_file_passes_the_checks_as_a_final_file(runs, broken):
    from pipeline.core.rules import Mode

    for _, _, out in runs.values():
        for path in sorted((out / "upload").glob("*.jpg")):
            # A drawn wall is of one colour once its grain is scaled away: only a note.
            assert broken(path.read_bytes(), Mode.FINAL) <= {"ED001"}, path.name


def test_what_is_written_is_for_the_user_alone(runs):
    for _, _, out in runs.values():
        for path in (out, *out.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), path
        assert not list(out.glob(".staging*"))


def test_the_same_input_gives_the_same_bytes(demo, runs, tmp_path):
    _, _, out = runs["final"]
    run(demo / "final_inbox", demo / "roster.csv", tmp_path / "again", workers=1)
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        if path.name == OutputFile.SHOOT:
            continue  # it says which inbox and roster these results are of: two rosters here
        again = tmp_path / "again" / path.relative_to(out)
        assert again.read_bytes() == path.read_bytes(), path.name


def test_auto_is_decided_for_the_whole_inbox(runs):
    assert {name: str(result.mode) for name, (_, result, _) in runs.items()} == {
        "source": "source",
        "final": "final",
    }


def test_a_passed_rule_has_its_measured_value(runs):
    _, result, _ = runs["source"]
    passed = list(result.details(p.photo for p in result.photos if p.verdict is Verdict.PASS))
    for code in ("BG001", "FC004", "FC005", "FC006", "FC007", "SH001", "LT001", "FS001"):
        for photo in passed:
            finding = next(f for f in photo.findings if f.code == code)
            assert finding.outcome is Outcome.PASSED
            assert finding.measured is not None


@pytest.fixture
def few(demo, tmp_path):
    """Run one photo, under one student, into ``tmp_path / "out"``, or another folder."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    shutil.copy(demo / "final_inbox" / "2023141460001.jpg", inbox)
    (tmp_path / "roster.csv").write_text("学号\n2023141460001\n", encoding="utf-8")

    def go(inbox=inbox, roster=tmp_path / "roster.csv", out=tmp_path / "out"):
        return run(inbox, roster, out, workers=1, judge_as="final")

    return go


def test_an_old_upload_file_does_not_stay_among_the_new(few, tmp_path):
    few()
    upload = tmp_path / "out" / "upload"
    (upload / "2023141460001.jpg").rename(upload / "20000101.jpg")
    old = upload / "manifest.csv"
    old.write_bytes(old.read_bytes().replace(b"2023141460001.jpg", b"20000101.jpg"))
    (upload / ".x1.part").write_bytes(b"of a run that was killed")
    few()
    assert {path.name for path in upload.iterdir()} == {"2023141460001.jpg", "manifest.csv"}


def test_pictures_that_no_run_has_listed_are_not_deleted(few, tmp_path):
    mine = tmp_path / "out" / "upload" / "holiday.jpg"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"the user's own")
    with pytest.raises(UsageError, match="upload"):
        few()
    assert mine.exists()
    assert not list((tmp_path / "out").glob(".staging*"))


@pytest.mark.parametrize("name", ["upload", "report_files"])
def test_results_never_replace_the_inbox(few, tmp_path, name):
    shutil.copytree(tmp_path / "inbox", tmp_path / name)
    with pytest.raises(UsageError, match=name):
        check_out(tmp_path, tmp_path / name)
    with pytest.raises(UsageError, match=name):
        few(inbox=tmp_path / name, out=tmp_path)


def test_results_never_replace_the_roster(few, tmp_path):
    roster = tmp_path / "students.csv"
    (tmp_path / "roster.csv").rename(roster)
    before = roster.read_bytes()
    with pytest.raises(UsageError, match=r"students\.csv"):
        few(roster=roster, out=tmp_path)
    assert roster.read_bytes() == before


@pytest.mark.parametrize("blocked", ["", "upload", "students.csv/x", "report.html/x"])
def test_an_output_folder_that_cannot_be_written_is_one_line_without_names(few, tmp_path, blocked):
    out = tmp_path / "out"
    (out / blocked).parent.mkdir(parents=True, exist_ok=True)
    (out / blocked).write_text("a file where a folder must be, or the other way about")
    with pytest.raises(UsageError, match="out: cannot be written") as error:
        few()
    assert "2023141460001" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_a_full_disk_ends_the_run_and_is_no_verdict(demo, tmp_path):
    """A file where the staging folder should be stands for it: both are an OSError."""
    shoot = prepare(Request(demo / "final_inbox", demo / "roster.csv", "chsi_graduate", "final"))
    staging = tmp_path / "file"
    staging.write_text("")
    jobs = [s for s in shoot.submissions if s.photo == "2023141460001.jpg"]
    with (
        worker_pool(setting_of(shoot, staging), 1) as pool,
        pytest.raises(UsageError, match="cannot be written"),
    ):
        list(pool.run(jobs))


def test_a_terminated_run_leaves_no_pictures(tmp_path):
    code = (
        "import os, signal; from pathlib import Path; from flows.shoot.output import staging_in\n"
        "with staging_in(Path('out')) as staging:\n"
        "    (staging / 'a.jpg').write_bytes(b'x'); os.kill(os.getpid(), signal.SIGTERM)\n"
        "    signal.pause()\n"
    )
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environ, check=False)
    assert done.returncode == 128 + signal.SIGTERM
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("inbox", "roster", "spec", "error"),
    [
        ("nowhere", "roster.xlsx", "chsi_graduate", InboxError),
        ("final_inbox", "nowhere.xlsx", "chsi_graduate", RosterError),
        ("final_inbox", "truth.csv", "chsi_graduate", UsageError),
        ("final_inbox", "roster.xlsx", "no_such_spec", UsageError),
    ],
)
def test_an_unusable_call_is_refused_before_the_first_photo(demo, inbox, roster, spec, error):
    with pytest.raises(error):
        prepare(Request(demo / inbox, demo / roster, spec))
