"""Background repair: the person stays, the wall goes, no halo; and where it is refused.

Drawn sitters are set before walls in memory, on light, so that alpha and the true picture
before the new colour are known.
"""

import io
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from checks import CHECKS
from flows.shoot.reading import prepare
from flows.shoot.request import Request
from flows.shoot.steps import setting_of
from pipeline.core.errors import UsageError
from pipeline.core.records import Submission
from pipeline.core.rules import Mode, Outcome, Remedy
from pipeline.core.verdict import counting, remedies
from pipeline.examine.background_replacement import find_matte, replace_background, shares_of
from pipeline.examine.examine import examine
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.image.light import to_code, to_light
from pipeline.rules import photo_rules

BLUE, WHITE = (100, 197, 255), (236, 236, 232)
ACROSS = np.linspace(0, 1, 480)[None, :, None]
SHADOW = np.exp(-(((ACROSS - 0.7) / 0.17) ** 2))
WALLS = {
    "white": WHITE,
    "grey": (150, 150, 155),
    "red": (200, 40, 40),
    "gradient": (225, 220, 210) * (1 - 0.35 * ACROSS),
    "shadow": (220, 222, 225) * (1 - 0.4 * SHADOW),
}


def before(wall, framed, sitter, seed=3):
    """A sitter on light before a wall, the same before the standard's blue, and alpha."""
    dark, bright = (
        framed(sitter(seed, backdrop=(level,) * 3)).astype(np.float32) for level in (0, 255)
    )
    alpha = np.clip(1 - (bright - dark).mean(axis=2) / 255, 0, 1)[:, :, None]
    own = to_light(np.clip(dark / np.maximum(alpha, 0.02), 0, 255).round().astype(np.uint8))

    def over(colour):
        wall = np.broadcast_to(np.round(colour), own.shape)
        behind = to_light(wall.astype(np.uint8))
        return to_code(own * alpha + behind * (1 - alpha))

    grain = np.random.default_rng(1).normal(0, 1.5, own.shape)
    seen = np.clip(over(wall) + grain, 0, 255).round().astype(np.uint8)
    return seen, over(BLUE), alpha[:, :, 0]


@pytest.fixture(scope="module")
def case(framed, sitter, facts_of, jpeg):
    """(crop, what the segmenter says of it, the true picture before blue, alpha) for a wall."""

    @cache
    def make(wall):
        seen, truth, alpha = before(WALLS[wall], framed, sitter)
        facts = facts_of(jpeg(seen, quality=97, subsampling=0), Mode.FINAL)
        shares = shares_of(facts.classes, facts.close_view, facts.points, (480, 640))
        return facts.registration_crop, shares, truth, alpha

    return make


@pytest.fixture(scope="module")
def white(case):
    return case("white")


def band(alpha, reach=8):
    inside = (alpha > 0.5).astype(np.uint8)
    away = sum(cv2.distanceTransform(side, cv2.DIST_L2, 5) for side in (inside, 1 - inside))
    return away <= reach


def lab(pixels, where):
    return rgb2lab(pixels[where][None])[0]


def test_the_person_stays_bit_for_bit_and_the_wall_is_the_colour(white):
    crop, shares, _, _ = white
    made = replace_background(crop, shares, BLUE)
    alpha = find_matte(to_light(crop), shares).alpha
    assert np.array_equal(made[alpha == 1], crop[alpha == 1])
    assert (made[alpha == 0] == BLUE).all()
    between = (alpha > 0) & (alpha < 1)
    assert between.any()
    assert not (between & ~band(1 - shares.background, 0.035 * 480 + 1)).any(), "a narrow band"
    assert (alpha == 1).mean() > 0.3


@pytest.mark.parametrize("wall", WALLS)
def test_the_edge_is_as_if_the_person_had_sat_there(case, wall):
    """Against the true picture: colours, and lightness along the outline (a halo)."""
    crop, shares, truth, alpha = case(wall)
    edge = band(alpha)
    hard = np.where(shares.background[:, :, None] > 0.5, np.uint8(BLUE), crop)
    errors, halos = {}, {}
    for name, made in (("matte", replace_background(crop, shares, BLUE)), ("hard", hard)):
        one, other = lab(made, edge), lab(truth, edge)
        errors[name] = deltaE_ciede2000(one, other).mean()
        halos[name] = (one[:, 0] - other[:, 0]).mean()
    assert errors["matte"] < 3
    assert errors["matte"] < 0.8 * errors["hard"]
    assert abs(halos["matte"]) < 0.5


def test_a_brighter_wall_leaves_the_same_person(white, framed, sitter):
    """Metamorphic: what is made hardly depends on which wall was there."""
    crop, shares, _, alpha = white
    grey, _, _ = before((205, 205, 210), framed, sitter)
    edge = band(alpha)
    one, two = (lab(replace_background(p, shares, BLUE), edge) for p in (crop, grey))
    assert deltaE_ciede2000(one, two).mean() < 2


def test_where_things_touch_the_outline_it_is_refused(white):
    crop, shares, _, _ = white
    striped = crop.copy()
    wall = shares.background > 0.9
    stripes = np.zeros(wall.shape, bool)
    stripes[:, ::60] = stripes[:, 1::60] = stripes[:, 2::60] = True
    striped[wall & stripes] = (60, 40, 30)
    assert replace_background(striped, shares, BLUE) is None


@pytest.fixture
def look(tmp_path, spec):
    """Examine pixels as a source, repaired; the finding of each code, counting codes, bytes."""

    def run(data, *, repair=True, mode=Mode.SOURCE, **changed):
        path = tmp_path / "photo.jpg"
        path.write_bytes(data)
        asked = spec.model_copy(update=changed)
        examination = examine(
            Submission("photo.jpg", path),
            Setting(asked, mode, tmp_path, repair=repair),
            Tools(CHECKS, load_models()),
        )
        remedy = remedies(photo_rules(CHECKS), asked.remedies)
        against = [f.code for f in counting(examination.findings, remedy)]
        made = examination.upload and examination.upload.path(tmp_path).read_bytes()
        return {f.code: f for f in examination.findings}, against, made

    return run


def test_a_wrong_wall_is_replaced_and_told(look, jpeg, sitter):
    data = jpeg(sitter(backdrop=WHITE))
    _, against, made = look(data, repair=False)
    assert (against, made) == (["BG001"], None)
    found, against, made = look(data)
    assert against == []
    assert found["BG001"].outcome is Outcome.PASSED
    assert found["BG001"].measured < 12
    assert found["BG001"].because.zh.startswith("背景由本程序替换；背景颜色不符合要求")
    assert found["ED001"].outcome is Outcome.BROKEN, "a note, but never silent"
    assert found["ED001"].because.zh == "背景由本程序替换"
    corner = np.asarray(Image.open(io.BytesIO(made)))[:40, :40].reshape(-1, 3)
    assert np.abs(np.median(corner, axis=0) - BLUE).max() <= 2
    _, against, _ = look(made, mode=Mode.FINAL)
    assert against == [], "what we write, we would accept"


def test_another_fault_is_not_covered_up(look, jpeg, sitter):
    found, against, made = look(jpeg(sitter(backdrop=WHITE, wear="mask")))
    assert "BG001" in against
    assert "MK001" in against
    assert made is None
    assert "本程序" not in found["ED001"].because.zh


def test_a_spec_for_which_edits_are_a_fault_gets_none(look, jpeg, sitter):
    """A grainy wall: no camera's noise is missing, so ED001 is kept before."""
    grain = np.random.default_rng(1).normal(0, 4, (1280, 960, 3))
    seen = np.clip(sitter(backdrop=(205, 205, 210)) + grain, 0, 255).astype(np.uint8)
    found, against, made = look(jpeg(seen), remedies={"ED001": Remedy.RETAKE})
    assert (against, made) == (["BG001"], None)
    assert found["BG001"].because.zh.endswith("程序未能替换背景")


def test_a_spec_may_allow_it_and_the_workers_are_told(tmp_path, jpeg):
    text = (
        'extends = "chsi_graduate"\nid = "vendor"\ntitle.zh = "图采"\ntitle.en = "vendor"\n'
        '[output]\nrepair_background = "allow"\nrepair_source = "test"\n'
    )
    spec, roster, inbox = (tmp_path / name for name in ("vendor.toml", "roster.csv", "inbox"))
    spec.write_text(text, encoding="utf-8")
    roster.write_text("学号,姓名\n2023990010001,甲\n", encoding="utf-8")
    inbox.mkdir()
    (inbox / "2023990010001.jpg").write_bytes(jpeg(np.zeros((640, 480, 3), np.uint8)))
    for asked in (True, False):
        shoot = prepare(Request(inbox, roster, str(spec), "source", repair=asked))
        assert setting_of(shoot, tmp_path).repair is asked


def test_the_default_spec_forbids_it_in_one_line(tmp_path):
    with pytest.raises(
        UsageError, match=r"^--repair-background: the spec chsi_graduate forbids it"
    ):
        prepare(Request(tmp_path, tmp_path / "r.csv", "chsi_graduate", repair=True))
