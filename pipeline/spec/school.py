"""The school of a season, as its office writes it down: code, offices, make-up days.

What the notices of universities ask of who missed the shoot (standard.md §1.6): 院校代码, where
and when the make-ups are, what to bring, by when.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.core.errors import SpecError
from pipeline.core.rules import Text
from pipeline.core.system_words import toml_fault, words_of

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MakeUp(_Table):
    """One make-up: where, on which day, at which hours."""

    place: _Words
    day: date
    hours: str = ""


class School(_Table):
    """A school.

    ``code`` is the 院校代码. ``bring`` is what a student brings, ``self_check`` the address of a
    page on which a photo can be tried, ``self_upload`` says where a photo of one's own (自主上传)
    goes, ``until`` is the last day of make-ups, where the office sets another than the season's.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
    name: _Words
    office: _Words = "教务处"
    contact: str = ""
    bring: tuple[_Words, ...] = ("二代身份证",)
    self_check: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")] | None = None
    self_upload: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    until: date | None = None
    make_ups: tuple[MakeUp, ...] = Field(default=(), alias="make_up")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def next_make_up(self, today: date | None) -> MakeUp | None:
        """Return the first make-up that is not over; without a day the first of all."""
        to_come = (one for one in self.make_ups if today is None or one.day >= today)
        return min(to_come, key=lambda one: one.day, default=None)


def read_school(path: Path) -> School:
    """Read a school from a TOML file, from its table ``school`` where it has one.

    Raises
    ------
    SpecError
        It cannot be read, or a value is wrong: the line names it.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SpecError(
            Text(
                f"{path.name}：无法读取（{words_of(error).zh}）",
                f"{path.name}: cannot be read ({words_of(error).en})",
            )
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise SpecError(
            Text(
                f"{path.name}：不是 TOML（{toml_fault(error).zh}）",
                f"{path.name}: is no TOML ({toml_fault(error).en})",
            )
        ) from error
    try:
        return School.model_validate(document.get("school", document))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        wrong = first["msg"]
        raise SpecError(
            Text(
                f"{path.name}：{where} 有误：{wrong}（院校代码是 5 位数字）",
                f"{path.name}: {where}: {wrong} (院校代码 has 5 digits)",
            )
            if where == "code"
            else Text(f"{path.name}：{where} 有误：{wrong}", f"{path.name}: {where}: {wrong}")
        ) from error
