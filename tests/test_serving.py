"""The season on a schedule: a real server of its own, real scheduled runs, and who may ask it."""

import asyncio
import base64
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.season.steps import init

ROOT = Path(__file__).resolve().parents[1]
NAME, NUMBER = "百里寒露", "2023970010001"
# What `flow serve` does, with a schedule that a test can wait for.
SERVE = """
import sys
from datetime import timedelta
from pathlib import Path
from flows.prefect_glue.home import server_for
folder, inbox, port = sys.argv[1:]
with server_for(Path(folder), int(port)):
    from prefect.schedules import Interval
    from flows.serving import serve_season
    call = {"folder": folder, "inbox": inbox, "quiet_seconds": 0, "workers": 1}
    serve_season(call, [Interval(timedelta(seconds=5))])
"""


def clean_environment(**more):
    found = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return found | {"PYTHONPATH": path, "PREFECT_RUNNER_POLL_FREQUENCY": "2"} | more


class Api:
    """Prefect's API as a stranger, or as one who knows the secret, calls it."""

    def __init__(self, port: int, auth: str | None) -> None:
        self.url = f"http://127.0.0.1:{port}/api"
        self.auth = auth

    def __call__(self, path: str, body=None, method=None, auth="own", headers=()):
        auth = self.auth if auth == "own" else auth
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, dict(headers), method=method)
        request.add_header("Content-Type", "application/json")
        if auth is not None:
            request.add_header("Authorization", "Basic " + base64.b64encode(auth.encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            return error.code, None

    def token(self) -> dict[str, str]:
        _, found = self("/csrf-token?client=test")
        return {"Prefect-Csrf-Token": found["token"], "Prefect-Csrf-Client": "test"}


def wait_for(what, seconds=240):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(1)
    raise AssertionError("waited in vain")


@pytest.fixture(scope="module")
def served(tmp_path_factory, jpeg, framed, sitter):
    """A season served by a process of its own until a scheduled run has completed."""
    folder = tmp_path_factory.mktemp("served")
    season, inbox = folder / "season", folder / "inbox"
    inbox.mkdir()
    (inbox / f"{NUMBER}.jpg").write_bytes(jpeg(framed(sitter()), quality=85))
    (folder / "roster.csv").write_text(f"学号,姓名\n{NUMBER},{NAME}\n", encoding="utf-8-sig")
    init(season, folder / "roster.csv", "chsi_graduate", class_of=2099)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(season), str(inbox), str(port)],
            cwd=folder,
            env=clean_environment(),
            stdout=said,
            stderr=said,
        )
    try:
        profile = season / "prefect" / "profiles.toml"
        wait_for(lambda: process.poll() is None and (season / "reports/students.csv").is_file())
        values = tomllib.loads(profile.read_text("utf-8"))["profiles"]["gradphoto"]
        api = Api(port, values["PREFECT_API_AUTH_STRING"])

        def completed():
            asked = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
            return api("/flow_runs/filter", asked, headers=api.token())[1]

        runs = wait_for(completed)
        yield season, api, runs, folder / "said.txt"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "its server ends with it"


@pytest.mark.slow
def test_a_scheduled_run_wrote_the_lists(served):
    season, _, runs, _ = served
    assert runs[0]["auto_scheduled"]
    assert runs[0]["state_type"] == "COMPLETED"
    assert runs[0]["parameters"]["folder"] == str(season)
    assert NUMBER in (season / "reports/students.csv").read_text("utf-8-sig")


@pytest.mark.slow
def test_who_does_not_know_the_secret_is_refused(served):
    _, api, _, _ = served
    assert api("/health", auth=None) == (200, True)
    for stranger in (None, "gradphoto:", "gradphoto:guess"):
        assert api("/flow_runs/filter", {}, auth=stranger, headers=api.token())[0] == 401
        assert api("/csrf-token?client=test", auth=stranger)[0] == 401
        assert api("/admin/version", auth=stranger)[0] == 401
    assert api("/admin/version")[0] == 200


@pytest.mark.slow
def test_a_page_elsewhere_cannot_use_a_browser_that_knows_the_secret(served):
    _, api, _, _ = served
    assert api("/flow_runs/filter", {})[0] == 403, "no token: refused though the secret is right"
    assert api("/flow_runs/filter", {}, headers=api.token())[0] == 200


@pytest.mark.slow
def test_the_home_is_for_the_user_alone_and_names_nobody(served):
    season, _, _, said = served
    home = season / "prefect"
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"profiles.toml", "prefect.db", "server.log"}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for path in (*files, said):
        if path.parent == home:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
        data = path.read_bytes()
        for personal in (NAME, NUMBER):
            assert personal.encode() not in data, path.name
            assert json.dumps(personal).strip('"').encode() not in data, path.name


@pytest.mark.slow
def test_prefect_yaml_deploys(served):
    season, api, _, _ = served
    environment = clean_environment(PREFECT_HOME=str(season / "prefect"))
    pool = {"name": "gradphoto", "type": "process"}
    assert api("/work_pools/", pool, headers=api.token())[0] == 201
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    asked = {"work_pools": {"name": {"any_": ["gradphoto"]}}}
    _, (deployment,) = api("/deployments/filter", asked, headers=api.token())
    assert deployment["entrypoint"] == "flows/season_flow.py:season_flow"
    assert deployment["global_concurrency_limit"]["limit"] == 1
    assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    found = {s["slug"]: s["schedule"] for s in deployment["schedules"]}
    assert {s["timezone"] for s in found.values()} == {"Asia/Shanghai"}
    from flows.serving import yearly

    assert {slug: s["cron"] for slug, s in found.items()} == {s.slug: s.cron for s in yearly(20)}


def test_the_two_windows_are_those_of_collection():
    from prefect.server.schemas.schedules import CronSchedule

    from flows.serving import ZONE, yearly

    months = {}
    for schedule in yearly(20):
        cron = CronSchedule(cron=schedule.cron, timezone=schedule.timezone)
        assert schedule.timezone == ZONE
        start = datetime(2027, 7, 31, 16, tzinfo=UTC)  # 1 August in Shanghai
        (first, second) = asyncio.run(cron.get_dates(2, start=start))
        assert second - first == timedelta(minutes=20)
        assert (first.day, first.hour, first.minute) == (1, 0, 0)
        months[schedule.slug] = (first.year, first.month)
    assert months == {"autumn": (2027, 9), "spring": (2028, 2)}


def test_a_profile_keeps_its_secret_and_spares_those_of_others(tmp_path):
    from flows.prefect_glue.home import write_profile
    from pipeline.core.errors import UsageError

    file = tmp_path / "home/profiles.toml"
    secret = write_profile(tmp_path / "home", 4200)
    first = file.read_text()
    assert write_profile(tmp_path / "home", 4201) == secret
    assert file.read_text() == first.replace("4200", "4201")
    assert write_profile(tmp_path / "other", 4200) != secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (tmp_path / "other/profiles.toml").write_text('active = "mine"\n[profiles.mine]\n')
    with pytest.raises(UsageError, match="other profiles"):
        write_profile(tmp_path / "other", 4200)


def test_a_call_that_cannot_be_served_is_told_before_a_server_starts(tmp_path):
    from flows.prefect_glue.home import server_for
    from pipeline.core.errors import UsageError

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        saved = {k: os.environ.pop(k) for k in list(os.environ) if k.startswith("PREFECT_")}
        try:
            with pytest.raises(UsageError, match="is taken"), server_for(tmp_path, port):
                pass
            assert "PREFECT_HOME" not in os.environ
        finally:
            os.environ.update(saved)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("season", "nowhere", "inbox"), "holds no season"),
        (("serve", "nowhere", "inbox"), "holds no season"),
        (("serve", "nowhere", "no inbox"), "no such folder"),
        (("season", "nowhere", "inbox", "--as", "both"), "source, final or auto"),
        (("season", "nowhere", "inbox", "--lang", "fr"), "zh or en"),
    ],
)
def test_a_mistake_in_the_call_is_told_before_prefect_is_asked(tmp_path, monkeypatch, words, said):
    from flows.cli import app
    from pipeline.core.errors import UsageError

    (tmp_path / "inbox").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=said):
        app(["flow", *words], standalone_mode=False)


@pytest.mark.parametrize(
    "text", ["{", "", "profiles = 3", "[profiles]\ngradphoto = 1", "a = " + "[" * 3000]
)
def test_a_profile_that_was_edited_by_hand_is_one_line(tmp_path, text):
    from flows.prefect_glue.home import write_profile
    from pipeline.core.errors import UsageError

    (tmp_path / "profiles.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="other profiles"):
        write_profile(tmp_path, 4200)


def test_a_home_whose_path_would_lead_its_database_elsewhere_is_refused(tmp_path):
    from flows.prefect_glue.home import write_profile
    from pipeline.core.errors import UsageError

    with pytest.raises(UsageError, match="cannot keep its database"):
        write_profile(tmp_path / "w?y" / "prefect", 4200)
    assert not list(tmp_path.iterdir())


def test_what_prefect_makes_for_a_flow_is_for_the_user_alone(tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from flows.commands.flow import flow_app

    masks = []
    monkeypatch.setattr(os, "umask", masks.append)
    assert CliRunner().invoke(flow_app, ["profile", str(tmp_path / "home")]).exit_code == 0
    assert masks == [0o077]
