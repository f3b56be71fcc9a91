r"""Paths that people wrote into a table, and the files that arrived.

A vendor writes ``D:\照片\IMG_0012.JPG``, the archive holds ``第一批/img_0012.jpg``: the whole
path decides, else the longest ending that only one file has.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipeline.intake.file_name_tokens import folded

# How many parts of a path, from its end, are compared.
_PARTS = 6
_PICTURE = re.compile(
    r"jpe?g|jpe|jfif|jif|png|gif|bmp|dib|tiff?|webp|heic|heif|hif|avif", re.IGNORECASE
)
_COUNTED = re.compile(r"#[0-9]+$")  # `pipeline.intake.archives.distinct`


def find_written(written: Sequence[str], photos: Sequence[str]) -> list[list[int]]:
    """Find the places of the photos that each written path means.

    Case, width and the form of accents do not count; an extension may be left out, and is then
    a picture's if it can be. A path that fits several files equally well finds none, unless
    they differ from it in case only.
    """
    whole: dict[str, list[int]] = defaultdict(list)
    endings: dict[str, list[int]] = defaultdict(list)
    if not written:
        return []
    for at, photo in enumerate(photos):
        path = folded_path(photo)
        whole[path].append(at)
        for ending in {*_endings(path), *_endings(stem(path))}:
            endings[ending].append(at)
    return [_find(path, photos, whole, endings) for path in written]


def stem(path: str) -> str:
    """Return a path without the extension of its file; ``a.jpg#2`` has one too."""
    head, dot, extension = path.rpartition(".")
    return head if dot and head and "/" not in extension else path


def has_picture_suffix(path: str) -> bool:
    """Whether a file is called a picture; it is also where it has no extension at all."""
    name = _COUNTED.sub("", path.rpartition("/")[2])
    head, _, suffix = name.rpartition(".")
    return not head or _PICTURE.fullmatch(suffix) is not None


def _find(
    written: str,
    photos: Sequence[str],
    whole: Mapping[str, list[int]],
    endings: Mapping[str, list[int]],
) -> list[int]:
    path = folded_path(written)
    if path in whole:
        found = whole[path]
        return [at for at in found if photos[at] == written] or found
    for ending in _endings(path):
        found = endings.get(ending, [])
        if len(found) > 1:
            found = [at for at in found if has_picture_suffix(photos[at])]
            return found if len(found) == 1 else []
        if found:
            return found
    return []


def folded_path(path: str) -> str:
    """Return a path as paths are compared here."""
    parts = folded(path).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in {"", "."})


def _endings(path: str) -> list[str]:
    """Return a/b/c.jpg, b/c.jpg, c.jpg."""
    parts = path.split("/")[-_PARTS:]
    return ["/".join(parts[at:]) for at in range(len(parts))]
