"""Specifications: a standard as data, each number with its source.

A spec is a TOML file in ``pipeline/specs`` or of the customer's own. Every key is
needed and no unknown key is allowed: limits have no defaults in code.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import SpecError
from pipeline.words import Band, Mode, Remedy, Text

_FOLDER = Path(__file__).parent / "specs"

Confidence = Literal["O", "O~", "U", "H", "C", "P"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(_Table):
    """What the registration file must be; lengths in its pixels, KB of 1024 bytes.

    ``crown``, ``eye`` are distances from the top edge, ``face_width`` is measured
    between the cheeks, ``centring`` is the offset of the face's middle from the
    picture's in % of the width (negative: to the left).
    """

    width_px: int = Field(gt=0, le=10_000)
    height_px: int = Field(gt=0, le=10_000)
    dpi: int = Field(gt=0)
    quality_floor: int = Field(ge=1, le=100)
    quality_ceiling: int = Field(ge=1, le=100)
    source: str
    confidence: Confidence
    kb: Band
    crown: Band
    eye: Band
    face_width: Band
    centring: Band


class Reading(_Table):
    """Ceilings that a file must keep before it is decompressed."""

    max_bytes: int = Field(gt=0)
    max_pixels: int = Field(gt=0)


class _Title(_Table):
    zh: str
    en: str


class _Document(_Table):
    """The file as it is written; ``limits`` is validated by the checks' own models."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: _Title
    naming: Literal["student_no", "exam_no", "id_no", "capture_code"]
    output: Output
    reading: Reading
    remedies: dict[str, Remedy]
    limits: dict[str, dict[str, object]]


class _HasLimits(Protocol):
    """The part of a check that a spec needs."""

    @property
    def name(self) -> str: ...
    @property
    def limits(self) -> type[BaseModel] | None: ...


class Spec(_Table):
    """A specification, validated against the checks that will use it."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    id: str
    title: Text
    naming: Literal["student_no", "exam_no", "id_no", "capture_code"]
    output: Output
    reading: Reading
    remedies: Mapping[str, Remedy]
    limits: Mapping[str, BaseModel]


def spec_names() -> tuple[str, ...]:
    """Names of the specs that are shipped."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_spec(name_or_path: str, checks: Iterable[_HasLimits]) -> Spec:
    """Read a shipped spec by name, or any spec by the path of its file.

    Raises
    ------
    SpecError
        When there is none, it is not TOML, or a key is unknown, missing or wrong; the
        message names the file and the keys.
    """
    path = Path(name_or_path)
    if not name_or_path.endswith(".toml"):
        path = _FOLDER / f"{name_or_path}.toml"
        if name_or_path not in spec_names():
            known = ", ".join(spec_names())
            raise SpecError(f"no specification {name_or_path!r}; there are: {known}")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path.name}: cannot be read: {type(error).__name__}") from error
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{path.name}: not TOML: {error}") from error
    try:
        document = _Document.model_validate(raw)
    except ValidationError as error:
        raise SpecError(_explain(path.name, "", error)) from error
    limits: dict[str, BaseModel] = {}
    needing = {check.name: check.limits for check in checks if check.limits is not None}
    if unknown := document.limits.keys() - needing.keys():
        raise SpecError(f"{path.name}: limits.{min(unknown)}: no check has limits of this name")
    for name, model in needing.items():
        try:
            limits[name] = model.model_validate(document.limits.get(name, {}))
        except ValidationError as error:
            raise SpecError(_explain(path.name, f"limits.{name}", error)) from error
    return Spec(
        id=document.id,
        title=Text(document.title.zh, document.title.en),
        naming=document.naming,
        output=document.output,
        reading=document.reading,
        remedies=document.remedies,
        limits=limits,
    )


def is_output_size(spec: Spec, width: int, height: int) -> bool:
    """Whether a picture has exactly the pixel size of the registration file."""
    return (width, height) == (spec.output.width_px, spec.output.height_px)


def choose_mode(sizes: Iterable[tuple[int, int]], spec: Spec) -> Mode:
    """Decide for a whole inbox: final when more than half of the files have the output size."""
    known = list(sizes)
    fitting = sum(is_output_size(spec, width, height) for width, height in known)
    return Mode.FINAL if fitting * 2 > len(known) else Mode.SOURCE


def _explain(file: str, where: str, error: ValidationError) -> str:
    """All mistakes in one line: file, key, what is wrong."""
    parts = []
    for item in error.errors():
        key = ".".join([where, *map(str, item["loc"])]).strip(".")
        parts.append(f"{key}: {item['msg']}")
    return f"{file}: " + "; ".join(parts)
