"""Where paths lead, asked without failing: a link that points at itself leads nowhere.

`Path.resolve` raises RuntimeError on such a link up to Python 3.12, with the path in its words.
"""

import os
from collections.abc import Iterable
from pathlib import Path


def real(path: Path) -> Path:
    """Return a path without links, as far as they lead anywhere."""
    return Path(os.path.realpath(path))


def lies_in(path: Path, folder: Path) -> bool:
    """Whether a path is ``folder``, or lies below it, through whatever links."""
    return real(path).is_relative_to(real(folder))


def files_at(paths: Iterable[Path]) -> frozenset[tuple[int, int]]:
    """Identify the files that paths are or lead to; what leads nowhere is left out."""
    found = set()
    for path in paths:
        for ask in (os.stat, os.lstat):
            try:
                status = ask(path)
            except OSError:
                continue
            found.add((status.st_dev, status.st_ino))
    return frozenset(found)


def is_among(path: Path, files: frozenset[tuple[int, int]]) -> bool:
    """Whether a path is itself one of some files (`files_at`); a link to one is not."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return (status.st_dev, status.st_ino) in files
