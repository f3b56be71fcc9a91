"""No file is ever written that its own checks refuse: held on real photographs."""

import csv

import numpy as np
import pytest
from PIL import Image

from checks import CHECKS
from pipeline.core.records import Submission
from pipeline.core.rules import Mode
from pipeline.core.verdict import counting, remedies
from pipeline.examine.examine import examine
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.rules import photo_rules
from pipeline.spec.spec import load_spec

pytestmark = [pytest.mark.photos, pytest.mark.slow]
EVERY = 4

# Most portraits before a plain wall are cut close and small. They are given room (their own
# outermost pixels, repeated, which draws lines on the wall) and may be enlarged; every
# other rule is as it is.
WIDE = """
extends = "chsi_graduate_any_bg"
id = "wide"
title.zh = "试"
title.en = "trial"

[output.scale]
low = 0.3
source = "for this test"
confidence = "P"

[remedies]
BG002 = "note"
BG003 = "note"

[limits.background]
colours = [[100, 197, 255], [255, 255, 255], [240, 240, 240], [67, 142, 219], [216, 22, 32]]
colours_source = "for this test"
"""


def with_room(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture.convert("RGB"))
    up, aside = round(0.2 * pixels.shape[0]), round(0.3 * pixels.shape[1])
    return Image.fromarray(np.pad(pixels, ((up, up), (aside, aside), (0, 0)), mode="edge"))


@pytest.fixture(scope="module")
def written(photos, tmp_path_factory):
    """(path, spec, bytes) of every registration file that a sample of photos gives."""
    folder = tmp_path_factory.mktemp("upload")
    (folder / "wide.toml").write_text(WIDE, encoding="utf-8")
    spec = load_spec(str(folder / "wide.toml"), CHECKS)
    with (photos / "labels.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["group"] == "idstyle"][::EVERY]
    made, source = [], folder / "source.png"
    for row in rows:
        with Image.open(photos / row["path"]) as picture:
            with_room(picture).save(source)
        examination = examine(
            Submission(row["path"], source),
            Setting(spec, Mode.SOURCE, folder),
            Tools(CHECKS, load_models()),
        )
        if examination.upload is not None:
            made.append((row["path"], spec, examination.upload.path(folder)))
    return made


def test_the_photographs_give_files(written):
    assert len(written) >= 10


def test_every_file_passes_as_the_final_file_that_it_is(written):
    for path, spec, staged in written:
        again = examine(
            Submission(staged.name, staged),
            Setting(spec, Mode.FINAL),
            Tools(CHECKS, load_models()),
        )
        refused = counting(again.findings, remedies(photo_rules(CHECKS), spec.remedies))
        assert refused == (), path
