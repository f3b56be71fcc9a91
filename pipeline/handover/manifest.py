"""The list that lies beside the registration files: ``manifest.csv``, ours or another's.

It says which files there are, whose they are, and by their SHA-256 that nobody changed them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.errors import PackageError
from pipeline.core.output_files import MANIFEST
from pipeline.core.rules import Text
from pipeline.intake.file_names import folded_name
from pipeline.intake.headers import ID_KEY, KEYS, find_table, records
from pipeline.intake.identifiers import clean_number
from pipeline.intake.tables.cells import EMPTY, MEND, Row

_SHA256 = re.compile(r"[0-9a-f]{64}")
# `reports.safe_text.csv_text` puts the apostrophe; see there.
_MADE_TEXT = re.compile(r"'(?=\s*[=+\-@＝＋－＠])")


@dataclass(frozen=True)
class Listed:
    """One row of the list. ``cells`` is the row as it was written, for a list of a part."""

    row: int  # line of the file, 1-based, for messages
    file: str
    student_id: str  # empty where the list has no such column
    sha256: str  # lower case; empty where the list has none
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """A whole list."""

    header: tuple[str, ...]
    rows: tuple[Listed, ...]


def beside(archive: Path) -> Path:
    """Return where the list of an archive lies: ``交付.zip``, ``交付.manifest.csv``."""
    return archive.with_name(f"{archive.stem}.{MANIFEST}")


def find_listings(package: Path) -> tuple[Path, ...]:
    """Find the lists that came with a package: beside an archive, or at the top of a folder.

    A folder's own ``manifest.csv`` stands for all that is in it.
    """
    if not package.is_dir():
        found = [beside(package)]
    else:
        own = package / MANIFEST
        found = [own] if own.is_file() else sorted(package.glob(f"*.{MANIFEST}"))
    return tuple(path for path in found if path.is_file())


def read_listings(package: Path, lists: Iterable[Path]) -> tuple[Listed, ...]:
    """Read the lists that came with a package as one; files by their paths in the package.

    Raises
    ------
    UsageError
        As `read_listing`.
    """
    rows: list[Listed] = []
    for path in lists:
        inside = ""
        if package.is_dir() and path.name != MANIFEST:
            inside = f"{path.name.removesuffix(f'.{MANIFEST}')}.zip/"
        rows += (replace(row, file=inside + row.file) for row in read_listing(path).rows)
    return tuple(rows)


def read_listing(path: Path) -> Listing:
    """Read the list of a package.

    Parameters
    ----------
    path
        CSV (or XLSX, DBF) with the column file (or photo, 文件名), and where it has them
        student_id (or 学号 …) and sha256.

    Raises
    ------
    UsageError
        No column of files; a row without its file; one file twice (names that differ in case
        only are one on many systems); a number or checksum that is none any more.
    """
    table, header = find_table(
        path, lambda columns: "file" in columns, Text("file（文件名）", "file (文件名)")
    )
    places = {"file": header.columns["file"]}
    if keys := [key for key in (*KEYS, ID_KEY) if key in header.columns]:
        places["student_id"] = header.columns[keys[0]]
    for at, title in header.labels.items():
        if re.sub(r"[\W_]", "", title).lower() == "sha256":
            places.setdefault("sha256", at)
    width = max(at for _, cells in table.rows for at in cells) + 1
    rows: list[Listed] = []
    first: dict[str, int] = {}
    for row, cells in records(table, header):
        listed = _read_row(path.name, row, cells, places, width)
        other = first.setdefault(folded_name(listed.file), row)
        if other != row:
            raise PackageError(
                Text(
                    f"{path.name}：第 {other} 行和第 {row} 行是同一个文件",
                    f"{path.name}: rows {other} and {row} list one file",
                )
            )
        rows.append(listed)
    return Listing(tuple(header.labels.get(at, "") for at in range(width)), tuple(rows))


def _read_row(name: str, row: int, cells: Row, places: dict[str, int], width: int) -> Listed:
    found = {what: cells.get(at, EMPTY) for what, at in places.items()}
    file = _MADE_TEXT.sub("", found["file"].text)
    number, digest = found.get("student_id", EMPTY), found.get("sha256", EMPTY).text.lower()
    if not file:
        raise PackageError(
            Text(f"{name}：第 {row} 行没有文件名", f"{name}: row {row} names no file")
        )
    if number.damage:
        raise PackageError(
            Text(
                f"{name}：第 {row} 行：student_id 是{number.damage.zh}；{MEND.zh}",
                f"{name}: row {row}: the student_id is {number.damage.en}; {MEND.en}",
            )
        )
    if digest and not _SHA256.fullmatch(digest):
        raise PackageError(
            Text(
                f"{name}：第 {row} 行：sha256 不是 64 位十六进制数字",
                f"{name}: row {row}: the sha256 is not 64 hexadecimal digits",
            )
        )
    student_id = clean_number(number.text)
    written = tuple(cells.get(at, EMPTY).text for at in range(width))
    return Listed(row, file, student_id, digest, written)
