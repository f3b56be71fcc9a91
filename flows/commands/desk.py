"""`gradphoto desk`: the review desk of a season, in a browser."""

from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    LangOption,
    LedgerOption,
    NamesOption,
    SeasonsArgument,
    as_presentation,
)
from flows.settings import in_chinese, told
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text


@in_chinese("审核台：在浏览器里审核照片；默认只有本机能打开。Ctrl-C 结束。")
def desk(
    folders: SeasonsArgument,
    new_admin: Annotated[
        str | None,
        typer.Option(
            "--new-admin",
            help=told(
                "建立管理员账号，印出一次性密码，然后结束",
                "make an account of an admin, print its one-time password, and end",
            ),
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", help=told("监听的地址", "to listen on"))] = (
        "127.0.0.1"
    ),
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=told("端口；0：任选", "0: any"))
    ] = 8420,
    certificate: Annotated[
        Path | None,
        typer.Option("--certificate", help=told("TLS 证书（PEM）", "of TLS, PEM"), exists=True),
    ] = None,
    certificate_key: Annotated[
        Path | None,
        typer.Option(
            "--certificate-key", help=told("证书的私钥（PEM）", "its key, PEM"), exists=True
        ),
    ] = None,
    public_url: Annotated[
        str,
        typer.Option(
            "--public-url",
            help=told("代理对外的网址 https://…", "https://… under which a proxy shows it"),
        ),
    ] = "",
    trust_proxy: Annotated[
        str,
        typer.Option(
            "--trust-proxy",
            help=told("代理的地址：由它说明是谁在访问", "address of the proxy that says who asks"),
        ),
    ] = "",
    without_tls: Annotated[
        bool,
        typer.Option(
            "--without-tls",
            help=told("其他机器明文访问也可以", "let other machines connect in the clear"),
        ),
    ] = False,
    lang: LangOption = None,
    full_names: NamesOption = False,
    ledger: LedgerOption = None,
) -> None:
    """Serve the review desk of a season, or of several; Ctrl-C ends it."""
    from flows.desk.desk_state import first_admin, open_desk
    from flows.desk.listening import Listening, serve
    from flows.desk.publish import publishing
    from pipeline.ledger.purge import purged

    folders = list(dict.fromkeys(folders))
    several = len(folders) > 1
    if several and (ledger is not None or new_admin is not None):
        raise UsageError(
            Text(
                "--ledger 与 --new-admin 只用于一个采集季：请分别运行",
                "--ledger and --new-admin are of one season: give them with one",
            )
        )
    desks = [open_desk(folder, ledger, or_purged=several) for folder in folders]
    if new_admin is not None:
        password = first_admin(desks[0], new_admin)
        typer.echo(
            told(
                f"账号 {new_admin} 的一次性密码（只显示这一次，登录后须更换）：{password}",
                f"one-time password of {new_admin}, shown this once, to be replaced: {password}",
            )
        )
        return
    where = Listening(
        host, port, certificate, certificate_key, public_url, trust_proxy, without_tls
    )
    shown = as_presentation(lang, full_names)
    desks = [replace(one, lang=shown.lang) for one in desks]
    server, sockets, address = serve(desks[0], where, *desks[1:])
    typer.echo(told(f"审核台：{address}", f"the desk: {address}"))
    with ExitStack() as stack:
        for one in desks:
            if purged(one.engine) is None:
                stack.enter_context(publishing(one, shown))
                stack.enter_context(closing(one.self_check))
        server.run(sockets=sockets)
