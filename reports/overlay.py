"""One judged picture with all that was measured drawn on it, so that a person sees why.

The picture is that of the facts: the crop that would be made from a source, a final file
as it is, or the whole frame where no crop could be planned. At its edges stand the windows
of the spec, shaded, with what was measured as lines; right of it everything that is wrong
(`reports.overlay_strip`).
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from pipeline.core.bands import Band
from pipeline.core.private_files import write_private
from pipeline.core.rules import Finding, Lang, Rule, Text
from pipeline.examine.facts import CropFacts, Facts, HeadFacts
from pipeline.face.head_measures import LEFT_CHEEK, LEFT_EAR, RIGHT_CHEEK, RIGHT_EAR
from pipeline.spec.spec import Spec
from reports.drawing import KEPT, NOTED, PAPER, QUIET, Colour, Lettering, font, lettering
from reports.overlay_picture import draw_faces, draw_outlines
from reports.overlay_strip import STRIP, draw_strip
from reports.rule_states import RuleState, RuleStates, rule_states, window

PICTURE = (960, 1280)  # the box that the picture fills, px
GUTTER, MARGIN, FOOT = 204, 28, 96
_BAND = 28  # width of a window's shaded band
_SHADE = 0.35  # how much of the green a shaded band has
_LABEL_ROWS = 62  # px between two labels of the gutter
_CROWN, _EYE, _CHIN = Text("头顶", "crown"), Text("眼睛", "eyes"), Text("下巴", "chin")
_TOPS = {"top_of_hair": _CROWN, "hairline": Text("发际线", "hairline")}
_WIDTH, _HEAD_WIDTH = Text("脸宽", "face"), Text("头宽", "head")
_HEIGHT, _OFF = Text("头高", "height"), Text("偏离中线", "off centre")


@dataclass(frozen=True)
class Canvas:
    """Where the picture lies on the sheet, in sheet pixels; ``scale`` of them an output pixel."""

    left: float
    top: float
    right: float
    bottom: float
    scale: float

    def x(self, x: float) -> float:
        """Sheet column of an output column."""
        return self.left + x * self.scale

    def y(self, y: float) -> float:
        """Sheet row of an output row."""
        return self.top + y * self.scale


@dataclass(frozen=True)
class Bar:
    """A width of the head: its middle and length in output pixels, and the window for it."""

    name: Text
    x: float
    y: float
    width: float
    band: Band | None


def overlay(
    facts: Facts, findings: Iterable[Finding], rules: Iterable[Rule], spec: Spec, lang: Lang
) -> Image.Image:
    """Draw one examined photo.

    Parameters
    ----------
    facts, findings, rules
        Of one examination (`pipeline.examine.examine.examine_with_facts`, `photo_rules`).

    Returns
    -------
    Image
        RGB, about 1900 x 1400 px. In English where no font has Chinese.
    """
    state, letters = rule_states(findings, rules, spec), lettering(lang)
    view = view_of(facts)
    size = (round(view.right - view.left), round(view.bottom - view.top))
    drawn = np.asarray(cv2.resize(facts.picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    if isinstance(facts, CropFacts):
        draw_outlines(drawn, facts, state, view.scale)
    draw_faces(drawn, facts, state, view.scale)
    strip = draw_strip(facts, state, spec, letters)
    left = round(view.right) + MARGIN
    below = max(round(view.bottom) + FOOT, strip.height + MARGIN)
    sheet = Image.new("RGB", (left + STRIP + MARGIN, below), PAPER)
    sheet.paste(Image.fromarray(drawn), (round(view.left), round(view.top)))
    sheet.paste(strip, (left, MARGIN))
    if isinstance(facts, CropFacts):
        _shade(sheet, facts, view)
        _measures(ImageDraw.Draw(sheet), facts, state, view, letters)
    return sheet


def view_of(facts: Facts) -> Canvas:
    """Fit the judged crop, or the frame where there is none, into the box of the picture."""
    height, width = facts.picture.shape[:2]
    scale = min(PICTURE[0] / width, PICTURE[1] / height)
    right, bottom = GUTTER + round(width * scale), MARGIN + round(height * scale)
    return Canvas(GUTTER, MARGIN, right, bottom, scale)


def write_overlay(
    path: Path,
    facts: Facts,
    findings: Iterable[Finding],
    rules: Iterable[Rule],
    spec: Spec,
    lang: Lang,
) -> None:
    """Draw one examined photo into a file (0600): JPEG for .jpg and .jpeg, else PNG."""
    image, stream = overlay(facts, findings, rules, spec, lang), io.BytesIO()
    if path.suffix.lower() in {".jpg", ".jpeg"}:
        image.save(stream, "JPEG", quality=90)
    else:
        image.save(stream, "PNG")
    write_private(path, stream.getvalue())


# -- windows -------------------------------------------------------------------------------


def _shade(sheet: Image.Image, facts: CropFacts, view: Canvas) -> None:
    """Shade where the spec wants crown and eyes (both edges), the middle, and the cheeks."""
    draw = ImageDraw.Draw(sheet)
    for rectangle in _rectangles(facts, view):
        x0, y0, x1, y1 = (round(edge) for edge in rectangle)
        ground = sheet.crop((x0, y0, max(x0 + 1, x1), max(y0 + 1, y1)))
        sheet.paste(Image.blend(ground, Image.new("RGB", ground.size, KEPT), _SHADE), (x0, y0))
        draw.rectangle((x0, y0, x1, y1), outline=KEPT)


def _rectangles(facts: CropFacts, view: Canvas) -> Iterator[tuple[float, float, float, float]]:
    """Left, top, right, bottom of every shaded band, in sheet pixels."""
    output = facts.output
    for band in filter(None, (output.crown, output.eye)):
        for low, high in _zones(band, 0, output.height_px):
            yield view.left - _BAND, view.y(low), view.left + _BAND, view.y(high)
            yield view.right - _BAND, view.y(low), view.right, view.y(high)
    if output.centring is not None:
        for low, high in _zones(output.centring, -50, 50):
            left, right = (view.x((0.5 + off / 100) * output.width_px) for off in (low, high))
            yield left, view.bottom - _BAND, right, view.bottom + _BAND
    if isinstance(facts, HeadFacts) and (bar := _bar(facts)).band is not None:
        for low, high in _zones(bar.band, 0, output.width_px):
            near, far, row = low / 2, high / 2, view.y(bar.y)
            yield view.x(bar.x - far), row - _BAND / 2, view.x(bar.x - near), row + _BAND / 2
            yield view.x(bar.x + near), row - _BAND / 2, view.x(bar.x + far), row + _BAND / 2


def _zones(band: Band, least: float, most: float) -> Iterator[tuple[float, float]]:
    """Return the window of a band, and where it has one the narrower window without a note."""
    low = least if band.low is None else max(least, band.low)
    high = most if band.high is None else min(most, band.high)
    yield low, high
    if band.note_low is not None or band.note_high is not None:
        yield (
            low if band.note_low is None else band.note_low,
            high if band.note_high is None else band.note_high,
        )


def _bar(facts: HeadFacts) -> Bar:
    """The width that the spec asks for: between the cheeks, or between the ear roots."""
    output, placement = facts.output, facts.placement
    if output.face_width is None and output.head_width is not None:
        x, y = facts.points[[RIGHT_EAR, LEFT_EAR]].mean(axis=0)
        return Bar(_HEAD_WIDTH, float(x), float(y), placement.head_width, output.head_width)
    x, y = facts.points[[RIGHT_CHEEK, LEFT_CHEEK]].mean(axis=0)
    return Bar(_WIDTH, float(x), float(y), placement.face_width, output.face_width)


# -- measures ------------------------------------------------------------------------------


def _measures(
    draw: ImageDraw.ImageDraw, facts: CropFacts, state: RuleStates, view: Canvas, letters: Lettering
) -> None:
    """Lines where things are, each with its value, in the colour of its rule."""
    _labels(draw, facts, state, view, letters)
    if not isinstance(facts, HeadFacts):
        return
    output, placement, bar = facts.output, facts.placement, _bar(facts)
    colour = _colour(state, "FC006", bar.width, bar.band)
    left, right, row = view.x(bar.x - bar.width / 2), view.x(bar.x + bar.width / 2), view.y(bar.y)
    _line(draw, (left, row), (right, row), colour)
    for end in (left, right):
        _line(draw, (end, row - _BAND), (end, row + _BAND), colour)
    colour = state.colour("FC003")
    column = view.x((0.5 + placement.off_centre / 100) * output.width_px)
    for start in range(round(view.top), round(view.bottom), 24):
        _line(draw, (column, start), (column, min(view.bottom, start + 12)), colour)
    shown = f"{_OFF[letters.lang]} {round(placement.off_centre, 1) + 0.0:+.1f}%"
    if output.centring is not None:
        shown += f"  ({window(output.centring.low, output.centring.high)})"
    _line(draw, (column, view.bottom - _BAND), (column, view.bottom + _BAND), colour)
    draw.text(
        (column, view.bottom + _BAND + 8), shown, font=font(letters, 26), fill=colour, anchor="mt"
    )


def _labels(
    draw: ImageDraw.ImageDraw, facts: CropFacts, state: RuleStates, view: Canvas, letters: Lettering
) -> None:
    """Crown, eye and chin lines; in the gutter their values and the face's width, with limits."""
    lang, next_free = letters.lang, 0.0
    for name, code, band, value, row in _rows(facts):
        if row is None:
            continue
        colour = state.colour(code) if value is None else _colour(state, code, value, band)
        if value is not None and row == value:
            _line(draw, (view.left - _BAND, view.y(row)), (view.right, view.y(row)), colour)
        at = max(next_free, min(view.y(row), view.bottom))
        next_free = at + _LABEL_ROWS
        corner = view.left - _BAND - 10
        shown = name[lang] if value is None else f"{name[lang]} {value:.0f}px"
        draw.text((corner, at), shown, font=font(letters, 26), fill=colour, anchor="rm")
        if band is not None:
            limits, small = window(band.low, band.high), font(letters, 20)
            draw.text((corner, at + 18), limits, font=small, fill=QUIET, anchor="rt")


def _rows(facts: CropFacts) -> Iterator[tuple[Text, str, Band | None, float | None, float | None]]:
    """Return name, code, window, value and row of every label, from the top; in output px."""
    output = facts.output
    name = _TOPS[output.crown_reading]
    if not isinstance(facts, HeadFacts):
        yield name, "FC004", output.crown, None, _middle(output.crown, output.height_px)
        yield _EYE, "FC005", output.eye, None, _middle(output.eye, output.height_px)
        return
    placement, bar = facts.placement, _bar(facts)
    top = placement.top(output)
    yield name, "FC004", output.crown, top, top
    yield _EYE, "FC005", output.eye, placement.eye, placement.eye
    yield bar.name, "FC006", bar.band, bar.width, bar.y
    yield _CHIN, "", None, placement.chin, placement.chin
    if output.head_height is not None:
        height = placement.chin - placement.crown
        yield _HEIGHT, "FC006", output.head_height, height, placement.chin


def _colour(state: RuleStates, code: str, value: float, band: Band | None) -> Colour:
    """The colour of one length; FC006 speaks for up to three, of which one may be at fault."""
    if band is None or state.state(code) is RuleState.OPEN:
        return QUIET
    if not band.allows(value):
        return state.colour(code)
    return KEPT if band.within_notes(value) and not band.is_borderline(value) else NOTED


def _middle(band: Band | None, height: float) -> float | None:
    """Where a window's label stands when nothing was measured."""
    if band is None:
        return None
    low, high = next(_zones(band, 0, height))
    return (low + high) / 2


def _line(
    draw: ImageDraw.ImageDraw, start: tuple[float, float], end: tuple[float, float], colour: Colour
) -> None:
    """A line of 3 px with a light rim, seen on any ground."""
    start, end = ((round(x), round(y)) for x, y in (start, end))
    draw.line((start, end), fill=PAPER, width=5)
    draw.line((start, end), fill=colour, width=3)
