"""Shared set-up of the tests that run flows: Prefect's server, and what it has written down."""

import contextlib
import sqlite3
from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def server() -> str:
    """Prefect's own server for the tests, started once: the URL of its database."""
    import flows.prefect_glue.settings  # isort: skip  # noqa: F401 - before prefect
    from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=180):
        url = PREFECT_SERVER_DATABASE_CONNECTION_URL.value()
        yield url.get_secret_value() if hasattr(url, "get_secret_value") else str(url)


@pytest.fixture(scope="session")
def written_by_prefect(server) -> Callable[[], tuple[str, list[dict]]]:
    """All that the server has written down so far, as text, and its artifacts."""

    def read() -> tuple[str, list[dict]]:
        from prefect.logging.handlers import APILogWorker

        APILogWorker.drain_all(timeout=20)
        path = server.split("///", 1)[1]
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            tables = connection.execute("select name from sqlite_master where type = 'table'")
            rows = {
                name: connection.execute(f'select * from "{name}"').fetchall()
                for (name,) in tables.fetchall()
            }
            columns = [c[1] for c in connection.execute("pragma table_info(artifact)")]
        artifacts = [dict(zip(columns, row, strict=True)) for row in rows["artifact"]]
        text = "\n".join(f"{name} {row!r}" for name, table in rows.items() for row in table)
        return text, artifacts

    return read
