"""How results are shown: in which language, and whether persons are named in full.

The rules by which names and numbers are masked stand here alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.core.rules import Lang
from pipeline.intake.identifiers import CJK, clean_id, clean_name

Carried = tuple[tuple[str, str], ...]  # head, text

_PERSONS = re.compile(f"[{CJK}]{{2,}}")
_ID_NUMBERS = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9])")
# Shorter numbers would be given away by four of their characters.
_SHORTEST_SHOWN = 8


@dataclass(frozen=True)
class Presentation:
    """How one run, or one answer, is shown."""

    lang: Lang = "zh"
    full_names: bool = False

    def shown_name(self, name: str) -> str:
        """Return a name as a report shows it: masked, or all of it."""
        return name if self.full_names else mask_name(name)

    def shown_number(self, text: str) -> str:
        """Return a student's number; one that is an ID number is masked."""
        return text if self.full_names else _ID_NUMBERS.sub(lambda m: mask_id(m[0]), text)

    def shown_carried(self, carried: Carried) -> Carried:
        """Return columns of the roster, such as 联系电话, as a page shows them that may be shared.

        With the names, or not at all: a telephone names its owner.
        """
        return carried if self.full_names else ()

    def shown_path(self, path: str, groups: Iterable[str] = ()) -> str:
        """Return a path in which names and ID numbers are masked: 张三-2023001.jpg too.

        ``groups`` are colleges, majors and classes as the roster writes them, which are
        nobody's names. Student numbers stay: without them nobody could find the file.
        """
        if self.full_names:
            return path
        known = {run for group in groups for run in _PERSONS.findall(group)}
        masked = _PERSONS.sub(lambda m: m[0] if m[0] in known else mask_name(m[0]), path)
        return self.shown_number(masked)


def mask_name(name: str) -> str:
    """Return the first character and ``**``: 张**."""
    name = clean_name(name)
    return f"{name[0]}**" if name else ""


def mask_id(id_no: str) -> str:
    """Return the first 3 and the last 1: ``510**************X``; short numbers are all stars."""
    number = clean_id(id_no)
    if len(number) < _SHORTEST_SHOWN:
        return "*" * len(number)
    return f"{number[:3]}{'*' * (len(number) - 4)}{number[-1]}"


def id_to_compare(id_no: str) -> str:
    """Return an ID number as its owner compares it: without the middle, which is the birthday."""
    number = clean_id(id_no)
    if len(number) < 2 * _SHORTEST_SHOWN - 1:
        return mask_id(number)
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
