"""The counts of the board: since when students are so far, and who waits for whom."""

from datetime import date, timedelta

import pytest
from desk_client import START, Clock, two_colleges

from fixtures.stub_examiner import photo_of, stub_pool
from flows.desk.board_counts import classes_of, days_of, waits_of
from flows.desk.groups import queue_of
from flows.season.changes import uploaded
from flows.season.review import review
from flows.season.steps import ingest
from pipeline.core.rules import Verdict
from pipeline.ledger.accounts import find_account
from pipeline.ledger.board import Since
from pipeline.ledger.proofs import Proof, add_proofs

DAY = date(2027, 3, 2)


@pytest.fixture
def at_desk(tmp_path):
    desk = two_colleges(tmp_path, Clock())
    yield desk
    desk.engine.dispose()


def board(desk):
    with desk.engine.connect() as connection:
        return desk.board(connection)


def since(desk):
    return [one.since for one in board(desk).people]


def test_a_student_has_come_so_far_since_the_day_on_which_it_happened(at_desk):
    assert since(at_desk) == [Since(DAY), Since(DAY, DAY), Since(DAY), Since()]
    uploaded(at_desk.folder, now=START + timedelta(days=3))
    handed = Since(DAY, DAY, DAY + timedelta(2))
    assert since(at_desk)[1] == handed
    with at_desk.engine.begin() as connection:
        add_proofs(connection, [Proof("2023990000002", True, "", START + timedelta(days=5))])
    assert since(at_desk)[1] == Since(DAY, DAY, DAY + timedelta(2), DAY + timedelta(4))


def test_a_later_photo_leaves_the_day_of_the_first_and_passes_on_its_own(at_desk):
    inbox = at_desk.folder.parent / "inbox"
    (inbox / "2023990000003.jpg").write_bytes(photo_of(Verdict.PASS, 9))
    ingest(at_desk.folder, inbox, pool=stub_pool, now=START + timedelta(days=4))
    assert since(at_desk)[2] == Since(DAY, DAY + timedelta(3))


def test_what_was_called_wrong_passed_on_no_day(at_desk):
    with at_desk.engine.begin() as connection:
        add_proofs(connection, [Proof("2023990000002", False, "", START + timedelta(days=5))])
    assert since(at_desk)[1] == Since(DAY)


def test_days_are_summed_up_to_what_the_board_counts(at_desk):
    uploaded(at_desk.folder, now=START + timedelta(days=3))
    days = days_of(board(at_desk).people)
    assert [(one.day, one.counts) for one in days] == [
        (DAY, (3, 1, 0, 0)),
        (DAY + timedelta(2), (3, 1, 1, 0)),
    ]
    assert days_of([]) == ()


def test_classes_are_counted_apart(at_desk):
    lines = classes_of(board(at_desk).people)
    assert [(one.college, one.name, one.all) for one in lines] == [
        ("文学院", "汉语1班", 2),
        ("理学院", "数学2班", 2),
    ]


def test_what_waits_is_counted_by_college_and_for_whom(at_desk):
    season = at_desk.season()
    with at_desk.engine.connect() as connection:
        admin = find_account(connection, "admin")[0]
        queue = queue_of(at_desk, season, connection, admin)
        lines = waits_of(classes_of(at_desk.board(connection).people), queue)
    assert [(one.college, one.photos, one.students) for one in lines] == [
        ("文学院", 1, (1, 0, 0, 0, 1)),  # one passed: to be uploaded, and to be looked at
        ("理学院", 0, (0, 0, 1, 1, 0)),  # one is missing, one must come again
    ]


def test_a_board_reads_the_roster_once_while_it_is_the_same(at_desk):
    before = board(at_desk)
    uploaded(at_desk.folder, now=START + timedelta(days=3))
    after = board(at_desk)
    assert after is not before
    assert after.records is before.records


def test_a_run_has_its_files_and_what_students_came_to(at_desk):
    moment = START + timedelta(days=2)
    review(at_desk.folder, "2023990000001.jpg", accept=True, why="看过", who="李", now=moment)
    newest, first = board(at_desk).rounds[0], board(at_desk).rounds[-1]
    assert (first.kind, first.files, first.counts["pass"]) == ("ingest", 3, 1)
    assert (newest.kind, newest.files, newest.counts["pass"]) == ("review", 0, 2)
