"""A list of scans, also while it is being written."""

from datetime import datetime

import pytest

from pipeline.core.errors import RosterError
from pipeline.intake.scans import read_scans

ROWS = ["2023141460002,2026-10-08 09:01:00", "2023141460001,2026/10/08 09:00:05"]


def written(tmp_path, *rows, head="学号,扫码时间"):
    path = tmp_path / "scans.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def test_scans_come_in_the_order_of_their_times(tmp_path):
    assert read_scans(written(tmp_path, *ROWS)) == (
        (datetime.fromisoformat("2026-10-08T09:00:05"), "2023141460001"),
        (datetime.fromisoformat("2026-10-08T09:01:00"), "2023141460002"),
    )


@pytest.mark.parametrize("last", ["2023141460003", "2023141460003,", "2023141460003,2026-10-08 0"])
def test_a_last_row_that_is_being_written_waits(tmp_path, last):
    assert len(read_scans(written(tmp_path, *ROWS, last))) == 2


def test_a_row_in_the_middle_that_has_no_time_is_refused(tmp_path):
    with pytest.raises(RosterError, match="row 2"):
        read_scans(written(tmp_path, "2023141460003,now", *ROWS))


def test_a_list_without_times_is_refused(tmp_path):
    with pytest.raises(RosterError, match="times"):
        read_scans(written(tmp_path, "2023141460003,x", head="学号,姓名"))
