r"""Paths that people wrote into a table, and the files that arrived.

A vendor writes ``D:\照片\IMG_0012.JPG``, the archive holds ``第一批/img_0012.jpg``: the whole
path decides, else the longest ending that only one file has.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipeline.intake.file_name_tokens import folded

# How many parts of a path, from its end, are compared.
_PARTS = 6


def find_written(written: Sequence[str], photos: Sequence[str]) -> list[list[int]]:
    """Find the places of the photos that each written path means.

    Case, width and the form of accents do not count; an extension may be left out. A path
    that fits several files equally well finds none, unless they differ from it in case only.
    """
    whole: dict[str, list[int]] = defaultdict(list)
    endings: dict[str, list[int]] = defaultdict(list)
    if not written:
        return []
    for at, photo in enumerate(photos):
        path = _folded_path(photo)
        whole[path].append(at)
        for ending in {*_endings(path), *_endings(stem(path))}:
            endings[ending].append(at)
    return [_find(path, photos, whole, endings) for path in written]


def stem(path: str) -> str:
    """Return a path without the extension of its file; ``a.jpg#2`` has one too."""
    head, dot, extension = path.rpartition(".")
    return head if dot and head and "/" not in extension else path


def _find(
    written: str,
    photos: Sequence[str],
    whole: Mapping[str, list[int]],
    endings: Mapping[str, list[int]],
) -> list[int]:
    path = _folded_path(written)
    if path in whole:
        found = whole[path]
        return [at for at in found if photos[at] == written] or found
    for ending in _endings(path):
        found = endings.get(ending, [])
        if found:
            return found if len(found) == 1 else []
    return []


def _folded_path(path: str) -> str:
    parts = folded(path).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in {"", "."})


def _endings(path: str) -> list[str]:
    """Return a/b/c.jpg, b/c.jpg, c.jpg."""
    parts = path.split("/")[-_PARTS:]
    return ["/".join(parts[at:]) for at in range(len(parts))]
