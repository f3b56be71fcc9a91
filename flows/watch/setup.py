"""Before the first student: test frames of the empty wall and of an assistant are judged.

Which of the two a frame is, the faces in it tell. Both must be fit; until then every new frame is
a test frame.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from checks import CHECKS
from checks.background import BG001, BG002, BackgroundLimits, cause, spread
from flows.season.intake import stamp_of
from flows.shoot.reading import Shoot, submissions_of
from flows.shoot.steps import setting_of
from flows.shoot.worker import here, start
from flows.watch.arrivals import Arrivals, Stamp
from flows.watch.run import changes
from flows.watch.teller import Teller
from pipeline.batch.booth_setup import (
    PARTS,
    SetupFrame,
    assistant_frame,
    no_frame,
    unreadable_frame,
    wall_frame,
)
from pipeline.core.pool import WorkerPool
from pipeline.core.records import Submission
from pipeline.core.rules import Outcome, Text
from pipeline.core.verdict import remedies
from pipeline.examine.examine import examine_with_facts
from pipeline.image.colour_difference import delta_e_2000, lab_of
from pipeline.image.decode import Pixels
from pipeline.image.light import to_light
from pipeline.rules import photo_rules
from pipeline.spec.spec import Spec

Look = Callable[[Submission], SetupFrame]
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear sRGB, IEC 61966-2-1
_DARK = 25.0  # L* below the colour that is asked for: it is the light that lacks
_PATIENCE = 45.0  # s without a frame before the first


def set_up(
    shoot: Shoot,
    look: Look,
    teller: Teller,
    stop: threading.Event,
    patience: float = _PATIENCE,
) -> Mapping[str, Stamp]:
    """Judge new frames until wall and assistant are fit, or ``stop``; return all that lie there.

    What lay there before is no test frame, and not looked at. Where none comes within
    ``patience`` seconds, that is told once.
    """
    request = shoot.request
    submissions, _ = submissions_of(request)
    known = {one.photo: stamp_of(one) for one in submissions}
    arrivals = Arrivals(request.inbox, request.tables, known)
    fit: set[str] = set()
    tested: dict[str, Stamp] = {}
    teller.setup(None, PARTS)
    missed: float | None = time.monotonic() + patience
    for paths in changes(request.inbox, stop):
        arrivals.note(paths)
        arrivals.look()
        for submission in arrivals.ready():
            tested[submission.photo], missed = stamp_of(submission), None
            frame = look(submission)
            if frame.part is not None:
                fit = fit | {frame.part} if frame.is_fit else fit - {frame.part}
            teller.setup(frame, [part for part in PARTS if part not in fit])
        if missed is not None and time.monotonic() > missed:
            missed = None
            teller.setup(no_frame(), PARTS)
        if fit == set(PARTS):
            break
    return tested


@contextmanager
def looking(shoot: Shoot) -> Iterator[Look]:
    """Open what judges a test frame: a process of its own, so that its models are gone after."""
    setting = replace(setting_of(shoot, Path()), staging=None)
    with WorkerPool(look_at, _lost, workers=1, initializer=start, initargs=(setting,)) as pool:
        pool.warm()
        yield lambda submission: pool.result(submission, pool.submit(submission))


def look_at(submission: Submission) -> SetupFrame:
    """Judge one test frame, in a process that `flows.shoot.worker.start` prepared."""
    setting, tools = here()
    examined, facts = examine_with_facts(submission, setting, tools)
    if facts is None:
        return unreadable_frame(submission.photo)
    rules = {rule.code: rule for rule in photo_rules(CHECKS)}
    if any(f.code == "FC001" and f.outcome is Outcome.BROKEN for f in examined.findings):
        return judge_wall(submission.photo, facts.photo.pixels, setting.spec)
    return assistant_frame(examined, rules, remedies(rules.values(), setting.spec.remedies))


def judge_wall(photo: str, pixels: Pixels, spec: Spec) -> SetupFrame:
    """Judge a frame of the empty wall: its middle, of the shape that a crop has.

    Parameters
    ----------
    pixels
        (H, W, 3) uint8 sRGB, the whole frame.
    """
    limits = spec.limits["background"]
    assert isinstance(limits, BackgroundLimits)
    height, width = pixels.shape[:2]
    across = min(width, round(height * spec.output.width_px / spec.output.height_px))
    left = (width - across) // 2
    middle = pixels[:, left : left + across]
    size = (spec.output.width_px // 2, spec.output.height_px // 2)
    small = np.asarray(cv2.resize(middle, size, interpolation=cv2.INTER_AREA), np.uint8)
    unit = small.astype(np.float32) / np.float32(255)
    lab = np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2Lab), np.float32)
    all_of_it = np.ones(lab.shape[:2], bool)
    named = lab_of(np.array(limits.colours))
    typical = np.median(lab.reshape(-1, 3), axis=0)
    off = delta_e_2000(named, typical[None])
    colour = BG001.judge(float(off.min()), limits.delta_e)
    uneven = BG002.judge(spread(lab, all_of_it), limits.spread)
    third = size[0] // 3
    light = to_light(small) @ _LUMINANCE
    sides = (max(float(np.median(side)), 1e-3) for side in (light[:, :third], light[:, -third:]))
    ratio = next(sides) / next(sides)
    told = cause(lab, all_of_it)
    # Nobody sits before it.
    told = Text(told.zh.replace("人像旁", ""), told.en.replace(" beside the head", ""))
    is_dark = float(named[off.argmin(), 0] - typical[0]) > _DARK
    return wall_frame(photo, ((BG001, colour), (BG002, uneven)), told, ratio, is_dark=is_dark)


def _lost(submission: Submission) -> SetupFrame:
    return unreadable_frame(submission.photo)
