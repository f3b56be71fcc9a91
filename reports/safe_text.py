"""Text that comes from outside (file names, roster names), made fit to be written.

CSV keeps it as it came, as far as UTF-8 can hold it, because other programs join on
it. What people read (XLSX, HTML) shows what is invisible, so that a name with a
right-to-left override cannot pass for another.
"""

import re
from functools import lru_cache

MARK = "\N{REPLACEMENT CHARACTER}"

_SURROGATES = re.compile("[\ud800-\udfff]")  # bytes of a file name that are not UTF-8
_UNSEEN = re.compile(
    "[\ud800-\udfff\x00-\x1f\x7f-\x9f\ufffe\uffff"
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
# A spreadsheet takes the full-width signs for formulas too.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def well_formed(text: str) -> str:
    """Return ``text`` with lone surrogates shown as U+FFFD, so that UTF-8 can hold it."""
    return _SURROGATES.sub(MARK, text)


def visible(text: str) -> str:
    """Return ``text`` with every control and direction mark shown as U+FFFD."""
    return _UNSEEN.sub(MARK, text)


@lru_cache(4096)  # codes, units and the name of a photo stand in many cells
def csv_text(text: str) -> str:
    """Return ``text`` as a CSV cell that no spreadsheet runs as a formula.

    A leading apostrophe is the spreadsheets' own sign for text. Student numbers
    start with a digit or letter and are never touched.
    """
    text = well_formed(text)
    return f"'{text}" if _FORMULA.match(text) else text
