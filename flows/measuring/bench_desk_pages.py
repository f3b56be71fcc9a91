"""``make bench-desk``: milliseconds until a page of the desk is answered, with 20,000 students.

The season is made by `ingest` with the models stood in for at their border
(`fixtures.stub_examiner`), and served as `gradphoto desk` serves it; a page is asked for over a
socket, by one browser, and timed until its last byte. Of each page the first answer stands apart:
a page that follows a change reads all students anew.
"""

import argparse
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
from rich.console import Console
from rich.table import Table

from fixtures.stub_examiner import photo_near, stub_pool
from flows.desk.desk_state import Desk, open_desk
from flows.desk.listening import Listening, serve
from flows.desk.passwords import hashed, one_time_password
from flows.season.steps import ingest, init
from flows.shoot.worker import PoolOf
from pipeline.core.roles import Role
from pipeline.ledger.accounts import add_account, set_password
from pipeline.ledger.proofs import Proof, add_proofs

STUDENTS = 20_000
AIM_MS = 200
_ROUNDS = 9
_A_CLASS, _A_COLLEGE = 40, 1_000  # students
_NO_PHOTO, _NEAR = 20, 50  # one student in so many
_NAME = "bench"
# What staff open all day; a student and a photo in the middle stand for all.
PAGES = (
    "/",
    "/next",
    "/group/FC005",
    "/photo/{middle}",
    "/board",
    "/students/passed",
    "/students/missing",
    "/student/{middle}",
    "/proofs",
    "/exports",
    "/audit",
)
_TOKEN = re.compile(r'name="csrftoken" value="([^"]+)"')


def made_season(folder: Path, students: int) -> Path:
    """Make a season whose students have been judged; gives its folder."""
    roster, inbox = folder / "roster.csv", folder / "inbox"
    inbox.mkdir()
    lines = ["学号,姓名,学院,班级,联系电话"]
    for n in range(students):
        key = f"2023{n:09}"
        lines.append(f"{key},姓名{n},学院{n // _A_COLLEGE},班{n // _A_CLASS},138{n:08}")
        if n % _NO_PHOTO:
            data = photo_near("FC005", n) if n % _NEAR == 1 else f"photo {n}".encode()
            (inbox / f"{key}.jpg").write_bytes(data)
    roster.write_text("\n".join(lines), "utf-8-sig")
    began = datetime.now(UTC) - timedelta(days=2)
    last = (began + timedelta(days=90)).date()
    init(
        folder / "season",
        roster,
        "chsi_graduate",
        deadline=last,
        make_up=last,
        now=began,
        carry=["联系电话"],
    )
    ingest(folder / "season", inbox, pool=cast("PoolOf", stub_pool), now=began)
    return folder / "season"


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """Serve a desk while it is measured; gives its address."""
    server, sockets, address = serve(desk, Listening())
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield address
    finally:
        server.should_exit = True
        thread.join()


def page_times(folder: Path, rounds: int) -> Mapping[str, list[float]]:
    """Ask for every page, once after a change and then ``rounds`` times; gives milliseconds."""
    desk = open_desk(folder)
    password = one_time_password()
    with desk.engine.begin() as connection:
        add_account(connection, _NAME, Role.ADMIN, "", hashed(password), desk.clock())
        set_password(connection, _NAME, hashed(password), one_time=False)
        people = [one.key for one in desk.board(connection).people]
    with closing(desk.self_check), served(desk) as address, httpx.Client(base_url=address) as tab:
        token = form_token(tab.get("/sign-in").text)
        tab.post("/sign-in", data={"name": _NAME, "password": password, "csrftoken": token})
        times: dict[str, list[float]] = {}
        for path in PAGES:
            where = path.format(middle=len(people) // 2)
            _answer(desk, people[0])
            times[path] = [_milliseconds(tab, where) for _ in range(rounds + 1)]
    desk.engine.dispose()
    return times


def form_token(page: str) -> str:
    """Return the token of the forms of a page."""
    found = _TOKEN.search(page)
    assert found is not None
    return found[1]


def _answer(desk: Desk, student: str) -> None:
    """Change something: a student says something else than before."""
    with desk.engine.begin() as connection:
        now = desk.clock()
        add_proofs(connection, [Proof(student, right=False, why=now.isoformat(), at=now)])


def _milliseconds(tab: httpx.Client, path: str) -> float:
    start = time.perf_counter()
    answer = tab.get(path)
    taken = 1000 * (time.perf_counter() - start)
    assert answer.status_code in {200, 303}, path
    return taken


def main() -> None:
    """Print the median and the worst of each page, and its first answer after a change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = page_times(made_season(Path(folder), asked.students), asked.rounds)
    table = Table("page", "median ms", "worst", "after a change", box=None)
    for path, (first, *rest) in times.items():
        figures = statistics.median(rest), max(rest), first
        table.add_row(path, *(f"{one:.0f}" for one in figures))
    say = Console(highlight=False).print
    say(f"{asked.students:,} students, {asked.rounds} rounds, aim {AIM_MS} ms")
    say(table)


if __name__ == "__main__":
    main()
