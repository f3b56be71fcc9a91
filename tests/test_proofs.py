"""校对: what students say on the platform is final after a day, and a list comes out of it."""

import csv
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest

from fixtures.stub_examiner import photo_of, stub_pool
from flows.season.changes import proofs, uploaded
from flows.season.steps import ingest, init
from flows.season.views import history, status
from pipeline.batch.rounds import StudentState
from pipeline.core.errors import RosterError
from pipeline.core.rules import Verdict
from pipeline.ledger.proofs import Imported

NOON = datetime(2027, 5, 10, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
MAKE_UP = date(2027, 3, 10)
A, B, C = "2023990000001", "2023990000002", "2023990000003"


@pytest.fixture
def season(tmp_path, ledger):
    lines = f"学号,考生号,姓名,学院\n{A},K1,欧阳霁月,文学院\n{B},K2,李四,理学院\n{C},,王五,\n"
    (tmp_path / "roster.csv").write_text(lines, encoding="utf-8-sig")
    folder = tmp_path / "season"
    init(folder, tmp_path / "roster.csv", "chsi_graduate", ledger=ledger, now=NOON, make_up=MAKE_UP)

    def say(*rows, header="学号,结果,原因,时间", now=NOON):
        text = "\n".join([header, *(",".join(row) for row in rows)])
        (tmp_path / "校对.csv").write_text(text, encoding="gb18030")
        return proofs(folder, tmp_path / "校对.csv", ledger=ledger, now=now)

    say.folder, say.ledger, say.inbox = folder, ledger, tmp_path / "inbox"
    say.inbox.mkdir()
    return say


def register(season):
    path = season.folder / "reports/图像信息异常登记表.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def state(season, key):
    return history(season.folder, key, ledger=season.ledger).state


def test_they_move_students_and_the_register_lists_what_is_wrong(season):
    done = season((A, "有误", "非本人", ""), ("K2", "正确", "", ""), ("9", "正确", "", ""))
    assert done == Imported(new=2, replaced=0, known=0, refused=(), strangers=1)
    assert [state(season, key) for key in (A, B, C)] == [
        StudentState.DISPUTED,
        StudentState.CONFIRMED,
        StudentState.MISSING,
    ]
    counts = status(season.folder, ledger=season.ledger).students
    assert (counts[StudentState.DISPUTED], counts[StudentState.CONFIRMED]) == (1, 1)
    rows = register(season)
    assert rows == [
        ["学号", "考生号", "姓名", "学院", "专业", "班级", "校对结果", "原因"],
        [A, "K1", "欧**", "文学院", "", "", "有误", "非本人"],
    ]
    sheet = openpyxl.load_workbook(season.folder / "reports/图像信息异常登记表.xlsx").active
    assert [[cell.value or "" for cell in row] for row in sheet.rows] == rows


def test_an_answer_can_be_changed_for_a_day_from_the_first(season):
    season((A, "有误", "姓名错误", "2027-05-10 12:00"))
    done = season((A, "正确", "", "2027-05-11 11:59:59"))
    assert (done.replaced, done.refused) == (1, ())
    assert state(season, A) is StudentState.CONFIRMED
    done = season((A, "有误", "没有照片", "2027-05-11 12:00:00"))
    assert (done.replaced, done.refused) == (0, (A,))
    assert state(season, A) is StudentState.CONFIRMED
    assert len(register(season)) == 1


def test_the_same_list_twice_changes_nothing(season):
    rows = [(A, "有误", "非本人", ""), (B, "正确", "", "")]
    season(*rows)
    later = season(*rows, now=NOON + timedelta(days=9))
    assert later == Imported(new=0, replaced=0, known=2, refused=(), strangers=0)


def test_without_times_an_answer_is_as_old_as_its_import(season):
    season((A, "正确", ""), header="学号,结果,原因")
    done = season(
        (A, "有误", ""), header="学号,结果,原因", now=NOON + timedelta(hours=23, minutes=59)
    )
    assert done.replaced == 1
    done = season((A, "正确", ""), header="学号,结果,原因", now=NOON + timedelta(hours=24))
    assert done.refused == (A,)


def test_a_student_whose_picture_is_wrong_comes_again(season):
    (season.inbox / f"{A}.jpg").write_bytes(photo_of(Verdict.PASS, 1))
    ingest(season.folder, season.inbox, ledger=season.ledger, pool=stub_pool, now=NOON)
    uploaded(season.folder, ledger=season.ledger, now=NOON)
    assert state(season, A) is StudentState.UPLOADED
    (season.inbox / f"{A} 早.jpg").write_bytes(photo_of(Verdict.PASS, 3))
    ingest(season.folder, season.inbox, ledger=season.ledger, pool=stub_pool, now=NOON)
    later = NOON + timedelta(days=2)
    season((A, "有误", "非本人", ""), now=later)
    assert state(season, A) is StudentState.DISPUTED
    # What came before the answer, and was not taken, does not slip in now.
    places = [str(t.place) for t in history(season.folder, A, ledger=season.ledger).tries]
    assert places == ["current", "not_taken"]
    (season.inbox / f"{A} 新.jpg").write_bytes(photo_of(Verdict.PASS, 2))
    last = later + timedelta(days=1)
    ingest(season.folder, season.inbox, ledger=season.ledger, pool=stub_pool, now=last)
    told = history(season.folder, A, ledger=season.ledger)
    assert told.state is StudentState.PASSED
    assert [str(t.place) for t in told.tries] == ["superseded", "superseded", "current"]


@pytest.mark.parametrize(
    ("rows", "header", "said"),
    [
        ([(A, "也许", "", "")], "学号,结果,原因,时间", "row 2: result"),
        ([(A, "正确", "", "昨天")], "学号,结果,原因,时间", "row 2: time"),
        ([(A, "正确")], "学号,答案", "学号 .*结果"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_and_names_nobody(season, rows, header, said):
    with pytest.raises(RosterError, match=said) as raised:
        season(*rows, header=header)
    assert A not in str(raised.value)
    assert not status(season.folder, ledger=season.ledger).interrupted
