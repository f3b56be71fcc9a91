"""How many people a photo shows: whose faces count beside the main one."""

from collections.abc import Sequence

from pipeline.face.models import Face

_BYSTANDER = 0.15  # widths of the main face, within the crop
_EQUAL = 0.5  # widths of the main face, anywhere in the frame
_SAME = 0.3  # overlap above which two boxes are one face


def count_people(faces: Sequence[Face], span: tuple[float, float] | None) -> int:
    """Count the faces that count.

    Beside the main face: one at least half as wide anywhere in the frame (whose photo is
    it?), or one of at least 15 % of its width of which a quarter lies within the crop.

    Parameters
    ----------
    faces
        The main one first.
    span
        Left and right edge of the crop in the same pixels; None: no crop is known, and
        every bystander counts.
    """
    if not faces:
        return 0
    main, *others = faces
    return 1 + sum(_counts(face, main, span) for face in others)


def _counts(face: Face, main: Face, span: tuple[float, float] | None) -> bool:
    if _overlap(face, main) > _SAME or face.width < _BYSTANDER * main.width:
        return False
    if face.width >= _EQUAL * main.width or span is None:
        return True
    inside = min(face.x + face.width, span[1]) - max(face.x, span[0])
    return inside >= face.width / 4


def _overlap(a: Face, b: Face) -> float:
    """Intersection over the smaller of two boxes."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    smaller = min(a.width * a.height, b.width * b.height)
    return max(0.0, width) * max(0.0, height) / smaller if smaller > 0 else 0.0
