"""A wheel built from the tree works outside the checkout: it holds all that the program reads."""

import csv
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from pipeline.face.model_manifest import MODELS, model_path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("pipeline", "checks", "reports", "flows", "fixtures")
pytestmark = pytest.mark.slow


def run(*command: object, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command that knows nothing of the checkout."""
    hidden = {"PYTHONPATH", "VIRTUAL_ENV", "GRADPHOTO_MODELS", "GRADPHOTO_LEDGER"}
    environ = {name: value for name, value in os.environ.items() if name not in hidden}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: nothing of an earlier build gets in."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, tree)
    build = ("-m", "pip", "wheel", "--quiet", ".", "--no-deps", "--no-build-isolation")
    run(sys.executable, *build, "--wheel-dir", folder, cwd=tree)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it, that borrows the libraries of this one."""
    folder = tmp_path_factory.mktemp("elsewhere")
    environment = folder / "env"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=folder)
    # A path in a .pth adds a folder, but reads no .pth in it: not the editable checkout.
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return environment / "bin"


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    due = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as whole:
        names = {name for name in whole.namelist() if ".dist-info/" not in name}
    assert names == due - {"reports/example.png"}  # the README's picture


def test_the_installed_program_checks_a_shoot(
    installed: Path, tmp_path: Path, sitter, framed, jpeg
) -> None:
    program = installed / "gradphoto"

    def gradphoto(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        return run(program, *arguments, cwd=tmp_path, check=check)

    where = "import pipeline, flows; print(pipeline.__file__, flows.__file__)"
    for file in run(installed / "python", "-c", where, cwd=tmp_path).stdout.split():
        assert Path(file).is_relative_to(installed.parent)

    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "2023990001.jpg").write_bytes(jpeg(framed(sitter())))
    roster = tmp_path / "roster.csv"
    roster.write_text("学号,姓名\n2023990001,姓名\n2023990002,姓名\n", encoding="utf-8-sig")
    shoot = ("check", "inbox", "--roster", roster, "--workers", 1, "--out", "result")

    without = gradphoto(*shoot, check=False)
    assert without.returncode == 2
    assert "`gradphoto models fetch`" in without.stderr.splitlines()[-1]

    stick = model_path("yunet").parent
    brought = gradphoto("models", "fetch", stick).stdout.splitlines()
    assert brought == [
        f"{model.file}: from the folder {stick}"
        for model in MODELS.values()
        if model.when == "always"
    ]
    listed = gradphoto("models", "list").stdout.splitlines()
    assert [str(installed.parent) in line.split("\t")[3] for line in listed] == [True] * 4

    gradphoto(*shoot)
    with (tmp_path / "result" / "students.csv").open(encoding="utf-8-sig", newline="") as stream:
        students = {row["student_id"]: row["photo"] for row in csv.DictReader(stream)}
    assert students == {"2023990001": "2023990001.jpg", "2023990002": ""}
    assert (tmp_path / "result" / "report.html").stat().st_size > 10_000

    assert len(gradphoto("spec", "list").stdout.splitlines()) > 10
    gradphoto("season", "init", "season", "--roster", roster, "--class-of", "2099")
    gradphoto("season", "ingest", "season", "inbox", "--workers", 1)
    assert (tmp_path / "season" / "reports" / "report.html").is_file()
