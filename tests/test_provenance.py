"""The version is held once; the ledger keeps it, and no season is examined anew for it."""

import tomllib
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from flows import cli
from flows.season.steps import open_season
from pipeline.ledger import examinations as kept
from pipeline.ledger.provenance import versions
from pipeline.ledger.tables import examinations

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def test_the_version_is_the_projects_everywhere(monkeypatch, capsys):
    due = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["version"]
    assert versions()[0] == due, "`make setup` installs the version that pyproject.toml says"
    monkeypatch.setattr("sys.argv", ["gradphoto", "--version"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    assert capsys.readouterr().out == f"gradphoto {due}\n"


def test_another_version_of_the_program_examines_nothing_anew(new_season, tmp_path, jpeg):
    season = new_season(tmp_path, None)
    season.put(f"{season.key(1)}.jpg", jpeg(Image.new("RGB", (480, 640), "blue")))
    assert season.round().examined == 1
    with pytest.MonkeyPatch.context() as later:
        later.setattr(kept, "versions", lambda: ("9.9", "numpy 9.9"))
        assert season.round().examined == 0
        season.put(f"{season.key(2)}.jpg", jpeg(Image.new("RGB", (480, 640), "red")))
        assert season.round().examined == 1
    with open_season(season.folder, writing=False) as opened, opened.engine.connect() as read:
        assert set(read.scalars(select(examinations.c.program))) == {versions()[0], "9.9"}
