"""A name that every file system takes, made out of any text; one that is fit is not touched."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import RosterError
from pipeline.core.records import Student
from pipeline.intake.file_names import (
    MOST_BYTES,
    folded_name,
    is_portable,
    portable_name,
    upload_names,
)

CALM = settings(deadline=None)  # a busy machine is no failure


@CALM
@given(st.text(max_size=300) | st.text("./\\ :con\0\u202e学", max_size=12))
def test_a_portable_name_is_one_and_stays_as_it_is(text):
    name = portable_name(text)
    assert portable_name(name) == name
    assert name
    assert len(name.encode()) <= MOST_BYTES
    assert not set(name) & set('/\\:*?"<>|\0\n\u202e')
    assert name.strip(" .") == name
    assert name.split(".")[0].strip().lower() not in {"con", "nul", "aux", "prn", "com1", "lpt¹"}
    assert (Path("/a") / name).resolve().parent == Path("/a")


@pytest.mark.parametrize(
    "name", ["计算机学院", "2023141460001.jpg", "A (2)", "阿卜杜·热依木", "a_b"]
)
def test_a_name_that_is_fit_is_not_touched(name):
    assert portable_name(name) == name
    assert is_portable(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "_"), ("..", "_"), ("a/../b", "a_.._b"), ("nul", "_nul"), ("Com1.txt", "_Com1.txt"),
        (" 学院. ", "学院"), ("学" * 100, "学" * (MOST_BYTES // 3)), ("e\u0301", "é"),
    ],
)  # fmt: skip
def test_what_becomes_of_one_that_is_not(text, name):
    assert portable_name(text) == name
    assert not is_portable(text) or text == "e\u0301"


@pytest.mark.parametrize("pair", [("A", "a"), ("É", "e\u0301"), ("straße", "STRASSE")])
def test_names_that_some_system_takes_for_one(pair):
    assert len(set(map(folded_name, pair))) == 1


@CALM
@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(text):
    assert folded_name(folded_name(text)) == folded_name(text)


# The names of registration files


@pytest.mark.parametrize(
    "key",
    [
        "采" * 90, "a/b", "a\\b", "..", "../a", "C:a", "x" * 300, "a\nb", "a\0b", " a", "a ", "a.",
        ".a", "CON", "nul", "com1.x", "LPT²", "a\u202eb", "a\u200bb",
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_a_file_name_is_refused_with_its_row(spec, key):
    with pytest.raises(RosterError, match="row 7") as error:
        upload_names([Student(key, 7)], spec)
    assert key not in str(error.value)


@pytest.mark.parametrize("pair", [("ab1", "AB1"), ("\u00e9", "e\u0301"), ("ß1", "SS1")])
def test_numbers_that_some_system_takes_for_one_are_refused_with_their_rows(spec, pair):
    with pytest.raises(RosterError, match="rows 2 and 3"):
        upload_names([Student(pair[0], 2), Student(pair[1], 3)], spec)


@pytest.mark.parametrize("key", ["2023141460012", "CONAN", "com10", "a.b", "采集-01"])
def test_a_number_that_can_be_a_file_name_is_one(spec, key):
    assert upload_names([Student(key, 2)], spec) == {key: f"{key}.jpg"}
