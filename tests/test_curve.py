"""The curve of the board: steps between days, upright lines at the deadlines."""

from datetime import date

from flows.desk.board_counts import Day
from flows.desk.curve import curve_of
from pipeline.core.rules import Text

DAYS = (Day(date(2027, 3, 2), (3, 1, 0, 0)), Day(date(2027, 3, 4), (4, 2, 1, 0)))
LAST = date(2027, 3, 11)
DEADLINE, MAKE_UP = Text("最后截止", "last day"), Text("个人补拍截止", "last make-up")


def test_a_line_has_steps_and_ends_today():
    curve = curve_of(DAYS, {DEADLINE: LAST}, 4, date(2027, 3, 6))
    collected = curve.lines[0]
    points = [tuple(map(float, point.split(","))) for point in collected.points.split()]
    assert points[0] == (curve.left, curve.foot)
    assert points[1][0] == points[2][0], "upright on the day"
    assert points[2][1] == points[3][1], "level until the next"
    assert points[-1] == (curve.marks[0].x, curve.top), "all students: at the top, today"
    assert [(one.name.zh, one.count) for one in curve.lines] == [
        ("交过照片", 4), ("合格", 2), ("已上传", 1), ("校对正确", 0),
    ]  # fmt: skip


def test_lines_differ_without_colours_too():
    lines = curve_of(DAYS, {}, 4, LAST).lines
    assert len({one.dashes for one in lines}) == len(lines)


def test_deadlines_stand_upright_with_their_words_each_in_its_row():
    curve = curve_of(DAYS, {DEADLINE: LAST, MAKE_UP: LAST}, 4, LAST)
    assert [one.words.zh for one in curve.marks] == [
        "今天 03-11",
        "最后截止 03-11",
        "个人补拍截止 03-11",
    ]
    assert len({one.y for one in curve.marks}) == 3
    assert {(one.x, one.anchor) for one in curve.marks} == {(curve.right, "end")}


def test_a_deadline_that_is_over_stands_before_today():
    curve = curve_of(DAYS, {DEADLINE: date(2027, 3, 3)}, 4, date(2027, 3, 9))
    assert [one.words.zh for one in curve.marks] == ["最后截止 03-03", "今天 03-09"]
    assert curve.marks[0].x < curve.marks[1].x == curve.right


def test_there_is_none_before_the_first_photo():
    assert curve_of((), {DEADLINE: LAST}, 4, LAST) is None
