"""The hand-over: zip archives of the registration files that a run wrote, nothing else in them.

The list (``upload/manifest.csv``) decides what goes in, and every byte is held against it before
an archive is begun, while it is written, and once more when it is read back. An archive is a
function of the list and the files alone: the same run packed twice gives the same bytes.
"""

import csv
import hashlib
import io
import stat
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from pipeline.core.causes import joined
from pipeline.core.counting import Counted, untold
from pipeline.core.errors import PackageError
from pipeline.core.one_run import LOCK
from pipeline.core.output_files import MANIFEST, OutputFile
from pipeline.core.private_files import make_private_folder, replacing, writing_to
from pipeline.core.records import Student
from pipeline.core.rules import Split, Text
from pipeline.core.undated_zip import undated_entry
from pipeline.handover.manifest import Listed, Listing, beside, read_listing
from pipeline.intake.archives import BROKEN_ARCHIVE
from pipeline.intake.droppings import is_called_dropping
from pipeline.intake.file_names import folded_name, is_portable, portable_name
from pipeline.intake.inbox import list_submissions

UPLOAD = OutputFile.UPLOAD
_UNNAMED = "未注明"  # of students whose record names no college (or major)
_SHOWN_ROWS = 5
_MISSING = Text("缺失", "missing")
_CHANGED = Text("检查之后有改动", "changed since the check")
_BLOCK = 1 << 20  # bytes


@dataclass(frozen=True)
class Bundle:
    """What goes into one archive: its name without ``.zip``, and its part of the list."""

    name: str
    rows: tuple[Listed, ...]


@dataclass(frozen=True)
class Packed:
    """One archive that was written and read back."""

    path: Path
    photos: int
    bytes: int
    sha256: str


def read_upload(out: Path) -> Listing:
    """Read the list of a finished run, and hold the folder against it, byte for byte.

    Parameters
    ----------
    out
        What `gradphoto check --out` wrote.

    Raises
    ------
    UsageError
        No list, an empty one, a file that is missing, changed or not listed. Rows of the list
        are named, files are not: a file's name is a student's number.
    """
    upload = out / UPLOAD
    if not (upload / MANIFEST).is_file():
        raise PackageError(
            Text(
                f"{out.name or out}：里面没有 {UPLOAD}/{MANIFEST}，请给 check 的 --out 文件夹",
                f"{out.name or out}: holds no {UPLOAD}/{MANIFEST}; give the --out folder of a "
                "check",
            )
        )
    listing = read_listing(upload / MANIFEST)
    if not listing.rows:
        raise PackageError(
            Text(
                f"{out.name or out}：没有合格的照片，没有可以打包的文件",
                f"{out.name or out}: nobody passed, so there is nothing to pack",
            )
        )
    missing: list[int] = []
    changed: list[int] = []
    for row in listing.rows:
        if not is_portable(row.file):
            raise PackageError(
                Text(
                    f"{UPLOAD}/{MANIFEST}：第 {row.row} 行：这个文件名不是每种系统都能用",
                    f"{UPLOAD}/{MANIFEST}: row {row.row}: not every system can hold a file of "
                    "this name",
                )
            )
        if not row.file.lower().endswith(".jpg"):
            raise PackageError(
                Text(
                    f"{UPLOAD}/{MANIFEST}：第 {row.row} 行：不是 .jpg",
                    f"{UPLOAD}/{MANIFEST}: row {row.row}: is no .jpg",
                )
            )
        if not row.sha256:
            raise PackageError(
                Text(
                    f"{UPLOAD}/{MANIFEST}：第 {row.row} 行没有 sha256",
                    f"{UPLOAD}/{MANIFEST}: row {row.row} has no sha256",
                )
            )
        digest = _digest(upload / row.file)
        if digest != row.sha256:
            (changed if digest else missing).append(row.row)
    due = {MANIFEST, *(row.file for row in listing.rows)}
    # Nothing but what is listed is packed: what is only called a dropping does no harm.
    found = (s.photo for s in list_submissions(upload)[0])
    strangers = sum(photo not in due and not is_called_dropping(photo) for photo in found)
    faults = [
        Text(f"{what.zh}（{_rows(rows).zh}）", f"{what.en} ({_rows(rows).en})")
        for what, rows in ((_MISSING, missing), (_CHANGED, changed))
        if rows
    ]
    if strangers:
        zh, en = f"清单之外的文件 {strangers} 个", f"files that the list does not name: {strangers}"
        faults.append(Text(zh, en))
    if faults:
        where, said = out.name or out, joined(faults)
        raise PackageError(
            Text(
                f"{where}：{UPLOAD} 与 {MANIFEST} 不符：{said.zh}；对 {UPLOAD} 运行 "
                "`gradphoto verify` 可以看到是哪些",
                f"{where}: {UPLOAD} is not what {MANIFEST} says: {said.en}; "
                f"`gradphoto verify` on {UPLOAD} shows which",
            )
        )
    return listing


def split(listing: Listing, students: Iterable[Student], by: Split) -> tuple[Bundle, ...]:
    """Part the list by the students' 学院, or by 学院 and 专业 (one 专业 may be in two 学院).

    Every row is in exactly one part. Students whose record names none are a part of their own.

    Raises
    ------
    PackageError
        A listed student is not in the roster: it is not the roster of this run.
    """
    by_key = {student.key: student for student in students}
    parts: dict[tuple[str, ...], list[Listed]] = defaultdict(list)
    for row in listing.rows:
        student = by_key.get(row.student_id)
        if student is None:
            raise PackageError(
                Text(
                    f"{MANIFEST}：第 {row.row} 行：学生不在名单里，请给本次检查用的名单",
                    f"{MANIFEST}: row {row.row}: its student is not in the roster; "
                    "give the roster of this run",
                )
            )
        fields = (student.college,) if by == "college" else (student.college, student.major)
        parts[fields].append(row)
    names = _distinct(tuple("-".join(filter(None, key)) for key in sorted(parts)))
    return tuple(
        Bundle(name, tuple(parts[key])) for name, key in zip(names, sorted(parts), strict=True)
    )


def write_bundles(
    bundles: Sequence[Bundle],
    listing: Listing,
    upload: Path,
    folder: Path,
    tell: Counted = untold,
) -> tuple[Packed, ...]:
    """Write one archive for each bundle into ``folder``, and beside each its list; all 0600.

    Raises
    ------
    UsageError
        The folder cannot be written or holds what this does not write (archives of an earlier
        split would be handed over too); a picture changed meanwhile.
    """
    paths = [folder / f"{bundle.name}.zip" for bundle in bundles]
    due = {LOCK, *(path.name for path in paths), *(beside(path).name for path in paths)}
    with writing_to(folder):
        make_private_folder(folder)
        others = [path.name for path in folder.iterdir() if path.name not in due]
    if others:
        hidden = sum(name.startswith(".") for name in others)
        raise PackageError(
            Text(
                f"{folder.name}：里面有别的文件，会一起被交出去（{len(others)} 个，其中隐藏 "
                f"{hidden} 个），请清空它或另选 --to",
                f"{folder.name}: holds other files, which would be handed over too ({len(others)}, "
                f"of them hidden: {hidden}); empty it or choose another --to",
            )
        )
    return tuple(
        write_bundle(bundle, listing, upload, path, tell)
        for bundle, path in zip(bundles, paths, strict=True)
    )


def write_bundle(
    bundle: Bundle, listing: Listing, upload: Path, path: Path, tell: Counted = untold
) -> Packed:
    """Write one archive and, beside it, its part of the list; both 0600 and never in part.

    Stored, not deflated: a JPEG does not get smaller. Entries are files only, in the order of
    their names, dated 1980, mode 0600, names in UTF-8 with the flag that says so where they are
    not ASCII. Over 4 GB or 65,535 files it becomes a Zip64 archive.

    Raises
    ------
    UsageError
        ``path`` cannot be written, a picture changed meanwhile, or the archive does not read
        back as it was written.
    """
    rows = sorted(bundle.rows, key=lambda row: row.file)
    with writing_to(path.parent):
        with replacing(path) as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
                for done, row in enumerate(rows, start=1):
                    tell(done, len(rows))
                    data = (upload / row.file).read_bytes()
                    if hashlib.sha256(data).hexdigest() != row.sha256:
                        raise PackageError(
                            Text(
                                f"{MANIFEST}：第 {row.row} 行：打包时文件有变动",
                                f"{MANIFEST}: row {row.row}: changed while being packed",
                            )
                        )
                    archive.writestr(undated_entry(row.file), data)
            _read_back(stream, rows, path.name)
            size = stream.seek(0, io.SEEK_END)
            stream.seek(0)
            digest = _sha256(stream)
        _write_list(beside(path), listing.header, bundle.rows)
    return Packed(path, len(rows), size, digest)


def _read_back(stream: BinaryIO, rows: Sequence[Listed], name: str) -> None:
    """Read an archive whole before it takes its name."""
    stream.flush()
    try:
        with zipfile.ZipFile(stream) as archive:
            found = {}
            for entry in archive.infolist():
                with archive.open(entry) as member:
                    found[entry.filename] = _sha256(member)
    except BROKEN_ARCHIVE:
        found = {}
    if list(found.items()) != [(row.file, row.sha256) for row in rows]:
        raise PackageError(
            Text(
                f"{name}：写出后读回来不一样，请检查磁盘",
                f"{name}: does not read back as it was written; is the disk sound?",
            )
        )


def _write_list(path: Path, header: Sequence[str], rows: Sequence[Listed]) -> None:
    """Write a part of the list as the whole one is written: BOM, LF."""
    with (
        replacing(path) as stream,
        io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text,
    ):
        csv.writer(text, lineterminator="\n").writerows([header, *(row.cells for row in rows)])


def _digest(path: Path) -> str:
    """The SHA-256 of a file; empty where there is no ordinary file."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        with path.open("rb") as stream:
            return _sha256(stream)
    except OSError:
        return ""


def _sha256(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _distinct(names: Sequence[str]) -> list[str]:
    """Make names of files out of what the roster says, no two of them one on any system."""
    taken: set[str] = set()
    made = []
    for name in names:
        base = portable_name(name or _UNNAMED)
        made.append(
            next(
                tried
                for tried in (base, *(f"{base} ({n})" for n in range(2, len(names) + 2)))
                if folded_name(tried) not in taken
            )
        )
        taken.add(folded_name(made[-1]))
    return made


def _rows(rows: Sequence[int]) -> Text:
    zh, en = (between.join(map(str, rows[:_SHOWN_ROWS])) for between in ("、", ", "))
    zh, en = f"第 {zh} 行", f"row{'s' * (len(rows) > 1)} {en}"
    if (more := len(rows) - _SHOWN_ROWS) > 0:
        zh, en = f"{zh}，另有 {more} 行", f"{en} and {more} more"
    return Text(zh, en)
