"""A server of this process: its socket, and uvicorn set so that it logs no address and no name."""

import socket
from typing import Any

import uvicorn

from pipeline.core.errors import UsageError
from pipeline.core.rules import Text


def listen(host: str, port: int, option: str) -> socket.socket:
    """Take a port of this machine.

    Raises
    ------
    UsageError
        The port is taken, or the address is none of this machine's.
    """
    try:
        return socket.create_server((host, port))
    except OSError:
        raise UsageError(
            Text(
                f"{option}：{host}:{port} 无法使用，请换 --port",
                f"{option}: {host}:{port} cannot be used; choose another --port",
            )
        ) from None


def quiet_server(app: Any, **how: Any) -> uvicorn.Server:  # noqa: ANN401 - as uvicorn takes them
    """Return a server whose log holds no request: addresses of pages stay in no file."""
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, timeout_graceful_shutdown=1, **how
    )
    return uvicorn.Server(config)
