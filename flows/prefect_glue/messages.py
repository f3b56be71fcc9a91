"""Messages to whoever asked for them, through Apprise: counts only, nobody's name.

``GRADPHOTO_NOTIFY`` names where they go, as Apprise writes it (mail, WeCom, DingTalk, ntfy …),
several parted by spaces. It may hold passwords, so it is no parameter of a flow.
"""

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from apprise import Apprise

from pipeline.core.errors import UsageError
from pipeline.core.private_files import write_private
from pipeline.core.rules import Lang, Text
from pipeline.ledger.season import ZONE
from reports.shared_words import students_line

NOTIFY_VARIABLE = "GRADPHOTO_NOTIFY"
NEAR_DAYS = (14, 7, 3, 2, 1, 0)  # before the deadline
_SENT = "digest-sent.txt"  # in the season's folder: the day of the last digest


def check_addresses() -> None:
    """Refuse addresses that no message could go to.

    Raises
    ------
    UsageError
        Apprise does not understand one; it is told by its place, for it may hold a password.
    """
    for at, address in enumerate(_addresses(), start=1):
        if not Apprise().add(address):
            raise UsageError(
                Text(
                    f"{NOTIFY_VARIABLE}：第 {at} 个地址不可用（写法见 Apprise 的说明）",
                    f"{NOTIFY_VARIABLE}: address {at} cannot be used (written as Apprise does)",
                )
            )


def send_message(title: str, body: str) -> bool:
    """Send a message to all who asked; whether each was handed over. Nobody asked: True."""
    if not (addresses := _addresses()):
        return True
    box = Apprise()
    for address in addresses:
        box.add(address)
    return bool(box.notify(title=title, body=body))


def send_digest(
    folder: Path, counts: Mapping[str, int], last: date | None, now: datetime, lang: Lang
) -> bool:
    """Send once a day where the season stands, and that its deadline is near."""
    today = now.astimezone(ZONE).date()
    sent = folder / _SENT
    if not _addresses() or (sent.is_file() and sent.read_text("utf-8").strip() == str(today)):
        return True
    if not send_message(f"gradphoto {folder.name}", digest(counts, last, today)[lang]):
        return False
    write_private(sent, f"{today}\n".encode())
    return True


def digest(counts: Mapping[str, int], last: date | None, today: date) -> Text:
    """Say where a season stands: counts, and the deadline where it is near."""
    said = students_line(counts)
    days = None if last is None else (last - today).days
    if days not in NEAR_DAYS:
        return said
    return Text(
        f"{said.zh}\n最后截止 {last}，还有 {days} 天",
        f"{said.en}\ndeadline {last}, {days} days left",
    )


def _addresses() -> list[str]:
    return os.environ.get(NOTIFY_VARIABLE, "").split()
