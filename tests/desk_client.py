"""A browser without a screen for tests of the desk: signs in, fills in forms, keeps cookies."""

import re
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from fixtures.stub_examiner import photo_of, stub_pool
from flows.desk.desk_state import open_desk
from flows.desk.self_check import Asked, Looked
from flows.season.steps import ingest, init
from pipeline.core.roles import Role
from pipeline.core.rules import Mode, Verdict
from pipeline.examine.setting import Setting
from pipeline.ledger.accounts import add_account, set_password

PASSWORD = "zhè-shì-mì-mǎ-2027"
_TOKEN = re.compile(r'name="csrftoken" value="([^"]+)"')
# As the desk makes it, but cheap: the cost stands in the hash.
_HASH = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)).hash(PASSWORD)


class Browser(TestClient):
    """Follows no redirect by itself."""

    def __init__(self, app) -> None:
        super().__init__(app, follow_redirects=False)
        self.token = ""

    def read(self, path: str):
        answer = self.get(path)
        if found := _TOKEN.search(answer.text):
            self.token = found[1]
        return answer

    def fill(self, path: str, photo: bytes | None = None, **values):
        files = None if photo is None else {"photo": ("IMG_0001.HEIC", photo)}
        return self.post(path, data={"csrftoken": self.token, **values}, files=files)

    def sign_in(self, name: str, password: str = PASSWORD):
        self.read("/sign-in")
        return self.fill("/sign-in", name=name, password=password)


def account(desk, name: str, role: Role, college: str = "") -> None:
    """Make an account that has chosen its password."""
    with desk.engine.begin() as connection:
        add_account(connection, name, role, college, _HASH, desk.clock())
        set_password(connection, name, _HASH, one_time=False)


def signed_in(app, name: str) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(name).status_code == 303
    browser.read("/password")  # a page with a form: its token is that of every form
    return browser


START = datetime(2027, 3, 1, 2, tzinfo=UTC)
ID = "110101200001011237"  # a made-up one
ROSTER = f"""学号,姓名,证件号,学院,班级,联系电话
2023990000001,甲一,{ID},文学院,汉语1班,13000000001
2023990000002,乙二,,文学院,汉语1班,13000000002
2023990000003,丙三,,理学院,数学2班,13000000003
2023990000004,丁四,,理学院,数学2班,13000000004
"""


class StubPool:
    """Looks at photos in this process, by their bytes; notes where they lay."""

    def __init__(self) -> None:
        self.opened, self.paths, self.modes = 0, [], []

    def __call__(self, _spec, _workers):
        self.opened += 1
        return self

    def submit(self, asked: Asked) -> Future[Looked]:
        path = asked.submission.path
        self.paths.append(path)
        self.modes.append((path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777))
        with stub_pool(Setting(asked.spec, Mode.SOURCE), 1) as pool:
            (done,) = pool.run([asked.submission])
        future: Future[Looked] = Future()
        future.set_result(Looked(done))
        return future

    def result(self, _asked: Asked, future: Future[Looked]) -> Looked:
        return future.result()

    def __exit__(self, *_: object) -> None:
        """End nothing: there is no process."""


class Clock:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.now = START + timedelta(days=2)

    def __call__(self) -> datetime:
        return self.now


def two_colleges(folder, clock: Clock):
    """Open the desk of a season of two colleges: a hat, a pass, a retake, one who is missing."""
    roster, inbox = folder / "r.csv", folder / "inbox"
    roster.write_text(ROSTER, encoding="utf-8-sig")
    inbox.mkdir()
    init(folder / "season", roster, "chsi_graduate", now=START, carry=["联系电话"])
    for number, verdict in ((1, Verdict.FAIL), (2, Verdict.PASS), (3, Verdict.RETAKE)):
        (inbox / f"202399000000{number}.jpg").write_bytes(photo_of(verdict, number))
    ingest(folder / "season", inbox, pool=stub_pool, now=START + timedelta(days=1))
    desk = replace(open_desk(folder / "season"), clock=clock)
    for role in Role:
        account(desk, role.value, role)
    account(desk, "理", Role.REGISTRY, "理学院")
    return desk
