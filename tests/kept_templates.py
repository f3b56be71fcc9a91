"""Seasons that compare faces without models: one keeps templates, one does not."""

import hashlib
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from fixtures.stub_examiner import StubRecords
from flows.season import faces as season_faces
from pipeline.ledger.database import open_database
from pipeline.ledger.tables import templates


@pytest.fixture
def pool(monkeypatch) -> StubRecords:
    """Stands in for the processes that describe faces; knows what it was given."""
    stub = StubRecords()

    @contextmanager
    def opened(_setting, _workers):
        yield stub

    monkeypatch.setattr(season_faces, "record_pool", opened)
    return stub


@pytest.fixture
def on_record(tmp_path):
    folder = tmp_path / "on_record"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"2023990{number:06}.jpg").write_bytes(f"on record {number}".encode())
    return folder


@pytest.fixture
def key(tmp_path):
    return tmp_path / "season.key"


@pytest.fixture
def kept(tmp_path, new_season, on_record, ledger, pool, key):
    """A season that keeps templates: three photos on record, and two that have arrived."""
    made = new_season(
        tmp_path / "kept", ledger, identity=True, references=on_record, template_key=key
    )
    fill(made)
    return made


def fill(season) -> None:
    for number in (1, 2):
        season.put(f"{season.key(number)}.jpg", f"photo {number}".encode())
    season.round()


@pytest.fixture
def plain(tmp_path, new_season, on_record, pool):
    """The same, and keeps none."""
    made = new_season(tmp_path / "plain", None, identity=True, references=on_record)
    fill(made)
    return made


def lists(season) -> dict[str, bytes]:
    reports = season.folder / "reports"
    return {
        p.name: p.read_bytes() for p in reports.rglob("*") if p.suffix in {".csv", ".html", ".xlsx"}
    }


def sealed(season) -> dict[str, bytes]:
    engine = open_database(season.folder, season.ledger, create=False)
    with engine.connect() as connection:
        rows = connection.execute(select(templates)).all()
    engine.dispose()
    found = {row.sha256: row.sealed for row in rows}
    assert len(found) == len(rows), "none is kept that was described in another way"
    return found


def change(season, statement) -> None:
    engine = open_database(season.folder, season.ledger, create=False)
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()


def content(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
