"""What only a season tells the office: who was collected, checked, handed over and proofed."""

import io
from datetime import UTC, date, datetime

import numpy as np
import openpyxl
import pytest
from PIL import Image

from fixtures.stub_examiner import photo_of, stub_pool
from flows.season import audit
from flows.season.audit import make_fallback, write_audit
from flows.season.changes import proofs, uploaded
from flows.season.people import gather
from flows.season.steps import ingest, init
from flows.shoot.hand_over import pack_run
from pipeline.core.errors import UsageError
from pipeline.core.rules import Verdict
from pipeline.spec.school import read_school
from reports.lists import write_lists
from reports.masking import Presentation

NOON = datetime(2027, 5, 10, 4, 0, tzinfo=UTC)
A, B, C = "2023990000001", "2023990000002", "2023990000003"
SHOWN = Presentation("zh", full_names=True)


@pytest.fixture(scope="module")
def season(tmp_path_factory):
    """Two who passed, were handed over and said what the platform shows; one who never came."""
    home = tmp_path_factory.mktemp("season")
    people = f"{A},K1,王𬱖,文学院,138\n{B},K2,李四,理学院,139\n{C},K3,王五,理学院,137\n"
    (home / "roster.csv").write_text("学号,考生号,姓名,学院,联系电话\n" + people, "utf-8-sig")
    (home / "school.toml").write_text('code = "10610"\nname = "示例大学"\n', "utf-8")
    (home / "my.toml").write_text(
        'extends = "chsi_graduate"\nid = "my"\n[season]\ncarry = ["联系电话"]\n', "utf-8"
    )
    folder, inbox = home / "2027", home / "inbox"
    inbox.mkdir()
    init(
        folder,
        home / "roster.csv",
        str(home / "my.toml"),
        now=NOON,
        make_up=date(2027, 3, 10),
        school=read_school(home / "school.toml"),
    )
    for key in (A, B):
        (inbox / f"{key}.jpg").write_bytes(photo_of(Verdict.PASS, key))
    ingest(folder, inbox, now=NOON, pool=stub_pool)
    uploaded(folder, now=NOON)
    (home / "校对.csv").write_text(f"学号,结果,原因\n{A},正确,\n{B},有误,无照片\n", "utf-8-sig")
    proofs(folder, home / "校对.csv", now=NOON)
    return folder


def test_a_row_a_student_with_its_days(season, tmp_path):
    sheet = openpyxl.load_workbook(write_audit(season, tmp_path, SHOWN)).active
    heads, *rows = sheet.iter_rows(values_only=True)
    found = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [row["学号"] for row in found] == [A, B, C]
    assert [row["检查结论"] for row in found] == ["合格", "合格", "未采集"]
    assert [row["采集"] or "" for row in found] == ["2027-05-10", "2027-05-10", ""]
    assert [row["上交"] or "" for row in found] == ["2027-05-10", "2027-05-10", ""]
    assert [row["校对"] or "" for row in found] == ["正确", "有误", ""]


def test_a_seasons_lists_have_its_telephones_and_its_school(season):
    people = gather(season, SHOWN)
    assert people.school.code == "10610"
    phones = [dict(one.student.carried)["联系电话"] for one in people.persons]
    assert phones == ["138", "139", "137"]
    assert [one.entry.state for one in people.persons] == ["confirmed", "disputed", "missing"]
    with pytest.raises(UsageError, match="its own roster"):
        gather(season, SHOWN, carry=("x",))


def test_who_called_the_picture_wrong_is_on_the_office_s_register_with_the_reason(season, tmp_path):
    (path,) = [
        p for p in write_lists(gather(season, SHOWN), "college", tmp_path, None) if "理" in p.name
    ]
    book = openpyxl.load_workbook(path)
    heads, row = book["图像信息异常登记表"].iter_rows(values_only=True)
    found = dict(zip(heads, row, strict=True))
    assert (found["学号"], found["状态"]) == (B, "校对有误")
    assert (found["校对结果"], found["勘误原因"]) == ("有误", "无照片")
    assert "联系老师" in found["学生怎么做"]
    assert list(book["合格名单"].iter_rows(min_row=2, values_only=True)) == []


def test_the_hand_over_carries_the_code_of_the_school(season, tmp_path):
    heads, *rows = (season / "reports/upload/manifest.csv").read_text("utf-8-sig").splitlines()
    assert heads == "file,student_id,sha256,bytes,quality,school_code"
    assert [row.rpartition(",")[2] for row in rows] == ["10610", "10610"]
    (packed,) = pack_run(season / "reports", tmp_path / "a.zip", None, None)
    beside = packed.path.with_suffix(".manifest.csv").read_text("utf-8-sig").splitlines()
    assert beside == [heads, *rows]


def test_telephones_are_in_no_list_that_is_handed_on(season):
    for name in ("students.csv", "photos.csv", "findings.csv", "upload/manifest.csv"):
        assert "138" not in (season / "reports" / name).read_text("utf-8-sig").replace(A, "")


def test_a_fallback_file_is_small_and_of_the_accepted_picture(season, monkeypatch, tmp_path):
    stream = io.BytesIO()
    picture = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    picture[200:400, 150:330] = (220, 180, 160)
    Image.fromarray(picture).save(stream, "JPEG", quality=95)
    accepted = tmp_path / "accepted.jpg"
    accepted.write_bytes(stream.getvalue())
    # The stand-in for the examiner leaves no real picture.
    monkeypatch.setattr(audit, "registration_path", lambda *_: accepted)
    done = make_fallback(season, None, SHOWN)
    assert (done.made, done.without) == (1, 0)
    (file,) = done.folder.glob("*.jpg")
    assert file.stat().st_size <= 16 * 1024
    with Image.open(file) as made:
        assert made.size == (480, 640)
        assert np.abs(np.asarray(made, int) - picture).mean() < 4
    assert [path.name for path in done.folder.glob("*.xlsx")] == ["理学院.xlsx"]
    (tmp_path / "list.csv").write_text(f"学号\n{C}\n", "utf-8-sig")
    assert make_fallback(season, tmp_path / "list.csv", SHOWN).without == 1
