"""File names taken apart: what is a number or a name in them, and what is not.

A token is the longest run of letters and digits, or of Chinese characters; anything else
separates. So ``张三2023141460012(1).jpg`` holds 张三 and 2023141460012, while a number inside a
longer one is never found. A number that has separators itself is found as a run of tokens.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pipeline.intake.identifiers import CJK

_CHINESE = re.compile(f"[{CJK}]+")
_TOKEN = re.compile(rf"[{CJK}]+|(?:(?![{CJK}])[^\W_])+")
_COPY = re.compile(
    r"[\s_-]{0,3}(?:\(\d{1,3}\)|[-_\s](?:COPY|副本|复制|拷贝)(?:[\s_-]{0,3}\d{1,2})?|副本)\s*$"
)
_MOST_COPY_MARKS = 3  # - 副本 (2) (1)
# What people call a name has at most this many parts: 阿卜杜 · 热依木 · 买买提.
_NAME_PARTS = 4


def folded(text: str) -> str:
    """Return text for comparison: NFKC and capitals, without invisible marks.

    Circled and raised digits become spaces first: as NFKC would have it, ``2023001②`` is
    another student's 20230012.
    """
    if not text.isascii():
        text = "".join(_plain(c) for c in text)
        text = unicodedata.normalize("NFKC", text)
    return text.upper()


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    plain = unicodedata.normalize("NFKC", character)
    return " " if category in {"No", "So"} and not _CHINESE.fullmatch(plain) else character


def tokens_of(text: str) -> tuple[str, ...]:
    """Take a part of a path, without its extension, into tokens; marks of copies are no part."""
    text = folded(text)
    for _ in range(_MOST_COPY_MARKS):
        mark = _COPY.search(text)
        if mark is None or mark.start() == 0:
            break
        text = text[: mark.start()]
    return tuple(_TOKEN.findall(text))


def number_forms(number: str) -> set[str]:
    """Return the forms under which a number is found: its tokens, and these run together."""
    tokens = _TOKEN.findall(folded(number))
    return {" ".join(tokens), "".join(tokens)} - {""}


def runs(tokens: Sequence[str], longest: int) -> Iterator[tuple[int, int, str]]:
    """Yield every run of adjoining tokens, the longest first, as (start, end, text)."""
    for length in range(min(longest, len(tokens)), 0, -1):
        for start in range(len(tokens) - length + 1):
            yield start, start + length, " ".join(tokens[start : start + length])


def chinese_runs(tokens: Sequence[str]) -> set[str]:
    """Return what may be a name: adjoining Chinese tokens, run together (张　三, 阿依·古丽)."""
    found = set()
    for start in range(len(tokens)):
        name = ""
        for token in tokens[start : start + _NAME_PARTS]:
            if not _CHINESE.fullmatch(token):
                break
            name += token
            found.add(name)
    return found


def name_form(name: str) -> str:
    """Return a name as `chinese_runs` gives it: its Chinese characters alone."""
    return "".join(_CHINESE.findall(folded(name)))
