"""Data flows one way, and the core runs without Prefect."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def modules(package: str) -> list[str]:
    files = sorted((ROOT / package).glob("*.py"))
    return [f"{package}.{file.stem}" for file in files if file.stem != "__init__"]


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", ["pipeline", "checks", "reports"])
def test_the_core_is_imported_without_prefect(package: str) -> None:
    lines = [f"import {name}" for name in modules(package)]
    program = "\n".join([*lines, "import sys", "sys.exit('prefect' in sys.modules)"])
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    # Prefect puts a flow file's folder first on sys.path.
    packages = ("pipeline", "checks", "reports", "flows", "fixtures")
    names = {path.stem for package in packages for path in (ROOT / package).glob("*.py")}
    assert names & (sys.stdlib_module_names | set(packages)) == set()
