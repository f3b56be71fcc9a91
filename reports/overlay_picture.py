"""What the models saw, drawn into the picture: the person's outline, eyes, lips, faces.

Pixels are (H, W, 3) uint8 RGB of the enlarged picture and are changed in place; ``scale``
is how often it was enlarged.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.examine.facts import CropFacts, Facts, HeadFacts
from pipeline.face.head_measures import LEFT_IRIS, RIGHT_IRIS
from pipeline.face.models import BACKGROUND, Face
from pipeline.image.decode import Pixels
from reports.drawing import Colour
from reports.rule_states import RuleStates

# Outlines through the landmarks of the face mesh.
_EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382),
)
_IRISES = ((469, 470, 471, 472), (474, 475, 476, 477))
_LIPS = (
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146),
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95),
)
_OUTLINE: Colour = (255, 255, 255)
_RIM: Colour = (70, 70, 70)
_MAIN_FACE: Colour = (235, 235, 235)
_SHIFT = 3  # fractional bits of the coordinates that cv2 is given


def draw_outlines(drawn: Pixels, facts: CropFacts, states: RuleStates, scale: float) -> None:
    """The person's outline, eyes, irises and lips."""
    if facts.faces:
        person = (facts.classes[:, :, BACKGROUND] < 0.5).astype(np.uint8)
        size = (drawn.shape[1], drawn.shape[0])
        smooth = cv2.GaussianBlur(cv2.resize(person * 255, size), (0, 0), scale)
        contours, _ = cv2.findContours(
            (smooth > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        large = [c for c in contours if len(c) > 20 * scale]
        cv2.polylines(drawn, large, False, _RIM, 4, cv2.LINE_AA)  # noqa: FBT003
        cv2.polylines(drawn, large, False, _OUTLINE, 2, cv2.LINE_AA)  # noqa: FBT003
    if not isinstance(facts, HeadFacts):
        return
    points = facts.points
    for outlines, code in ((_EYES, "EY001"), (_IRISES, "EY001"), (_LIPS, "MO001")):
        colour = states.colour(code)
        for outline in outlines:
            _polygon(drawn, points[list(outline)] * scale, colour)
    irises = points[[RIGHT_IRIS, LEFT_IRIS]] * scale
    _polygon(drawn, irises, states.colour("FC007"))


def _polygon(drawn: Pixels, points: NDArray[np.float32], colour: Colour) -> None:
    """An anti-aliased closed line."""
    fixed = [np.round(points * 2**_SHIFT).astype(np.int32).reshape(-1, 1, 2)]
    cv2.polylines(drawn, fixed, True, colour, 2, cv2.LINE_AA, _SHIFT)  # noqa: FBT003


def draw_faces(drawn: Pixels, facts: Facts, states: RuleStates, scale: float) -> None:
    """A thin box about every face; those beside the main one in the colour of FC002."""
    for index, face in enumerate(facts.faces):
        x0, y0, x1, y1 = (round(edge * scale) for edge in face_box(face, facts))
        colour = states.colour("FC002") if index else _MAIN_FACE
        cv2.rectangle(drawn, (x0, y0), (x1, y1), colour, 2 if index else 1, cv2.LINE_AA)


def face_box(face: Face, facts: Facts) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a face, in pixels of the picture that is drawn."""
    edges = np.array([[face.x, face.y], [face.x + face.width, face.y + face.height]])
    if isinstance(facts, CropFacts):
        crop = facts.crop
        edges = edges / facts.photo.scale - np.array([crop.x, crop.y])
        edges *= np.array(
            [facts.output.width_px / crop.width, facts.output.height_px / crop.height]
        )
    x0, y0, x1, y1 = (float(edge) for edge in edges.ravel())
    return x0, y0, x1, y1
