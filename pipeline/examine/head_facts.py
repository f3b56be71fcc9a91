"""The facts of a photo whose head was measured, and those of its crop, which is what is judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.rules import Mode
from pipeline.examine.facts import CropFacts, Mask, fact, read_only
from pipeline.face.covering import covering_top
from pipeline.face.crop import plan_crop
from pipeline.face.head_measures import find_crown, find_hairline, measure_head
from pipeline.face.head_view import (
    CLOSE,
    WIDE,
    Framing,
    HeadView,
    Pose2d,
    pose_of,
    segment_view,
    view_of_region,
)
from pipeline.face.models import Mesh
from pipeline.face.natural_colours import seen_in_natural_colours
from pipeline.face.roi import Region, region_around
from pipeline.image.decode import Photo
from pipeline.image.geometry import Crop, Head, Placement, place, whole_frame

# Cells of the region across a face from which on its classes do for the near view, which has
# 116: a registration file's face has 96 to 160. Measured in docs/performance.md.
_FINE_CELLS = 90


@dataclass(frozen=True, eq=False, repr=False)
class HeadFacts(CropFacts):
    """The facts of a photo whose main head was measured.

    Parameters
    ----------
    mesh
        Landmarks of the main face, in full-resolution pixels.
    """

    mesh: Mesh

    @fact
    def content(self) -> "HeadFacts":
        """What rules on content look at: a final file itself, and of a source its crop as one.

        Faces and landmarks are those of the source, which has more pixels, moved into the crop.
        """
        if self.mode is Mode.FINAL:
            return self
        crop, width, height = self.crop, self.output.width_px, self.output.height_px
        by, corner = width / crop.width, np.array([crop.x, crop.y, 0])
        mesh = replace(self.mesh, points=((self.mesh.points - corner) * by).astype(np.float32))
        faces = (face.moved(crop.x, crop.y, by, self.photo.scale) for face in self.faces)
        file = replace(
            self.file,
            width_px=width,
            height_px=height,
            upright_width_px=width,
            upright_height_px=height,
            orientation=1,
        )
        return CropOfSource(
            self.data,
            Photo(file, self.registration_crop, 1.0),
            Mode.FINAL,
            self.output,
            tuple(map(read_only, faces)),
            Region(0, 0, width, height),
            self._models,
            read_only(mesh),
            self,
        )

    def written(self, data: bytes, photo: Photo) -> "HeadFacts":
        """Return a file that was made of this crop, decoded again: its own pixels in all looks.

        Where people and landmarks are the crop has told; and its classes, which those of a
        file agree with (tests/test_facts.py), so that only second looks cost a segmentation.
        """
        return FileOfCrop(
            data,
            photo,
            Mode.FINAL,
            self.output,
            self.faces,
            self.roi,
            self._models,
            self.mesh,
            self,
        )

    def near_views(self, is_doubtful: Callable[[HeadView], bool]) -> tuple[HeadView, ...]:
        """Return the head from near as it was segmented in one framing, or in two.

        Of a small face `close_view` and `region_view`. Of one that the region shows as finely
        the region's alone, which is there already; it must be ``is_doubtful`` for a
        segmentation to be spent on the other one.
        """
        if self.region_is_fine and not is_doubtful(self.region_view):
            return (self.region_view,)
        return (self.close_view, self.region_view)

    @property
    def was_doubted(self) -> bool:
        """Whether a second look was taken at anything so far."""
        return not vars(self).keys().isdisjoint({"close_view", "wide_view"})

    @property
    def first_view(self) -> HeadView:
        """The head from near without any doubt: what a fingerprint is made of."""
        return self.region_view if self.region_is_fine else self.close_view

    @fact
    def region_is_fine(self) -> bool:
        """Whether the region has about as many cells across a face as the near view has."""
        cells = self._pose.face / (self.roi.x1 - self.roi.x0) * self.roi_classes.shape[1]
        return bool(cells >= _FINE_CELLS)

    @fact
    def close_view(self) -> HeadView:
        """The head from near and upright. Sees the whole frame's pixels."""
        return self._view(CLOSE)

    @fact
    def wide_view(self) -> HeadView:
        """The same from farther off: a second opinion, looked at where the first one doubts."""
        return self._view(WIDE)

    @fact
    def region_view(self) -> HeadView:
        """The near view, but with the classes as the segmenter saw them in the region.

        It costs no second segmentation; in a source it is coarser, and nowhere turned upright.
        """
        return view_of_region(
            self.photo.pixels, self._landmarks, self._pose, CLOSE, self.roi_classes, self.roi
        )

    def in_natural_colours(self, view: HeadView) -> HeadView:
        """Return a view with what is hair by its form called hair; costs a segmentation."""
        return seen_in_natural_colours(view, self._models)

    @property
    def _landmarks(self) -> NDArray[np.float32]:
        """The landmarks in pixels of the decoded photo."""
        return self.mesh.points * np.float32(self.photo.scale)

    @property
    def _pose(self) -> Pose2d:
        return pose_of(self._landmarks)

    def _view(self, framing: Framing) -> HeadView:
        return segment_view(self.photo.pixels, self._landmarks, self._pose, framing, self._models)

    @fact
    def head(self) -> Head:
        """The measures of the main head."""
        return measure_head(self.mesh.points, *self._tops())

    def _tops(self) -> tuple[float, float]:
        """Rows of the crown and of the hairline."""
        roi, shares = self.roi, self.roi_classes
        line = self._row(roi, lambda cells: find_hairline(shares, cells))
        crown = self._crown_in(roi, shares)
        if roi.y0 > 0 and crown * self.photo.scale <= roi.y0:  # it goes on above
            height, width = self.photo.pixels.shape[:2]
            roi = region_around(self.faces[0], width, height, tall=True)
            crown = self._crown_in(roi, self._models.segment(roi.cut(self.photo.pixels)))
        return crown, line

    def _crown_in(self, roi: Region, shares: NDArray[np.float32]) -> float:
        """Return the row of the crown, or of what stands above it, as a region shows it."""

        def find(cells: NDArray[np.float64]) -> float:
            crown = find_crown(shares, cells)
            return covering_top(roi.cut(self.photo.pixels), shares, cells, crown)

        return self._row(roi, find)

    def _row(self, roi: Region, find: Callable[[NDArray[np.float64]], float]) -> float:
        """Return in full-resolution pixels a row that is found in cells of a region."""
        x0, y0, x1, y1 = (edge / self.photo.scale for edge in roi)
        cell = np.array([x1 - x0, y1 - y0]) / self.roi_classes.shape[0]
        cells = (self.mesh.points[:, :2] - np.array([x0, y0])) / cell
        return float(y0 + find(cells) * float(cell[1]))

    @fact
    def crop(self) -> Crop:
        """The rectangle that is judged: the whole of a final file, the planned crop of a source."""
        if self.mode is Mode.FINAL:
            return whole_frame(*self.frame, self.output)
        return plan_crop(self.head, *self.frame, self.output)

    @fact
    def placement(self) -> Placement:
        """Where the head lies in the judged crop, in output pixels."""
        return place(self.head, self.crop)

    @fact
    def points(self) -> NDArray[np.float32]:
        """The (478, 2) landmarks in pixels of the judged crop."""
        crop = self.crop
        stretch = np.array([self.output.width_px / crop.width, self.output.height_px / crop.height])
        moved = (self.mesh.points[:, :2] - np.array([crop.x, crop.y])) * stretch
        return np.asarray(moved, np.float32)

    def region(self, landmarks: Sequence[int]) -> Mask:
        """Fill the outline through ``landmarks`` on the grid."""
        mask = np.zeros(self.grid, dtype=np.uint8)
        outline = np.round(self.points[list(landmarks)] / 2).astype(np.int32)
        cv2.fillPoly(mask, [outline], 1)
        return mask.astype(bool)


@dataclass(frozen=True, eq=False, repr=False)
class CropOfSource(HeadFacts):
    """The crop of a source as a final file; in doubt the source is looked at, which shows more."""

    source: HeadFacts

    @fact
    def close_view(self) -> HeadView:
        """The head from near, with the source's pixels."""
        return self.source.close_view

    @fact
    def wide_view(self) -> HeadView:
        """The same from farther off, also beyond the crop."""
        return self.source.wide_view


@dataclass(frozen=True, eq=False, repr=False)
class FileOfCrop(HeadFacts):
    """The registration file that was made of a crop."""

    shown: HeadFacts

    @fact
    def roi_classes(self) -> NDArray[np.float32]:
        """What the segmenter saw in the crop."""
        return self.shown.roi_classes
