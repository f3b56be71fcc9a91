"""How results are shown: one rule masks a name, wherever it stands.

All people are made up.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.example_result import example_result
from pipeline.handover.incoming import Package
from pipeline.handover.verify import Problem, Row, Verification
from pipeline.intake.identifiers import clean_id
from reports import masking
from reports.masking import Presentation, mask_id, mask_name
from reports.tables import write_tables
from reports.terminal.package import print_verification, write_verification
from reports.workbook import write_workbook

CALM = settings(deadline=None)  # a busy machine is no failure


def test_masks_show_the_first_character_and_the_ends():
    assert mask_name("张三丰") == "张**"
    assert mask_name("") == ""
    assert mask_id("51010519491231002x") == "510**************X"
    assert mask_id("1234567") == "*******"


@CALM
@given(st.text())
def test_a_mask_never_shows_more_than_four_characters(text):
    masked = mask_id(text)
    assert len(masked) == len(clean_id(text))
    assert len(masked.replace("*", "")) <= 4


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("2023141460001.jpg", "2023141460001.jpg"), ("张三-2023001.jpg", "张**-2023001.jpg"),
        ("11010519491231002X.jpg", "110**************X.jpg"),
        ("110105491231002.JPG", "110***********2.JPG"),
        ("计算机学院.zip/李四.jpg", "计算机学院.zip/李**.jpg"),
        ("1-阿卜杜·热依木/1.jpg", "1-阿**·热**/1.jpg"),
    ],
)  # fmt: skip
def test_nobody_is_named_in_what_is_shown(path, shown):
    assert Presentation().shown_path(path, ["计算机学院"]) == shown
    assert Presentation(full_names=True).shown_path(path) == path


def test_a_name_is_shown_in_full_where_it_is_asked_for():
    assert Presentation().shown_name("张三丰") == "张**"
    assert Presentation(full_names=True).shown_name("张三丰") == "张三丰"


def test_a_student_number_stays_and_an_id_number_is_masked():
    assert Presentation().shown_number("2023141460001") == "2023141460001"
    assert Presentation().shown_number("11010519491231002X") == "110**************X"
    assert Presentation(full_names=True).shown_number("11010519491231002X")[-2:] == "2X"


def test_another_rule_for_names_in_one_place_is_another_everywhere(monkeypatch, tmp_path, capsys):
    """Lists, report, the workbook, the paths and names of `verify`."""
    import openpyxl

    from reports.page import write_page

    monkeypatch.setattr(masking, "mask_name", lambda name: f"<{len(name)}>")
    masked, result = Presentation(), example_result(6)
    write_tables(result, tmp_path, masked)
    write_workbook(result, tmp_path / "report.xlsx", masked)
    write_page(result, tmp_path / "report.html", masked)
    row = Row("交付/张三丰-1.jpg", None, "1", "张三丰", (Problem.UNLISTED,))
    package = Package("package", (), frozenset(), (), (), None)
    verification = Verification((row,), {}, 1, 0, 0)
    write_verification(verification, tmp_path, masked)
    print_verification(verification, package, masked)
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    shown = {
        "terminal": capsys.readouterr().out,
        "report.xlsx": "".join(str(c.value) for sheet in book for line in sheet for c in line),
    }
    for name in ("students.csv", "report.html", "verify.csv"):
        shown[name] = (tmp_path / name).read_text("utf-8-sig")
    for name, text in shown.items():
        assert "<3>" in text or "\\u003c3>" in text, name
        assert "张*" not in text, name
    assert "<2>/<3>-1.jpg" in shown["terminal"]
