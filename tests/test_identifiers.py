"""ID numbers, names and what spreadsheets do to them. All people are made up."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.records import Student
from pipeline.core.rules import Outcome
from pipeline.intake.identifiers import (
    IdState,
    check_digit,
    clean_id,
    clean_name,
    clean_number,
    comparable_name,
    excel_damage,
    id_state,
    name_key,
    upgrade_id,
    zeroed_by_excel,
)
from pipeline.intake.roster import id_finding

CALM = settings(deadline=None)  # a busy machine is no failure
TODAY = date(2026, 6, 1)
DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("id_no", "state"),
    [
        ("11010519491231002X", IdState.VALID),  # the vectors of standard.md §4.1
        ("440524188001010014", IdState.BAD_BIRTH_DATE),  # its check digit holds; born in 1880
        ("110105491231002", IdState.VALID),
        ("11010519491231002x", IdState.VALID),
        ("１１０１０５１９４９１２３１００２Ｘ", IdState.VALID),
        (" 110105 19491231 002X ", IdState.VALID),
        ("'11010519491231002X", IdState.VALID),  # Excel's mark of text
        ("110105194912310021", IdState.BAD_CHECK_DIGIT),
        ("110105491331002", IdState.BAD_BIRTH_DATE),  # month 13
        ("E12345678", IdState.OTHER_DOCUMENT),  # passport
        ("H1234567890", IdState.OTHER_DOCUMENT),  # permit
        ("ABC123456789012", IdState.OTHER_DOCUMENT),  # residence card of before 2023
        ("1101051949123100", IdState.OTHER_DOCUMENT),
        ("", IdState.ABSENT),
        ("  ", IdState.ABSENT),
    ],
)
def test_an_id_number_is_held_against_gb_11643(id_no, state):
    assert id_state(id_no, TODAY) is state


def test_no_one_is_born_after_today():
    body = "99010120260602001"
    assert id_state(body + check_digit(body), date(2026, 6, 2)) is IdState.VALID
    assert id_state(body + check_digit(body), date(2026, 6, 1)) is IdState.BAD_BIRTH_DATE


def test_the_short_form_is_upgraded_and_the_rest_left_alone():
    assert upgrade_id("110105491231002") == "11010519491231002X"
    assert upgrade_id("E12345678") == "E12345678"


@CALM
@given(st.text(DIGITS, min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_any_one_wrong_digit_breaks_the_check(body, at, shift):
    wrong = body[:at] + DIGITS[(int(body[at]) + shift) % 10] + body[at + 1 :]
    assert check_digit(wrong) != check_digit(body)


@CALM
@given(st.text(DIGITS, min_size=17, max_size=17), st.integers(0, 15))
def test_any_swap_of_neighbours_breaks_the_check(body, at):
    swapped = body[:at] + body[at + 1] + body[at] + body[at + 2 :]
    assert swapped == body or check_digit(swapped) != check_digit(body)


@CALM
@given(st.text())
def test_any_text_has_a_state(text):
    assert id_state(text, TODAY) in IdState


@CALM
@given(st.text("019０９xXＸabＡ-(（ \u3000\t\u200b\u202a张·"))
def test_cleaning_twice_changes_nothing(text):
    assert clean_name(clean_name(text)) == clean_name(text)
    assert clean_id(clean_id(text)) == clean_id(text)


def test_numbers_keep_their_separators_zeros_and_case():
    assert clean_number(" ００12-b ") == "0012-b"
    assert clean_number('="0012"') == "0012"
    assert clean_number("\u202a2023001\u200b") == "2023001"  # marks copied from a dialog


def test_a_name_is_shown_without_filling_spaces_and_with_its_own_dot():
    assert clean_name(" 张　三 ") == "张三"
    assert clean_name("Anna\n Maria") == "Anna Maria"
    assert clean_name("阿依・古丽") == "阿依・古丽"


@pytest.mark.parametrize("dot", ["•", "・", "‧", "．", ".", " · ", "·"])
def test_every_dot_is_the_same_when_names_are_compared(dot):
    assert name_key(f"阿依古丽{dot}买买提") == "阿依古丽·买买提"


@pytest.mark.parametrize("name", ["张??", "张？", "ZHANG SAN", "张", "", "张*", "张□三"])
def test_a_name_that_lost_characters_or_is_in_pinyin_cannot_be_compared(name):
    assert not comparable_name(name)


@pytest.mark.parametrize("name", ["张三", "张䶮", "王𬱖", "阿依·古丽", "张〇"])
def test_rare_characters_can_be_compared(name):
    assert comparable_name(name)


@pytest.mark.parametrize("text", ["1.1E+17", "1.10105e+17", "1E+17", "2023141460012.0", "1,1E+17"])
def test_damage_by_a_spreadsheet_is_seen(text):
    assert excel_damage(text)


@pytest.mark.parametrize("text", ["1E5", "2023E10", "2023.001", "B20230101", "", "110105"])
def test_a_schools_own_number_is_no_damage(text):
    assert not excel_damage(text)


def test_eighteen_digits_that_end_in_000_are_suspect():
    assert zeroed_by_excel("110105194912310000")
    assert not zeroed_by_excel("11010519491231002X")


# RC002, the finding of a roster record


@pytest.mark.parametrize(
    ("id_no", "outcome", "why"),
    [
        ("11010519491231002X", Outcome.PASSED, None),
        ("", Outcome.NOT_APPLICABLE, "the roster has no ID number"),
        ("E12345678", Outcome.NOT_APPLICABLE, "another document"),
        ("110105194912310021", Outcome.BROKEN, "the ID number fails its check digit"),
        ("110105491331002", Outcome.BROKEN, "its birth date cannot be"),
        ("110105194912310000", Outcome.BROKEN, "ends in 000"),
    ],
)
def test_the_id_number_of_a_record_is_judged(id_no, outcome, why):
    finding = id_finding(Student("1", 2, id_no=id_no))
    assert (finding.code, finding.outcome) == ("RC002", outcome)
    assert why is None or why in finding.because.en
