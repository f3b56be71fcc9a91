"""entries.jsonl.gz: what `lists` and `notices` need of a run, a line a student, nobody's name.

Names, telephones and whatever else the roster has are read from the roster (of a season: from
its ledger) when lists are made. The first line says of what run the others are.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.errors import UsageError
from pipeline.core.marks import Marks
from pipeline.core.private_files import replacing
from pipeline.core.records import Detail, Result, StudentRow, carried_heads
from pipeline.core.rules import Lang, Text, Verdict
from pipeline.ledger.codec import decode_marks, decode_text, encode_marks, encode_text
from reports.beside import Beside
from reports.page_rows import newest_day
from reports.rule_states import RuleState, states_of
from reports.told import Told

_VERSION = 2


@dataclass(frozen=True)
class States:
    """How the rules stood on a photo; those that are not listed are kept."""

    by_code: dict[str, str]

    def state(self, code: str) -> RuleState:
        """Return the state of one."""
        return RuleState(self.by_code.get(code, RuleState.KEPT))


@dataclass(frozen=True)
class Entry:
    """One student of a run."""

    key: str
    verdict: Verdict
    state: str  # of a season; empty
    codes: tuple[str, ...]
    advice: tuple[Text, ...]  # the student's texts, a cause each
    moves: tuple[Text, ...]  # the photographer's
    reasons: tuple[str, str]  # the record's, in Chinese and English
    place: int | None  # of the photo among the photos: its pictures are named by it
    states: States
    marks: Marks | None

    def reason(self, lang: Lang) -> str:
        """Return the record's reasons."""
        return self.reasons[0 if lang == "zh" else 1]


@dataclass(frozen=True)
class RunHead:
    """Of what run the entries are."""

    spec: str
    newest: str  # day of the newest photo
    header_lines: tuple[Text, ...]
    deadlines: tuple[Text, ...] = ()  # those of the lines that are a season's
    carry: tuple[str, ...] = ()  # heads of the roster's columns that the run took over


def write_entries(result: Result, path: Path, beside: Beside | None) -> None:
    """Write the students of a run."""
    head = {
        "v": _VERSION,
        "spec": result.spec_title,
        "newest": newest_day(result),
        "header_lines": [encode_text(text) for text in result.header_lines],
        "season": beside is not None and beside.season is not None,
        "carry": list(carried_heads(row.student for row in result.students)),
    }
    with (
        replacing(path) as stream,
        gzip.GzipFile("", "wb", 6, stream, mtime=0) as packed,
    ):
        for one in (head, *_entries(result, beside)):
            text = json.dumps(one, ensure_ascii=True, separators=(",", ":"))
            packed.write(f"{text}\n".encode())


def read_entries(path: Path) -> tuple[RunHead, tuple[Entry, ...]]:
    """Read them back.

    Raises
    ------
    UsageError
        There is no such file, or it is none.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            head, *rows = map(json.loads, stream)
        if head["v"] != _VERSION:
            raise UsageError(
                Text(
                    f"{path.name}：由另一版本写成，请重新检查",
                    f"{path.name}: was written by another version; check again",
                )
            )
        lines = tuple(decode_text(text) for text in head["header_lines"])
        deadlines = lines if head["season"] else ()
        run = RunHead(head["spec"], head["newest"], lines, deadlines, tuple(head["carry"]))
        return run, tuple(map(_entry, rows))
    except FileNotFoundError:
        raise UsageError(
            Text(
                f"{path.parent}：里面没有 {path.name}；请给出 check 的 --out 文件夹或采集季文件夹",
                f"{path.parent}: holds no {path.name}; give the --out of `check`, or a season",
            )
        ) from None
    except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise UsageError(
            Text(
                f"{path.name}：无法读取（{type(error).__name__}）",
                f"{path.name}: cannot be read ({type(error).__name__})",
            )
        ) from error


def _entries(result: Result, beside: Beside | None) -> Iterator[dict[str, Any]]:
    told, place = Told(result), {row.photo: i for i, row in enumerate(result.photos)}
    season = None if beside is None else beside.season
    details = result.details(row.photo for row in result.students if row.photo is not None)
    for row in result.students:
        detail = None if row.photo is None else next(details)
        causes = told.causes(row)
        yield {
            "key": row.student.key,
            "verdict": row.verdict.value,
            "state": "" if season is None else season.states[row.student.key].value,
            "codes": list(row.codes),
            "advice": [encode_text(cause.student) for cause in causes],
            "moves": [encode_text(cause.photographer) for cause in causes],
            "reasons": [";".join(told.reasons(row, lang)) for lang in ("zh", "en")],
            "place": None if row.photo is None else place[row.photo],
            **_drawn(result, row, detail),
        }


def _drawn(result: Result, row: StudentRow, detail: Detail | None) -> dict[str, Any]:
    """What is drawn over the photo of who must come again."""
    if detail is None or row.verdict is Verdict.PASS:
        return {"states": {}, "marks": None}
    states = states_of(detail.findings, result.rules)
    open_or_wrong = {
        f.code: state.value
        for f in detail.findings
        if (state := states.state(f.code)) is not RuleState.KEPT
    }
    return {"states": open_or_wrong, "marks": encode_marks(detail.marks)}


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        key=row["key"],
        verdict=Verdict(row["verdict"]),
        state=row["state"],
        codes=tuple(row["codes"]),
        advice=tuple(map(decode_text, row["advice"])),
        moves=tuple(map(decode_text, row["moves"])),
        reasons=(row["reasons"][0], row["reasons"][1]),
        place=row["place"],
        states=States(row["states"]),
        marks=decode_marks(row["marks"]),
    )
