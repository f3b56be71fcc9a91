"""Where the desk listens, and where it refuses to."""

import os
import subprocess
import sys
import threading
import time

import httpx
import pytest

from flows.desk.desk_state import open_desk
from flows.desk.listening import Listening, checked, hosts_of, serve
from pipeline.core.errors import UsageError

PEM = {"certificate": "c.pem", "certificate_key": "k.pem"}


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"host": "localhost"},
        {"host": "127.0.0.9"},
        {"host": "::1"},
        {"host": "0.0.0.0", **PEM},
        {"host": "10.0.0.5", "without_tls": True},
        {"host": "10.0.0.5", "public_url": "https://desk.uni.edu.cn", "trust_proxy": "10.0.0.2"},
    ],
)
def test_it_listens_to_this_machine_or_with_tls_or_at_a_word(how):
    assert checked(Listening(**how)) == Listening(**how)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"host": "0.0.0.0"}, "--without-tls"),
        ({"host": "10.0.0.5"}, "--without-tls"),
        ({"host": "desk.uni.edu.cn"}, "--without-tls"),
        (
            {"host": "10.0.0.5", "public_url": "http://a.b", "trust_proxy": "10.0.0.2"},
            "in the clear",
        ),
        ({"public_url": "https://a.b"}, "--trust-proxy"),
        ({"trust_proxy": "10.0.0.2"}, "--public-url"),
        ({"public_url": "desk", "trust_proxy": "10.0.0.2"}, "https://"),
        ({"certificate": "c.pem"}, "--certificate-key"),
    ],
)
def test_it_refuses_to_send_names_in_the_clear_or_half_of_a_setting(how, words):
    with pytest.raises(UsageError, match=words):
        checked(Listening(**how))


def test_it_answers_to_its_own_names_only():
    assert hosts_of(Listening()) == ("127.0.0.1", "localhost")
    proxied = Listening(public_url="https://desk.uni.edu.cn/x", trust_proxy="10.0.0.2")
    assert "desk.uni.edu.cn" in hosts_of(proxied)


def test_it_serves_and_a_taken_port_is_one_line(tmp_path, new_season):
    desk = open_desk(new_season(tmp_path, None).folder)
    server, sockets, address = serve(desk, Listening())
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        assert httpx.get(f"{address}sign-in").status_code == 200
        port = sockets[0].getsockname()[1]
        with pytest.raises(UsageError, match="--port"):
            serve(desk, Listening(port=port))
    finally:
        server.should_exit = True
        thread.join()
        desk.engine.dispose()


@pytest.mark.parametrize(("lang", "said"), [("zh", "里面没有采集季"), ("en", "holds no season")])
def test_a_folder_without_a_season_is_one_line(tmp_path, lang, said):
    command = [sys.executable, "-m", "flows.cli", "desk", str(tmp_path / "nowhere")]
    environment = {**os.environ, "GRADPHOTO_LANG": lang}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_desk_takes_the_ledger_that_the_season_has_by_its_variable(
    tmp_path, monkeypatch, capsys
):
    from flows.cli import main

    monkeypatch.setenv("GRADPHOTO_LEDGER", "nonsense")
    monkeypatch.setattr("sys.argv", ["gradphoto", "desk", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "postgresql" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--new-admin", "李"], ["--ledger", "postgresql://x/y"]])
def test_what_is_of_one_season_is_refused_for_several(tmp_path, monkeypatch, capsys, option):
    from flows.cli import main

    folders = [str(tmp_path / "a"), str(tmp_path / "b")]
    monkeypatch.setattr("sys.argv", ["gradphoto", "desk", *folders, *option])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "--ledger" in capsys.readouterr().err


def test_several_seasons_are_served_under_numbers(tmp_path, new_season):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    desks = [open_desk(new_season(folder, None).folder) for folder in folders]
    server, sockets, address = serve(desks[0], Listening(), desks[1])
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        assert 'href="/2/"' in httpx.get(address).text
        page = httpx.get(f"{address}2/sign-in").text
        assert 'href="/2/static/desk.css"' in page
        assert httpx.get(f"{address}3/sign-in").status_code == 404
    finally:
        server.should_exit = True
        thread.join()
        for desk in desks:
            desk.engine.dispose()
