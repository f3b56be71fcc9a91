"""A specification as it is written: TOML files, inheritance, and where a key stands.

``extends`` names the spec that a file departs from. Tables are merged key by key, except
that a limit (a table with its ``source``) is taken whole: half of one limit with the
source of another would be a lie.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.errors import SpecError

_FOLDER = Path(__file__).parents[1] / "specs"
_ENDS = frozenset({"low", "high", "note_low", "note_high"})
_MOST_PARENTS = 8
_HEADER = re.compile(r"^\s*\[+\s*([^\]]+?)\s*\]+")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\-\"]+)\s*=")


@dataclass(frozen=True)
class SpecFile:
    """One file of a spec: its name for messages, its text, and its own keys."""

    name: str
    text: str
    raw: Mapping[str, Any]


def spec_names() -> tuple[str, ...]:
    """Names of the specs that are shipped."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def read_files(name_or_path: str) -> tuple[SpecFile, ...]:
    """Read a spec and those that it extends, itself first.

    Raises
    ------
    SpecError
        When there is none of that name, it is not TOML, or it extends itself.
    """
    files: list[SpecFile] = []
    wanted: str | None = name_or_path
    while wanted is not None:
        file = _read(wanted)
        if file.name in {f.name for f in files} or len(files) >= _MOST_PARENTS:
            raise SpecError(f"{files[0].name}: extends: the specs extend one another in a circle")
        files.append(file)
        parent = file.raw.get("extends")
        if parent is not None and not isinstance(parent, str):
            raise SpecError(f"{file.name}: extends: must be the name of a spec")
        wanted = parent
    return tuple(files)


def merge(files: Sequence[SpecFile]) -> dict[str, Any]:
    """Lay each file over the one that it extends; ``extends`` itself is left out."""
    merged: dict[str, Any] = {}
    for file in reversed(files):
        merged = _over(merged, file.raw)
    merged.pop("extends", None)
    return merged


def locate(files: Sequence[SpecFile], keys: Sequence[str]) -> str:
    """Say where a key stands, or its nearest table: ``file.toml, line 12``."""
    for length in range(len(keys), 0, -1):
        for file in files:
            line = _lines(file.text).get(".".join(keys[:length]))
            if line is not None:
                return f"{file.name}, line {line}"
    return files[0].name


def flatten(raw: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) in the order of the file; a limit is one value."""
    for key, value in raw.items():
        dotted = f"{prefix}{key}"
        if isinstance(value, Mapping) and not _is_limit(value):
            yield from flatten(value, f"{dotted}.")
        else:
            yield dotted, value


def _read(name_or_path: str) -> SpecFile:
    path = Path(name_or_path)
    if not name_or_path.endswith(".toml"):
        path = _FOLDER / f"{name_or_path}.toml"
        if name_or_path not in spec_names():
            known = ", ".join(spec_names())
            raise SpecError(f"no specification {name_or_path!r}; there are: {known}")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path.name}: cannot be read: {type(error).__name__}") from error
    try:
        return SpecFile(path.name, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{path.name}: not TOML: {error}") from error


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        lower = result.get(key)
        mixed = isinstance(value, Mapping) and isinstance(lower, Mapping) and not _is_limit(value)
        result[key] = _over(lower, value) if mixed and lower is not None else value
    return result


def _is_limit(table: Mapping[str, Any]) -> bool:
    """A limit is a table with an end: `pipeline.core.rules.Band`."""
    return not _ENDS.isdisjoint(table)


def _lines(text: str) -> dict[str, int]:
    """The line of every table header and key, by its dotted name."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[1].replace('"', "")
            parts = table.split(".")
            for length in range(1, len(parts) + 1):
                lines.setdefault(".".join(parts[:length]), number)
        elif key := _KEY.match(line):
            name = key[1].replace('"', "")
            lines.setdefault(f"{table}.{name}" if table else name, number)
    return lines
