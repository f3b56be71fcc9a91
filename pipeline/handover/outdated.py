"""Packages of an earlier check beside the lists of a later one: what no longer fits is renamed."""

from collections.abc import Iterable
from itertools import count
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.output_files import MANIFEST, OutputFile
from pipeline.handover.manifest import beside, read_listing

_OUTDATED = ".outdated"


def rename_outdated(out: Path) -> None:
    """Rename what `pack` wrote in ``out`` where it holds other files than its list names now.

    ``upload.zip`` becomes ``upload.outdated.zip``, its list and the folders of ``--split``
    likewise; the next one ``upload.outdated-2.zip``. Nothing is deleted.
    """
    now = _listed([out / OutputFile.UPLOAD / MANIFEST])
    whole = out / f"{OutputFile.UPLOAD}.zip"
    if whole.is_file() and _listed([beside(whole)]) != now:
        name = _free(out, f"{OutputFile.UPLOAD}{_OUTDATED}", ".zip")
        if beside(whole).is_file():
            beside(whole).replace(beside(out / name))
        whole.replace(out / name)
    for folder in sorted(out.glob(f"{OutputFile.UPLOAD}-by-*")):
        is_ours = folder.is_dir() and _OUTDATED not in folder.name
        if is_ours and _listed(map(beside, folder.glob("*.zip"))) != now:
            folder.replace(out / _free(out, f"{folder.name}{_OUTDATED}", ""))


def outdated(out: Path) -> tuple[str, ...]:
    """Name the packages in ``out`` that no longer fit."""
    found = (*out.glob(f"{OutputFile.UPLOAD}*{_OUTDATED}*"),)
    return tuple(sorted(p.name for p in found if p.suffix == ".zip" or p.is_dir()))


def _listed(lists: Iterable[Path]) -> set[tuple[str, str]] | None:
    """What lists name, by name and content; None where one cannot be read."""
    try:
        return {(row.file, row.sha256) for path in lists for row in read_listing(path).rows}
    except UsageError:
        return None


def _free(out: Path, stem: str, suffix: str) -> str:
    names = (f"{stem}{suffix}" if n == 1 else f"{stem}-{n}{suffix}" for n in count(1))
    return next(name for name in names if not (out / name).exists())
