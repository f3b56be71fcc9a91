"""The program makes no network call: photographs of students stay where they are.

Each command runs in a process of its own, whose interpreter (and that of every worker
it spawns) ends with code 97 at the first look-up of a host name or connection to an
address, so that a library that swallows the refusal is caught as well.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ALARM = 97
GUARD = f"""
import os, sys

def refuse(event, arguments):
    if event in {{"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}}:
        what = arguments[0]
    elif event in {{"socket.connect", "socket.sendto"}} and isinstance(arguments[1], tuple):
        what = arguments[1]  # a string is the path of a socket on this machine
    else:
        return
    os.write(2, f"network: {{event}} {{what!r}}\\n".encode())
    os._exit({ALARM})

sys.addaudithook(refuse)
"""


def run_guarded(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    environ = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "call",
    [
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import urllib.request as u\ntry: u.urlopen('http://127.0.0.1:9')\nexcept OSError: pass",
        "import socket as s; s.socket(type=s.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
        """import subprocess as p, sys
sys.exit(p.call([sys.executable, "-c", "import socket; socket.gethostbyname('x')"]))""",
    ],
    ids=["look-up", "connection", "swallowed", "datagram", "in a child"],
)
def test_the_guard_sees_a_call(tmp_path: Path, call: str) -> None:
    assert run_guarded(tmp_path, "-c", call).returncode == ALARM


# INTEGRATION: one entry a command of the program (`check` and the season are to follow).
PICTURE = "PICTURE"
COMMANDS = {
    "manifest": ("-c", "from pipeline.face.model_manifest import model_path; model_path('yunet')"),
    "inspect": ("-m", "flows.cli", "inspect", PICTURE, "--jsonl"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_goes_to_the_network(tmp_path: Path, picture: Path, name: str) -> None:
    command = (str(picture) if word is PICTURE else word for word in COMMANDS[name])
    done = run_guarded(tmp_path, *command)
    assert done.returncode == 0, done.stderr
    assert "network:" not in done.stderr  # a worker that the guard ended is replaced by its pool


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A face, so that every model runs."""
    from PIL import Image
    from skimage import data

    path = tmp_path / "picture.jpg"
    Image.fromarray(data.astronaut()).save(path)
    return path


def test_only_set_up_imports_a_network_client() -> None:
    clients = {"urllib.request", "http.client", "socket", "ftplib", "requests", "httpx", "aiohttp"}
    importers = {
        str(path.relative_to(ROOT))
        for folder in ("pipeline", "checks", "reports", "flows", "fixtures")
        for path in (ROOT / folder).rglob("*.py")
        if clients & imported(path)
    }
    # The second asks Prefect's own server on this machine whether it answers; the others serve
    # a browser: they take a port, and call nobody.
    asks = "flows/prefect_glue/home.py"
    serve = {"flows/local_server.py", "flows/desk/listening.py"}
    # These two ask a desk that they serve themselves on this machine.
    measure = {f"flows/measuring/bench_desk_{what}.py" for what in ("pages", "uploads")}
    assert importers == {"flows/fetch_models.py", asks, *serve, *measure}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names
