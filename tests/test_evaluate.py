"""`gradphoto evaluate`: intervals, counts, folds that do not leak, labels as they come."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.measuring.evaluation import HEADS, rows_of, show
from flows.measuring.fitting import Example, Limited, Weighted, choose_limit, fit
from flows.measuring.intervals import Counts, Tally, count, folds_of, wilson
from flows.measuring.labels import (
    TRUTHS,
    Labelled,
    add_labels,
    colour_of,
    is_clean,
    parse_labels,
    read_labels,
)
from pipeline.core.errors import UsageError
from pipeline.core.rules import Outcome, Verdict
from pipeline.examine.logistic import fit_linear

# -- intervals -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (42, 48, 0.7530, 0.9414),
        (39, 39, 0.9103, 1.0),
        (0, 472, 0.0, 0.0081),
        (1, 19, 0.0094, 0.2464),
    ],
)
def test_wilson_gives_the_known_intervals(hits, of, low, high):
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-4)


def test_nothing_counted_says_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 2000), st.data())
def test_an_interval_holds_its_share_and_narrows_with_more_photos(of, data):
    hits = data.draw(st.integers(0, of))
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1
    wider = wilson(hits * 4, of * 4)
    assert wider[1] - wider[0] <= high - low


# -- counts ----------------------------------------------------------------------------


def judged(fault, outcome, verdict=Verdict.PASS) -> Tally:
    return Tally(fault, outcome, verdict)


def test_every_photo_is_counted_on_its_side():
    rows = [
        judged(True, Outcome.BROKEN, Verdict.RETAKE),
        judged(True, Outcome.PASSED),
        judged(False, Outcome.BROKEN, Verdict.RETAKE),
        judged(False, Outcome.PASSED),
        judged(False, Outcome.PASSED),
    ]
    assert count(rows) == Counts(2, 1, 3, 1, 0)


@pytest.mark.parametrize(
    ("verdict", "caught"), [(Verdict.RETAKE, 1), (Verdict.FAIL, 1), (Verdict.PASS, 0)]
)
def test_a_lost_face_is_caught_only_where_the_photo_is_stopped(verdict, caught):
    counts = count([judged(True, Outcome.SKIPPED, verdict)])
    assert (counts.positives, counts.caught, counts.skipped) == (1, caught, 1)


def test_a_stopped_photo_whose_rule_passed_is_a_miss():
    assert count([judged(True, Outcome.PASSED, Verdict.RETAKE)]).caught == 0


def test_a_sound_photo_that_could_not_be_assessed_is_no_false_alarm():
    assert count([judged(False, Outcome.SKIPPED, Verdict.FAIL)]) == Counts(0, 0, 1, 0, 1)


# -- folds -----------------------------------------------------------------------------

components = st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=80)


@given(components, st.integers(2, 6))
def test_a_component_never_lies_in_two_folds(names, folds):
    fold = folds_of(names, folds)
    assert len(fold) == len(names)
    assert set(fold) <= set(range(folds))
    for name in set(names):
        assert len({f for n, f in zip(names, fold, strict=True) if n == name}) == 1


@given(components, st.integers(2, 6), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(names, folds, random):
    shuffled = random.sample(names, len(names))
    first = dict(zip(names, folds_of(names, folds), strict=True))
    assert dict(zip(shuffled, folds_of(shuffled, folds), strict=True)) == first


def test_folds_are_filled_evenly():
    fold = folds_of([f"c{k}" for k in range(50)], 5)
    assert [fold.count(k) for k in range(5)] == [10] * 5


# -- labels ----------------------------------------------------------------------------


def test_labels_as_they_come():
    assert parse_labels("face_count=1;face_count=1;hat=0;tiny;png exif_orientation=3;note=a=b") == {
        "face_count": "1",
        "hat": "0",
        "png exif_orientation": "3",
        "note": "a=b",
    }
    assert parse_labels("") == {}


@pytest.mark.parametrize(
    ("code", "labels", "truth"),
    [
        ("HT001", "hat=cap", True),
        ("HT001", "hat=0", False),
        ("HT001", "hat=cap?", None),
        ("HT001", "", None),
        ("MK001", "mask=1", True),
        ("EY002", "sunglasses=0", False),
        ("EY001", "eyes=one_closed", True),
        ("EY001", "eyes=one_closed?", None),
        ("EY001", "eyes=open", False),
        ("MK002", "hand_on_face=1", True),
        ("EY004", "glasses=0", False),
        ("FC001", "face_count=0", True),
        ("FC001", "face_count=2+", False),
        ("FC002", "face_count=2+", True),
        ("FC002", "face_count=8", True),
        ("FC002", "face_count=1", False),
        ("FC002", "face_count=1+", None),
        ("FC002", "face_count=0", None),
        ("FC002", "face_count=many", None),
    ],
)
def test_what_labels_say_of_a_rule(code, labels, truth):
    assert TRUTHS[code](parse_labels(labels)) is truth


@pytest.mark.parametrize(
    ("value", "colour"),
    [("blue", "blue"), ("dark", "other"), ("green", "other"), ("red?", None), ("", None)],
)
def test_the_colour_of_a_background(value, colour):
    assert colour_of({"background": value}) == colour


CLEAN = "face_count=1;hat=0;mask=0;sunglasses=0;background=blue;pose=frontal"


@pytest.mark.parametrize(
    ("labels", "clean"),
    [
        (CLEAN, True),
        (f"{CLEAN};glasses=1", True),
        (f"{CLEAN};eyes=closed", False),
        (f"{CLEAN};eyes=closed?", False),
        (f"{CLEAN};hat=cap", False),
        ("face_count=1;mask=0;sunglasses=0;background=blue", False),
        ("compliant=1", True),
        (f"{CLEAN};compliant=0(lighting)", False),
    ],
)
def test_clean_is_judged_and_without_a_fault(labels, clean):
    assert is_clean(parse_labels(labels)) is clean


def write(folder: Path, text: str) -> Path:
    file = folder / "labels.csv"
    file.write_text(text, encoding="utf-8-sig")
    return file


def test_paths_are_relative_to_the_file_and_a_row_is_its_own_component(tmp_path):
    file = write(tmp_path, "path,labels,component,other\na/b.jpg,hat=0,c1,x\nc.jpg,mask=1,,\n,,,\n")
    first, second = read_labels(file)
    assert first.path == tmp_path / "a/b.jpg"
    assert (first.component, second.component) == ("c1", "c.jpg")
    assert second.labels == {"mask": "1"}


@pytest.mark.parametrize("text", ["path,component\nx,y\n", ""])
def test_a_file_without_labels_is_unusable(tmp_path, text):
    with pytest.raises(UsageError, match="labels"):
        read_labels(write(tmp_path, text))


def test_further_labels_join_by_the_bytes_and_never_overrule(tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"x")
    row = Labelled(tmp_path / "x.jpg", "x.jpg", "", "c", {"hat": "cap"})
    more = tmp_path / "more.csv"
    more.write_text("sha256,labels\n2d711642b726b044,hat=0;glasses=1\n", encoding="utf-8")
    (joined,) = add_labels((row,), more)
    assert joined.labels == {"hat": "cap", "glasses": "1"}


# -- what is fitted --------------------------------------------------------------------


def test_a_limit_lies_in_the_middle_of_the_gap():
    assert choose_limit([0.6, 0.8], [0.1, 0.2]) == pytest.approx(0.4)


def test_a_wrong_label_does_not_drag_the_limit_into_the_sound():
    sound = [k / 1000 for k in range(50)]
    assert choose_limit([0.02, 0.6, 0.7, 0.8], sound) == pytest.approx((0.049 + 0.6) / 2)


def test_one_side_alone_gives_a_limit_beyond_it():
    assert choose_limit([0.6], []) < 0.6


def test_a_rule_of_three_measures_is_broken_by_each():
    none = {"covered": 0.0, "around": 0.0, "beside": 0.0}
    rows = [
        Example(none, fault=False),
        Example({**none, "covered": 0.9}, fault=True),
        Example({**none, "around": 0.4}, fault=True),
        Example({**none, "beside": 0.5}, fault=True),
    ]
    fitted = fit("HT001", rows)
    assert isinstance(fitted, Limited)
    assert [fitted.breaks(row.measures) for row in rows] == [False, True, True, True]


def test_without_both_sides_nothing_is_fitted():
    assert fit("MK001", [Example({"covered": 0.1}, fault=False)]) is None
    assert fit("MK001", []) is None


def test_weights_separate_and_stay_small():
    rows = [Example({"a": float(k), "b": 1.0}, fault=k >= 5) for k in range(10)]
    fitted = fit("EY004", rows)
    assert isinstance(fitted, Weighted)
    assert [fitted.breaks(row.measures) for row in rows] == [row.fault for row in rows]
    assert max(map(abs, fitted.weights.weights)) < 5
    assert fitted.weights.weights[1] == pytest.approx(0, abs=1e-6), "says nothing"


def test_a_measure_far_outside_says_no_more_than_a_far_one():
    rows = [{"a": float(k % 5)} for k in range(20)]
    weights = fit_linear(rows, [row["a"] > 2 for row in rows], penalty=0.01)
    assert weights.score({"a": 1e9}) == weights.score({"a": 1e6}) < 1


def test_a_fit_of_one_side_is_refused():
    with pytest.raises(ValueError, match="both sides"):
        fit_linear([{"a": 1.0}], [True], penalty=0.1)


# -- the table -------------------------------------------------------------------------


def test_piped_it_is_tab_separated(capsys):
    show([("HT001", *["1"] * 14)])
    head, row = capsys.readouterr().out.splitlines()
    assert head.split("\t") == list(HEADS)
    assert len(row.split("\t")) == len(HEADS)


def test_no_photos_give_no_rows(spec):
    assert rows_of([], spec) == []


# -- the command -----------------------------------------------------------------------


def run(*arguments: str):
    import subprocess
    import sys

    command = [sys.executable, "-m", "flows.cli", "evaluate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_command_counts_what_is_there_and_names_what_is_not(tmp_path, jpeg, framed, sitter):
    seeds = (3, 7, 11, 13)
    for seed in seeds:
        (tmp_path / f"{seed}.jpg").write_bytes(jpeg(sitter(seed)))
        (tmp_path / f"cap{seed}.jpg").write_bytes(jpeg(sitter(seed, wear="cap")))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    rows = [f"{seed}.jpg,hat=0;unknown=7,c{seed}" for seed in seeds]
    rows += [f"cap{seed}.jpg,hat=cap,c{seed}" for seed in seeds]
    rows += ["broken.jpg,hat=cap,c9", "gone.jpg,hat=0,c8"]
    file = write(tmp_path, "\n".join(["path,labels,component", *rows]) + "\n")
    for extra in ((), ("--folds", "2")):
        done = run(str(file), *extra)
        assert done.returncode == 0, done.stderr
        assert "gone.jpg" in done.stderr
        head, row = done.stdout.splitlines()
        found = dict(zip(head.split("\t"), row.split("\t"), strict=True))
        assert found["rule"] == "HT001"
        assert (found["positives"], found["caught"]) == ("5", "5"), "unreadable: retake"
        assert (found["negatives"], found["false_alarms"]) == ("4", "0")
        assert found["not_assessed"] == "1"


def test_an_unusable_call_is_one_line(tmp_path):
    done = run(str(tmp_path / "none.csv"))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
