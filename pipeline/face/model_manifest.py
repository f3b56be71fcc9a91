"""The weights by name: which bytes count, and where they lie. No network here.

``models.toml`` is the manifest; `gradphoto models fetch` brings the files. Whoever loads
a model asks :func:`model_path`, which hands out no byte that it has not verified.
"""

import hashlib
import os
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from pipeline.core.errors import ModelError
from pipeline.core.rules import Lang, Text

FOLDER_VARIABLE: Final = "GRADPHOTO_MODELS"

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Address(BaseModel):
    """The publisher's own address of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["address"]
    url: str


class Carrier(BaseModel):
    """A package, at one version, that carries the file's bytes as a member."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["pypi", "npm"]
    package: str
    version: str
    archive: Literal["whl", "tar.gz"]
    archive_sha256: Sha256
    member: str


class ModelEntry(BaseModel):
    """One file of weights: what it is, its bytes, and its sources in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    sha256: Sha256
    bytes: int = Field(gt=0)
    licence: str
    purpose: Mapping[Lang, str]
    when: Literal["always", "identity"]
    sources: tuple[Annotated[Address | Carrier, Field(discriminator="kind")], ...]


def _read_manifest() -> Mapping[str, ModelEntry]:
    text = files("pipeline.face").joinpath("models.toml").read_text(encoding="utf-8")
    table = TypeAdapter(dict[str, ModelEntry]).validate_python(tomllib.loads(text))
    return MappingProxyType(table)


MODELS: Final = _read_manifest()


def own_folder() -> Path:
    """Return where set-up puts the weights: inside the environment that runs this."""
    return Path(sys.prefix) / "share" / "gradphoto" / "models"


def model_folders() -> tuple[Path, ...]:
    """Return the folders to look in, first one first: GRADPHOTO_MODELS, then our own."""
    given = os.environ.get(FOLDER_VARIABLE)
    return (Path(given), own_folder()) if given else (own_folder(),)


def model_path(name: str) -> Path:
    """Return the verified file of a model.

    The first folder that has a file of the right name decides: wrong bytes there are
    an error, never a reason to look further. The size is compared on every call, the
    hash once a process and file (about 10 ms for 16 MB).

    Parameters
    ----------
    name
        A key of `MODELS`: ``yunet``, ``landmarker``, ``segmenter``, ``sface``.

    Raises
    ------
    ModelError
        When the file is missing or has the wrong bytes.
    """
    entry = MODELS[name]
    folders = model_folders()
    for folder in folders:
        path = folder / entry.file
        if path.is_file():
            verify(path, entry)
            return path
    zh, en = (between.join(map(str, folders)) for between in ("、", " or "))
    looked = Text(zh, en)
    raise ModelError(
        Text(
            f"{entry.file}（{name}）不在 {looked.zh} 里：{_advice(entry).zh}",
            f"{entry.file} ({name}) is not in {looked.en}: {_advice(entry).en}",
        )
    )


def verify(path: Path, entry: ModelEntry) -> None:
    """Hold a file against the manifest.

    Raises
    ------
    ModelError
        When its size or hash is not the manifest's.
    """
    now = path.stat()
    if now.st_size != entry.bytes:
        raise ModelError(
            Text(
                f"{path} 有 {now.st_size} 字节，不是 {entry.file} 的 {entry.bytes}：请删除它，"
                f"然后{_advice(entry).zh}",
                f"{path} has {now.st_size} bytes, not the {entry.bytes} of {entry.file}: "
                f"delete it, then {_advice(entry).en}",
            )
        )
    found = _sha256(path, now.st_mtime_ns)
    if found != entry.sha256:
        raise ModelError(
            Text(
                f"{path} 的 SHA-256 是 {found}，不是 {entry.file} 的 {entry.sha256}：请删除它，"
                f"然后{_advice(entry).zh}",
                f"{path} has the SHA-256 {found}, not the {entry.sha256} of {entry.file}: "
                f"delete it, then {_advice(entry).en}",
            )
        )


@cache
def _sha256(path: Path, changed_ns: int) -> str:  # noqa: ARG001 - a key of the cache
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _advice(entry: ModelEntry) -> Text:
    fetch = "gradphoto models fetch" + ("" if entry.when == "always" else " --identity")
    return Text(
        f"请运行 `{fetch}`，或用 {FOLDER_VARIABLE} 指明放有它的文件夹",
        f"run `{fetch}`, or set {FOLDER_VARIABLE} to a folder that has it",
    )
