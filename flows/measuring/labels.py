"""Labels of photographs for `gradphoto evaluate`: reading them, and what they say of each rule."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.rules import Text

Labels = Mapping[str, str]

_NUMBER = re.compile(r"^(\d+)(\+?)$")
_COLOURS = ("blue", "white", "red")


@dataclass(frozen=True)
class Labelled:
    """One row of a labels file; ``component`` groups photos that belong together."""

    path: Path
    name: str  # as the file names it
    group: str
    component: str
    labels: Labels


def read_labels(file: Path) -> tuple[Labelled, ...]:
    """Read a CSV with columns path and labels (``key=value;…``); component and group if there.

    Paths are relative to the file. A row without a component is its own.

    Raises
    ------
    UsageError
        When the file cannot be read or lacks a column.
    """
    return tuple(
        Labelled(
            path=file.parent / row["path"],
            name=row["path"],
            group=row.get("group") or "",
            component=row.get("component") or row["path"],
            labels=parse_labels(row["labels"]),
        )
        for row in read_rows(file, "path", "labels")
        if row["path"]
    )


def read_rows(file: Path, *columns: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV with certain columns; a short row is filled with empty cells.

    Raises
    ------
    UsageError
        When the file cannot be read or lacks a column.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restval="")
            missing = set(columns) - set(reader.fieldnames or ())
            if missing:
                raise UsageError(
                    Text(
                        f"{file.name}：缺少列 {', '.join(sorted(missing))}",
                        f"{file.name}: no column {', '.join(sorted(missing))}",
                    )
                )
            yield from reader
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            Text(
                f"{file.name}：无法读取：{type(error).__name__}",
                f"{file.name}: cannot be read: {type(error).__name__}",
            )
        ) from error


def parse_labels(text: str) -> dict[str, str]:
    """Split ``key=value;…``; what has no ``=`` is left out, a repeated key keeps its last value."""
    pairs = (part.split("=", 1) for part in text.split(";") if "=" in part)
    return {key.strip(): value.strip() for key, value in pairs}


def add_labels(rows: tuple[Labelled, ...], file: Path) -> tuple[Labelled, ...]:
    """Add what a CSV with columns sha256 and labels judges of the same photos, by their bytes.

    ``sha256`` may be cut to its first 16 digits. A label of the photo's own row stays.

    Raises
    ------
    UsageError
        When the file cannot be read or lacks a column.
    """
    judged = read_rows(file, "sha256", "labels")
    more = {row["sha256"][:16]: parse_labels(row["labels"]) for row in judged}
    return tuple(
        replace(row, labels={**more.get(_digits(row.path), {}), **row.labels}) for row in rows
    )


def _digits(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


def colour_of(labels: Labels) -> str | None:
    """The background's colour as labelled: blue, white, red or other; None: not judged."""
    value = labels.get("background", "")
    if not value or value.endswith("?"):
        return None
    return value if value in _COLOURS else "other"


def is_clean(labels: Labels) -> bool:
    """Whether the labels say that a careful inspector has nothing against the content.

    Labelled compliant; or one frontal face, with hat, mask and sunglasses judged and
    absent, and no other fault named.
    """
    if "compliant" in labels:
        return labels["compliant"] == "1"
    if any(labels.get(key) != "0" for key in ("hat", "mask", "sunglasses")):
        return False
    if labels.get("face_count") != "1" or labels.get("pose", "frontal") != "frontal":
        return False
    if labels.get("background") not in _COLOURS:
        return False
    faults = (truth(labels) for code, truth in TRUTHS.items() if code != "EY004")
    return not any(faults) and not any(value.endswith("?") for value in labels.values())


def _is(key: str, *values: str) -> Callable[[Labels], bool | None]:
    """True for one of ``values``; every other sure value says that the fault is not there."""

    def truth(labels: Labels) -> bool | None:
        value = labels.get(key, "")
        return None if not value or value.endswith("?") else value in values

    return truth


def _flag(key: str) -> Callable[[Labels], bool | None]:
    """False for 0, true for 1 or for the kind of thing that is there."""

    def truth(labels: Labels) -> bool | None:
        value = labels.get(key, "")
        return None if not value or value.endswith("?") else value != "0"

    return truth


def _faces(several: bool) -> Callable[[Labels], bool | None]:  # noqa: FBT001
    def truth(labels: Labels) -> bool | None:
        found = _NUMBER.match(labels.get("face_count", ""))
        if found is None:
            return None
        count, or_more = int(found[1]), bool(found[2])
        if not several:
            return count == 0
        return None if count == 0 or (count == 1 and or_more) else count > 1

    return truth


TRUTHS: dict[str, Callable[[Labels], bool | None]] = {
    "EY001": _is("eyes", "closed", "one_closed"),
    "EY002": _flag("sunglasses"),
    "EY004": _flag("glasses"),
    "FC001": _faces(several=False),
    "FC002": _faces(several=True),
    "FC007": _is("pose", "tilted"),
    "FC008": _is("pose", "turned", "profile"),
    "FC009": _is("pose", "up", "down"),
    "HR001": _flag("hair_over_eye"),
    "HT001": _flag("hat"),
    "LT003": _is("colour", "grey"),
    "MK001": _flag("mask"),
    "MK002": _flag("hand_on_face"),
    "MO001": _is("mouth", "open"),
    "SH001": _is("quality", "blurred"),
}
