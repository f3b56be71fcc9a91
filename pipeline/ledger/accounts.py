"""Who may sign in at the desk, and what was looked at; the latter is never written over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from pipeline.core.errors import UsageError
from pipeline.core.roles import ALLOWED, May, Role
from pipeline.core.rules import Text
from pipeline.ledger.tables import accounts, audit


@dataclass(frozen=True)
class Account:
    """Who signed in."""

    name: str
    role: Role
    college: str  # whose students it sees; empty: all
    one_time: bool  # its password was printed for it: another must be chosen first
    stamp: int  # a session of another stamp is over
    closed_at: datetime | None = None

    def may(self, what: May) -> bool:
        """Whether its role allows something."""
        return what in ALLOWED[self.role]

    def sees(self, college: str | None) -> bool:
        """Whether it may see a student of a college; None: a file of no student."""
        return not self.college or self.college == college


@dataclass(frozen=True)
class Look:
    """One entry of the audit list."""

    at: datetime
    who: str
    what: str
    of_whom: str


def add_account(
    connection: Connection, name: str, role: Role, college: str, password: str, now: datetime
) -> None:
    """Write down a new account with the hash of a one-time password.

    Raises
    ------
    UsageError
        The name is taken; one that was closed is never given again. Or an admin, who makes the
        accounts of all colleges, is limited to one.
    """
    if college and May.MANAGE in ALLOWED[role]:
        raise UsageError(
            Text("管理员账号不能只看一个学院", "an admin cannot be limited to a college")
        )
    if connection.scalar(select(accounts.c.name).where(accounts.c.name == name)) is not None:
        raise UsageError(Text("这个账号名已经用过", "an account of this name exists or existed"))
    connection.execute(
        insert(accounts).values(
            name=name,
            role=role,
            college=college,
            password=password,
            one_time=True,
            stamp=1,
            made_at=now,
        )
    )


def find_account(connection: Connection, name: str) -> tuple[Account, str] | None:
    """Return an account that is open, with the hash of its password."""
    row = connection.execute(select(accounts).where(accounts.c.name == name)).one_or_none()
    if row is None or row.closed_at is not None:
        return None
    return Account(row.name, row.role, row.college, row.one_time, row.stamp), row.password


def all_accounts(connection: Connection) -> list[Account]:
    """Read every account that ever was."""
    rows = connection.execute(select(accounts).order_by(accounts.c.name))
    return [Account(r.name, r.role, r.college, r.one_time, r.stamp, r.closed_at) for r in rows]


def set_password(connection: Connection, name: str, password: str, *, one_time: bool) -> None:
    """Put another password in place, by its hash; sessions of the account are over."""
    values = {"password": password, "one_time": one_time, "stamp": accounts.c.stamp + 1}
    connection.execute(update(accounts).where(accounts.c.name == name).values(values))


def end_sessions(connection: Connection, name: str) -> None:
    """End every session of an account."""
    same = accounts.c.name == name
    connection.execute(update(accounts).where(same).values(stamp=accounts.c.stamp + 1))


def close_account(connection: Connection, name: str, now: datetime) -> None:
    """Let nobody sign in by it any more.

    Raises
    ------
    UsageError
        It is the last one that may manage accounts.
    """
    others = select(func.count()).where(
        accounts.c.role == Role.ADMIN, accounts.c.closed_at.is_(None), accounts.c.name != name
    )
    if not connection.scalar(others):
        raise UsageError(
            Text(
                "这是最后一个管理员账号，不能停用", "the last account of an admin cannot be closed"
            )
        )
    same = accounts.c.name == name
    connection.execute(update(accounts).where(same).values(closed_at=now))


def note_look(connection: Connection, who: str, what: str, of_whom: str, now: datetime) -> None:
    """Write down what someone did or looked at."""
    connection.execute(insert(audit).values(who=who, what=what, of_whom=of_whom, at=now))


def last_looks(connection: Connection, count: int) -> list[Look]:
    """Read the newest entries of the audit list, newest first."""
    rows = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(count))
    return [Look(row.at, row.who, row.what, row.of_whom) for row in rows]
