"""Where the desk listens: this machine alone, unless someone says how it is protected."""

import socket
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from flows.desk.app import desk_app
from flows.desk.desk_state import Desk, is_loopback
from flows.desk.seasons import seasons_app, under_numbers
from flows.local_server import listen, quiet_server
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text


@dataclass(frozen=True)
class Listening:
    """Where, and how browsers reach it."""

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    certificate_key: Path | None = None
    public_url: str = ""  # of the proxy that browsers ask
    trust_proxy: str = ""  # address of the proxy, whose word on who asks is taken
    without_tls: bool = False

    @property
    def https(self) -> bool:
        """Whether browsers reach it by https."""
        return self.certificate is not None or self.public_url.startswith("https://")


def checked(where: Listening) -> Listening:
    """Refuse to send names and pictures over a network in the clear.

    Raises
    ------
    UsageError
        It would listen to others without TLS and without a word, or half of a setting is given.
    """
    if (where.certificate is None) != (where.certificate_key is None):
        raise UsageError(
            Text(
                "--certificate 与 --certificate-key 须同时给出",
                "--certificate and --certificate-key go together",
            )
        )
    if bool(where.public_url) != bool(where.trust_proxy):
        raise UsageError(
            Text(
                "--public-url 与 --trust-proxy 须同时给出",
                "--public-url and --trust-proxy go together",
            )
        )
    if where.public_url and not urlsplit(where.public_url).hostname:
        raise UsageError(Text("--public-url：应为 https://…", "--public-url: should be https://…"))
    if not (is_loopback(where.host) or where.https or where.without_tls):
        raise UsageError(
            Text(
                f"--host {where.host}：其他机器也能连到这里，照片和姓名会以明文传送；请给出 "
                "--certificate 和 --certificate-key，或放在代理之后（--public-url、"
                "--trust-proxy），确实不要加密请加 --without-tls",
                f"--host {where.host}: others could reach it, and names and pictures would go in "
                "the clear; give --certificate and --certificate-key, or --public-url and "
                "--trust-proxy behind a proxy, or say --without-tls",
            )
        )
    return where


def hosts_of(where: Listening) -> tuple[str, ...]:
    """Names by which a browser may ask; another is someone's who means to trick it."""
    public = urlsplit(where.public_url).hostname
    if _is_any(where.host) and not public:
        return ("*",)
    named = {where.host, "127.0.0.1", "localhost", *([public] if public else [])}
    return tuple(sorted(named))


def serve(
    desk: Desk, where: Listening, *others: Desk
) -> tuple[uvicorn.Server, list[socket.socket], str]:
    """Take the port; gives the server, its sockets, and the address to open.

    With ``others`` each season stands under a number, and a front page lists them.

    Raises
    ------
    UsageError
        See `checked`; or the port is taken.
    """
    where = checked(where)
    taken = listen(where.host, where.port, "desk")
    scheme = "https" if where.certificate else "http"
    own = f"{scheme}://{where.host}:{taken.getsockname()[1]}/"
    address = f"{where.public_url.rstrip('/')}/" if where.public_url else own
    reached = [
        replace(one, https=where.https, hosts=hosts_of(where), address=address)
        for one in (desk, *others)
    ]
    server = quiet_server(
        seasons_app(under_numbers(reached)) if others else desk_app(reached[0]),
        ssl_certfile=where.certificate,
        ssl_keyfile=where.certificate_key,
        proxy_headers=bool(where.trust_proxy),
        forwarded_allow_ips=where.trust_proxy or None,
        server_header=False,
    )
    return server, [taken], address


def _is_any(host: str) -> bool:
    return host in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
