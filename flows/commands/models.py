"""`gradphoto models …`: the weights, brought once and then looked at only."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.settings import LANG, in_chinese, told

models_app = typer.Typer(
    no_args_is_help=True,
    help=told(
        "模型文件：有哪些，怎样取来。", "The weights: what there is, and how they come here."
    ),
)


@models_app.command("fetch")
@in_chinese("把模型文件放进本环境；已有的只核对。")
def fetch(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER|ZIP]",
            help=told("其中有模型文件；不给则从网上取", "has the files; else the network is asked"),
            exists=True,
        ),
    ] = None,
    identity: Annotated[
        bool,
        typer.Option(
            "--identity",
            help=told("连同人脸比对的模型", "also the model that compares faces 人脸比对"),
        ),
    ] = False,
) -> None:
    """Bring the weights into this environment; a file that is there is only verified."""
    from flows.fetch_models import fetch_all
    from pipeline.face.model_manifest import own_folder

    for line in fetch_all(own_folder(), identity=identity, given=source):
        sys.stdout.write(f"{line[LANG]}\n")
        sys.stdout.flush()


@models_app.command("list")
@in_chinese("列出模型文件：名称、许可、用途，以及在哪里或有什么问题。")
def list_models() -> None:
    """List the weights: name, licence, purpose, and where each is or what is wrong with it."""
    from pipeline.core.errors import ModelError
    from pipeline.face.model_manifest import MODELS, model_path

    for name, entry in MODELS.items():
        try:
            place = str(model_path(name))
        except ModelError as error:
            place = error.why[LANG]
        sys.stdout.write(f"{name}\t{entry.licence}\t{entry.purpose[LANG]}\t{place}\n")
