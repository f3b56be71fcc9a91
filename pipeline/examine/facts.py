"""What is measured on one photo: computed once, lazily, shared by all checks.

`Facts` is the only thing that computes; a check reads it. Coordinates of the frame
are pixels of the upright full-resolution picture; those of the *judged crop* are
pixels of the output that the spec asks for: the crop that would be made from a
source, or the whole of a final file. Masks of the judged crop lie on a grid of half
its size (`Facts.grid`), about as fine as the segmenter sees.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.rules import Mode
from pipeline.face.covering import covering_top
from pipeline.face.crop import plan_crop
from pipeline.face.head_view import (
    AROUND,
    NEAR,
    Framing,
    Pose2d,
    View,
    look,
    pose_of,
    seen_in_region,
)
from pipeline.face.landmarks import find_crown, find_hairline, measure_head
from pipeline.face.models import BACKGROUND, Face, Mesh, Models
from pipeline.face.natural_colours import seen_in_natural_colours
from pipeline.face.people import count_people
from pipeline.face.roi import Region, region_around, sample
from pipeline.image.decode import FileFacts, Photo, Pixels, decode
from pipeline.image.encode import Encoded, encode_into_window, resample
from pipeline.image.geometry import Crop, Head, Placement, place, whole_frame
from pipeline.spec.spec import Output

Mask = NDArray[np.bool_]

# A reduced decode keeps this much more than the output needs, so that a head that
# fills half of the frame still has an output pixel for every one of its own.
_DECODE_RESERVE = 1.5


class Facts:
    """Everything that can be measured on one readable photo.

    Parameters
    ----------
    data
        The bytes of the file.
    file
        What its header says.
    mode
        Source or final.
    output
        What the spec asks of the registration file.
    models
        The loaded models.

    Raises
    ------
    PhotoError
        From any attribute that needs pixels, when the file cannot be decoded.
    """

    def __init__(
        self, data: bytes, file: FileFacts, mode: Mode, output: Output, models: Models
    ) -> None:
        self.data = data
        self.file = file
        self.mode = mode
        self.output = output
        self._models = models

    # -- the frame ---------------------------------------------------------------

    @cached_property
    def photo(self) -> Photo:
        """The picture, upright sRGB, at a reduced scale where the frame is large."""
        return decode(self.data, self.file, self.decode_size)

    @property
    def decode_size(self) -> tuple[int, int] | None:
        """Width and height that the decoded picture must keep; None: all of a final file."""
        if self.mode is Mode.FINAL:
            return None
        return (
            round(self.output.width_px * _DECODE_RESERVE),
            round(self.output.height_px * _DECODE_RESERVE),
        )

    @property
    def frame(self) -> tuple[int, int]:
        """Width and height of the upright full-resolution picture."""
        return self.file.upright_width_px, self.file.upright_height_px

    @cached_property
    def faces(self) -> tuple[Face, ...]:
        """Faces in the whole frame, largest first, in pixels of the decoded photo."""
        return self._models.detect_faces(self.photo.pixels)

    @cached_property
    def face_count(self) -> int:
        """How many people the photo shows, as far as the crop would show them."""
        crop, scale = self.crop, self.photo.scale
        span = None if crop is None else (crop.x * scale, (crop.x + crop.width) * scale)
        return count_people(self.faces, span)

    # -- the head ----------------------------------------------------------------

    @cached_property
    def _region(self) -> Region:
        """What the landmarks and the segmenter are given: the main face and its surroundings."""
        height, width = self.photo.pixels.shape[:2]
        if self.mode is Mode.FINAL or not self.faces:
            return Region(0, 0, width, height)
        return region_around(self.faces[0], width, height)

    @cached_property
    def region_pixels(self) -> Pixels:
        """The pixels of the region, (H, W, 3) uint8 sRGB."""
        return self._region.cut(self.photo.pixels)

    @cached_property
    def mesh(self) -> Mesh | None:
        """Landmarks of the main face, in full-resolution pixels; None: could not be placed."""
        if not self.faces:
            return None
        found = self._models.find_mesh(self.region_pixels)
        if found is None:
            return None
        x0, y0, _, _ = self._region
        points = (found.points + np.array([x0, y0, 0], np.float32)) / np.float32(self.photo.scale)
        return Mesh(points, found.blendshapes, found.transform)

    @cached_property
    def _region_classes(self) -> NDArray[np.float32]:
        return self._models.segment(self.region_pixels)

    @cached_property
    def near(self) -> View | None:
        """The head from near and upright; None without landmarks. Sees the whole frame's pixels."""
        return self._view(NEAR)

    @cached_property
    def around(self) -> View | None:
        """The same from farther off: a second opinion, looked at where the first one doubts."""
        return self._view(AROUND)

    @cached_property
    def wide(self) -> View | None:
        """The near view again, but with the classes as the segmenter saw them in the region.

        A second opinion that costs no second segmentation: coarser, and not turned upright.
        """
        if self.near is None or self._pose is None:
            return None
        return seen_in_region(self.near, self._pose, self._region_classes, self._region)

    def in_natural_colours(self, view: View) -> View:
        """Give a view with what is hair by its form called hair; costs a segmentation."""
        return seen_in_natural_colours(view, self._models)

    @cached_property
    def _pose(self) -> Pose2d | None:
        if self.mesh is None:
            return None
        return pose_of(self.mesh.points * np.float32(self.photo.scale))

    def _view(self, framing: Framing) -> View | None:
        if self.mesh is None or self._pose is None:
            return None
        landmarks = self.mesh.points * np.float32(self.photo.scale)
        return look(self.photo.pixels, landmarks, self._pose, framing, self._models)

    @cached_property
    def head(self) -> Head | None:
        """The measures of the main head; None without landmarks."""
        if self.mesh is None:
            return None
        return measure_head(self.mesh.points, *self._tops(self.mesh.points))

    def _tops(self, points: NDArray[np.float32]) -> tuple[float, float]:
        """Rows of the crown and of the hairline."""
        region, shares = self._region, self._region_classes
        line = self._row(region, points, lambda cells: find_hairline(shares, cells))
        crown = self._crown_in(region, shares, points)
        if region.y0 > 0 and crown * self.photo.scale <= region.y0:
            height, width = self.photo.pixels.shape[:2]
            region = region_around(self.faces[0], width, height, tall=True)
            crown = self._crown_in(
                region, self._models.segment(region.cut(self.photo.pixels)), points
            )
        return crown, line

    def _crown_in(
        self, region: Region, shares: NDArray[np.float32], points: NDArray[np.float32]
    ) -> float:
        """Give the row of the crown, or of what stands above it, as a region shows it."""

        def find(cells: NDArray[np.float64]) -> float:
            crown = find_crown(shares, cells)
            return covering_top(region.cut(self.photo.pixels), shares, cells, crown)

        return self._row(region, points, find)

    def _row(
        self,
        region: Region,
        points: NDArray[np.float32],
        find: Callable[[NDArray[np.float64]], float],
    ) -> float:
        """Give in full-resolution pixels a row that is found in cells of a region."""
        x0, y0, x1, y1 = (edge / self.photo.scale for edge in region)
        cell = np.array([x1 - x0, y1 - y0]) / self._region_classes.shape[0]
        return y0 + find((points[:, :2] - np.array([x0, y0])) / cell) * float(cell[1])

    # -- the crop that is judged ---------------------------------------------------

    @cached_property
    def crop(self) -> Crop | None:
        """The rectangle that is judged; None where a source shows no measurable head."""
        width, height = self.frame
        if self.mode is Mode.FINAL:
            return whole_frame(width, height, self.output)
        if self.head is None:
            return None
        return plan_crop(self.head, width, height, self.output)

    @cached_property
    def placement(self) -> Placement | None:
        """Where the head lies in the judged crop, in output pixels."""
        if self.head is None or self.crop is None:
            return None
        return place(self.head, self.crop)

    @cached_property
    def judged(self) -> Pixels | None:
        """The judged crop at the output size, (H, W, 3) uint8 sRGB."""
        if self.crop is None:
            return None
        photo, size = self.photo, (self.output.width_px, self.output.height_px)
        if photo.scale < 1 and self.crop.width * photo.scale < size[0]:
            # The head is small in a large frame: the reduced decode has too few pixels.
            needed = size[0] / self.crop.width
            width, height = (int(side * needed) + 1 for side in self.frame)
            photo = decode(self.data, self.file, (width, height))
        return resample(photo.pixels, self.crop, photo.scale, size)

    @cached_property
    def encoded(self) -> Encoded | None:
        """What file a source would give, for FS001; `examine.upload` makes the one of a pass."""
        if self.judged is None or self.mode is Mode.FINAL:
            return None
        return encode_into_window(self.judged, self.output)

    @cached_property
    def grid(self) -> tuple[int, int]:
        """Height and width of the grid that masks of the judged crop lie on."""
        return self.output.height_px // 2, self.output.width_px // 2

    @cached_property
    def classes(self) -> NDArray[np.float32] | None:
        """Shares of the six classes on the grid of the judged crop, (h, w, 6) float32."""
        if self.crop is None:
            return None
        rows, columns = self.grid
        step_x, step_y = self.crop.width / columns, self.crop.height / rows
        to_frame = np.array(
            [
                [step_x, 0, self.crop.x + step_x / 2],
                [0, step_y, self.crop.y + step_y / 2],
                [0, 0, 1 / self.photo.scale],
            ]
        )
        shares = self._region_classes
        to_cells = self._region.to_cells(shares.shape[0]) @ (to_frame * self.photo.scale)
        return sample(shares, to_cells[:2], (columns, rows))

    @cached_property
    def points(self) -> NDArray[np.float32] | None:
        """The (478, 2) landmarks in pixels of the judged crop."""
        if self.mesh is None or self.crop is None:
            return None
        crop = self.crop
        stretch = np.array([self.output.width_px / crop.width, self.output.height_px / crop.height])
        moved = (self.mesh.points[:, :2] - np.array([crop.x, crop.y])) * stretch
        return np.asarray(moved, np.float32)

    @cached_property
    def lab(self) -> NDArray[np.float32] | None:
        """CIE L*a*b* (D65) of the judged crop on the grid, (h, w, 3) float32."""
        if self.judged is None:
            return None
        rows, columns = self.grid
        small = cv2.resize(self.judged, (columns, rows), interpolation=cv2.INTER_AREA)
        unit = small.astype(np.float32) / np.float32(255)
        return np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2Lab), np.float32)

    @cached_property
    def background(self) -> Mask | None:
        """Cells of the grid that are surely background: its mask, eroded by 2 % of the width."""
        if self.classes is None:
            return None
        sure = (self.classes[:, :, BACKGROUND] > 0.9).astype(np.uint8)
        radius = max(1, round(0.02 * self.grid[1]))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
        # The frame's own edge is no edge of the person.
        return cv2.erode(sure, kernel, borderValue=1).astype(bool)

    def region(self, landmarks: Sequence[int]) -> Mask:
        """Fill the outline through ``landmarks`` on the grid. Needs `points`."""
        assert self.points is not None
        mask = np.zeros(self.grid, dtype=np.uint8)
        outline = np.round(self.points[list(landmarks)] / 2).astype(np.int32)
        cv2.fillPoly(mask, [outline], 1)
        return mask.astype(bool)
