"""For the auditor: by what a run judged, and that what came in is what is told of."""

from fixtures.example_result import example_result
from flows.shoot.record import run_record
from pipeline.ledger.season import document_sha256
from pipeline.spec.files import merge, read_files
from reports.summary import summary


def said(document, result, **more):
    return {what.en: text.en for what, text in run_record(document, result, (), **more)}


def test_it_names_spec_program_models_and_adds_up():
    document, result = merge(read_files("chsi_graduate")), example_result(40)
    lines = said(document, result)
    assert document_sha256(document) in lines["Specification"]
    assert lines["Changed against the shipped chsi_graduate"] == "none"
    assert "gradphoto 0." in lines["Program"]
    assert "segmenter" in lines["Models"]
    counted = summary(result).borderline
    assert f"{counted.findings} findings, {counted.students} students" in lines["Near limits"]
    for key, total in (("Files", len(result.photos)), ("Students", len(result.students))):
        left, right = lines[key].split(" = ")
        parts = right.split("; ")[0].split(" + ")
        assert sum(int(part.split()[-1]) for part in parts) == total
        assert str(total) in left


def test_it_says_which_limits_are_not_those_that_are_shipped(tmp_path):
    (tmp_path / "my.toml").write_text(
        'extends = "chsi_graduate"\nid = "my"\n[season]\nmake_up_months = 2\n'
        '[limits.mouth.gap]\nhigh = 0.5\nsource = "ours"\nconfidence = "P"\n',
        "utf-8",
    )
    lines = said(merge(read_files(str(tmp_path / "my.toml"))), example_result(3))
    changed = lines["Changed against the shipped chsi_graduate"]
    assert "season.make_up_months 3 → 2" in changed
    assert "→ 0.5" in changed
    assert "limits.mouth.gap.high" in changed
    assert "ours" not in changed, "a value, not why it is so"
