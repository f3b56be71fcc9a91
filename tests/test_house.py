"""Who looks for a module finds it: each folder names what is in it, the maps name each folder."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOP = ("pipeline", "checks", "reports", "flows", "fixtures")
FOLDERS = sorted(
    init.parent.relative_to(ROOT).as_posix()
    for top in TOP
    for init in (ROOT / top).rglob("__init__.py")
)
PAGES = ("docs/architecture.md", "CONTRIBUTING.md")
MAPS = {page: (ROOT / page).read_text("utf-8") for page in PAGES}


def docstring(folder: str) -> str:
    tree = ast.parse((ROOT / folder / "__init__.py").read_text("utf-8"))
    return ast.get_docstring(tree) or ""


def held(folder: str) -> set[str]:
    """Modules and folders that lie directly in a folder."""
    inside = (ROOT / folder).iterdir()
    return {
        path.stem
        for path in inside
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    }


def listed(folder: str) -> list[str]:
    """Names that the docstring lists, a line each: ``- ``name``: what it is``."""
    lines = docstring(folder).splitlines()
    return [line.split("``")[1] for line in lines if line.startswith("- ``")]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_says_what_it_is_for_and_names_each_module_once(folder):
    first, *_ = docstring(folder).splitlines()
    assert first.endswith("."), "one sentence says what the folder is for"
    assert sorted(listed(folder)) == sorted(held(folder))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("folder", FOLDERS)
def test_each_map_names_each_folder(folder, page):
    assert f"`{folder}/`" in MAPS[page]
