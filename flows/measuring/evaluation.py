"""The table that `gradphoto evaluate` prints, and the command behind it."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from checks import CHECKS
from flows.measuring.evaluate import Seen, clean, colours, look, lost, out_of_fold, strict, tables
from flows.measuring.intervals import wilson
from flows.measuring.labels import Labelled, add_labels, read_labels
from flows.shoot.worker import default_workers, start
from pipeline.core.errors import UsageError
from pipeline.core.pool import WorkerPool
from pipeline.core.rules import Mode, Text
from pipeline.examine.setting import Setting
from pipeline.spec.spec import Spec, load_spec

HEADS = (
    "rule", "positives", "caught", "recall", "recall_low", "recall_high",
    "negatives", "false_alarms", "rate", "rate_low", "rate_high",
    "not_assessed", "share", "share_low", "share_high",
)  # fmt: skip
# What a careful inspector looks for on the head and on the face.
_CONTENT = ("EY001", "EY002", "FC001", "FC002", "HT001", "MK001", "MK002")
_FEWEST_FOLDS = 2


def evaluate(
    file: Path, spec_name: str, folds: int | None, more: Path | None, workers: int
) -> None:
    """Examine the photos of a labels file and print the table.

    Raises
    ------
    UsageError
        When the labels or the spec are unusable.
    """
    if folds is not None and folds < _FEWEST_FOLDS:
        raise UsageError(
            Text(
                f"--folds {folds}：至少为 {_FEWEST_FOLDS}",
                f"--folds {folds}: at least {_FEWEST_FOLDS}",
            )
        )
    spec = load_spec(spec_name, CHECKS)
    seen = examine_all(file, spec, more, workers)
    if folds is not None:
        seen = out_of_fold(seen, folds)
    show(rows_of(seen, spec))


def examine_all(file: Path, spec: Spec, more: Path | None, workers: int) -> list[Seen]:
    """Examine every photo of a labels file that is there, in worker processes (0: one a core).

    Those that are not there are named on standard error.

    Raises
    ------
    UsageError
        When the labels are unusable, or none of the files is there.
    """
    rows = read_labels(file)
    if more is not None:
        rows = add_labels(rows, more)
    present = [row for row in rows if row.path.is_file()]
    _report_missing([row for row in rows if not row.path.is_file()])
    if not present:
        raise UsageError(
            Text(
                f"{file.name}：其中列出的 {len(rows)} 个文件都不在",
                f"{file.name}: none of its {len(rows)} files is there",
            )
        )
    asked = strict(spec)
    pool = WorkerPool(
        partial(look, spec=asked),
        lost,
        workers=min(workers or default_workers(), len(present)),
        initializer=start,
        initargs=(Setting(asked, Mode.SOURCE),),
    )
    tell = _progress(len(present))
    seen = []
    with pool:
        for photo in pool.run(present):
            seen.append(photo)
            tell()
    return seen


def rows_of(seen: Sequence[Seen], spec: Spec) -> list[tuple[str, ...]]:
    """Return the table's rows: the rules in the order of their codes, colours, clean photos."""
    rows: list[tuple[str, ...]] = []
    for code, counts in tables(seen, spec).items():
        rows.append(
            (
                code,
                *_share(counts.caught, counts.positives),
                *_share(counts.false_alarms, counts.negatives),
                *_share(counts.skipped, counts.total)[1:],
            )
        )
    labelled, right, unnamed = colours(seen)
    if labelled:
        none = ("",) * 5
        unassessed = _share(unnamed, labelled)[1:]
        rows.append(("BG001 colour named", *_share(right, labelled), *none, *unassessed))
    sound, by_content, rejected = clean(seen, spec, _CONTENT)
    if sound:
        none, rest = ("",) * 5, ("",) * 4
        rows.append(("clean, rejected for content", *none, *_share(by_content, sound), *rest))
        rows.append(("clean, rejected for any reason", *none, *_share(rejected, sound), *rest))
    return rows


def show(rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table on a terminal, else tab-separated lines."""
    if not sys.stdout.isatty():
        for row in (HEADS, *rows):
            sys.stdout.write("\t".join(row) + "\n")
        return
    table = Table(title="95 % Wilson intervals", box=None)
    heads = ("rule", "faulty", "caught", "recall", "95 %", "sound", "false", "rate", "95 %",
             "not assessed", "share", "95 %")  # fmt: skip
    for head in heads:
        table.add_column(head, justify="left" if head == "rule" else "right")
    for row in rows:
        cells = [row[0], *row[1:4], _span(row[4:6]), *row[6:9], _span(row[9:11])]
        table.add_row(*cells, *row[11:13], _span(row[13:15]))
    Console().print(table)


def _span(ends: Sequence[str]) -> str:
    return f"{ends[0]}–{ends[1]}" if ends[0] else ""


def _share(hits: int, of: int) -> tuple[str, str, str, str, str]:
    """Of how many, how many, their share, and its interval; the share blank for none of none."""
    low, high = wilson(hits, of)
    share = f"{hits / of:.4f}" if of else ""
    return str(of), str(hits), share, f"{low:.4f}", f"{high:.4f}"


def _report_missing(rows: Sequence[Labelled]) -> None:
    if rows:
        sys.stderr.write(f"{len(rows)} files are missing and not counted:\n")
        sys.stderr.writelines(f"  {row.name}\n" for row in rows)


def _progress(total: int) -> Callable[[], None]:
    """Return what tells on a terminal's standard error how far it is."""
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done}/{total}" + ("\n" if done == total else ""))

    return tell
