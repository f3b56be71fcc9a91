"""Files, students and pairs come together: what counts, and what only follows from it."""

import pytest

from pipeline.batch.assemble import assemble, upload_names
from pipeline.core.errors import RosterError
from pipeline.core.records import Examination, Student
from pipeline.core.rules import Mode, Verdict
from pipeline.core.run_photos import in_memory
from pipeline.rules import run_rules

STUDENTS = (Student("20230001", 2), Student("20230002", 3))


def judged(spec, *photos, students=STUDENTS):
    """What comes of files that are faultless in themselves."""
    examined = [Examination(photo, photo, Mode.FINAL, ()) for photo in photos]
    return assemble(in_memory(examined), students, spec=spec, mode=Mode.FINAL, rules=run_rules(()))


@pytest.mark.parametrize(
    ("photo", "code"), [("20230001 20230002.jpg", "RC005"), ("20239999.jpg", "RC001")]
)
def test_a_file_without_one_student_has_that_one_code(spec, photo, code):
    result = judged(spec, photo)
    (row,), (detail,) = result.photos, result.details([photo])
    assert (row.student_key, row.codes, row.verdict) == (None, (code,), Verdict.FAIL)
    assert {f.code for f in detail.findings} >= {"RC001", "RC002", "RC005", "DU001"}


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
