"""First step over all photos: every photo has an entry, and a student where one is known."""

from pipeline.batch.match import match
from pipeline.core.records import Examination, Student
from pipeline.core.rules import Mode
from pipeline.core.run_photos import in_memory

STUDENTS = (Student("20230001", 2), Student("20230002", 3))


def matched(*photos, manifest=None, sha256=None):
    examined = [Examination(photo, sha256 or photo, Mode.FINAL, ()) for photo in photos]
    return match(in_memory(examined), STUDENTS, manifest)


def test_every_photo_has_an_entry_and_those_of_a_student_their_key():
    found = matched("20230002.jpg", "20239999.jpg", "20230001.jpg")
    assert list(found.matches) == ["20230002.jpg", "20239999.jpg", "20230001.jpg"]
    assert found.student_of == {"20230002.jpg": "20230002", "20230001.jpg": "20230001"}
    assert found.students == STUDENTS
    assert found.listed == ()


def test_a_manifest_says_whose_a_photo_is_and_gives_the_order():
    found = matched("a.jpg", "b.jpg", manifest={"b.jpg": "20230001", "a.jpg": "20230002"})
    assert found.student_of == {"a.jpg": "20230002", "b.jpg": "20230001"}
    assert found.listed == ("b.jpg", "a.jpg")
    assert all(one.preferred for one in found.matches.values())


def test_copies_of_one_file_are_one_photo_of_the_student_and_different_files_are_two():
    def outcomes(**how):
        found = matched("20230001.jpg", "20230001 (2).jpg", **how)
        return [{f.code: f.outcome for f in m.findings}["RC003"] for m in found.matches.values()]

    assert set(outcomes(sha256="same")) != set(outcomes())


def test_a_run_without_photos_is_matched_too():
    assert matched().student_of == {}
