"""Real photographs of every sort: each gives one whole record, whatever the file is."""

import csv

import pytest

from checks import CHECKS
from pipeline.core.records import Submission
from pipeline.core.rules import Mode, Outcome, Verdict
from pipeline.core.verdict import counting, remedies, verdict_of
from pipeline.examine.examine import examine
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.rules import photo_rules

pytestmark = pytest.mark.photos
EVERY = 6  # one photo in six: enough of every group, a fifth of a minute


@pytest.fixture(scope="module")
def examined(photos, spec):
    """(row of labels.csv, examination) of a sample over all groups."""
    with (photos / "labels.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))[::EVERY]
    setting, tools = Setting(spec, Mode.SOURCE), Tools(CHECKS, load_models())

    def one(row):
        submission = Submission(row["path"], photos / row["path"])
        return examine(submission, setting, tools)

    return [(row, one(row)) for row in rows]


def test_every_photo_has_one_finding_for_every_rule(examined):
    codes = sorted(rule.code for rule in photo_rules(CHECKS))
    for row, examination in examined:
        assert [f.code for f in examination.findings] == codes, row["path"]


def test_no_photo_without_a_face_passes(examined, spec):
    remedy = remedies(photo_rules(CHECKS), spec.remedies)
    for row, examination in examined:
        found = {f.code: f.outcome for f in examination.findings}
        if found["FC001"] is not Outcome.PASSED:
            verdict = verdict_of(counting(examination.findings, remedy), remedy)
            assert verdict is not Verdict.PASS, row["path"]


def test_a_face_that_was_found_is_measured_or_a_person_looks(examined):
    for row, examination in examined:
        found = {f.code: f for f in examination.findings}
        if found["FC001"].outcome is Outcome.PASSED:
            for code in ("FC004", "FC005", "FC006", "FC007", "EY001", "SH001"):
                finding = found[code]
                cause = found.get(finding.caused_by)
                reason = cause is None or cause.outcome is Outcome.BROKEN  # sunglasses: EY001
                assert finding.measured is not None or reason, row["path"]


def test_portraits_of_the_id_style_show_one_face(examined):
    rows = [(r, e) for r, e in examined if r["group"] == "idstyle"]
    assert rows
    for row, examination in rows:
        found = {f.code: f.outcome for f in examination.findings}
        assert found["FC001"] is Outcome.PASSED, row["path"]
        assert found["FC002"] is Outcome.PASSED, row["path"]
