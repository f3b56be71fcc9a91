"""The season that a desk serves, and the key that signs its sessions and links."""

import ipaddress
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine

from checks import CHECKS
from flows.desk.passwords import SignIns, hashed, one_time_password
from flows.desk.self_check import SelfCheck
from pipeline.core.errors import UsageError
from pipeline.core.private_files import write_private
from pipeline.core.roles import Role
from pipeline.core.rules import Lang, Text
from pipeline.ledger.accounts import add_account, note_look
from pipeline.ledger.board import Board, Stamp, read_board, stamp
from pipeline.ledger.database import open_database
from pipeline.ledger.examinations import Content
from pipeline.ledger.purge import purged
from pipeline.ledger.season import ZONE, Season, read_season
from reports import deeds

KEY = "desk.key"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """What every route needs."""

    folder: Path
    ledger: str | None
    engine: Engine
    key: str
    https: bool = False  # whether browsers reach it by https, here or at a proxy
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "testserver")
    prefix: str = ""  # of several seasons: under what this one's pages stand, /1
    lang: Lang = "zh"  # of pages to a browser that chose none
    address: str = "http://testserver/"  # under which browsers reach it; begins every link
    clock: Callable[[], datetime] = _now
    sign_ins: SignIns = field(default_factory=SignIns)
    self_check: SelfCheck = field(default_factory=SelfCheck)
    changed: threading.Event = field(default_factory=threading.Event)  # see `publish`
    boards: dict[Stamp, Board] = field(default_factory=dict)  # one, see `board`
    near: dict[tuple[str, Content, str], bool] = field(default_factory=dict)  # see `groups`

    def board(self, connection: Connection) -> Board:
        """Read where all students stand; anew only when something changed."""
        now = stamp(connection)
        found = self.boards.get(now)
        if found is None:
            before = next(iter(tuple(self.boards.values())), None)
            found = read_board(connection, before)
            self.boards.clear()
            self.boards[now] = found
        return found  # whatever another thread has put there meanwhile

    @property
    def only_here(self) -> bool:
        """Whether its links lead nowhere from another machine."""
        host = urlsplit(self.address).hostname or ""
        return is_loopback(host) or is_any(host)  # the latter: wherever it listens, it leads here

    def today(self) -> date:
        """Return the day by which deadlines and make-ups are counted."""
        return self.clock().astimezone(ZONE).date()

    def season(self) -> Season:
        """Read the season as it is now; `UsageError` where there is none any more.

        Not while a connection is held: of the pool's few, many at once would each keep one and
        wait for another.
        """
        return read_season(self.folder, self.engine, CHECKS)


def is_loopback(host: str) -> bool:
    """Whether an address is of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_any(host: str) -> bool:
    """Whether an address stands for all of this machine's."""
    return host in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound


def open_desk(folder: Path, ledger: str | None = None, *, or_purged: bool = False) -> Desk:
    """Open the desk of a season.

    Parameters
    ----------
    or_purged
        Whether one that was purged is taken too: the list of several seasons names it.

    Raises
    ------
    UsageError
        There is no season.
    """
    engine = open_database(folder, ledger, create=False)
    if not or_purged or purged(engine) is None:
        read_season(folder, engine, CHECKS)
    return Desk(folder, ledger, engine, _key(folder / KEY))


def first_admin(desk: Desk, name: str) -> str:
    """Make an account of an admin, and return its one-time password.

    Whoever may run this command may read the ledger: it asks for no other proof.

    Raises
    ------
    UsageError
        The name is taken or empty.
    """
    name = name.strip()
    if not name:
        raise UsageError(Text("--new-admin：账号名不能为空", "--new-admin: a name is needed"))
    password = one_time_password()
    with desk.engine.begin() as connection:
        add_account(connection, name, Role.ADMIN, "", hashed(password), desk.clock())
        note_look(connection, name, deeds.FIRST_ADMIN.zh, name, desk.clock())
    return password


def _key(path: Path) -> str:
    """Read the key of this season's desk; made once, so that sessions outlive a restart."""
    if not path.is_file():
        write_private(path, secrets.token_urlsafe(48).encode())
    return path.read_text("ascii")
