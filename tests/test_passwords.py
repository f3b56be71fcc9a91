"""Accounts of the desk: the first, sign-in and its limits, passwords, sessions that end."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from desk_client import PASSWORD, Browser, account, signed_in

from flows.desk import passwords
from flows.desk.app import desk_app
from flows.desk.desk_state import first_admin, open_desk
from pipeline.core.errors import UsageError
from pipeline.core.roles import Role
from pipeline.ledger.accounts import all_accounts, find_account, last_looks


@pytest.fixture
def season(tmp_path, new_season):
    return new_season(tmp_path, None)


@pytest.fixture
def desk(season):
    opened = open_desk(season.folder, season.ledger)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def app(desk):
    return desk_app(desk)


def test_the_first_admin_replaces_the_printed_password_before_anything_else(desk, app):
    printed = first_admin(desk, " 李老师 ")
    browser = Browser(app)
    assert browser.sign_in("李老师", printed).headers["location"] == "/password"
    assert browser.get("/").headers["location"] == "/password"
    assert browser.read("/accounts").status_code == 403
    browser.read("/password")
    assert browser.fill("/password", old=printed, new=printed, again=printed).status_code == 400
    changed = browser.fill("/password", old=printed, new=PASSWORD, again=PASSWORD)
    assert changed.status_code == 303
    assert browser.read("/accounts").status_code == 200
    assert Browser(app).sign_in("李老师", printed).status_code == 403, "once is once"
    assert Browser(app).sign_in("李老师").status_code == 303
    with pytest.raises(UsageError, match="exists or existed"):
        first_admin(desk, "李老师")
    with pytest.raises(UsageError, match="a name is needed"):
        first_admin(desk, " ")


def test_a_password_is_kept_as_argon2id(desk):
    first_admin(desk, "a")
    with desk.engine.connect() as connection:
        _, kept = find_account(connection, "a")
    assert kept.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("new", "again", "status"),
    [
        ("a" * 11, "a" * 11, 400),
        ("a" * 12, "a" * 12, 303),
        ("a" * 256, "a" * 256, 303),
        ("a" * 257, "a" * 257, 400),
        ("a" * 12, "b" * 12, 400),
    ],
)
def test_a_chosen_password_has_12_to_256_characters_and_is_repeated(desk, app, new, again, status):
    account(desk, "r", Role.READER)
    browser = signed_in(app, "r")
    answer = browser.fill("/password", old=PASSWORD, new=new, again=again)
    assert answer.status_code == status


def test_after_five_failures_even_the_right_password_waits(desk, app):
    account(desk, "r", Role.READER)
    account(desk, "other", Role.READER)
    for _ in range(5):
        assert Browser(app).sign_in("r", "wrong").status_code == 403
    assert Browser(app).sign_in("r").status_code == 429
    assert Browser(app).sign_in("other").status_code == 303


def test_many_at_once_are_no_more_tries_than_one_after_the_other(desk, app):
    account(desk, "r", Role.READER)
    browsers = [Browser(app) for _ in range(20)]
    with ThreadPoolExecutor(20) as threads:
        answers = threads.map(lambda browser: browser.sign_in("r", "wrong"), browsers)
        statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [403] * 5 + [429] * 15


def test_an_address_that_tries_many_names_waits_too(app, monkeypatch):
    monkeypatch.setattr(passwords, "is_right", lambda *_: False)
    browser = Browser(app)
    statuses = [browser.sign_in(f"name{n}").status_code for n in range(31)]
    assert statuses == [403] * 30 + [429]


def test_an_unknown_name_and_a_wrong_password_are_one_answer(desk, app):
    account(desk, "r", Role.READER)
    answers = [Browser(app).sign_in(name, "wrong") for name in ("r", "nobody")]
    texts = {answer.text.partition("<form")[0] for answer in answers}
    assert len(texts) == 1


def test_whoever_signs_out_is_out_everywhere(desk, app):
    account(desk, "r", Role.ADMIN)
    here, there = signed_in(app, "r"), signed_in(app, "r")
    copied = Browser(app)
    copied.cookies.update(here.cookies)
    assert here.fill("/sign-out").status_code == 303
    for browser in (here, there, copied):
        assert browser.read("/accounts").status_code == 403


def test_an_account_is_made_reset_and_closed_and_all_of_it_is_noted(desk, app):
    account(desk, "a", Role.ADMIN)
    admin = signed_in(app, "a")
    made = admin.fill("/accounts", name="张", role="reviewer", college="文学院")
    one_time = made.text.partition("<code>")[2].partition("</code>")[0]
    other = Browser(app)
    assert other.sign_in("张", one_time).status_code == 303
    assert admin.fill("/accounts", name="张", role="reader").status_code == 400
    limited = admin.fill("/accounts", name="院管理", role="admin", college="文学院")
    assert limited.status_code == 400, "it would make itself an account that sees all"
    reset = admin.fill("/accounts/reset", name="张").text.partition("<code>")[2]
    assert other.get("/password").status_code == 403, "its session is over"
    assert Browser(app).sign_in("张", reset.partition("</code>")[0]).status_code == 303
    assert admin.fill("/accounts/close", name="张").status_code == 303
    assert Browser(app).sign_in("张", reset.partition("</code>")[0]).status_code == 403
    assert admin.fill("/accounts/close", name="a").status_code == 400, "the last admin stays"
    assert admin.fill("/accounts/reset", name="nobody").status_code == 404
    with desk.engine.connect() as connection:
        noted = [(look.who, look.what, look.of_whom) for look in last_looks(connection, 100)]
        (_, kept) = all_accounts(connection)
    assert ("a", "新建账号", "张") in noted
    assert ("a", "重设密码", "张") in noted
    assert ("a", "停用账号", "张") in noted
    assert kept.closed_at is not None
    assert not any(one_time in "".join(entry) for entry in noted)


def test_a_session_lasts_from_the_last_page_on(desk, app, monkeypatch):
    account(desk, "r", Role.READER)
    start, moment = time.time(), SimpleNamespace(now=time.time())
    monkeypatch.setattr(time, "time", lambda: moment.now)
    busy, idle = signed_in(app, "r"), signed_in(app, "r")
    for hours in (3, 6, 9, 12):
        moment.now = start + hours * 3600
        assert busy.read("/password").status_code == 200
    assert idle.read("/password").status_code == 403


def test_the_keys_of_sessions_outlive_a_restart_and_are_this_users_alone(season, desk, app):
    account(desk, "r", Role.READER)
    browser = signed_in(app, "r")
    again = open_desk(season.folder, season.ledger)
    other = Browser(desk_app(again))
    other.cookies.update(browser.cookies)
    assert other.read("/password").status_code == 200
    assert (season.folder / "desk.key").stat().st_mode & 0o777 == 0o600
    again.engine.dispose()
