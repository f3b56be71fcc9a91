"""Typesetting by typst: PDF and PNG, the same bytes for the same input and fonts.

Data reaches a template as JSON, never as markup. Fonts are those of the machine and go into the
file; without one that has Chinese, English is printed.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import typst

from pipeline.core.rules import Lang
from reports.markup import HERE
from reports.overlay import FONTS

_OTHERS = ("SimHei", "SimSun", "Heiti SC", "WenQuanYi Zen Hei", "Noto Serif CJK SC")
_LATIN = ("DejaVu Sans", "Arial", "Helvetica")
_OWN = "Libertinus Serif"  # comes with typst


@cache
def _families() -> frozenset[str]:
    return frozenset(typst.Fonts().families())


def printable(lang: Lang) -> Lang:
    """Return the language to print in: English where no font of this machine has Chinese."""
    return "zh" if lang == "zh" and _families() & {*FONTS, *_OTHERS} else "en"


def typeset(
    template: str,
    data: Mapping[str, Any],
    files: Mapping[str, bytes],
    form: Literal["pdf", "png"] = "pdf",
    ppi: float = 144,
) -> bytes:
    """Fill in a template of ``reports/templates``; ``files`` are pictures that the data names."""
    fonts = [family for family in (*FONTS, *_OTHERS, *_LATIN) if family in _families()] + [_OWN]
    given = json.dumps({**data, "fonts": fonts}, ensure_ascii=False).encode()
    sources = {"main": (HERE / template).read_bytes(), "data.json": given, **files}
    compile_sources: Any = typst.compile  # its stubs do not know several sources
    made = compile_sources(sources, format=form, ppi=ppi, timestamp=0)
    assert isinstance(made, bytes)
    return made
