"""A person gives photos to other students: what follows, what stays, and what is taken back."""

import threading
from datetime import timedelta

import pytest
from reassigning import photo

from flows.desk.publish import publish_decisions
from flows.season.changes import new_roster
from flows.season.reassign import Move, OvertakenError, move, reassign, take_back
from flows.season.rejudge import rejudge_season
from flows.season.review import decide, review
from flows.season.steps import open_season
from pipeline.batch.reviews import DecisionKind
from pipeline.core.errors import UsageError
from pipeline.core.rules import Verdict
from pipeline.ledger.accounts import last_looks
from pipeline.ledger.database import open_database
from pipeline.ledger.decisions import review_log, seen_now
from pipeline.ledger.proofs import Proof, add_proofs
from pipeline.ledger.sightings import read_sightings
from pipeline.ledger.verdicts import first_passed

ASSIGN, KEEP, UNDO = DecisionKind.ASSIGN, DecisionKind.KEEP, DecisionKind.UNDO
SWAPPED = {"1": "fail", "2": "fail", "3": "pass", "4": "missing"}
RIGHT = {"1": "pass", "2": "pass", "3": "pass", "4": "missing"}


@pytest.fixture
def hours(swapped):
    """Moments after the first round, an hour apart."""
    return (swapped.start + timedelta(hours=n) for n in range(48, 400))


@pytest.fixture
def do(swapped, hours):
    """Re-assign as the command does."""

    def run(what, **how):
        how = {"why": "看过", "who": "李老师", "ledger": swapped.ledger, "now": next(hours)} | how
        return reassign(swapped.folder, what, **how)

    return run


@pytest.fixture
def engine(swapped):
    opened = open_database(swapped.folder, swapped.ledger, create=False)
    yield opened
    opened.dispose()


def owners(season) -> dict[str, str]:
    """Photo by student, both by their last digit, as the registration files have it."""
    photos = {r["photo"]: r["student_id"] for r in season.rows("photos.csv")}
    return {photo.removesuffix(".jpg")[-1]: student[-1:] for photo, student in photos.items()}


def files(season) -> dict[str, str]:
    """Content of the registration file by student."""
    return {r["student_id"][-1]: r["sha256"] for r in season.rows("upload/manifest.csv")}


def proposals(season) -> list[str]:
    return [row["cause"] for row in season.rows("proposals.csv")]


def publish(season, hours) -> None:
    publish_decisions(season.folder, season.ledger, now=next(hours))


def test_nothing_is_reassigned_without_a_persons_word(swapped):
    assert swapped.verdicts() == SWAPPED
    assert owners(swapped) == {"1": "1", "2": "2", "3": "3"}
    assert proposals(swapped) == ["swap-1", "swap-1"]
    assert files(swapped).keys() == {"3"}
    swapped.put("note.txt", b"x")
    swapped.round()
    assert owners(swapped)["1"] == "1"


def test_a_swap_is_accepted_whole_and_lists_and_files_follow(swapped, do, engine):
    assert do("swap-1") == 2
    assert swapped.verdicts() == RIGHT
    assert owners(swapped) == {"1": "2", "2": "1", "3": "3"}
    assert proposals(swapped) == []
    made = files(swapped)
    assert len({made["1"], made["2"], made["3"]}) == 3
    student = {r["student_id"][-1]: r["photo"] for r in swapped.rows("students.csv")}
    assert student["1"] == f"{swapped.key(2)}.jpg"
    said = [r for r in swapped.rows("findings.csv") if r["code"] == "RC004"]
    assert {r["outcome"] for r in said} == {"passed"}, "the number in its name is not held against"
    assert sorted(r["because"] for r in said)[1:] == ["人工改归此生"] * 2
    with engine.connect() as connection:
        (first, one), (second, _) = review_log(connection)
        looks = last_looks(connection, 9)
        assert read_sightings(connection) == []
    assert (first, second) == (1, 2)
    assert (one.kind, one.student, one.why, one.who) == (ASSIGN, swapped.key(2), "看过", "李老师")
    assert {(look.who, look.what, look.of_whom) for look in looks} == {
        ("李老师", f"改归 {swapped.key(2)}", swapped.key(1)),
        ("李老师", f"改归 {swapped.key(1)}", swapped.key(2)),
    }


def test_it_stands_through_rounds_lists_and_other_limits(swapped, do, tmp_path):
    do("swap-1")
    swapped.put(f"{swapped.key(4)}.jpg", photo(4))
    swapped.round(now=swapped.start + timedelta(days=30))
    new_roster(swapped.folder, tmp_path / "s" / "roster.csv", ledger=swapped.ledger)
    rejudge_season(swapped.folder, None, apply=True, ledger=swapped.ledger)
    assert swapped.verdicts() == RIGHT | {"4": "pass"}
    assert owners(swapped) == {"1": "2", "2": "1", "3": "3", "4": "4"}


def test_a_later_photo_of_the_student_takes_its_place_as_that_of_any_other(swapped, do):
    do(f"{swapped.key(3)}.jpg", to=swapped.key(4))
    assert swapped.verdicts() == SWAPPED | {"3": "missing", "4": "fail"}, "it is not the person"
    swapped.put(f"{swapped.key(4)} again.jpg", photo(4))
    swapped.round(now=swapped.start + timedelta(days=30))
    assert swapped.verdicts() == SWAPPED | {"3": "missing", "4": "pass"}


def test_one_alone_may_be_given_and_speaks_for_its_student(swapped, do):
    do(f"{swapped.key(1)}.jpg", to=swapped.key(2))
    assert swapped.verdicts() == {"1": "missing", "2": "pass", "3": "pass", "4": "missing"}
    assert owners(swapped)["2"] == "2", "the other one stays, and does not speak"


def test_what_is_given_takes_the_place_of_a_photo_of_another_round(swapped, do):
    swapped.put(f"{swapped.key(4)}.jpg", photo(3, "again"))
    swapped.round(now=swapped.start + timedelta(days=3))
    do(f"{swapped.key(4)}.jpg", to=swapped.key(3), now=swapped.start + timedelta(days=4))
    student = {r["student_id"][-1]: r["photo"] for r in swapped.rows("students.csv")}
    assert student["3"] == f"{swapped.key(4)}.jpg", "though the earlier one had passed"
    assert student["4"] == ""


def test_undone_what_stood_before_stands_again(swapped, do, engine):
    do("swap-1")
    # Once the lists have followed, the photo speaks for another student: it goes by its path.
    assert do(f"{swapped.key(1)}.jpg", kind=UNDO) == 2
    assert swapped.verdicts() == SWAPPED
    assert owners(swapped) == {"1": "1", "2": "2", "3": "3"}
    assert proposals(swapped) == ["swap-1", "swap-1"]
    with engine.connect() as connection:
        assert [d.kind for _, d in review_log(connection)] == [ASSIGN, ASSIGN, UNDO, UNDO]
    with pytest.raises(UsageError, match="no re-assignment to undo"):
        do(f"{swapped.key(1)}.jpg", kind=UNDO)


def test_what_was_decided_since_is_undone_first(swapped, do, engine, hours):
    do("swap-1")
    review(
        swapped.folder, f"{swapped.key(2)}.jpg", accept=False, why="刘海", who="王老师",
        ledger=swapped.ledger, now=next(hours),
    )  # fmt: skip
    assert swapped.verdicts() == RIGHT | {"1": "retake"}
    with pytest.raises(UsageError, match="undo that first"):
        do(f"{swapped.key(1)}.jpg", kind=UNDO)
    assert swapped.verdicts() == RIGHT | {"1": "retake"}, "neither half is undone"


def test_left_where_it_stands_it_waits_under_its_student_and_nothing_moves(swapped, do):
    do("swap-1", kind=KEEP)
    assert swapped.verdicts() == SWAPPED
    assert owners(swapped) == {"1": "1", "2": "2", "3": "3"}


def test_what_was_decided_under_another_student_counts_no_more(swapped, do, hours):
    review(
        swapped.folder, f"{swapped.key(3)}.jpg", accept=True, why="看过", who="李老师",
        ledger=swapped.ledger, now=next(hours),
    )  # fmt: skip
    review(
        swapped.folder, f"{swapped.key(1)}.jpg", accept=True, why="像本人", who="李老师",
        ledger=swapped.ledger, now=next(hours),
    )  # fmt: skip
    assert swapped.verdicts()["1"] == "pass"
    do(f"{swapped.key(1)}.jpg", to=swapped.key(4))
    assert swapped.verdicts()["4"] == "fail", "what was let pass is held against it here"
    do(f"{swapped.key(1)}.jpg", kind=UNDO)
    assert swapped.verdicts()["1"] == "pass", "and stands again"


def seen(engine, *submissions):
    with engine.connect() as connection:
        return [seen_now(connection, one) for one in submissions]


def test_of_two_at_once_the_second_is_told_and_nothing_is_half_done(swapped, engine, hours):
    versions, told, started = seen(engine, 1, 2), [], threading.Barrier(2)
    moment = next(hours)

    def one(who, first, second):
        moves = [
            Move(first, swapped.key(second), versions[first - 1]),
            Move(second, swapped.key(first), versions[second - 1]),
        ]
        started.wait()
        try:
            with engine.begin() as connection:
                move(connection, moves, ASSIGN, why="x", who=who, now=moment)
        except OvertakenError:
            told.append(who)

    threads = [threading.Thread(target=one, args=a) for a in (("李", 1, 2), ("王", 2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    with engine.connect() as connection:
        log = [d for _, d in review_log(connection)]
    assert len(log) == 2
    assert told[0] not in {d.who for d in log}


def test_where_one_was_decided_on_meanwhile_none_moves(swapped, engine, hours):
    with open_season(swapped.folder, swapped.ledger, writing=False) as season:
        versions = seen(engine, 1, 2)
        with engine.begin() as connection:
            decide(
                season, connection, 2, versions[1], DecisionKind.FAIL, why="", who="王",
                now=next(hours),
            )  # fmt: skip
        moves = [Move(n, swapped.key(3 - n), versions[n - 1]) for n in (1, 2)]
        with pytest.raises(OvertakenError), engine.begin() as connection:
            move(connection, moves, ASSIGN, why="x", who="李", now=next(hours))
    publish(swapped, hours)
    assert owners(swapped) == {"1": "1", "2": "2", "3": "3"}


def test_before_it_is_judged_anew_nothing_is_decided_on_it(swapped, engine, hours):
    moves = [Move(n, swapped.key(3 - n), v) for n, v in enumerate(seen(engine, 1, 2), 1)]
    with engine.begin() as connection:
        move(connection, moves, ASSIGN, why="x", who="李", now=next(hours))
    (now,) = seen(engine, 1)
    with open_season(swapped.folder, swapped.ledger, writing=False) as season:
        for kind in (DecisionKind.ACCEPT, DecisionKind.RETAKE, DecisionKind.FAIL):
            with (
                pytest.raises(UsageError, match="not judged anew"),
                engine.begin() as connection,
            ):
                decide(season, connection, 1, now, kind, why="x", who="李", now=next(hours))
    with engine.begin() as connection:
        take_back(connection, 2, why="撤销", who="李", now=next(hours))
    publish(swapped, hours)
    assert swapped.verdicts() == SWAPPED


def test_who_came_first_counts_from_when_it_passed_under_its_own_student(season):
    season.put(f"{season.key(1)}.jpg", photo(1))
    season.round(now=season.start)
    reassign(
        season.folder, f"{season.key(1)}.jpg", to=season.key(2), why="看过", who="李",
        ledger=season.ledger, now=season.start + timedelta(days=1),
    )  # fmt: skip
    engine = open_database(season.folder, season.ledger, create=False)
    with engine.connect() as connection:
        assert first_passed(connection) == {1: 2}, "not the round in which it came"
    engine.dispose()


def test_what_it_comes_to_there_is_another_verdict_though_it_be_the_same(swapped, do, engine):
    swapped.put(f"{swapped.key(4)}.jpg", photo(9))  # nobody of the roster
    swapped.round(now=swapped.start + timedelta(hours=60))
    (before,) = seen(engine, 4)
    do(f"{swapped.key(4)}.jpg", to=swapped.key(3), now=swapped.start + timedelta(hours=61))
    (after,) = seen(engine, 4)
    assert after.verdict > before.verdict
    assert swapped.history(3).tries[-1].verdicts[-1] == (Verdict.FAIL, ("DU005",))


def test_what_a_student_said_of_the_other_photo_is_said_of_it_no_more(season):
    for n in (1, 2):
        season.put(f"{season.key(n)}.jpg", photo(3 - n))
    season.round(now=season.start)
    said = Proof(season.key(1), right=False, why="互换", at=season.start + timedelta(days=1))
    with open_season(season.folder, season.ledger) as opened, opened.engine.begin() as connection:
        add_proofs(connection, [said])
    for n in (1, 2):
        reassign(
            season.folder, f"{season.key(n)}.jpg", to=season.key(3 - n), why="看过", who="李",
            ledger=season.ledger, now=season.start + timedelta(days=1 + n),
        )  # fmt: skip
    states = {r["student_id"][-1]: r["state"] for r in season.rows("states.csv")}
    assert states == {"1": "passed", "2": "passed", "3": "missing", "4": "missing"}
    assert season.history(1).state == "passed"
    assert owners(season) == {"1": "2", "2": "1"}


@pytest.mark.parametrize("back", [False, True])
def test_a_student_who_left_the_roster_is_told_and_the_photo_is_nobodys(
    swapped, do, tmp_path, back
):
    do("swap-1")
    roster = tmp_path / "s" / "roster.csv"
    whole = roster.read_text("utf-8-sig")
    gone = "".join(line for line in whole.splitlines(True) if not line.startswith(swapped.key(2)))
    roster.write_text(gone, "utf-8-sig")
    new_roster(swapped.folder, roster, ledger=swapped.ledger)
    if back:
        roster.write_text(whole, "utf-8-sig")
        new_roster(swapped.folder, roster, ledger=swapped.ledger)
        assert swapped.verdicts() == RIGHT
        return
    assert swapped.verdicts() == {"1": "pass", "3": "pass", "4": "missing"}
    assert owners(swapped) == {"1": "", "2": "1", "3": "3"}
    (told,) = (
        r["because"]
        for r in swapped.rows("findings.csv")
        if r["photo"] == f"{swapped.key(1)}.jpg" and r["code"] == "RC001"
    )
    assert "人工改归的学生不在名单中" in told


def test_a_run_is_given_whole(tmp_path, ledger, new_season, faces_on_record, hours_of_run):
    season = new_season(tmp_path / "s", ledger, identity=True, references=faces_on_record)
    for n, who in ((1, 2), (2, 3), (3, 4), (4, 1)):
        season.put(f"{season.key(n)}.jpg", photo(who))
    season.round()
    causes = set(proposals(season))
    assert len(causes) == 1
    count = reassign(
        season.folder, causes.pop(), why="看过", who="李", ledger=ledger, now=hours_of_run
    )
    assert count == 4
    assert set(season.verdicts().values()) == {"pass"}
    assert owners(season) == {"1": "2", "2": "3", "3": "4", "4": "1"}


@pytest.fixture
def hours_of_run(new_season):
    return new_season.start + timedelta(hours=50)


@pytest.mark.parametrize(
    ("what", "how", "said"),
    [
        ("swap-7", {}, "proposed nothing"),
        ("1", {"to": "2023990000002"}, "no photo has this path"),
        ("2023990000001", {"to": "9"}, "no student of this number"),
        ("2023990000001", {"to": "2023990000001"}, "stands under this student"),
        ("2023990000001", {}, "--to"),
        ("swap-1", {"why": " "}, "--why"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(swapped, do, what, how, said):
    with pytest.raises(UsageError) as told:
        do(what, **how)
    assert said in told.value.why.en
    assert swapped.verdicts() == SWAPPED
    assert owners(swapped) == {"1": "1", "2": "2", "3": "3"}
