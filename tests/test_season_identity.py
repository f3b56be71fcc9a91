"""A season that compares faces: in every list alike, with the photos on record it was given."""

import csv
import stat
from contextlib import contextmanager

import pytest

from flows.season.changes import purge
from flows.season.steps import ingest, init
from flows.season.views import status

pytestmark = pytest.mark.slow

SEEDS = {"20230001": 3, "20230002": 7, "20230003": 16}


def outcomes(folder, code):
    with (folder / "reports" / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        return {
            row["student_id"]: row["outcome"]
            for row in csv.DictReader(stream)
            if row["code"] == code
        }


@pytest.fixture(scope="module")
def season(tmp_path_factory, jpeg, framed, sitter):
    """Three students with a photo on record; one of the three has sent nothing yet."""
    home = tmp_path_factory.mktemp("season")
    rows = "".join(f"{number},某某\n" for number in SEEDS)
    (home / "roster.csv").write_text(f"学号,姓名\n{rows}", encoding="utf-8-sig")
    for name, zoom in (("inbox", 0.65), ("on_record", 0.6)):
        (home / name).mkdir()
        for number, seed in SEEDS.items():
            if name == "on_record" or number != "20230003":
                picture = jpeg(framed(sitter(seed), zoom=zoom), quality=85)
                (home / name / f"{number}.jpg").write_bytes(picture)
    folder = home / "2099"
    init(
        folder,
        home / "roster.csv",
        "chsi_graduate",
        identity=True,
        references=home / "on_record",
    )
    ingest(folder, home / "inbox", workers=1)
    return home, folder


def test_each_photo_is_held_against_its_own_record(season):
    _, folder = season
    assert outcomes(folder, "DU005") == {"20230001": "passed", "20230002": "passed"}


def test_the_photos_on_record_lie_in_the_season_for_the_user_alone(season):
    home, folder = season
    kept = sorted((folder / "references").rglob("*.jpg"))
    assert [path.parent.name for path in kept] == sorted(SEEDS)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)
    assert kept[0].read_bytes() == (home / "on_record" / "20230001.jpg").read_bytes()


def test_a_later_round_judges_by_faces_too_and_knows_what_was_refused(season, jpeg, framed, sitter):
    home, folder = season
    later = home / "later"
    later.mkdir()
    masked = jpeg(framed(sitter(16, wear="mask")), quality=85)
    (later / "20230003.jpg").write_bytes(masked)
    ingest(folder, later, workers=1)
    assert outcomes(folder, "DU005")["20230003"] == "skipped", "a covered face accuses nobody"
    assert outcomes(folder, "MK001")["20230003"] == "broken"
    (later / "20230003.jpg").write_bytes(jpeg(framed(sitter(16, wear="mask")), quality=60))
    ingest(folder, later, workers=1)
    assert outcomes(folder, "DU006")["20230003"] == "broken"
    assert outcomes(folder, "DU005")["20230001"] == "passed"


def test_kept_templates_spare_what_is_known_and_change_no_list(
    season, tmp_path, monkeypatch, jpeg, framed, sitter
):
    home, _ = season
    described = watched(monkeypatch)
    kept, plain = tmp_path / "kept", tmp_path / "plain"
    for folder, key in ((kept, tmp_path / "season.key"), (plain, None)):
        init(
            folder, home / "roster.csv", "chsi_graduate", identity=True, class_of=2099,
            references=home / "on_record", template_key=key,
        )  # fmt: skip
        ingest(folder, home / "inbox", workers=1)
    assert lists(kept) == lists(plain)
    assert status(kept).templates == 5
    assert status(plain).templates is None
    later = tmp_path / "later"
    later.mkdir()
    (later / "20230003.jpg").write_bytes(jpeg(framed(sitter(16)), quality=85))
    described.clear()
    for folder in (kept, plain):
        ingest(folder, later, workers=1)
    assert described == [1, 6], "only the new photo; of the plain season all, and those on record"
    assert lists(kept) == lists(plain)
    vector = face_of(plain)
    assert all(vector not in path.read_bytes() for path in kept.rglob("*") if path.is_file()), (
        "no face lies in the season's folder"
    )
    left, key_file = purge(kept)
    assert key_file == str((tmp_path / "season.key").resolve())
    assert left["templates"] == 6


def watched(monkeypatch) -> list[int]:
    """How many faces each comparison describes."""
    from flows.season import faces as season_faces

    counts, real = [], season_faces.record_pool

    @contextmanager
    def pool(setting, workers):
        with real(setting, workers) as opened:

            class Watched:
                @staticmethod
                def run(jobs):
                    counts.append(len(jobs))
                    return opened.run(jobs)

            yield Watched

    monkeypatch.setattr(season_faces, "record_pool", pool)
    return counts


def lists(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "reports").rglob("*.csv")}


def face_of(folder) -> bytes:
    """A piece of a template as it is compared."""
    from flows.season.steps import open_season
    from flows.shoot.worker import record_pool
    from pipeline.core.records import Submission
    from pipeline.core.rules import Mode
    from pipeline.examine.setting import Setting
    from pipeline.intake.references import Reference

    path = next((folder / "references").rglob("*.jpg"))
    with open_season(folder, writing=False) as opened:
        setting = Setting(opened.spec, Mode.SOURCE, compare_faces=True)
    with record_pool(setting, 1) as pool:
        (found,) = pool.run([Reference("x", Submission("x", path))])
    return found.face.vector[:32]


def test_a_season_without_identity_compares_no_faces(tmp_path, season):
    home, _ = season
    folder = tmp_path / "plain"
    init(folder, home / "roster.csv", "chsi_graduate", class_of=2099)
    ingest(folder, home / "inbox", workers=1)
    assert set(outcomes(folder, "DU005").values()) == {"not_applicable"}
    assert not (folder / "references").exists()
