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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pillow_heif
from PIL import Image
from rich.console import Console
from rich.table import Table

from checks import CHECKS
from flows.shoot.output import staging_in
from flows.shoot.reading import prepare
from flows.shoot.request import Request
from flows.shoot.steps import finish, setting_of
from flows.shoot.worker import worker_pool
from pipeline.core.records import Examination, Submission
from pipeline.core.rules import Mode
from pipeline.examine.examine import examine_with_facts
from pipeline.examine.facts import Facts
from pipeline.examine.measure import decode_for
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import Models, load_models
from pipeline.spec.spec import Spec, load_spec
from reports.masking import Presentation

# What a 480x640 file, a phone's and a studio camera's frame measure.
SIZES = {"480×640": (480, 640), "12 MP": (3024, 4032), "24 MP": (4000, 6000)}
FAILING = ("12 MP HEIC, too dark", "12 MP JPEG, too dark")
_FEW = 4  # to write a HEIC of that size takes ten seconds


@dataclass(frozen=True)
class Cost:
    """CPU ms of one photo: its decode, the landmarks, decode and each model once, the check.

    ``passed``: a registration file was made, so that it was read back too.
    """

    decode: float
    mesh: float
    once: float
    check: float
    passed: bool


def main() -> None:
    """Run every part and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, default=Path("build/demo/final_inbox"))
    parser.add_argument("--roster", type=Path, default=Path("build/demo/roster.xlsx"))
    parser.add_argument("--spec", default="chsi_graduate", help="as of gradphoto check")
    parser.add_argument("--count", type=int, default=24, help="photos of each size")
    parser.add_argument("--shoot", type=int, default=120, help="photos of the whole shoot")
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sets = {
            name: pictures(options.pictures, folder / name, size, options.count)
            for name, size in SIZES.items()
        }
        # First, while this process is small: a child that begins counts as large as its parent.
        shoot, speed, memory = whole_shoot(sets["480×640"], options, folder)
        spec = load_spec(options.spec, CHECKS)
        costs = {name: _costs(name, paths, spec, folder) for name, paths in sets.items()}
        costs |= {
            name: _costs(name, paths, spec, folder)
            for name, paths in _failing(sets["12 MP"], folder).items()
        }
        console.print(per_photo(costs))
        console.print(shoot)
        console.print(ratios(costs, speed, memory))


def _costs(name: str, paths: Sequence[Path], spec: Spec, staging: Path) -> list[Cost]:
    """Examine photos one after another; the first warms up and does not count."""
    models = load_models()
    mode = Mode.FINAL if name == "480×640" else Mode.SOURCE
    found = []
    for path in paths:
        data = path.read_bytes()
        examined: list[tuple[Examination, Facts]] = []
        whole = _cpu_ms(partial(_examine, path, Setting(spec, mode, staging), models, examined))
        examination, facts = examined[0]
        used = _cpu_ms(partial(decode_for, data, facts.file, mode, spec.output))
        pixels, region = facts.photo.pixels, facts.roi_pixels
        mesh = _cpu_ms(partial(models.find_mesh, region))
        once = used + mesh + _cpu_ms(partial(models.detect_faces, pixels))
        once += _cpu_ms(partial(models.segment, region))
        found.append(Cost(used, mesh, once, whole, examination.upload is not None))
    return found[1:]


def per_photo(costs: Mapping[str, Sequence[Cost]]) -> Table:
    """CPU milliseconds a photo, medians: decode, each model once, the whole examination."""
    table = Table(title="CPU ms a photo, medians", box=None)
    for head in ("photos", "passed", "decode", "each model once", "check"):
        table.add_column(head, justify="right")
    for name, rows in costs.items():
        columns = ([row.decode for row in rows], [row.once for row in rows])
        middle = [statistics.median(column) for column in (*columns, [row.check for row in rows])]
        table.add_row(
            f"{name} ({len(rows)})",
            str(sum(row.passed for row in rows)),
            *(f"{value:.1f}" for value in middle),
        )
    return table


def ratios(costs: Mapping[str, Sequence[Cost]], speed: float, memory: float) -> Table:
    """Print what was aimed at; both sides of a ratio are of this run, and of the same pictures."""
    small, phone, studio = (costs[name] for name in SIZES)
    bare_loop = [row.check / (row.mesh + row.decode) for row in small]
    table = Table(title="ratios, medians of pairs", box=None)
    for head in ("of", "measured", "aim"):
        table.add_column(head, justify="left" if head == "of" else "right")
    for words, pairs, aim in (
        ("480×640 file ÷ each model once and its decode", [r.check / r.once for r in small], "1.2"),
        ("480×640 file ÷ mediapipe's bare loop (decode, landmarks)", bare_loop, ""),
        ("12 MP source that passes ÷ 480×640 file", _pairs(phone, small), "2.0"),
        ("24 MP ÷ 12 MP source", _pairs(studio, phone), "1.1"),
        ("12 MP HEIC that fails ÷ the same as JPEG", _pairs(*map(costs.get, FAILING)), "2.0"),
    ):
        table.add_row(words, f"{statistics.median(pairs):.2f}" if pairs else "none", aim)
    table.add_row("two workers ÷ one, photos a second", f"{speed:.2f}", "1.9 at least")
    table.add_row("peak MB a worker", f"{memory:.0f}", "350")
    return table


def _pairs(ones: Sequence[Cost] | None, others: Sequence[Cost] | None) -> list[float]:
    """Divide the costs of the same picture in two forms, where the first gave a file if any did."""
    ones, others = ones or (), others or ()
    any_passed = any(one.passed for one in ones)
    pairs = zip(ones, others, strict=True)
    return [one.check / other.check for one, other in pairs if one.passed or not any_passed]


def _failing(paths: Sequence[Path], folder: Path) -> dict[str, list[Path]]:
    """Make a few pictures too dark, as HEIC and as JPEG."""
    made: dict[str, list[Path]] = {name: [] for name in FAILING}
    for number, path in enumerate(paths[:_FEW]):
        with Image.open(path) as image:
            dark = image.point(lambda level: round(level * 0.35))
        for name, suffix in zip(FAILING, (".heic", ".jpg"), strict=True):
            made[name].append(folder / f"dark-{number}{suffix}")
        pillow_heif.from_pillow(dark).save(made[FAILING[0]][-1], quality=80)
        dark.save(made[FAILING[1]][-1], quality=92)
    return made


def whole_shoot(
    paths: Sequence[Path], options: argparse.Namespace, folder: Path
) -> tuple[Table, float, float]:
    """Photos a second of a whole run with one worker and with two, and a worker's memory in MB."""
    count = options.shoot
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
        shoot = prepare(Request(inbox, options.roster, options.spec, "final"))
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
    return table, two / one, _worker_memory_mb()


def _examine(
    path: Path, setting: Setting, models: Models, examined: list[tuple[Examination, Facts]]
) -> None:
    tools = Tools(CHECKS, models)
    examination, facts = examine_with_facts(Submission(path.name, path), setting, tools)
    assert facts is not None
    examined.append((examination, facts))


def pictures(source: Path, folder: Path, size: tuple[int, int], count: int) -> list[Path]:
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
                larger = image.convert("RGB").resize(size, Image.Resampling.BICUBIC)
                larger.save(path, quality=92, comment=str(number))  # no two files the same
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
