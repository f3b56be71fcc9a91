"""Data flows one way, the core runs without Prefect, and nothing is loaded that is not used.

Also what files may be called: no module like one of the standard library, each test like
what it tests.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("pipeline", "checks", "reports", "flows", "fixtures")
RUNTIMES = {"mediapipe", "ai_edge_litert"}
# What each computes with: a tenth of a second to one second each to load.
MEASURING = {"cv2", "scipy.linalg", "scipy.optimize", "skimage.color.colorconv", "PIL"}


def modules(package: str) -> list[str]:
    """Every module of a package, on every level."""
    files = sorted((ROOT / package).rglob("*.py"))
    parts = [file.relative_to(ROOT).with_suffix("").parts for file in files]
    return [".".join(p) for p in parts if p[-1] not in {"__init__", "env"}]


def python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


# ── contracts ───────────────────────────────────────────────────────────────


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environ = os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def test_the_import_contracts_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("pipeline/image/colour.py", "import mediapipe", "one module imports a runtime"),
        ("pipeline/spec/spec.py", "import ai_edge_litert", "one module imports a runtime"),
        ("pipeline/spec/spec.py", "import pipeline.image.colour", "inside pipeline"),
        ("checks/mouth.py", "import checks.hair", "no check knows another"),
        ("flows/season/views.py", "import pipeline.ledger.tables", "only the ledger"),
        ("flows/cli.py", "import prefect", "Prefect is known"),
    ],
)
def test_an_import_too_many_breaks_its_contract(
    tmp_path: Path, module: str, line: str, contract: str
) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)
    with (tmp_path / module).open("a", encoding="utf-8") as stream:
        stream.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    broken = [text for text in done.stdout.splitlines() if " BROKEN" in text]
    assert [text.startswith(contract) for text in broken] == [True], done.stdout + done.stderr


@pytest.mark.parametrize("package", ["pipeline", "checks", "reports"])
def test_the_core_is_imported_without_prefect(package: str) -> None:
    lines = [f"import {name}" for name in modules(package)]
    done = python("\n".join([*lines, "import sys", "sys.exit('prefect' in sys.modules)"]))
    assert done.returncode == 0, done.stderr


# ── names ───────────────────────────────────────────────────────────────────

# Tests of no single module: of the project's papers, its set-up, its promises.
SUBJECTS = {"adding_a_check", "house", "imports", "manual", "no_network", "pages", "wheel"}


def names() -> set[str]:
    """What modules and folders are called, without the folders that they are in."""
    folders = {p.name for package in PACKAGES for p in (ROOT / package).glob("*/") if p.is_dir()}
    return folders | {name.rpartition(".")[2] for each in PACKAGES for name in modules(each)}


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    # Prefect puts a flow file's folder first on sys.path.
    assert names() & (sys.stdlib_module_names | set(PACKAGES)) == set()


@pytest.mark.parametrize("test", sorted(path.stem for path in ROOT.glob("tests/test_*.py")))
def test_a_test_is_named_like_what_it_tests(test: str) -> None:
    # As a module or folder, alone or followed by what of it: `test_season_killed`.
    words = test.removeprefix("test_").split("_")
    beginnings = {"_".join(words[:count]) for count in range(1, len(words) + 1)}
    assert beginnings & (names() | set(PACKAGES) | SUBJECTS)


# ── what is loaded ──────────────────────────────────────────────────────────

WATCHED = """
import json, sys
opened = set()
sys.addaudithook(lambda event, what: event == "open" and opened.add(str(what[0])))
try:
    exec(sys.argv.pop(1))
except SystemExit as end:
    assert end.code in (None, 0), end.code
from pipeline.face.model_manifest import MODELS
weights = [model.file for model in MODELS.values()]
read = [path for path in opened if path.endswith(tuple(weights))]
print("\\n" + json.dumps([sorted(sys.modules), read]))
"""


def loaded(program: str, *arguments: str) -> set[str]:
    """What a program has loaded at its end, which must be no weights."""
    done = python(WATCHED, program, *arguments)
    assert done.returncode == 0, done.stderr
    names, weights = json.loads(done.stdout.splitlines()[-1])
    assert weights == []
    return set(names)


def called(*arguments: str) -> set[str]:
    """What the command line has loaded at its end."""
    return loaded("import flows.cli; flows.cli.main()", *arguments)


def test_the_watch_sees_a_runtime_and_weights() -> None:
    names = loaded(
        "import mediapipe, ai_edge_litert, cv2, scipy.optimize, PIL, skimage.color.colorconv"
    )
    assert names >= RUNTIMES | MEASURING
    with pytest.raises(AssertionError, match="yunet"):
        loaded("from pipeline.face.model_manifest import model_path; model_path('yunet')")


@pytest.mark.parametrize(
    "module", ["pipeline.spec.spec", "pipeline.rules", "pipeline.ledger.season", "flows.cli"]
)
def test_a_spec_a_rule_and_a_ledger_are_read_by_modules_that_measure_nothing(module: str) -> None:
    assert not loaded(f"import {module}") & (RUNTIMES | MEASURING | {"numpy", "prefect"})


@pytest.mark.parametrize("group", [[], ["spec"], ["season"], ["flow"], ["models"]])
def test_help_loads_nothing_that_measures(group: list[str]) -> None:
    assert not called(*group, "--help") & (RUNTIMES | MEASURING | {"numpy", "prefect"})


@pytest.mark.parametrize(
    "call",
    [
        ["spec", "list"],
        ["spec", "show", "chsi_graduate"],
        ["spec", "check", "chsi_graduate"],
        ["rules"],
    ],
    ids=" ".join,
)
def test_a_spec_is_shown_without_a_runtime_of_the_models(call: list[str]) -> None:
    # The checks say what a spec holds, and theirs is OpenCV; what computes on top of it waits.
    due = RUNTIMES | MEASURING - {"cv2", "PIL"}
    assert not called(*call) & (due | {"prefect"})


def test_a_worker_starts_without_what_reads_rosters_and_solves_programs():
    heavy = {"openpyxl", "xlrd", "dbf", "skimage.color", "skimage.filters"}
    assert not loaded("import flows.shoot.worker") & (heavy | RUNTIMES | MEASURING - {"cv2", "PIL"})


@pytest.mark.parametrize("view", ["status", "history"])
def test_a_season_is_looked_at_without_a_runtime_of_the_models(new_season, tmp_path, view) -> None:
    season = new_season(tmp_path, None)
    student = [season.key(1)] if view == "history" else []
    due = RUNTIMES | MEASURING - {"cv2", "PIL"}
    assert not called("season", view, str(season.folder), *student) & (due | {"prefect"})


# ── other systems ───────────────────────────────────────────────────────────

_BLOCKED = """
import importlib, sys
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog"):
    sys.modules[name] = None
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_nothing_that_a_vendor_runs_needs_what_only_posix_has() -> None:
    """On Windows there is none of these; `flow` is for servers, `flows.measuring` for ourselves."""
    wanted = [
        module
        for package in ("pipeline", "checks", "reports", "flows")
        for module in modules(package)
        if not module.startswith("flows.measuring")
        and "prefect" not in (ROOT / Path(*module.split("."))).with_suffix(".py").read_text("utf-8")
    ]
    assert {"flows.cli", "flows.commands.season", "pipeline.core.one_run"} <= set(wanted)
    done = python(_BLOCKED, *wanted)
    assert done.returncode == 0, done.stderr
