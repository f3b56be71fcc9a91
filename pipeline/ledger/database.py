"""Where the ledger lies, and how it is opened: its file, its server, its schema, its lock.

Whatever fails here says neither the address (it may hold a password) nor a row.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
)

from pipeline.core.errors import GradphotoError, UsageError
from pipeline.core.one_run import NO_PATIENCE, Patience, alone_in, at_work
from pipeline.core.private_files import make_private_folder, writing_to
from pipeline.core.rules import Text

VARIABLE = "GRADPHOTO_LEDGER"
FILE = "ledger.sqlite"
HEAD = "0006"  # the newest migration
_ADVISORY = 0x67726164  # "grad": the lock of PostgreSQL, one a database
_BUSY_MS = 30_000
# A migration is whole or not at all, and made by one of several that open a ledger at once.
# The driver of SQLite would begin no transaction by itself before a table is made or altered.
_ALONE = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": f"SELECT pg_advisory_xact_lock({_ADVISORY + 1})",
}


def open_database(folder: Path, url: str | None, *, create: bool) -> Engine:
    """Open the ledger of a season, and bring its tables up to date.

    Parameters
    ----------
    url
        A database of its own for this season; None: `VARIABLE`, else a file in ``folder``.
    create
        Whether an empty one may be made.

    Raises
    ------
    UsageError
        There is none, it cannot be reached, or a newer version of the program wrote it.
    """
    address = url or os.environ.get(VARIABLE) or ""
    if not address:
        path = folder / FILE
        if not create and not path.is_file():
            raise UsageError(
                Text(
                    f"{folder}：里面没有采集季；`season init` 可以建立",
                    f"{folder}: holds no season; `season init` makes one",
                )
            )
        with writing_to(folder):
            make_private_folder(folder)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        engine = _engine(URL.create("sqlite", database=str(path)))
    else:
        engine = _engine(address)
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        version = text("SELECT version_num FROM alembic_version")
        now = connection.scalar(version) if known else None
    if now is None and not create:
        raise UsageError(
            Text(
                f"{folder.name or folder}：其中的台账是空的；`season init` 可以建立",
                f"{folder.name or folder}: its ledger is empty; `season init` makes one",
            )
        )
    if now != HEAD:
        _migrate(engine)
    return engine


@contextmanager
def locked(folder: Path, engine: Engine, patience: Patience = NO_PATIENCE) -> Iterator[None]:
    """Keep every other writer out; the lock goes with the process, however that ends.

    Only another run on the same folder is waited for, with ``patience``.

    Raises
    ------
    UsageError
        When another run holds it.
    """
    with alone_in(folder, patience):
        if engine.dialect.name != "postgresql":
            yield
            return
        with engine.connect() as connection:
            # Several machines may share the database, but not the folder's lock.
            if not connection.scalar(text(f"SELECT pg_try_advisory_lock({_ADVISORY})")):
                raise at_work(folder)
            connection.commit()
            connection.detach()  # closed at the end, not pooled: the lock goes with it
            try:
                yield
            finally:  # a server notices a closed connection a little later
                with suppress(UsageError):
                    connection.execute(text(f"SELECT pg_advisory_unlock({_ADVISORY})"))


def _engine(address: str | URL) -> Engine:
    try:
        url = make_url(address)
        if url.drivername in {"postgres", "postgresql"}:
            url = url.set(drivername="postgresql+psycopg")
        # Parameters are names and numbers of students: never in an exception.
        engine = create_engine(url, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError):
        raise UsageError(
            Text(
                "台账地址不对：应为 sqlite:///… 或 postgresql://…",
                "the ledger's address is none: sqlite:///… or postgresql://…",
            )
        ) from None
    except ModuleNotFoundError as error:
        raise UsageError(
            Text(
                f"台账的驱动 {error.name} 没有安装：pip install 'gradphoto[postgres]'",
                f"the ledger's driver {error.name} is not installed: pip install "
                "'gradphoto[postgres]'",
            )
        ) from None
    event.listen(engine, "handle_error", _say_nothing_of_rows)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _say_nothing_of_rows(context: ExceptionContext) -> None:
    """Put an error in the driver's place that holds no row: PostgreSQL quotes what it refuses.

    What the machine does (a full disk, a server that went away, a file that is no database)
    is the user's to mend; the rest is a mistake of the program.
    """
    if isinstance(context.original_exception, UsageError):
        raise context.original_exception from None  # of a value, by `column_types`
    kind = type(context.original_exception).__name__
    context.original_exception.args = (kind,)  # it is shown as the cause of what is raised here
    if type(context.sqlalchemy_exception) in {OperationalError, InterfaceError, DatabaseError}:
        raise UsageError(
            Text(f"台账无法读写（{kind}）", f"the ledger cannot be read or written ({kind})")
        ) from None
    statement = " ".join((context.statement or "").split()[:3])
    raise GradphotoError(
        Text(f"台账：{kind}，在 {statement}", f"the ledger: {kind} at {statement}")
    ) from None


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
    """Readers do not wait for the writer, references hold, and what is deleted is overwritten."""
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=NORMAL",  # with WAL: a lost power supply loses a chunk, never the file
        "secure_delete=ON",
        f"busy_timeout={_BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        connection.exec_driver_sql(_ALONE[engine.dialect.name])
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise UsageError(
                Text(
                    "台账是由更新版本的程序写的",
                    "the ledger was written by a newer version of the program",
                )
            ) from None
