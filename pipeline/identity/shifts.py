"""Slipped runs: in shooting order, photo after photo fits the record some places further on.

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

from pipeline.identity.similarity import Likeness, evidence
from pipeline.identity.slots import Slot

FURTHEST = 8  # places that a run may slip
# What a change of the shift costs, in units of evidence. A place weighs at most 3 for it and 3
# against it, so a change and back needs two places that speak as clearly as can be; and one
# accident never pays for it.
_CHANGE = 4.0
_FEWEST = 3  # photos that fit, for a run; fewer are a swap or a longer exchange
_FEWEST_ALIKE = 4  # students side by side whose exchange is a run
_NEVER = -3.0  # evidence for a record beyond the ends of the sequence


@dataclass(frozen=True)
class Run:
    """Places ``first`` to ``last`` of a sequence whose photos belong ``shift`` places further on.

    ``shows`` gives, by a photo's number, whom it shows as far as its face says so: at most of
    the places the student ``shift`` places on, and at an end, where the order came right again,
    those whom the run left over.
    """

    slots: tuple[Slot, ...] = field(repr=False)  # of the whole sequence
    first: int
    last: int
    shift: int
    shows: Mapping[int, str]

    def photos(self) -> tuple[int, ...]:
        """Numbers of the photos at its places."""
        return tuple(n for slot in self.slots[self.first : self.last + 1] for n in slot.photos)

    def by_place(self) -> dict[int, str]:
        """Give the student ``shift`` places on for each photo, as far as there is one."""
        return {
            number: self.slots[at + self.shift].student
            for at in range(self.first, self.last + 1)
            for number in self.slots[at].photos
            if 0 <= at + self.shift < len(self.slots)
        }


def find_runs(slots: tuple[Slot, ...], likeness: Likeness) -> list[Run]:
    """Find the slipped runs of one sequence."""
    if not slots:
        return []
    told, may_fit = _evidence(slots, likeness)
    fits = may_fit & (told > 0)
    states = _course(told)
    runs = []
    edges = [0, *(np.flatnonzero(np.diff(states)) + 1).tolist(), len(states)]
    for start, end in pairwise(edges):
        state = int(states[start])
        shift = state - FURTHEST
        good = start + np.flatnonzero(fits[start:end, state])
        if not shift or len(good) < _FEWEST or told[good, state].sum() < _FEWEST:
            continue
        shows = {
            number: slots[at + shift].student
            for at in good.tolist()
            for number in slots[at].photos
            if likeness.seen[number] and _denied(number, likeness)
        }
        if len(shows) > len(good) / 2:
            inside = start + np.flatnonzero(may_fit[start:end, state])
            runs.append(Run(slots, int(inside[0]), int(inside[-1]), shift, shows))
    runs = _joined(runs)
    taken = {at for run in runs for at in range(run.first, run.last + 1)}
    whole = []
    for run in runs:
        whole.append(_with_ends(run, taken, likeness))
        taken.update(range(whole[-1].first, whole[-1].last + 1))
    return whole


def _joined(runs: Sequence[Run]) -> list[Run]:
    """Make one run of two that adjoin and whose photos show the same students as they stand under.

    When the first three of a run are shot last, the other way round, that is still one slip.
    """
    joined: list[Run] = []
    for run in runs:
        before = joined[-1] if joined else run
        shown = [*before.shows.values(), *run.shows.values()]
        under = {slot.student for slot in run.slots[before.first : run.last + 1]}
        beside = 0 < run.first - before.last <= 2  # with one between that cannot be told
        if beside and len(set(shown)) == len(shown) and set(shown) <= under:
            shift = max(before, run, key=lambda r: r.last - r.first).shift
            joined[-1] = Run(
                run.slots, before.first, run.last, shift, {**before.shows, **run.shows}
            )
        else:
            joined.append(run)
    return joined


def _with_ends(run: Run, taken: Collection[int], likeness: Likeness) -> Run:
    """Add the photos within and right beside a run that show students whom it left over.

    Who stepped out and came back at the end, was shot there under the last one's name.
    """
    first, last, shows = run.first, run.last, dict(run.shows)
    reach = run.slots[max(0, first + min(0, run.shift)) : last + max(0, run.shift) + 1]
    left = {slot.student for slot in reach} - set(shows.values())
    for slot in run.slots[first : last + 1]:
        if not shows.keys() & set(slot.photos):
            found = _shown(slot, left, likeness)
            shows |= found
            left -= set(found.values())
    for step in (1, -1):
        at = last + 1 if step > 0 else first - 1
        while 0 <= at < len(run.slots) and at not in taken and left:
            found = _shown(run.slots[at], left, likeness)
            if not found and all(_denied(n, likeness) for n in run.slots[at].photos):
                # One that cannot be told; the next one may.
                at += step
                if 0 <= at < len(run.slots) and at not in taken:
                    found = _shown(run.slots[at], left, likeness)
            if not found:
                break
            shows |= found
            left -= set(found.values())
            left |= {run.slots[at].student} - set(shows.values())
            first, last, at = min(first, at), max(last, at), at + step
    return replace(run, first=first, last=last, shows=shows)


def _denied(number: int, likeness: Likeness) -> bool:
    """Whether a photo is not accepted as who it should be."""
    return not likeness.own[number] >= likeness.bands.accept


def _shown(slot: Slot, students: Collection[str], likeness: Likeness) -> dict[int, str]:
    """Whom of ``students`` the photos of a place show, where their own record denies them."""
    found = {}
    for number in slot.photos:
        names = sorted(s for s in students if s in likeness.record_of and s != slot.student)
        if not names or not _denied(number, likeness):
            continue
        records = np.array([likeness.record_of[name] for name in names], np.intp)
        scores = np.nan_to_num(likeness.between(np.full(len(names), number), records), nan=-1)
        best = int(scores.argmax())
        if scores[best] >= likeness.bands.accept:
            found[number] = names[best]
    return found


def run_of_exchange(
    shows: Mapping[int, str],
    sequences: Sequence[tuple[Slot, ...]],
    places: Mapping[int, tuple[int, int]],
) -> Run | None:
    """Tell an exchange among students who stand side by side, most of them slipped alike, as a run.

    A short run with one poor score is too little for `find_runs`, and its photos have been
    found one by one. Two students side by side are a swap, and three may be anything.
    ``places`` gives the sequence and the place in it of every photo.
    """
    if len({places.get(n, (-1, -1))[0] for n in shows}) != 1 or not set(shows) <= set(places):
        return None
    slots = sequences[places[min(shows)][0]]
    at = sorted({places[n][1] for n in shows})
    where = {slots[a].student: a for a in at}
    if len(at) < _FEWEST_ALIKE or at[-1] - at[0] + 1 != len(at):
        return None
    if not set(shows.values()) <= set(where):
        return None
    shifts = Counter(where[shows[n]] - places[n][1] for n in shows)
    shift, count = min(shifts.items(), key=lambda item: (-item[1], abs(item[0])))
    if not 0 < abs(shift) <= FURTHEST or count < max(2, len(at) / 2):
        return None
    return Run(slots, at[0], at[-1], shift, shows)


def with_exchange(
    runs: Sequence[Run], shows: Mapping[int, str], places: Mapping[int, tuple[int, int]]
) -> tuple[list[Run], bool]:
    """Add a photo right beside a run's end, found by itself, to the run; say whether there was one.

    The last photo of a run shows whom the order left without one, and where no list tells
    that student's place, the run cannot know.
    """
    result, added = [], False
    for run in runs:
        (number, _), *more = shows.items()
        which, at = places.get(number, (-1, -1))
        same = not more and which == places[run.slots[run.first].photos[0]][0]
        if same and not added and at in {run.first - 1, run.last + 1}:
            added = True
            result.append(
                replace(
                    run,
                    first=min(run.first, at),
                    last=max(run.last, at),
                    shows={**run.shows, **shows},
                )
            )
        else:
            result.append(run)
    return result, added


def _evidence(
    slots: tuple[Slot, ...], likeness: Likeness
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Evidence for each shift at each place, (places, shifts), and whether it may be so.

    0 where nothing can be told. A shift may be so where the photos are liker to the record
    there than to their own, and are not denied by it. One that its own record accepts can hold
    a run together so, but is not accused.
    """
    states = 2 * FURTHEST + 1
    place = np.array([at for at, slot in enumerate(slots) for _ in slot.photos], np.intp)
    number = np.array([n for slot in slots for n in slot.photos], np.intp)
    records = np.array([likeness.record_of.get(slot.student, -1) for slot in slots], np.intp)
    count = np.bincount(place, likeness.seen[number], len(slots))
    total = np.zeros((len(slots), states), np.float32)
    told = np.zeros((len(slots), states), bool)
    for state in range(states):
        target = place + state - FURTHEST
        inside = (target >= 0) & (target < len(slots))
        asked = np.where(inside, records[np.clip(target, 0, len(slots) - 1)], -1)
        scores = likeness.between(number, asked)
        known = np.isfinite(scores)
        each = np.where(known, evidence(np.nan_to_num(scores), likeness.bands), 0)
        each = np.where(inside | ~likeness.seen[number], each, _NEVER)
        total[:, state] = np.bincount(place, each, len(slots)) / np.maximum(count, 1)
        told[:, state] = np.bincount(place, known, len(slots)) > 0
    may_fit = told & (total >= -1) & (total > total[:, FURTHEST, None])
    return total, may_fit


def _course(told: NDArray[np.float32]) -> NDArray[np.intp]:
    """The most likely state at each place; the shift 0 where others are as likely."""
    places, states = told.shape
    home = np.zeros(states)
    home[FURTHEST] = 1e-6
    best = told[0] + home
    came = np.zeros((places, states), np.intp)
    for at in range(1, places):
        top = int(best.argmax())
        moves = best[top] - _CHANGE > best
        came[at] = np.where(moves, top, np.arange(states))
        best = np.where(moves, best[top] - _CHANGE, best) + told[at] + home
    course = np.empty(places, np.intp)
    course[-1] = int(best.argmax())
    for at in range(places - 1, 0, -1):
        course[at - 1] = came[at, course[at]]
    return course
