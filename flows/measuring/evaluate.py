"""`gradphoto evaluate`: how often the rules are right on labelled photos.

Each photo is examined as a source, and every rule that the labels judge is counted:
faults caught, false alarms, photos that it could not assess. A fault on a face that was
lost counts as caught only when the photo all the same ends as retake or fail.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from checks import CHECKS
from flows.measuring.fitting import (
    LIMITED,
    WEIGHTED,
    Example,
    Limited,
    Measures,
    Weighted,
    fit,
    measure,
)
from flows.measuring.intervals import Counts, Tally, count, folds_of
from flows.measuring.labels import TRUTHS, Labelled, colour_of, is_clean
from pipeline.core.records import Submission
from pipeline.core.rules import Finding, Mode, Outcome, Verdict
from pipeline.core.verdict import counting, remedies, verdict_of
from pipeline.examine.examine import examine_with_facts, unexamined
from pipeline.examine.facts import CropFacts, Facts
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.image.colour_names import name_of
from pipeline.rules import photo_rules
from pipeline.spec.spec import Spec


@dataclass(frozen=True)
class Seen:
    """One labelled photo as it was examined."""

    row: Labelled
    findings: Mapping[str, Finding]
    measures: Mapping[str, Measures]
    colour: str | None


def strict(spec: Spec) -> Spec:
    """Return the spec with every rule asked for: also glasses, which most specs allow."""
    limits = dict(spec.limits)
    limits["eyes"] = limits["eyes"].model_copy(update={"glasses": "forbid"})
    return spec.model_copy(update={"limits": limits, "off": frozenset()})


def look(row: Labelled, spec: Spec) -> Seen:
    """Examine one labelled photo as a source, keeping the measures that are fitted to."""
    done, facts = examine_with_facts(
        Submission(row.name, row.path), Setting(spec, Mode.SOURCE), Tools(CHECKS, load_models())
    )
    return Seen(
        row=row,
        findings={finding.code: finding for finding in done.findings},
        measures={} if facts is None else measure(facts),
        colour=None if facts is None else name_of_background(facts),
    )


def lost(row: Labelled) -> Seen:
    """Return what is known of a photo on which a worker died or the program failed."""
    done = unexamined(Submission(row.name, row.path), Mode.SOURCE, CHECKS)
    return Seen(row, {finding.code: finding for finding in done.findings}, {}, None)


def name_of_background(facts: Facts) -> str | None:
    """Name the colour of the background: blue, white, red or other; None: none to be seen."""
    if not isinstance(facts, CropFacts) or not facts.background.any():
        return None
    name = name_of(np.median(facts.lab[facts.background], axis=0))
    return name if name in {"white", "blue", "red"} else "other"


def out_of_fold(seen: Sequence[Seen], folds: int) -> list[Seen]:
    """Judge the fitted rules anew, each photo by what was fitted to the other folds.

    Photos of one component share a fold. Where the others do not show both sides of a
    rule, its committed limit stands.
    """
    fold = folds_of([photo.row.component for photo in seen], folds)
    judged = list(seen)
    for code in (*LIMITED, *WEIGHTED):
        fitted = [
            fit(code, examples(code, [p for p, f in zip(seen, fold, strict=True) if f != k]))
            for k in range(folds)
        ]
        judged = [_rejudge(photo, code, fitted[k]) for photo, k in zip(judged, fold, strict=True)]
    return judged


def examples(code: str, seen: Iterable[Seen]) -> list[Example]:
    """Return measures and truth of the photos on which a rule was measured and is judged."""
    found = []
    for photo in seen:
        fault = TRUTHS[code](photo.row.labels)
        if fault is not None and code in photo.measures:
            found.append(Example(photo.measures[code], fault))
    return found


def _rejudge(photo: Seen, code: str, fitted: Limited | Weighted | None) -> Seen:
    finding = photo.findings[code]
    unseen = finding.outcome is Outcome.SKIPPED and not finding.borderline
    if fitted is None or code not in photo.measures or unseen:
        return photo
    broken = fitted.breaks(photo.measures[code])
    outcome = Outcome.BROKEN if broken else Outcome.PASSED
    changed = replace(finding, outcome=outcome)
    return replace(photo, findings={**photo.findings, code: changed})


def verdict(photo: Seen, spec: Spec) -> Verdict:
    """Return the verdict of one photo under the spec, without the rules that it does not ask."""
    remedy = remedies(photo_rules(CHECKS), spec.remedies)
    unasked = set(spec.off)
    if getattr(spec.limits["eyes"], "glasses", "") != "forbid":
        unasked.add("EY004")
    asked = [finding for finding in photo.findings.values() if finding.code not in unasked]
    return verdict_of(counting(asked, remedy), remedy)


def tables(seen: Sequence[Seen], spec: Spec) -> dict[str, Counts]:
    """Count every rule that the program has and the labels judge, in the order of the codes."""
    found = {}
    for code in sorted(TRUTHS.keys() & {rule.code for check in CHECKS for rule in check.rules}):
        counts = count(
            Tally(fault, photo.findings[code].outcome, verdict(photo, spec))
            for photo in seen
            if (fault := TRUTHS[code](photo.row.labels)) is not None
        )
        if counts.total:
            found[code] = counts
    return found


def colours(seen: Sequence[Seen]) -> tuple[int, int, int]:
    """Return how many backgrounds are labelled, named rightly, and not named at all.

    ``dark`` and every other label than blue, white and red count as other.
    """
    rows = [(colour_of(p.row.labels), p.colour) for p in seen]
    rows = [(label, name) for label, name in rows if label is not None]
    right = sum(label == name for label, name in rows)
    return len(rows), right, sum(name is None for _, name in rows)


def clean(seen: Sequence[Seen], spec: Spec, codes: Iterable[str]) -> tuple[int, int, int]:
    """Return how many photos are labelled clean, and how many of them are rejected.

    First by one of ``codes``, then for any reason.
    """
    codes = set(codes)
    sound = [photo for photo in seen if is_clean(photo.row.labels)]
    by_codes = sum(
        any(f.outcome is Outcome.BROKEN and f.code in codes for f in photo.findings.values())
        for photo in sound
    )
    return len(sound), by_codes, sum(verdict(p, spec) is not Verdict.PASS for p in sound)
