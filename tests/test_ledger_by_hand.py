"""A ledger that was edited by hand, or a call whose text no database holds: one line, exit 2."""

import shutil
import sqlite3
from contextlib import suppress

import pytest

from fixtures.stub_examiner import photo_of, stub_pool
from flows.season.changes import proofs, purge, uploaded
from flows.season.rejudge import rejudge_season
from flows.season.review import review
from flows.season.steps import ingest
from flows.season.views import history, status
from pipeline.core.errors import UsageError
from pipeline.core.rules import Verdict
from pipeline.ledger.database import FILE
from pipeline.ledger.tables import metadata

VALUES = ("'x'", """'{"a": [1,'""", "'[[[]]]'", f"'{'[' * 5000}'", "x'00ff'", "-7", "9e300", "''")
COLUMNS = [
    (table.name, column.name)
    for table in metadata.sorted_tables
    for column in table.columns
    if table.name != "templates"
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, new_season):
    """A season with a review, an answer of a student, a hand-over, and a round under way."""
    made = new_season(tmp_path_factory.mktemp("whole"), None)
    for number, verdict in enumerate((Verdict.PASS, Verdict.RETAKE), start=1):
        made.put(f"{made.key(number)}.jpg", photo_of(verdict, number))
    made.put("stray.jpg", b"")
    made.round()
    review(made.folder, made.key(2), accept=True, why="已核对", who="王")
    uploaded(made.folder)
    said = made.folder.parent / "said.csv"
    said.write_text(f"学号,结果,原因\n{made.key(1)},有误,x\n", encoding="utf-8")
    proofs(made.folder, said)
    made.put(f"{made.key(3)}.jpg", photo_of(Verdict.PASS, 3))
    return made


@pytest.fixture
def edited(whole, tmp_path):
    """Edit a copy of it by a statement; gives a function that does everything with it."""

    def edit(*statements: str) -> list[str]:
        folder = tmp_path / "season"
        shutil.copytree(whole.folder, folder, dirs_exist_ok=True)
        with sqlite3.connect(folder / FILE) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        said = []
        for do in (
            lambda: status(folder),
            lambda: history(folder, whole.key(1)),
            lambda: review(folder, whole.key(1), accept=False, why="不符", who="王"),
            lambda: ingest(folder, whole.inbox, pool=stub_pool),
            lambda: rejudge_season(folder, None, apply=True, pool=stub_pool),
            lambda: purge(folder),
        ):
            try:
                do()
            except UsageError as error:
                said.append(str(error))
        return said

    return edit


def test_a_ledger_that_nobody_edited_is_complained_of_by_nothing(edited):
    assert edited("SELECT 1") == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE specs SET document = substr(document, 1, 40)", "a document that is none"),
        ("UPDATE deadlines SET day = '2027-02-30'", "a day that is none"),
        ("UPDATE submissions SET arrived_at = 'gestern'", "a moment that is none"),
        ("UPDATE verdicts SET verdict = 'gut'", "a word that is none"),
        ("UPDATE examinations SET findings = x'00'", "findings that cannot be unpacked"),
        ("UPDATE examinations SET width_px = 'wide'", "a number that is none"),
        ("UPDATE submissions SET unreadable = '[1]'", "a reason that is none"),
        ("UPDATE runs SET closed_at = NULL", "several runs under way"),
    ],
)
def test_what_was_edited_by_hand_is_one_line(edited, statement, said):
    lines = edited(statement)
    assert any(said in line and "changed by hand" in line for line in lines)
    assert all(line.isprintable() for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(COLUMNS)))
def test_any_value_in_any_column_is_one_line_or_nothing(edited, number):
    """Two values a column, in turn: all of them in all took eight minutes, and held."""
    table, column = COLUMNS[number]
    for value in (VALUES[number % len(VALUES)], VALUES[(number + 3) % len(VALUES)]):
        with suppress(sqlite3.IntegrityError):
            lines = edited(
                "PRAGMA foreign_keys = OFF", f'UPDATE "{table}" SET "{column}" = {value}'
            )
            assert all(line.isprintable() for line in lines)
