"""What is told: each cause once, in three texts; and what the record says of it."""

import json
import re
from dataclasses import replace

import pytest

from checks import CHECKS
from pipeline.core.bands import Band
from pipeline.core.causes import UNCLEAR, Cause, causes_of, unjudged
from pipeline.core.rules import Outcome, Remedy, Rule, Text
from pipeline.core.verdict import counting
from pipeline.ledger.codec import decode_causes, encode_causes
from pipeline.rules import all_rules

RULES = {rule.code: rule for rule in all_rules(CHECKS)}
NEAR = Cause(
    "too_near",
    ("FC005", "FC006"),
    Text("离远一点", "stand farther"),
    Text("后退", "step back"),
    Text("过近", "too near"),
)
EYES = RULES["FC005"].judge(322, Band(low=200, high=300, source="s", confidence="P"))
FACE = RULES["FC006"].judge(310, Band(low=180, high=300, source="s", confidence="P"))
MOUTH = RULES["MO001"].judge(0.2, Band(high=0.12, source="s", confidence="P"))
BLIND = RULES["LT002"].skipped(Text("只看得到一侧", "one side only"))


def test_what_follows_from_one_cause_is_told_once_under_it():
    told = causes_of((EYES, FACE, MOUTH), (NEAR,), RULES)
    assert [(cause.key, cause.codes) for cause in told] == [
        ("too_near", ("FC005", "FC006")),
        ("MO001", ("MO001",)),
    ]
    near = told[0]
    assert near.student.zh == "离远一点"
    assert near.record.zh.startswith("过近；眼睛中心距离顶部百分比不合格：眼睛距上边沿 322px")
    assert "脸部宽度 310px" in near.record.zh


def test_a_cause_whose_rules_do_not_count_is_not_told():
    assert [c.key for c in causes_of((MOUTH,), (NEAR,), RULES)] == ["MO001"]
    (only,) = causes_of((FACE,), (NEAR,), RULES)
    assert only.codes == ("FC006",)


def test_what_could_not_be_assessed_is_one_line_for_staff():
    told = causes_of((BLIND, RULES["LT003"].skipped(Text("太暗", "dark"))), (), RULES)
    assert [(cause.key, cause.codes) for cause in told] == [(UNCLEAR, ("LT002", "LT003"))]
    assert "老师" in told[0].student.zh


def test_the_photographer_is_told_by_how_much_and_what_was_seen():
    band = Band(high=1.5, source="s", confidence="P")
    dark = RULES["LT002"].judge(2.1, band).with_detail(Text("照片左侧较暗", "darker on the left"))
    (cause,) = causes_of((dark,), (), RULES)
    assert cause.photographer.zh == "把较弱一侧的灯调亮或移近（照片左侧较暗）"
    assert cause.photographer.en.endswith("(darker on the left)"), (
        "0.6 of what? A score has no unit"
    )
    (low,) = causes_of(
        (RULES["FC004"].judge(40, Band(low=50, source="s", confidence="P")),), (), RULES
    )
    assert low.photographer.zh.endswith("（差 10px）")
    (plain,) = causes_of((RULES["FL001"].broken(detail=Text("空文件", "empty")),), (), RULES)
    assert plain.photographer.zh.endswith("（空文件）")


def test_how_many_rules_a_break_made_impossible():
    no_face = RULES["FC001"].broken(0)
    others = [RULES[c].skipped(Text("无", "none"), caused_by="FC001") for c in ("EY001", "MO001")]
    findings = (no_face, *others, BLIND)
    remedy = {code: rule.remedy for code, rule in RULES.items()}
    counted = counting(findings, remedy)
    assert unjudged(findings, counted) == (("FC001", 2),)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_each_rule_speaks_to_three_readers_in_two_languages(rule: Rule):
    for text in (rule.student, rule.photographer):
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert text.en.isascii()
        assert text.en[0].islower()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_student_is_told_no_number_and_no_code(rule: Rule):
    assert not re.search(r"\d|[A-Z]{2}\d{3}", rule.student.zh + rule.student.en)


def test_hair_is_no_matter_of_a_rule_of_framing():
    """Only what knows that the hair is too high asks for flatter hair."""
    assert [code for code, r in RULES.items() if re.search("发髻|压低", r.student.zh)] == []


@pytest.mark.parametrize(
    "code", [code for code, r in RULES.items() if r.remedy is Remedy.STAFF and code[:2] != "HT"]
)
def test_what_staff_decide_the_student_waits_for_or_brings(code):
    assert "老师" in RULES[code].student.zh


def test_every_outcome_that_counts_has_a_cause():
    finding = RULES["SN003"].broken(detail=Text("红章", "stamp"))
    (cause,) = causes_of((finding,), (), RULES)
    assert finding.outcome is Outcome.BROKEN
    assert "红章" in cause.record.zh


def test_a_cause_is_kept_in_a_ledger_as_it_is():
    kept = json.loads(json.dumps(encode_causes((NEAR, replace(NEAR, amount=1.15)))))
    assert decode_causes(kept) == (NEAR, replace(NEAR, amount=1.15))
