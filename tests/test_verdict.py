"""fail beats retake, notes change nothing, a skip never passes."""

from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Text, Verdict
from pipeline.core.verdict import counting, remedies, verdict_of

W = Text("", "")


def rule(code, remedy):
    return Rule(code, remedy, W, W, W, W, "", "test")


RULES = [
    rule("FC001", Remedy.RETAKE),
    rule("EY001", Remedy.RETAKE),
    rule("HT001", Remedy.STAFF),
    rule("RS003", Remedy.NOTE),
]
REMEDY = remedies(RULES, {})


def verdict(*findings, remedy=REMEDY):
    counted = counting(findings, remedy)
    return verdict_of(counted, remedy), [f.code for f in counted]


def finding(code, outcome, cause=None):
    return Finding(code, outcome, caused_by=cause)


def test_nothing_broken_passes():
    assert verdict(finding("FC001", Outcome.PASSED)) == (Verdict.PASS, [])


def test_not_applicable_has_no_effect():
    assert verdict(finding("HT001", Outcome.NOT_APPLICABLE)) == (Verdict.PASS, [])


def test_fail_beats_retake_and_every_reason_is_kept():
    broken = [finding(code, Outcome.BROKEN) for code in ("HT001", "EY001")]
    assert verdict(*broken) == (Verdict.FAIL, ["EY001", "HT001"])


def test_a_note_changes_no_verdict():
    assert verdict(finding("RS003", Outcome.BROKEN)) == (Verdict.PASS, [])
    assert verdict(finding("RS003", Outcome.SKIPPED)) == (Verdict.PASS, [])


def test_a_skip_fails_unless_a_broken_rule_was_its_cause():
    alone = finding("EY001", Outcome.SKIPPED)
    assert verdict(alone) == (Verdict.FAIL, ["EY001"])
    caused = finding("EY001", Outcome.SKIPPED, "FC001")
    assert verdict(caused, finding("FC001", Outcome.BROKEN)) == (Verdict.RETAKE, ["FC001"])


def test_a_skip_whose_named_cause_is_not_broken_still_fails():
    caused = finding("EY001", Outcome.SKIPPED, "FC001")
    assert verdict(caused, finding("FC001", Outcome.PASSED)) == (Verdict.FAIL, ["EY001"])


def test_a_skip_whose_cause_is_a_mere_note_still_fails():
    """A spec may make sunglasses a note; the eyes behind them are unseen all the same."""
    broken, caused = finding("HT001", Outcome.BROKEN), finding("EY001", Outcome.SKIPPED, "HT001")
    assert verdict(broken, caused)[1] == ["HT001"]
    noted = remedies(RULES, {"HT001": Remedy.NOTE})
    assert verdict(broken, caused, remedy=noted) == (Verdict.FAIL, ["EY001"])


def test_a_spec_may_change_a_remedy_but_not_make_a_skip_pass():
    softer = remedies(RULES, {"HT001": Remedy.RETAKE})
    assert verdict(finding("HT001", Outcome.BROKEN), remedy=softer)[0] is Verdict.RETAKE
    assert verdict(finding("HT001", Outcome.SKIPPED), remedy=softer)[0] is Verdict.FAIL
