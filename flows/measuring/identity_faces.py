"""How well faces are told apart, on labelled photographs of several people.

``gradphoto evaluate LABELS.csv --identity`` prints plain SFace beside ours: how many pairs
of one person are found at a share of false pairs, and what the threshold of a batch, taken
from the batch itself, found, missed and claimed wrongly. Nothing is written to disk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.table import Table

from flows.measuring.intervals import wilson
from flows.measuring.labels import parse_labels, read_rows
from flows.measuring.pair_rates import Row, rates
from pipeline.core.errors import PhotoError
from pipeline.core.rules import Mode, Text
from pipeline.examine.embedding import Vector, centred, embedding
from pipeline.examine.facts import Facts
from pipeline.examine.measure import facts_of
from pipeline.face.models import Recogniser, load_models, load_recogniser
from pipeline.identity.reference_thresholds import Answer, batch_thresholds, judge
from pipeline.identity.same_person_threshold import impostors, impostors_between, threshold
from pipeline.spec.spec import Spec

FALSE_PAIRS = 0.5
FALSE_ACCEPT, FALSE_REJECT = 1e-3, 5e-3
_SIZES = (5, 20, 80)  # people in the random batches
_BATCHES = 100


@dataclass(frozen=True)
class Portrayed:
    """One labelled photo of a known person."""

    path: Path
    person: str
    source: str
    east_asian: bool


@dataclass(frozen=True)
class Described:
    """Photos in one order with their vectors: (n, 128) plain SFace, and ours."""

    people: tuple[Portrayed, ...]
    plain: Vector
    ours: Vector
    lost: int  # photos in which no face was found


def read_people(file: Path) -> tuple[Portrayed, ...]:
    """Read the rows of a labels file that name a person (columns identity and source).

    Raises
    ------
    UsageError
        When the file cannot be read or lacks a column.
    """
    return tuple(
        Portrayed(file.parent / row["path"], row["identity"], row["source"], _east_asian(row))
        for row in read_rows(file, "path", "identity", "source", "labels")
        if row["identity"]
    )


def _east_asian(row: Mapping[str, str]) -> bool:
    labelled = parse_labels(row["labels"]).get("ethnicity") == "east-asian"
    return labelled or row["identity"].startswith("asian:")


def describe_all(people: Sequence[Portrayed], spec: Spec) -> Described:
    """Measure every photo as a source, and embed its main face both ways."""
    recogniser = load_recogniser()
    found, plain, ours = [], [], []
    for one in people:
        try:
            data = one.path.read_bytes()
            facts = facts_of(data, Mode.SOURCE, spec, load_models())
            vector = embedding(facts, recogniser, least_eyes_px=0)
        except (OSError, PhotoError):
            continue
        if isinstance(vector, Text):
            continue
        found.append(one)
        ours.append(vector)
        plain.append(_plain(facts, recogniser))
    return Described(tuple(found), np.stack(plain), np.stack(ours), len(people) - len(found))


def _plain(facts: Facts, recogniser: Recogniser) -> Vector:
    """SFace as OpenCV's example calls it: one face, aligned by YuNet's points."""
    face = facts.faces[0]
    row = np.array([[face.x, face.y, face.width, face.height, *face.points.ravel(), face.score]])
    picture = cv2.cvtColor(facts.photo.pixels, cv2.COLOR_RGB2BGR)
    crop = recogniser.network.alignCrop(picture, row.astype(np.float32))
    return recogniser.describe(np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2RGB), np.uint8))


def batch_row(name: str, batch: Sequence[Portrayed], vectors: Vector) -> Row:
    """Judge a batch by the threshold of its own, every photo under a student of its own."""
    value, expected, counts = _judged(batch, vectors)
    low, high = wilson(counts[0], counts[0] + counts[1])
    share = f"{counts[0] / max(1, sum(counts[:2])):.3f} ({low:.3f}–{high:.3f})"
    return name, "1", f"{value:.3f}", f"{expected:.2f}", *map(str, counts), share


def random_row(size: int, people: Sequence[Portrayed], vectors: Vector) -> Row:
    """Do the same with random batches of so many people, half of them with a second photo."""
    rng = np.random.default_rng(size)
    of: dict[str, list[int]] = {}
    for place, one in enumerate(people):
        of.setdefault(one.person, []).append(place)
    values, hopes, totals = [], [], np.zeros(3, np.int64)
    for _ in range(_BATCHES):
        chosen: list[int] = []
        for person in rng.choice(sorted(of), size, replace=False):
            photos = rng.permutation(of[str(person)])
            chosen += [int(p) for p in photos[: 1 + int(rng.integers(2))]]
        value, hope, counts = _judged([people[k] for k in chosen], vectors[chosen])
        values.append(value)
        hopes.append(hope)
        totals += counts
    low, high = wilson(int(totals[0]), int(totals[:2].sum()))
    share = f"{totals[0] / max(1, totals[:2].sum()):.3f} ({low:.3f}–{high:.3f})"
    name = f"random, {size} people"
    shown = (f"{np.mean(values):.3f}", f"{np.mean(hopes):.2f}", *map(str, totals[:2]))
    return name, str(_BATCHES), *shown, f"{totals[2] / _BATCHES:.2f} a batch", share


def _judged(
    batch: Sequence[Portrayed], vectors: Vector
) -> tuple[float, float, tuple[int, int, int]]:
    """Threshold, expected false pairs, and pairs found, missed and false."""
    common = centred(vectors)
    found = threshold(
        impostors(common, [str(k) for k in range(len(batch))]),
        false_pairs=FALSE_PAIRS,
        false_accept=FALSE_ACCEPT,
    )
    i, j = np.triu_indices(len(batch), 1)
    said = (common @ common.T)[i, j] >= found.value
    persons = np.array([one.person for one in batch])
    same = persons[i] == persons[j]
    counts = int((said & same).sum()), int((~said & same).sum()), int((said & ~same).sum())
    return found.value, found.expected_false_pairs, counts


def record_rows(people: Sequence[Portrayed], vectors: Vector) -> list[Row]:
    """Take each person's first photo for the record, and ask the others whose they are.

    The second row asks them of the next person's record: strangers all.
    """
    first = {one.person: place for place, one in reversed(list(enumerate(people)))}
    several = [k for k, one in enumerate(people) if first[one.person] != k]
    persons = sorted({people[k].person for k in several})
    records = centred(vectors[[first[person] for person in persons]])
    photos = centred(vectors[several])
    of_photo = [people[k].person for k in several]
    place = np.array([persons.index(person) for person in of_photo])
    scores = photos @ records.T
    own = scores[np.arange(len(several)), place].astype(np.float64)
    stranger = scores[np.arange(len(several)), (place + 1) % len(persons)]
    limits = batch_thresholds(
        own,
        impostors_between(photos, of_photo, records, persons),
        false_accept=FALSE_ACCEPT,
        false_reject=FALSE_REJECT,
        false_pairs=FALSE_PAIRS,
    )
    rows = []
    for name, asked in (("own record", own), ("another's record", stranger)):
        answers = [judge(float(score), limits) for score in asked]
        shown = [str(answers.count(answer)) for answer in Answer]
        rows.append((name, str(len(asked)), *shown, f"{limits.reject:.3f}–{limits.accept:.3f}"))
    return rows


def tables(described: Described) -> list[Table]:
    """Make the tables that are printed."""
    people = described.people
    asian = [k for k, one in enumerate(people) if one.east_asian]
    everyone = list(range(len(people)))
    title = f"One person's pairs found ({described.lost} photos lost); bootstrap by person"
    rate = Table(title=title, box=None)
    for head in ("pairs", "vectors", "false-pair share", "found", "95 %", "genuine", "impostors"):
        rate.add_column(head)
    for name, of, same_source in (
        ("all", everyone, False),
        ("east-asian, impostors of one source", asian, True),
    ):
        persons = np.array([people[k].person for k in of])
        sources = np.array([people[k].source for k in of]) if same_source else None
        for how, vectors in (
            ("SFace plain", described.plain[of]),
            ("ours, not centred", described.ours[of]),
            ("ours", centred(described.ours[of])),
        ):
            for row in rates(persons, sources, vectors):
                rate.add_row(name, how, *row)
    rule = Table(
        title=f"The batch's own threshold, at most {FALSE_PAIRS} false pairs asked for", box=None
    )
    for head in ("batch", "batches", "threshold", "expected", "found", "missed", "false", "share"):
        rule.add_column(head)
    for name, of in (("all", everyone), ("east-asian", asian)):
        rule.add_row(*batch_row(name, [people[k] for k in of], described.ours[of]))
    for size in _SIZES:
        rule.add_row(*random_row(size, [people[k] for k in asian], described.ours[asian]))
    record = Table(title="Is this the person on record", box=None)
    for head in ("asked of", "photos", *(answer.value for answer in Answer), "bands"):
        record.add_column(head)
    for row in record_rows(people, described.ours):
        record.add_row(*row)
    return [rate, rule, record]
