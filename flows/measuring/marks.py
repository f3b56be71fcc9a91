"""``python -m flows.measuring.marks LABELS.csv``: how well ED002 sees what lies on a person.

Dates, watermarks and badges are drawn, seeded, on the registration crops of photographs whose
group is given; stripes and checks on their clothes are what it must not take for them. The
photographs are read, never written.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from checks import CHECKS, edited_marks
from flows.measuring.alterations import encoded
from flows.measuring.intervals import wilson
from flows.measuring.labels import read_labels
from pipeline.core.errors import PhotoError
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check
from pipeline.examine.head_facts import HeadFacts
from pipeline.examine.measure import facts_of
from pipeline.face.head_measures import CHIN
from pipeline.face.models import BACKGROUND, load_models
from pipeline.image.decode import Pixels
from pipeline.spec.spec import Spec, load_spec

T = TypeVar("T")
Mark = Callable[[Pixels, Generator], Pixels]
_QUALITY = 84
_COLOURS = ((255, 140, 0), (255, 255, 255), (230, 30, 30), (255, 220, 0), (0, 0, 0))
_WHITE, _DARK = (255, 255, 255), (60, 60, 60)
_BADGES = ((240, 240, 240), (230, 60, 60), (30, 120, 240), (30, 30, 30), (60, 190, 90))
_TURNS_DEG = (0, 0, 20, -30)
_LIGHT = 600  # sum of R, G, B: what is written on it is dark


def main() -> None:
    """Draw, judge, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--groups", nargs="+", default=["idstyle", "portrait"])
    parser.add_argument("--most", type=int, default=29, help="photos to draw on, evenly spread")
    options = parser.parse_args()
    spec = load_spec("chsi_graduate", CHECKS)
    found = list(_portraits(options.labels, options.groups, spec))
    table = Table(title=f"ED002 on {len(found)} photos of {', '.join(options.groups)}")
    for head in ("what is on the person", "noted", "of", "95 % interval"):
        table.add_column(head, justify="right")
    rows = {"nothing: as they are": [noted for _, noted, _ in found]}
    drawn_on = found[:: max(1, len(found) // options.most)]
    for name, mark in {**_MARKS, **_PATTERNS}.items():
        rows[name] = [
            _is_noted(_drawn(mark, name, crop, clothes, seed), spec)
            for seed, (crop, _, clothes) in enumerate(drawn_on)
        ]
    for name, noted in rows.items():
        low, high = wilson(sum(noted), len(noted))
        table.add_row(name, str(sum(noted)), str(len(noted)), f"{100 * low:.1f}–{100 * high:.1f}")
    Console().print(table)


def _portraits(
    labels: Path, groups: list[str], spec: Spec
) -> Iterator[tuple[Pixels, bool, NDArray[np.bool_]]]:
    """Yield the registration crop of each photo, whether it is noted, and where the clothes are."""
    for row in read_labels(labels):
        if row.group not in groups:
            continue
        try:
            facts = facts_of(row.path.read_bytes(), Mode.SOURCE, spec, load_models())
        except PhotoError:
            continue
        if isinstance(facts, HeadFacts):
            (finding,) = run_check(edited_marks.CHECK, facts, spec.limits["marks"])
            crop = facts.registration_crop
            person = cv2.resize(facts.classes[:, :, BACKGROUND], crop.shape[1::-1]) < 0.5
            person[: round(float(facts.points[CHIN, 1])) + 20] = False
            yield crop, finding.outcome is Outcome.BROKEN, person


def _drawn(mark: Mark, name: str, crop: Pixels, clothes: NDArray[np.bool_], seed: int) -> Pixels:
    rng = np.random.default_rng([20271, seed, len(name)])
    made = mark(np.ascontiguousarray(crop), rng)
    return np.where(clothes[..., None], made, crop) if name in _PATTERNS else made


def _is_noted(picture: Pixels, spec: Spec) -> bool:
    facts = facts_of(encoded(picture, _QUALITY), Mode.FINAL, spec, load_models())
    (finding,) = run_check(edited_marks.CHECK, facts, spec.limits["marks"])
    return finding.outcome is Outcome.BROKEN


# -- what is drawn, on 480 x 640 ---------------------------------------------------------


def _written(
    picture: Pixels,
    text: str,
    at: tuple[int, int],
    size: float,
    colour: tuple[int, int, int],
    share: float = 1.0,
    turn_deg: float = 0.0,
) -> Pixels:
    height, width = picture.shape[:2]
    thick = max(1, round(2 * size))
    layer = np.zeros((height, width), np.uint8)
    cv2.putText(layer, text, at, cv2.FONT_HERSHEY_DUPLEX, size, 255, thick, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, 1)
    ink = (cv2.warpAffine(layer, turn, (width, height)) * (share / 255))[..., None]
    mixed = picture * (1 - ink) + np.array(colour) * ink
    return np.asarray(mixed.round(), np.uint8)


def _chosen(rng: Generator, choices: tuple[T, ...]) -> T:
    return choices[int(rng.integers(len(choices)))]


def _date_on_chest(picture: Pixels, rng: Generator) -> Pixels:
    text = _chosen(rng, ("2026/06/01 09:41", "2026.06.01", "2026-06-01", "26. 6. 1"))
    at = (int(rng.integers(100, 200)), int(rng.integers(590, 628)))
    return _written(picture, text, at, rng.uniform(0.5, 0.9), _chosen(rng, _COLOURS))


def _date_in_corner(picture: Pixels, rng: Generator) -> Pixels:
    at = (int(rng.integers(285, 310)), int(rng.integers(605, 628)))
    return _written(picture, "2026.06.01", at, rng.uniform(0.5, 0.75), _chosen(rng, _COLOURS))


def _word_on_face(picture: Pixels, rng: Generator) -> Pixels:
    at = (int(rng.integers(110, 190)), int(rng.integers(300, 400)))
    share, turn = rng.uniform(0.35, 0.8), _chosen(rng, _TURNS_DEG)
    return _written(picture, "SAMPLE", at, rng.uniform(1.2, 1.8), _WHITE, share, turn)


def _word_on_chest(picture: Pixels, rng: Generator) -> Pixels:
    text = _chosen(rng, ("SAMPLE", "PREVIEW", "PhotoApp"))
    at = (int(rng.integers(100, 200)), int(rng.integers(575, 625)))
    return _written(picture, text, at, rng.uniform(0.8, 1.5), _WHITE, rng.uniform(0.35, 0.8))


def _word_over_all(picture: Pixels, rng: Generator) -> Pixels:
    share, turn = rng.uniform(0.25, 0.5), _chosen(rng, _TURNS_DEG)
    return _written(picture, "SAMPLE", (30, int(rng.integers(280, 560))), 3, _WHITE, share, turn)


def _letters_in_corner(picture: Pixels, rng: Generator) -> Pixels:
    at = (int(rng.integers(390, 425)), int(rng.integers(600, 628)))
    return _written(picture, _chosen(rng, ("AI", "HD")), at, rng.uniform(0.7, 1.2), _WHITE)


def _badge_with_letters(picture: Pixels, rng: Generator) -> Pixels:
    made, (x, y) = picture.copy(), rng.integers((425, 588), (445, 604))
    radius, ground = int(rng.integers(24, 34)), _chosen(rng, _BADGES)
    cv2.circle(made, (int(x), int(y)), radius, ground, -1, cv2.LINE_AA)
    at = (int(x - 0.62 * radius), int(y + 0.35 * radius))
    ink = _DARK if sum(ground) > _LIGHT else _WHITE
    return _written(made, _chosen(rng, ("AI", "HD", "P")), at, radius / 36, ink)


def _logo_without_letters(picture: Pixels, rng: Generator) -> Pixels:
    made, (x, y) = picture.copy(), rng.integers((395, 560), (430, 595))
    side, ground = int(rng.integers(34, 46)), _chosen(rng, _BADGES)
    ink = _DARK if sum(ground) > _LIGHT else _WHITE
    x, y, middle = int(x), int(y), (int(x) + side // 2, int(y) + side // 2)
    cv2.rectangle(made, (x, y), (x + side, y + side), ground, -1)
    if rng.random() < 0.5:
        cv2.circle(made, middle, side // 4, ink, 3, cv2.LINE_AA)
    else:
        angles = np.array((0, 2, 4, 1, 3)) * 0.4 * np.pi
        star = np.array(middle) + side * 0.35 * np.stack([np.sin(angles), -np.cos(angles)], axis=1)
        cv2.fillPoly(made, [star.round().astype(np.int32)], ink, cv2.LINE_AA)
    return made


def _striped(picture: Pixels, rng: Generator) -> Pixels:
    step, wide = int(rng.integers(6, 26)), int(rng.integers(1, 6))
    made, across, colour = picture.copy(), rng.random() < 0.5, _chosen(rng, _BADGES)
    for start in range(0, max(picture.shape[:2]), step):
        band = made[start : start + wide] if across else made[:, start : start + wide]
        band[:] = colour
    return made


def _checked(picture: Pixels, rng: Generator) -> Pixels:
    step, wide = int(rng.integers(10, 36)), int(rng.integers(2, 8))
    made, colour = picture.astype(np.float32), np.asarray(_chosen(rng, _BADGES), np.float32)
    for start in range(0, max(picture.shape[:2]), step):
        for band in (made[start : start + wide], made[:, start : start + wide]):
            band[:] = 0.5 * band + 0.5 * colour
    return made.astype(np.uint8)


def _dotted(picture: Pixels, rng: Generator) -> Pixels:
    made, step, radius = picture.copy(), int(rng.integers(10, 24)), int(rng.integers(2, 5))
    for y in range(0, picture.shape[0], step):
        for x in range(0, picture.shape[1], step):
            cv2.circle(made, (x, y), radius, _WHITE, -1, cv2.LINE_AA)
    return made


_MARKS: Mapping[str, Mark] = {
    "a date on the chest": _date_on_chest,
    "a date in the corner": _date_in_corner,
    "a word across the face": _word_on_face,
    "a word across the chest": _word_on_chest,
    "a faint word over all": _word_over_all,
    "two letters in the corner": _letters_in_corner,
    "a badge with a letter or two": _badge_with_letters,
    "an app's logo without letters": _logo_without_letters,
}
_PATTERNS: Mapping[str, Mark] = {
    "striped clothes": _striped,
    "checked clothes": _checked,
    "dotted clothes": _dotted,
}


if __name__ == "__main__":
    main()
