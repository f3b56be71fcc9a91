"""All that a run writes is in one list: what is not could be written over what was given."""

import pytest

from fixtures.stub_examiner import photo_of, stub_pool
from flows.shoot.output import staging_in
from flows.shoot.reading import prepare
from flows.shoot.request import Request
from flows.shoot.steps import finish, setting_of
from pipeline.core.output_files import OutputFile
from pipeline.core.rules import Verdict
from reports.masking import Presentation

OF_A_SEASON = {
    OutputFile.ATTEMPTS,
    OutputFile.STATES,
    OutputFile.REGISTER_CSV,
    OutputFile.REGISTER_XLSX,
}


@pytest.fixture
def of_a_shoot(tmp_path):
    """Names in the output folder of a shoot."""
    inbox, roster, out = (tmp_path / name for name in ("inbox", "roster.csv", "out"))
    inbox.mkdir()
    (inbox / "20230001.jpg").write_bytes(photo_of(Verdict.PASS, 1))
    roster.write_text("学号,姓名\n20230001,王一\n20230002,李二\n", encoding="utf-8")
    shoot = prepare(Request(inbox, roster, "chsi_graduate"))
    with staging_in(out) as staging, stub_pool(setting_of(shoot, staging), 1) as pool:
        finish(shoot, list(pool.run(shoot.submissions)), out, staging, Presentation())
    return {path.name for path in out.iterdir()}


@pytest.fixture
def of_a_season(tmp_path, new_season):
    """Names in the folder of a season's lists."""
    season = new_season(tmp_path / "home", None)
    season.put(f"{season.key(1)}.jpg", photo_of(Verdict.PASS, 1))
    season.round()
    return {path.name for path in (season.folder / "reports").iterdir()}


def test_a_shoot_writes_what_the_list_names_and_nothing_else(of_a_shoot):
    assert of_a_shoot == set(OutputFile) - OF_A_SEASON - {OutputFile.SEASON}


def test_a_season_writes_what_the_list_names_and_nothing_else(of_a_season):
    of_none = {OutputFile.FINGERPRINTS, OutputFile.SHOOT, OutputFile.SEASON}
    assert of_a_season == set(OutputFile) - of_none
