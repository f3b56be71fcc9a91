"""Lists as office systems export them: read, or named for what they are. All people made up."""

import csv
import io
import zipfile

import pytest
from old_workbook import compound, old_workbook
from test_roster import as_xlsx

from pipeline.core.errors import RosterError
from pipeline.intake.roster import read_roster

ROWS = [["学号", "姓名", "学院"], ["0023001", "张三", "文学院"], ["0023002", "李四", "文学院"]]
PEOPLE = [("0023001", "张三", "文学院", 2), ("0023002", "李四", "文学院", 3)]


def write(path, content):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def people(path, *sheets):
    return [(s.key, s.name, s.college, s.row) for s in read_roster(path, sheets).students]


def refusal(path):
    with pytest.raises(RosterError) as error:
        read_roster(path)
    message = str(error.value)
    assert message.startswith(f"{path.name}: ")
    assert "\n" not in message
    return message


# Workbooks of other kinds


def test_xls_with_its_zeros_hidden_rows_and_hidden_sheets(tmp_path):
    rows = [["学号", "姓名", "学院"], [(23001, 1), "张三", "文学院"], ["0023002", "李四", "文学院"]]
    content = old_workbook(
        {"名单": rows, "旧": [["学号"], ["9"]]},
        formats=("General", "0000000"),
        hidden_sheets=("旧",),
        hidden_rows=(3,),
    )
    path = write(tmp_path / "r.xls", content)
    assert people(path) == PEOPLE
    notes = [note.en for note in read_roster(path).notes]
    assert any("'旧' (hidden)" in note for note in notes)
    assert any("hidden, and read as students all the same: row 3" in note for note in notes)
    assert [s[0] for s in people(path, "旧")] == ["9"]


def test_a_number_of_an_xls_that_lost_its_end_is_refused(tmp_path):
    content = old_workbook({"名单": [["学号"], [110105194912310021.0]]})
    assert "more than 15 digits" in refusal(write(tmp_path / "r.xls", content))


def ods(rows, more=""):
    cells = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell office:value-type='string'><text:p>{c}</text:p>"
                  "</table:table-cell>" for c in row)
        + "</table:table-row>"
        for row in rows
    )  # fmt: skip
    return (
        "<office:document-content xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'"
        " xmlns:table='t' xmlns:text='x' xmlns:style='s'><office:automatic-styles>"
        "<style:style style:name='unseen' style:family='table'>"
        "<style:table-properties table:display='false'/></style:style></office:automatic-styles>"
        f"<office:body><office:spreadsheet><table:table table:name='名单'>{cells}{more}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )


def as_ods(path, content, **more):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        for name, text in more.items():
            archive.writestr(name.replace("_", "/"), text)
    return path


def test_ods_zipped_and_flat(tmp_path):
    assert people(as_ods(tmp_path / "r.ods", ods(ROWS))) == PEOPLE
    flat = ods(ROWS).replace("document-content", "document")
    assert people(write(tmp_path / "r.fods", "<?xml version='1.0'?>" + flat)) == PEOPLE


def test_ods_repeats_gaps_comments_and_shown_zeros(tmp_path):
    more = (
        "<table:table-row table:number-rows-repeated='5'><table:table-cell/></table:table-row>"
        "<table:table-row table:visibility='collapse'>"
        "<table:table-cell office:value-type='float' office:value='23003'>"
        "<office:annotation><text:p>问一下</text:p></office:annotation><text:p>0023003</text:p>"
        "</table:table-cell><table:table-cell office:value-type='string'>"
        "<text:p>王<text:s/>五</text:p></table:table-cell>"
        "<table:table-cell table:number-columns-repeated='16382'/></table:table-row>"
        "<table:table-row table:number-rows-repeated='1048500'><table:table-cell/>"
        "</table:table-row>"
    )
    path = as_ods(tmp_path / "r.ods", ods(ROWS, more))
    assert people(path) == [*PEOPLE, ("0023003", "王五", "", 9)]
    assert "row 9" in read_roster(path).notes[0].en


def test_a_hidden_sheet_of_an_ods_is_not_read(tmp_path):
    content = ods(ROWS).replace("table:name='名单'", "table:name='名单' table:style-name='unseen'")
    assert "hidden sheets are not read" in refusal(as_ods(tmp_path / "r.ods", content))


def test_a_strict_workbook_and_one_with_prefixes(tmp_path):
    plain = as_xlsx(tmp_path / "r.xlsx", ROWS)
    ours = b"http://schemas.openxmlformats.org/"
    strict = (
        (ours + b"spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
        (
            ours + b"officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    )
    prefixed = ((b"<row", b"<x:row"), (b"</row", b"</x:row"), (b"<c ", b"<x:c "),
                (b"</c>", b"</x:c>"), (b"<v", b"<x:v"), (b"</v", b"</x:v"),
                (b"<worksheet ", b"<worksheet xmlns:x='y' "))  # fmt: skip
    for name, changes in (("s.xlsx", strict), ("p.xlsx", prefixed)):
        with zipfile.ZipFile(plain) as old, zipfile.ZipFile(tmp_path / name, "w") as new:
            for part in old.namelist():
                data = old.read(part)
                for a, b in changes:
                    data = data.replace(a, b)
                new.writestr(part, data)
        assert people(tmp_path / name) == PEOPLE


def xml_2003(rows, more="", options=""):
    cells = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{c}</Data></Cell>' for c in row) + "</Row>"
        for row in rows
    )
    return (
        '<?xml version="1.0" encoding="GB2312"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="z">'
        '<NumberFormat ss:Format="0000000"/></Style></Styles><Worksheet ss:Name="名单">'
        f"<Table>{cells}{more}</Table>{options}</Worksheet></Workbook>"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_an_xml_spreadsheet_of_excel_2003(tmp_path, encoding):
    more = (
        '<Row ss:Index="9" ss:Hidden="1"><Cell ss:StyleID="z"><Data ss:Type="Number">23003</Data>'
        '<Comment><ss:Data>问一下</ss:Data></Comment></Cell><Cell ss:Index="3">'
        '<Data ss:Type="String">理学院</Data></Cell></Row>'
    )
    path = write(tmp_path / "r.xls", xml_2003(ROWS, more).encode(encoding))
    assert people(path) == [*PEOPLE, ("0023003", "", "理学院", 9)]
    hidden = "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions>"
    path = write(tmp_path / "r.xls", xml_2003(ROWS, options=hidden).encode(encoding))
    assert "hidden sheets are not read" in refusal(path)


def web_page(rows, head="", close="</td>"):
    cells = "".join(
        "<tr>" + "".join(f"<td style=\"mso-number-format:'\\@'\">{c}{close}" for c in row) + "</tr>"
        for row in rows
    )
    return f"<html><head>{head}<style>td {{ x: '<table>' }}</style></head><table>{cells}</table>"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "big5"])
@pytest.mark.parametrize("close", ["</td>", "", "&nbsp;</td>", "<br></td>"])
def test_a_web_page_named_xls(tmp_path, encoding, close):
    rows = [["學號", "姓名", "學院"], *ROWS[1:]] if encoding == "big5" else ROWS
    names = [["张三", "文学院"], ["李四", "文学院"]]
    page = web_page(rows, close=close)
    if encoding == "big5":
        for a, b in (("张三", "王三"), ("文学院", "文學院")):
            page, names = page.replace(a, b), [[n.replace(a, b) for n in one] for one in names]
    path = write(tmp_path / "r.xls", page.encode(encoding))
    assert [[s.name, s.college] for s in read_roster(path).students] == names


def test_spans_of_a_web_page_keep_every_cell_in_its_column(tmp_path):
    rows = "<tr><td colspan=3>名单</td></tr><tr><td>学号</td><td>学院</td><td>姓名</td></tr>"
    rows += "<tr><td>S1</td><td rowspan='2'>文学院</td><td>张三</td></tr>"
    rows += "<tr><td>S2</td><td>李四</td></tr>"
    rows += "<tr style='display:none'><td>S3</td><td>理学院</td><td>王五</td></tr>"
    path = write(tmp_path / "r.xls", f"<table>{rows}</table>")
    first, second = ("S1", "张三", "文学院", 3), ("S2", "李四", "文学院", 4)
    assert people(path) == [first, second, ("S3", "王五", "理学院", 5)]
    assert "row 5" in read_roster(path).notes[-1].en


def test_two_tables_of_a_web_page_are_two_sheets(tmp_path):
    path = write(tmp_path / "r.xls", web_page(ROWS) + web_page([ROWS[0], ["S3", "王五", ""]]))
    assert "'table 1' (2), 'table 2' (1)" in refusal(path)
    assert [s[0] for s in people(path, "table 2")] == ["S3"]


def test_a_web_archive(tmp_path):
    import email.message

    message = email.message.EmailMessage()
    message.set_content(web_page(ROWS), subtype="html", charset="utf-8")
    content = b"MIME-Version: 1.0\n" + message.as_bytes()
    assert people(write(tmp_path / "r.xls", content)) == PEOPLE


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_with_any_delimiter_in_any_encoding(tmp_path, delimiter, encoding):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(ROWS)
    assert people(write(tmp_path / "r.xls", text.getvalue().encode(encoding))) == PEOPLE


def test_big5_text(tmp_path):
    content = "學號,姓名,學院\n0023001,王五,文學院\n".encode("big5")
    assert people(write(tmp_path / "r.csv", content)) == [("0023001", "王五", "文學院", 2)]


# What is no list


def zipped(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("r.xlsx", b"%PDF-1.7\n", "is a PDF"),
        ("r.xlsx", b"\x89PNG\r\n", "is a picture"),
        ("r.jpg", b"\xff\xd8\xff\xe0", "is a picture"),
        ("r.xlsx", b"Rar!\x1a\x07", "is a RAR archive"),
        ("r.doc", b"{\\rtf1 ", "is a text document"),
        ("r.xlsb", zipped("_rels/.rels", "xl/workbook.bin"), "is a binary workbook (.xlsb)"),
        ("r.docx", zipped("_rels/.rels", "word/document.xml"), "is a Word document"),
        ("r.numbers", zipped("Index/Document.iwa"), "is an Apple Numbers document"),
        ("r.zip", zipped("名单.csv"), "is an archive and no workbook"),
        ("r.xlsx", compound({"EncryptedPackage": b""}), "has a password"),
        ("r.doc", compound({"WordDocument": b""}), "is a Word document"),
        ("r.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024), "save it as .xlsx"),
        ("r.xls", b"<!DOCTYPE html><html><body>404</body></html>", "without a table"),
        ("r.xml", b"<?xml version='1.0'?><list/>", "without a table"),
    ],
)
def test_what_is_no_list_is_named_for_what_it_is(tmp_path, name, content, kind):
    assert kind in refusal(write(tmp_path / name, content))


def test_an_ods_with_a_password(tmp_path):
    manifest = (
        "<m:manifest xmlns:m='m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    )
    path = as_ods(tmp_path / "r.ods", b"\x07cipher", **{"META-INF_manifest.xml": manifest})
    assert "has a password" in refusal(path)
