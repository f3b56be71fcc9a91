"""The measurement of the desk's pages, on a few students: it asks for every page there is."""

from flows.measuring.bench_desk_pages import PAGES, made_season, page_times
from flows.season.views import status
from pipeline.batch.rounds import StudentState


def test_every_page_is_answered_once_after_a_change_and_in_each_round(tmp_path):
    folder = made_season(tmp_path, 60)
    counted = status(folder).students
    assert counted[StudentState.MISSING] == 3
    assert counted[StudentState.REVIEW] >= 2
    times = page_times(folder, 2)
    assert list(times) == list(PAGES)
    assert all(len(some) == 3 and min(some) > 0 for some in times.values())
