"""What holds for this whole run unless a command says otherwise: found once, before it begins.

The language is found before the command line is built, for its help has to speak it: ``--lang``,
else ``GRADPHOTO_LANG``, else the settings file, else Chinese where the locale is Chinese, else
English. Lists go to people who may never have seen this terminal: they are Chinese unless a
language was asked for.

``gradphoto.toml``, in the working folder, else in the user's configuration folder, may hold
``lang``, ``spec``, ``out``, ``models``, ``columns`` (as of --column) and a table ``school``; what
the first of the two lacks the second may have.
"""

import locale
import os
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeVar, cast, get_args

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.core.errors import UsageError
from pipeline.core.rules import Lang, Text
from pipeline.core.system_words import toml_fault, words_of
from pipeline.spec.school import School

FILE: Final = "gradphoto.toml"
LANG_VARIABLE: Final = "GRADPHOTO_LANG"


class Settings(BaseModel):
    """The keys of the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: Lang | None = None
    spec: str | None = None
    out: Path | None = None
    models: Path | None = None
    columns: tuple[str, ...] = ()
    school: School | None = None


def read_settings(folders: Sequence[Path]) -> Settings:
    """Read the settings files of some folders; a key of an earlier one counts.

    Raises
    ------
    UsageError
        A file cannot be read, or has a key or a value that is none.
    """
    merged: dict[str, Any] = {}
    for folder in reversed(folders):
        merged |= _read(folder / FILE).model_dump(exclude_none=True)
    return Settings(**merged)


def _read(file: Path) -> Settings:
    """Read one file, none where there is none; paths in it are relative to it."""
    try:
        raw = tomllib.loads(file.read_text("utf-8-sig")) if file.is_file() else {}
        read = Settings.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise UsageError(
            Text(
                f"{file}：{key} 不是可用的设置（可用：{', '.join(Settings.model_fields)}；"
                f"lang 为 {' 或 '.join(get_args(Lang))}）",
                f"{file}: {key} is no setting that can be used (there are: "
                f"{', '.join(Settings.model_fields)}; lang is {' or '.join(get_args(Lang))})",
            )
        ) from None
    except (OSError, ValueError) as error:  # of TOML and of UTF-8, too
        why = words_of(error) if isinstance(error, OSError) else toml_fault(error)
        raise UsageError(
            Text(f"{file}：无法读取：{why.zh}", f"{file}: cannot be read: {why.en}")
        ) from None
    placed: dict[str, Any] = {
        name: file.parent / path
        for name in ("out", "models")
        if (path := getattr(read, name)) is not None
    }
    if read.spec is not None and read.spec.endswith(".toml"):
        placed["spec"] = str(file.parent / read.spec)
    return read.model_copy(update=placed)


def asked_language(
    words: Sequence[str], environ: Mapping[str, str], kept: Lang | None
) -> Lang | None:
    """Find the language that was asked for: by ``--lang``, the environment, or the settings.

    What is none of the languages is not taken here; `main` and the command refuse it.
    """
    given = [after for word, after in pairwise(words) if word == "--lang"]
    given += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    for named in (*given[-1:], environ.get(LANG_VARIABLE)):
        if named in get_args(Lang):
            return cast("Lang", named)
    return kept


def locale_language(environ: Mapping[str, str]) -> Lang:
    """Return Chinese where the locale is Chinese, else English."""
    named = next(filter(None, map(environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), None)
    if named is None:  # Windows
        named = locale.getlocale(locale.LC_CTYPE)[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def _find() -> tuple[Settings, UsageError | None]:
    """Read the settings of this run, and what is wrong with them: told by `main`."""
    try:
        settings = read_settings([Path(), Path(typer.get_app_dir("gradphoto"))])
    except UsageError as error:
        return Settings(), error
    named = os.environ.get(LANG_VARIABLE)
    if named and named not in get_args(Lang):
        words = Text(
            f"{LANG_VARIABLE} 的值是 {named}：须是 zh 或 en",
            f"{LANG_VARIABLE} is {named}: zh or en",
        )
        return settings, UsageError(words)
    return settings, None


SETTINGS, FAULT = _find()
ASKED: Final = asked_language(sys.argv[1:], os.environ, SETTINGS.lang)
LANG: Final[Lang] = ASKED or locale_language(os.environ)  # of all that this process tells
LISTS_LANG: Final[Lang] = ASKED or "zh"
DEFAULT_SPEC: Final = SETTINGS.spec or "chsi_graduate"
DEFAULT_OUT: Final = SETTINGS.out or Path("gradphoto-out")


def told(zh: str, en: str) -> str:
    """Return words in the language of this run: help is made of them while it is built."""
    return Text(zh, en)[LANG]


_Command = TypeVar("_Command", bound=Callable[..., Any])


def in_chinese(words: str) -> Callable[[_Command], _Command]:
    """Give a command its help in Chinese; its docstring is the English."""

    def name(command: _Command) -> _Command:
        command.__doc__ = told(words, command.__doc__ or "")
        return command

    return name
