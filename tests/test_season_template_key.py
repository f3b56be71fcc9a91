"""The key of a season's templates, and the end of keeping: nothing of a face is on the disk."""

import sys
from contextlib import suppress

import pytest
from kept_templates import content, sealed
from sqlalchemy import text

from fixtures.stub_examiner import stub_vector
from flows.cli import main
from flows.season.changes import begin_keeping, forget_templates, purge
from flows.season.steps import init
from flows.season.views import status
from pipeline.core.errors import UsageError
from pipeline.ledger.database import open_database
from pipeline.ledger.templates import VARIABLE, make_key, read_key


def test_a_season_that_keeps_none_says_so_to_a_key(plain, key, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(key))
    with pytest.raises(UsageError, match="keeps no templates"):
        plain.round()
    assert status(plain.folder).templates is None, "which is seen without"


@pytest.mark.parametrize("command", [("season", "ingest"), ("flow", "season")])
def test_another_key_is_said_in_one_line(kept, key, command, capsys, monkeypatch):
    key.unlink()
    make_key(key)
    monkeypatch.setenv("GRADPHOTO_LEDGER", kept.ledger or "")
    monkeypatch.setattr(sys, "argv", ["gradphoto", *command, str(kept.folder), str(kept.inbox)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.err == "gradphoto: season.key: is not the key of this season\n"


def test_where_there_is_a_season_no_key_is_made(kept, tmp_path):
    other = tmp_path / "other.key"
    with pytest.raises(UsageError, match="there is a season here"):
        init(
            kept.folder, kept.folder.parent / "roster.csv", "chsi_graduate",
            ledger=kept.ledger, identity=True, template_key=other, class_of=2099,
        )  # fmt: skip
    assert not other.exists()


def test_a_key_that_was_moved_into_the_season_is_refused(kept, key, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(key.rename(kept.folder / key.name)))
    with pytest.raises(UsageError, match="must not lie"):
        kept.round()


def test_no_face_is_on_the_disk_and_what_is_sealed_goes_with_the_keeping(
    kept, key, pool, request, tmp_path, caplog
):
    places = [tmp_path]
    if kept.ledger is not None:
        places.append(request.getfixturevalue("postgresql").data)
    faces = {stub_vector(name)[at : at + 16] for name in pool.asked for at in (0, 240)}
    secrets = {key.read_text().split()[-1].encode(), read_key(key)}
    rows = {row[100:124] for row in sealed(kept).values()}
    settle(kept, "ANALYZE")
    assert len(rows) == 5
    assert rows <= found_in(places, rows)
    assert not found_in(places, faces)
    assert not found_in([p for p in tmp_path.iterdir() if p != key], secrets)
    assert not caplog.text
    key.unlink()
    with pytest.raises(UsageError, match="forget-templates"):
        kept.round()
    done = forget_templates(kept.folder, ledger=kept.ledger)
    assert done == (5, str(key.resolve()))
    settle(kept, "SELECT 1")
    if kept.ledger is not None:
        places[1] /= "base"  # its own log keeps what it held until it is recycled
    assert not found_in(places, rows)
    pool.asked.clear()
    kept.put(f"{kept.key(3)}.jpg", b"photo 3")
    kept.round()
    assert len(pool.asked) == 6
    assert status(kept.folder, ledger=kept.ledger).templates is None
    assert forget_templates(kept.folder, ledger=kept.ledger) == (0, None)


def test_keeping_can_begin_in_a_season_under_way(plain, key, pool):
    begin_keeping(plain.folder, key)
    assert status(plain.folder).templates == 0
    plain.put(f"{plain.key(3)}.jpg", b"photo 3")
    plain.round()
    assert status(plain.folder).templates == 6
    pool.asked.clear()
    plain.put(f"{plain.key(4)}.jpg", b"photo 4")
    plain.round()
    assert pool.asked == [content(b"photo 4")]
    with pytest.raises(UsageError, match="keeps templates"):
        begin_keeping(plain.folder, key)


def test_a_season_that_compares_no_faces_has_nothing_to_keep(season, key):
    with pytest.raises(UsageError, match="compares none"):
        begin_keeping(season.folder, key, ledger=season.ledger)
    assert not key.exists()


def found_in(places, wanted) -> set[bytes]:
    found = set()
    for path in (path for place in places for path in [place, *place.rglob("*")]):
        with suppress(FileNotFoundError, PermissionError):  # a server's own files come and go
            if path.is_file():
                data = path.read_bytes()
                found |= {mark for mark in wanted if mark in data}
    return found


def settle(season, first) -> None:
    """Have a server write down what it holds; SQLite's file and log are read as they are."""
    if season.ledger is None:
        return
    engine = open_database(season.folder, season.ledger, create=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(first))
        connection.execute(text("CHECKPOINT"))
    engine.dispose()


def test_a_purge_that_was_killed_still_names_the_key_file_when_it_is_repeated(
    kept, key, monkeypatch
):
    def killed(_folder):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pipeline.ledger.purge.remove_pictures", killed)
        with pytest.raises(KeyboardInterrupt):
            purge(kept.folder, ledger=kept.ledger)
    assert purge(kept.folder, ledger=kept.ledger)[1] == str(key.resolve())
    assert purge(kept.folder, ledger=kept.ledger)[1] is None, "it is forgotten in the end"
