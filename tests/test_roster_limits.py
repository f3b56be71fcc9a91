"""Rosters that would take all memory, never end, or lose students: refused in one line."""

import os
import socket
import struct
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_workbook import old_workbook

from pipeline.core.errors import RosterError
from pipeline.intake.matching import read_manifest
from pipeline.intake.roster import read_roster
from pipeline.intake.tables import cells, xlsx, xml_stream

HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>学号</t></is></c></row>'
FIRST = '<row r="2"><c r="A2"><v>2023001</v></c></row>'


def workbook(path, rows, strings="", head=HEAD + FIRST):
    relation = '<Relationship Id="{0}" Type="x/{1}" Target="{2}"/>'
    parts = {
        "_rels/.rels": f"<R>{relation.format('a', 'officeDocument', 'xl/workbook.xml')}</R>",
        "xl/workbook.xml": '<workbook><sheets><sheet name="S" id="a"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<R>" + relation.format("a", "worksheet", "s.xml")
        + relation.format("b", "sharedStrings", "strings.xml") + "</R>",
        "xl/s.xml": f"<worksheet><sheetData>{head}{rows}</sheetData></worksheet>",
        "xl/strings.xml": f"<sst>{strings}</sst>",
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def refusal(path):
    with pytest.raises(RosterError) as error:
        read_roster(path)
    message = str(error.value)
    assert message.startswith(f"{path.name}: ")
    assert "\n" not in message
    assert "2023001" not in message
    return message


def cell(row, column, value="7"):
    return f'<row r="{row}"><c r="{column}{row}"><v>{value}</v></c></row>'


# Rows and columns


@pytest.mark.parametrize("row", [1_048_577, 2_000_000_000, 10**15])
def test_a_row_beyond_the_last_is_refused(tmp_path, row):
    assert f"row {row} of 1048576" in refusal(workbook(tmp_path / "r.xlsx", cell(row, "A")))


def test_the_last_row_is_read_and_gaps_cost_nothing(tmp_path):
    path = workbook(tmp_path / "r.xlsx", cell(1_048_576, "A"))
    assert [s.row for s in read_roster(path).students] == [2, 1_048_576]


def test_a_column_beyond_the_last_is_refused_and_the_last_costs_one_cell(tmp_path):
    rows = "".join(cell(n, "XFD") for n in range(3, 3003))
    assert len(read_roster(workbook(tmp_path / "r.xlsx", rows)).students) == 1
    assert "column 16385 of 16384" in refusal(workbook(tmp_path / "r.xlsx", cell(3, "XFE")))
    assert "column 18278 of 16384" in refusal(workbook(tmp_path / "r.xlsx", cell(3, "ZZZ")))


def test_cells_without_places_follow_one_another(tmp_path):
    rows = "<row><c><v>2023002</v></c><c/><c><v>5</v></c></row><row><c><v>2023003</v></c></row>"
    found = read_roster(workbook(tmp_path / "r.xlsx", rows)).students
    assert [(s.row, s.key) for s in found] == [(2, "2023001"), (3, "2023002"), (4, "2023003")]


@pytest.mark.parametrize("row", ["0", "-3", "x", "9" * 5000, "1e5"])
def test_places_that_are_none_are_refused(tmp_path, row):
    refusal(workbook(tmp_path / "r.xlsx", f'<row r="{row}"><c><v>7</v></c></row>'))


# What unpacks to more than it should


def test_filled_cells_are_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "MOST_CELLS", 100)
    rows = "".join(cell(n, "B") for n in range(3, 101))
    assert read_roster(workbook(tmp_path / "r.xlsx", rows))
    assert "row 101: more than 100 filled cells" in refusal(
        workbook(tmp_path / "r.xlsx", rows + cell(101, "B"))
    )


def test_what_unpacks_is_limited_whatever_part_it_is_in(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_UNPACKED", 4 << 20)
    assert read_roster(workbook(tmp_path / "r.xlsx", "<row/>" * 100_000))
    assert "unpacks to more than 4 MB" in refusal(
        workbook(tmp_path / "r.xlsx", "<row/>" * 1_000_000)
    )
    shared = "<si><t>x</t></si>" * 400_000
    assert "unpacks to more than 4 MB" in refusal(workbook(tmp_path / "r.xlsx", "", shared))


def test_elements_are_limited_in_a_part_and_in_a_row(tmp_path, monkeypatch):
    assert "too much within one row" in refusal(
        workbook(tmp_path / "r.xlsx", "<row>" + "<c/>" * 300_001 + "</row>")
    )
    monkeypatch.setattr(xml_stream, "MOST_ELEMENTS", 10_000)
    assert "more than 10000 elements" in refusal(workbook(tmp_path / "r.xlsx", "<row/>" * 20_000))


def test_a_gigabyte_of_shared_strings_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "r.xlsx"
    workbook(path, "")
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist() if name != "xl/strings.xml"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name, data in kept.items():
            new.writestr(name, data)
        with new.open("xl/strings.xml", "w") as part:
            for _ in range(600):
                part.write(b"<si><t>" + bytes(1 << 20) + b"</t></si>")
    began = time.process_time()
    assert "unpacks to more than 512 MB" in refusal(path)
    assert time.process_time() - began < 10


def test_entities_are_not_expanded(tmp_path):
    path = workbook(tmp_path / "r.xlsx", "")
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/s.xml", bomb)
    assert "is no workbook that can be read" in refusal(path)


def test_merged_cells_are_limited_with_the_cells(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "MOST_CELLS", 1000)
    rows = "".join(cell(n, "A", n) for n in range(3, 500)) + "</sheetData><mergeCells>"
    merged = "".join(f'<mergeCell ref="A{n}:A1048576"/>' for n in range(2, 400))
    path = workbook(tmp_path / "r.xlsx", rows + merged + "</mergeCells><sheetData>")
    assert "more than 1000 filled cells" in refusal(path)


@pytest.mark.parametrize(
    "text",
    [
        "<table><tr><td>学号</td></tr>" + "<tr><td colspan=999999999 rowspan=999999999>1" * 50,
        '<table><a "' * 5000,
        "<table><tr><td>学号" + "<!--" * 50_000,
        "<table><tr><td>学号</td>" + "<script>" * 50_000,
    ],
)
def test_a_web_page_that_is_made_up_ends_soon(tmp_path, text):
    path = tmp_path / "r.xls"
    path.write_text(text, encoding="utf-8")
    began = time.process_time()
    with suppress(RosterError):
        read_roster(path)
    assert time.process_time() - began < 10


def test_repeats_of_an_ods_are_limited(tmp_path):
    path = tmp_path / "r.ods"
    filled = "<table-cell{}><p>S1</p></table-cell>"
    for rows in (
        f"<table-row number-rows-repeated='99999999999'>{filled.format('')}</table-row>",
        "<table-row>" + filled.format(" number-columns-repeated='99999999999'") + "</table-row>",
    ):
        head = "<table-row><table-cell><p>学号</p></table-cell></table-row>"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("content.xml", f"<d><table name='S'>{head}{rows}</table></d>")
        assert " that a sheet can have" in refusal(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "r.csv"
    with path.open("wb") as stream:
        stream.truncate((128 << 20) + 1)
    assert "a list of more than 128 MB" in refusal(path)


# What is no file


@pytest.mark.parametrize("read", [read_roster, read_manifest])
def test_a_pipe_a_socket_and_a_device_are_refused_at_once(tmp_path, read):
    pipe, link = tmp_path / "p.csv", tmp_path / "l.csv"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    short = Path(os.path.relpath(tmp_path / "s.csv"))  # a socket's name has 108 bytes at most
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(short))
        for path in (pipe, link, short, Path("/dev/zero"), tmp_path):
            with pytest.raises(RosterError, match="is no ordinary file"):
                read(path)


def test_a_link_that_points_at_itself_is_one_line(tmp_path):
    link = tmp_path / "r.csv"
    link.symlink_to(link)
    assert "cannot be read" in refusal(link)


# DBF


def dbf(count, records, *, tail=b"\x1a"):
    size = 14
    field = b"XH".ljust(11, b"\0") + b"C" + bytes(4) + bytes([size - 1, 0]) + bytes(14)
    head = struct.pack("<B3BIHH20x", 3, 126, 11, 1, count, 32 + 32 + 1, size) + field + b"\r"
    return head + b"".join(b" " + record.ljust(size - 1) for record in records) + tail


@pytest.mark.parametrize("tail", [b"\x1a", b"", b"\x1a" + bytes(400), b"\x1a   "])
def test_a_dbf_with_what_programs_put_at_its_end(tmp_path, tail):
    path = tmp_path / "r.dbf"
    path.write_bytes(dbf(2, [b"2023001", b"2023002"], tail=tail))
    assert len(read_roster(path).students) == 2


@pytest.mark.parametrize("count", [0, 1])
def test_a_dbf_that_holds_more_than_it_counts_is_refused(tmp_path, count):
    path = tmp_path / "r.dbf"
    path.write_bytes(dbf(count, [b"2023001", b"2023002"]))
    assert f"more behind the {count} records that its header counts" in refusal(path)


def test_a_dbf_that_ends_before_its_count_is_refused(tmp_path):
    path = tmp_path / "r.dbf"
    path.write_bytes(dbf(3, [b"2023001", b"2023002"], tail=b"\x1a" + bytes(40)))
    assert "ends before record 3 of the 3" in refusal(path)
    path.write_bytes(dbf(3, [b"2023001", b"2023002"]))
    assert "is cut off or damaged" in refusal(path)


# Whatever the bytes are


def students_or_refusal(name, content):
    with TemporaryDirectory() as scratch:
        path = Path(scratch, name)
        path.write_bytes(content)
        # Any other exception is a traceback for the user.
        with suppress(RosterError):
            return [s.key for s in read_roster(path).students]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 64), st.binary(min_size=1, max_size=4), st.binary(max_size=40))
def test_any_header_of_a_dbf_gives_students_or_a_refusal(at, changed, tail):
    content = bytearray(dbf(2, [b"2023001", b"2023002"], tail=tail))
    content[at : at + len(changed)] = changed
    found = students_or_refusal("r.dbf", bytes(content))
    if at == 4 and found is not None:  # another count, and none lost
        assert len(found) == 2


PLACES = st.one_of(st.none(), st.integers(-5, 2**70), st.text(max_size=5))
ATTRIBUTES = st.sampled_from(["s", "str", "inlineStr", "n", "b", "e", "d", "x", ""])
SHAPES = st.lists(
    st.tuples(PLACES, st.sampled_from(["A", "B", "XFD", "ZZZ", "AAAAAAA", "a", ""]), PLACES,
              ATTRIBUTES, st.one_of(st.text(max_size=5), st.integers().map(str))),
    max_size=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(SHAPES, st.integers(0, 3))
def test_any_shape_of_a_sheet_gives_students_or_a_refusal(shapes, style):
    from xml.sax.saxutils import escape, quoteattr

    rows = ""
    for row, column, place, kind, value in shapes:
        number = "" if row is None else f" r={quoteattr(str(row))}"
        reference = "" if place is None else f" r={quoteattr(column + str(place))}"
        body = f"<v>{escape(value)}</v><is><t>{escape(value)}</t></is>"
        rows += f'<row{number}><c{reference} t="{kind}" s="{style}">{body}</c></row>'
    with TemporaryDirectory() as scratch:
        content = workbook(Path(scratch, "r.xlsx"), rows).read_bytes()
    students_or_refusal("r.xlsx", content)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_spoilt_workbook_gives_students_or_a_refusal(data):
    kind = data.draw(st.sampled_from(["xls", "xlsx"]))
    if kind == "xls":
        content = bytearray(old_workbook({"名单": [["学号", "姓名"], ["2023001", "张三"]]}))
        content = content[: data.draw(st.sampled_from([len(content), 1536, 4000]))]
    else:
        with TemporaryDirectory() as scratch:
            content = bytearray(workbook(Path(scratch, "r.xlsx"), "").read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(4, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    students_or_refusal(f"r.{kind}", bytes(content))


def test_rows_columns_and_text_are_limited_in_every_kind_of_file(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("学号\n" + "," * 16_384, encoding="utf-8")
    assert "more than 16384 columns" in refusal(path)
    path.write_text("学号\n" + "1\n" * 1_048_577, encoding="utf-8")
    assert "more than 1048576 rows" in refusal(path)
    path.write_text("<table><tr><td>学号" + "<td>" * 16_384, encoding="utf-8")
    assert "more than 16384 columns" in refusal(path)
    long = f'<row><c t="str"><v>{"x" * 8_000_001}</v></c></row>'
    assert "too much text within one row" in refusal(workbook(tmp_path / "r.xlsx", long))
