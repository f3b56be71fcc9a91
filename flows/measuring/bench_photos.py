"""``make bench``: what a check costs beside the bare cost of its models and of the decode.

Everything is measured in one run on the same pictures, in turn, so that a noisy machine
disturbs all of it alike; read the ratios. CPU time is the process's own.
"""

import argparse
import multiprocessing
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from checks import CHECKS
from flows.shoot.output import staging_in
from flows.shoot.request import Request
from flows.shoot.steps import finish, prepare, setting_of
from flows.shoot.worker import worker_pool
from pipeline.core.records import Examination, Submission
from pipeline.core.rules import Mode
from pipeline.examine.examine import examine_with_facts
from pipeline.examine.facts import Facts
from pipeline.examine.measure import decode_for
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import Models, load_models
from pipeline.spec.spec import load_spec
from reports.masking import Presentation

# What a 480x640 file, a phone's and a studio camera's frame measure.
SIZES = {"480×640": (480, 640), "12 MP": (3024, 4032), "24 MP": (4000, 6000)}
_PORTRAIT = (3, 4)


def main() -> None:
    """Run every part and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, default=Path("build/demo/final_inbox"))
    parser.add_argument("--roster", type=Path, default=Path("build/demo/roster.xlsx"))
    parser.add_argument("--count", type=int, default=24, help="photos of each size")
    parser.add_argument("--shoot", type=int, default=120, help="photos of the whole shoot")
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sets = {
            name: _pictures(options.pictures, folder / name, size, options.count)
            for name, size in SIZES.items()
        }
        console.print(per_photo(sets, folder))
        console.print(whole_shoot(sets["480×640"], options.roster, options.shoot, folder))


def per_photo(sets: dict[str, list[Path]], staging: Path) -> Table:
    """CPU milliseconds a photo: decode, models, the whole examination, and their ratio."""
    spec, models = load_spec("chsi_graduate", CHECKS), load_models()
    table = Table(title="CPU ms a photo, medians; check ÷ (models + decode)", box=None)
    for head in ("photos", "full decode", "decode used", "models", "check", "ratio", "worst"):
        table.add_column(head, justify="right")
    for name, paths in sets.items():
        mode = Mode.FINAL if name == "480×640" else Mode.SOURCE
        rows = []
        for path in paths:
            data = path.read_bytes()
            encoded = np.frombuffer(data, np.uint8)
            full = _cpu_ms(partial(cv2.imdecode, encoded, cv2.IMREAD_COLOR))
            examined: list[tuple[Examination, Facts]] = []
            whole = _cpu_ms(partial(_examine, path, Setting(spec, mode, staging), models, examined))
            examination, facts = examined[0]
            used = _cpu_ms(partial(decode_for, data, facts.file, mode, spec.output))
            bare = _bare_models(facts, models)
            if mode is Mode.SOURCE and examination.upload is not None:
                # The file that was made went through the same models: it was read back.
                again = Setting(spec, Mode.FINAL, staging)
                _examine(examination.upload.path(staging), again, models, examined)
                bare += _bare_models(examined[1][1], models)
            rows.append((full, used, bare, whole, whole / (bare + used)))
        columns = list(zip(*rows[1:], strict=True))  # the first warms up
        middle = [statistics.median(column) for column in columns]
        table.add_row(
            f"{name} ({len(rows) - 1})",
            *(f"{value:.1f}" for value in middle[:4]),
            f"{middle[4]:.3f}",
            f"{max(columns[4]):.3f}",
        )
    return table


def whole_shoot(paths: Sequence[Path], roster: Path, count: int, folder: Path) -> Table:
    """Photos a second of a whole run with one worker and with two, and a worker's memory."""
    inbox = folder / "inbox"
    inbox.mkdir()
    for number in range(count):
        shutil.copyfile(paths[number % len(paths)], inbox / f"{number:05}.jpg")
    table = Table(title=f"whole run, {count} files of 480×640", box=None)
    for head in ("workers", "examine s", "photos/s", "judge+write ms/photo", "MB a worker"):
        table.add_column(head, justify="right")
    speeds: list[float] = []
    for workers in (1, 2, 1, 2):
        out = folder / f"out-{len(speeds)}"
        shoot = prepare(Request(inbox, roster, "chsi_graduate", "final"))
        with staging_in(out) as staging:
            with worker_pool(setting_of(shoot, staging), workers) as pool:
                # One round first: start-up is not what a shoot of thousands pays for.
                list(pool.run(shoot.submissions[: 2 * workers]))
                began = time.perf_counter()
                examined = list(pool.run(shoot.submissions))
                seconds = time.perf_counter() - began
            began = time.perf_counter()
            finish(shoot, examined, out, staging, Presentation())
            writing = (time.perf_counter() - began) / count * 1000
        speeds.append(count / seconds)
        memory = _worker_memory_mb()
        table.add_row(
            str(workers), f"{seconds:.1f}", f"{speeds[-1]:.2f}", f"{writing:.2f}", f"{memory:.0f}"
        )
    one, two = statistics.mean(speeds[0::2]), statistics.mean(speeds[1::2])
    table.caption = f"two workers ÷ one: {two / one:.2f}"
    return table


def _examine(
    path: Path, setting: Setting, models: Models, examined: list[tuple[Examination, Facts]]
) -> None:
    tools = Tools(CHECKS, models)
    examination, facts = examine_with_facts(Submission(path.name, path), setting, tools)
    assert facts is not None
    examined.append((examination, facts))


def _bare_models(facts: Facts, models: Models) -> float:
    """The models on the very pixels that the check gives them, in CPU ms.

    A view of the head counts where a check asked for it.
    """
    pixels, region, asked_for = facts.photo.pixels, facts.roi_pixels, vars(facts)
    views = [asked_for[name].pixels for name in ("close_view", "wide_view") if name in asked_for]
    return _cpu_ms(
        lambda: (
            models.detect_faces(pixels),
            models.find_mesh(region),
            [models.segment(seen) for seen in (region, *views)],
        )
    )


def _pictures(source: Path, folder: Path, size: tuple[int, int], count: int) -> list[Path]:
    """Make ``count`` JPEGs of ``size`` from the pictures in ``source``."""
    folder.mkdir()
    originals = sorted(p for p in source.glob("*.jpg") if _is_portrait(p))
    if not originals:
        raise SystemExit(f"no 480×640 pictures in {source}; run make demo first")
    made = []
    for number in range(count):
        path = folder / f"{number:03}.jpg"
        with Image.open(originals[number % len(originals)]) as image:
            if image.size == size:
                shutil.copyfile(originals[number % len(originals)], path)
            else:
                image.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(path, quality=92)
        made.append(path)
    return made


def _is_portrait(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return image.size == SIZES["480×640"] and image.mode == "RGB"
    except OSError:
        return False


def _cpu_ms(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


def _worker_memory_mb() -> float:
    """The largest resident size that any ended child process reached."""
    multiprocessing.active_children()  # reaps
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    main()
