"""Specifications: a standard as data, each number with its source.

A spec is a TOML file in ``pipeline/specs`` or of the customer's own, whole or as what it
changes of another (``extends``). After that every key is needed and no unknown key is
allowed: limits have no defaults in code. What a standard leaves open is written
``"open"``, and its rule does not apply.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.core.errors import SpecError
from pipeline.core.rules import Mode, Remedy, Rule, Text
from pipeline.rules import all_rules
from pipeline.rules.program import FL005
from pipeline.spec.document import Document, Identity, Output, Reading, SeasonTerms, Table
from pipeline.spec.files import SpecFile, locate, merge, one_line, read_files

# What the program could not do is no limit of a standard: its remedy is not a spec's to change.
_NOT_A_SPECS = {FL005.code}


_MOST_SHOWN = 20  # mistakes
_NO_LIMITS = Text("没有检查使用这个名称的限值", "no check has limits of this name")
_NO_RULE = Text("没有这条规则", "there is no such rule")
_IN_CHINESE = {  # by pydantic's type of mistake
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "string_type": "须是文字",
    "bool_type": "须是 true 或 false",
    "int_type": "须是整数",
    "float_type": "须是数字",
    "finite_number": "须是有限的数字",
    "list_type": "须是列表",
    "tuple_type": "须是列表",
    "model_type": "须是一个表",
    "dict_type": "须是一个表",
    "literal_error": "不是可选的值",
    "enum": "不是可选的值",
}


class _HasRules(Protocol):
    """The part of a check that a spec needs."""

    @property
    def name(self) -> str: ...
    @property
    def rules(self) -> tuple[Rule, ...]: ...
    @property
    def limits(self) -> type[BaseModel] | None: ...


class Spec(Table):
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

    def value(self, key: str) -> Any:  # noqa: ANN401 - whatever it holds
        """Return what stands under a key of its file, such as ``limits.hair.covered``."""
        return reduce(_member, key.split("."), self)


def _member(table: Any, name: str) -> Any:  # noqa: ANN401 - whatever the spec holds
    return table[name] if isinstance(table, Mapping) else getattr(table, name)


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
    try:
        document = Document.model_validate(raw)
    except ValidationError as error:
        raise _refusal(files, _mistakes((), error)) from None
    limits: dict[str, BaseModel] = {}
    needing = {check.name: check.limits for check in checks if check.limits is not None}
    mistakes: list[_Mistake] = [
        (("limits", name), _NO_LIMITS) for name in document.limits.keys() - needing.keys()
    ]
    for name, model in needing.items():
        try:
            limits[name] = model.model_validate(document.limits.get(name, {}))
        except ValidationError as error:
            mistakes += _mistakes(("limits", name), error)
    codes = {rule.code for rule in all_rules(checks)} - _NOT_A_SPECS
    for table, named in (("remedies", document.remedies), ("off", document.off)):
        mistakes += [((table, code), _NO_RULE) for code in set(named) - codes]
    if mistakes:
        raise _refusal(files, mistakes)
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


_Mistake = tuple[tuple[str, ...], Text]  # the keys, what is wrong


def _mistakes(where: tuple[str, ...], error: ValidationError) -> list[_Mistake]:
    return [
        ((*where, *map(str, item["loc"])), _said(item["type"], item["msg"]))
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _refusal(files: Sequence[SpecFile], mistakes: Sequence[_Mistake]) -> SpecError:
    """Name every mistake, or the first of very many: file, line, key, what is wrong."""
    told = []
    for keys, what in sorted(mistakes, key=lambda one: (one[0], one[1].en))[:_MOST_SHOWN]:
        where, key = locate(files, keys), one_line(".".join(keys))
        zh, en = one_line(what.zh), one_line(what.en)
        told.append(Text(f"{where.zh}：{key}：{zh}", f"{where.en}: {key}: {en}"))
    if (more := len(mistakes) - _MOST_SHOWN) > 0:
        told.append(Text(f"另有 {more} 处", f"and {more} more"))
    return SpecError(Text("；".join(t.zh for t in told), "; ".join(t.en for t in told)))


def _said(kind: str, message: str) -> Text:
    """Say in both languages what pydantic found; what is rare stays English."""
    return Text(_IN_CHINESE.get(kind, message), message)
