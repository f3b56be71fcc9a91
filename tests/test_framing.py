"""A frame's fault: led back to what the photographer moves, in words for three readers."""

from dataclasses import replace
from pathlib import Path

import pytest

from checks import CHECKS
from pipeline.core.causes import Cause
from pipeline.core.rules import Lang, Mode, Outcome, Text
from pipeline.examine.framing import cause_of_crop, cause_of_frame, framing_causes
from pipeline.image.geometry import Head
from pipeline.spec.spec import load_spec

OUTPUT = load_spec("chsi_graduate", CHECKS).output
GOLDEN = Path(__file__).parent / "golden" / "causes.txt"
FRAME = (1500, 2000)


def head(face: float, x: float = 750.0, crown: float = 300.0, to_eyes: float = 0.9) -> Head:
    """Crown to hairline 0.25, to eyes 0.9, to chin 1.75 face widths."""
    return Head(
        crown_y=crown,
        hairline_y=crown + 0.25 * face,
        eye_y=crown + to_eyes * face,
        eye_x=x,
        chin_y=crown + (to_eyes + 0.85) * face,
        face_width=face,
        head_width=1.05 * face,
        centre_x=x,
    )


def of_frame(*args, frame=FRAME, **how) -> Cause | None:
    return cause_of_frame(head(*args, **how), *frame, OUTPUT)


CAUSES = {
    "too_near": of_frame(1000, crown=250),
    "too_near, and too low": of_frame(880, crown=600),
    "too_far": of_frame(120, crown=600),
    "frame_bottom": of_frame(400, crown=1200),
    "frame_top": of_frame(400, crown=10),
    "frame_left": of_frame(400, 250),
    "frame_right": of_frame(400, 1250),
    "frame_right, and too low": of_frame(400, 1300, 1200),
    "too_small": of_frame(160, 220, 80, frame=(440, 600)),
    "hair_too_high": of_frame(400, to_eyes=1.6),
    "crop_tight": cause_of_crop(head(350, 240, 20), 1.0, OUTPUT),
    "crop_loose": cause_of_crop(head(150, 240, 200), 1.0, OUTPUT),
    "crop_aside": cause_of_crop(head(240, 240, 130), 1.0, OUTPUT),
}


def told(cause: Cause) -> str:
    lines = [f"## {cause.key}"]
    for reader in ("student", "photographer", "record"):
        text: Text = getattr(cause, reader)
        lines += [f"{reader}: {text.zh}", f"{reader}: {text.en}"]
    return "\n".join(lines)


def test_each_cause_says_what_it_said():
    """Golden: to take over new words, write `told` of every cause into the file, and read them."""
    assert all(CAUSES.values())
    assert "\n\n".join(told(cause) for cause in CAUSES.values()) + "\n" == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("name", CAUSES)
def test_a_case_has_the_cause_that_it_is_named_by(name):
    assert CAUSES[name].key == name.split(",")[0]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_the_student_is_told_no_number(cause: Cause, lang: Lang):
    assert not any(char.isdigit() for char in cause.student[lang])


def test_only_hair_asks_for_flatter_hair():
    """A frame that cuts the crown is no matter of the hair."""
    assert [n for n, c in CAUSES.items() if "头发" in c.student.zh] == ["hair_too_high"]


@pytest.mark.parametrize("face", [180, 300, 500, 800])
def test_a_frame_with_room_has_no_cause(face):
    assert of_frame(face, crown=160 if face > 700 else 300) is None


# What the photographer is told mends it.


@pytest.mark.parametrize(("face", "crown"), [(900, 100), (1000, 250), (1300, 10), (880, 600)])
def test_stepping_back_as_told_helps_and_no_other_aim_does(face, crown):
    found = of_frame(face, crown=crown)
    assert found.key == "too_near"
    percent = int(found.photographer.zh.split("约 ")[1].split(" %")[0])
    for share, helps in ((1.0, True), (0.0, False)):
        smaller = face / (1 + share * percent / 100)
        aims = [of_frame(smaller, crown=crown) for crown in range(100, 300, 10)]
        assert (None in aims) is helps


@pytest.mark.parametrize("face", [60, 100, 150])
def test_stepping_nearer_as_told_helps(face):
    found = of_frame(face, crown=800)
    percent = int(found.photographer.zh.split("约 ")[1].split(" %")[0])
    assert found.key == "too_far"
    assert of_frame(face / (1 - percent / 100), crown=800) is None


@pytest.mark.parametrize(
    ("key", "x", "crown", "move"),
    [
        ("frame_bottom", 750, 1200, (0, -1)),
        ("frame_top", 750, 10, (0, 1)),
        ("frame_left", 250, 300, (1, 0)),
        ("frame_right", 1250, 300, (-1, 0)),
    ],
)
def test_aiming_as_told_helps(key, x, crown, move):
    found = of_frame(400, x, crown)
    assert found.key == key
    px = int(found.photographer.zh.rsplit("再留 ", 1)[1].split(" px")[0])
    assert of_frame(400, x + px * move[0], crown + px * move[1]) is None


def test_as_many_pixels_as_told_are_enough():
    found = of_frame(160, 220, 80, frame=(440, 600))
    width, height = map(int, found.record.zh.split("至少 ")[1].split(" ")[0].split("×"))
    grown = width / 440
    assert of_frame(160 * grown, 220 * grown, 80 * grown, frame=(width, height)) is None


def test_a_small_head_in_a_large_frame_is_no_small_picture():
    assert of_frame(120, crown=600).key == "too_far"
    assert of_frame(120, 200, 50, frame=(400, 530)).key == "too_small"


# From findings to a cause.


def test_a_drawn_sitter_whose_frame_ends_below_the_chin_is_told_so_once(
    facts_of, framed, sitter, findings
):
    picture = framed(sitter(), shift=(0, 90))[:560]
    facts, found = facts_of(picture), findings(picture)
    broken = {code for code, f in found.items() if f.outcome is Outcome.BROKEN}
    (cause,) = framing_causes(facts, found.values())
    assert len(cause.codes) >= 1
    assert set(cause.codes) <= broken


def test_no_broken_framing_no_cause(facts_of, framed, sitter, findings):
    picture = framed(sitter())
    assert framing_causes(facts_of(picture), findings(picture).values()) == ()


def test_a_crown_that_was_not_measured_gives_no_cause(facts_of, framed, sitter, findings):
    picture = framed(sitter(), shift=(0, -90))
    facts = facts_of(picture, Mode.FINAL)
    found = findings(picture, Mode.FINAL)
    hat = {
        **found,
        "FC004": replace(found["FC004"], outcome=Outcome.SKIPPED),
        "FC005": replace(found["FC005"], outcome=Outcome.BROKEN),
    }
    causes = framing_causes(facts, hat.values())
    assert all("FC004" not in cause.codes for cause in causes)
