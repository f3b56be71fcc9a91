"""One file a family of rules; `CHECKS` is the whole list, in the order of the codes.

A check is a pure function of (facts, limits). It may import `pipeline` and ``checks/_*.py``, and
no other check. A family whose rules need different facts is two checks of one name
(`Check.needs`). To add one: one file here, one line below, one table in the spec, one test file.

- ``files``: FL, the file itself
- ``resolution``: RS, pixels and the resolution tag
- ``file_size``: FS, the file's size and its JPEG quality
- ``background``: BG001 to BG003, the background
- ``background_objects``: the measures of BG003: edges, strangers, frames
- ``background_outline``: BG004, clothes and hair against the background
- ``face``: FC, one face, in the right place, looking into the camera
- ``eyes``: EY001, EY002, EY004: lids and glasses
- ``eyes_reflections``: EY003, EY005: reflections, red pupils
- ``mouth``: MO, lips closed
- ``hair``: HR, eyes and brows free of hair
- ``head_covering``: HT, nothing on the head
- ``mask``: MK, nothing over mouth and nose, no hand at the face
- ``light``: LT, light on the face
- ``sharpness``: SH001, blur
- ``sharpness_recapture``: SH002, enlargements and photographed prints or screens
- ``edited``: ED001, a background that was filled in
- ``edited_marks``: ED002, text and badges on the person
- ``_conflict``: the words for a crop that cannot keep two windows at once
"""

from checks import (
    background,
    background_outline,
    edited,
    edited_marks,
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
    edited_marks.CHECK,
)
