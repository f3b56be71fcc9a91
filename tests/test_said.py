"""What the commands of a season say they did: a sentence, and where the students stand."""

import re
import sys

import pytest

from fixtures.stub_examiner import photo_of
from pipeline.core.rules import Verdict

FOLDER = "a folder whose name is much too long to stand with all else in one line of eighty"


@pytest.fixture
def season(tmp_path, new_season):
    """A season with a student who passed and one who did not."""
    season = new_season(tmp_path, None)
    season.put(f"{season.key(1)}.jpg", photo_of(Verdict.PASS, 1))
    season.put(f"{FOLDER}/{season.key(2)}.jpg", photo_of(Verdict.RETAKE, 2))
    season.round()
    return season


@pytest.fixture
def gradphoto(season, capsys, monkeypatch):
    from flows.cli import main

    def run(command, *args) -> str:
        words = ["gradphoto", "season", command, str(season.folder), *map(str, args)]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert ended.value.code in {0, None}, said.err
        return said.out

    return run


BOTH = pytest.mark.parametrize("lang", ["zh", "en"])


@BOTH
def test_a_review_says_who_decided_what(season, gradphoto, lang):
    call = (season.key(1), "--reject", "--why", "不是近照", "--by", "李老师", "--lang", lang)
    said = gradphoto("review", *call).splitlines()
    assert said[0] == {
        "zh": "已记下：李老师 退回这张照片",
        "en": "noted: 李老师 rejected this photo",
    }[lang]  # fmt: skip
    assert "2" in said[1], "where the students stand"


@BOTH
def test_a_reassignment_says_how_many_and_is_taken_back(season, gradphoto, lang):
    photo = f"{season.key(1)}.jpg"
    call = ("--why", "看过", "--by", "李老师", "--lang", lang)
    said = gradphoto("reassign", photo, "--to", season.key(3), *call).splitlines()
    assert said[0] == {"zh": "已改归：1 张照片", "en": "given to another student: 1 photos"}[lang]
    assert season.verdicts() == {"1": "missing", "2": "retake", "3": "pass", "4": "missing"}
    assert {r["review"] for r in season.rows("attempts.csv")} == {"", "reassigned"}
    told = gradphoto("history", season.key(3), "--lang", lang)
    assert {"zh": "改归: 看过", "en": "re-assigned: 看过"}[lang] in told
    said = gradphoto("reassign", photo, "--undo", *call).splitlines()
    assert said[0] == {"zh": "已撤销：1 张照片", "en": "undone: of 1 photos"}[lang]
    assert season.verdicts() == {"1": "pass", "2": "retake", "3": "missing", "4": "missing"}


@pytest.mark.parametrize(
    ("what", "options", "why"),
    [
        ("{1}.jpg", (), "--to: give the number"),
        ("{1}.jpg", ("--to", "{1}"), "under this student already"),
        ("{1}.jpg", ("--to", "9"), "no student of this number"),
        ("{4}.jpg", ("--to", "{3}"), "no photo has this path"),
        ("{1}.jpg", ("--undo",), "no re-assignment to undo"),
        ("swap-9", (), "proposed nothing by this number"),
        ("swap-9", ("--keep", "--undo"), "give one of them"),
    ],
)
def test_a_wrong_reassignment_is_one_line_and_changes_nothing(
    season, capsys, monkeypatch, what, options, why
):
    from flows.cli import main

    keys = ["", *map(season.key, range(1, 5))]
    call = [word.format(*keys) for word in (what, *options)]
    words = ["gradphoto", "season", "reassign", str(season.folder), *call, "--why", "看过"]
    monkeypatch.setattr(sys, "argv", [*words, "--lang", "en"])
    before = season.verdicts()
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (2, 1)
    assert why in said
    assert season.verdicts() == before


@BOTH
def test_a_history_says_who_and_when_and_cuts_no_name(season, gradphoto, lang, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    gradphoto("review", season.key(2), "--reject", "--why", "不是近照", "--by", "李老师")
    told = gradphoto("history", season.key(2), "--lang", lang, "--full-names").splitlines()
    assert any(line.strip() == f"{FOLDER}/{season.key(2)}.jpg" for line in told)
    (decided,) = (line.strip() for line in told if "李老师" in line)
    word = {"zh": "退回", "en": "rejected"}[lang]
    assert re.fullmatch(rf"李老师 \d{{4}}-\d\d-\d\d \d\d:\d\d {word}: 不是近照", decided)


@BOTH
def test_a_hand_over_says_how_many(gradphoto, lang):
    said = gradphoto("uploaded", "--lang", lang).splitlines()
    assert said[0] == {
        "zh": "已记下：新上交 1 名学生的成品照片",
        "en": "noted: registration files handed over now: 1",
    }[lang]  # fmt: skip


@BOTH
def test_a_roster_says_how_many_students_it_has(season, gradphoto, lang, tmp_path):
    (tmp_path / "new.csv").write_text(f"学号\n{season.key(1)}\n", encoding="utf-8")
    said = gradphoto("roster", tmp_path / "new.csv", "--lang", lang).splitlines()
    assert said[0] == {
        "zh": "名单已更换：学生 1 人",
        "en": "the roster is in place: 1 students",
    }[lang]  # fmt: skip


@BOTH
def test_a_rejudgement_begins_with_no_empty_line_and_ends_with_what_was_done(gradphoto, lang):
    said = gradphoto("rejudge", "--lang", lang).splitlines()
    assert said[0].strip()
    assert said[-1] == {
        "zh": "未作改动；加 --apply 执行",
        "en": "nothing changed; --apply does it",
    }[lang]  # fmt: skip


@BOTH
def test_proofs_end_with_where_the_students_stand(season, gradphoto, lang, tmp_path):
    (tmp_path / "p.csv").write_text(f"学号,结果\n{season.key(1)},正确\n", encoding="utf-8")
    last = gradphoto("proofs", tmp_path / "p.csv", "--lang", lang).splitlines()[-1]
    assert {"zh": "合格 1", "en": "passed 1"}[lang] in last


@BOTH
@pytest.mark.parametrize(
    ("command", "made"),
    [
        ("lists", {"zh": "工作簿 1 个", "en": "workbooks: 1"}),
        ("notices", {"zh": "通知 ", "en": "notices: "}),
    ],
)
def test_lists_and_notices_say_how_many_and_whether_they_name_people(
    season, capsys, monkeypatch, lang, command, made
):
    from flows.cli import main

    words = ["gradphoto", command, str(season.folder), "--names", "masked", "--lang", lang]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code in {0, None}, said.err
    first, where = said.out.splitlines()[-2:]
    assert first.startswith(made[lang])
    assert {"zh": "姓名已隐去", "en": "names are masked"}[lang] in first
    assert where.startswith(str(season.folder))
