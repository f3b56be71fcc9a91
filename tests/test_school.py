"""The school of a season: its code is checked, a mistake is one line."""

from datetime import date

import pytest

from pipeline.core.errors import SpecError
from pipeline.spec.school import read_school

GOOD = """
[school]
code = "10610"
name = "示例大学"
[[school.make_up]]
place = "B101"
day = 2027-03-03
[[school.make_up]]
place = "B102"
day = 2027-03-01
"""


def read(tmp_path, text: str):
    path = tmp_path / "school.toml"
    path.write_text(text, "utf-8")
    return read_school(path)


def test_a_school_with_its_make_up_days(tmp_path):
    school = read(tmp_path, GOOD)
    assert (school.code, school.bring) == ("10610", ("二代身份证",))
    assert school.next_make_up(None).place == "B102"
    assert school.next_make_up(date(2027, 3, 1)).place == "B102"
    assert school.next_make_up(date(2027, 3, 2)).place == "B101"
    assert school.next_make_up(date(2027, 3, 4)) is None
    assert school.model_validate(school.model_dump(mode="json")) == school


@pytest.mark.parametrize(
    ("was", "is_", "says"),
    [
        ('"10610"', '"1061"', "code.*5 digits"),
        ('"10610"', '"106101"', "code.*5 digits"),
        ('name = "示例大学"', "", "name"),
        ("[school]", "[school]\nfoo = 1", "foo"),
        ("2027-03-03", '"soon"', r"make_up\.0\.day"),
        ("[school]", "[school", "is no TOML"),
    ],
)
def test_a_mistake_is_one_line_that_names_it(tmp_path, was, is_, says):
    with pytest.raises(SpecError, match=says) as caught:
        read(tmp_path, GOOD.replace(was, is_))
    assert "\n" not in str(caught.value)
