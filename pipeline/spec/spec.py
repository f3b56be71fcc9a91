"""Specifications: a standard as data, each number with its source.

A spec is a TOML file in ``pipeline/specs`` or of the customer's own, whole or as what it
changes of another (``extends``). After that every key is needed and no unknown key is
allowed: limits have no defaults in code. What a standard leaves open is written
``"open"``, and its rule does not apply.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Protocol

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from pipeline.core.bands import Band
from pipeline.core.errors import SpecError
from pipeline.core.rules import Mode, Remedy, Rule, Text
from pipeline.rules import all_rules
from pipeline.rules.program import FL005
from pipeline.spec.files import SpecFile, locate, merge, read_files

# What the program could not do is no limit of a standard: its remedy is not a spec's to change.
_NOT_A_SPECS = {FL005.code}

Confidence = Literal["O", "O~", "U", "H", "C", "P"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _open(value: object) -> object:
    return None if value == "open" else value


Asked = Annotated[Band | None, BeforeValidator(_open)]  # "open" in the file: not asked for
Pair = tuple[Annotated[int, Field(gt=0, le=20_000)], Annotated[int, Field(gt=0, le=20_000)]]


class Sizes(_Table):
    """A range of pixel sizes (width, height), ends included."""

    least: Pair
    most: Pair

    def allows(self, width: int, height: int) -> bool:
        """Whether a picture of this size lies inside."""
        return self.least[0] <= width <= self.most[0] and self.least[1] <= height <= self.most[1]


class Output(_Table):
    """What the registration file must be; lengths in its pixels, KB of 1024 bytes.

    ``width_px`` x ``height_px`` is the frame that lengths are stated in and content is
    judged in. It is also the size of the file where ``sizes`` allows just that one;
    where it allows more, files are checked but none is written. ``scale`` is how many
    pixels of a source one of the file needs: below 1 it is enlarged. ``profile`` says
    whether an ICC profile marks the colours as sRGB, ``repair_background`` whether the
    program may put another background behind the person where it is asked to.
    ``crown``, ``eye`` are distances from the top edge; ``crown_reading`` says what 「头顶发际」 is
    taken for, the top of the hair or the hairline (`pipeline.image.geometry.Head`). ``face_width``
    is measured between the cheeks, ``head_width`` between the ear roots, ``head_height`` from
    the top of the hair to the chin; ``centring`` is the offset of the face's middle from the
    picture's in % of the width (negative: to the left).
    """

    width_px: int = Field(gt=0, le=10_000)
    height_px: int = Field(gt=0, le=10_000)
    sizes: tuple[Sizes, ...] = Field(min_length=1)
    dpi: int = Field(gt=0)
    dpi_most: int = Field(gt=0)
    quality_floor: int = Field(ge=1, le=100)
    quality_ceiling: int = Field(ge=1, le=100)
    profile: Literal["none", "srgb"]
    repair_background: Literal["forbid", "allow"]
    repair_source: str
    source: str
    confidence: Confidence
    crown_reading: Literal["top_of_hair", "hairline"]
    crown_reading_source: str
    scale: Band
    kb: Asked
    crown: Asked
    eye: Asked
    face_width: Asked
    head_width: Asked
    head_height: Asked
    centring: Asked

    def allows_size(self, width: int, height: int) -> bool:
        """Whether a final file may have this pixel size."""
        return any(sizes.allows(width, height) for sizes in self.sizes)

    @property
    def is_exact(self) -> bool:
        """Whether there is one size, so that a registration file can be made."""
        only = (self.width_px, self.height_px)
        return len(self.sizes) == 1 and self.sizes[0].least == self.sizes[0].most == only


class Reading(_Table):
    """Ceilings that a file must keep before it is decompressed."""

    max_bytes: int = Field(gt=0)
    max_pixels: int = Field(gt=0)


class Identity(_Table):
    """Whether faces are compared, and how sure the comparison must be."""

    compare: bool  # as --identity asks for
    least_eyes_px: float = Field(gt=0)
    false_pairs: float = Field(gt=0, description="DU002: false pairs expected in a whole batch")
    false_accept: float = Field(gt=0, lt=0.5, description="strangers taken for the student")
    false_reject: float = Field(gt=0, lt=0.5, description="students taken for strangers")
    source: str
    confidence: Confidence


class SeasonTerms(_Table):
    """How often a student may hand in, and by when.

    ``deadlines`` are yearly days, written ``"06-10"``, before which the last collection
    must be in; individual make-ups must be taken ``make_up_months`` before that.
    """

    attempts: Band
    deadlines: tuple[str, ...] = Field(min_length=1)
    make_up_months: int = Field(ge=0, le=12)
    source: str
    confidence: Confidence

    @field_validator("deadlines")
    @classmethod
    def _real_days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            # 2001: 29 February is no day of every year.
            date.fromisoformat(f"2001-{day}")
        return value

    @property
    def days(self) -> tuple[tuple[int, int], ...]:
        """The deadlines as (month, day)."""
        return tuple((int(day[:2]), int(day[3:])) for day in self.deadlines)


class _Title(_Table):
    zh: str
    en: str


class _Document(_Table):
    """The file as it is written; ``limits`` is validated by the checks' own models."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: _Title
    naming: Literal["student_no", "exam_no", "id_no", "capture_code"]
    identity: Identity
    output: Output
    reading: Reading
    remedies: dict[str, Remedy]
    off: tuple[str, ...]
    season: SeasonTerms
    limits: dict[str, dict[str, object]]


class _HasRules(Protocol):
    """The part of a check that a spec needs."""

    @property
    def name(self) -> str: ...
    @property
    def rules(self) -> tuple[Rule, ...]: ...
    @property
    def limits(self) -> type[BaseModel] | None: ...


class Spec(_Table):
    """A specification, validated against the checks that will use it."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    id: str
    title: Text
    naming: Literal["student_no", "exam_no", "id_no", "capture_code"]
    identity: Identity
    output: Output
    reading: Reading
    remedies: Mapping[str, Remedy]
    off: frozenset[str]
    season: SeasonTerms
    limits: Mapping[str, BaseModel]

    @property
    def first_colour(self) -> tuple[int, int, int]:
        """The first background colour that the spec names, sRGB 0..255."""
        red, green, blue = self.limits["background"].model_dump()["colours"][0]
        return red, green, blue


def load_spec(name_or_path: str, checks: Iterable[_HasRules]) -> Spec:
    """Read a shipped spec by name, or any spec by the path of its file.

    Raises
    ------
    SpecError
        When there is none, it is not TOML, or a key is unknown, missing or wrong; the
        message names every mistake with its file, line and key.
    """
    files = read_files(name_or_path)
    return _build(merge(files), files, tuple(checks))


def spec_of(document: Mapping[str, Any], checks: Iterable[_HasRules], kept_in: str) -> Spec:
    """Make a spec of a document that was merged before, and kept in ``kept_in``.

    Raises
    ------
    SpecError
        When it no longer fits the checks: another version of the program wrote it.
    """
    return _build(document, (SpecFile(kept_in, "", {}),), tuple(checks))


def _build(raw: Mapping[str, Any], files: Sequence[SpecFile], checks: Sequence[_HasRules]) -> Spec:
    mistakes: list[str] = []
    try:
        document = _Document.model_validate(raw)
    except ValidationError as error:
        raise SpecError("; ".join(_explain(files, (), error))) from error
    limits: dict[str, BaseModel] = {}
    needing = {check.name: check.limits for check in checks if check.limits is not None}
    for name in sorted(document.limits.keys() - needing.keys()):
        where = locate(files, ("limits", name))
        mistakes.append(f"{where}: limits.{name}: no check has limits of this name")
    for name, model in needing.items():
        try:
            limits[name] = model.model_validate(document.limits.get(name, {}))
        except ValidationError as error:
            mistakes += _explain(files, ("limits", name), error)
    codes = {rule.code for rule in all_rules(checks)} - _NOT_A_SPECS
    for table, named in (("remedies", document.remedies), ("off", document.off)):
        for code in sorted(set(named) - codes):
            mistakes.append(f"{locate(files, (table, code))}: {table}: there is no rule {code}")
    if mistakes:
        raise SpecError("; ".join(mistakes))
    return Spec(
        id=document.id,
        title=Text(document.title.zh, document.title.en),
        naming=document.naming,
        identity=document.identity,
        output=document.output,
        reading=document.reading,
        remedies=document.remedies,
        off=frozenset(document.off),
        season=document.season,
        limits=limits,
    )


def choose_mode(sizes: Iterable[tuple[int, int]], spec: Spec) -> Mode:
    """Decide for a whole inbox: final when more than half of the files have the output size."""
    known = list(sizes)
    fitting = sum(spec.output.allows_size(width, height) for width, height in known)
    return Mode.FINAL if fitting * 2 > len(known) else Mode.SOURCE


def _explain(
    files: Sequence[SpecFile], where: tuple[str, ...], error: ValidationError
) -> list[str]:
    """Every mistake: file, line, key, what is wrong."""
    mistakes = []
    for item in error.errors():
        keys = (*where, *(str(part) for part in item["loc"]))
        mistakes.append(f"{locate(files, keys)}: {'.'.join(keys)}: {item['msg']}")
    return mistakes
