"""A second round knows the first: refused pictures come again, accepted ones are references."""

import io

import numpy as np
import pytest
from PIL import Image

from flows.shoot.progress import silent
from flows.shoot.reading import prepare
from flows.shoot.request import Request
from flows.shoot.steps import check_shoot
from pipeline.core.errors import UsageError
from pipeline.core.rules import Outcome
from pipeline.duplicates.earlier_runs import read_earlier
from reports.masking import Presentation

pytestmark = pytest.mark.slow

ROSTER = "学号,姓名\n20230001,王一\n20230002,李二\n"


def run(inbox, roster, out, **how):
    shoot = prepare(Request(inbox, roster, "chsi_graduate", **how))
    return check_shoot(shoot, out, workers=1, presentation=Presentation(), progress=silent)


def finding(result, photo, code):
    (detail,) = result.details([photo])
    return next(f for f in detail.findings if f.code == code)


@pytest.fixture(scope="module")
def first(tmp_path_factory, jpeg, framed, sitter):
    """A first round: one student passes, the other wears a mask."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8-sig")
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "20230001.jpg").write_bytes(jpeg(framed(sitter(3)), quality=85))
    (inbox / "20230002.jpg").write_bytes(jpeg(framed(sitter(7, wear="mask")), quality=85))
    result = run(inbox, folder / "roster.csv", folder / "out")
    return folder, {row.student.key: str(row.verdict) for row in result.students}


def again(picture: bytes, *, size=0.8, quality=70) -> bytes:
    """The same picture, smaller and encoded again."""
    image = Image.open(io.BytesIO(picture))
    small = image.resize([round(side * size) for side in image.size], Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    small.resize(image.size, Image.Resampling.LANCZOS).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def test_a_refused_picture_is_known_again_however_it_was_saved(first, tmp_path):
    folder, verdicts = first
    assert verdicts == {"20230001": "pass", "20230002": "retake"}
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    refused = (folder / "inbox" / "20230002.jpg").read_bytes()
    (inbox / "20230002.jpg").write_bytes(again(refused))
    result = run(inbox, folder / "roster.csv", tmp_path / "out", earlier=[folder / "out"])
    found = finding(result, "20230002.jpg", "DU006")
    assert found.outcome is Outcome.BROKEN
    assert "画面相同" in found.because.zh
    without = run(inbox, folder / "roster.csv", tmp_path / "without")
    assert finding(without, "20230002.jpg", "DU006").outcome is Outcome.NOT_APPLICABLE


def test_an_accepted_picture_is_a_reference(first, tmp_path, jpeg, framed, sitter):
    """It serves for its own student; of the other nothing is on record."""
    folder, _ = first
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "20230001.jpg").write_bytes(jpeg(framed(sitter(3), zoom=0.6), quality=80))
    (inbox / "20230002.jpg").write_bytes(jpeg(framed(sitter(11)), quality=85))
    result = run(
        inbox, folder / "roster.csv", tmp_path / "out", earlier=[folder / "out"], identity=True
    )
    assert result.faces.records == 1
    own = finding(result, "20230001.jpg", "DU005")
    assert own.outcome is Outcome.PASSED
    assert own.measured > result.faces.accept
    assert finding(result, "20230002.jpg", "DU005").outcome is Outcome.NOT_APPLICABLE


def test_photos_on_record_alone_turn_nothing_on_and_are_refused_in_one_line(first, tmp_path):
    folder, _ = first
    references = tmp_path / "references"
    references.mkdir()
    with pytest.raises(UsageError, match="add --identity"):
        run(folder / "inbox", folder / "roster.csv", tmp_path / "out", references=references)
    assert not (tmp_path / "out").exists()


def test_no_face_template_is_written_anywhere(first, tmp_path):
    from checks import CHECKS
    from pipeline.core.records import Submission
    from pipeline.core.rules import Mode
    from pipeline.examine.examine import examine
    from pipeline.examine.setting import Setting, Tools
    from pipeline.face.models import load_models, load_recogniser
    from pipeline.spec.spec import load_spec

    folder, _ = first
    spec = load_spec("chsi_graduate", CHECKS)
    path = folder / "inbox" / "20230001.jpg"
    examined = examine(
        Submission(path.name, path),
        Setting(spec, Mode.FINAL, compare_faces=True),
        Tools(CHECKS, load_models(), load_recogniser()),
    )
    template = examined.face.vector
    assert len(template) == 128 * 4
    assert "vector" not in repr(examined.face)
    out = tmp_path / "out"
    run(folder / "inbox", folder / "roster.csv", out, identity=True)
    needle = template[:32]
    for file in out.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert needle not in content, file.name
            if file.suffix == ".npz":
                with np.load(file) as members:
                    assert all(needle not in members[name].tobytes() for name in members)


def test_a_folder_that_no_run_wrote_is_a_mistake_of_the_call(tmp_path):
    with pytest.raises(UsageError, match="no output folder of a run"):
        read_earlier([tmp_path])
