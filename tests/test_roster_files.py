"""Files that are no roster are refused in one line that says why, whatever their bytes are."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import dbf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import RosterError
from pipeline.intake.roster import read_roster as read


def read_roster(path, *sheets):
    return read(path, sheets).students


def refusal(path, *sheets):
    with pytest.raises(RosterError) as error:
        read_roster(path, *sheets)
    message = str(error.value)
    assert message.startswith(f"{path.name}: ")
    assert "\n" not in message
    assert "张三" not in message
    assert "2023001" not in message
    return message


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("r.csv", b"", "is empty"),
        ("r.csv", b"\r\n \r\n", "is empty"),
        ("r.csv", "2023001,张三\n".encode(), "no header within the first 30 rows"),
        ("r.csv", "学号,姓名\n".encode(), "a header in row 1, but no students"),
        ("r.csv", b"\xff\xff\xff", "is not text in UTF-8, GB18030 or UTF-16"),
        ("r.csv", b"\xff\xfe\x00", "is not text in UTF-8, GB18030 or UTF-16"),
        ("r.csv", b"a\0b", "is no text file"),
        ("r.csv", b'"' + b"x" * 200_000, "line 1 cannot be read"),
        ("r.xls", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
        ("r.xlsx", b"PK\x03\x04broken", "is no workbook"),
        ("r.dbf", b"\x03", "is no DBF table"),
        ("r.dbf", b"\x03" * 100, "is no DBF table"),
    ],
)
def test_files_that_are_no_roster_are_refused(tmp_path, name, content, why):
    path = tmp_path / name
    path.write_bytes(content)
    assert why in refusal(path)


def test_a_dbf_that_is_cut_off_is_refused(tmp_path):
    path = tmp_path / "r.dbf"
    table = dbf.Table(str(path), "XH C(15); XM C(40)", codepage="cp936")
    table.open(dbf.READ_WRITE)
    for number in ("1", "2"):
        table.append((number, "张三"))
    table.close()
    path.write_bytes(path.read_bytes()[:-50])
    assert "is cut off or damaged" in refusal(path)


def test_a_missing_file_and_a_sheet_of_a_csv(tmp_path):
    assert "cannot be read" in refusal(tmp_path / "none.csv")
    path = tmp_path / "r.csv"
    path.write_text("学号\n1\n", encoding="utf-8")
    assert "only a workbook has sheets" in refusal(path, "x")


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=100).map(lambda t: ("学号,姓名\n" + t).encode()),
        st.binary(max_size=100).map(lambda b: b"PK\x03\x04" + b),
    ),
    st.sampled_from([".csv", ".dbf", ".xlsx"]),
)
def test_any_bytes_are_students_or_a_refusal(content, suffix):
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "r" + suffix)
        path.write_bytes(content)
        # Any other exception is a traceback for the user.
        with suppress(RosterError):
            assert read_roster(path)
