"""A season's memory does not hold what a photo was found to be: it is asked for, and let go."""

import gc

from checks import CHECKS
from pipeline.batch import judge
from pipeline.core.records import Detail
from pipeline.core.rules import Finding
from pipeline.ledger import examinations
from pipeline.rules import photo_rules

PHOTOS, AT_ONCE = 300, 20


def findings_alive() -> int:
    gc.collect()
    return sum(isinstance(one, Finding) for one in gc.get_objects())


def test_the_findings_of_a_season_are_never_all_in_memory(season, monkeypatch):
    """Each list reads all of them, a few photos' at a time."""
    monkeypatch.setattr(examinations, "AT_ONCE", AT_ONCE)
    monkeypatch.setattr("flows.season.photos.AT_ONCE", AT_ONCE)
    alive, given = [], 0

    def watched(*shown):
        nonlocal given
        given += 1
        if given % 50 == 0:
            alive.append(findings_alive())
        return Detail(*shown)

    monkeypatch.setattr(judge, "Detail", watched)
    for number in range(PHOTOS):
        season.put(f"{number}.jpg", f"photo {number}".encode())
    before = findings_alive()
    season.round()
    assert given == 2 * PHOTOS  # findings.csv, report.html
    whole = PHOTOS * len(photo_rules(CHECKS))
    assert max(alive) - before < whole / 4
    assert len(season.rows("findings.csv")) > whole
