"""A specification is complete and names only what there is, or it is refused with file and key."""

import re
from pathlib import Path

import pytest

import pipeline
from checks import CHECKS
from pipeline.core.bands import Band
from pipeline.core.errors import SpecError
from pipeline.core.rules import Mode, Remedy
from pipeline.rules import photo_rules
from pipeline.spec.spec import choose_mode, load_spec

FOLDER = Path(pipeline.__file__).parent / "specs"
TEXT = (FOLDER / "chsi_graduate.toml").read_text(encoding="utf-8")
FILE = "of_a_customer.toml"


@pytest.fixture
def load(tmp_path):
    def write_and_load(text: str):
        path = tmp_path / FILE
        path.write_text(text, encoding="utf-8")
        return load_spec(str(path), CHECKS)

    return write_and_load


def without(header: str, key: str) -> str:
    """The text less one key of one table."""
    table = re.search(rf"^\[{re.escape(header)}\].*?(?=^\[|\Z)", TEXT, re.MULTILINE | re.DOTALL)[0]
    shorter = re.sub(rf"^{key} *=.*\n", "", table, flags=re.MULTILINE)
    assert shorter != table
    return TEXT.replace(table, shorter)


def changed(header: str, key: str, value: str) -> str:
    table = re.search(rf"^\[{re.escape(header)}\].*?(?=^\[|\Z)", TEXT, re.MULTILINE | re.DOTALL)[0]
    other = re.sub(rf"^{key} *=.*\n", f"{key} = {value}\n", table, flags=re.MULTILINE)
    assert other != table
    return TEXT.replace(table, other)


def refused(load, text: str) -> str:
    with pytest.raises(SpecError) as error:
        load(text)
    message = str(error.value)
    assert FILE in message
    assert "\n" not in message, "one line"
    return message


def test_a_season_carries_the_columns_of_its_spec_and_those_asked_for(load):
    carrying = changed("season", "make_up_months", '3\ncarry = ["联系电话"]')
    assert load(TEXT).season.carried(("辅导员",)) == ("辅导员",)
    assert load(carrying).season.carried(("辅导员", "联系电话")) == ("联系电话", "辅导员")
    assert "carry" in refused(load, changed("season", "make_up_months", "3\ncarry = [1]"))


def test_the_text_itself_loads(load):
    assert load(TEXT).id == "chsi_graduate"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('colour_of_tie = "red"\n' + TEXT, "colour_of_tie"),
        (TEXT.replace("[output]\n", "[output]\nframe_px = 3\n"), "output.frame_px"),
        (TEXT.replace("[output.eye]", "[output.eyes]"), "output.eyes"),
        (TEXT.replace("[limits.eyes.closed]", "[limits.eyes.shut]"), "limits.eyes.shut"),
        (TEXT + '[limits.beard.length]\nhigh = 3\nsource = "x"\n', "limits.beard"),
        (TEXT.replace("[limits.mask.covered]\n", "[limits.mask.covered]\nmost = 3\n"),
         "limits.mask.covered.most"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_refused(load, text, key):
    assert key in refused(load, text)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("output", "dpi"),
        ("output", "quality_floor"),
        ("output.kb", "source"),
        ("output.crown", "confidence"),
        ("reading", "max_pixels"),
        ("limits.background", "colours"),
        ("limits.face.roll", "source"),
    ],
)
def test_a_missing_key_is_refused(load, header, key):
    assert f"{header}.{key}" in refused(load, without(header, key))


def test_no_limit_of_any_check_has_a_default(load):
    """Each table under [limits] and [output], left out, is missed by its name."""
    for header in re.findall(r"^\[((?:limits|output)\.[a-z_.]+)\]", TEXT, re.MULTILINE):
        less = re.sub(
            rf"^\[{re.escape(header)}\].*?(?=^\[|\Z)", "", TEXT, flags=re.MULTILINE | re.DOTALL
        )
        assert header in refused(load, less)


@pytest.mark.parametrize(
    ("header", "key", "value"),
    [
        ("output", "dpi", '"many"'),
        ("output", "width_px", "480.5"),
        ("output", "width_px", "0"),
        ("output", "quality_floor", "101"),
        ("output.crown", "low", '"fifty"'),
        ("output.crown", "confidence", '"sure"'),
        ("limits.background", "colours", "[]"),
        ("limits.background", "colours", "[[100, 197]]"),
        ("limits.eyes.closed", "high", "[]"),
    ],
)
def test_a_wrong_type_or_value_is_refused(load, header, key, value):
    assert f"{header}.{key}" in refused(load, changed(header, key, value))


@pytest.mark.parametrize(
    ("header", "key", "value"),
    [
        ("output.crown", "low", "111"),
        ("output.kb", "note_low", "9"),
        ("output.kb", "note_high", "101"),
        ("limits.face.roll", "note_low", "4"),
    ],
)
def test_a_limit_in_the_wrong_order_is_refused(load, header, key, value):
    assert header in refused(load, changed(header, key, value))


def test_all_mistakes_are_named_at_once(load):
    text = without("output", "dpi").replace("[output.eye]", "[output.eyes]")
    message = refused(load, text)
    for key in ("output.dpi", "output.eyes", "output.eye:"):
        assert key in message


def test_what_is_no_toml_is_refused(load):
    assert "TOML" in refused(load, TEXT + "\n[output")


def test_a_file_that_is_not_there_and_a_name_that_is_not_known(tmp_path):
    with pytest.raises(SpecError, match=r"nowhere\.toml"):
        load_spec(str(tmp_path / "nowhere.toml"), CHECKS)
    with pytest.raises(SpecError, match="chsi_graduate"):
        load_spec("chsi_gradaute", CHECKS)


def test_a_remedy_may_be_changed_to_a_known_one_only(load):
    to_staff = TEXT.replace("[remedies]", '[remedies]\nBG001 = "staff"\n#')
    assert load(to_staff).remedies["BG001"] is Remedy.STAFF
    assert "remedies.BG001" in refused(load, to_staff.replace('"staff"', '"ignore"'))
    assert "BG999" in refused(load, to_staff.replace("BG001", "BG999"))


def test_the_numbers_of_the_standard_are_those_of_the_notices(spec):
    """standard.md §1.1; what is O~ there must not be tuned."""
    output = spec.output
    assert (output.width_px, output.height_px, output.dpi) == (480, 640, 300)
    assert (output.crown.low, output.crown.high) == (50, 110)
    assert (output.eye.low, output.eye.high) == (200, 300)
    assert (output.face_width.low, output.face_width.high) == (180, 300)
    assert (output.kb.note_low, output.kb.note_high) == (20, 40)
    assert output.quality_floor == spec.limits["file_size"].quality.low == 60
    assert spec.limits["background"].colours == ((100, 197, 255),)


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.toml")))
def test_a_file_that_is_made_is_never_below_the_quality_that_files_are_judged_by(name):
    spec = load_spec(name, CHECKS)
    if spec.output.is_exact:
        assert spec.limits["file_size"].quality.low == spec.output.quality_floor


def test_a_notice_that_names_a_size_alone_may_cost_quality():
    """大小16K以下: what it names is hard, and the floor that it does not name gives way."""
    output = load_spec("scu_fallback_16k", CHECKS).output
    assert (output.kb.high, output.quality_floor) == (16, 20)


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.toml")))
def test_every_shipped_spec_loads_under_its_own_name(name):
    spec = load_spec(name, CHECKS)
    assert spec.id == name
    assert spec.title.zh != spec.title.en
    assert set(spec.remedies) <= {rule.code for rule in photo_rules(CHECKS)}


def test_every_number_of_the_default_names_its_source(spec):
    def bands(table):
        for value in vars(table).values():
            if isinstance(value, Band):
                yield value

    found = [band for table in (spec.output, *spec.limits.values()) for band in bands(table)]
    assert len(found) > 15
    assert all(band.source.strip() for band in found)


def test_every_rule_has_its_words_in_both_languages_and_a_code_of_its_own():
    rules = photo_rules(CHECKS)
    codes = [rule.code for rule in rules]
    assert len(codes) == len(set(codes))
    for rule in rules:
        assert re.fullmatch(r"[A-Z]{2}\d{3}", rule.code)
        assert rule.source
        for text in (rule.fault, rule.student, rule.photographer):
            assert re.search(r"[\u4e00-\u9fff]", text.zh), rule.code
            assert re.fullmatch(r"[\x20-\x7e×–°]+", text.en), rule.code
            assert text.en[0].islower() or text.en.startswith("JPEG"), rule.code
        assert bool(rule.quantity.zh) == bool(rule.quantity.en), rule.code


def test_a_check_holds_rules_of_one_family():
    for check in CHECKS:
        assert len({rule.code[:2] for rule in check.rules}) == 1, check.name


@pytest.mark.parametrize(
    ("fitting", "others", "mode"),
    [
        (3, 2, Mode.FINAL),
        (2, 2, Mode.SOURCE),
        (2, 3, Mode.SOURCE),
        (1, 0, Mode.FINAL),
        (0, 0, Mode.SOURCE),
    ],
)
def test_an_inbox_is_final_when_most_files_have_the_output_size(spec, fitting, others, mode):
    sizes = fitting * [(480, 640)] + others * [(640, 480)]
    assert choose_mode(sizes, spec) is mode
