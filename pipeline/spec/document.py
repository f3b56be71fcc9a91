"""The tables of a specification's file, but for the checks' limits, which are the checks' own.

Every number is finite, ordered where there are two, and in a range that means something.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from pipeline.core.bands import Band
from pipeline.core.rules import Choose, Remedy

Confidence = Literal["O", "O~", "U", "H", "C", "P"]
_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")


class Table(BaseModel):
    """A table whose keys are all needed and all known."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _open(value: object) -> object:
    return None if value == "open" else value


def _within(least: float, most: float) -> AfterValidator:
    """Ask that every end of a limit lies between two numbers."""

    def validate(band: Band) -> Band:
        if not all(least <= end <= most for end in band.ends):
            raise ValueError(f"must lie within {least:g} and {most:g}")
        return band

    return AfterValidator(validate)


Asked = Annotated[Band | None, BeforeValidator(_open)]  # "open" in the file: not asked for
Size = Annotated[int, Field(gt=0, le=20_000)]  # px
Pair = tuple[Size, Size]


class Sizes(Table):
    """A range of pixel sizes (width, height), ends included."""

    least: Pair
    most: Pair

    @field_validator("most")
    @classmethod
    def _not_below_least(cls, value: Pair, info: ValidationInfo) -> Pair:
        least = info.data.get("least")
        if least is not None and (value[0] < least[0] or value[1] < least[1]):
            raise ValueError("must not be below least")
        return value

    def allows(self, width: int, height: int) -> bool:
        """Whether a picture of this size lies inside."""
        return self.least[0] <= width <= self.most[0] and self.least[1] <= height <= self.most[1]


class Output(Table):
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
    dpi: int = Field(gt=0, le=10_000)
    dpi_most: int = Field(gt=0, le=10_000)
    quality_floor: int = Field(ge=1, le=100)
    quality_ceiling: int = Field(ge=1, le=100)
    profile: Literal["none", "srgb"]
    repair_background: Literal["forbid", "allow"]
    repair_source: str
    source: str
    confidence: Confidence
    crown_reading: Literal["top_of_hair", "hairline"]
    crown_reading_source: str
    scale: Annotated[Band, _within(0, 100)]
    kb: Annotated[Band, _within(0, 1e6)] | None
    crown: Asked
    eye: Asked
    face_width: Asked
    head_width: Asked
    head_height: Asked
    centring: Annotated[Band, _within(-100, 100)] | None

    @field_validator("kb", "centring", mode="before")
    @classmethod
    def _may_be_open(cls, value: object) -> object:
        return _open(value)

    @field_validator("dpi_most", "quality_ceiling")
    @classmethod
    def _not_crossed(cls, value: int, info: ValidationInfo) -> int:
        other = {"dpi_most": "dpi", "quality_ceiling": "quality_floor"}[str(info.field_name)]
        if value < info.data.get(other, value):
            raise ValueError(f"must not be below {other}")
        return value

    @field_validator("crown", "eye", "head_height", "face_width", "head_width")
    @classmethod
    def _inside_the_picture(cls, value: Band | None, info: ValidationInfo) -> Band | None:
        across = str(info.field_name).endswith("_width")
        side = "width_px" if across else "height_px"
        most = info.data.get(side)
        if value is not None and most and not all(0 <= end <= most for end in value.ends):
            raise ValueError(f"must lie within 0 and {side}")
        return value

    def allows_size(self, width: int, height: int) -> bool:
        """Whether a final file may have this pixel size."""
        return any(sizes.allows(width, height) for sizes in self.sizes)

    @property
    def is_exact(self) -> bool:
        """Whether there is one size, so that a registration file can be made."""
        only = (self.width_px, self.height_px)
        return len(self.sizes) == 1 and self.sizes[0].least == self.sizes[0].most == only


class Reading(Table):
    """Ceilings that a file must keep before it is decompressed."""

    max_bytes: int = Field(gt=0, le=1 << 30)
    max_pixels: int = Field(gt=0, le=1 << 30)


class Identity(Table):
    """Whether faces are compared, and how sure the comparison must be."""

    compare: bool  # as --identity asks for
    least_eyes_px: float = Field(gt=0, le=10_000)
    false_pairs: float = Field(
        gt=0, le=1e6, description="DU002: false pairs expected in a whole batch"
    )
    false_accept: float = Field(gt=0, lt=0.5, description="strangers taken for the student")
    false_reject: float = Field(gt=0, lt=0.5, description="students taken for strangers")
    source: str
    confidence: Confidence


class SeasonTerms(Table):
    """How often a student may hand in, and by when.

    ``deadlines`` are yearly days, written ``"06-10"``, before which the last collection
    must be in; individual make-ups must be taken ``make_up_months`` before that. ``choose``
    says which of several photos of one round speaks; ``carry`` are columns of the roster that
    lists for people take over. Seasons of 0.1 say neither.
    """

    attempts: Annotated[Band, _within(0, 1000)]
    deadlines: tuple[str, ...] = Field(min_length=1)
    make_up_months: int = Field(ge=0, le=12)
    choose: Choose = "ask"
    carry: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = ()
    source: str
    confidence: Confidence

    @field_validator("deadlines")
    @classmethod
    def _real_days(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            if _DAY.fullmatch(day) is None:
                raise ValueError("a day is written MM-DD")
            # 2001: 29 February is no day of every year.
            date(2001, int(day[:2]), int(day[3:]))
        return value

    def carried(self, asked: Iterable[str]) -> tuple[str, ...]:
        """Return which columns are carried: the specification's, then those asked for beside."""
        return tuple(dict.fromkeys((*self.carry, *asked)))

    @property
    def days(self) -> tuple[tuple[int, int], ...]:
        """The deadlines as (month, day)."""
        return tuple((int(day[:2]), int(day[3:])) for day in self.deadlines)


class _Title(Table):
    zh: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)


class Document(Table):
    """The file as it is written; ``limits`` is validated by the checks' own models."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    title: _Title
    naming: Literal["student_no", "exam_no", "id_no", "capture_code"]
    identity: Identity
    output: Output
    reading: Reading
    remedies: dict[str, Remedy]
    off: tuple[str, ...]
    season: SeasonTerms
    limits: dict[str, dict[str, object]]
