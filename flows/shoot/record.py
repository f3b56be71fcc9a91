"""For the auditor: by what a run judged, and that nothing of it disappeared."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.core.records import Result
from pipeline.core.rules import Lang, Text, Verdict
from pipeline.ledger.provenance import model_hashes, versions
from pipeline.ledger.season import document_sha256
from pipeline.spec.files import flatten, merge, read_files, spec_names
from reports.beside import Line
from reports.shared_words import MODES, VERDICTS, borderline_text
from reports.summary import summary

_DEFAULT = "chsi_graduate"
_NUMBERS = ("low", "high", "note_low", "note_high", "uncertainty", "borderline")  # of a limit
_MOST = 40  # changed keys that are shown
_NONE = Text("无", "none")


def run_record(
    document: Mapping[str, Any], result: Result, off: Iterable[str], reviews: Iterable[Line] = ()
) -> tuple[Line, ...]:
    """Say by which spec, program and models a run judged, and what came in and went out."""
    program, libraries = versions()
    base, changed = _changes(document)
    shown = "; ".join(changed[:_MOST]) + ("; …" if len(changed) > _MOST else "")
    models = " ".join(f"{name} {sha256[:12]}" for name, sha256 in model_hashes().items())
    codes = " ".join(sorted(off))
    spec = f"{document['id']} SHA-256 {document_sha256(document)}"
    return (
        (Text("规范", "Specification"), _both(spec)),
        (
            Text(f"与发布的 {base} 相比", f"Changed against the shipped {base}"),
            _both(shown) if changed else _NONE,
        ),
        (Text("关闭的规则", "Rules that are off"), _both(codes) if codes else _NONE),
        (Text("检查方式", "Mode"), MODES[result.mode]),
        (Text("程序", "Program"), _both(f"gradphoto {program}; {libraries}")),
        (Text("模型", "Models"), _both(models)),
        (Text("文件", "Files"), _files(result)),
        (Text("学生", "Students"), _students(result)),
        (Text("测量不确定度之内", "Near limits"), borderline_text(summary(result).borderline)),
        *reviews,
    )


def _changes(document: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Which shipped spec a spec is nearest to, and the keys in which it differs."""
    base = document["id"] if document["id"] in spec_names() else _DEFAULT
    own, shipped = dict(_values(document)), dict(_values(merge(read_files(base))))
    keys = sorted(key for key in {*own, *shipped} if own.get(key) != shipped.get(key))
    return base, [f"{key} {shipped.get(key, '–')} → {own.get(key, '–')}" for key in keys]


def _values(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each value by its key, those of a limit one by one; why they are so is left out."""
    for key, value in flatten(document):
        if isinstance(value, Mapping):
            yield from (
                (f"{key}.{end}", number) for end, number in value.items() if end in _NUMBERS
            )
        else:
            yield key, value


def _files(result: Result) -> Text:
    """Every file that came in is one row."""
    counts = Counter(row.verdict for row in result.photos)
    strays = sum(row.student_key is None for row in result.photos)
    total, uploads = len(result.photos), len(result.uploads)
    return Text(
        f"收到 {total} = {_sum(counts, 'zh')}；其中无对应学生 {strays}；生成上传文件 {uploads}",
        f"{total} came = {_sum(counts, 'en')}; {strays} of no student; {uploads} upload files",
    )


def _students(result: Result) -> Text:
    """Every record of the roster is one row."""
    counts = Counter(row.verdict for row in result.students)
    total = len(result.students)
    return Text(f"名单 {total} = {_sum(counts, 'zh')}", f"roster {total} = {_sum(counts, 'en')}")


def _sum(counts: Counter[Verdict], lang: Lang) -> str:
    return " + ".join(f"{VERDICTS[v][lang]} {counts[v]}" for v in Verdict if counts[v]) or "0"


def _both(text: str) -> Text:
    return Text(text, text)
