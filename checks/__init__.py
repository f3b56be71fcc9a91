"""One file a family of rules; `CHECKS` is the whole list, in the order of the codes.

To add a check: one file here, one line below, one table in the spec, one test file.
"""

from checks import (
    background,
    edited,
    eye_faults,
    eyes,
    face,
    file_size,
    files,
    hair,
    head_covering,
    light,
    mask,
    mouth,
    outline,
    recapture,
    resolution,
    sharpness,
)
from pipeline.check import Check

CHECKS: tuple[Check, ...] = (
    files.CHECK,
    resolution.CHECK,
    file_size.CHECK,
    background.CHECK,
    outline.CHECK,
    face.CHECK,
    eyes.CHECK,
    eye_faults.CHECK,
    mouth.CHECK,
    hair.CHECK,
    head_covering.CHECK,
    mask.CHECK,
    light.CHECK,
    sharpness.CHECK,
    recapture.CHECK,
    edited.CHECK,
)
