"""A carrier gives one member out of a folder that is deleted; it is never installed."""

import hashlib
import io
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import fetch_carriers, fetch_models
from pipeline.core.errors import ModelError
from pipeline.face.model_manifest import Address, Carrier, ModelEntry

WEIGHTS = bytes(range(256)) * 40
PRIVATE = b"a picture of somebody"
NOBODY = Address(kind="address", url="http://127.0.0.1:9/toy.onnx")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(*sources: Address | Carrier) -> ModelEntry:
    return ModelEntry(
        file="toy.onnx",
        sha256=sha256(WEIGHTS),
        bytes=len(WEIGHTS),
        licence="MIT",
        purpose={"zh": "玩具", "en": "a toy"},
        when="always",
        sources=sources,
    )


def wheel(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pack/people.jpg", PRIVATE)
        archive.writestr("pack/toy_v2.onnx", WEIGHTS)
    return path


def tarball(path: Path) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in (("pack/people.jpg", PRIVATE), ("pack/toy_v2.onnx", WEIGHTS)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("pack/link.onnx")
        link.type, link.linkname = tarfile.SYMTYPE, "people.jpg"
        archive.addfile(link)
    return path


def carrier(archive: Path, member: str = "pack/toy_v2.onnx") -> Carrier:
    is_wheel = archive.suffix == ".whl"
    return Carrier(
        kind="pypi" if is_wheel else "npm",
        package="pack",
        version="1.0",
        archive="whl" if is_wheel else "tar.gz",
        archive_sha256=sha256(archive.read_bytes()),
        member=member,
    )


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def into(tmp_path: Path, scratch: Path) -> Path:
    """The target folder."""
    return tmp_path / "into"


@pytest.fixture(params=[("pack.whl", wheel), ("pack.tgz", tarball)], ids=["whl", "tar.gz"])
def archive(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A package in a registry: pip and npm are played by a copy."""
    name, make = request.param
    path: Path = make(tmp_path / name)

    def download(_: Carrier, folder: Path) -> None:
        shutil.copy(path, folder)

    monkeypatch.setattr(fetch_carriers, "_download_from_pypi", download)
    monkeypatch.setattr(fetch_carriers, "_download_from_npm", download)
    return path


def files_below(*folders: Path) -> set[str]:
    return {path.name for folder in folders for path in folder.rglob("*") if path.is_file()}


def test_a_carrier_serves_its_one_member_and_is_deleted(
    into: Path, scratch: Path, archive: Path
) -> None:
    assert fetch_models.fetch(entry(carrier(archive)), into).en.endswith("package pack 1.0")
    assert (into / "toy.onnx").read_bytes() == WEIGHTS
    assert files_below(into, scratch) == {"toy.onnx"}


def test_no_other_member_is_written_even_for_a_moment(
    into: Path, scratch: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[str] = set()
    read_member = fetch_carriers.read_member

    def watched(path: Path, source: Carrier) -> Iterator[bytes]:
        for chunk in read_member(path, source):
            seen.update(files_below(into, scratch))
            yield chunk

    monkeypatch.setattr(fetch_carriers, "read_member", watched)
    fetch_models.fetch(entry(carrier(archive)), into)
    assert seen == {archive.name, "toy.onnx"}


def test_an_archive_with_another_hash_is_not_opened(
    into: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = carrier(archive)
    archive.write_bytes(b"neither a zip nor a tar file")
    with pytest.raises(ModelError, match="WRONG BYTES"):
        fetch_models.fetch(entry(expected), into)
    assert "WRONG BYTES" in capsys.readouterr().err


@pytest.mark.parametrize("member", ["pack/other.onnx", "pack/link.onnx", "pack"])
def test_a_member_that_is_no_file_is_a_failure_of_the_source(
    into: Path, archive: Path, member: str
) -> None:
    with pytest.raises(ModelError, match=f"has no file {member}"):
        fetch_models.fetch(entry(carrier(archive, member)), into)


def test_a_member_with_the_wrong_bytes_is_not_kept(
    into: Path, scratch: Path, archive: Path
) -> None:
    with pytest.raises(ModelError, match="WRONG BYTES"):
        fetch_models.fetch(entry(carrier(archive, "pack/people.jpg")), into)
    assert files_below(into, scratch) == set()


def test_the_carrier_comes_after_the_address_has_failed(
    into: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "package pack 1.0" in fetch_models.fetch(entry(NOBODY, carrier(archive)), into).en
    assert NOBODY.url in capsys.readouterr().err


def test_the_command_ends_with_2_and_one_error_that_lists_every_source(
    into: Path,
    archive: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = entry(NOBODY, carrier(archive, "pack/people.jpg"))
    monkeypatch.setattr(fetch_models, "MODELS", {"toy": model})
    monkeypatch.setattr(fetch_models, "local_folders", lambda _: [])
    assert fetch_models.main(["--into", str(into)]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    for word in ("error: toy.onnx", NOBODY.url, "refused", "package pack 1.0", "WRONG BYTES"):
        assert word in error


# ── pip and npm ─────────────────────────────────────────────────────────────


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands that would have been run."""
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(fetch_carriers, "_run", lambda *command, **_: commands.append(command))
    return commands


def test_pip_takes_one_wheel_without_dependencies_cache_or_installation(
    tmp_path: Path, ran: list[tuple[str, ...]]
) -> None:
    fetch_carriers._download_from_pypi(carrier(wheel(tmp_path / "pack.whl")), tmp_path)
    (command,) = ran
    assert {"download", "--no-deps", "--only-binary", "--no-cache-dir"} <= set(command)
    assert command[-1] == "pack==1.0"


def test_npm_runs_no_script_of_the_package_and_keeps_no_cache(
    scratch: Path, tmp_path: Path, ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/npm")
    fetch_carriers._download_from_npm(carrier(tarball(tmp_path / "pack.tgz")), tmp_path)
    (command,) = ran
    assert command[:2] == ("/usr/bin/npm", "pack")
    assert command[-1] == "pack@1.0"
    assert "--ignore-scripts" in command
    assert command[command.index("--cache") + 1].startswith(str(scratch))


def test_where_npm_is_missing_pip_brings_one_into_a_throwaway_environment(
    scratch: Path, tmp_path: Path, ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    fetch_carriers._download_from_npm(carrier(tarball(tmp_path / "pack.tgz")), tmp_path)
    environment, install, pack = ran
    assert environment[1:3] == ("-m", "venv")
    assert "--require-hashes" in install
    assert pack[0].startswith(str(scratch))
    assert list(scratch.iterdir()) == []


def test_a_tool_that_fails_or_is_missing_is_a_failure_of_the_source() -> None:
    with pytest.raises(fetch_carriers.SourceError, match="no such package"):
        fetch_carriers._run("sh", "-c", "echo no such package >&2; exit 1")
    with pytest.raises(fetch_carriers.SourceError, match="no-such-tool"):
        fetch_carriers._run("no-such-tool")
