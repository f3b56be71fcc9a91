"""Faults of the booth: one cause in most photos of a run of frames, told once.

Frames are taken in the order in which they were shot, a camera's by themselves. A run is a
stretch in which frames with the cause outweigh the others; of those the maximal ones are taken
(Ruzzo & Tompa 1999, "A linear time algorithm for finding all maximal scoring subsequences").
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipeline.core.causes import UNCLEAR, Cause, causes_of
from pipeline.core.records import BoothFault, PhotoRow
from pipeline.core.rules import Finding, Remedy, Rule
from pipeline.core.run_photos import Matched
from pipeline.identity.shooting_order import order_of

# By so many the frames with the cause must outnumber those without: five in a row, or
# twenty of thirty-four. Where one frame in five has a cause of its own, chance comes to it
# once in some thousand frames.
_LEAST = 5
_MOST_AMOUNTS = 0.9  # the run's advice is that of a photo which needs more than so many others
# What a student does or wears is no fault of the booth, whoever comes next.
_OF_STUDENTS = frozenset({
    "DU006", "EY001", "EY002", "EY004", "FC001", "FC002", "FL001", "HR001", "MK001", "MK002",
    "MO001", "SN003", "hair_too_high",
})  # fmt: skip


def booth_faults(
    matched: Matched, rows: Mapping[str, PhotoRow], rules: Mapping[str, Rule]
) -> tuple[BoothFault, ...]:
    """Find the runs of frames that most have one cause in common, in shooting order.

    ``rules`` are by code, with the remedies of the spec.
    """
    frames = [photo for photo, row in rows.items() if not row.set_aside]
    told = {p: causes_of_booth(rows[p].findings, rows[p].causes, rules) for p in frames}
    if sum(map(bool, told.values())) < _LEAST:
        return ()
    order = order_of(matched, frames)
    faults: list[BoothFault] = []
    for name, shots in _by_camera(matched, [(s.name, s.photos) for s in order.sequences]):
        for key in sorted({key for photo in shots for key in told[photo]}):
            for start, end in runs([key in told[photo] for photo in shots]):
                stretch = shots[start:end]
                hit = {photo: told[photo][key] for photo in stretch if key in told[photo]}
                began, ended = (matched.summaries[p].captured for p in (stretch[0], stretch[-1]))
                fault = BoothFault(
                    f"booth-{len(faults) + 1}",
                    key,
                    tuple(sorted({code for cause in hit.values() for code in cause.codes})),
                    name,
                    stretch[0],
                    stretch[-1],
                    began,
                    ended,
                    len(stretch),
                    tuple(hit),
                    _advice(list(hit.values())).photographer,
                    order.words,
                )
                faults.append(fault)
    return tuple(faults)


def runs(hits: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the maximal stretches (start, end) in which hits outnumber the rest by `_LEAST`."""
    # Start and end of a stretch, and the balance before and after it.
    kept: list[tuple[int, int, int, int]] = []
    balance = 0
    for at, hit in enumerate(hits):
        balance += 1 if hit else -1
        if not hit:
            continue
        start, before = at, balance - 1
        while kept:
            place = next((n for n in reversed(range(len(kept))) if kept[n][2] < before), None)
            if place is None or kept[place][3] >= balance:
                break
            start, before = kept[place][0], kept[place][2]
            del kept[place:]
        kept.append((start, at + 1, before, balance))
    return [(start, end) for start, end, before, after in kept if after - before >= _LEAST]


def causes_of_booth(
    findings: Iterable[Finding], framing: Iterable[Cause], rules: Mapping[str, Rule]
) -> dict[str, Cause]:
    """Return the causes of a photo that may be the booth's, by key.

    ``findings`` are those that count for its verdict, as for `causes_of`.
    """
    return {
        cause.key: cause
        for cause in causes_of(findings, framing, rules)
        if cause.key not in _OF_STUDENTS
        and cause.key != UNCLEAR
        and all(rules[code].remedy is Remedy.RETAKE for code in cause.codes)
    }


def _by_camera(
    matched: Matched, sequences: Sequence[tuple[str, Sequence[str]]]
) -> Iterator[tuple[str, list[str]]]:
    """Part each sequence by the cameras that its photos name."""
    for name, photos in sequences:
        cameras: dict[str, list[str]] = defaultdict(list)
        for photo in photos:
            cameras[matched.summaries[photo].camera].append(photo)
        for camera, shots in sorted(cameras.items()):
            yield " ".join(filter(None, (name, camera))), shots


def _advice(causes: Sequence[Cause]) -> Cause:
    ranked = sorted(causes, key=lambda cause: cause.amount)
    return ranked[min(len(ranked) - 1, int(_MOST_AMOUNTS * len(ranked)))]
