"""Photos without a roster: what `inspect` does with each file that it is given."""

import codecs
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from checks import CHECKS
from flows.commands.overlays import overlay_files
from flows.shoot.reading import find_mode
from flows.streams import lost_output
from pipeline.core.errors import UsageError
from pipeline.core.one_run import alone_in
from pipeline.core.records import Submission
from pipeline.core.rules import Judge, Lang, Mode, Text, Verdict
from pipeline.examine.examine import examine_with_facts
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.intake.droppings import is_dropping
from pipeline.rules import photo_rules
from pipeline.spec.spec import load_spec
from reports.overlay_sheet import write_overlay
from reports.terminal.findings import (
    examination_as_json,
    print_examination,
    print_inspected,
    verdict_now,
)


def inspect_files(
    files: Sequence[Path],
    spec: str,
    judge: Judge,
    overlay: Path | None,
    lang: Lang,
    *,
    as_json: bool,
) -> None:
    """Examine each file and show what was found, one after the other.

    As JSON, a line a file: UTF-8, or where stdout speaks something else ASCII with
    escapes, so that every line is valid JSON whatever the terminal.

    Raises
    ------
    UsageError
        When there are no files, or the overlays cannot be written where they are asked for.
    """
    loaded, rules = load_spec(spec, CHECKS), photo_rules(CHECKS)
    paths, dropped = _expand(files)
    submissions = [Submission(str(path), path) for path in paths]
    if not submissions:
        raise UsageError(Text("给出的位置里没有文件", "there are no files in what was named"))
    drawn = overlay_files(submissions, overlay) if overlay else [None] * len(submissions)
    mode = find_mode(submissions, loaded) if judge == "auto" else Mode(judge)
    setting, tools = Setting(loaded, mode), Tools(CHECKS, load_models())
    verdicts: Counter[Verdict] = Counter()
    escaped = codecs.lookup(sys.stdout.encoding or "ascii").name != "utf-8"
    with nullcontext() if drawn[0] is None else alone_in(drawn[0].parent):
        for submission, file in zip(submissions, drawn, strict=True):
            if overlay is None and lost_output():
                return  # nobody reads it
            examination, facts = examine_with_facts(submission, setting, tools)
            if file is not None and facts is not None:
                write_overlay(file, facts, examination.findings, rules, loaded, lang)
            verdicts[verdict_now(examination, rules, loaded)] += 1
            if as_json:
                row = examination_as_json(examination, rules, loaded, lang)
                sys.stdout.write(json.dumps(row, ensure_ascii=escaped) + "\n")
            else:
                print_examination(examination, rules, loaded, lang)
    if not as_json and any(path.is_dir() for path in files):
        print_inspected(verdicts, dropped, lang)


def _expand(files: Sequence[Path]) -> tuple[list[Path], int]:
    """Give the files, and how many of a folder are no photos but droppings of systems.

    A folder stands for what is in it; links and pipes are rows that say what they are.
    """
    found, dropped = [], 0
    for path in files:
        if not path.is_dir():
            found.append(path)
            continue
        for inside in sorted(p for p in path.rglob("*") if p.is_symlink() or not p.is_dir()):
            if inside.is_file() and is_dropping(str(inside), partial(_head, inside)):
                dropped += 1
            else:
                found.append(inside)
    return found, dropped


def _head(file: Path, most: int) -> bytes:
    with file.open("rb") as stream:
        return stream.read(most)
