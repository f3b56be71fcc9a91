"""A season whose faces are stood in for: who is in a photo stands in its bytes."""

import hashlib
import re
from contextlib import contextmanager

import pytest

from fixtures.stub_examiner import StubRecords, photo_of, stub_vector
from flows.season import faces as season_faces
from pipeline.core.records import FaceTemplate
from pipeline.core.rules import Verdict
from pipeline.identity.compare import OnRecord
from pipeline.intake.inbox import read_bytes


class Faces(StubRecords):
    """Sees the person who is named in a photo's bytes: ``shows 3``."""

    def _describe(self, job):
        data = read_bytes(job.submission, 1 << 20)
        sha256 = hashlib.sha256(data).hexdigest()
        who = re.search(rb"shows ([0-9]+)", data)[1]
        return OnRecord(
            job.student_key, FaceTemplate(stub_vector(hashlib.sha256(who).hexdigest())), sha256
        )


def photo(who: int, seed: object = "", verdict: Verdict = Verdict.PASS) -> bytes:
    """A photo that shows a student; without a fault, if it is not said otherwise."""
    return photo_of(verdict, f"shows {who} {seed}")


@pytest.fixture
def faces_on_record(tmp_path, monkeypatch, new_season):
    """Photos on record of all four students."""

    @contextmanager
    def pool(_setting, _workers):
        yield Faces()

    monkeypatch.setattr(season_faces, "record_pool", pool)
    folder = tmp_path / "record"
    folder.mkdir()
    for n in range(1, 5):
        (folder / f"{new_season.key(n)}.jpg").write_bytes(f"record shows {n}".encode())
    return folder


@pytest.fixture
def swapped(tmp_path, ledger, new_season, faces_on_record):
    """A season of four: the photos of the first two stand under one another, one is missing."""
    season = new_season(tmp_path / "s", ledger, identity=True, references=faces_on_record)
    for n, who in ((1, 2), (2, 1), (3, 3)):
        season.put(f"{season.key(n)}.jpg", photo(who))
    season.round()
    return season
