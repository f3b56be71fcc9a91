"""What is told of identity: findings of DU003-DU005, rows of pairs.csv, proposals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.core.records import PairRow, Proposal
from pipeline.core.rules import Finding, Outcome, Text
from pipeline.identity.shifts import Shift
from pipeline.identity.similarity import FaceOfPhoto, NoTemplate, Similarities
from pipeline.identity.slots import Repeat, Slot
from pipeline.identity.swaps import Swap
from pipeline.rules.identity import (
    BOTH,
    DU003,
    DU004,
    DU005,
    FITS_NOBODY,
    NO_ORDER,
    NO_REFERENCE,
    UNSURE,
    belongs_to,
    like_record_of,
    of_run,
    own_stands_under,
    run_text,
    see,
    swapped_with,
    twice_in_a_row,
)


@dataclass(frozen=True)
class Batch:
    """What was compared. Photos go by their number in ``photos``; each has a student."""

    photos: Sequence[FaceOfPhoto]
    similarities: Similarities
    unusable: Mapping[str, NoTemplate]  # students whose reference photo has no template
    sequences: tuple[tuple[Slot, ...], ...]
    positions: Mapping[int, tuple[int, int]]  # sequence, and place in it, of each photo

    def student(self, number: int) -> str:
        """Return the student under whom a photo stands."""
        student = self.photos[number].student
        assert student is not None
        return student

    def accepted(self, number: int) -> bool:
        """Whether a photo is the person on its own reference."""
        return bool(self.similarities.own[number] >= self.similarities.thresholds.accept)

    def score(self, number: int, student: str | None) -> float | None:
        """Score of a photo against a student's reference; None where either has no template."""
        reference = self.similarities.reference_of.get(student or "", -1)
        score = self.similarities.between(np.array([number]), np.array([reference], np.intp))
        return float(score[0]) if np.isfinite(score[0]) else None


@dataclass(frozen=True)
class Causes:
    """What is wrong; ``copies`` are photos that show a student who has an accepted one."""

    shifts: tuple[Shift, ...]
    swaps: tuple[Swap, ...]
    copies: Mapping[int, tuple[str, float]]
    repeats: tuple[Repeat, ...]


@dataclass(frozen=True)
class IdentityFindings:
    """What the comparison came to: findings of DU003-DU005 by photo, pairs, proposals."""

    findings: Mapping[str, tuple[Finding, ...]]
    pairs: tuple[PairRow, ...]
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True)
class _Report:
    """What one cause comes to; the findings by the photo's number."""

    findings: Mapping[int, tuple[Finding, ...]]
    pairs: tuple[PairRow, ...] = ()
    proposals: tuple[Proposal, ...] = ()


def report(batch: Batch, causes: Causes) -> IdentityFindings:
    """Return one finding of each rule for every photo, and a row for every cause."""
    swapped = {number for swap in causes.swaps for number in swap.shows}
    told = [
        _shift_findings(batch, shift, swapped, f"shift-{n}")
        for n, shift in enumerate(causes.shifts, start=1)
    ]
    told += [_swap_findings(batch, e, f"swap-{n}") for n, e in enumerate(causes.swaps, start=1)]
    told += [_repeat_findings(batch, repeat) for repeat in causes.repeats]
    findings = {number: found for each in told for number, found in each.findings.items()}
    shown = [*(shift.shows for shift in causes.shifts), *(e.shows for e in causes.swaps)]
    under = {student: batch.student(number) for shows in shown for number, student in shows.items()}
    told += [
        _single_findings(batch, number, causes.copies.get(number), under)
        for number in range(len(batch.photos))
        if number not in findings
    ]
    findings |= {number: found for each in told for number, found in each.findings.items()}
    return IdentityFindings(
        findings={batch.photos[number].photo: findings[number] for number in sorted(findings)},
        pairs=tuple(
            sorted(
                (pair for each in told for pair in each.pairs),
                key=lambda pair: (pair.photo_a, pair.photo_b, pair.kind),
            )
        ),
        proposals=tuple(
            sorted((p for each in told for p in each.proposals), key=lambda p: p.photo)
        ),
    )


def _shift_findings(batch: Batch, shift: Shift, swapped: Collection[int], name: str) -> _Report:
    whose = _whose(batch, shift, swapped)
    ends = shift.slots[shift.first].skipped + (
        shift.slots[shift.last + 1].skipped if shift.last + 1 < len(shift.slots) else 0
    )
    slots = [
        slot for slot in shift.slots[shift.first : shift.last + 1] if set(slot.photos) & set(whose)
    ]
    text = run_text(slots[0].student, slots[-1].student, len(whose), shift.offset, ends)
    findings, proposals, scores = {}, [], []
    for number, student in whose.items():
        score = batch.score(number, student)
        scores += [score] if score is not None else []
        broken = DU004.broken(score, of_run(text, student))
        findings[number] = _because_of(batch, number, broken)
        if student is not None:
            row = Proposal(batch.photos[number].photo, batch.student(number), student, text, name)
            proposals.append(row)
    for number in set(shift.photos()) - set(whose) - set(swapped):
        alone = _own_reference(batch, number, None)
        target = shift.by_position().get(number)
        score = batch.score(number, target)
        if score is not None and score >= batch.similarities.thresholds.accept:
            alone = (alone[0], DU004.skipped(BOTH), alone[2])
        findings[number] = alone
    pair = PairRow(
        "shift",
        slots[0].student,
        slots[-1].student,
        batch.photos[slots[0].photos[0]].photo,
        batch.photos[slots[-1].photos[-1]].photo,
        float(np.mean(scores)),
        text,
    )
    return _Report(findings, (pair,), tuple(proposals))


def _whose(batch: Batch, shift: Shift, swapped: Collection[int]) -> dict[int, str | None]:
    """Whose each photo of a run is: as its face says, else by its place; None: staff must say.

    Without those whom their own reference accepts, and those that show somebody farther away.
    """
    by_position, shown = shift.by_position(), set(shift.shows.values())
    whose: dict[int, str | None] = {}
    for number in shift.photos():
        if number in shift.shows:
            whose[number] = shift.shows[number]
        elif number not in swapped and not batch.accepted(number):
            student = by_position.get(number)
            score = batch.score(number, student)
            poor = score is not None and score < batch.similarities.thresholds.reject
            whose[number] = None if poor or student in shown else student
    return whose


def _swap_findings(batch: Batch, swap: Swap, name: str) -> _Report:
    under = {student: number for number, student in swap.shows.items()}
    photo_under = {
        batch.student(n): batch.photos[n].photo for n in sorted(under.values(), reverse=True)
    }
    only_two = swap.closed and len(swap.shows) == 2
    findings, pairs, proposals = {}, [], []
    for number, student in swap.shows.items():
        owner, own = batch.student(number), under.get(batch.student(number))
        if only_two:
            detail = swapped_with(student)
        else:
            detail = belongs_to(student, None if own is None else batch.student(own))
        broken = DU003.broken(swap.scores[number], detail)
        findings[number] = _because_of(batch, number, broken)
        photo, why = batch.photos[number].photo, _why(broken)
        proposals.append(Proposal(photo, owner, student, why, name))
        if not only_two or number == min(swap.shows):
            other = photo_under.get(student, "")
            score = min(swap.scores.values()) if only_two else swap.scores[number]
            pairs.append(PairRow("swap", owner, student, photo, other, score, why))
    return _Report(findings, tuple(pairs), tuple(proposals))


def _why(broken: Finding) -> Text:
    assert broken.because is not None
    return broken.because


def _repeat_findings(batch: Batch, repeat: Repeat) -> _Report:
    numbers = (repeat.first, repeat.second)
    first, second = (batch.student(number) for number in numbers)
    detail = twice_in_a_row(first, second, repeat.numbers, repeat.absent)
    (score,) = batch.similarities.between_photos(
        np.array([repeat.first]), np.array([repeat.second])
    ).tolist()
    broken = DU004.broken(score, detail)
    findings = {}
    for number in numbers:
        if not batch.accepted(number):
            du003, _, du005 = _own_reference(batch, number, None)
            if du005.outcome is Outcome.BROKEN:  # it shows the other of the two
                du005 = _because_of(batch, number, broken)[2]
            findings[number] = (du003, broken, du005)
    photo_a, photo_b = (batch.photos[number].photo for number in numbers)
    return _Report(findings, (PairRow("shift", first, second, photo_a, photo_b, score, detail),))


def _single_findings(
    batch: Batch, number: int, copy: tuple[str, float] | None, under: Mapping[str, str]
) -> _Report:
    """Tell a photo that no cause explains; ``under`` says where the student's own one stands."""
    du003, du004, du005 = _own_reference(batch, number, copy)
    if du005.outcome is not Outcome.BROKEN:
        return _Report({number: (du003, du004, du005)})
    photo, student = batch.photos[number].photo, batch.student(number)
    if student in under:
        du005 = replace(du005, because=own_stands_under(_why(du005), under[student]))
    other, own = "" if copy is None else copy[0], float(batch.similarities.own[number])
    row = PairRow("not_on_record", student, other, photo, "", own, _why(du005))
    return _Report({number: (du003, du004, du005)}, (row,))


def _because_of(batch: Batch, number: int, broken: Finding) -> tuple[Finding, ...]:
    """The findings of a photo that a run or an swap explains: DU005 is its consequence."""
    why, cause = see(broken.code), broken.code
    du005 = DU005.skipped(why, caused_by=cause)
    if cause == DU004.code:
        return DU003.skipped(why, caused_by=cause), broken, du005
    return broken, _no_run(batch, number), du005


def _no_run(batch: Batch, number: int) -> Finding:
    return DU004.passed() if number in batch.positions else DU004.not_applicable(NO_ORDER)


def _own_reference(
    batch: Batch, number: int, copy: tuple[str, float] | None
) -> tuple[Finding, Finding, Finding]:
    """The findings of a photo that nothing but its own reference speaks for or against.

    Compared with every reference it is no other's; what cannot be said is told by DU005 alone,
    unless the photo has no template: then no rule can be assessed, for one reason.
    """
    face, student = batch.photos[number].face, batch.student(number)
    own, thresholds = float(batch.similarities.own[number]), batch.similarities.thresholds
    unusable = batch.unusable.get(student)
    if unusable is None and student not in batch.similarities.reference_of:
        return (
            DU003.not_applicable(NO_REFERENCE),
            DU004.not_applicable(NO_REFERENCE),
            DU005.not_applicable(NO_REFERENCE),
        )
    if isinstance(face, NoTemplate):
        cause = face.caused_by or DU005.code
        return (
            DU003.skipped(face.why, caused_by=cause),
            DU004.skipped(face.why, caused_by=cause),
            DU005.skipped(face.why, caused_by=face.caused_by),
        )
    if unusable is not None:
        du005 = DU005.skipped(unusable.why, caused_by=unusable.caused_by)
    elif own >= thresholds.accept:
        du005 = replace(DU005.passed(own), low=thresholds.accept)
    elif copy is not None:
        du005 = replace(DU005.broken(own, like_record_of(copy[0])), low=thresholds.accept)
    elif own < thresholds.reject:
        du005 = replace(DU005.broken(own, FITS_NOBODY), low=thresholds.reject)
    else:
        du005 = replace(DU005.skipped(UNSURE), measured=own, low=thresholds.accept)
    return DU003.passed(), _no_run(batch, number), du005
