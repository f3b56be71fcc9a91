"""Findings packed for the ledger, and unpacked so that equal ones are one object.

A photo has some 45 findings, and most of their words are shared by all photos: as JSON they
are 9 KB, deflated 2. A season of 100,000 photos holds millions; the shared ones are kept once.
"""

import json
import zlib
from collections.abc import Callable, Iterable
from sys import intern

from pipeline.words import Finding, Outcome, Text

_VERSION = 1
_LEVEL = 6


def encode_findings(findings: Iterable[Finding]) -> bytes:
    """Pack findings, their measured values without any loss."""
    rows = [
        [
            f.code,
            f.outcome.value,
            _number(f.measured),
            _number(f.low),
            _number(f.high),
            f.unit,
            None if f.because is None else [f.because.zh, f.because.en],
            f.caused_by,
            None if f.quantity is None else [f.quantity.zh, f.quantity.en],
        ]
        for f in findings
    ]
    text = json.dumps({"v": _VERSION, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), _LEVEL)


def findings_decoder() -> Callable[[bytes], tuple[Finding, ...]]:
    """Give a function that unpacks; equal findings and words of all its calls are one object."""
    texts: dict[tuple[str, str], Text] = {}
    shared: dict[tuple[object, ...], Finding] = {}

    def word(kept: list[str] | None) -> Text | None:
        if kept is None:
            return None
        pair = (kept[0], kept[1])
        return texts.setdefault(pair, Text(*pair))

    def decode(packed: bytes) -> tuple[Finding, ...]:
        document = json.loads(zlib.decompress(packed))
        if document["v"] != _VERSION:
            raise ValueError(f"findings of version {document['v']}")
        result = []
        for code, outcome, measured, low, high, unit, because, caused_by, named in document["rows"]:
            words, quantity = word(because), word(named)
            finding = Finding(
                intern(code),
                Outcome(outcome),
                measured,
                low,
                high,
                intern(unit),
                words,
                caused_by,
                quantity,
            )
            if measured is None or measured in {0, 1}:
                key = (code, outcome, measured, low, high, words and (words.zh, words.en))
                own = (unit, caused_by, quantity and (quantity.zh, quantity.en), type(measured))
                finding = shared.setdefault((*key, *own), finding)
            result.append(finding)
        return tuple(result)

    return decode


def encode_text(text: Text) -> list[str]:
    """Keep a text in both languages."""
    return [text.zh, text.en]


def decode_text(kept: list[str]) -> Text:
    """Read it back."""
    return Text(kept[0], kept[1])


def _number(value: float | None) -> float | None:
    """A number as JSON keeps it: numpy's become Python's, whole ones stay whole."""
    if value is None or isinstance(value, int):
        return value
    return float(value)
