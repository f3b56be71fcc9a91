"""The worked example of CONTRIBUTING.md is run as it stands there."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import checks
from checks import CHECKS
from pipeline.core.errors import CheckError, SpecError
from pipeline.core.records import Submission
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import Check, run_check
from pipeline.examine.examine import examine
from pipeline.examine.facts import Facts
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.rules import photo_rules
from pipeline.spec.spec import load_spec

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def block(heading: str) -> str:
    """The first block of code after a heading in bold."""
    after = GUIDE.split(f"**{heading}**", 1)[1]
    return re.search(r"```\w+\n(.*?)```", after, re.DOTALL)[1]


CHECK_FILE = block("1. `checks/darkness.py`")
SPEC_TABLE = block("3. `pipeline/specs/chsi_graduate.toml`")
TEST_FILE = block("4. `tests/test_darkness.py`")


@pytest.fixture
def darkness(monkeypatch) -> ModuleType:
    """The check file, imported as if it lay in `checks/`."""
    module = ModuleType("checks.darkness")
    monkeypatch.setitem(sys.modules, "checks.darkness", module)
    monkeypatch.setattr(checks, "darkness", module, raising=False)
    exec(compile(CHECK_FILE, "checks/darkness.py", "exec"), module.__dict__)
    return module


@pytest.fixture
def more_checks(darkness) -> tuple[Check, ...]:
    return (*CHECKS, darkness.CHECK)


@pytest.fixture
def own_spec(tmp_path, more_checks):
    """The default spec with the table of the example."""
    file = tmp_path / "own.toml"
    file.write_text(f'extends = "chsi_graduate"\n\n{SPEC_TABLE}', encoding="utf-8")
    return load_spec(str(file), more_checks)


def test_the_check_judges_by_the_limits_of_the_spec(darkness, own_spec, facts_of, sitter):
    (finding,) = run_check(darkness.CHECK, facts_of(sitter()), own_spec.limits["darkness"])
    assert finding.code == "ZZ001"
    assert finding.outcome is Outcome.PASSED
    assert (finding.low, finding.high) == (20, None)


def test_its_own_test_passes(darkness, own_spec, facts_of, sitter):
    names: dict[str, object] = {}
    exec(compile(TEST_FILE, "tests/test_darkness.py", "exec"), names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 1
    tests[0](facts_of, own_spec, sitter)


def test_an_examination_has_its_finding_among_all_others(
    tmp_path, more_checks, own_spec, jpeg, sitter
):
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg((sitter() * 0.25).astype(np.uint8)))
    examination = examine(
        Submission("photo.jpg", path),
        Setting(own_spec, Mode.SOURCE),
        Tools(more_checks, load_models()),
    )
    found = {f.code: f for f in examination.findings}
    assert sorted(found) == sorted(rule.code for rule in photo_rules(more_checks))
    because = found["ZZ001"].because
    assert because.zh.startswith("照片整体偏暗：全图亮度 L* ")
    assert "不少于 20（差 " in because.zh
    assert "at least 20 (" in because.en


def test_without_a_face_it_is_skipped_with_the_reason(darkness, own_spec, facts_of):
    wall = facts_of(np.full((640, 480, 3), (100, 197, 255), np.uint8))
    (finding,) = run_check(darkness.CHECK, wall, own_spec.limits["darkness"])
    assert (finding.outcome, finding.caused_by) == (Outcome.SKIPPED, "FC001")


def test_what_the_guide_says_is_refused_is_refused(tmp_path, darkness, more_checks, facts_of):
    with pytest.raises(SpecError, match=r"limits\.darkness"):
        load_spec("chsi_graduate", more_checks)
    file = tmp_path / "own.toml"
    file.write_text(f'extends = "chsi_graduate"\n\n{SPEC_TABLE}', encoding="utf-8")
    with pytest.raises(SpecError, match="no check has limits of this name"):
        load_spec(str(file), CHECKS)
    forgetful = Check("darkness", (darkness.ZZ001,), None, lambda _facts, _limits: (), needs=Facts)
    with pytest.raises(CheckError, match="ZZ001"):
        run_check(forgetful, facts_of(np.zeros((64, 48, 3), np.uint8)), None)


@pytest.mark.parametrize(
    ("name", "code"), [("checks/darkness.py", CHECK_FILE), ("tests/test_darkness.py", TEST_FILE)]
)
def test_the_example_keeps_the_rules_of_the_house(name, code):
    for command in (("check", "--quiet"), ("format", "--check", "--quiet")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", name, "-"],
            cwd=ROOT, input=code, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
