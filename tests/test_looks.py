"""When a served inbox is looked at next, and the one line that is said of a look."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.season.intake import Taken
from flows.season.looks import next_look, said_of_failed_look, said_of_look
from flows.season.steps import Ingested

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "every", "due"),
    [
        ("2026-10-08 20:20", 20, "2026-10-08 20:40"),
        ("2026-10-08 20:39:59", 20, "2026-10-08 20:40"),
        ("2026-10-08 20:45", 20, "2026-10-08 21:00"),
        ("2026-10-08 20:57", 25, "2026-10-08 21:00"),  # minutes of each hour, as cron has it
        ("2026-10-08 20:20", 25, "2026-10-08 20:25"),
        ("2026-12-31 23:50", 20, "2027-02-01 00:00"),  # no looks in January
        ("2026-06-30 23:59", 20, "2026-09-01 00:00"),  # nor in summer
        ("2026-07-15 12:00", 20, "2026-09-01 00:00"),
    ],
)
def test_the_next_look_is_that_of_the_schedule(now, every, due):
    from prefect.server.schemas.schedules import CronSchedule

    from flows.serving import yearly

    assert next_look(at(now), every) == at(due)
    dates = []
    for schedule in yearly(every):
        cron = CronSchedule(cron=schedule.cron, timezone=schedule.timezone)
        dates += list(cron._get_dates_generator(1, start=at(now) + timedelta(seconds=1)))
    assert min(dates) == at(due)


def look(arrived):
    return Ingested(Taken(34, 5, 0, 0, {}), 34, {}, (), arrived=arrived)


def test_a_look_is_one_line_of_counts():
    now, after = at("2026-10-08 20:20"), at("2026-10-08 20:40")
    said = said_of_look(look({"pass": 21, "retake": 9, "fail": 4}), now, after)
    assert said.zh == "20:20 新收 34 合格 21 需补拍 9 异常 4，下次 20:40"
    assert said.en == "20:20 new 34 pass 21 retake 9 fail 4, next 20:40"
    assert said_of_look(look({}), now, None).zh == "20:20 新收 34"
    assert said_of_failed_look(now, at("2027-02-01 00:00")).zh.endswith("，下次 02-01 00:00")
