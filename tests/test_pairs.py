"""The same picture is found however it was altered; two people before one wall are no pair."""

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.core.records import Match
from pipeline.core.rules import Outcome
from pipeline.core.run_photos import Matched, Photos, PhotoSummary
from pipeline.duplicates import pairs as compare
from pipeline.duplicates.fingerprints import codes_of, detail, fingerprint, mirrored
from pipeline.duplicates.pairs import Prints, duplicate_findings, find_pairs, same_pictures
from pipeline.duplicates.similarity import similarity

RED = (214, 40, 40)
SEEDS = range(8)


@pytest.fixture(scope="module")
def print_of(facts_of):
    def make(pixels):
        facts = facts_of(pixels)
        return fingerprint(facts.first_view, facts.photo.pixels)

    return make


@pytest.fixture(scope="module")
def people(sitter, print_of):
    """Fingerprints of different people before one wall, by seed."""
    return {seed: print_of(sitter(seed)) for seed in SEEDS}


def of_all(prints):
    return Prints([one.code for one in prints], prints.__getitem__)


def same_among(some, others):
    mine = of_all(some)
    return same_pictures(mine, mine if others is some else of_all(others))


def pairs_of(hashes, prints, owners):
    """``hashes`` and ``prints`` by photo, ``owners`` the students."""
    summaries = [PhotoSummary(photo, sha256, ()) for photo, sha256 in hashes.items()]
    summaries = [
        replace(b, code=prints[b.photo].code) if b.photo in prints else b for b in summaries
    ]
    matches = {photo: Match(photo, who, False, ()) for photo, who in owners.items()}
    return find_pairs(Matched(Photos(summaries, None, prints.__getitem__), (), matches))


def flat(level=128):
    return fingerprint(None, np.full((320, 240, 3), level, np.uint8))


def noise(seed):
    return np.random.default_rng(seed).integers(0, 256, (40, 30, 3), np.uint8)


def reencoded(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=40)
    return np.asarray(Image.open(stream))


def turned(pixels):
    turn = cv2.getRotationMatrix2D((480, 640), 3.0, 1.0)
    return cv2.warpAffine(pixels, turn, (960, 1280), borderMode=cv2.BORDER_REPLICATE)


ALTERED = {
    "re-encoded at quality 40": reencoded,
    "half the size": lambda p: cv2.resize(p, (480, 640), interpolation=cv2.INTER_AREA),
    "cropped by 8 %": lambda p: p[100:, 76:],
    "turned by 3°": turned,
    "brighter": lambda p: np.clip(p * 1.15, 0, 255).astype(np.uint8),
    "gamma 1.4": lambda p: ((p / 255) ** 1.4 * 255).astype(np.uint8),
}


@pytest.mark.parametrize("how", ALTERED)
def test_the_same_picture_is_a_pair(how, sitter, people, print_of):
    altered = print_of(np.ascontiguousarray(ALTERED[how](sitter(3))))
    pairs = pairs_of({"a": "1", "b": "2"}, {"a": people[3], "b": altered}, {"a": "S1", "b": "S2"})
    assert [pair.kind for pair in pairs] == ["same_picture"]
    assert pairs[0].because.zh == "画面相同"


def test_it_is_told_how_many_pairs_were_laid_on_one_another(people):
    same, told = of_all([people[3]] * 3), []
    same_pictures(same, same, lambda *count: told.append(count))
    assert told[:3] == [(0, 3), (1, 3), (2, 3)]


def test_a_mirrored_picture_is_a_pair_and_says_so(sitter, people, print_of):
    (same,) = same_among([people[3]], [print_of(np.ascontiguousarray(sitter(3)[:, ::-1]))])
    assert same.mirrored
    assert same.because.zh == "画面相同，左右镜像"


def test_another_background_is_a_pair_and_says_so(sitter, people, print_of):
    (same,) = same_among([people[3]], [print_of(sitter(3, backdrop=RED))])
    assert not same.mirrored
    assert same.because.zh == "画面相同，背景不同"
    assert same.because.en == "the same picture, before another background"


def test_different_people_before_one_wall_are_no_pair(people):
    prints = list(people.values())
    assert not same_among(prints, prints)


def test_the_hash_of_the_mirror_image_needs_no_second_look(sitter, people, print_of):
    theirs = codes_of([print_of(np.ascontiguousarray(sitter(3)[:, ::-1])).code])
    ours = codes_of([people[3].code])
    assert np.bitwise_count(mirrored(ours) ^ theirs).sum() <= 20
    assert np.bitwise_count(ours ^ theirs).sum() > compare.MOST_BITS
    assert (mirrored(mirrored(ours)) == ours).all()


@pytest.mark.parametrize(("bits", "pairs"), [(compare.MOST_BITS, 1), (compare.MOST_BITS + 1, 0)])
def test_candidates_differ_in_at_most_so_many_bits(bits, pairs):
    one = fingerprint(None, noise(0))
    code = int.from_bytes(one.code, "big") ^ (2**bits - 1)
    other = replace(one, code=code.to_bytes(32, "big"))
    assert len(same_among([one], [other])) == pairs


@pytest.mark.parametrize(("short", "pairs"), [(0.0, 1), (1e-6, 0)])
def test_a_pair_is_confirmed_from_the_least_similarity_on(short, pairs, monkeypatch):
    one, other = fingerprint(None, noise(0)), fingerprint(None, noise(0) // 2 + noise(1) // 8)
    score = similarity(one, other).score
    assert 0.5 < score < 1
    monkeypatch.setattr(compare, "MOST_BITS", 256)
    monkeypatch.setattr(compare, "LEAST_SIMILARITY", score + short)
    assert len(same_among([one], [other])) == pairs


def test_what_lies_outside_of_the_mask_has_no_say_in_the_detail():
    picture = np.random.default_rng(0).uniform(0, 255, (64, 64)).astype(np.float32)
    mask = np.zeros((64, 64), bool)
    mask[10:50, 20:40] = True
    other = np.where(mask, picture, 255 - picture).astype(np.float32)
    assert np.allclose(detail(picture, mask, 0.1), detail(other, mask, 0.1), atol=1e-3)
    assert not detail(picture, mask, 0.1)[~mask].any()


def test_the_similarity_is_that_of_the_picture_not_of_its_light():
    ramp = noise(0).astype(np.float32)
    darker = (ramp * 0.5 + 20).astype(np.uint8)
    assert similarity(fingerprint(None, noise(0)), fingerprint(None, darker)).score > 0.98
    assert similarity(fingerprint(None, noise(0)), fingerprint(None, 255 - noise(0))).score < 0


def test_a_photo_without_a_face_is_found_again_by_its_whole_frame():
    scene = cv2.GaussianBlur(
        np.random.default_rng(5).integers(0, 256, (300, 200, 3), np.uint8), (0, 0), 4
    )
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    one = fingerprint(None, scene)
    other = fingerprint(None, np.ascontiguousarray(reencoded(cv2.resize(scene, (300, 450)))))
    assert len(same_among([one], [other])) == 1


def test_a_fingerprint_is_small_and_the_same_every_time(sitter, people, print_of):
    import pickle

    assert print_of(sitter(3)) == people[3]
    assert len(pickle.dumps(people[3])) < 6000


def test_the_same_file_is_a_pair_once_and_only_between_students():
    hashes = {"a": "x", "b": "x", "c": "x"}
    pairs = pairs_of(hashes, {}, {"a": "S1", "b": "S1", "c": "S2"})
    assert [(p.kind, p.photo_a, p.photo_b) for p in pairs] == [
        ("same_file", "a", "c"),
        ("same_file", "b", "c"),
    ]


def test_unreadable_files_are_not_the_same_file():
    assert not pairs_of({"a": "", "b": ""}, {}, {"a": "S1", "b": "S2"})


def test_both_photos_of_a_pair_are_broken_and_name_the_other_student():
    owners = {"a": "S1", "b": "S2", "c": "S3"}
    pairs = pairs_of({"a": "x", "b": "x", "c": "y"}, {}, owners)
    found = duplicate_findings(pairs, owners)
    assert found["a"].outcome is Outcome.BROKEN
    assert "S2" in found["a"].because.zh
    assert found["b"].outcome is Outcome.BROKEN
    assert found["c"].outcome is Outcome.PASSED


def test_one_file_under_very_many_students_puts_each_in_a_pair_but_not_with_each_other():
    photos = [f"{number:04}.jpg" for number in range(1000)]
    owners = {photo: photo[:3] for photo in photos}  # ten photos a student
    pairs = pairs_of(dict.fromkeys(photos, "x"), dict.fromkeys(photos, flat()), owners)
    assert len(pairs) < 3 * len(photos)
    assert {photo for pair in pairs for photo in (pair.photo_a, pair.photo_b)} == set(photos)
    found = duplicate_findings(pairs, owners)
    assert {f.outcome for f in found.values()} == {Outcome.BROKEN}
    assert max(len(f.because.zh) for f in found.values()) < 200


def test_a_copy_of_a_file_is_the_same_picture_as_another_too():
    owners = {"a": "S1", "b": "S1", "c": "S2"}
    pairs = pairs_of({"a": "x", "b": "x", "c": "y"}, dict.fromkeys("abc", flat()), owners)
    assert [(p.kind, p.photo_a, p.photo_b) for p in pairs] == [
        ("same_picture", "a", "c"),
        ("same_picture", "b", "c"),
    ]


def test_a_flat_picture_correlates_without_an_error():
    assert similarity(flat(), flat()).score == 1.0
