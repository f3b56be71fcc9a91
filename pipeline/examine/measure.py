"""From the bytes of a photo to its facts: which kind they are is found out here, and only here."""

from types import MappingProxyType

import numpy as np

from pipeline.core.rules import Mode
from pipeline.examine.facts import CropFacts, Facts, read_only
from pipeline.examine.head_facts import HeadFacts
from pipeline.face.models import Mesh, Models
from pipeline.face.phantoms import only_people
from pipeline.face.upright import find_turn, look_at
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
    """Look for faces and landmarks; the rest of the facts is measured when it is asked for.

    A picture that lies on its side or stands on its head has no crop and no head to judge.
    """
    closely = mode is Mode.SOURCE
    seen = look_at(photo.pixels, models, closely=closely)
    turn, faces = find_turn(photo.pixels, seen, models, closely=closely)
    if not turn:
        seen = only_people(photo.pixels, seen, models, closely=closely)
        faces = seen.faces
    faces = tuple(read_only(face) for face in faces)
    common = (data, photo, mode, output, faces, seen.roi, models)
    if turn:
        return Facts(*common, turn=turn)
    if seen.mesh is not None:
        shift = np.array([seen.roi.x0, seen.roi.y0, 0], np.float32)
        points = (seen.mesh.points + shift) / np.float32(photo.scale)
        shapes = MappingProxyType(seen.mesh.blendshapes)
        return HeadFacts(*common, read_only(Mesh(points, shapes, seen.mesh.transform)))
    return CropFacts(*common) if mode is Mode.FINAL else Facts(*common)
