"""Absurd specifications: finite, ordered and in range, or refused by file, line and key."""

import math
import re
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_spec import FILE, TEXT, changed

from checks import CHECKS
from pipeline.core.bands import Band
from pipeline.core.errors import SpecError
from pipeline.spec.spec import load_spec, spec_of

EXTENDS = 'extends = "chsi_graduate"\n'


@pytest.fixture
def refusal(tmp_path):
    """Give the one line with which a customer's file is refused."""

    def of(text: str | bytes) -> str:
        data = text.encode() if isinstance(text, str) else text
        (tmp_path / FILE).write_bytes(data)
        with pytest.raises(SpecError) as error:
            load_spec(str(tmp_path / FILE), CHECKS)
        message = str(error.value)
        assert message.isprintable(), "one line"
        assert len(message) < 10_000
        return message

    return of


def limit(name: str, ends: str) -> str:
    return EXTENDS + f'[{name}]\n{ends}\nsource = "x"\nconfidence = "P"\n'


# -- numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e300", "-1e300", "true", '"50"'])
@pytest.mark.parametrize("name", ["output.crown", "output.scale", "output.kb", "limits.face.roll"])
def test_a_limit_is_a_finite_number(refusal, name, number):
    for ends in (f"low = {number}", f"low = {number}\nhigh = {number}"):
        assert f"{FILE}, line 3: {name}.low: " in refusal(limit(name, ends))


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("output.kb", "low = -1"),
        ("output.kb", "high = 1_000_001"),
        ("output.scale", "low = -0.5"),
        ("output.scale", "high = 101"),
        ("output.crown", "high = 641"),
        ("output.eye", "low = -1"),
        ("output.face_width", "high = 481"),
        ("output.head_height", "note_high = 641\nhigh = 650"),
        ("output.centring", "low = -101\nhigh = 5"),
        ("season.attempts", "high = -1"),
        ("output.crown", "low = 2\nhigh = 1"),
        ("limits.face.roll", "note_low = 2\nnote_high = 1"),
    ],
)
def test_a_limit_is_in_order_and_in_range(refusal, name, ends):
    assert f"{FILE}, line 2: {name}: " in refusal(limit(name, ends))


def test_a_limit_at_the_ends_of_its_range_is_taken(tmp_path):
    for name, ends in (("output.kb", "low = 0\nhigh = 1_000_000"), ("output.crown", "high = 640")):
        (tmp_path / FILE).write_text(limit(name, ends), encoding="utf-8")
        assert load_spec(str(tmp_path / FILE), CHECKS).id == "chsi_graduate"


@pytest.mark.parametrize(
    ("header", "key", "value"),
    [
        ("output", "dpi_most", "299"),
        ("output", "dpi", "12345678901234567890"),
        ("output", "quality_ceiling", "59"),
        ("output", "sizes", "[{ least = [480, 641], most = [480, 640] }]"),
        ("output", "sizes", "[]"),
        ("limits.background", "colours", "[[-1, 0, 0]]"),
        ("limits.background", "colours", "[[0, 300, 0]]"),
        ("limits.light", "skin_hue", "[80, 20]"),
        ("limits.light", "skin_chroma", "[nan, 60]"),
        ("limits.file_size", "unsure", "inf"),
        ("identity", "least_eyes_px", "inf"),
        ("identity", "false_pairs", "nan"),
        ("reading", "max_bytes", "99999999999999999999"),
        ("season", "deadlines", '["W01-1"]'),
        ("season", "deadlines", '["6-10"]'),
        ("season", "deadlines", '["02-29"]'),
        ("season", "deadlines", '["13-01"]'),
        ("season", "deadlines", "[2027-06-10]"),
    ],
)
def test_other_values_are_in_order_and_in_range(refusal, header, key, value):
    text = changed(header, key, value)
    table = text.index(f"\n[{header}]\n") + 1
    line = text[: table + text[table:].index(f"\n{key} =") + 1].count("\n") + 1
    assert f"{FILE}, line {line}: {header}.{key}" in refusal(text)


# -- documents -----------------------------------------------------------------------------

DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[reading]\nmax_bytes = {DIGITS}\n", "line 3: max_bytes: a number has too many digits"),
        (f"a = -{DIGITS}\n", "line 2: a: a number has too many digits"),
        (f"a = 0x{DIGITS}\n", "line 2: a: "),
        (f"a = {DIGITS}.5\n", "line 2: a: "),
        ("a = " + "[" * 3000, "line 2: a: tables or lists are nested too deep"),
        ("a = " + "{ b = " * 3000, "line 2: a: tables or lists are nested too deep"),
        ("a = " + "{ b = " * 30 + "1" + " }" * 30, "line 2: a.b.b.b"),
        ("a = " + "[" * 30 + "]" * 30, "line 2: a.0.0.0"),
        (".".join("a" * 3000) + " = 1", "line 2: tables are nested too deep"),
        (f"[{'.'.join('b' * 3000)}]\nc = 1", "line 2: tables are nested too deep"),
        (".".join("a" * 12) + " = 1", "line 2: a.a.a"),
        (f"[{'.'.join('b' * 12)}]\nc = 1", "line 2: b.b.b"),
        ('"a\\nb\\u001b[2J" = 1', "line 2: a\N{REPLACEMENT CHARACTER}b"),
        (f'"{"k" * 5000}" = 1', "line 2: kkk"),
        ('"颜色" = 1', "line 2: 颜色: "),
        ("'a.b' = 1", "line 2: a.b: "),
        ("a = 1\na = 2", "not TOML"),
        ("a = '''\n\"\\q\" = 1\n[b]\n'''", "line 2: a: "),
    ],
)
def test_a_document_that_no_parser_likes(refusal, text, said):
    message = refusal(EXTENDS + text)
    assert message.startswith(FILE)
    assert said in message


def test_twenty_thousand_unknown_keys_take_no_time(refusal):
    begun = time.process_time()
    message = refusal(EXTENDS + "".join(f"key_{n} = 1\n" for n in range(20_000)))
    assert time.process_time() - begun < 3
    assert f"{FILE}, line 2: key_0: " in message
    assert message.endswith("; and 19980 more")


def test_twenty_thousand_unknown_tables_of_limits_take_no_time(refusal):
    begun = time.process_time()
    message = refusal(EXTENDS + "".join(f"[limits.x{n}]\na = 1\n" for n in range(20_000)))
    assert time.process_time() - begun < 3
    assert "limits.x0: no check" in message


def test_what_is_no_file_of_a_specification(tmp_path, refusal):
    import os

    assert "UTF-8" in refusal("title = '毕业'".encode("gb18030"))
    assert "over 1 MB" in refusal(b"#" * (1 << 20) + b"\n")
    for name in ("folder.toml", "pipe.toml", "x" * 300 + ".toml", "nowhere.toml"):
        path = tmp_path / name
        {"folder.toml": path.mkdir, "pipe.toml": lambda: os.mkfifo(tmp_path / "pipe.toml")}.get(
            name, lambda: None
        )()
        with pytest.raises(SpecError, match=name[:20]):
            load_spec(str(path), CHECKS)


def test_the_mark_that_windows_puts_before_a_text_is_no_mistake(tmp_path):
    (tmp_path / FILE).write_text(TEXT, encoding="utf-8-sig")
    assert load_spec(str(tmp_path / FILE), CHECKS).id == "chsi_graduate"


# -- whose mistake it is -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # The parent has the key too, on a line of its own.
        ("[limits]\nface.roll = { low = -9, high = 9 }", "line 3: limits.face.roll.source"),
        ("[limits.face.roll]\nhigh = 9\nconfidence = 'P'", "line 2: limits.face.roll.source"),
        ("[output]\nkb = { low = 9 }", "line 3: output.kb.source"),
        ("[ output . kb ]\nlow = 'x'\nsource = 'x'\nconfidence = 'P'", "line 3: output.kb.low"),
        ("output.dpi = 'many'", "line 2: output.dpi"),
        ("[limits]\nface = 3", "line 3: limits.face"),
        ("[output]\nsizes = [\n  { least = [1, 2] },\n]", "line 3: output.sizes.0.most"),
        ("off = ['BG999']", "line 2: off.BG999"),
        ("extends = 3", None),
    ],
)
def test_a_mistake_of_a_customers_file_stands_in_that_file(refusal, text, said):
    message = refusal(EXTENDS + text if said else text)
    assert f"{FILE}, {said or 'line 1: extends'}" in message
    assert "chsi_graduate.toml" not in message


def test_a_mistake_of_the_parent_stands_in_the_parent(tmp_path):
    (tmp_path / "base.toml").write_text(TEXT.replace("[output]", "[output]\nx = 1"), "utf-8")
    (tmp_path / FILE).write_text(f'extends = "{tmp_path}/base.toml"\n[output]\n', "utf-8")
    with pytest.raises(SpecError, match=r"^base\.toml, line [0-9]+: output\.x: "):
        load_spec(str(tmp_path / FILE), CHECKS)


def test_a_file_may_be_named_like_the_one_that_it_extends(tmp_path):
    (tmp_path / "chsi_graduate.toml").write_text(EXTENDS, encoding="utf-8")
    assert load_spec(str(tmp_path / "chsi_graduate.toml"), CHECKS).id == "chsi_graduate"
    (tmp_path / FILE).write_text(f'extends = "{tmp_path / FILE}"\n', encoding="utf-8")
    with pytest.raises(SpecError, match="circle"):
        load_spec(str(tmp_path / FILE), CHECKS)


# -- any document --------------------------------------------------------------------------

LINES = TEXT.split("\n")
KEYS = [number for number, line in enumerate(LINES) if re.match(r"\w+ *=", line)]
VALUES = st.sampled_from(
    ["nan", "inf", "-inf", "-1", "0", "1e300", DIGITS, "true", '""', '"x"', "[]", "{}", "[[1]]",
     "[[[[[[[[[[[[]]]]]]]]]]]]", "2027-06-10", "1e9", "-0.0", "{ low = 1 }"]
) | st.floats().map(str) | st.integers().map(str) | st.text(max_size=20)  # fmt: skip


def numbers(value) -> list[float]:
    """All numbers in a specification."""
    if isinstance(value, bool | str) or value is None:
        return []
    if isinstance(value, int | float):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    return [number for below in value for number in numbers(below)]


def loaded(path):
    try:
        return load_spec(str(path), CHECKS), ""
    except SpecError as error:
        return None, str(error)


HOW = st.sampled_from(["is", "less", "twice", "after"])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.sampled_from(KEYS), value=VALUES, how=HOW)
@example(at=KEYS[0], value="\x00", how="after")
def test_any_change_of_a_document_is_taken_whole_or_refused_in_one_line(
    tmp_path_factory, at, value, how
):
    lines = list(LINES)
    key = lines[at].split("=")[0]
    lines[at : at + 1] = {
        "is": [f"{key}= {value}"],
        "less": [],
        "twice": [lines[at], lines[at]],
        "after": [lines[at], value],
    }[how]
    path = tmp_path_factory.getbasetemp() / FILE
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    spec, refused = loaded(path)
    if spec is None:
        assert refused.startswith(FILE)
        assert refused.isprintable()
        return
    held = spec.model_dump() | {"limits": {k: v.model_dump() for k, v in spec.limits.items()}}
    del held["title"], held["remedies"], held["off"]
    assert all(math.isfinite(number) and abs(number) <= 1 << 30 for number in numbers(held))
    bands = [b for t in (spec.output, *spec.limits.values()) for b in vars(t).values()]
    for band in (band for band in bands if isinstance(band, Band)):
        assert list(band.ends) == sorted(band.ends)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(document=JSON)
def test_any_document_that_a_ledger_kept_is_refused_in_one_line(document):
    with pytest.raises(SpecError) as error:
        spec_of(document, CHECKS, "the season's spec")
    assert str(error.value).startswith("the season's spec: ")
    assert str(error.value).isprintable()
