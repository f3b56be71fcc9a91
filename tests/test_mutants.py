"""Mutated pictures through `inspect --jsonl`: one line each, no traceback, no file that takes long.

`make test-hostile` runs 600 of them; GRADPHOTO_MUTANTS and GRADPHOTO_MUTANTS_SEED choose.
"""

import json
import os
import sys
import time

import pytest

from fixtures.mutants import kinds, mutants, whole
from flows import cli
from flows.commands import inspection
from pipeline.face.models import Models

COUNT = int(os.environ.get("GRADPHOTO_MUTANTS", "60"))
SEED = int(os.environ.get("GRADPHOTO_MUTANTS_SEED", "13"))
MOST_SECONDS = 3.0  # CPU of a file, beyond the models


@pytest.fixture
def clock(monkeypatch):
    """CPU seconds by file, without those of the models."""
    spent, models = {}, [0.0]

    def timed(method):
        def call(self, *args):
            begun = time.process_time()
            try:
                return method(self, *args)
            finally:
                models[0] += time.process_time() - begun

        return call

    for name in ("detect_faces", "find_mesh", "segment"):
        monkeypatch.setattr(Models, name, timed(getattr(Models, name)))
    examine = inspection.examine_with_facts

    def examined(submission, *how):
        begun, before = time.process_time(), models[0]
        found = examine(submission, *how)
        spent[submission.path.name] = time.process_time() - begun - (models[0] - before)
        return found

    monkeypatch.setattr(inspection, "examine_with_facts", examined)
    return spent


def inspect(folder, monkeypatch, capfd):
    monkeypatch.setattr(sys, "argv", ["gradphoto", "inspect", "--jsonl", str(folder)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capfd.readouterr()
    return end.value.code or 0, said.out.splitlines(), said.err


def lay(folder, files) -> set[str]:
    folder.mkdir()
    for name, data in files:
        (folder / name).write_bytes(data)
    return {name for name, _ in files}


def test_what_is_mutated_opens_before(tmp_path, monkeypatch, capfd):
    """Else the mutants would all be refused at the door."""
    lay(tmp_path / "whole", [(kind, whole(kind)) for kind in kinds()])
    code, lines, err = inspect(tmp_path / "whole", monkeypatch, capfd)
    assert (code, err) == (0, "")
    sizes = {row["photo"].rpartition("/")[2]: row["width_px"] for row in map(json.loads, lines)}
    assert {kind for kind, width in sizes.items() if not width} == set()


def test_a_seed_gives_the_same_files():
    assert list(mutants(60, 1)) == list(mutants(60, 1))
    assert [data for _, data in mutants(60, 1)] != [data for _, data in mutants(60, 2)]


@pytest.mark.slow
def test_every_mutant_is_one_line_in_a_short_time(tmp_path, monkeypatch, capfd, clock):
    names = lay(tmp_path / "mutants", list(mutants(COUNT, SEED)))
    assert len(names) == COUNT
    code, lines, err = inspect(tmp_path / "mutants", monkeypatch, capfd)
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in lines]
    assert sorted(row["photo"].rpartition("/")[2] for row in rows) == sorted(names)
    assert {row["verdict"] for row in rows} <= {"pass", "retake", "fail"}
    assert len({tuple(f["code"] for f in row["findings"]) for row in rows}) == 1, "every rule"
    opened = sum(row["width_px"] is not None for row in rows)
    assert 0 < opened < COUNT, "some open, and some do not"
    slow = {name: round(cpu, 1) for name, cpu in clock.items() if cpu > MOST_SECONDS}
    assert slow == {}
    with capfd.disabled():
        worst = max(clock, key=clock.get)
        sys.stdout.write(f"{COUNT} mutants, {opened} open, worst {clock[worst]:.2f} s: {worst}\n")
