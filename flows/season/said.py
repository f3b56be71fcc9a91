"""What the commands of a season say they did, in counts."""

from collections.abc import Iterator

from flows.season.steps import Ingested
from pipeline.core.rules import Text
from reports.shared_words import asides, students_line


def said_of_round(done: Ingested) -> Iterator[Text]:
    """Say what a round took in, and where the season's students stand after it."""
    heads = done.header_lines
    yield Text("  ".join(h.zh for h in heads), "  ".join(h.en for h in heads))
    taken = done.taken
    yield Text(
        f"新收 {taken.new}  已有 {taken.known}  等待 {taken.waiting}  "
        f"系统文件 {taken.droppings}  检查 {done.examined}",
        f"new {taken.new}  known {taken.known}  waiting {taken.waiting}  "
        f"system files {taken.droppings}  examined {done.examined}",
    )
    yield students_line(done.students)
    yield from asides(done.set_aside, taken.unopened)
