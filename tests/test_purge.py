"""A purge leaves counts, and of persons nothing: the disk is searched for what was there."""

import io
import json
import random
from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import insert, text

from fixtures.stub_examiner import stub_pool
from flows.season.changes import proofs, purge, uploaded
from flows.season.review import review
from flows.season.steps import ingest, init
from flows.season.views import status
from pipeline.core.errors import UsageError
from pipeline.core.output_files import LISTS, NOTICES
from pipeline.ledger.database import open_database
from pipeline.ledger.tables import templates
from reports.masking import Presentation

NOW = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
NAMES = ("尉迟瀚海", "令狐沧浪")
NUMBERS = ("2023990710001", "2023990710002")
ID_NO = "990101200501010029"
# So many that a server samples them, and like sealed ones: nothing makes them shorter.
TEMPLATES = tuple(random.Random(seed).randbytes(541) for seed in range(60))
SAID = ("已当面核对瀚海", "照片不是瀚海的")


def picture(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (80, 60, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, "JPEG")
    return stream.getvalue()


def marks(folder) -> list[bytes]:
    """What must be found nowhere: names, numbers, words, and pieces of every picture."""
    words = [w.encode(coding) for w in (*NAMES, *NUMBERS, ID_NO, *SAID) for coding in ("utf-8",)]
    escaped = [json.dumps(name).strip('"').encode() for name in NAMES]
    pictures = [p.read_bytes() for p in folder.rglob("*") if p.parent.name != "reports"
                and p.is_file() and p.read_bytes()[:2] == b"\xff\xd8"]  # fmt: skip
    assert len(pictures) > 2
    # From their middles, and no even ground: a JPEG's head and a plain grey are anybody's,
    # and a server shared by tests holds other tests' pictures.
    pieces = [data[len(data) // 2 :][:24] for data in pictures]
    telling = [piece for piece in pieces if len(set(piece)) > 12]
    assert telling
    return [*words, *escaped, *telling, *(one[:24] for one in TEMPLATES)]


def found_in(folder, wanted) -> set[bytes]:
    found = set()
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError, PermissionError):  # a server's own files come and go
            if path.is_file():
                data = path.read_bytes()
                found |= {mark for mark in wanted if mark in data}
    return found


@pytest.fixture
def season(tmp_path, ledger):
    lines = f"学号,姓名,身份证号\n{NUMBERS[0]},{NAMES[0]},{ID_NO}\n{NUMBERS[1]},{NAMES[1]},\n"
    (tmp_path / "roster.csv").write_text(lines, encoding="utf-8-sig")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    folder = tmp_path / "season"
    init(folder, tmp_path / "roster.csv", "chsi_graduate", ledger=ledger, now=NOW)
    keep_templates(folder, ledger)
    for seed, name in enumerate((f"{NUMBERS[0]} {NAMES[0]}.jpg", f"{NUMBERS[1]}.jpg"), start=99071):
        (inbox / name).write_bytes(picture(seed))
    ingest(
        folder,
        inbox,
        ledger=ledger,
        pool=stub_pool,
        now=NOW,
        presentation=Presentation(full_names=True),
    )
    how = {"ledger": ledger, "now": NOW}
    review(folder, NUMBERS[0], accept=True, why=SAID[0], who="王", **how)
    uploaded(folder, **how)
    list_ = f"学号,结果,原因\n{NUMBERS[0]},有误,{SAID[1]}\n"
    (tmp_path / "said.csv").write_text(list_, encoding="utf-8")
    proofs(folder, tmp_path / "said.csv", **how)
    return folder, ledger


def keep_templates(folder, ledger) -> None:
    """Lay templates into the ledger whose bytes the search knows."""
    engine = open_database(folder, ledger, create=False)
    rows = [
        {"sha256": f"{number:064}", "described_by": "b" * 64, "sealed": sealed}
        for number, sealed in enumerate(TEMPLATES)
    ]
    with engine.begin() as connection:
        connection.execute(insert(templates), rows)
    engine.dispose()


def test_nothing_of_anybody_is_left_on_the_disk(season, request):
    folder, ledger = season
    wanted = marks(folder)
    places = [folder]
    if ledger is not None:
        # Its own log keeps what it held until it is recycled: that is the server's to settle.
        # Only this season's database: others on the server hold other tests' pictures.
        data = request.getfixturevalue("postgresql").data
        places.append(data / "base" / database_id(folder, ledger))
        analyse(folder, ledger)
    there = set().union(*(found_in(place, wanted) for place in places))
    wants = {TEMPLATES[7][:24], *map(str.encode, (*NAMES, *NUMBERS, ID_NO))}
    assert wants <= there, "the search finds them"
    for made in (LISTS, NOTICES):  # they hold names in full where that was asked for
        (folder / made).mkdir()
        (folder / made / "软件2301.csv").write_text(NAMES[0], encoding="utf-8")
    counts, _ = purge(folder, ledger=ledger, now=NOW)
    if ledger is not None:
        checkpoint(folder, ledger)
    assert set().union(*(found_in(place, wanted) for place in places)) == set()
    assert [path.name for path in folder.iterdir()] == ([] if ledger else ["ledger.sqlite"])
    assert counts["students"] == 2
    assert counts["submissions"] == 2
    assert sum(counts["verdicts of students"].values()) == 2


def database_id(folder, ledger) -> str:
    """The name of the folder that a server keeps the ledger's database in."""
    engine = open_database(folder, ledger, create=False)
    with engine.connect() as connection:
        asked = text("SELECT oid FROM pg_database WHERE datname = current_database()")
        found = str(connection.execute(asked).scalar_one())
    engine.dispose()
    return found


def analyse(folder, ledger):
    """What a server does by itself in time: samples of the values, for its planner."""
    checkpoint(folder, ledger, "ANALYZE")


def checkpoint(folder, ledger, first="SELECT 1"):
    engine = open_database(folder, ledger, create=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(first))
        connection.execute(text("CHECKPOINT"))
    engine.dispose()


def test_a_purged_season_is_told_as_such_and_can_be_purged_again(season):
    folder, ledger = season
    counts, _ = purge(folder, ledger=ledger, now=NOW)
    with pytest.raises(UsageError, match="purged"):
        status(folder, ledger=ledger)
    (folder / "photos").mkdir()
    (folder / "photos" / "left by a purge that was killed").write_bytes(b"x")
    assert purge(folder, ledger=ledger, now=NOW)[0] == counts
    assert not (folder / "photos").exists()


def test_there_is_nothing_to_purge_where_no_season_is(tmp_path, ledger):
    with pytest.raises(UsageError, match="season"):
        purge(tmp_path / "nothing", ledger=ledger)
