"""A head seen again in natural colours: hair is known by its form, not by its colour.

The segmenter learnt hair in the colours that it grows in, and before the walls of its own
pictures: silver, pink or blue hair is cloth to it, and so is dark hair before red or black.
So what it calls hair or a covering is painted in one dark brown, its light and shade kept,
and the wall in one light colour, and it is asked again. Hair is hair then: it has strands,
and goes on down the sides. A cap stays a cap in any colour.

Measured here on 26 portraits dyed in seven colours and on the labelled coverings: docs/accuracy.md.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.face.head_view import SIDE_PX, HeadView
from pipeline.face.models import BACKGROUND, CLOTHES, FACE_SKIN, HAIR, OTHERS, Models
from pipeline.image.decode import Pixels

_BROWN, _WALL = (50, 38, 32), (176, 200, 222)  # sRGB
_LIT = 65.0  # L* of a face: a darker one is lifted to it, for hair and shade are one in the dark
_TINT_KEPT = 0.5  # of the differences in hue within the hair
_DARKEST, _LIGHTEST = 2.0, 98.0  # L*
# What is painted, in faces from the point between the eyes: down to below the eyes, where
# a covering ends at the latest and the clothes of the body have not begun.
_SIDE, _DOWN = 1.1, 0.35
_SURE, _HALF = 0.9, 0.5
_FEW_PX = 50  # fewer show no colour to begin from
_SOFT_PX = 3.0


def seen_in_natural_colours(view: HeadView, models: Models) -> HeadView:
    """Return a view in which coverings are hair where they are hair or skin in natural colours."""
    again = models.segment(_painted(view))
    bare = again[:, :, HAIR] + again[:, :, FACE_SKIN] > _HALF
    classes = view.classes.copy()
    classes[bare, HAIR] += classes[bare, CLOTHES] + classes[bare, OTHERS]
    classes[bare, CLOTHES] = classes[bare, OTHERS] = 0
    return replace(view, classes=classes)


def _painted(view: HeadView) -> Pixels:
    """The pixels with brown hair, or a brown covering, before a plain wall."""
    x, y = view.places()
    where = (np.abs(x) < _SIDE) & (y < _DOWN)
    on_head = _soft(view.share((HAIR, CLOTHES, OTHERS)) * where)
    wall = _soft(view.classes[:, :, BACKGROUND])
    pixels = _lit(view.pixels, _soft(view.classes[:, :, FACE_SKIN])[:, :, 0] > _SURE)
    sure = on_head[:, :, 0] > _SURE
    if np.count_nonzero(sure) > _FEW_PX:
        pixels = pixels * (1 - on_head) + _browned(pixels, sure) * on_head
    pixels = pixels * (1 - wall) + np.array(_WALL, np.float32) * wall
    return np.clip(pixels, 0, 255).astype(np.uint8)


def _lit(pixels: Pixels, skin: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Lift the light of the whole view where the face is in the dark."""
    lab = _lab(pixels.astype(np.float32))
    if np.count_nonzero(skin) > _FEW_PX:
        lab[:, :, 0] *= max(1.0, _LIT / float(np.median(lab[skin, 0])))
    lab[:, :, 0] = np.clip(lab[:, :, 0], _DARKEST, _LIGHTEST)
    return _rgb(lab)


def _browned(pixels: NDArray[np.float32], sure: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Move all colours as the usual one of the ``sure`` pixels moves to brown."""
    lab = _lab(pixels)
    lab -= np.median(lab[sure], axis=0).astype(np.float32)
    lab[:, :, 1:] *= np.float32(_TINT_KEPT)
    lab += _lab(np.array([[_BROWN]], np.float32))
    lab[:, :, 0] = np.clip(lab[:, :, 0], _DARKEST, _LIGHTEST)
    return _rgb(lab)


def _rgb(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB), np.float32) * np.float32(255)


def _lab(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(pixels / np.float32(255), cv2.COLOR_RGB2Lab), np.float32)


def _soft(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sharpen a share on the view's pixels, soft at its edge; (H, W, 1)."""
    size = (SIDE_PX, SIDE_PX)
    fine = cv2.resize(np.asarray(share, np.float32), size, interpolation=cv2.INTER_LINEAR)
    fine = np.clip((fine - np.float32(0.25)) * 2, 0, 1)
    return np.asarray(cv2.GaussianBlur(fine, (0, 0), _SOFT_PX), np.float32)[:, :, None]
