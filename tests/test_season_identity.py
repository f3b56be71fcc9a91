"""A season that compares faces: in every list alike, with the photos on record it was given."""

import csv
import stat

import pytest

from flows.season import ingest, init

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
    folder = home / "2027"
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


def test_a_season_without_identity_compares_no_faces(tmp_path, season):
    home, _ = season
    folder = tmp_path / "plain"
    init(folder, home / "roster.csv", "chsi_graduate")
    ingest(folder, home / "inbox", workers=1)
    assert set(outcomes(folder, "DU005").values()) == {"not_applicable"}
    assert not (folder / "references").exists()
