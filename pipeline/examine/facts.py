"""What is measured on one photo: computed once, lazily, shared by all checks.

`Facts` are those of any readable photo. Where there is a crop to judge they are
`CropFacts`, and where the head in it was measured `HeadFacts`: each has what the one
before it has, and no member of any of them is ever None. `pipeline.examine.measure` finds
out which they are; a check says in `needs` which it must have.

Coordinates of the frame are pixels of the upright full-resolution picture; those of the
*judged crop* are pixels of the output that the spec asks for: the crop that would be made
from a source, or the whole of a final file. Masks of the judged crop lie on a grid of half
its size (`CropFacts.grid`), about as fine as the segmenter sees.

A source is looked at twice, and judged once: the frame for what only the frame tells (who is
in it, how the head lies, where the crop goes), and then its crop, as the final file that it
becomes (`HeadFacts.content`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, is_dataclass
from functools import cached_property, wraps
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.rules import Mode
from pipeline.face.models import BACKGROUND, Face, Models
from pipeline.face.people import count_people
from pipeline.face.roi import Region, sample
from pipeline.image.decode import FileFacts, Photo, Pixels, decode
from pipeline.image.encode import Encoded, encode_into_window, resample
from pipeline.image.geometry import Crop, whole_frame
from pipeline.spec.document import Output

Mask = NDArray[np.bool_]
T = TypeVar("T")


def read_only(value: T) -> T:
    """Lock the arrays of a value: who reads a fact cannot change it for the next reader."""
    for part in vars(value).values() if is_dataclass(value) else (value,):
        if isinstance(part, np.ndarray):
            part.setflags(write=False)
    return value


class fact(cached_property[T]):  # noqa: N801 - a decorator
    """A member that is computed when it is first asked for, and never changes."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        super().__init__(wraps(compute)(lambda facts: read_only(compute(facts))))


@dataclass(frozen=True, eq=False, repr=False)
class Facts:
    """What can be measured on any readable photo.

    Parameters
    ----------
    data
        The bytes of the file.
    photo
        The picture, upright sRGB, at a reduced scale where the frame is large.
    mode
        Source or final.
    output
        What the spec asks of the registration file.
    faces
        Faces of people in the whole frame, the main one first, in pixels of the decoded photo.
    roi
        What the landmarker and the segmenter are given: the main face of a source and its
        surroundings, else the whole picture; in pixels of the decoded photo.
    turn
        Degrees clockwise that would set a picture upright that lies on its side or stands on
        its head; 0 of every other.
    """

    data: bytes
    photo: Photo
    mode: Mode
    output: Output
    faces: tuple[Face, ...]
    roi: Region
    _models: Models
    turn: int = field(default=0, kw_only=True)

    @property
    def file(self) -> FileFacts:
        """What the file's header says."""
        return self.photo.facts

    @property
    def frame(self) -> tuple[int, int]:
        """Width and height of the upright full-resolution picture."""
        return self.file.upright_width_px, self.file.upright_height_px

    @property
    def picture(self) -> Pixels:
        """What a person is shown: the judged crop, or the whole frame where there is none."""
        return self.photo.pixels

    @property
    def roi_pixels(self) -> Pixels:
        """The pixels of the region of interest, (H, W, 3) uint8 sRGB."""
        return self.roi.cut(self.photo.pixels)

    @fact
    def face_count(self) -> int:
        """How many people the photo shows, as far as the crop would show them."""
        return count_people(self.faces, None)


@dataclass(frozen=True, eq=False, repr=False)
class CropFacts(Facts):
    """The facts of a photo with a crop to judge: a final file, or a source with a head."""

    @fact
    def crop(self) -> Crop:
        """The rectangle that is judged."""
        return whole_frame(*self.frame, self.output)

    @fact
    def face_count(self) -> int:
        """How many people the crop shows."""
        left, right = (self.crop.x, self.crop.x + self.crop.width)
        return count_people(self.faces, (left * self.photo.scale, right * self.photo.scale))

    @fact
    def registration_crop(self) -> Pixels:
        """The judged crop at the output size, (H, W, 3) uint8 sRGB."""
        photo, size = self.photo, (self.output.width_px, self.output.height_px)
        if photo.scale < 1 and self.crop.width * photo.scale < size[0]:
            # The head is small in a large frame: the reduced decode has too few pixels.
            needed = size[0] / self.crop.width
            width, height = (int(side * needed) + 1 for side in self.frame)
            photo = decode(self.data, self.file, (width, height))
        return resample(photo.pixels, self.crop, photo.scale, size)

    @property
    def picture(self) -> Pixels:
        """The judged crop."""
        return self.registration_crop

    @fact
    def encoded(self) -> Encoded:
        """What file a source would give, for FS001; `examine.upload` makes the one of a pass."""
        return encode_into_window(self.registration_crop, self.output)

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the grid that masks of the judged crop lie on."""
        return self.output.height_px // 2, self.output.width_px // 2

    @fact
    def roi_classes(self) -> NDArray[np.float32]:
        """Shares of the six classes as the segmenter sees them, (256, 256, 6) over the region."""
        return self._models.segment(self.roi_pixels)

    @fact
    def classes(self) -> NDArray[np.float32]:
        """Shares of the six classes on the grid of the judged crop, (h, w, 6) float32."""
        rows, columns = self.grid
        step_x, step_y = self.crop.width / columns, self.crop.height / rows
        to_frame = np.array(
            [
                [step_x, 0, self.crop.x + step_x / 2],
                [0, step_y, self.crop.y + step_y / 2],
                [0, 0, 1 / self.photo.scale],
            ]
        )
        shares = self.roi_classes
        to_cells = self.roi.to_cells(shares.shape[0]) @ (to_frame * self.photo.scale)
        return sample(shares, to_cells[:2], (columns, rows))

    @fact
    def lab(self) -> NDArray[np.float32]:
        """CIE L*a*b* (D65) of the judged crop on the grid, (h, w, 3) float32."""
        rows, columns = self.grid
        small = cv2.resize(self.registration_crop, (columns, rows), interpolation=cv2.INTER_AREA)
        unit = small.astype(np.float32) / np.float32(255)
        return np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2Lab), np.float32)

    @fact
    def background(self) -> Mask:
        """Cells of the grid that are surely background: its mask, eroded by 2 % of the width."""
        sure = (self.classes[:, :, BACKGROUND] > 0.9).astype(np.uint8)
        radius = max(1, round(0.02 * self.grid[1]))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
        # The frame's own edge is no edge of the person.
        return cv2.erode(sure, kernel, borderValue=1).astype(bool)
