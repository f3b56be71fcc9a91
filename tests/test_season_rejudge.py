"""Other limits, other models, other rules in the middle of a season."""

from datetime import UTC, datetime

import pytest

from fixtures.stub_examiner import photo_of, stub_pool
from flows.season.rejudge import rejudge_season
from flows.season.steps import open_season
from flows.season.views import status
from pipeline.core.errors import UsageError
from pipeline.core.rules import Verdict

PASS, RETAKE, FAIL = Verdict.PASS, Verdict.RETAKE, Verdict.FAIL
LOOSER = """extends = "chsi_graduate"
id = "looser"
[limits.{table}]
{ends}
source = "a test"
confidence = "P"
"""


BEFORE = datetime(2027, 3, 2, 2, 0, tzinfo=UTC)


def key(number: int) -> str:
    return f"2023990{number:06}"


def spec_file(folder, table, ends="high = 1000"):
    path = folder / f"{table}.toml"
    path.write_text(LOOSER.format(table=table, ends=ends), encoding="utf-8")
    return str(path)


def broken_by(season, code):
    return {r["student_id"] for r in season.rows("students.csv") if code in r["codes"]}


def forbidden(_setting, _workers):
    raise AssertionError("no model may run")


def test_other_limits_are_shown_then_applied_without_a_model(season, tmp_path):
    for number in range(1, 5):
        season.put(f"{key(number)}.jpg", photo_of(RETAKE, number))
    season.round()
    uneven = broken_by(season, "BG002")
    alone = {r["student_id"] for r in season.rows("students.csv") if r["codes"] == "BG002"}
    assert alone, "the stub's photos are chosen so"
    spec = spec_file(tmp_path, "background.spread")
    lists = {p: p.read_bytes() for p in (season.folder / "reports").rglob("*.csv")}
    how = {"ledger": season.ledger, "pool": forbidden, "now": BEFORE}
    shown = rejudge_season(season.folder, spec, apply=False, **how)
    assert {c.student_key for c in shown.changed} == alone
    assert {(c.before, c.after) for c in shown.changed} == {(RETAKE, PASS)}
    assert (shown.needs, shown.undecided, shown.judged) == ({}, 0, 4)
    assert {p: p.read_bytes() for p in lists} == lists, "nothing is changed yet"
    assert broken_by(season, "BG002") == uneven
    done = rejudge_season(season.folder, spec, apply=True, **how)
    assert done.changed == shown.changed
    assert broken_by(season, "BG002") == set()
    passed = {r["student_id"] for r in season.rows("students.csv") if r["verdict"] == "pass"}
    assert passed == alone
    assert {p.stem for p in (season.folder / "reports/upload").glob("*.jpg")} == alone
    again = rejudge_season(season.folder, spec, apply=False, **how)
    assert again.changed == ()
    assert status(season.folder, ledger=season.ledger).spec_id == "looser"


def test_limits_that_need_the_photo_say_so_and_are_examined_when_applied(season, tmp_path):
    for number in range(1, 4):
        season.put(f"{key(number)}.jpg", photo_of(RETAKE, number))
    season.round()
    spec = spec_file(tmp_path, "face.edge", "low = 3")
    shown = rejudge_season(season.folder, spec, apply=False, ledger=season.ledger)
    assert (shown.needs, shown.undecided) == ({"limits.face.edge": 3}, 3)
    done = rejudge_season(season.folder, spec, apply=True, ledger=season.ledger, pool=stub_pool)
    assert (done.undecided, done.applied) == (0, True)
    assert status(season.folder, ledger=season.ledger).examinations == 6
    again = rejudge_season(season.folder, None, apply=False, ledger=season.ledger)
    assert (again.needs, again.changed) == ({}, ())


def test_a_photo_whose_worker_died_is_tried_again_when_asked(season):
    season.put(f"{key(1)}.jpg", b"kills its worker")
    season.round()
    shown = rejudge_season(season.folder, None, apply=False, ledger=season.ledger)
    assert (shown.needs, shown.undecided) == ({"FL005": 1}, 1)

    from contextlib import contextmanager
    from dataclasses import replace

    @contextmanager
    def cured(setting, workers):
        from checks import CHECKS
        from pipeline.core.rules import Text
        from pipeline.examine.examine import unreadable

        class Pool:
            def run(self, jobs):
                for job in jobs:
                    words = Text("损坏", "damaged")
                    one = unreadable(job, job.photo, setting.mode, CHECKS, words)
                    yield replace(one, photo=job.photo)

        yield Pool()

    done = rejudge_season(season.folder, None, apply=True, ledger=season.ledger, pool=cured)
    assert [(c.before, c.after, c.codes) for c in done.changed] == [(FAIL, RETAKE, ("FL001",))]


def test_other_models_examine_what_comes_and_the_old_when_asked(season, monkeypatch):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round()
    newer = {"newer": "0" * 64}
    monkeypatch.setattr("pipeline.ledger.provenance.model_hashes", lambda _names: newer)
    season.put(f"{key(2)}.jpg", photo_of(PASS, 2))
    assert season.round().examined == 1, "the old stay as they were judged"
    shown = rejudge_season(season.folder, None, apply=False, ledger=season.ledger)
    assert shown.needs == {"version": 1}
    rejudge_season(season.folder, None, apply=True, ledger=season.ledger, pool=stub_pool)
    again = rejudge_season(season.folder, None, apply=False, ledger=season.ledger)
    assert again.needs == {}


def test_rules_of_another_version_are_told_and_looked_at_when_asked(season):

    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round()
    fewer = {"fewer": "1"}  # as an older program wrote it: without the newest rule
    with open_season(season.folder, season.ledger) as opened, opened.engine.begin() as connection:
        from sqlalchemy import select, update

        from pipeline.ledger.codec import encode_findings, findings_decoder
        from pipeline.ledger.provenance import provenance_sha256
        from pipeline.ledger.tables import examinations, instruments

        tools = {"sha256": provenance_sha256(fewer), "tools": fewer}
        connection.execute(instruments.insert().values(tools))
        found = findings_decoder()(connection.scalar(select(examinations.c.findings)))
        kept = encode_findings([f for f in found if f.code != "MO001"])
        connection.execute(
            update(examinations).values(findings=kept, instruments_sha256=tools["sha256"])
        )
    season.put(f"{key(2)}.jpg", photo_of(PASS, 2))
    with pytest.raises(UsageError, match="other rules"):
        season.round()
    shown = rejudge_season(season.folder, None, apply=False, ledger=season.ledger)
    assert shown.needs == {"version": 1}
    rejudge_season(season.folder, None, apply=True, ledger=season.ledger, pool=stub_pool)
    assert season.round().taken.new == 1
    assert season.verdicts()["2"] == "pass"


def test_a_spec_of_another_version_is_told_and_can_be_replaced(season, tmp_path):
    from sqlalchemy import update

    from pipeline.ledger.database import open_database
    from pipeline.ledger.tables import specs

    season.put(f"{key(1)}.jpg", photo_of(RETAKE, 1))
    season.round()
    engine = open_database(season.folder, season.ledger, create=False)
    with engine.begin() as connection:
        document = dict(connection.execute(specs.select()).one().document)
        document["limits"] = {k: v for k, v in document["limits"].items() if k != "mouth"}
        connection.execute(update(specs).values(document=document))
    engine.dispose()
    with pytest.raises(UsageError, match=r"limits\.mouth.*season rejudge"):
        season.round()
    done = rejudge_season(
        season.folder, "chsi_graduate", apply=False, ledger=season.ledger, pool=stub_pool
    )
    assert "limits.mouth.gap" in done.needs
