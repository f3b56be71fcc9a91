"""The paths of a package and those that its list names: which are the same, and which are sound."""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from pipeline.handover.manifest import Listed
from pipeline.intake.file_names import folded_name, is_portable

_MOST_PARTS = 6  # of a path, from its end, that are compared
_COUNTED = re.compile(r"#[0-9]+$")  # `pipeline.intake.archives.distinct`: the second of one name
_SUFFIX = ".jpg"  # 扩展名应为JPG, standard.md §1.1; the case is not fixed


def pair_up(photos: Mapping[str, str], listed: Sequence[Listed]) -> dict[str, Listed]:
    """Find the row of the list for each file: by its path, its path's end, else its content.

    Only what is one to one is taken: what stands twice on either side is no evidence.

    Parameters
    ----------
    photos
        SHA-256 by path in the package; empty where a file could not be read.
    """
    pairs: dict[str, Listed] = {}
    for of_photos, of_rows in _passes(photos, listed):
        here, there = defaultdict(list), defaultdict(list)
        taken = set(pairs.values())
        for photo in photos:
            if photo not in pairs:
                here[of_photos[photo]].append(photo)
        for row, value in zip(listed, of_rows, strict=True):
            if row not in taken:
                there[value].append(row)
        for value in here.keys() & there.keys() - {""}:
            if len(here[value]) == len(there[value]) == 1:
                pairs[here[value][0]] = there[value][0]
    return pairs


def well_named(photo: str, row: Listed | None, due: str | None) -> bool:
    """Whether a file has the name that it should have, and lies where the list says.

    Parameters
    ----------
    row
        The list's row for it, where there is one.
    due
        The name that the spec's rule gives its student, where the roster tells it.
    """
    there = _parts(_COUNTED.sub("", photo))
    stem, dot, extension = there[-1].rpartition(".")
    if f"{dot}{extension}".lower() != _SUFFIX:
        return False
    if due is not None and stem != due.rpartition(".")[0]:
        return False
    if row is None:
        return True
    said = _parts(row.file)
    shared = min(len(there), len(said))  # a folder may be packed with or without its name
    return there[-1] == said[-1] and _folded(there[-shared:]) == _folded(said[-shared:])


def risky_names(photos: Sequence[str]) -> frozenset[str]:
    """Return the paths that some system cannot hold, or takes for that of another file as well."""
    folded = {photo: _folded(_parts(_COUNTED.sub("", photo))) for photo in photos}
    alike = Counter(folded.values())
    return frozenset(
        photo
        for photo in photos
        if alike[folded[photo]] > 1 or not all(map(is_portable, _parts(photo)))
    )


def _passes(
    photos: Mapping[str, str], listed: Sequence[Listed]
) -> Iterator[tuple[Mapping[str, Hashable], Sequence[Hashable]]]:
    """Yield what files and rows are compared by, the strictest first."""
    paths = {photo: _parts(photo) for photo in photos}
    written = [_parts(row.file) for row in listed]
    yield paths, written
    for count in range(_MOST_PARTS, 0, -1):
        ends = {photo: _folded(path[-count:]) for photo, path in paths.items()}
        yield ends, [_folded(path[-count:]) for path in written]
    yield photos, [row.sha256 for row in listed]


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path.replace("\\", "/")).parts or ("",)


def _folded(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(folded_name, parts))
