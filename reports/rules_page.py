"""docs/rules.md: each rule with its words, its limits, where it is from and what declares it.

The page is written from the rules and the default spec (`gradphoto rules --markdown`); what
no rule says stands here: the keys of limits that a rule does not judge by alone, and what is
not checked.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Protocol

from pydantic import BaseModel

from pipeline.core.bands import Band
from pipeline.core.rules import Remedy, Rule, Text
from pipeline.core.verdict import remedies
from pipeline.rules import RETIRED_CODES, all_rules, duplicates, identity, program, roster, season
from pipeline.spec.document import Sizes
from pipeline.spec.spec import Spec


class _Check(Protocol):
    """A check, as far as this page shows one."""

    @property
    def name(self) -> str: ...
    @property
    def rules(self) -> tuple[Rule, ...]: ...
    @property
    def bands(self) -> Mapping[str, str]: ...
    @property
    def run(self) -> Callable[..., Any]: ...


# Limits of rules that hold more than one, or none that alone decides; the others name theirs
# in `Check.bands`.
_LIMITS: Mapping[str, tuple[str, ...]] = {
    "BG001": ("limits.background.delta_e", "limits.background.colours"),
    "BG004": ("limits.outline.contrast", "limits.outline.clothes_avoid"),
    "DU002": ("identity.false_pairs",),
    "DU003": ("identity.false_accept", "identity.false_reject"),
    "DU004": ("identity.false_accept", "identity.false_reject"),
    "DU005": ("identity.false_accept", "identity.false_reject"),
    "EY002": ("limits.eyes.covered",),
    "EY004": ("limits.eyes.glasses", "limits.eyes.frame"),
    "FC004": ("output.crown", "output.crown_reading"),
    "FC006": ("output.face_width", "output.head_width", "output.head_height"),
    "FC010": ("limits.face.edge", "limits.face.shoulders"),
    "FL001": ("reading.max_bytes", "reading.max_pixels"),
    "FS002": ("limits.file_size.quality", "limits.file_size.unsure"),
    "HT001": (
        "limits.head_covering.covered",
        "limits.head_covering.around",
        "limits.head_covering.beside",
    ),
    "LT001": ("limits.light.face", "limits.light.clipped"),
    "LT003": ("limits.light.cast", "limits.light.skin_hue", "limits.light.skin_chroma"),
    "MK002": ("limits.mask.hand", "limits.mask.thing"),
    "RS001": ("output.scale", "output.sizes"),
    "RS003": ("output.dpi", "output.dpi_most"),
    "SH002": ("limits.recapture.regular", "limits.recapture.screen", "limits.recapture.bars"),
    "SN001": ("season.attempts",),
    "SN002": ("season.deadlines",),
}

_NOT_CHECKED: tuple[tuple[Text, str], ...] = (
    (Text("双耳", "ears that show, and evenly"), "§1.1"),
    (Text("两肩平衡", "level shoulders (FC010 asks only that they are in the picture)"), "§1.1"),
    (Text("首饰", "earrings, necklaces"), "§1.1"),
    (Text("化妆、美颜", "make-up, beautifying"), "§1.1, §5.2"),
    (Text("美瞳", "coloured contact lenses (EY002 sees what covers an eye)"), "§1.1"),
    (Text("平视", "where the eyes look (FC008 and FC009 measure the head)"), "§1.1"),
    (Text("镜框遮眼", "frames over the eyes, where glasses are allowed"), "§1.1"),
    (Text("技术处理", "retouched scars, moles or hair"), "§1.1"),
    (Text("镜像", "a mirrored picture, unless the same one is there unmirrored (DU001)"), "§1.1"),
    (
        Text(
            "无字的标志、淡的大水印、花纹衣服上的字",
            "marks without letters, faint or very large watermarks, text on patterned clothes",
        ),
        "§1.1",
    ),
    (Text("衣着", "patterns, stripes, collars, uniforms (BG004 looks at colour)"), "§1.1"),
    (Text("近期", "how old the picture is"), "§1.1"),
)

_INTRO = """\
# Rules

Written by `gradphoto rules --markdown > docs/rules.md`; a test compares. Limits are those of \
`{spec}` ({title}); `gradphoto spec show NAME` prints those of another, and a spec may change a \
remedy or switch a rule off. Sources are clauses and keys of [standard.md](standard.md), the \
letters say how sure they are: **O** official, **O~** official as reposted, **U** a university's \
or vendor's notice, **H** hearsay, **C** computed, **P** ours.

*Remedy*: **retake** 需补拍, a new picture helps; **staff** 异常, a person must decide; **note**, \
reported and decides nothing. A rule that could not be assessed is never a pass.
"""

_CODES = """\
## Codes

Two letters for the family, three digits. A code never changes its meaning and is never used \
again. Taken:

| prefix | declared in |
|---|---|"""

_ADDING = """\
## What adding a rule does

- **To specs.** A check with limits needs its table in every spec. Shipped specs extend \
`chsi_graduate` and inherit it. A customer's spec that extends a shipped one does too; one that \
stands alone is refused, with file and key, until it has the table.
- **To running seasons.** A season keeps the spec that it began with. Where that lacks the new \
table, every command on it stops with one line; where photographs were examined by other rules, \
the next round does. `gradphoto season rejudge` shows what would change, and with `--apply` \
examines again what needs it; `--spec` gives the season a spec with the new table. What stays as \
it was judged is not touched before that.
- **To results.** `findings.csv` has a row more for each photograph. A rule with remedy *note* \
changes no verdict: begin with it, and see by `gradphoto calibrate` what a limit would refuse.
- **To this page and [standard.md](standard.md).** The rule's source must resolve there, and \
this page is written anew.
"""


def rules_page(checks: Iterable[_Check], spec: Spec) -> str:
    """Write the whole of docs/rules.md, with the limits of ``spec``."""
    checks = tuple(checks)
    every = sorted(all_rules(checks), key=lambda rule: rule.code)
    remedy = remedies(every, spec.remedies)
    keys = limits_of(checks)
    parts = [
        _INTRO.format(spec=spec.id, title=spec.title.zh),
        _overview(every, remedy),
        _not_checked(),
        _codes(checks),
        _ADDING,
        "## Rule by rule\n",
    ]
    for module, rules in _declared(checks):
        about = (module.__doc__ or "").partition("\n")[0]
        parts.append(f"### `{_path(module)}`\n\n{about}\n")
        parts += [_rule(rule, remedy[rule.code], keys.get(rule.code, ()), spec) for rule in rules]
    return "\n".join(parts)


def limits_of(checks: Iterable[_Check]) -> dict[str, tuple[str, ...]]:
    """Return the keys of the spec that each rule is held against, by code."""
    bands = {code: (key,) for check in checks for code, key in check.bands.items()}
    return {**bands, **_LIMITS}


def _declared(checks: Sequence[_Check]) -> Iterator[tuple[ModuleType, tuple[Rule, ...]]]:
    """Yield each module that declares rules, with them; in the order of their first code."""
    found: dict[ModuleType, tuple[Rule, ...]] = {}
    for check in checks:
        module = sys.modules[check.run.__module__]
        found[module] = (*found.get(module, ()), *check.rules)
    for module in (duplicates, identity, program, roster, season):
        rules = {v.code: v for v in vars(module).values() if isinstance(v, Rule)}
        found[module] = tuple(rules.values())
    yield from sorted(found.items(), key=lambda pair: min(rule.code for rule in pair[1]))


def _path(module: ModuleType) -> str:
    return module.__name__.replace(".", "/") + ".py"


def _overview(rules: Iterable[Rule], remedy: Mapping[str, Remedy]) -> str:
    rows = (
        f"| [{r.code}](#{r.code.lower()}) | {r.fault.zh} | {r.fault.en} | {remedy[r.code]} |"
        for r in rules
    )
    return "\n".join(["| code | 问题 | fault | remedy |", "|---|---|---|---|", *rows, ""])


def _not_checked() -> str:
    lines = [f"- {what.zh}: {what.en} ({_linked(clause)})" for what, clause in _NOT_CHECKED]
    return "\n".join(["## Not checked 不检查的内容", "", *lines, ""])


def _codes(checks: Sequence[_Check]) -> str:
    """List the prefixes that are taken, the files they lead to, and the codes that were."""
    files: dict[str, list[str]] = {}
    for module, rules in _declared(checks):
        for prefix in sorted({rule.code[:2] for rule in rules}):
            files.setdefault(prefix, []).append(f"`{_path(module)}`")
    rows = [f"| {prefix} | {', '.join(files[prefix])} |" for prefix in sorted(files)]
    retired = [f"Retired: {code}, {why}" for code, why in sorted(RETIRED_CODES.items())]
    lines = [_CODES, *rows, "", *(retired or ["Retired: none yet."]), ""]
    return "\n".join(lines)


def _rule(rule: Rule, remedy: Remedy, keys: Sequence[str], spec: Spec) -> str:
    lines = [f"#### {rule.code}", "", f"**{rule.fault.zh}** · {rule.fault.en} · *{remedy}*", ""]
    if rule.quantity.zh:
        unit = f" ({rule.unit})" if rule.unit else ""
        lines.append(f"- measured: {rule.quantity.zh} · {rule.quantity.en}{unit}")
    lines += [f"- limit `{key}`: {_limit(spec, key)}" for key in keys]
    lines.append(f"- student: {rule.student.zh} · {rule.student.en}")
    lines.append(f"- photographer: {rule.photographer.zh} · {rule.photographer.en}")
    lines.append(f"- source: {_linked(rule.source)}")
    return "\n".join([*lines, ""])


def _limit(spec: Spec, key: str) -> str:
    """Show a value of the spec, a limit with how sure it is and where it is from."""
    value = spec.value(key)
    if isinstance(value, Band):
        return f"{_window(value)} (**{value.confidence}**: {_linked(value.source)}){_unsure(value)}"
    if value is None:
        return "not asked for"
    if isinstance(value, tuple | list):
        return ", ".join(_plain(item) for item in value) or "none"
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, Sizes):
        least, most = value.least, value.most
        return "–".join(f"{w}×{h}" for w, h in dict.fromkeys((least, most)))
    if isinstance(value, tuple):
        return "(" + ", ".join(_plain(item) for item in value) + ")"
    assert not isinstance(value, BaseModel)
    return str(value)


def _window(band: Band) -> str:
    """Say what breaks the rule, and from where on it is noted."""
    allowed = _ends(band.low, band.high)
    noted = _ends(band.note_low, band.note_high)
    return ", ".join(part for part in (allowed, f"without a note {noted}" if noted else "") if part)


def _unsure(band: Band) -> str:
    """Say how sure the measure is, and what becomes of a value beyond the limit by less."""
    if band.uncertainty is None:
        return ""
    return f"; ±{band.uncertainty:g}, beyond it by less: *{band.borderline}*"


def _ends(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if high is not None:
        return f"at most {high:g}"
    return "" if low is None else f"at least {low:g}"


def _linked(source: str) -> str:
    """Make links of the clauses and keys that a source names."""
    without_page = source.replace("standard.md §", "§")
    clauses = re.sub(r"§(\d+(?:\.\d+)?)", r"[§\1](standard.md#\1)", without_page)
    keys = re.sub(r"\b(S\d{1,3})\b", r"[\1](standard.md#\1)", clauses)
    return keys.replace("<", "&lt;").replace("|", "\\|")
