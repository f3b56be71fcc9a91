"""`gradphoto models`: the weights come from the network, a folder or a zip, and are looked at."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from flows import cli, fetch_models
from flows.fetch_models import fetch_all
from pipeline.core.errors import ModelError
from pipeline.face import model_manifest
from pipeline.face.model_manifest import Address, ModelEntry

WEIGHTS = bytes(range(256)) * 40
WRONG = WEIGHTS[::-1]  # as many bytes, others
NOBODY = Address(kind="address", url="http://127.0.0.1:9/toy.onnx")


@pytest.fixture
def into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our own folder; the manifest knows one model that always runs and one for identity."""
    toy = ModelEntry(
        file="toy.onnx",
        sha256=hashlib.sha256(WEIGHTS).hexdigest(),
        bytes=len(WEIGHTS),
        licence="MIT",
        purpose={"zh": "玩具", "en": "a toy"},
        when="always",
        sources=(NOBODY,),
    )
    two = {"toy": toy, "faces": toy.model_copy(update={"file": "faces.onnx", "when": "identity"})}
    for module in (fetch_models, model_manifest):
        monkeypatch.setattr(module, "MODELS", two)
    monkeypatch.setattr("sys.prefix", str(tmp_path / "env"))
    monkeypatch.delenv("GRADPHOTO_MODELS", raising=False)
    return model_manifest.own_folder()


def folder(path: Path, **files: bytes) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / f"{name}.onnx").write_bytes(content)
    return path


def archive(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as whole:
        for name, content in files.items():
            whole.writestr(f"models/{name}.onnx", content)
    return path


def call(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["gradphoto", "models", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code or 0


@pytest.mark.parametrize("make", [folder, archive])
def test_a_folder_or_a_zip_brings_the_models(into, tmp_path, make) -> None:
    stick = make(tmp_path / "stick", toy=WEIGHTS, faces=WEIGHTS)
    (line,) = fetch_all(into, identity=False, given=stick)
    assert line.en.startswith("toy.onnx: from the ")
    assert line.en.endswith(str(stick))
    assert [path.name for path in into.iterdir()] == ["toy.onnx"]
    again, _ = fetch_all(into, identity=True, given=stick)
    assert again.en == "toy.onnx: already there"
    assert {path.name: path.read_bytes() for path in into.iterdir()} == {
        "toy.onnx": WEIGHTS,
        "faces.onnx": WEIGHTS,
    }


@pytest.mark.parametrize("make", [folder, archive])
@pytest.mark.parametrize("content", [{}, {"toy": WRONG}, {"toy": WEIGHTS[1:]}])
def test_what_a_folder_or_zip_lacks_or_has_wrong_is_an_error_and_nothing_else_is_asked(
    into, tmp_path, monkeypatch, make, content
) -> None:
    monkeypatch.setattr(fetch_models, "_from_address", None)
    stick = make(tmp_path / "stick", **content)
    monkeypatch.setenv("GRADPHOTO_MODELS", str(folder(tmp_path / "other", toy=WEIGHTS)))
    with pytest.raises(ModelError) as caught:
        list(fetch_all(into, identity=False, given=stick))
    assert "toy.onnx" in str(caught.value)
    assert str(stick) in str(caught.value)
    assert not list(into.glob("*"))


def test_what_is_no_zip_is_an_error(into, tmp_path) -> None:
    (tmp_path / "stick").write_bytes(WEIGHTS)
    with pytest.raises(ModelError, match="not a zip"):
        list(fetch_all(into, identity=False, given=tmp_path / "stick"))


def test_the_command_brings_and_lists(into, tmp_path, monkeypatch, capsys) -> None:
    stick = folder(tmp_path / "stick", toy=WEIGHTS)
    assert call("fetch", str(stick), monkeypatch=monkeypatch) == 0
    assert capsys.readouterr().out == f"toy.onnx: from the folder {stick}\n"
    assert call("list", monkeypatch=monkeypatch) == 0
    there, missing = capsys.readouterr().out.splitlines()
    assert there == f"toy\tMIT\ta toy\t{into / 'toy.onnx'}"
    assert missing.startswith(f"faces\tMIT\ta toy\tfaces.onnx (faces) is not in {into}: ")
    assert "`gradphoto models fetch --identity`" in missing


def test_without_a_folder_the_sources_of_the_manifest_are_asked(
    into, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.setattr(fetch_models, "local_folders", lambda _: [])
    assert call("fetch", monkeypatch=monkeypatch) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("gradphoto: toy.onnx could not be had; run `gradphoto models fetch F")
    assert NOBODY.url in last


def test_a_folder_that_is_not_there_is_a_call_that_cannot_be_carried_out(
    into, tmp_path, monkeypatch, capsys
) -> None:
    assert call("fetch", str(tmp_path / "stick"), monkeypatch=monkeypatch) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_disk_that_cannot_be_written_is_one_line(into, tmp_path, monkeypatch, capsys) -> None:
    into.parent.mkdir(parents=True)
    into.touch()  # a file in the folder's place
    stick = folder(tmp_path / "stick", toy=WEIGHTS)
    assert call("fetch", str(stick), monkeypatch=monkeypatch) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("gradphoto: toy.onnx could not be copied into ")
