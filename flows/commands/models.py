"""`gradphoto models …`: the weights, brought once and then looked at only."""

import sys
from pathlib import Path
from typing import Annotated

import typer

models_app = typer.Typer(
    no_args_is_help=True, help="The weights: what there is, and how they come here."
)


@models_app.command("fetch")
def fetch(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER|ZIP]", help="has the files; else the network is asked", exists=True
        ),
    ] = None,
    identity: Annotated[
        bool, typer.Option("--identity", help="also the model that compares faces 人脸比对")
    ] = False,
) -> None:
    """Bring the weights into this environment; a file that is there is only verified."""
    from flows.fetch_models import fetch_all
    from pipeline.face.model_manifest import own_folder

    for line in fetch_all(own_folder(), identity=identity, given=source):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


@models_app.command("list")
def list_models() -> None:
    """List the weights: name, licence, purpose, and where each is or what is wrong with it."""
    from pipeline.core.errors import ModelError
    from pipeline.face.model_manifest import MODELS, model_path

    for name, entry in MODELS.items():
        try:
            place = str(model_path(name))
        except ModelError as error:
            place = str(error)
        sys.stdout.write(f"{name}\t{entry.licence}\t{entry.purpose}\t{place}\n")
