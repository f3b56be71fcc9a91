"""The ledger opens, is brought up to date, lets one writer in, and tells nobody's name."""

import stat
import subprocess
import sys
import traceback
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from pipeline.core.errors import GradphotoError, UsageError
from pipeline.core.records import Fingerprint, decode_fingerprint, encode_fingerprint
from pipeline.core.rules import Finding, Outcome, Text
from pipeline.ledger.codec import encode_findings, findings_decoder
from pipeline.ledger.database import FILE, HEAD, locked, open_database
from pipeline.ledger.tables import metadata, runs, specs

NOW = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path, ledger):
    made = open_database(tmp_path / "season", ledger, create=True)
    yield made
    made.dispose()


def test_the_migrations_make_the_tables_that_the_program_knows(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_one_that_the_program_asks_for():
    import pipeline.ledger as package

    config = Config()
    config.set_main_option("script_location", str(Path(package.__path__[0]) / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_moment_comes_back_in_utc(engine):
    with engine.begin() as connection:
        connection.execute(insert(specs).values(sha256="0" * 64, id="x", document={}))
        run = {"kind": "ingest", "opened_at": NOW, "spec_sha256": "0" * 64, "droppings": 0}
        connection.execute(insert(runs).values(run))
        assert connection.scalar(select(runs.c.opened_at)) == NOW


def test_it_is_opened_again_as_it_was_left(tmp_path, ledger, engine):
    with engine.begin() as connection:
        connection.execute(insert(specs).values(sha256="0" * 64, id="x", document={"a": [1]}))
    again = open_database(tmp_path / "season", ledger, create=False)
    with again.connect() as connection:
        assert connection.scalar(select(specs.c.document)) == {"a": [1]}
    again.dispose()


def test_the_file_is_for_the_user_alone(tmp_path):
    open_database(tmp_path / "season", None, create=True).dispose()
    assert stat.S_IMODE((tmp_path / "season").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "season" / FILE).stat().st_mode) == 0o600


@pytest.mark.slow
def test_opened_once_more_in_a_process_it_keeps_its_locks_and_so_its_log(tmp_path):
    """An export at the desk opens the season again; then a run beside it ends."""
    desk = open_database(tmp_path, None, create=True)
    with desk.begin() as connection:
        connection.execute(insert(specs).values(sha256="a" * 64, id="a", document={}))
    open_database(tmp_path, None, create=False).dispose()
    beside = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute({!r}).fetchone())"
    count = "SELECT count(*) FROM specs"

    def counted() -> str:
        command = [sys.executable, "-c", beside.format(count), str(tmp_path / FILE)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert counted() == "1"
    with desk.begin() as connection:
        connection.execute(insert(specs).values(sha256="b" * 64, id="b", document={}))
    assert counted() == "2", "what the desk writes goes to the ledger that others read"
    desk.dispose()


def test_there_is_no_season_where_none_was_made(tmp_path, ledger):
    with pytest.raises(UsageError, match="season init"):
        open_database(tmp_path, ledger, create=False)
    assert not (tmp_path / FILE).exists()


def test_a_newer_ledger_is_refused(tmp_path, ledger, engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="newer version"):
        open_database(tmp_path / "season", ledger, create=False)


@pytest.mark.parametrize("address", ["postgresql://user:secret@/x?host=/nowhere", "what is this"])
def test_an_address_that_leads_nowhere_is_said_in_one_line_without_its_password(tmp_path, address):
    pytest.importorskip("psycopg")
    with pytest.raises(UsageError, match="ledger") as raised:
        open_database(tmp_path, address, create=False)
    told = "".join(traceback.format_exception(raised.value))
    assert "secret@" not in told.replace(address, "")
    assert "connection to server" not in told


def test_a_file_that_is_no_ledger_is_refused(tmp_path):
    (tmp_path / FILE).write_bytes(b"no database at all, but long enough to be one" * 30)
    with pytest.raises(UsageError, match="cannot be read"):
        open_database(tmp_path, None, create=False)


def test_an_exception_holds_no_value(engine):
    twice = {"sha256": "0" * 64, "id": "欧阳霁月", "document": {"of": "欧阳霁月"}}
    with (
        pytest.raises(GradphotoError, match="INSERT INTO specs") as raised,
        engine.begin() as connection,
    ):
        connection.execute(insert(specs), [twice, twice])
    assert "欧阳霁月" not in str(raised.value)
    assert "0000" not in "".join(traceback.format_exception(raised.value))


def test_one_writer_at_a_time(tmp_path, ledger, engine):
    other = open_database(tmp_path / "season", ledger, create=False)
    with (
        locked(tmp_path / "season", engine),
        pytest.raises(UsageError, match="another run"),
        locked(tmp_path / "season", other),
    ):
        pass
    with locked(tmp_path / "season", other):
        pass
    other.dispose()


def test_two_machines_that_share_a_database_do_not_share_a_folder(tmp_path, postgresql):
    address = postgresql()
    here = open_database(tmp_path / "here", address, create=True)
    there = open_database(tmp_path / "there", address, create=False)
    with (
        locked(tmp_path / "here", here),
        pytest.raises(UsageError, match="another run"),
        locked(tmp_path / "there", there),
    ):
        pass
    here.dispose()
    there.dispose()


numbers = (
    st.none() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)
)
words = st.none() | st.builds(Text, st.text(max_size=9), st.text(max_size=9))


@given(
    st.lists(
        st.builds(
            Finding,
            st.sampled_from(["BG001", "RC003"]),
            st.sampled_from(Outcome),
            numbers,
            numbers,
            numbers,
            st.sampled_from(["", "px"]),
            words,
            st.none() | st.just("FC001"),
        )
    )
)
def test_findings_come_back_as_they_were(findings):
    decode = findings_decoder()
    packed = encode_findings(findings)
    for _ in range(2):  # the second time from what is shared
        back = decode(packed)
        assert back == tuple(findings)
        assert [type(f.measured) for f in back] == [type(f.measured) for f in findings]


def test_equal_findings_of_two_photos_are_one_object():
    decode = findings_decoder()
    packed = [
        encode_findings([Finding("FL001", Outcome.PASSED, because=Text("甲", "a"))]) for _ in "ab"
    ]
    (one,), (two,) = map(decode, packed)
    assert one is two


def test_a_fingerprint_comes_back_and_one_of_another_layout_is_told():
    value = Fingerprint(bytes(range(32)), bytes(range(256)) * 16, b"\xff" * 512, bytes(512))
    kept = encode_fingerprint(value)
    assert decode_fingerprint(kept) == value
    for here, before in ((b'"layout": 1', b'"layout": 0'), (b"lightness", b"likenessx")):
        older = zlib.compress(zlib.decompress(kept).replace(here, before))
        assert decode_fingerprint(older) is None
