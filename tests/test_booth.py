"""The booth's faults: runs of frames with one cause, told once, from which to which."""

import pytest

from checks import CHECKS
from pipeline.batch.booth import booth_faults, runs
from pipeline.batch.compare import compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.core.bands import Band
from pipeline.core.causes import Cause
from pipeline.core.records import Examination, Student
from pipeline.core.rules import Mode, Text, Verdict
from pipeline.core.run_photos import in_memory
from pipeline.rules import run_rules

RULES = {rule.code: rule for rule in run_rules(CHECKS)}
SIZE = Band(low=180, high=300, source="s", confidence="P")


def near(amount: float) -> Cause:
    return Cause(
        "too_near",
        ("FC006",),
        Text("离远一点", "stand farther"),
        Text(f"后退约 {amount:.0f} %", f"step back by about {amount:.0f} %"),
        Text("过近", "too near"),
        amount,
    )


def examined(number: int, fault: str = "", *, camera: str = "D750", amount: float = 15):
    findings, causes = (), ()
    if fault == "near":
        findings, causes = (RULES["FC006"].judge(320, SIZE),), (near(amount),)
    elif fault:
        findings = (RULES[fault].broken(),)
    return Examination(
        f"IMG_{number:04}.jpg", f"{number}", Mode.SOURCE, findings, causes=causes, camera=camera,
        captured=f"2026:04:01 09:{number // 60:02}:{number % 60:02}",
    )  # fmt: skip


@pytest.fixture
def shoot(spec):
    def run(frames):
        students = tuple(Student(f"2023{n:04}", n + 2) for n in range(len(frames)))
        manifest = {f.photo: s.key for f, s in zip(frames, students, strict=True)}
        matched = match(in_memory(frames), students, manifest)
        return judge(compare(matched, spec.identity), spec, RULES.values(), Mode.SOURCE)

    return run


def of(pattern: str, **how):
    """A frame for each letter: n too near, r light uneven, e eyes closed, . good."""
    faults = {"n": "near", "r": "LT002", "e": "EY001", ".": ""}
    return [examined(number, faults[letter], **how) for number, letter in enumerate(pattern)]


@pytest.mark.parametrize(
    ("hits", "found"),
    [
        ("xxxx", []),
        ("xxxxx", [(0, 5)]),
        ("..xxxxx..", [(2, 7)]),
        ("xx.xx.xxx", [(0, 9)]),
        ("xxxxx......xxxxx", [(0, 5), (11, 16)]),
        ("xxxxx..xxxxx", [(0, 12)]),
        ("x..x..x..x..x..x..x..x", []),
        ("", []),
    ],
)
def test_a_run_is_where_the_cause_outweighs_by_five(hits, found):
    assert runs([hit == "x" for hit in hits]) == found


def test_one_cause_in_most_frames_of_a_run_is_told_once(shoot):
    result = shoot(of("...." + "nn.nnn.nn" + "...."))
    (fault,) = result.booth
    assert (fault.name, fault.cause, fault.codes) == ("booth-1", "too_near", ("FC006",))
    assert (fault.first, fault.last) == ("IMG_0004.jpg", "IMG_0012.jpg")
    assert (fault.frames, len(fault.photos)) == (9, 7)
    assert (fault.began, fault.ended) == ("2026:04:01 09:00:04", "2026:04:01 09:00:12")
    assert fault.camera == "IMG D750"


def test_the_advice_is_enough_for_nine_in_ten(shoot):
    frames = [examined(n, "near", amount=5 * (n + 1)) for n in range(20)]
    (fault,) = shoot(frames).booth
    assert fault.advice.zh == "后退约 95 %"


def test_a_rule_may_be_its_own_cause(shoot):
    assert [f.cause for f in shoot(of("rrrrr")).booth] == ["LT002"]


def test_what_students_do_is_no_fault_of_the_booth(shoot):
    assert shoot(of("eeeeeeee")).booth == ()


def test_too_few_are_told_one_by_one(shoot):
    assert shoot(of("nnnn")).booth == ()


def test_two_cameras_are_two_booths(shoot):
    frames = [examined(n, "near" if n % 2 else "", camera="AB"[n % 2]) for n in range(12)]
    (fault,) = shoot(frames).booth
    assert (fault.camera, fault.frames, len(fault.photos)) == ("IMG B", 6, 6)


def test_verdicts_and_codes_stay(shoot):
    result = shoot(of("nnnnnn"))
    assert {row.verdict for row in result.students} == {Verdict.RETAKE}
    assert {row.codes for row in result.students} == {("FC006",)}


def test_without_an_order_there_is_no_run(spec):
    assert booth_faults(match(in_memory([]), ()), {}, RULES) == ()
