"""Only the bytes of the manifest count, wherever the file lies."""

import hashlib
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.core.errors import ModelError
from pipeline.face import model_manifest
from pipeline.face.model_manifest import MODELS, Address, Carrier, ModelEntry, model_path

WEIGHTS = bytes(range(256)) * 40
WRONG = WEIGHTS[::-1]  # as many bytes, others


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry() -> ModelEntry:
    return ModelEntry(
        file="toy.onnx",
        sha256=sha256(WEIGHTS),
        bytes=len(WEIGHTS),
        licence="MIT",
        purpose={"zh": "玩具", "en": "a toy"},
        when="always",
        sources=(),
    )


# ── the manifest ────────────────────────────────────────────────────────────


def test_the_four_models_are_listed() -> None:
    assert set(MODELS) == {"yunet", "landmarker", "segmenter", "sface"}
    assert [name for name, model in MODELS.items() if model.when == "identity"] == ["sface"]


@pytest.mark.parametrize("name", MODELS)
def test_each_model_has_the_publishers_address_and_then_a_carrier(name: str) -> None:
    address, carrier = MODELS[name].sources
    assert isinstance(address, Address)
    assert address.url.startswith("https://")
    assert address.url.endswith("/" + MODELS[name].file)
    assert isinstance(carrier, Carrier)
    assert MODELS[name].licence in {"MIT", "Apache-2.0"}


@pytest.mark.parametrize("change", [{"colour": "red"}, {"sha256": "abc"}, {"bytes": 0}])
def test_a_manifest_with_unknown_or_unusable_keys_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ModelEntry.model_validate(entry().model_dump() | change)


# ── model_path ──────────────────────────────────────────────────────────────


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The folder that the user names, and our own."""
    given, own = tmp_path / "given", tmp_path / "env" / "share" / "gradphoto" / "models"
    given.mkdir()
    own.mkdir(parents=True)
    monkeypatch.setenv("GRADPHOTO_MODELS", str(given))
    monkeypatch.setattr("sys.prefix", str(tmp_path / "env"))
    monkeypatch.setattr(model_manifest, "MODELS", {"toy": entry()})
    return given, own


def test_the_users_folder_comes_first(folders: tuple[Path, Path]) -> None:
    for folder in folders:
        (folder / "toy.onnx").write_bytes(WEIGHTS)
    assert model_path("toy") == folders[0] / "toy.onnx"


def test_our_own_folder_serves_what_the_users_has_not(folders: tuple[Path, Path]) -> None:
    (folders[1] / "toy.onnx").write_bytes(WEIGHTS)
    assert model_path("toy") == folders[1] / "toy.onnx"


@pytest.mark.parametrize("content", [WRONG, WEIGHTS[:-1], b""], ids=["hash", "size", "empty"])
def test_wrong_bytes_are_an_error_that_names_the_file_and_no_reason_to_look_further(
    folders: tuple[Path, Path], content: bytes
) -> None:
    (folders[0] / "toy.onnx").write_bytes(content)
    (folders[1] / "toy.onnx").write_bytes(WEIGHTS)
    with pytest.raises(ModelError, match=r"toy\.onnx") as caught:
        model_path("toy")
    assert str(folders[0] / "toy.onnx") in str(caught.value)


def test_a_missing_model_says_where_it_was_looked_for_and_what_to_do(
    folders: tuple[Path, Path],
) -> None:
    with pytest.raises(ModelError) as caught:
        model_path("toy")
    for word in ("toy.onnx", str(folders[0]), str(folders[1]), "models fetch", "GRADPHOTO_MODELS"):
        assert word in str(caught.value)


def test_a_file_changed_in_place_is_noticed(folders: tuple[Path, Path]) -> None:
    path = folders[1] / "toy.onnx"
    path.write_bytes(WEIGHTS)
    model_path("toy")
    path.write_bytes(WRONG)
    with pytest.raises(ModelError, match="SHA-256"):
        model_path("toy")


def test_a_file_is_hashed_once_a_process(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folders[1] / "toy.onnx").write_bytes(WEIGHTS)
    model_path("toy")
    monkeypatch.delattr("hashlib.file_digest")
    assert model_path("toy").read_bytes() == WEIGHTS
