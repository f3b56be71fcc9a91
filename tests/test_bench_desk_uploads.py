"""The measurement of uploads to the desk, on a few students: all are answered, all is taken in."""

from desk_client import StubPool

from fixtures.stub_examiner import stub_pool
from flows.desk.self_check import SelfCheck
from flows.measuring.bench_desk_uploads import drain, fill, made_season, table_of, upload_times
from flows.season.views import status
from pipeline.ledger.handed_in import waiting


def test_students_at_once_are_all_answered_and_timed(tmp_path):
    photos = [f"photo {number}".encode() for number in range(3)]
    season = made_season(tmp_path, len(photos))
    done = upload_times(season, photos, lambda: SelfCheck(StubPool()))
    assert (done.refused, done.waits) == (0, 3)
    assert len(done.tried) == len(done.handed_in) == 3
    assert min(*done.tried, *done.handed_in) > 0
    assert table_of(done).row_count == 2


def test_a_queue_is_drained_and_its_cost_told(tmp_path):
    season = made_season(tmp_path, 12)
    fill(season, (f"photo {number}".encode() for number in range(12)))
    done = drain(season, stub_pool)
    assert (done.count, done.new) == (12, 12)
    assert done.seconds > 0
    assert done.peak_mb > 0
    assert waiting(season).photos == ()
    assert status(season).submissions == 12
