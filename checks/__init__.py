"""One file a family of rules; `CHECKS` is the whole list, in the order of the codes.

A family whose rules need different facts is two checks of one name (`Check.needs`).

To add a check: one file here, one line below, one table in the spec, one test file.
"""

from checks import (
    background,
    background_outline,
    edited,
    eyes,
    eyes_reflections,
    face,
    file_size,
    files,
    hair,
    head_covering,
    light,
    mask,
    mouth,
    resolution,
    sharpness,
    sharpness_recapture,
)
from pipeline.examine.check import Check

CHECKS: tuple[Check, ...] = (
    files.CHECK,
    resolution.PIXELS,
    resolution.SHAPE_AND_TAG,
    file_size.SIZE,
    file_size.QUALITY,
    background.CHECK,
    background_outline.CHECK,
    face.COUNT,
    face.CHECK,
    eyes.CHECK,
    eyes_reflections.CHECK,
    mouth.CHECK,
    hair.CHECK,
    head_covering.CHECK,
    mask.CHECK,
    light.CHECK,
    sharpness.CHECK,
    sharpness_recapture.CHECK,
    edited.CHECK,
)
