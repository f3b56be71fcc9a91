"""``python -m flows.measuring.upload_files PHOTOS``: what the upload file is worth, in figures.

From a folder of photographs: how true the resampling is, what share of KB windows is met
at each preset, how like the crop the file is at 40 KB beside two other ways, and what it
costs. Photographs are read, never written. CPU times are the process's own: read ratios.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.table import Table

from checks import CHECKS
from pipeline.core.errors import PhotoError
from pipeline.core.rules import Mode
from pipeline.examine.head_facts import HeadFacts
from pipeline.examine.measure import decode_for, measure_photo
from pipeline.face.crop import plan_crop
from pipeline.face.models import load_models
from pipeline.image.decode import DecodeLimits, Pixels, decode, read_header
from pipeline.image.encode import Encoded, encode_best, resample
from pipeline.image.geometry import Crop, Head
from pipeline.image.ssim import ssim
from pipeline.spec.document import Output
from pipeline.spec.files import spec_names
from pipeline.spec.spec import Spec, load_spec

_SEEN = frozenset({".jpg", ".jpeg", ".png", ".heic", ".webp"})
_TARGET_KB = 40
_LOBES = 10
_MOST_PIXELS = 50_000_000


def main() -> None:
    """Measure and print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--most", type=int, default=60, help="photos, evenly spread")
    options = parser.parse_args()
    console = Console()
    spec = load_spec("chsi_graduate", CHECKS)
    found = list(heads(options.photos, spec, options.most))
    if not found:
        raise SystemExit(f"no photo in {options.photos.name} has pixels enough for an output")
    console.print(resampling(found, spec.output))
    console.print(windows(found))
    console.print(encodings(found, spec.output))


def heads(folder: Path, spec: Spec, most: int) -> Iterator[tuple[Pixels, Head]]:
    """Yield the full pixels and the head of photos whose crop needs no enlarging."""
    models = load_models()
    limits = DecodeLimits(spec.reading.max_bytes, _MOST_PIXELS)
    fitting = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SEEN):
        try:
            header = read_header(path.read_bytes(), limits)
        except PhotoError:
            continue
        if spec.output.width_px <= header.upright_width_px and (
            spec.output.height_px <= header.upright_height_px
        ):
            fitting.append(path)
    for path in fitting[:: max(1, len(fitting) // most)]:
        data = path.read_bytes()
        header = read_header(data, limits)
        try:
            photo = decode_for(data, header, Mode.SOURCE, spec.output)
            facts = measure_photo(data, photo, Mode.SOURCE, spec.output, models)
            if not isinstance(facts, HeadFacts) or facts.crop.scale < 1:
                continue
            yield decode(data, header, None).pixels, facts.head
        except PhotoError:
            continue


# -- resampling ------------------------------------------------------------------------


def resampling(found: list[tuple[Pixels, Head]], output: Output) -> Table:
    """PSNR and SSIM against a downscale of ten lobes in light, and what a zone plate leaves."""
    ways: dict[str, Callable[[Pixels, tuple[int, int]], Pixels]] = {
        "Lanczos, light (ours)": lambda p, s: resample(p, whole(p), 1.0, s),
        "Lanczos, code": lambda p, s: np.asarray(
            Image.fromarray(p).resize(s, Image.Resampling.LANCZOS)
        ),
        "area, light": lambda p, s: code(
            np.asarray(cv2.resize(light(p), s, interpolation=cv2.INTER_AREA), np.float32)
        ),
        "area, code": lambda p, s: np.asarray(
            cv2.resize(p, s, interpolation=cv2.INTER_AREA), np.uint8
        ),
    }
    size = (output.width_px, output.height_px)
    plate, above = zone_plate(size, 3)
    crops = [cut(pixels, head, output) for pixels, head in found]
    crops = [crop for crop in crops if crop.shape[1] >= 1.25 * size[0]]
    references = [code(ideal(light(crop), size)) for crop in crops]
    table = Table(title=f"resampling, {len(crops)} crops of 1.25 times the output or more")
    for head in ("way", "PSNR dB", "SSIM", "zone plate leaves, of 255", "CPU ms, median"):
        table.add_column(head, justify="right")
    for name, way in ways.items():
        scores, spent = [], []
        for crop, reference in zip(crops, references, strict=True):
            began = time.process_time()
            made = way(crop, size)
            spent.append((time.process_time() - began) * 1000)
            scores.append((cv2.PSNR(reference, made), ssim(reference, made)))
        psnr, similarity = np.mean(scores, axis=0)
        left = way(plate, size)[:, :, 0][above].std()
        table.add_row(
            name,
            f"{psnr:.1f}",
            f"{similarity:.4f}",
            f"{left:.1f}",
            f"{statistics.median(spent):.1f}",
        )
    return table


def light(pixels: Pixels) -> NDArray[np.float32]:
    """SRGB code to light, 0..1 (IEC 61966-2-1)."""
    value = pixels.astype(np.float32) / np.float32(255)
    low, high = value / np.float32(12.92), ((value + np.float32(0.055)) / np.float32(1.055)) ** 2.4
    return np.where(value <= 0.04045, low, high).astype(np.float32)


def code(values: NDArray[np.float32]) -> Pixels:
    """Light to sRGB code."""
    value = np.clip(values, 0, 1)
    curved = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    return np.round(255 * curved).astype(np.uint8)


def ideal(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Downscale (H, W, 3) by a sinc of ten lobes under a Kaiser window: the reference."""
    across, down = _sinc(values.shape[1], size[0]), _sinc(values.shape[0], size[1])
    return np.stack([down @ values[:, :, n] @ across.T for n in range(3)], axis=2)


def _sinc(given: int, wanted: int) -> NDArray[np.float32]:
    step = given / wanted
    x = (np.arange(given)[None, :] - ((np.arange(wanted) + 0.5) * step - 0.5)[:, None]) / step
    window = np.i0(6 * np.sqrt(np.clip(1 - (x / _LOBES) ** 2, 0, 1))) / np.i0(6)
    weights = np.where(abs(x) < _LOBES, np.sinc(x) * window, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def zone_plate(size: tuple[int, int], times: int) -> tuple[Pixels, NDArray[np.bool_]]:
    """Rings up to the finest that the large picture holds, and where the small one holds none."""
    width, height = size[0] * times, size[1] * times
    y, x = np.mgrid[:height, :width] + 0.5
    radius, most = np.hypot(x - width / 2, y - height / 2), width / 2
    rings = np.where(radius < most, 100 * np.cos(np.pi * radius**2 / most / 2), 0)
    plate = np.repeat(np.round(127.5 + rings).astype(np.uint8)[:, :, None], 3, axis=2)
    frequency = cv2.resize(radius / most / 2, size, interpolation=cv2.INTER_AREA) * times
    return plate, (frequency > 0.6) & (frequency < 0.49 * times)


# -- windows and encodings -------------------------------------------------------------


def windows(found: list[tuple[Pixels, Head]]) -> Table:
    """Count the files that lie in the KB window of each preset that files are made for."""
    table = Table(title=f"KB windows met, {len(found)} crops")
    columns = (
        "preset", "window KB", "aimed at", "met", "aim met", "median KB", "quality",
        "SSIM, mean", "SSIM, worst",
    )  # fmt: skip
    for column in columns:
        table.add_column(column, justify="right")
    for name in spec_names():
        output = load_spec(name, CHECKS).output
        band = output.kb
        if not output.is_exact or band is None:
            continue
        files = [made(cut(p, h, output), output) for p, h in found]
        sizes, likeness = [file.kb for file in files], [file.ssim or 0.0 for file in files]
        table.add_row(
            name,
            f"{band.low or 0:.0f}–{band.high or 0:.0f}" if band.high else "open",
            f"{band.note_low or band.low or 0:.0f}–{band.note_high or band.high or 0:.0f}",
            f"{np.mean([band.allows(kb) for kb in sizes]):.1%}",
            f"{np.mean([band.within_notes(kb) for kb in sizes]):.1%}",
            f"{statistics.median(sizes):.1f}",
            f"{min(f.quality for f in files)}–{max(f.quality for f in files)}",
            f"{np.mean(likeness):.3f}",
            f"{min(likeness):.3f}",
        )
    return table


def encodings(found: list[tuple[Pixels, Head]], output: Output) -> Table:
    """SSIM at 40 KB and CPU time, beside quality in steps of five and HivisionIDPhotos' way."""
    size = (output.width_px, output.height_px)
    ways: dict[str, Callable[[Pixels], bytes]] = {
        "ours": lambda crop: made(crop, output).data,
        "Pillow, steps of 5": lambda crop: _by_steps(
            np.asarray(Image.fromarray(crop).resize(size, Image.Resampling.LANCZOS)), 5
        ),
        "HivisionIDPhotos' way": lambda crop: _by_steps(
            np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8), 1
        ),
    }
    crops = [cut(pixels, head, output) for pixels, head in found]
    references = [code(ideal(light(crop), size)) for crop in crops]
    table = Table(title=f"at {_TARGET_KB} KB, {len(crops)} crops; SSIM to a downscale of ten lobes")
    for head in ("way", "SSIM, mean", "SSIM, worst", "KB, median", "CPU ms ÷ one encoding"):
        table.add_column(head, justify="right")
    for name, way in ways.items():
        scores, sizes, ratios = [], [], []
        for crop, reference in zip(crops, references, strict=True):
            began = time.process_time()
            data = way(crop)
            spent = time.process_time() - began
            began = time.process_time()
            _save(reference, 85)
            ratios.append(spent / (time.process_time() - began))
            scores.append(ssim(reference, np.asarray(Image.open(io.BytesIO(data)))))
            sizes.append(len(data) / 1024)
        table.add_row(
            name,
            f"{np.mean(scores):.4f}",
            f"{min(scores):.4f}",
            f"{statistics.median(sizes):.1f}",
            f"{statistics.median(ratios):.0f}",
        )
    return table


def made(crop: Pixels, output: Output) -> Encoded:
    """The registration file of a crop."""
    size = (output.width_px, output.height_px)
    return encode_best(resample(crop, whole(crop), 1.0, size), output)


def _by_steps(pixels: Pixels, step: int) -> bytes:
    """Lower the quality from 95 until the file is small enough, with Pillow's own 4:2:0.

    HivisionIDPhotos does so by ones (``resize_image_to_kb``), after resizing by cv2's area;
    it then fills the file up with zeros, which are left out here.
    """
    data = b""
    for quality in range(95, 0, -step):
        data = _save(pixels, quality)
        if len(data) <= _TARGET_KB * 1024:
            break
    return data


def _save(pixels: Pixels, quality: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality, dpi=(300, 300))
    return stream.getvalue()


def whole(pixels: Pixels) -> Crop:
    """All of a picture that was cut already."""
    height, width = pixels.shape[:2]
    return Crop(0, 0, width, height, 1)


def cut(pixels: Pixels, head: Head, output: Output) -> Pixels:
    """The crop that the planner chooses, to whole pixels, at full resolution."""
    height, width = pixels.shape[:2]
    crop = plan_crop(head, width, height, output)
    y, x = round(crop.y), round(crop.x)
    return pixels[y : y + round(crop.height), x : x + round(crop.width)]


if __name__ == "__main__":
    main()
