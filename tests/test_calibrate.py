"""What limits cost: pure numbers, and the same from photos as from their findings.csv."""

import csv
import stat

import numpy as np
import pytest

from flows.measuring.calibrate import (
    Measures,
    ladder,
    of_examinations,
    of_findings_csv,
    print_calibration,
    write_csv,
)
from pipeline.core.bands import Band
from pipeline.core.errors import UsageError
from pipeline.core.records import Examination
from pipeline.core.rules import Mode, Remedy, Rule, Text
from reports.masking import Presentation

RULE = Rule(
    "ZZ001", Remedy.RETAKE, Text("红", "red"), Text("别红", "be not red"),
    Text("调白平衡", "set the white"), Text("红度", "redness"),
    "%", "test",
)  # fmt: skip
AT_MOST_50 = Band(high=50, source="test", confidence="P")
HUNDRED = Measures("ZZ001", (None, 50.0), np.arange(1, 101, dtype=float))


def examined(values, band=AT_MOST_50):
    return [
        Examination(f"{n}.jpg", "", Mode.FINAL, (RULE.judge(value, band),))
        for n, value in enumerate(values)
    ]


def test_percentiles_and_shares_of_a_hundred_values():
    p1, p5, *_, p50, _, p95, p99 = HUNDRED.percentiles()
    assert (p1, p50, p99) == pytest.approx((1.99, 50.5, 99.01))
    assert (p5, p95) == pytest.approx((5.95, 95.05))
    assert HUNDRED.share_broken((None, 50)) == 0.5, "the limit itself is allowed"
    assert HUNDRED.share_broken((None, 49.5)) == 0.51
    assert HUNDRED.share_broken((10, 90)) == pytest.approx(0.19)
    assert HUNDRED.share_broken((None, None)) == 0


def test_the_ladder_goes_from_half_of_a_limit_to_twice():
    assert ladder((None, 20.0)) == (
        (None, 10), (None, 14), (None, 17), (None, 20), (None, 24), (None, 30), (None, 40),
    )  # fmt: skip
    assert ladder((-8.0, 8.0))[0] == (-4, 4)
    assert ladder((200.0, 300.0))[-1] == (150, 350), "a window keeps its middle"
    assert ladder((None, None)) == ladder((None, 0.0)) == ()


@pytest.mark.parametrize("limit", [(None, 50.0), (30.0, None), (20.0, 80.0), (-8.0, 8.0)])
def test_a_wider_limit_never_breaks_more(limit):
    steps = ladder(limit)
    assert limit in steps
    shares = [HUNDRED.share_broken(step) for step in steps]
    assert shares == sorted(shares, reverse=True)


def test_values_are_kept_apart_by_the_limit_that_they_were_held_against():
    narrow = Band(high=5, source="test", confidence="P")
    measures = of_examinations([*examined([1, 2]), *examined([3], narrow)])
    assert [(m.limit, m.values.tolist()) for m in measures] == [
        ((None, 5), [3]),
        ((None, 50), [1, 2]),
    ]
    assert of_examinations([]) == ()


def test_a_findings_csv_gives_the_same_as_the_photos(tmp_path, spec, jpeg, framed, sitter):
    """Through the real lists of a run of `check`."""
    from checks import CHECKS
    from flows.shoot.output import staging_in
    from flows.shoot.reading import prepare
    from flows.shoot.request import Request
    from flows.shoot.steps import finish, setting_of
    from flows.shoot.worker import examine_one, start
    from pipeline.rules import photo_rules

    inbox, out = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    for n, zoom in enumerate((0.5, 0.65, 0.8)):
        (inbox / f"20230{n}.jpg").write_bytes(jpeg(framed(sitter(), zoom=zoom), quality=85))
    (inbox / "202303.jpg").write_bytes(b"no picture")
    roster = tmp_path / "roster.csv"
    roster.write_text("学号,姓名\n" + "".join(f"20230{n},某\n" for n in range(4)), encoding="utf-8")
    shoot = prepare(Request(inbox, roster, "chsi_graduate", "final"))
    with staging_in(out) as staging:
        start(setting_of(shoot, staging))
        examinations = [examine_one(s) for s in shoot.submissions]
        finish(shoot, examinations, out, staging, Presentation())
    codes = {rule.code for rule in photo_rules(CHECKS)}
    written = [m for m in of_findings_csv(out / "findings.csv") if m.code in codes]
    direct = of_examinations(examinations)
    assert [(m.code, m.limit) for m in written] == [(m.code, m.limit) for m in direct]
    for one, other in zip(written, direct, strict=True):
        assert np.array_equal(one.values, other.values), one.code
    assert len(next(m for m in direct if m.code == "FC006").values) == 3


def test_nothing_but_numbers_is_shown_within_80_columns(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    print_calibration(of_examinations(examined(range(100))), {"ZZ001": RULE}, "zh")
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "ZZ001  红度 (%)  100 张"
    assert lines[3].split() == ["限值", "≤25", "≤35", "≤42.5", "≤50", "≤60", "≤75", "≤100"]
    assert lines[4].split()[1:] == ["74.0%", "64.0%", "57.0%", "49.0%", "39.0%", "24.0%", "0.0%"]
    assert max(map(len, lines)) <= 80
    assert ".jpg" not in "".join(lines)


def test_the_csv_has_a_row_for_each_limit_and_is_for_the_user_alone(tmp_path):
    file = tmp_path / "limits.csv"
    write_csv(of_examinations(examined(range(100))), {"ZZ001": RULE}, file)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["high"] for row in rows] == ["25", "35", "42.5", "50", "60", "75", "100"]
    (present,) = (row for row in rows if row["present"] == "1")
    assert (present["high"], present["share"], present["photos"]) == ("50", "0.49", "100")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("photo,code,measured\n", "no column high, low"),
        ("code,measured,low,high\nBG001,blue,,20\n", "line 2"),
        ("code,measured,low,high\nBG001,nan,,20\n", "line 2"),
        ("code,measured,low,high\nBG001,1\n", None),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path, text, says):
    file = tmp_path / "findings.csv"
    file.write_text(text, encoding="utf-8")
    if says is None:
        assert of_findings_csv(file)[0].limit == (None, None)
        return
    with pytest.raises(UsageError, match=says):
        of_findings_csv(file)


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"limits\.csv"):
        write_csv((HUNDRED,), {"ZZ001": RULE}, tmp_path / "file" / "limits.csv")
