"""Photos on record: found by number, by the roster's column, in a folder or a zip."""

import zipfile
from pathlib import Path

import pytest

from flows.season.faces import keep_references
from pipeline.core.errors import UsageError
from pipeline.core.records import Student
from pipeline.intake.references import find_references

A = Student("20230001", 2, student_no="20230001", exam_no="23510101110001")
B = Student("20230002", 3, student_no="20230002", reference="old/b.jpg")
TWINS = Student("20230003", 4, student_no="20230003")


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def found(students: tuple[Student, ...], roster: Path, folder: Path | None) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for reference in find_references(students, roster, folder).found:
        result.setdefault(reference.student_key, []).append(reference.submission.photo)
    return result


def test_by_any_number_of_the_record_and_by_the_roster_s_column(tmp_path: Path) -> None:
    folder = put(tmp_path / "录取照片", "23510101110001.jpg", "old/b.jpg", "20239999.jpg")
    assert found((A, B), tmp_path / "r.csv", folder) == {
        "20230001": ["23510101110001.jpg"],
        "20230002": ["old/b.jpg"],
    }
    references = find_references((A, B), tmp_path / "r.csv", folder)
    assert (references.unmatched, references.missing) == (1, 0)


def test_several_photos_of_one_student_all_serve(tmp_path: Path) -> None:
    folder = put(tmp_path / "refs", "2022/20230001.jpg", "2023/20230001.jpg")
    assert found((A,), tmp_path / "r.csv", folder) == {
        "20230001": ["2022/20230001.jpg", "2023/20230001.jpg"]
    }


def test_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "refs.zip", "w") as archive:
        archive.writestr("20230001.jpg", b"x")
    assert found((A,), tmp_path / "r.csv", tmp_path / "refs.zip") == {"20230001": ["20230001.jpg"]}


def test_without_a_folder_the_column_is_read_beside_the_roster(tmp_path: Path) -> None:
    put(tmp_path, "old/b.jpg")
    assert found((A, B), tmp_path / "r.csv", None) == {"20230002": ["old/b.jpg"]}


def test_a_column_leads_nowhere_outside_the_roster_s_folder(tmp_path: Path) -> None:
    put(tmp_path, "secret.jpg")
    out = Student("20230004", 5, student_no="20230004", reference="../secret.jpg")
    within = tmp_path / "season"
    within.mkdir()
    references = find_references((out,), within / "r.csv", None)
    assert (references.found, references.missing) == ((), 1)


def test_a_file_that_two_students_share_is_nobody_s(tmp_path: Path) -> None:
    folder = put(tmp_path / "refs", "20230001-20230003.jpg", "20230001.jpg")
    assert found((A, TWINS), tmp_path / "r.csv", folder) == {"20230001": ["20230001.jpg"]}


def test_a_folder_without_any_student_s_photo_is_a_mistake_of_the_call(tmp_path: Path) -> None:
    folder = put(tmp_path / "refs", "holiday.jpg")
    with pytest.raises(UsageError, match="none of its 1 files"):
        find_references((A,), tmp_path / "r.csv", folder)


def test_nothing_named_and_no_folder_is_no_reference(tmp_path: Path) -> None:
    assert find_references((A,), tmp_path / "r.csv", None).found == ()


def test_a_season_keeps_those_it_was_given_and_none_of_an_init_that_was_killed(
    tmp_path: Path,
) -> None:
    season, roster = tmp_path / "2027", tmp_path / "r.csv"
    keep_references(season, (A, TWINS), roster, put(tmp_path / "one", "20230003.jpg"), 100)
    assert keep_references(season, (A,), roster, put(tmp_path / "two", "20230001.jpg"), 100) == 1
    assert [path.parent.name for path in season.rglob("*.jpg")] == ["20230001"]
