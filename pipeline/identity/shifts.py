"""Shifts: in shooting order, photo after photo fits the reference some places further on.

A code is scanned, the student steps out, and every photo after it stands under the wrong name
until someone notices. That is one mistake and is told as one run. Each place of the order has
a state, the number of places by which photos slip there; the most likely course of states is
found by dynamic programming (Viterbi 1967, IEEE Trans. Inf. Theory 13, 260-269), so that a
poor score within a run does not break it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.identity.similarity import Similarities, log_likelihood_ratio
from pipeline.identity.slots import Slot

FURTHEST = 8  # places that a run may slip
# What a change of the shift costs, in units of evidence. A place weighs at most 3 for it and 3
# against it, so a change and back needs two places that speak as clearly as can be; and one
# accident never pays for it.
_CHANGE = 4.0
_FEWEST = 3  # photos that fit, for a run; fewer are a swap or a longer swap
_FEWEST_ALIKE = 4  # students side by side whose swap is a run
_NEVER = -3.0  # evidence for a reference beyond the ends of the sequence


@dataclass(frozen=True)
class Shift:
    """Places ``first`` to ``last`` of a sequence; their photos belong ``offset`` places further on.

    ``shows`` gives, by a photo's number, whom it shows as far as its face says so: at most of
    the positions the student ``offset`` places on, and at an end, where the order came right again,
    those whom the run left over.
    """

    slots: tuple[Slot, ...] = field(repr=False)  # of the whole sequence
    first: int
    last: int
    offset: int
    shows: Mapping[int, str]

    def photos(self) -> tuple[int, ...]:
        """Numbers of the photos at its places."""
        return tuple(n for slot in self.slots[self.first : self.last + 1] for n in slot.photos)

    def by_position(self) -> dict[int, str]:
        """Return the student ``offset`` places on for each photo, as far as there is one."""
        return {
            number: self.slots[at + self.offset].student
            for at in range(self.first, self.last + 1)
            for number in self.slots[at].photos
            if 0 <= at + self.offset < len(self.slots)
        }


def find_shifts(slots: tuple[Slot, ...], similarities: Similarities) -> list[Shift]:
    """Find the shifts of one sequence."""
    if not slots:
        return []
    weights, may_fit = _evidence(slots, similarities)
    fits = may_fit & (weights > 0)
    states = _course(weights)
    shifts = []
    edges = [0, *(np.flatnonzero(np.diff(states)) + 1).tolist(), len(states)]
    for start, end in pairwise(edges):
        state = int(states[start])
        offset = state - FURTHEST
        good = start + np.flatnonzero(fits[start:end, state])
        if not offset or len(good) < _FEWEST or weights[good, state].sum() < _FEWEST:
            continue
        shows = {
            number: slots[at + offset].student
            for at in good.tolist()
            for number in slots[at].photos
            if similarities.seen[number] and _denied(number, similarities)
        }
        if len(shows) > len(good) / 2:
            inside = start + np.flatnonzero(may_fit[start:end, state])
            shifts.append(Shift(slots, int(inside[0]), int(inside[-1]), offset, shows))
    shifts = _joined(shifts)
    taken = {at for shift in shifts for at in range(shift.first, shift.last + 1)}
    whole = []
    for shift in shifts:
        whole.append(_with_ends(shift, taken, similarities))
        taken.update(range(whole[-1].first, whole[-1].last + 1))
    return whole


def _joined(shifts: Sequence[Shift]) -> list[Shift]:
    """Make one run of two that adjoin and whose photos show the same students as they stand under.

    When the first three of a run are shot last, the other way round, that is still one slip.
    """
    joined: list[Shift] = []
    for shift in shifts:
        before = joined[-1] if joined else shift
        shown = [*before.shows.values(), *shift.shows.values()]
        under = {slot.student for slot in shift.slots[before.first : shift.last + 1]}
        beside = 0 < shift.first - before.last <= 2  # with one between that cannot be told
        if beside and len(set(shown)) == len(shown) and set(shown) <= under:
            offset = max(before, shift, key=lambda r: r.last - r.first).offset
            joined[-1] = Shift(
                shift.slots, before.first, shift.last, offset, {**before.shows, **shift.shows}
            )
        else:
            joined.append(shift)
    return joined


def _with_ends(shift: Shift, taken: Collection[int], similarities: Similarities) -> Shift:
    """Add the photos within and right beside a run that show students whom it left over.

    Who stepped out and came back at the end, was shot there under the last one's name.
    """
    first, last, shows = shift.first, shift.last, dict(shift.shows)
    reach = shift.slots[max(0, first + min(0, shift.offset)) : last + max(0, shift.offset) + 1]
    left = {slot.student for slot in reach} - set(shows.values())
    for slot in shift.slots[first : last + 1]:
        if not shows.keys() & set(slot.photos):
            found = _faces_shown(slot, left, similarities)
            shows |= found
            left -= set(found.values())
    for step in (1, -1):
        at = last + 1 if step > 0 else first - 1
        while 0 <= at < len(shift.slots) and at not in taken and left:
            found = _faces_shown(shift.slots[at], left, similarities)
            if not found and all(_denied(n, similarities) for n in shift.slots[at].photos):
                # One that cannot be told; the next one may.
                at += step
                if 0 <= at < len(shift.slots) and at not in taken:
                    found = _faces_shown(shift.slots[at], left, similarities)
            if not found:
                break
            shows |= found
            left -= set(found.values())
            left |= {shift.slots[at].student} - set(shows.values())
            first, last, at = min(first, at), max(last, at), at + step
    return replace(shift, first=first, last=last, shows=shows)


def _denied(number: int, similarities: Similarities) -> bool:
    """Whether a photo is not accepted as who it should be."""
    return not similarities.own[number] >= similarities.thresholds.accept


def _faces_shown(
    slot: Slot, students: Collection[str], similarities: Similarities
) -> dict[int, str]:
    """Whom of ``students`` the photos of a place show, where their own reference denies them."""
    found = {}
    for number in slot.photos:
        names = sorted(s for s in students if s in similarities.reference_of and s != slot.student)
        if not names or not _denied(number, similarities):
            continue
        references = np.array([similarities.reference_of[name] for name in names], np.intp)
        scores = np.nan_to_num(
            similarities.between(np.full(len(names), number), references), nan=-1
        )
        best = int(scores.argmax())
        if scores[best] >= similarities.thresholds.accept:
            found[number] = names[best]
    return found


def shift_of_swap(
    shows: Mapping[int, str],
    sequences: Sequence[tuple[Slot, ...]],
    positions: Mapping[int, tuple[int, int]],
) -> Shift | None:
    """Tell an swap among students who stand side by side, most of them slipped alike, as a run.

    A short run with one poor score is too little for `find_shifts`, and its photos have been
    found one by one. Two students side by side are a swap, and three may be anything.
    ``positions`` gives the sequence and the place in it of every photo.
    """
    if len({positions.get(n, (-1, -1))[0] for n in shows}) != 1 or not set(shows) <= set(positions):
        return None
    slots = sequences[positions[min(shows)][0]]
    at = sorted({positions[n][1] for n in shows})
    where = {slots[a].student: a for a in at}
    if len(at) < _FEWEST_ALIKE or at[-1] - at[0] + 1 != len(at):
        return None
    if not set(shows.values()) <= set(where):
        return None
    offsets = Counter(where[shows[n]] - positions[n][1] for n in shows)
    offset, count = min(offsets.items(), key=lambda item: (-item[1], abs(item[0])))
    if not 0 < abs(offset) <= FURTHEST or count < max(2, len(at) / 2):
        return None
    return Shift(slots, at[0], at[-1], offset, shows)


def with_swap(
    shifts: Sequence[Shift], shows: Mapping[int, str], positions: Mapping[int, tuple[int, int]]
) -> tuple[list[Shift], bool]:
    """Add a photo right beside a run's end, found by itself, to the run; say whether there was one.

    The last photo of a run shows whom the order left without one, and where no list tells
    that student's place, the run cannot know.
    """
    result, added = [], False
    for shift in shifts:
        (number, _), *more = shows.items()
        which, at = positions.get(number, (-1, -1))
        same = not more and which == positions[shift.slots[shift.first].photos[0]][0]
        if same and not added and at in {shift.first - 1, shift.last + 1}:
            added = True
            result.append(
                replace(
                    shift,
                    first=min(shift.first, at),
                    last=max(shift.last, at),
                    shows={**shift.shows, **shows},
                )
            )
        else:
            result.append(shift)
    return result, added


def _evidence(
    slots: tuple[Slot, ...], similarities: Similarities
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Evidence for each shift at each place, (places, shifts), and whether it may be so.

    0 where nothing can be told. A shift may be so where the photos are liker to the reference
    there than to their own, and are not denied by it. One that its own reference accepts can hold
    a run together so, but is not accused.
    """
    states = 2 * FURTHEST + 1
    position = np.array([at for at, slot in enumerate(slots) for _ in slot.photos], np.intp)
    number = np.array([n for slot in slots for n in slot.photos], np.intp)
    references = np.array(
        [similarities.reference_of.get(slot.student, -1) for slot in slots], np.intp
    )
    count = np.bincount(position, similarities.seen[number], len(slots))
    total = np.zeros((len(slots), states), np.float32)
    known_at = np.zeros((len(slots), states), bool)
    for state in range(states):
        target = position + state - FURTHEST
        inside = (target >= 0) & (target < len(slots))
        asked = np.where(inside, references[np.clip(target, 0, len(slots) - 1)], -1)
        scores = similarities.between(number, asked)
        known = np.isfinite(scores)
        each = np.where(
            known, log_likelihood_ratio(np.nan_to_num(scores), similarities.thresholds), 0
        )
        each = np.where(inside | ~similarities.seen[number], each, _NEVER)
        total[:, state] = np.bincount(position, each, len(slots)) / np.maximum(count, 1)
        known_at[:, state] = np.bincount(position, known, len(slots)) > 0
    may_fit = known_at & (total >= -1) & (total > total[:, FURTHEST, None])
    return total, may_fit


def _course(weights: NDArray[np.float32]) -> NDArray[np.intp]:
    """The most likely state at each place; the shift 0 where others are as likely."""
    positions, states = weights.shape
    home = np.zeros(states)
    home[FURTHEST] = 1e-6
    best = weights[0] + home
    came = np.zeros((positions, states), np.intp)
    for at in range(1, positions):
        top = int(best.argmax())
        moves = best[top] - _CHANGE > best
        came[at] = np.where(moves, top, np.arange(states))
        best = np.where(moves, best[top] - _CHANGE, best) + weights[at] + home
    course = np.empty(positions, np.intp)
    course[-1] = int(best.argmax())
    for at in range(positions - 1, 0, -1):
        course[at - 1] = came[at, course[at]]
    return course
