"""One photo from bytes to findings: one finding a rule, always, and what is left behind."""

import hashlib
import io
import pickle
import re
import stat

import numpy as np
import pytest
from PIL import Image

from checks import CHECKS, files, mask
from pipeline.core.bands import Band
from pipeline.core.errors import CheckError
from pipeline.core.records import Submission
from pipeline.core.rules import Mode, Outcome, Remedy, Rule, Text, Verdict
from pipeline.core.verdict import counting, remedies, verdict_of
from pipeline.examine.check import Check, Judged, run_check
from pipeline.examine.examine import examine, unexamined
from pipeline.examine.facts import Facts
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.rules import photo_rules

CODES = [rule.code for rule in photo_rules(CHECKS)]
REMEDIES = remedies(photo_rules(CHECKS), {})


@pytest.fixture
def look(tmp_path, spec):
    """Examine bytes as a file of the inbox; gives the examination and what was staged."""

    def run(data: bytes, mode=Mode.SOURCE, checks=CHECKS, *, stage_all=False, **output):
        path, staging = tmp_path / "photo.jpg", tmp_path / "staging"
        path.write_bytes(data)
        staging.mkdir(exist_ok=True)
        submission = Submission("photo.jpg", path)
        changed = spec.model_copy(update={"output": spec.output.model_copy(update=output)})
        examination = examine(
            submission,
            Setting(changed, mode, staging, stage_all=stage_all),
            Tools(checks, load_models()),
        )
        return examination, sorted(staging.glob("*.jpg"))

    return run


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def verdict(examination) -> Verdict:
    return verdict_of(counting(examination.findings, REMEDIES), REMEDIES)


def by_code(examination) -> dict:
    return {finding.code: finding for finding in examination.findings}


def test_a_good_source_passes_and_leaves_its_registration_file(look, jpeg, sitter):
    data = jpeg(sitter())
    examination, staged = look(data)
    assert verdict(examination) is Verdict.PASS
    assert [f.code for f in examination.findings] == sorted(CODES)
    assert examination.sha256 == hashlib.sha256(data).hexdigest()
    assert (examination.width_px, examination.height_px) == (960, 1280)
    upload = examination.upload
    (path,) = staged
    assert path == upload.path(path.parent)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    assert path.name == f"{upload.sha256}.jpg"
    assert hashlib.sha256(content).hexdigest() == upload.sha256
    assert len(content) == upload.bytes <= 40 * 1024
    assert upload.quality >= 60
    again, _ = look(content, Mode.FINAL)
    assert verdict(again) is Verdict.PASS, "what we write, we would accept"


def test_a_good_final_file_is_passed_on_byte_for_byte(look, jpeg, framed, sitter):
    data = jpeg(framed(sitter()), quality=85)
    examination, (staged,) = look(data, Mode.FINAL)
    assert verdict(examination) is Verdict.PASS
    assert staged.read_bytes() == data
    assert examination.upload.quality == 85, "as its tables tell"
    assert by_code(examination)["RS003"].because is None


def test_a_final_file_of_wrong_tags_is_mended_and_passes_as_it_then_is(look, jpeg, framed, sitter):
    exif = Image.Exif()
    exif[0x0110] = "camera"
    data = jpeg(framed(sitter()), quality=85, dpi=(72, 72), exif=exif)
    examination, (staged,) = look(data, Mode.FINAL)
    assert verdict(examination) is Verdict.PASS
    tag = by_code(examination)["RS003"]
    assert tag.outcome is Outcome.BROKEN
    assert "72×72 dpi" in tag.because.zh
    assert "已无损改正" in tag.because.zh
    mended = staged.read_bytes()
    assert np.array_equal(pixels(mended), pixels(data))
    assert examination.upload.quality == 85
    again, _ = look(mended, Mode.FINAL)
    assert verdict(again) is Verdict.PASS
    assert by_code(again)["RS003"].outcome is Outcome.PASSED
    assert by_code(again)["RS003"].because is None


def test_tags_are_not_mended_out_of_the_window(look, jpeg, framed, sitter):
    """A file that only its comment brings to 10 KB stays as the student sent it."""
    data = jpeg(framed(sitter()), quality=85, comment=bytes(60_000))
    less = len(jpeg(framed(sitter()), quality=85))
    narrow = Band(low=less / 1024 + 1, high=100, source="test", confidence="P")
    examination, (staged,) = look(data, Mode.FINAL, kb=narrow)
    assert verdict(examination) is Verdict.PASS
    assert staged.read_bytes() == data


def test_what_is_said_of_a_sources_file_is_what_the_file_says(look, jpeg, sitter):
    examination, (staged,) = look(jpeg(sitter()))
    found = by_code(examination)
    assert found["FS001"].measured == staged.stat().st_size / 1024
    assert found["FS002"].outcome is Outcome.NOT_APPLICABLE, "the floor is kept by whoever writes"
    assert found["FS002"].measured == examination.upload.quality
    assert re.search(r"色度 4:\d:\d 压缩，与压缩前的 SSIM 0\.9\d+", found["FS002"].because.zh)


def test_a_source_whose_file_would_be_refused_is_refused_with_its_reason(look, jpeg, sitter):
    """Only in a final file does this check see anything: what is made decides."""

    def sees(facts, _limits):
        final = facts.mode is Mode.FINAL
        yield mask.MK001.broken(1.0) if final else mask.MK001.passed(0.0)

    checks = (
        *(c for c in CHECKS if c.name != "mask"),
        Check("mask", (mask.MK001,), None, sees, needs=Facts, judges=Judged.FRAME),
    )
    examination, staged = look(jpeg(sitter()), checks=checks)
    assert verdict(examination) is not Verdict.PASS
    assert staged == []
    finding = by_code(examination)["MK001"]
    assert finding.outcome is Outcome.BROKEN
    assert finding.because.zh.startswith("生成的成品照片：")


def test_the_same_source_gives_the_same_file_in_every_folder(look, jpeg, sitter):
    data = jpeg(sitter())
    one, two = look(data)[0].upload, look(data)[0].upload
    assert (one.sha256, one.quality) == (two.sha256, two.quality)


def test_a_broken_photo_leaves_none(look, jpeg, sitter):
    examination, staged = look(jpeg(sitter(wear="cap")))
    assert verdict(examination) in {Verdict.RETAKE, Verdict.FAIL}
    assert staged == []
    assert examination.upload is None


def test_a_season_keeps_the_file_of_a_broken_source_too(look, jpeg, sitter, framed):
    """A person, or other limits, may let it pass later; a wall has none, a final file is one."""
    examination, (staged,) = look(jpeg(sitter(wear="cap")), stage_all=True)
    assert verdict(examination) is not Verdict.PASS
    assert examination.upload.path(staged.parent) == staged
    staged.unlink()
    wall = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    for data, mode in ((jpeg(wall), Mode.SOURCE), (jpeg(framed(sitter(wear="cap"))), Mode.FINAL)):
        examination, staged = look(data, mode, stage_all=True)
        assert (examination.upload, staged) == (None, [])


def test_a_note_stops_no_file(look, jpeg, framed, sitter):
    examination, staged = look(jpeg(framed(sitter()), quality=85, dpi=(72, 72)), Mode.FINAL)
    assert by_code(examination)["RS003"].outcome is Outcome.BROKEN
    assert len(staged) == 1


@pytest.mark.parametrize(
    "data",
    [b"", "老师好，照片我明天再交。".encode(), bytes(2000), b"\xff\xd8\xff\xe0 and no more"],
    ids=["empty", "a text", "zeros", "the beginning of a JPEG"],
)
def test_what_cannot_be_read_is_one_broken_rule_that_causes_every_skip(look, data):
    examination, staged = look(data)
    found = by_code(examination)
    assert sorted(found) == sorted(CODES)
    assert found.pop("FL001").outcome is Outcome.BROKEN
    assert found.pop("FL005").outcome is Outcome.PASSED
    assert {(f.outcome, f.caused_by) for f in found.values()} == {(Outcome.SKIPPED, "FL001")}
    assert verdict(examination) is Verdict.RETAKE
    assert staged == []
    assert examination.thumbnail is examination.fingerprint is examination.width_px is None


def test_a_picture_cut_short_is_told_as_such(look, jpeg, sitter):
    examination, _ = look(jpeg(sitter())[:60_000])
    assert by_code(examination)["FL001"].outcome is Outcome.BROKEN
    assert verdict(examination) is Verdict.RETAKE


def test_a_file_that_vanished_is_a_row_all_the_same(tmp_path, spec):
    submission = Submission("gone.jpg", tmp_path / "gone.jpg")
    examination = examine(submission, Setting(spec, Mode.SOURCE), Tools(CHECKS, load_models()))
    assert by_code(examination)["FL001"].outcome is Outcome.BROKEN


def test_a_photo_on_which_a_worker_died_is_for_a_person_to_look_at(tmp_path):
    examination = unexamined(Submission("a.jpg", tmp_path / "a.jpg"), Mode.SOURCE, CHECKS)
    found = by_code(examination)
    assert sorted(found) == sorted(CODES)
    assert found.pop("FL005").outcome is Outcome.BROKEN
    assert {(f.outcome, f.caused_by) for f in found.values()} == {(Outcome.SKIPPED, "FL005")}
    assert verdict(examination) is Verdict.FAIL


def test_no_face_is_a_retake_with_one_reason(look, jpeg):
    examination, _ = look(jpeg(np.full((1280, 960, 3), (100, 197, 255), np.uint8)))
    assert [f.code for f in counting(examination.findings, REMEDIES)] == ["FC001"]
    assert verdict(examination) is Verdict.RETAKE


def forgets(_facts, _limits):
    yield files.FL001.passed()


def repeats(_facts, _limits):
    yield mask.MK001.passed()
    yield mask.MK001.passed()


def speaks_for_another(_facts, _limits):
    yield files.FL001.passed()
    yield mask.MK001.passed()


@pytest.mark.parametrize(
    ("rules", "run"),
    [
        ((files.FL001, files.FL002), forgets),
        ((mask.MK001,), repeats),
        ((mask.MK001,), speaks_for_another),
    ],
)
def test_a_check_that_breaks_its_contract_is_a_bug_and_no_verdict(look, jpeg, rules, run):
    check = Check("odd", rules, None, run, needs=Facts)
    with pytest.raises(CheckError, match="odd"):
        look(jpeg(np.zeros((64, 48, 3), np.uint8)), checks=(check,))


def test_an_error_in_a_check_is_not_taken_for_a_bad_photo(look, jpeg):
    def fails(_facts, _limits):
        raise ZeroDivisionError
        yield

    check = Check("odd", (mask.MK001,), None, fails, needs=Facts)
    with pytest.raises(ZeroDivisionError):
        look(jpeg(np.zeros((64, 48, 3), np.uint8)), checks=(check,))


def test_a_check_changes_no_facts(facts_of, jpeg, sitter, spec):
    """All checks, in either order, come to the same."""
    data = jpeg(sitter())
    forwards, backwards = facts_of(data), facts_of(data)
    one = [f for c in CHECKS for f in run_check(c, forwards, spec.limits.get(c.name))]
    two = [f for c in CHECKS[::-1] for f in run_check(c, backwards, spec.limits.get(c.name))]
    assert sorted(one, key=lambda f: f.code) == sorted(two, key=lambda f: f.code)


def test_what_crosses_to_another_process_is_small_and_holds_no_pixels(look, jpeg, sitter):
    examination, _ = look(jpeg(sitter()))
    assert pickle.loads(pickle.dumps(examination)) == examination
    assert len(pickle.dumps(examination)) < 40_000


DRIFT = Rule(
    "ZZ009", Remedy.RETAKE, Text("偏", "off"), Text("重拍", "again"), Text("再拍", "once more"),
    Text("量", "value"), "px", "test",
)  # fmt: skip


def drifting(source: float, file: float, borderline: str) -> Check:
    """A check of one value in a source, and of another in the file made of it: 0.40 at most."""
    band = Band(
        high=0.4, uncertainty=0.03, uncertainty_source="test", borderline=borderline,
        source="test", confidence="P",
    )  # fmt: skip

    def run(facts, _limits):
        yield DRIFT.judge(source if facts.mode is Mode.SOURCE else file, band)

    bands = {"ZZ009": "limits.hair.covered"}  # as sure as the limit above
    return Check("drift", (DRIFT,), None, run, bands, needs=Facts, judges=Judged.FRAME)


@pytest.mark.parametrize("borderline", ["pass", "staff", "break"])
@pytest.mark.parametrize(("file", "made"), [(0.429, True), (0.431, False)])
def test_the_file_breaks_nothing_by_less_than_it_is_measured_to(
    look, jpeg, sitter, borderline, file, made
):
    drift = drifting(0.4, file, borderline)
    examination, staged = look(jpeg(sitter()), checks=(*CHECKS, drift))
    assert (len(staged) == 1) is made
    finding = by_code(examination)["ZZ009"]
    assert finding.outcome is (Outcome.PASSED if made else Outcome.BROKEN)
    assert finding.measured == (0.4 if made else file), "of the source, or of the file"


@pytest.mark.parametrize(("file", "made"), [(0.449, True), (0.451, False)])
def test_the_file_breaks_nothing_that_it_shows_as_its_source_does(look, jpeg, sitter, file, made):
    """Of a source that is itself borderline: not by a value that is no other than the source's."""
    drift = drifting(0.42, file, "pass")
    examination, staged = look(jpeg(sitter()), checks=(*CHECKS, drift))
    assert (len(staged) == 1) is made
    assert by_code(examination)["ZZ009"].measured == (0.42 if made else file)
