"""The checks in sequence: each photo once in each family, at its worst."""

from collections import Counter

import pytest

from checks import CHECKS
from fixtures.example_result import example_result
from pipeline.core.records import PhotoRow
from pipeline.core.rules import Verdict
from pipeline.rules import all_rules
from reports.families import FAMILIES, by_family


def test_each_rule_is_of_one_family():
    letters = Counter(two for family in FAMILIES.values() for two in family)
    assert set(letters.values()) == {1}
    assert {rule.code[:2] for rule in all_rules(CHECKS)} == set(letters)


def test_the_families_stand_in_the_order_of_the_checks():
    assert [family.zh[:2] for family in FAMILIES] == ["背景", "人脸", "帽子", "分辨", "重复"]


@pytest.mark.parametrize(
    ("row", "face"),
    [
        ({}, "passed"),
        ({"borderline": ("FC003",)}, "borderline"),
        ({"borderline": ("BG001",)}, "passed"),
        ({"skipped": ("FC004",)}, "not_measurable"),
        ({"skipped": ("FC004",), "borderline": ("FC003",)}, "not_measurable"),
        ({"codes": ("FC003",), "skipped": ("FC004",)}, "broken"),
        ({"codes": ("FC004",), "skipped": ("FC004",)}, "not_measurable"),  # it counts, unmeasured
        ({"codes": ("BG001",)}, "passed"),
    ],
)
def test_a_photo_counts_once_at_its_worst(row, face):
    from dataclasses import replace

    one = PhotoRow("a.jpg", "", "1", Verdict.PASS, row.pop("codes", ()), (), **row)
    aside, card = replace(one, set_aside=True), replace(one, is_card=True)
    counts = by_family(replace(example_result(1), photos=(one, aside, card)))[1]
    states = ("passed", "borderline", "broken", "not_measurable")
    assert {s: getattr(counts, s) for s in states} == {s: int(s == face) for s in states}
