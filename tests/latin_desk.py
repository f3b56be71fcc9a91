"""A desk at which everything is Latin, so that whatever Chinese stands on a page is the desk's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from desk_client import ID, START, Clock, StubPool, account
from reassigning import photo

from fixtures.stub_examiner import photo_near, stub_pool
from flows.desk.desk_state import open_desk
from flows.desk.self_check import SelfCheck
from flows.season.steps import ingest, init
from pipeline.core.roles import Role
from pipeline.core.rules import Verdict
from reports.masking import Presentation

ROSTER = "学号,姓名,证件号,学院,班级,联系电话\n" + "".join(
    f"202399000000{n},Student {n},{ID if n == 2 else ''},Arts,Class {n % 2},1300000000{n}\n"
    for n in range(1, 10)
)


@pytest.fixture
def latin(tmp_path, faces_on_record):
    """A desk of a swap, a stranger, one picture under two, and a photo of each verdict."""
    roster, inbox, folder = tmp_path / "r.csv", tmp_path / "inbox", tmp_path / "season"
    roster.write_text(ROSTER, encoding="utf-8-sig")
    inbox.mkdir()
    how = {"identity": True, "references": faces_on_record, "carry": ["联系电话"]}
    init(folder, roster, "chsi_graduate", now=START, **how)
    photos = {
        "2023990000001": photo(2),
        "2023990000002": photo(1),
        "2023990000003": photo(99, verdict=Verdict.FAIL),
        "2023990000004": photo_near("FC005", "shows 4"),
        "2023990000005": photo(5, verdict=Verdict.FAIL),
        "2023990000006": photo(6, verdict=Verdict.RETAKE),
        "2023990000007": photo(7),
        "2023990000008": photo(7),
        "nobody": photo(98),
    }
    for name, data in photos.items():
        (inbox / f"{name}.jpg").write_bytes(data)
    at = START + timedelta(days=1)
    ingest(folder, inbox, pool=stub_pool, now=at, presentation=Presentation("en"))
    desk = replace(open_desk(folder), lang="en", clock=Clock(), self_check=SelfCheck(StubPool()))
    for role in Role:
        account(desk, role.value, role)
    yield desk
    desk.engine.dispose()
