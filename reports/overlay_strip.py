"""The strip beside an overlay: the verdict, what is wrong, the whole frame, every measure."""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from pipeline.core.rules import Mode, Outcome, Text, Verdict
from pipeline.examine.facts import CropFacts, Facts
from pipeline.spec.spec import Spec
from reports.drawing import (
    BROKEN,
    INK,
    KEPT,
    NOTED,
    PAPER,
    QUIET,
    Colour,
    Lettering,
    font,
    wrapped,
)
from reports.rule_states import RuleState, RuleStates, window
from reports.shared_words import MODES, VERDICTS, reason

STRIP = 660  # px wide
_TALLEST = 8000  # the strip is cut to what was drawn
_FRAME = (360, 340)  # the small view of the whole frame
_LARGE, _PLAIN, _SMALL = 40, 25, 20
_VERDICTS = {Verdict.PASS: KEPT, Verdict.RETAKE: BROKEN, Verdict.FAIL: BROKEN}

_WHOLE = Text("原图与拟裁剪范围", "the whole frame and the planned crop")
_AS_IT_IS = Text("原文件的形状", "the file as it is")
_MEASURED = Text("测量值", "Measured")
_KEY = (
    (KEPT, Text("符合", "kept")),
    (NOTED, Text("接近限值或仅提示", "near the limit, or a note")),
    (BROKEN, Text("不符合", "broken")),
    (QUIET, Text("未作规定或无法判断", "not asked for, or not assessed")),
)
_SHADE = Text("绿色阴影：规范允许的范围", "green shade: the window of the specification")


@dataclass
class _Pen:
    """Where the next line is written."""

    draw: ImageDraw.ImageDraw
    letters: Lettering
    y: float = 0

    def write(self, text: str, size: int, colour: Colour, indent: float = 0) -> None:
        """Write a text below the last, wrapped to the strip."""
        face = font(self.letters, size)
        for line in wrapped(text, face, STRIP - indent):
            self.draw.text((indent, self.y), line, font=face, fill=colour, anchor="lt")
            self.y += round(size * 1.42)


def draw_strip(facts: Facts, state: RuleStates, spec: Spec, letters: Lettering) -> Image.Image:
    """Draw the strip, `STRIP` px wide and as high as it needs."""
    lang = letters.lang
    image = Image.new("RGB", (STRIP, _TALLEST), PAPER)
    pen = _Pen(ImageDraw.Draw(image), letters)
    pen.write(VERDICTS[state.verdict][lang], _LARGE, _VERDICTS[state.verdict])
    pen.write(f"{spec.title[lang]} · {MODES[facts.mode][lang]}", _SMALL, QUIET)
    for wanted in (RuleState.BROKEN, RuleState.OPEN, RuleState.NOTED):
        _reasons(pen, state, wanted)
    size = (spec.output.width_px, spec.output.height_px)
    if isinstance(facts, CropFacts) and facts.frame != size:
        _whole_frame(image, pen, facts, state)
    _measured(pen, state)
    _key(pen)
    return image.crop((0, 0, STRIP, round(pen.y)))


def _reasons(pen: _Pen, state: RuleStates, wanted: RuleState) -> None:
    """Rules of one state with their sentences: broken, not assessed, or noted."""
    for code, finding in state.findings.items():
        if state.state(code) is not wanted or finding.outcome is Outcome.NOT_APPLICABLE:
            continue
        if finding.outcome is Outcome.SKIPPED and finding.caused_by is not None:
            continue  # the rule that caused it is said already
        pen.y += 12
        top = pen.y
        pen.write(code, _SMALL, wanted.value, indent=20)
        said = reason(finding, state.rules[code], pen.letters.lang)
        pen.write(said, _PLAIN, INK, indent=20)
        pen.draw.rectangle((0, top, 6, pen.y - 8), fill=wanted.value)


def _whole_frame(image: Image.Image, pen: _Pen, facts: CropFacts, state: RuleStates) -> None:
    """The frame in small, with the planned crop and the faces beside the main one."""
    pen.y += 24
    caption = _WHOLE if facts.mode is Mode.SOURCE else _AS_IT_IS
    pen.write(caption[pen.letters.lang], _SMALL, QUIET)
    small = Image.fromarray(facts.photo.pixels)
    small.thumbnail(_FRAME, Image.Resampling.BOX)
    image.paste(small, (0, round(pen.y)))
    crop, scale = facts.crop, small.width / facts.frame[0]
    box = (
        crop.x * scale,
        pen.y + crop.y * scale,
        (crop.x + crop.width) * scale - 1,
        pen.y + (crop.y + crop.height) * scale - 1,
    )
    pen.draw.rectangle(box, outline=PAPER, width=4)
    pen.draw.rectangle(box, outline=INK, width=2)
    if state.state("FC002") is RuleState.BROKEN:
        scale = small.width / facts.photo.pixels.shape[1]
        for face in facts.faces[1:]:
            x, y = face.x * scale, pen.y + face.y * scale
            corner = (x + face.width * scale, y + face.height * scale)
            pen.draw.rectangle((x, y, *corner), outline=BROKEN, width=3)
    pen.y += small.height + 8


def _measured(pen: _Pen, state: RuleStates) -> None:
    """What was measured and is not said above, a line each: code, quantity, value, window."""
    lang = pen.letters.lang
    face = font(pen.letters, _SMALL)
    pen.y += 24
    pen.write(_MEASURED[lang], _SMALL, QUIET)
    for code, finding in state.findings.items():
        rule = state.rules[code]
        if finding.measured is None or not rule.quantity[lang]:
            continue
        if state.state(code) in {RuleState.BROKEN, RuleState.NOTED}:
            continue
        colour = state.colour(code)
        value, limits = rule.shown(finding), window(finding.low, finding.high)
        pen.draw.text((0, pen.y), code, font=face, fill=colour, anchor="lt")
        pen.draw.text((STRIP - 150, pen.y), value, font=face, fill=colour, anchor="rt")
        pen.draw.text((STRIP - 136, pen.y), limits, font=face, fill=QUIET, anchor="lt")
        quantity = finding.quantity or rule.quantity
        for line in wrapped(quantity[lang], face, STRIP - 150 - 90 - 76):
            pen.draw.text((76, pen.y), line, font=face, fill=INK, anchor="lt")
            pen.y += round(_SMALL * 1.42)


def _key(pen: _Pen) -> None:
    """What the colours mean."""
    lang, face = pen.letters.lang, font(pen.letters, _SMALL)
    pen.y += 24
    x = 0.0
    for colour, text in _KEY:
        width = 26 + face.getlength(text[lang]) + 24
        if x + width > STRIP:
            x, pen.y = 0.0, pen.y + round(_SMALL * 1.42)
        pen.draw.rectangle((x, pen.y + 2, x + 16, pen.y + 18), fill=colour)
        pen.draw.text((x + 24, pen.y), text[lang], font=face, fill=QUIET, anchor="lt")
        x += width
    pen.y += round(_SMALL * 1.42)
    pen.write(_SHADE[lang], _SMALL, QUIET)
