"""Faces of whole batches: what an object at the chin hides, and what it does not."""

import pytest

from checks import CHECKS
from pipeline.batch.compare import compare
from pipeline.batch.match import match
from pipeline.core.errors import ModelError
from pipeline.core.records import Student, Submission
from pipeline.core.rules import Mode, Outcome
from pipeline.core.run_photos import in_memory
from pipeline.examine.examine import examine, examine_record, hidden_face
from pipeline.examine.setting import Setting, Tools
from pipeline.face.model_manifest import model_path
from pipeline.face.models import load_models, load_recogniser
from pipeline.identity.compare import OnRecord
from pipeline.rules import photo_rules

SEEDS = (3, 7, 28, 30, 10, 82)
RULES = {rule.code: rule for rule in photo_rules(CHECKS)}


@pytest.mark.parametrize("code", ["FC001", "FC002", "MK001", "EY002"])
def test_a_mask_sunglasses_or_no_single_face_keep_a_face_from_being_compared(code):
    found = hidden_face([RULES["MK002"].broken(), RULES[code].broken()])
    assert (found.vector, found.caused_by) == (None, code)


def test_a_hand_or_an_object_at_the_face_alone_does_not():
    assert hidden_face([RULES["MK002"].broken()]) is None


@pytest.fixture(scope="module")
def tools():
    try:
        model_path("sface")
    except ModelError:
        pytest.skip("SFace is not here: it is fetched only where faces are compared")
    return Tools(CHECKS, load_models(), load_recogniser())


@pytest.mark.slow
def test_students_who_swapped_are_found_though_a_microphone_hides_their_chins(
    tmp_path, spec, tools, jpeg, framed, sitter
):
    students = [Student(f"2023000{at}", at + 2) for at in range(len(SEEDS))]
    records = [
        OnRecord(
            student.key,
            examine_record(
                jpeg(framed(sitter(seed), zoom=0.6)), spec, tools.models, tools.recogniser
            ),
        )
        for student, seed in zip(students, SEEDS, strict=True)
    ]
    shot = [SEEDS[1], SEEDS[0], *SEEDS[2:]]
    examined = []
    for student, seed in zip(students, shot, strict=True):
        path = tmp_path / f"{student.key}.jpg"
        how = {"wear": "microphone"} if seed in SEEDS[:2] else {}
        path.write_bytes(jpeg(framed(sitter(seed, **how)), quality=85))
        setting = Setting(spec, Mode.FINAL, compare_faces=True)
        examined.append(examine(Submission(path.name, path), setting, tools))
    for one in examined[:2]:
        assert {f.code: f.outcome for f in one.findings}["MK002"] is Outcome.BROKEN
    found = compare(match(in_memory(examined), students), spec.identity, records=records)
    swapped = {
        photo
        for photo, findings in found.findings.items()
        if any(f.code == "DU003" and f.outcome is Outcome.BROKEN for f in findings)
    }
    assert swapped == {"20230000.jpg", "20230001.jpg"}
