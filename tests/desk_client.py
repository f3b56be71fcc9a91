"""A browser without a screen for tests of the desk: signs in, fills in forms, keeps cookies."""

import re

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from pipeline.core.roles import Role
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

    def fill(self, path: str, **values):
        return self.post(path, data={"csrftoken": self.token, **values})

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
