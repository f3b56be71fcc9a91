"""`gradphoto evaluate --identity`: how well people and pictures are told apart.

Faces (true and false accepts, the batch's own threshold), mistakes planted in shoots of 200,
and pictures under seeded alterations; each is explained in its own module. Templates live in
this process only.
"""

from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from checks import CHECKS
from flows.measuring.identity_faces import describe_all, read_people, tables
from flows.measuring.identity_pictures import picture_tables
from flows.measuring.identity_swaps import planted_table
from flows.measuring.identity_templates import templates_of
from pipeline.spec.spec import load_spec


def identity_tables(labels: Path, spec_name: str, altered: int, seeds: int) -> Iterator[Table]:
    """Yield the tables as they are done.

    Parameters
    ----------
    altered
        So many photographs are altered, a seeded choice; 0: all of them.
    seeds
        Shoots for each kind of planted mistake.

    Raises
    ------
    UsageError
        When the labels cannot be read.
    """
    spec = load_spec(spec_name, CHECKS)
    yield from tables(describe_all(read_people(labels), spec))
    yield planted_table(*templates_of(labels, spec), seeds)
    yield from picture_tables(labels, altered or None)
