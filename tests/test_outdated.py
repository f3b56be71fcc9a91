"""A package of an earlier check that no longer fits is renamed, never deleted."""

from pathlib import Path

import pytest

from pipeline.handover.outdated import outdated, rename_outdated

A, B = "a" * 64, "b" * 64


def listing(path: Path, **files: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{name}.jpg,{name},{sha256}\n" for name, sha256 in files.items())
    path.write_text(f"file,student_id,sha256\n{rows}", encoding="utf-8")


def package(path: Path, **files: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"PK")
    listing(path.with_suffix(".manifest.csv"), **files)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"upload"}


def test_a_package_that_still_fits_stays(tmp_path):
    listing(tmp_path / "upload/manifest.csv", x=A, y=B)
    package(tmp_path / "upload.zip", y=B, x=A)
    package(tmp_path / "upload-by-college/软件学院.zip", x=A)
    package(tmp_path / "upload-by-college/数学学院.zip", y=B)
    before = names(tmp_path)
    rename_outdated(tmp_path)
    assert names(tmp_path) == before
    assert outdated(tmp_path) == ()


@pytest.mark.parametrize("now", [{"x": A}, {"x": B, "y": B}, {"x": A, "y": B, "z": A}, {}])
def test_one_that_holds_other_files_is_renamed_with_its_list(tmp_path, now):
    listing(tmp_path / "upload/manifest.csv", **now)
    package(tmp_path / "upload.zip", x=A, y=B)
    rename_outdated(tmp_path)
    assert names(tmp_path) == {"upload.outdated.zip", "upload.outdated.manifest.csv"}
    assert outdated(tmp_path) == ("upload.outdated.zip",)


def test_the_next_one_gets_a_number_and_replaces_none(tmp_path):
    listing(tmp_path / "upload/manifest.csv", x=A)
    for _ in range(2):
        package(tmp_path / "upload.zip", y=B)
        rename_outdated(tmp_path)
    assert outdated(tmp_path) == ("upload.outdated-2.zip", "upload.outdated.zip")


def test_the_zips_of_colleges_are_renamed_together(tmp_path):
    listing(tmp_path / "upload/manifest.csv", x=A)
    package(tmp_path / "upload-by-college/软件学院.zip", x=A)
    package(tmp_path / "upload-by-college/数学学院.zip", y=B)
    rename_outdated(tmp_path)
    rename_outdated(tmp_path)
    assert outdated(tmp_path) == ("upload-by-college.outdated",)
    assert len(list((tmp_path / "upload-by-college.outdated").glob("*.zip"))) == 2


def test_a_zip_without_a_list_does_not_fit(tmp_path):
    listing(tmp_path / "upload/manifest.csv", x=A)
    (tmp_path / "upload.zip").write_bytes(b"PK")
    rename_outdated(tmp_path)
    assert names(tmp_path) == {"upload.outdated.zip"}
