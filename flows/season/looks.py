"""When a served inbox is looked at, and the one line that is said of each look."""

from datetime import datetime, timedelta

from flows.season.steps import Ingested
from pipeline.core.rules import Text, Verdict
from reports.shared_words import VERDICTS

# Months of collection (standard.md §1.6): campus shoots in autumn for December's graduates, in
# spring until 10 June for June's. `prefect.yaml` says the same.
MONTHS = {"autumn": (9, 12), "spring": (2, 6)}


def next_look(now: datetime, minutes: int) -> datetime:
    """Return when the inbox is looked at next: every so many minutes of each hour, in season."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    later = hour + timedelta(minutes=min(60, (now.minute // minutes + 1) * minutes))
    while not any(first <= later.month <= last for first, last in MONTHS.values()):
        later = (later.replace(day=1, hour=0, minute=0) + timedelta(days=32)).replace(day=1)
    return later


def said_of_look(done: Ingested, now: datetime, after: datetime | None) -> Text:
    """Say in one line what a look took in, what that came to, and when the next one is."""
    said = [(VERDICTS[Verdict(name)], count) for name, count in done.arrived.items()]
    zh = "".join(f" {word.zh} {count}" for word, count in said)
    en = "".join(f" {word.en.lower()} {count}" for word, count in said)
    return _at(now, Text(f"新收 {done.taken.new}{zh}", f"new {done.taken.new}{en}"), after)


def said_of_failed_look(now: datetime, after: datetime | None) -> Text:
    """Say in one line that a look did not end well."""
    why = Text("没有完成，原因见运行记录", "not completed, its log says why")
    return _at(now, why, after)


def _at(now: datetime, said: Text, after: datetime | None) -> Text:
    if after is None:
        return Text(f"{now:%H:%M} {said.zh}", f"{now:%H:%M} {said.en}")
    then = f"{after:%H:%M}" if after.date() == now.date() else f"{after:%m-%d %H:%M}"
    return Text(f"{now:%H:%M} {said.zh}，下次 {then}", f"{now:%H:%M} {said.en}, next {then}")
