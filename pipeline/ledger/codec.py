"""Findings packed for the ledger, and unpacked so that what photos share is one object.

A photo has some 45 findings, and most of their words are shared by all photos: as JSON they
are 9 KB, deflated 2.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from sys import intern
from typing import Any

from pipeline.core.causes import Cause
from pipeline.core.marks import Label, Layer, Mark, Marks, Standing
from pipeline.core.rules import Finding, Outcome, Text
from pipeline.ledger.column_types import damaged

_VERSION = 2
_READ = {1, _VERSION}  # 1 knew no borderline
_READERS = ("student", "photographer", "record")  # of a cause
_LEVEL = 6
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}  # twice as quick as the call
_SHARED = 5000  # findings; there are some hundred kinds


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
            *([True] if f.borderline else []),
        ]
        for f in findings
    ]
    text = json.dumps({"v": _VERSION, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), _LEVEL)


def findings_decoder() -> Callable[[bytes], tuple[Finding, ...]]:
    """Return a function that unpacks; what most photos share is one object for all its calls."""
    shared: dict[tuple[object, ...], Finding] = {}

    def word(kept: list[str] | None) -> Text | None:
        return None if kept is None else Text(kept[0], kept[1])

    def decode(packed: bytes) -> tuple[Finding, ...]:
        try:
            document = json.loads(zlib.decompress(packed))
            if document["v"] in _READ:
                return tuple(finding(*row) for row in document["rows"])
        except (zlib.error, ValueError, LookupError, TypeError, RecursionError):
            pass
        raise damaged(Text("检查结果无法解开", "findings that cannot be unpacked"))

    def finding(
        code: str,
        outcome: str,
        measured: float | None,
        low: float | None,
        high: float | None,
        unit: str,
        because: list[str] | None,
        caused_by: str | None,
        quantity: list[str] | None,
        borderline: bool = False,  # noqa: FBT001 - a column
    ) -> Finding:
        def made() -> Finding:
            rest = (word(because), caused_by, word(quantity), borderline)
            return Finding(
                intern(code), _OUTCOMES[outcome], measured, low, high, intern(unit), *rest
            )

        if measured is not None and measured not in {0, 1}:
            return made()
        rest = (caused_by, because and tuple(because), quantity and tuple(quantity), borderline)
        key = (code, outcome, measured, type(measured), low, high, unit, *rest)
        found = shared.get(key)
        if found is None:
            found = made()
            if len(shared) < _SHARED:  # a sentence about one photo alone is not worth keeping
                shared[key] = found
        return found

    return decode


def encode_causes(causes: Iterable[Cause]) -> list[dict[str, object]]:
    """Keep causes with their texts, as JSON can hold them."""
    return [_encode_cause(cause) for cause in causes]


def decode_causes(kept: Iterable[dict[str, Any]]) -> tuple[Cause, ...]:
    """Read them back."""
    return tuple(map(_decode_cause, kept))


def _encode_cause(cause: Cause) -> dict[str, object]:
    texts = {name: encode_text(getattr(cause, name)) for name in _READERS}
    return {"key": cause.key, "codes": list(cause.codes), "amount": cause.amount, **texts}


def _decode_cause(kept: dict[str, Any]) -> Cause:
    texts = {name: decode_text(kept[name]) for name in _READERS}
    return Cause(intern(kept["key"]), tuple(kept["codes"]), amount=kept["amount"], **texts)


def encode_marks(marks: Marks | None) -> str | None:
    """Pack marks into text: 3 KB of paths become half of it."""
    if marks is None:
        return None
    rows = [_encode_mark(one) for one in marks.marks]
    text = json.dumps([marks.width, marks.height, rows, marks.frame], separators=(",", ":"))
    return b64encode(zlib.compress(text.encode(), _LEVEL)).decode()


def decode_marks(kept: str | None) -> Marks | None:
    """Read them back."""
    if kept is None:
        return None
    try:
        width, height, rows, frame = json.loads(zlib.decompress(b64decode(kept)))
        return Marks(width, height, tuple(map(_decode_mark, rows)), tuple(frame))
    except (zlib.error, ValueError, TypeError) as error:
        raise damaged(Text("测量标记不成立", "marks that are none")) from error


def _encode_mark(mark: Mark) -> list[Any]:
    label = mark.label
    words = label and [encode_text(label.text), label.y, label.x, label.low, label.high]
    return [mark.layer.value, mark.code, mark.path, mark.standing, words]


def _decode_mark(kept: list[Any]) -> Mark:
    layer, code, path, standing, words = kept
    label = None if words is None else Label(decode_text(words[0]), *words[1:])
    return Mark(Layer(layer), intern(code), path, Standing(standing), label)


def encode_text(text: Text) -> list[str]:
    """Keep a text in both languages."""
    return [text.zh, text.en]


def decode_text(kept: list[Any]) -> Text:
    """Read it back."""
    match kept:
        case [str(zh), str(en)]:
            return Text(zh, en)
    raise damaged(Text("原因不成立", "a reason that is none"))


def _number(value: float | None) -> float | None:
    """A number as JSON keeps it: numpy's become Python's, whole ones stay whole."""
    if value is None or isinstance(value, int):
        return value
    return float(value)


def codes_of(joined: str) -> tuple[str, ...]:
    """Return the codes that a row keeps in one text."""
    return tuple(filter(None, joined.split(";")))
