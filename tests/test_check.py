"""What a check needs: it is run with facts of that kind, and without them its rules are skipped."""

import pytest

from checks import CHECKS, background, face, mouth, resolution
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import NO_FACE, NOT_ASKED, Check, Judged, run_check
from pipeline.examine.facts import CropFacts, Facts
from pipeline.examine.head_facts import HeadFacts

KINDS = (Facts, CropFacts, HeadFacts)


def facts_of_kind(kind, faces=(), mode=Mode.FINAL):
    """Facts of which only their kind and the faces are known."""
    mesh = ("mesh",) if kind is HeadFacts else ()
    return kind(b"", None, mode, None, faces, None, None, *mesh)


@pytest.mark.parametrize("has", KINDS)
@pytest.mark.parametrize("needs", KINDS)
def test_a_check_runs_where_the_facts_are_of_the_kind_it_needs_or_more(needs, has):
    given = []

    def run(facts, _limits):
        given.append(facts)
        yield mouth.MO001.passed()

    facts = facts_of_kind(has)
    (finding,) = run_check(Check("x", (mouth.MO001,), None, run, needs=needs), facts, None)
    if KINDS.index(has) >= KINDS.index(needs):
        assert (given, finding.outcome) == ([facts], Outcome.PASSED)
    else:
        assert (given, finding.outcome) == ([], Outcome.SKIPPED)


@pytest.mark.parametrize("judges", Judged)
def test_of_a_source_only_checks_of_content_are_given_its_crop(judges):
    given = []

    def run(facts, _limits):
        given.append(facts)
        yield mouth.MO001.passed()

    source = facts_of_kind(HeadFacts, mode=Mode.SOURCE)
    crop = facts_of_kind(HeadFacts)
    vars(source)["content"] = crop
    check = Check("x", (mouth.MO001,), None, run, needs=Facts, judges=judges)
    run_check(check, source, None)
    assert given == [crop if judges is Judged.CONTENT else source]


@pytest.mark.parametrize("check", [mouth.CHECK, background.CHECK, face.CHECK, resolution.PIXELS])
def test_without_a_face_each_rule_waits_for_the_one_that_says_so(check):
    found = run_check(check, facts_of_kind(Facts), None)
    assert tuple(f.code for f in found) == tuple(rule.code for rule in check.rules)
    assert {(f.outcome, f.because, f.caused_by) for f in found} == {
        (Outcome.SKIPPED, NO_FACE, "FC001")
    }


def test_a_rule_that_is_off_does_not_apply_also_where_it_would_be_skipped():
    (finding,) = run_check(mouth.CHECK, facts_of_kind(Facts), None, off={"MO001"})
    assert (finding.outcome, finding.because) == (Outcome.NOT_APPLICABLE, NOT_ASKED)
    assert finding.caused_by is None


def test_checks_of_one_name_are_one_family_and_read_one_table():
    for check in CHECKS:
        family = [other for other in CHECKS if other.name == check.name]
        assert {other.limits for other in family} == {check.limits}
        assert len({rule.code[:2] for other in family for rule in other.rules}) == 1
