"""File names taken apart: what is a number or a name in them, and what is not.

A token is the longest run of letters and digits, or of Chinese characters; anything else
separates. So ``张三2023141460012(1).jpg`` holds 张三 and 2023141460012, while a number inside a
longer one is never found. A number that has separators itself is found as a run of tokens.

Where that finds nothing, `spans_of` looks closer: letters may touch the number
(``zp2023141460012``), and people part it with spaces or dashes.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.intake.identifiers import CJK

_CHINESE = re.compile(f"[{CJK}]+")
_TOKEN = re.compile(rf"[{CJK}]+|(?:(?![{CJK}])[^\W_])+")
_COPY = re.compile(
    r"[\s_-]{0,3}(?:\(\d{1,3}\)|[-_\s](?:COPY|副本|复制|拷贝)(?:[\s_-]{0,3}\d{1,2})?|副本)\s*$"
)
_MOST_COPY_MARKS = 3  # - 副本 (2) (1)
_DIGITS = re.compile(r"[0-9]+")
_PARTS = r"[\s._~+·,、\u2010-\u2015\u2212-]{%s,3}"  # what people part a number with
_PARTED = re.compile(rf"[0-9]+(?:{_PARTS % 1}[0-9]+)*")
_THEN_LETTERS = re.compile(rf"{_PARTS % 0}((?:(?![{CJK}])[^\W\d_])+)")
_ID_DIGITS = 17  # of an ID number that ends in X
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
    return tuple(_TOKEN.findall(_without_copy_marks(text)))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a name that reads as a number when what parts it is left out."""

    text: str
    digits: int
    start: int
    end: int  # places in the name
    whole: bool  # nothing that stands beside it can belong to it


def spans_of(text: str, longest: int) -> list[Span]:
    """Give every stretch of a part of a path that may be a number, the longest first.

    Letters that touch it are none of it or all of it. Digits that are parted are whole where
    no more of them follow or go before, and where they are not written as a date; digits that
    touch a word on their far side (软件2301 2023 1414 60001) are that word's.

    Parameters
    ----------
    longest
        Characters in the longest number that is looked for.
    """
    text = _without_copy_marks(text)
    spans: list[Span] = []
    for group in _PARTED.finditer(text):
        pieces = list(_DIGITS.finditer(text, *group.span()))
        firsts = {0, int(text[: group.start()][-1:].isalpha())}
        lasts = {len(pieces), len(pieces) - text[group.end() :][:1].isalpha()}
        for first in range(len(pieces)):
            for last in range(first + 1, len(pieces) + 1):
                run = pieces[first:last]
                if sum(len(piece[0]) for piece in run) > longest:
                    break
                ends = first in firsts and last in lasts and not _is_date(run)
                spans += _with_letters(text, run, whole=len(run) == 1 or ends)
    return sorted(spans, key=lambda span: (-len(span.text), span.start))


def _with_letters(text: str, run: Sequence[re.Match[str]], *, whole: bool) -> Iterator[Span]:
    """Yield a run of digits, and with the letters before and after it."""
    start, end = run[0].start(), run[-1].end()
    number = "".join(piece[0] for piece in run)
    before = _THEN_LETTERS.match(text[::-1], len(text) - start)
    after = _THEN_LETTERS.match(text, end)
    yield Span(number, len(number), start, end, whole)
    ahead, begin = ("", start) if before is None else (before[1][::-1], len(text) - before.end())
    behind, stop = ("", end) if after is None else (after[1], after.end())
    # 1B2023: a digit goes on before the letter, so that this is a part of something else.
    if ahead:
        open_ended = text[:begin][-1:].isdecimal()
        yield Span(ahead + number, len(number), begin, end, whole and not open_ended)
    if len(number) == _ID_DIGITS and behind.startswith("X"):  # …001Xzhang: its check digit
        yield Span(f"{number}X", len(number), start, stop - len(behind) + 1, whole)
    if behind:
        open_ended = text[stop:][:1].isdecimal()
        yield Span(number + behind, len(number), start, stop, whole and not open_ended)


def _is_date(run: Sequence[re.Match[str]]) -> bool:
    """Whether digits are parted as a date is: 2023-10-12."""
    if [len(piece[0]) for piece in run] != [4, 2, 2]:
        return False
    return 1 <= int(run[1][0]) <= 12 and 1 <= int(run[2][0]) <= 31


def _without_copy_marks(text: str) -> str:
    text = folded(text)
    for _ in range(_MOST_COPY_MARKS):
        mark = _COPY.search(text)
        if mark is None or mark.start() == 0:
            break
        text = text[: mark.start()]
    return text


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
