"""The shoot as a Prefect flow: the same lists as without it, and nobody in its database."""

import contextlib
import json

import numpy as np
import pytest

from flows.shoot.output import staging_in
from flows.shoot.reading import prepare
from flows.shoot.request import Request
from flows.shoot.steps import finish, setting_of
from flows.shoot.worker import worker_pool
from pipeline.core.errors import RosterError
from reports.masking import Presentation

pytestmark = pytest.mark.slow

NAME, NUMBER, ID_NO = "欧阳霁月", "2023990010001", "990101200501010010"
OTHER_NAME, OTHER_NUMBER = "司马凌霄", "2023990010002"
PERSONAL = (NAME, NUMBER, ID_NO, OTHER_NAME, OTHER_NUMBER)
HEADER = "学号,姓名,身份证号\n"


@pytest.fixture(scope="module")
def shoot(tmp_path_factory, jpeg, framed, sitter):
    """Three files: one that passes, one without a face, one that is no picture."""
    folder = tmp_path_factory.mktemp("shoot")
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / f"{NUMBER}.jpg").write_bytes(jpeg(framed(sitter()), quality=85))
    wall = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    (inbox / f"{OTHER_NUMBER}.jpg").write_bytes(jpeg(wall))
    (inbox / f"{NAME}.txt").write_text(f"{NAME} {ID_NO}", encoding="utf-8")
    rows = f"{NUMBER},{NAME},{ID_NO}\n{OTHER_NUMBER},{OTHER_NAME},\n"
    (folder / "roster.csv").write_text(HEADER + rows, encoding="utf-8-sig")
    (folder / "rounded.csv").write_text(f"{HEADER}{NUMBER},{NAME},1.1E+17\n", encoding="utf-8-sig")
    return folder


@pytest.fixture(scope="module")
def run(server, shoot):
    """One run of the flow that completes and one that cannot; the counts, and what was said."""
    import io
    import logging

    from flows.shoot_flow import shoot_flow

    said = io.StringIO()
    handler = logging.StreamHandler(said)
    loggers = [logging.getLogger(), logging.getLogger("prefect")]
    for logger in loggers:
        logger.addHandler(handler)
    out, unusable = str(shoot / "by_flow"), str(shoot / "by_no_flow")
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        counts = shoot_flow(str(shoot / "inbox"), str(shoot / "roster.csv"), out, workers=1)
        with pytest.raises(RosterError):
            shoot_flow(str(shoot / "inbox"), str(shoot / "rounded.csv"), unusable, workers=1)
    for logger in loggers:
        logger.removeHandler(handler)
    return counts, said.getvalue()


@pytest.fixture(scope="module")
def database(run, written_by_prefect):
    """All that Prefect has written down, as text, and its artifacts."""
    return written_by_prefect()


def test_the_flow_counts_students_by_verdict(run):
    counts, _ = run
    assert counts == {"pass": 1, "retake": 1, "fail": 0, "missing": 0}


def test_its_lists_are_those_of_the_plain_path_byte_for_byte(run, shoot):
    plain, out = shoot / "plain", shoot / "by_flow"
    made = prepare(Request(shoot / "inbox", shoot / "roster.csv", "chsi_graduate"))
    with staging_in(plain) as staging, worker_pool(setting_of(made, staging), 1) as pool:
        examined = list(pool.run(made.submissions))
        finish(made, examined, plain, staging, Presentation())
    names = {str(path.relative_to(plain)) for path in plain.rglob("*") if path.is_file()}
    assert names == {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    for name in sorted(names):
        assert (out / name).read_bytes() == (plain / name).read_bytes(), name


def test_the_artifact_holds_counts_and_nothing_else(database):
    _, artifacts = database
    (artifact,) = [a for a in artifacts if a["key"] == "gradphoto-shoot"]
    table = json.loads(artifact["data"])
    table = json.loads(table) if isinstance(table, str) else table
    counts = {row["what"]: row["count"] for row in table}
    assert all(set(row) == {"what", "count"} for row in table)
    assert counts == {
        "students: pass": 1,
        "students: retake": 1,
        "students: fail": 0,
        "students: missing": 0,
        "photos": 3,
        "upload files": 1,
    }


@pytest.mark.parametrize("personal", PERSONAL)
def test_the_servers_database_knows_nobody(database, personal):
    text, _ = database
    assert "rounded.csv: row 2" in text, "the search finds what is there: why the second run failed"
    assert personal not in text
    assert json.dumps(personal).strip('"') not in text, "nor escaped"


@pytest.mark.parametrize("personal", PERSONAL)
def test_the_log_names_nobody(run, personal):
    _, said = run
    assert "rounded.csv: row 2" in said
    assert personal not in said
