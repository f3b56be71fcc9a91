"""A picture that was refused is known again, whoever hands it in."""

import stat
from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.core.errors import UsageError
from pipeline.core.records import Match
from pipeline.core.rules import Outcome, Remedy
from pipeline.core.run_photos import Matched, Photos, PhotoSummary
from pipeline.duplicates.claims import Claim
from pipeline.duplicates.fingerprints import fingerprint, read_fingerprints, write_fingerprints
from pipeline.duplicates.resubmitted import Refused, Rejected, read_rejected, rejected_findings
from pipeline.rules.duplicates import DU006

SHA = {name: f"{number:064x}" for number, name in enumerate(("old", "new", "other"), 1)}


def scene(seed):
    noise = np.random.default_rng(seed).integers(0, 256, (300, 240, 3), np.uint8)
    smooth = cv2.GaussianBlur(noise, (0, 0), 5)
    return np.asarray(cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX), np.uint8)


def print_of(pixels):
    return fingerprint(None, np.ascontiguousarray(pixels))


PRINT = print_of(scene(1))
OLD = Rejected("first/1.jpg", "S1", SHA["old"], PRINT.code)


def finding(pixels, student="S1", sha256=SHA["new"], rejected=(OLD,), claim=None):
    found, refused = print_of(pixels), None
    if rejected is not None:
        refused = Refused(tuple(rejected), lambda _: PRINT)
    photos = Photos([PhotoSummary("a", sha256, (), found.code)], None, lambda _: found)
    matched = Matched(photos, (), {"a": Match("a", student, False, ())})
    return rejected_findings(matched, refused, {} if claim is None else {"a": claim})["a"]


def test_the_same_file_is_a_rejected_picture():
    found = finding(scene(2), sha256=SHA["old"])
    assert (found.outcome, found.measured) == (Outcome.BROKEN, 1.0)
    assert found.because.zh == "被驳回的照片再次提交：文件完全相同"
    assert found.because.en == "a rejected picture handed in again: identical files"
    assert DU006.remedy is Remedy.RETAKE


@pytest.mark.parametrize(
    "altered",
    [
        lambda p: cv2.resize(p, (480, 600)),
        lambda p: p[6:-6, 5:-5],
        lambda p: np.asarray(cv2.imdecode(cv2.imencode(".jpg", p, [1, 40])[1], 1)),
    ],
    ids=["resized", "cropped", "re-encoded"],
)
def test_the_same_picture_in_another_file_is_too(altered):
    found = finding(altered(scene(1)))
    assert found.outcome is Outcome.BROKEN
    assert found.because.zh == "被驳回的照片再次提交：画面相同"


def test_a_mirror_image_says_so():
    assert "左右镜像" in finding(scene(1)[:, ::-1]).because.zh


def test_another_students_rejected_picture_names_the_student_and_one_s_own_does_not():
    assert "【S1】" in finding(scene(1), student="S2").because.zh
    assert "S1" in finding(scene(1), student="S2").because.en
    assert "S1" not in finding(scene(1), student="S1").because.zh


@pytest.mark.parametrize("sha256", [SHA["new"], SHA["old"]], ids=["picture", "file"])
def test_a_picture_that_had_passed_before_the_refused_one_came_is_not_handed_in_again(sha256):
    later = replace(OLD, claim=Claim(2))
    seen = {"sha256": sha256, "student": "S2", "rejected": [later]}
    assert finding(scene(1), claim=Claim(1, passed=1), **seen).outcome is Outcome.PASSED
    for claim in (Claim(1), Claim(1, passed=2), Claim(3, passed=3), None):
        assert finding(scene(1), claim=claim, **seen).outcome is Outcome.BROKEN
    both = {**seen, "rejected": [later, replace(OLD, student_key="S0", claim=Claim(0))]}
    assert finding(scene(1), claim=Claim(1, passed=1), **both).outcome is Outcome.BROKEN


def test_another_picture_passes():
    assert finding(scene(2)).outcome is Outcome.PASSED


def test_a_rejected_file_without_a_fingerprint_is_known_by_its_bytes_alone():
    bare = Rejected("first/1.jpg", "S1", SHA["old"], None)
    assert finding(scene(1), rejected=[bare]).outcome is Outcome.PASSED
    assert finding(scene(1), rejected=[bare], sha256=SHA["old"]).outcome is Outcome.BROKEN


def test_files_that_could_not_be_read_are_not_the_same_file():
    unreadable = Rejected("first/1.jpg", "S1", "", None)
    assert finding(scene(1), sha256="", rejected=[unreadable]).outcome is Outcome.PASSED


def test_without_earlier_results_the_rule_does_not_apply_but_with_none_rejected_it_passes():
    assert finding(scene(1), rejected=None).outcome is Outcome.NOT_APPLICABLE
    assert finding(scene(1), rejected=[]).outcome is Outcome.PASSED


def test_the_order_of_the_rejected_does_not_matter():
    twin = Rejected("first/2.jpg", "S3", SHA["other"], OLD.code)
    ways = [finding(scene(1), student="S2", rejected=order) for order in ([OLD, twin], [twin, OLD])]
    assert ways[0] == ways[1]


# -- what a run keeps of its pictures ------------------------------------------------


def test_fingerprints_are_read_back_as_written_by_the_hash_of_their_file(tmp_path):
    prints = {SHA["old"]: print_of(scene(1)), SHA["new"]: print_of(scene(2))}
    write_fingerprints(tmp_path / "one.npz", prints)
    write_fingerprints(tmp_path / "two.npz", dict(reversed(prints.items())))
    assert read_fingerprints(tmp_path / "one.npz") == prints
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert stat.S_IMODE((tmp_path / "one.npz").stat().st_mode) == 0o600


def test_no_fingerprints_are_a_file_too(tmp_path):
    write_fingerprints(tmp_path / "none.npz", {})
    assert read_fingerprints(tmp_path / "none.npz") == {}


@pytest.mark.parametrize("data", [b"", b"no such thing", b"PK\x03\x04torn"])
def test_anything_else_is_refused_in_one_line(data, tmp_path):
    (tmp_path / "bad.npz").write_bytes(data)
    with pytest.raises(UsageError, match=r"bad\.npz"):
        read_fingerprints(tmp_path / "bad.npz")


def test_rejected_are_photos_to_retake_for_what_is_in_the_picture(tmp_path):
    rows = [
        "photo,sha256,student_id,verdict,codes",
        f"old.jpg,{SHA['old']},S1,retake,EY001;FS001",
        f"big.jpg,{SHA['new']},S2,retake,FS001;RS001",  # a better file of it may come
        f"doubt.jpg,{SHA['other']},S3,fail,DU001",
        "fine.jpg,ff,S4,pass,",
    ]
    (tmp_path / "photos.csv").write_text("\n".join(rows), encoding="utf-8-sig")
    known = read_rejected(tmp_path / "photos.csv", {SHA["old"]: PRINT})
    assert known == (Rejected("old.jpg", "S1", SHA["old"], PRINT.code),)


def test_a_list_without_its_columns_is_refused(tmp_path):
    (tmp_path / "photos.csv").write_text("photo,sha256\na,b\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"photos\.csv"):
        read_rejected(tmp_path / "photos.csv", {})
