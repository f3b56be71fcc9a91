"""Ledgers that earlier versions of the program wrote are brought up to date, wholly or not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, event, insert, select

from pipeline.core.errors import GradphotoError
from pipeline.ledger import database
from pipeline.ledger.database import open_database
from pipeline.ledger.tables import metadata

A, B = "a" * 64, "b" * 64


@pytest.fixture
def before(tmp_path, ledger) -> dict[str, list]:
    """A ledger as version 0001 of its tables left it, with a season and an examination."""
    open_database(tmp_path / "season", ledger, create=True).dispose()
    engine = empty(tmp_path / "season", ledger)
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    old = MetaData()
    old.reflect(engine)
    now = datetime(2026, 11, 26, tzinfo=UTC)
    rows = {
        "specs": {"sha256": A, "id": "x", "document": {"姓": [1]}},
        "instruments": {"sha256": B, "tools": {}},
        "season": {"id": 1, "created_at": now, "spec_sha256": A, "roster_sha256": B},
        "examinations": {
            "id": 7, "sha256": B, "mode": "final", "spec_sha256": A, "instruments_sha256": B,
            "program": "1", "libraries": "", "findings": b"x", "more": {}, "width_px": 480,
            "thumbnail": b"y",
        },
    }  # fmt: skip
    with engine.begin() as connection:
        for name, values in rows.items():
            connection.execute(insert(old.tables[name]).values(values))
    found = all_rows(engine, rows)
    engine.dispose()
    return found


def empty(folder, ledger):
    """Take every table away, and give the database."""
    engine = open_database(folder, ledger, create=False)
    old = MetaData()
    old.reflect(engine)
    old.drop_all(engine)
    return engine


def all_rows(engine, names) -> dict[str, list[dict[str, object]]]:
    """Rows of some tables, without what one of the two versions does not know."""
    tables = MetaData()
    tables.reflect(engine)
    news = {"template", "key_file", "key_check", "carry", "carried", "school"}
    with engine.connect() as connection:
        return {
            name: [
                {k: v for k, v in row.items() if k not in news}
                for row in connection.execute(select(tables.tables[name])).mappings()
            ]
            for name in names
        }


def is_up_to_date(engine) -> bool:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata) == []


def test_a_ledger_of_before_is_brought_up_to_date_with_all_that_it_holds(tmp_path, ledger, before):
    for _ in range(2):  # the second time there is nothing to do
        engine = open_database(tmp_path / "season", ledger, create=False)
        assert is_up_to_date(engine)
        assert all_rows(engine, before) == before
        engine.dispose()


@pytest.mark.parametrize("step", range(1, 6))
def test_one_that_is_cut_short_in_that_is_as_it_was(tmp_path, ledger, before, step):
    class CutError(Exception):
        """The process ends here."""

    left = [step]

    def passed(_connection, _cursor, statement, *_more) -> None:
        left[0] -= statement.lstrip().startswith(("CREATE", "ALTER", "DROP"))
        if left[0] == 0:
            raise CutError

    event.listen(Engine, "after_cursor_execute", passed)
    try:
        with pytest.raises(GradphotoError, match="CutError"):
            open_database(tmp_path / "season", ledger, create=False)
    finally:
        event.remove(Engine, "after_cursor_execute", passed)
    engine = open_database(tmp_path / "season", ledger, create=False)
    assert is_up_to_date(engine)
    assert all_rows(engine, before) == before
    engine.dispose()
