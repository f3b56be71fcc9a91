"""Templates: the one place where markup is made of data, all of it escaped."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent / "templates"


@cache
def environment(*folders: Path) -> Environment:
    """Return what fills in the templates of some folders; in all of them data is escaped."""
    return Environment(
        autoescape=True,
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: Any) -> Markup:  # noqa: ANN401 - whatever a template shows
    """Fill in a template of ``reports/templates``."""
    return Markup(environment(HERE).get_template(template).render(**values))  # noqa: S704 - autoescaped


def raw(file: str) -> Markup:
    """Return a style sheet or script of ours, which stands in a page as it is."""
    return Markup((HERE / file).read_text("utf-8"))  # noqa: S704 - our own file
