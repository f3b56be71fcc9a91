"""A specification as it is written: TOML files, inheritance, and where a key stands.

``extends`` names the spec that a file departs from. Tables are merged key by key, except
that a limit (a table with its ``source``) is taken whole: half of one limit with the
source of another would be a lie.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.core.errors import SpecError
from pipeline.core.rules import Text
from pipeline.core.system_words import toml_fault

_FOLDER = Path(__file__).parents[1] / "specs"
_ENDS = frozenset({"low", "high", "note_low", "note_high"})
_MOST_PARENTS = 8
_MOST_BYTES = 1 << 20
_MOST_DEPTH = 8  # tables in tables; a spec has three
_LONGEST = 200  # characters of a message that others wrote
_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[+\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")
# What the parser ends on without a line: more digits, more brackets than it can take.
_MANY_DIGITS = re.compile(r"[0-9_]{4000}")
_MANY_DOTS = re.compile(r"^(?:[^.\n]*\.){40}", re.MULTILINE)  # it takes room for their square
_MANY_BRACKETS = re.compile(r"(?:[\[{][^\[\]{}]*){50}")


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
    seen: set[Path] = set()
    wanted: str | None = name_or_path
    while wanted is not None:
        path = _path(wanted)
        if path in seen or len(files) >= _MOST_PARENTS:
            raise SpecError(
                Text(
                    f"{files[0].name}：extends：规范互相引用成了环",
                    f"{files[0].name}: extends: the specs extend one another in a circle",
                )
            )
        seen.add(path)
        files.append(_read(path))
        parent = files[-1].raw.get("extends")
        if parent is not None and not isinstance(parent, str):
            where = locate(files[-1:], ("extends",))
            raise SpecError(
                Text(
                    f"{where.zh}：extends：须是规范的名称",
                    f"{where.en}: extends: must be the name of a spec",
                )
            )
        wanted = parent
    return tuple(files)


def merge(files: Sequence[SpecFile]) -> dict[str, Any]:
    """Lay each file over the one that it extends; ``extends`` itself is left out."""
    merged: dict[str, Any] = {}
    for file in reversed(files):
        merged = _over(merged, file.raw)
    merged.pop("extends", None)
    return merged


def locate(files: Sequence[SpecFile], keys: Sequence[str]) -> Text:
    """Say where a key stands, or its nearest table: ``file.toml, line 12``.

    It is looked for in the file that it was taken from, as `merge` takes it. What a limit
    lacks is a fault of the file that wrote the limit, though another one has a limit that lacks
    nothing.
    """
    file = _owner(files, keys)
    lines = _lines(file.text)
    for length in range(len(keys), 0, -1):
        if (line := lines.get(tuple(keys[:length]))) is not None:
            return _at_line(file.name, line)
    return Text(file.name, file.name)


def _at_line(name: str, line: int) -> Text:
    return Text(f"{name} 第 {line} 行", f"{name}, line {line}")


def one_line(text: str) -> str:
    """Cut what a file says to a part of one line."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def flatten(raw: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) in the order of the file; a limit is one value."""
    for key, value in raw.items():
        dotted = f"{prefix}{key}"
        if isinstance(value, Mapping) and not _is_limit(value):
            yield from flatten(value, f"{dotted}.")
        else:
            yield dotted, value


def _path(name_or_path: str) -> Path:
    if name_or_path.endswith(".toml"):
        return Path(name_or_path)
    if name_or_path not in spec_names():
        known = ", ".join(spec_names())
        raise SpecError(
            Text(
                f"没有规范“{one_line(name_or_path)}”；有的是：{known}",
                f"no specification {one_line(name_or_path)!r}; there are: {known}",
            )
        )
    return _FOLDER / f"{name_or_path}.toml"


def _read(path: Path) -> SpecFile:
    name, text = path.name, _text(path)
    file = SpecFile(name, text, _parse(name, text))
    if deep := _deepest(file.raw):
        where, keys = locate([file], deep), one_line(".".join(deep))
        raise SpecError(
            Text(f"{where.zh}：{keys}：嵌套太深", f"{where.en}: {keys}: nested too deep")
        )
    return file


def _text(path: Path) -> str:
    name = path.name
    try:
        if not path.exists():
            raise SpecError(Text(f"{path}：没有这个文件", f"{path}: there is no such file"))
        if not path.is_file():  # who opens a pipe waits for ever
            raise SpecError(Text(f"{name}：不是文件", f"{name}: is no file"))
        if path.stat().st_size > _MOST_BYTES:
            raise SpecError(
                Text(
                    f"{name}：超过 {_MOST_BYTES >> 20} MB，不是规范",
                    f"{name}: is no specification: over {_MOST_BYTES >> 20} MB",
                )
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError(
            Text(
                f"{name}：不是 UTF-8，请另存为 UTF-8",
                f"{name}: is not UTF-8; save it as UTF-8 again",
            )
        ) from None
    except OSError as error:
        raise SpecError(
            Text(
                f"{name}：无法读取：{type(error).__name__}",
                f"{name}: cannot be read: {type(error).__name__}",
            )
        ) from error


def _parse(name: str, text: str) -> dict[str, Any]:
    if (where := _place(name, text, _MANY_DOTS)) is not None:
        raise SpecError(
            Text(f"{where.zh}：表格嵌套太深", f"{where.en}: tables are nested too deep")
        )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(
            Text(
                f"{name}：不是 TOML：{toml_fault(error).zh}",
                f"{name}: not TOML: {toml_fault(error).en}",
            )
        ) from None
    except ValueError:  # of `int`
        where = _place(name, text, _MANY_DIGITS) or Text(name, name)
        raise SpecError(
            Text(f"{where.zh}：数字位数太多", f"{where.en}: a number has too many digits")
        ) from None
    except RecursionError:
        where = _place(name, text, _MANY_BRACKETS) or Text(name, name)
        raise SpecError(
            Text(
                f"{where.zh}：表格或列表嵌套太深",
                f"{where.en}: tables or lists are nested too deep",
            )
        ) from None


def _place(name: str, text: str, what: re.Pattern[str]) -> Text | None:
    """Say in which line something begins, and after which key; None where it is nowhere."""
    found = what.search(text)
    if found is None:
        return None
    begin = text.rfind("\n", 0, found.start()) + 1
    line = text[begin : begin + _LONGEST].split("\n", maxsplit=1)[0]
    key = _KEY.match(line) or _HEADER.match(line)
    where = _at_line(name, text.count("\n", 0, begin) + 1)
    if key is None:
        return where
    shown = one_line(key[1])
    return Text(f"{where.zh}：{shown}", f"{where.en}: {shown}")


def _deepest(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the keys to a value that lies too deep; none where all is well."""
    left: list[tuple[tuple[str, ...], Any]] = [((), raw)]
    while left:
        keys, value = left.pop()
        if len(keys) > _MOST_DEPTH:
            return keys
        if isinstance(value, Mapping):
            left += [((*keys, key), below) for key, below in value.items()]
        elif isinstance(value, list):
            left += [((*keys, str(index)), below) for index, below in enumerate(value)]
    return ()


def _owner(files: Sequence[SpecFile], keys: Sequence[str]) -> SpecFile:
    """Give the file that a value was taken from, or that lacks it: `_over`, of one key."""
    nodes: list[tuple[SpecFile, Any]] = [(file, file.raw) for file in files]
    for key in keys:
        having = [(file, node[key]) for file, node in nodes if key in node]
        if not having:
            break
        tables = []
        for file, value in having:
            if not isinstance(value, Mapping):
                break
            tables.append((file, value))
            if _is_limit(value):
                break
        if not tables:
            return having[0][0]
        nodes = tables
    return nodes[0][0]


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


@lru_cache(maxsize=_MOST_PARENTS)
def _lines(text: str) -> Mapping[tuple[str, ...], int]:
    """The line of every table header and key, by its parts."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], number)
        elif key := _KEY.match(line):
            parts = (*table, *_parts(key[1]))
            for length in range(len(table) + 1, len(parts) + 1):
                lines.setdefault(parts[:length], number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    """Take a key apart as the parser does; what stands in a text may be none."""
    try:
        table: Any = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    parts = []
    while table != 0:
        ((part, table),) = table.items()
        parts.append(part)
    return tuple(parts)
