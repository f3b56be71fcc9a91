"""ID numbers, student numbers and names as people type them, and what can be said of them.

What is kept is close to what was typed; what is compared is folded. Nothing here guesses: a
number of another shape is another document, and a name with ``??`` cannot be compared.
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_ID_18 = re.compile(r"[0-9]{17}[0-9X]")
_ID_15 = re.compile(r"[0-9]{15}")
_FIRST_BIRTH_YEAR = 1900

CJK = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002fa1f\U00030000-\U000323af"
)  # 〇, unified and compatibility ideographs; as in a regular expression's [...]
_SPACED_CJK = re.compile(rf"(?<=[{CJK}])\s+(?=[{CJK}])")
_TWO_CJK = re.compile(rf"[{CJK}].*[{CJK}]")
_DOTS = re.compile("[\u2022\u30fb\u2027\uff0e\uff65.]")
# Official DBFs write a character that they lack as ?? (standard.md §4.4).
_LOST = re.compile("[?*\ufffd\u25a1\u3013]")
# Excel always writes the sign of the exponent, so a student number such as 1E5 is left alone.
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
_FLOAT = re.compile(r"[0-9]+\.0+")
_EXCEL_TEXT = re.compile(r'="?([^"]*)"?')


class IdState(StrEnum):
    """What the number of a document comes to."""

    VALID = "valid"
    BAD_CHECK_DIGIT = "bad_check_digit"
    BAD_BIRTH_DATE = "bad_birth_date"
    OTHER_DOCUMENT = "other_document"  # a passport, a permit: nothing to check
    ABSENT = "absent"


def clean_number(text: str) -> str:
    """Return a number as it was meant: half-width, without invisible marks and Excel's quotes.

    Separators and the case of letters are the school's own and stay.
    """
    text = unicodedata.normalize("NFKC", _visible(text)).strip().removeprefix("'").strip()
    quoted = _EXCEL_TEXT.fullmatch(text)
    return quoted[1].strip() if quoted else text


def clean_id(text: str) -> str:
    """Return the number of a document without spaces and in capitals (x→X, standard.md §4.1)."""
    return re.sub(r"\s+", "", clean_number(text)).upper()


def clean_name(text: str) -> str:
    """Return a name as it is shown: trimmed, without the spaces that fill up 张　三.

    The middle dot stays as it was typed; only `name_key` unifies it.
    """
    return re.sub(r"\s+", " ", _SPACED_CJK.sub("", _visible(text).strip()))


def name_key(text: str) -> str:
    """Return a name for comparison: NFKC, every look-alike of the middle dot as U+00B7.

    Dots: standard.md §4.4, 民委发〔2016〕33号.
    """
    folded = _DOTS.sub("\u00b7", unicodedata.normalize("NFKC", clean_name(text)))
    return re.sub(r"\s*\u00b7\s*", "\u00b7", folded).upper()


def comparable_name(text: str) -> bool:
    """Whether a name can be compared: two Chinese characters or more, and none lost.

    A name with ``??`` or in pinyin is no mismatch: it cannot be compared (standard.md §4.4).
    """
    folded = unicodedata.normalize("NFKC", text)
    return _TWO_CJK.search(folded) is not None and _LOST.search(folded) is None


def check_digit(first_17: str) -> str:
    """Return the 18th character of an ID number (GB 11643-1999; ISO 7064 MOD 11-2)."""
    total = sum(w * int(c) for w, c in zip(_WEIGHTS, first_17, strict=True))
    return _CHECK_DIGITS[total % 11]


def upgrade_id(id_no: str) -> str:
    """Return the 18 characters of a 15-digit number of GB 11643-1989; others unchanged."""
    if not _ID_15.fullmatch(id_no):
        return id_no
    body = f"{id_no[:6]}19{id_no[6:]}"
    return body + check_digit(body)


def id_state(id_no: str, today: date | None = None) -> IdState:
    """Hold a document's number against GB 11643.

    Parameters
    ----------
    id_no
        As typed.
    today
        No one was born after it; the day of the run by default.

    Notes
    -----
    A valid check digit does not prove that the number is this student's. The 15-digit form
    has no check digit: only its birth date can be wrong.
    """
    number = clean_id(id_no)
    if not number:
        return IdState.ABSENT
    number = upgrade_id(number)
    if not _ID_18.fullmatch(number):
        return IdState.OTHER_DOCUMENT
    if check_digit(number[:17]) != number[17]:
        return IdState.BAD_CHECK_DIGIT
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return IdState.BAD_BIRTH_DATE
    plausible = date(_FIRST_BIRTH_YEAR, 1, 1) <= birth <= (today or date.today())  # noqa: DTZ011 - a calendar day, not a moment
    return IdState.VALID if plausible else IdState.BAD_BIRTH_DATE


def zeroed_by_excel(id_no: str) -> bool:
    """Whether 18 digits end in the ``000`` that Excel leaves of a number (standard.md §4.1)."""
    return re.fullmatch(r"[0-9]{15}000", clean_id(id_no)) is not None


def excel_damage(text: str) -> bool:
    """Whether a number's text is what a spreadsheet made of it: ``1.1E+17``, ``2023.0``."""
    number = clean_number(text)
    return bool(_SCIENTIFIC.fullmatch(number) or _FLOAT.fullmatch(number))


def _visible(text: str) -> str:
    """Drop marks of direction, joiners and controls, which are copied along unseen."""
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cf", "Cc"})
