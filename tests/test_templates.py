"""Templates of faces lie in the ledger sealed, and open with the season's own key alone."""

import stat

import numpy as np
import pytest
from sqlalchemy import select, update

from flows.season.steps import init, open_season
from pipeline.core.errors import UsageError
from pipeline.core.records import FaceTemplate
from pipeline.core.rules import Text
from pipeline.ledger.database import open_database
from pipeline.ledger.tables import templates
from pipeline.ledger.templates import (
    VARIABLE,
    check_of,
    described_by,
    keep_templates,
    make_key,
    read_key,
    read_templates,
)

A, B, BY = "a" * 64, "b" * 64, "c" * 64
FACE = FaceTemplate(np.arange(128, dtype=np.float32).tobytes())
HIDDEN = FaceTemplate(None, Text("脸太小", "too small"), "FC006")


@pytest.fixture
def key(tmp_path) -> bytes:
    return make_key(tmp_path / "season.key")


@pytest.fixture
def engine(tmp_path, ledger):
    made = open_database(tmp_path / "season", ledger, create=True)
    yield made
    made.dispose()


def keep(engine, key, faces, by=BY):
    with engine.begin() as connection:
        keep_templates(connection, key, by, faces)


def read(engine, key, contents=(A, B), by=BY):
    with engine.connect() as connection:
        return read_templates(connection, key, by, contents)


def test_they_come_back_as_they_were(engine, key):
    keep(engine, key, {A: FACE, B: HIDDEN})
    assert read(engine, key) == {A: FACE, B: HIDDEN}
    assert read(engine, key, [A]) == {A: FACE}


def test_a_face_that_is_described_anew_takes_the_place_of_the_earlier_one(engine, key):
    keep(engine, key, {A: HIDDEN})
    keep(engine, key, {A: FACE})
    assert read(engine, key) == {A: FACE}


def test_nothing_of_a_face_is_to_be_read_in_the_database(engine, key):
    keep(engine, key, {A: FACE, B: HIDDEN})
    with engine.connect() as connection:
        sealed = b"".join(connection.scalars(select(templates.c.sealed)))
    assert FACE.vector[100:116] not in sealed
    assert "脸太小".encode() not in sealed


def test_the_same_face_is_sealed_otherwise_every_time(engine, key):
    keep(engine, key, {A: FACE, B: FACE})
    with engine.connect() as connection:
        one, two = connection.scalars(select(templates.c.sealed))
    assert one[:12] != two[:12]
    assert one[12:-16] != two[12:-16], "what follows is a tag of the row"


def test_another_key_opens_none_of_them(engine, key, tmp_path):
    keep(engine, key, {A: FACE})
    assert read(engine, make_key(tmp_path / "other.key")) == {}


def test_what_was_described_in_another_way_is_none(engine, key):
    keep(engine, key, {A: FACE})
    assert read(engine, key, by="d" * 64) == {}


@pytest.mark.parametrize("how", ["exchanged", "changed", "torn", "of another description"])
def test_a_row_that_was_touched_is_none_and_harms_no_other(engine, key, how):
    keep(engine, key, {A: FACE, B: HIDDEN})
    with engine.begin() as connection:
        rows = {row.sha256: row.sealed for row in connection.execute(select(templates))}
        there = templates.c.sha256 == A
        if how == "of another description":
            connection.execute(update(templates).where(there).values(described_by="d" * 64))
        else:
            sealed = {
                "exchanged": rows[B],
                "changed": rows[A][:-1] + bytes([rows[A][-1] ^ 1]),
                "torn": rows[A][:7],
            }[how]
            connection.execute(update(templates).where(there).values(sealed=sealed))
    assert read(engine, key) == {B: HIDDEN}
    assert read(engine, key, by="d" * 64) == {}


def test_a_description_is_another_when_what_it_depends_on_is(spec):
    larger = spec.identity.model_copy(update={"least_eyes_px": spec.identity.least_eyes_px + 1})
    assert described_by(spec) == described_by(spec.model_copy(update={"naming": "exam_no"}))
    assert described_by(spec) != described_by(spec.model_copy(update={"identity": larger}))
    wider = spec.output.model_copy(update={"width_px": spec.output.width_px + 1})
    assert described_by(spec) != described_by(spec.model_copy(update={"output": wider}))


# -- the key file ----------------------------------------------------------------------


def test_a_key_file_is_made_once_for_the_user_alone(tmp_path, key):
    path = tmp_path / "season.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert make_key(path) == read_key(path) == key
    assert len(key) == 32
    assert check_of(key) not in path.read_text()


def test_a_key_that_others_may_read_is_refused(tmp_path, key):
    (tmp_path / "season.key").chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        read_key(tmp_path / "season.key")


@pytest.mark.parametrize("content", ["", "gradphoto template key 1: AAAA\n", "钥匙", "x" * 60])
def test_anything_else_is_no_key(tmp_path, content):
    path = tmp_path / "season.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(UsageError, match=r"season\.key"):
        read_key(path)


@pytest.fixture
def kept(tmp_path, ledger):
    """A season that keeps templates; nothing has arrived."""
    (tmp_path / "roster.csv").write_text("学号,姓名\n20230001,某某\n", encoding="utf-8-sig")
    folder, file = tmp_path / "2099", tmp_path / "season.key"
    how = {"ledger": ledger, "identity": True}
    init(folder, tmp_path / "roster.csv", "chsi_graduate", template_key=file, **how)
    return folder, file, ledger


def opened(kept):
    with open_season(kept[0], kept[2]) as season:
        return season


def test_a_season_opens_with_its_key_alone_and_says_so_before_any_work(kept, tmp_path, monkeypatch):
    assert opened(kept).locked
    file = kept[1]
    elsewhere = file.rename(tmp_path / "elsewhere.key")
    with pytest.raises(UsageError, match=VARIABLE):
        opened(kept)
    make_key(file)
    with pytest.raises(UsageError, match="not the key of this season"):
        opened(kept)
    monkeypatch.setenv(VARIABLE, str(elsewhere))
    assert opened(kept).locked


def test_the_key_is_not_in_the_season(kept):
    folder, file, _ = kept
    key = read_key(file)
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert key not in data
            assert file.read_text().split()[-1].encode() not in data


def test_it_must_not_lie_in_the_seasons_folder(tmp_path):
    (tmp_path / "roster.csv").write_text("学号\n20230001\n", encoding="utf-8")
    folder = tmp_path / "2099"
    with pytest.raises(UsageError, match="must not lie"):
        init(
            folder, tmp_path / "roster.csv", "chsi_graduate", identity=True,
            template_key=folder / "season.key",
        )  # fmt: skip
    assert not folder.exists()


def test_without_faces_there_is_nothing_to_keep(tmp_path):
    (tmp_path / "roster.csv").write_text("学号\n20230001\n", encoding="utf-8")
    with pytest.raises(UsageError, match="--identity"):
        init(
            tmp_path / "2099", tmp_path / "roster.csv", "chsi_graduate",
            template_key=tmp_path / "season.key",
        )  # fmt: skip
    assert not (tmp_path / "season.key").exists()
