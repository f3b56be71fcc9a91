"""Where a head lies in the frame, and in a crop of it: what the standard measures.

All coordinates are pixels of the upright full-resolution picture, x to the right,
y down. `Head` is what was found; `place` says where it comes to lie in the output that
a crop gives. The crop itself is chosen in `pipeline.face.crop`.
"""

from dataclasses import dataclass
from typing import Literal

from pipeline.spec.spec import Output


@dataclass(frozen=True)
class Head:
    """What the standard measures on a head, in full-resolution pixels.

    crown_y
        Top of the head with all that is on it, from the segmentation: of a bare head the top
        of the hair, the default reading of 「头顶发际」 (GA 461 uses the phrase so).
    hairline_y
        Where the forehead ends: the other reading (`pipeline.face.landmarks.find_hairline`).
    eye_y, eye_x
        Midpoint of the iris centres.
    chin_y
        Lowest point of the chin.
    face_width
        Between the cheeks (脸部宽度, 两脸颊之间): the landmarks of the face oval at
        the height of the nose, not the ear roots of the ID-card sources.
    head_width
        Between the ear roots (两耳根之间): the face oval's widest landmarks.
    centre_x
        Middle between the cheeks.
    """

    crown_y: float
    eye_y: float
    eye_x: float
    chin_y: float
    face_width: float
    head_width: float
    centre_x: float
    hairline_y: float


@dataclass(frozen=True)
class Hold:
    """What a crop comes up against: an edge of the frame, or one end of a window.

    ``name`` is ``top``, ``bottom``, ``left``, ``right``, or the window's name in
    `pipeline.spec.spec.Output`, whose ``limit`` at ``end`` is in the unit of the spec.
    """

    name: str
    end: Literal["low", "high"] | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Crop:
    """A rectangle of the frame; ``scale`` is frame pixels for one output pixel.

    Where no crop keeps every window of the spec, ``broken`` names those that this one
    gives up, as `Hold.name` does, and ``held_by`` what they cannot be had together with.
    """

    x: float
    y: float
    width: float
    height: float
    scale: float
    broken: tuple[str, ...] = ()
    held_by: tuple[Hold, ...] = ()


@dataclass(frozen=True)
class Placement:
    """Where the head lies in the output, in output pixels; ``off_centre`` in % of width."""

    crown: float
    eye: float
    chin: float
    face_width: float
    head_width: float
    off_centre: float
    hairline: float

    def top(self, output: Output) -> float:
        """The length that ``output.crown`` is a window for, as the spec reads 「头顶发际」."""
        return self.hairline if output.crown_reading == "hairline" else self.crown


def place(head: Head, crop: Crop) -> Placement:
    """Give where ``head`` lies in ``crop`` scaled to the output size."""
    return Placement(
        crown=(head.crown_y - crop.y) / crop.scale,
        eye=(head.eye_y - crop.y) / crop.scale,
        chin=(head.chin_y - crop.y) / crop.scale,
        face_width=head.face_width / crop.scale,
        head_width=head.head_width / crop.scale,
        off_centre=100 * ((head.centre_x - crop.x) / crop.width - 0.5),
        hairline=(head.hairline_y - crop.y) / crop.scale,
    )


def whole_frame(width: int, height: int, output: Output) -> Crop:
    """Give the frame itself as the crop: a final file is judged as it is."""
    return Crop(0.0, 0.0, float(width), float(height), height / output.height_px)
