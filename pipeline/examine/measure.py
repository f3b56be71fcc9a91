"""From the bytes of a photo to its facts: which kind they are is found out here, and only here."""

from types import MappingProxyType

import numpy as np

from pipeline.core.rules import Mode
from pipeline.examine.facts import CropFacts, Facts, HeadFacts, read_only
from pipeline.face.models import Mesh, Models
from pipeline.face.roi import Region, region_around
from pipeline.image.decode import DecodeLimits, FileFacts, Photo, decode, read_header
from pipeline.spec.document import Output
from pipeline.spec.spec import Spec

# A reduced decode keeps this much more than the output needs, so that a head that
# fills half of the frame still has an output pixel for every one of its own.
_DECODE_RESERVE = 1.5


def facts_of(data: bytes, mode: Mode, spec: Spec, models: Models) -> Facts:
    """Read a file and measure it.

    Raises
    ------
    PhotoError
        When it is no picture, cannot be decoded, or lies above a ceiling.
    """
    file = read_header(data, DecodeLimits(spec.reading.max_bytes, spec.reading.max_pixels))
    photo = decode_for(data, file, mode, spec.output)
    return measure_photo(data, photo, mode, spec.output, models)


def decode_for(data: bytes, file: FileFacts, mode: Mode, output: Output) -> Photo:
    """Decode all of a final file, and of a source as many pixels as its crop may need."""
    if mode is Mode.FINAL:
        return decode(data, file, None)
    width, height = (round(side * _DECODE_RESERVE) for side in (output.width_px, output.height_px))
    return decode(data, file, (width, height))


def measure_photo(data: bytes, photo: Photo, mode: Mode, output: Output, models: Models) -> Facts:
    """Look for faces and landmarks; the rest of the facts is measured when it is asked for."""
    height, width = photo.pixels.shape[:2]
    faces = tuple(read_only(face) for face in models.detect_faces(photo.pixels))
    roi = Region(0, 0, width, height)
    if faces and mode is Mode.SOURCE:
        roi = region_around(faces[0], width, height)
    common = (data, photo, mode, output, faces, roi, models)
    found = models.find_mesh(roi.cut(photo.pixels)) if faces else None
    if found is not None:
        points = (found.points + np.array([roi.x0, roi.y0, 0], np.float32)) / np.float32(
            photo.scale
        )
        shapes = MappingProxyType(found.blendshapes)
        return HeadFacts(*common, read_only(Mesh(points, shapes, found.transform)))
    return CropFacts(*common) if mode is Mode.FINAL else Facts(*common)
