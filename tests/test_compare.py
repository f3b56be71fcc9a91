"""The same picture is found again; two people before one wall are no pair."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from pipeline.compare import correlation, duplicate_findings, find_pairs, fingerprint
from pipeline.words import Outcome


@pytest.fixture(scope="module")
def print_of(facts_of):
    def make(pixels):
        return fingerprint(facts_of(pixels).portrait)

    return make


def altered(pixels, how):
    image = Image.fromarray(pixels)
    if how == "re-encoded":
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=40)
        image = Image.open(stream)
    elif how == "resized":
        image = image.resize((720, 960), Image.Resampling.BICUBIC)
    elif how == "cropped":
        image = image.crop((40, 20, image.width - 30, image.height - 40))
    elif how == "brighter":
        image = ImageEnhance.Brightness(image).enhance(1.08)
    return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("how", ["re-encoded", "resized", "cropped", "brighter"])
def test_the_same_picture_is_a_pair(sitter, print_of, how):
    prints = {"a": print_of(sitter(3)), "b": print_of(altered(sitter(3), how))}
    pairs = find_pairs({"a": "1", "b": "2"}, prints, {"a": "S1", "b": "S2"})
    assert [pair.kind for pair in pairs] == ["same_picture"]


def test_different_people_before_one_wall_are_no_pair(sitter, print_of):
    prints = {str(seed): print_of(sitter(seed)) for seed in range(10)}
    names = {photo: f"S{photo}" for photo in prints}
    assert not find_pairs({photo: photo for photo in prints}, prints, names)


def test_the_same_file_is_a_pair_once_and_only_between_students():
    hashes = {"a": "x", "b": "x", "c": "x"}
    pairs = find_pairs(hashes, {}, {"a": "S1", "b": "S1", "c": "S2"})
    assert [(p.kind, p.photo_a, p.photo_b) for p in pairs] == [
        ("same_file", "a", "c"),
        ("same_file", "b", "c"),
    ]


def test_unreadable_files_are_not_the_same_file():
    assert not find_pairs({"a": "", "b": ""}, {}, {"a": "S1", "b": "S2"})


def test_both_photos_of_a_pair_are_broken_and_name_the_other_student():
    owners = {"a": "S1", "b": "S2", "c": "S3"}
    pairs = find_pairs({"a": "x", "b": "x", "c": "y"}, {}, owners)
    found = duplicate_findings(pairs, owners)
    assert found["a"].outcome is Outcome.BROKEN
    assert "S2" in found["a"].because.zh
    assert found["b"].outcome is Outcome.BROKEN
    assert found["c"].outcome is Outcome.PASSED


def test_one_file_under_very_many_students_puts_each_in_a_pair_but_not_with_each_other():
    photos = [f"{number:04}.jpg" for number in range(1000)]
    owners = {photo: photo[:3] for photo in photos}  # ten photos a student
    flat = fingerprint(np.full((320, 240), 50, np.float32))
    pairs = find_pairs(dict.fromkeys(photos, "x"), dict.fromkeys(photos, flat), owners)
    assert len(pairs) < 3 * len(photos)
    assert {photo for pair in pairs for photo in (pair.photo_a, pair.photo_b)} == set(photos)
    found = duplicate_findings(pairs, owners)
    assert {f.outcome for f in found.values()} == {Outcome.BROKEN}
    assert max(len(f.because.zh) for f in found.values()) < 200


def test_a_copy_of_a_file_is_the_same_picture_as_another_too():
    flat = fingerprint(np.full((320, 240), 50, np.float32))
    owners = {"a": "S1", "b": "S1", "c": "S2"}
    pairs = find_pairs({"a": "x", "b": "x", "c": "y"}, dict.fromkeys("abc", flat), owners)
    assert [(p.kind, p.photo_a, p.photo_b) for p in pairs] == [
        ("same_picture", "a", "c"),
        ("same_picture", "b", "c"),
    ]


def test_a_flat_picture_correlates_without_an_error():
    flat = fingerprint(np.full((320, 240), 50, np.float32))
    assert correlation(flat, flat) == 1.0
