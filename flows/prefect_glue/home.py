"""A Prefect home for a season: the shipped settings, a secret, and a server of its own.

Prefect takes everything from ``PREFECT_HOME/profiles.toml``: its server, workers and command
line then know the address and the secret by one variable. The server answers on the loopback
address only, and nobody who cannot read that file.
"""

import base64
import http.client
import os
import secrets
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from flows.prefect_glue.settings import SETTINGS
from pipeline.core.errors import UsageError
from pipeline.core.one_run import unwinding_on_termination
from pipeline.core.places import real
from pipeline.core.private_files import make_private_folder, write_private, writing_to
from pipeline.core.rules import Text

HOME = "prefect"  # in the season's folder
_PROFILE = "gradphoto"
_LOOPBACK = "127.0.0.1"
_LEASES = "prefect.server.concurrency.lease_storage.filesystem"
_STARTUP_SECONDS = float(SETTINGS["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"])


def write_profile(home: Path, port: int) -> str:
    """Write ``home/profiles.toml``, 0600, and give its secret, which stays once it is made.

    Raises
    ------
    UsageError
        When the folder cannot be written or named in an URL, or holds a profile that is not
        one of ours.
    """
    if "?" in str(home.resolve()):  # Prefect writes its database's URL by hand
        raise UsageError(
            Text(
                f"{home.name}：路径里有问号时 Prefect 无法存放数据库",
                f"{home.name}: Prefect cannot keep its database below a folder with a ?",
            )
        )
    path = home / "profiles.toml"
    auth = _secret(path) or f"{_PROFILE}:{secrets.token_urlsafe(32)}"
    values = {name: value for name, value in SETTINGS.items() if name.startswith("PREFECT_")} | {
        "PREFECT_API_URL": f"http://{_LOOPBACK}:{port}/api",
        "PREFECT_API_AUTH_STRING": auth,
        "PREFECT_SERVER_API_AUTH_STRING": auth,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_API_HOST": _LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{_LOOPBACK}:{port}",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # In memory, a killed server forgets who held the one slot, and no run starts any more.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": _LEASES,
    }
    lines = [f'active = "{_PROFILE}"', f"[profiles.{_PROFILE}]"]
    lines += [f'{name} = "{value}"' for name, value in values.items()]
    with writing_to(home):
        make_private_folder(home)
        write_private(path, "\n".join([*lines, ""]).encode())
    return auth


def _secret(path: Path) -> str | None:
    """Read the secret of our profile; None where there is no profile yet."""
    if not path.is_file():
        return None
    try:
        profiles = tomllib.loads(path.read_text("utf-8"))["profiles"]
        if set(profiles) == {_PROFILE}:
            return str(profiles[_PROFILE]["PREFECT_SERVER_API_AUTH_STRING"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        pass
    raise UsageError(
        Text(
            f"{path.name}：里面是 Prefect 的其他配置，请换一个文件夹",
            f"{path.name}: holds other profiles of Prefect; name another folder",
        )
    )


@contextmanager
def server_for(folder: Path, port: int) -> Iterator[None]:
    """Have a server, and Prefect's settings in the environment, while the block runs.

    One that the environment names (PREFECT_API_URL, or PREFECT_HOME with a profile) is used;
    else one is started whose home is ``folder/prefect``. To be called before `prefect` is
    imported.

    Raises
    ------
    UsageError
        When the port is taken, or the server does not start.
    """
    if os.environ.get("PREFECT_API_URL") or os.environ.get("PREFECT_HOME"):
        yield
        return
    home = real(folder / HOME)
    auth = write_profile(home, port)
    os.environ["PREFECT_HOME"] = str(home)
    if _is_taken(port):
        # A serve that was killed leaves its server; what knows our secret is ours.
        if not _answers(port, auth):
            del os.environ["PREFECT_HOME"]
            raise UsageError(
                Text(
                    f"端口 {port} 已被占用：请用 --port 换一个",
                    f"port {port} is taken: name another one with --port",
                )
            )
        yield
        return
    command = [sys.executable, "-m", "prefect", "server", "start"]
    with (home / "server.log").open("ab") as log:
        (home / "server.log").chmod(0o600)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, constant words
            command, stdout=log, stderr=log, umask=0o077, start_new_session=True
        )
    try:
        with unwinding_on_termination():
            _wait_for(process, port, auth)
            yield
    finally:
        process.terminate()
        process.wait()


def _is_taken(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            return True
    return False


def _answers(port: int, auth: str) -> bool:
    """Whether a server that knows the secret answers."""
    basic = base64.b64encode(auth.encode()).decode()
    request = urllib.request.Request(
        f"http://{_LOOPBACK}:{port}/api/admin/version", headers={"Authorization": f"Basic {basic}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - a constant address
            return True
    except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException):
        return False


def _wait_for(process: subprocess.Popen[bytes], port: int, auth: str) -> None:
    until = time.monotonic() + _STARTUP_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if _answers(port, auth):
            return
        time.sleep(0.5)
    raise UsageError(
        Text(
            f"Prefect 服务器没有启动：见 {HOME}/server.log",
            f"Prefect's server did not start: see {HOME}/server.log",
        )
    )
