"""A season over its rounds: what counts, what is remembered, what persons change."""

import os
import stat
from datetime import UTC, date, datetime, timedelta

import pytest

from fixtures.stub_examiner import photo_of, stub_pool
from flows.season.changes import new_roster, uploaded
from flows.season.review import review
from flows.season.steps import ingest, init, open_season
from flows.season.views import status
from pipeline.batch.rounds import Disposition, StudentState
from pipeline.core.errors import UsageError
from pipeline.core.rules import Verdict

AFTER = datetime(2027, 6, 10, 16, 0, tzinfo=UTC)  # 11 June, 0:00 in Shanghai
PASS, RETAKE, FAIL = Verdict.PASS, Verdict.RETAKE, Verdict.FAIL


BEFORE = datetime(2027, 3, 2, 2, 0, tzinfo=UTC)


def key(number: int) -> str:
    return f"2023990{number:06}"


def test_students_come_back_in_rounds(season):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.put(f"{key(2)}.jpg", photo_of(RETAKE, 2))
    season.put("谁的.jpg", photo_of(PASS, 3))
    done = season.round()
    assert (done.taken.new, done.examined) == (3, 3)
    assert season.verdicts() == {"1": "pass", "2": "retake", "3": "missing", "4": "missing"}
    season.put(f"{key(2)}.jpg", photo_of(PASS, 22))
    season.put(f"补拍/{key(3)}.jpg", photo_of(RETAKE, 33))
    done = season.round()
    assert (done.taken.new, done.taken.known, done.examined) == (2, 2, 2)
    assert season.verdicts() == {"1": "pass", "2": "pass", "3": "retake", "4": "missing"}
    # Every file that ever arrived is in one row of attempts.csv, the superseded one too.
    told = [(r["student_id"][-1:], r["attempt"], r["place"]) for r in season.rows("attempts.csv")]
    assert told == [
        ("", "", "current"),
        ("1", "1", "current"),
        ("2", "1", "superseded"),
        ("2", "2", "current"),
        ("3", "1", "current"),
    ]
    uploads = {path.name for path in (season.folder / "reports/upload").glob("*.jpg")}
    assert uploads == {f"{key(1)}.jpg", f"{key(2)}.jpg"}


def test_a_student_who_passed_is_not_overwritten_by_a_later_bad_upload(season):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round()
    before = (season.folder / "reports/upload" / f"{key(1)}.jpg").read_bytes()
    season.put(f"{key(1)}.jpg", photo_of(RETAKE, 2))
    season.put(f"再交/{key(1)}.jpg", photo_of(PASS, 3))
    season.round()
    assert season.verdicts()["1"] == "pass"
    assert (season.folder / "reports/upload" / f"{key(1)}.jpg").read_bytes() == before
    assert [t.place for t in season.history(1).tries] == [
        Disposition.CURRENT,
        Disposition.NOT_TAKEN,
        Disposition.NOT_TAKEN,
    ]


def test_two_photos_of_one_student_in_one_round_are_for_staff_in_two_rounds_not(season):
    season.put(f"a/{key(1)}.jpg", photo_of(RETAKE, 1))
    season.put(f"b/{key(1)}.jpg", photo_of(RETAKE, 2))
    season.put(f"a/{key(2)}.jpg", photo_of(RETAKE, 3))
    season.round()
    season.put(f"b/{key(2)}.jpg", photo_of(RETAKE, 4))
    season.round()
    codes = {row["student_id"][-1]: row["codes"] for row in season.rows("students.csv")}
    assert "RC003" in codes["1"]
    assert "RC003" not in codes["2"]


def test_nothing_is_examined_twice_whatever_it_is_called(season):
    data = photo_of(RETAKE, 1)
    season.put(f"{key(1)}.jpg", data)
    assert season.round().examined == 1
    assert season.round().examined == 0
    season.put(f"b/{key(1)}.jpg", data)
    done = season.round()
    assert (done.taken.new, done.examined) == (1, 0)
    os.utime(season.inbox / f"{key(1)}.jpg")  # touched: read again, and known all the same
    done = season.round()
    assert (done.taken.new, done.taken.known) == (0, 2)
    found = status(season.folder, ledger=season.ledger)
    assert (found.rounds, found.submissions, found.examinations) == (2, 2, 1)
    assert [t.number for t in season.history(1).tries] == [1, 1], "the same picture: no attempt"


def test_attempts_are_counted_and_beyond_the_spec_a_person_decides(season):
    for number in range(1, 5):
        season.put(f"{key(1)}.jpg", photo_of(RETAKE, number))
        season.round()
        beyond = "SN001" in season.rows("students.csv")[0]["codes"]
        assert beyond is (number > 3)
    assert season.verdicts()["1"] == "fail"
    assert [t.number for t in season.history(1).tries] == [1, 2, 3, 4]
    assert status(season.folder, ledger=season.ledger).beyond_attempts == 1


def test_late_arrivals_are_marked_and_the_deadlines_stand_above_the_lists(season):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round(now=AFTER - timedelta(seconds=1))  # 10 June 23:59:59 in Shanghai
    season.put(f"{key(2)}.jpg", photo_of(PASS, 2))
    season.round(now=AFTER)
    late = {row["student_id"][-1]: row["late"] for row in season.rows("attempts.csv")}
    assert late == {"1": "", "2": "yes"}
    broken = {r["student_id"][-1] for r in season.rows("findings.csv")
              if r["code"] == "SN002" and r["outcome"] == "broken"}  # fmt: skip
    assert broken == {"2"}
    assert season.verdicts()["2"] == "pass", "late is a note, unless the spec says otherwise"
    found = status(season.folder, ledger=season.ledger, now=BEFORE)
    assert (found.last, found.make_up) == (date(2027, 6, 10), date(2027, 3, 10))
    assert (found.late, found.days_left) == (1, 100)
    page = (season.folder / "reports/report.html").read_text(encoding="utf-8")
    assert "最后截止 2027-06-10" in page
    assert "个人补拍截止 2027-03-10" in page
    import openpyxl

    book = openpyxl.load_workbook(season.folder / "reports/report.xlsx")
    assert "最后截止 2027-06-10" in [cell.value for cell in book.worksheets[0]["A"]]


def test_files_that_are_still_being_copied_wait(season):
    season.put(f"{key(1)}.jpg.part", b"half")
    season.put(f"{key(2)}.jpg", photo_of(PASS, 2))
    done = season.round(ready=lambda s: not s.photo.endswith(".part"))
    assert (done.taken.new, done.taken.waiting) == (1, 1)
    assert len(season.rows("photos.csv")) == 1


def test_what_cannot_be_read_is_a_row_and_is_read_when_it_can_be(season):
    season.put(f"{key(1)}.jpg", b"")
    assert season.round().taken.new == 1
    assert season.verdicts()["1"] == "retake"
    assert season.rows("students.csv")[0]["codes"] == "FL001"
    assert season.round().taken.new == 0, "an empty file is no new submission every night"
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round()
    assert season.verdicts()["1"] == "pass"


def test_a_manifest_tells_whose_a_round_is(season, tmp_path):
    for number, verdict in ((1, RETAKE), (2, PASS)):
        season.put("IMG_0001.JPG", photo_of(verdict, number))
        manifest = tmp_path / "list.csv"
        manifest.write_text(f"photo,学号\nimg_0001.jpg,{key(number)}\n", encoding="utf-8")
        season.round(manifest=manifest)
    assert season.verdicts() == {"1": "retake", "2": "pass", "3": "missing", "4": "missing"}
    assert {r["photo"] for r in season.rows("photos.csv")} == {"IMG_0001.JPG", "IMG_0001.JPG#2"}


def test_a_person_accepts_what_counted_and_not_what_comes_up_later(season):
    season.put(f"{key(1)}.jpg", photo_of(FAIL, 1))
    season.round()
    who = {"who": "王老师", "ledger": season.ledger, "now": BEFORE}
    review(season.folder, key(1), accept=True, why="已当面核对", **who)
    assert season.verdicts()["1"] == "pass"
    season.put(f"{key(2)}.jpg", photo_of(FAIL, 1))  # the same file under another student
    season.round()
    assert season.verdicts() == {"1": "pass", "2": "fail", "3": "missing", "4": "missing"}
    assert "DU001" in season.rows("students.csv")[1]["codes"]
    codes = season.rows("students.csv")[1]["codes"]
    assert len(codes.split(";")) > 1, "what was accepted for one student counts for the other"
    review(season.folder, key(2), accept=True, why="照片是本人的", **who)
    assert season.verdicts()["2"] == "pass"


def du001(season):
    rows = season.rows("findings.csv")
    return {r["photo"][-5]: (r["outcome"], r["because"]) for r in rows if r["code"] == "DU001"}


def test_of_one_picture_the_student_who_had_passed_keeps_the_state_and_the_later_one_is_asked(
    season,
):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round()
    assert uploaded(season.folder, ledger=season.ledger) == 1
    for number in (2, 3):  # a round each: no later one is taken for the first
        season.put(f"{key(number)}.jpg", photo_of(PASS, 1))
        season.round()
        assert season.history(1).state is StudentState.UPLOADED
        assert season.history(number).state is StudentState.REVIEW
    assert season.verdicts() == {"1": "pass", "2": "fail", "3": "fail", "4": "missing"}
    uploads = {path.name for path in (season.folder / "reports/upload").glob("*.jpg")}
    assert uploads == {f"{key(1)}.jpg"}
    found = du001(season)
    assert [found[n][0] for n in "123"] == ["passed", "broken", "broken"]
    assert f"【{key(2)}、{key(3)}】" in found["1"][1]
    assert key(1) in found["2"][1]


@pytest.mark.parametrize("rounds", ["one", "never passed"])
def test_of_one_picture_nobody_keeps_a_state_that_was_not_won_before(season, rounds):
    season.put(f"{key(1)}.jpg", photo_of(PASS if rounds == "one" else FAIL, 1))
    if rounds == "never passed":
        season.round()
    season.put(f"{key(2)}.jpg", season.inbox.joinpath(f"{key(1)}.jpg").read_bytes())
    season.round()
    assert (season.verdicts()["1"], season.verdicts()["2"]) == ("fail", "fail")
    assert {outcome for outcome, _ in du001(season).values()} == {"broken"}


def test_the_first_student_keeps_the_state_when_the_later_one_is_sent_back(season):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round()
    season.put(f"{key(2)}.jpg", photo_of(PASS, 1))
    season.round()
    who = {"who": "王老师", "ledger": season.ledger, "now": BEFORE}
    review(season.folder, key(2), accept=False, why="不是本人", **who)
    season.put(f"{key(2)}.jpg", photo_of(PASS, 2))
    season.round()  # the refused picture counts no more, and is known again (DU006)
    assert (season.verdicts()["1"], season.verdicts()["2"]) == ("pass", "pass")


def test_a_person_sends_the_first_student_back_all_the_same(season):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round()
    season.put(f"{key(2)}.jpg", photo_of(PASS, 1))
    season.round()
    who = {"who": "王老师", "ledger": season.ledger, "now": BEFORE}
    review(season.folder, key(1), accept=False, why="不是本人", **who)
    review(season.folder, key(2), accept=True, why="是本人", **who)
    assert (season.verdicts()["1"], season.verdicts()["2"]) == ("retake", "pass")


def test_nobody_accepts_a_photo_that_no_registration_file_can_be_made_of(season):
    season.put(f"{key(1)}.jpg", b"kills its worker")
    season.put(f"{key(2)}.jpg", b"")
    season.round()
    for number in (1, 2):
        with pytest.raises(UsageError, match="no registration file"):
            review(season.folder, key(number), accept=True, why="x", who="王", ledger=season.ledger)


def test_a_person_rejects_and_the_student_comes_again(season):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round()
    who = {"who": "王老师", "ledger": season.ledger, "now": BEFORE}
    review(season.folder, f"{key(1)}.jpg", accept=False, why="不是近照", **who)
    (row, *_) = season.rows("students.csv")
    assert (row["verdict"], row["codes"]) == ("retake", "SN003")
    assert row["reasons"] == "人工审核未通过：不是近照"
    season.put(f"{key(1)}.jpg", photo_of(PASS, 2))
    season.round()
    assert season.verdicts()["1"] == "pass"
    first, second = season.history(1).tries
    assert first.verdicts == ((PASS, ()), (RETAKE, ("SN003",)))
    assert first.decision.why == "不是近照"
    assert (first.place, second.place) == (Disposition.SUPERSEDED, Disposition.CURRENT)


def test_a_person_chooses_among_several(season):
    season.put(f"a/{key(1)}.jpg", photo_of(PASS, 1))
    season.put(f"b/{key(1)}.jpg", photo_of(PASS, 2))
    season.round()
    assert season.verdicts()["1"] == "fail"
    review(
        season.folder, f"b/{key(1)}.jpg", accept=True, why="选这张", who="王", ledger=season.ledger
    )
    (row, *_) = season.rows("students.csv")
    assert (row["verdict"], row["photo"]) == ("pass", f"b/{key(1)}.jpg")


@pytest.mark.parametrize(
    ("what", "why", "said"),
    [("谁的.jpg", "不清楚", "no photo has this path"), ("stray.jpg", " ", "--why")],
)
def test_a_decision_needs_a_photo_and_a_reason(season, what, why, said):
    season.put("stray.jpg", photo_of(PASS, 1))
    season.round()
    with pytest.raises(UsageError, match=said):
        review(season.folder, what, accept=True, why=why, who="王", ledger=season.ledger)


def test_states(season):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.put(f"{key(2)}.jpg", photo_of(RETAKE, 2))
    season.put(f"{key(3)}.jpg", photo_of(FAIL, 3))
    season.round()

    def states():
        return [season.history(n).state for n in range(1, 5)]

    assert states() == [
        StudentState.PASSED,
        StudentState.RETAKE,
        StudentState.REVIEW,
        StudentState.MISSING,
    ]
    assert uploaded(season.folder, ledger=season.ledger) == 1
    assert uploaded(season.folder, ledger=season.ledger) == 0
    assert states()[0] is StudentState.UPLOADED
    listed = [(r["student_id"][-1], r["state"], r["words"]) for r in season.rows("states.csv")]
    assert listed == [
        ("1", "uploaded", "已上传"),
        ("2", "retake", "驳回(需补拍)"),
        ("3", "review", "待人工复核"),
        ("4", "missing", "未采集"),
    ]
    season.put(f"{key(4)}.jpg", photo_of(PASS, 4))
    from flows.season.intake import take_in

    with open_season(season.folder, season.ledger) as opened:
        take_in(opened, season.inbox)
    assert states() == [
        StudentState.UPLOADED,
        StudentState.RETAKE,
        StudentState.REVIEW,
        StudentState.WAITING,
    ]
    found = status(season.folder, ledger=season.ledger)
    assert found.interrupted
    assert found.students[StudentState.WAITING] == 1
    with pytest.raises(UsageError, match="cut short"):
        review(season.folder, key(1), accept=True, why="x", who="王", ledger=season.ledger)


def test_a_newer_roster_gives_photos_to_new_students_and_lists_those_who_left_no_more(
    season, tmp_path
):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.put(f"{key(5)}.jpg", photo_of(PASS, 5))
    season.round()
    assert {r["student_id"] for r in season.rows("photos.csv")} == {key(1), ""}
    rows = "".join(f"{key(n)},K{n},姓名{n}\n" for n in (2, 5))
    (tmp_path / "new.csv").write_text(season.header + rows, encoding="utf-8-sig")
    new_roster(season.folder, tmp_path / "new.csv", ledger=season.ledger)
    assert season.verdicts() == {"2": "missing", "5": "pass"}
    assert {r["student_id"] for r in season.rows("photos.csv")} == {key(5), ""}
    new_roster(season.folder, tmp_path / "roster.csv", ledger=season.ledger)
    assert season.verdicts() == {"1": "pass", "2": "missing", "3": "missing", "4": "missing"}


def test_the_roster_itself_may_lie_in_the_inbox(season, tmp_path):
    season.put("名单.csv", (tmp_path / "roster.csv").read_bytes())
    assert season.round().taken.new == 0


def test_everything_is_for_the_user_alone(season):
    season.put(f"{key(1)}.jpg", photo_of(PASS, 1))
    season.round()
    for path in (season.folder, *season.folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path.name


def test_the_seasons_own_folder_is_no_inbox(season):
    with pytest.raises(UsageError, match="lies in the inbox"):
        ingest(season.folder, season.folder.parent, ledger=season.ledger, pool=stub_pool)


def test_a_second_season_is_not_put_over_the_first(season, tmp_path):
    with pytest.raises(UsageError, match="a season here already"):
        init(
            season.folder, tmp_path / "roster.csv", "chsi_graduate",
            ledger=season.ledger, class_of=2099,
        )  # fmt: skip


def test_what_lies_beside_photos_is_nobodys_attempt_and_takes_no_photos_place(season):
    """A camera's RAW comes a round later than its JPEG, a phone's video with the photo."""
    raw = b"FUJIFILMCCD-RAW 0201" + bytes(100)
    season.put(f"{key(1)}.jpg", photo_of(RETAKE, 1))
    season.put(f"{key(2)}.jpg", photo_of(PASS, 2))
    for number in (1, 2, 3):
        season.put(f"{key(number)}.MOV", b"\0\0\0\x14ftypqt  " + bytes(100))
    done = season.round()
    assert (done.taken.new, done.examined, done.set_aside) == (5, 2, 3)
    assert season.verdicts() == {"1": "retake", "2": "pass", "3": "missing", "4": "missing"}
    for number in (1, 2, 4):
        season.put(f"{key(number)}.RAF", raw)
    season.put("全班.rar", b"Rar!\x1a\7\1\0")
    done = season.round()
    assert (done.examined, done.taken.unopened) == (0, {".rar": 1})
    assert season.verdicts() == {"1": "retake", "2": "pass", "3": "missing", "4": "retake"}
    codes = {row["student_id"][-1]: row["codes"] for row in season.rows("students.csv")}
    assert "FL001" not in codes["1"]
    assert codes["4"] == "FL001"
    assert [t.number for t in season.history(1).tries] == [1, 1]
    photos = {row["photo"]: row for row in season.rows("photos.csv")}
    assert photos[f"{key(2)}.MOV"]["student_id"] == key(2)
    assert photos[f"{key(2)}.MOV"]["codes"] == "FL001"
    assert photos[f"{key(2)}.MOV"]["sha256"]
    assert season.round().taken.new == 0, "and is not read every night"
    season.put(f"{key(4)}.jpg", photo_of(PASS, 4))
    season.round()
    assert season.verdicts()["4"] == "pass"
