"""`inspect --overlay`: a photo's drawing with verdict, reasons and measures, as one picture."""

import io
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from pipeline.core.private_files import write_private
from pipeline.core.rules import Finding, Lang, Outcome, Rule, Text, Verdict
from pipeline.examine.facts import Facts
from pipeline.examine.marks import marks_of, preview
from pipeline.spec.spec import Spec
from reports.overlay import INKS, frame_svg, overlay_svg
from reports.rule_states import RuleState, RuleStates, rule_states, window
from reports.shared_words import MODES, VERDICTS, reason
from reports.typeset import printable, typeset

_MEASURED = Text("测量值", "Measured")
_FRAME = Text("原图中裁剪的位置", "where the crop lies in the whole frame")
_SHADE = Text("绿色阴影：规范允许的范围", "green shade: the window of the specification")
_KEY = (
    (RuleState.KEPT, Text("符合", "kept")),
    (RuleState.NOTED, Text("接近限值或仅提示", "near the limit, or a note")),
    (RuleState.BROKEN, Text("不符合", "broken")),
    (RuleState.OPEN, Text("未作规定或无法判断", "not asked for, or not assessed")),
)
_TOLD = (RuleState.BROKEN, RuleState.OPEN, RuleState.NOTED)


def write_overlay(
    path: Path,
    facts: Facts,
    findings: Iterable[Finding],
    rules: Iterable[Rule],
    spec: Spec,
    lang: Lang,
) -> None:
    """Draw one examined photo into a file (0600): JPEG for .jpg and .jpeg, else PNG.

    In English where no font of the machine has Chinese.
    """
    data = overlay_sheet(facts, findings, rules, spec, lang)
    if path.suffix.lower() in {".jpg", ".jpeg"}:
        stream = io.BytesIO()
        Image.open(io.BytesIO(data)).convert("RGB").save(stream, "JPEG", quality=90)
        data = stream.getvalue()
    write_private(path, data)


def overlay_sheet(
    facts: Facts, findings: Iterable[Finding], rules: Iterable[Rule], spec: Spec, lang: Lang
) -> bytes:
    """Return the sheet as a PNG, about 1500 px wide."""
    states, lang, marks = rule_states(findings, rules, spec), printable(lang), marks_of(facts)
    picture = f"data:image/jpeg;base64,{b64encode(preview(facts)).decode()}"
    frame = frame_svg(marks, lang)
    passed = states.verdict is Verdict.PASS
    data = {
        "verdict": VERDICTS[states.verdict][lang],
        "ink": INKS[RuleState.KEPT if passed else RuleState.BROKEN],
        "spec": f"{spec.title[lang]} · {MODES[facts.mode][lang]}",
        "reasons": [*_reasons(states, lang)],
        "measured": [*_measured(states, lang)],
        "measured_words": _MEASURED[lang],
        "frame": frame is not None,
        "frame_words": _FRAME[lang],
        "shade_words": _SHADE[lang],
        "key": [{"colour": INKS[state], "text": text[lang]} for state, text in _KEY],
    }
    drawn = overlay_svg(marks, states, picture, lang, "person")
    files = {"overlay.svg": drawn.encode(), "frame.svg": (frame or "").encode()}
    return typeset("overlay.typ", data, files, "png")


def _reasons(states: RuleStates, lang: Lang) -> Iterator[dict[str, str]]:
    """Rules with their sentences: broken, then not assessed, then noted."""
    for wanted in _TOLD:
        for code, finding in states.findings.items():
            if states.state(code) is not wanted or finding.outcome is Outcome.NOT_APPLICABLE:
                continue
            if finding.outcome is Outcome.SKIPPED and finding.caused_by is not None:
                continue  # the rule that caused it is said already
            said = reason(finding, states.rules[code], lang)
            yield {"code": code, "text": said, "colour": INKS[wanted]}


def _measured(states: RuleStates, lang: Lang) -> Iterator[dict[str, Any]]:
    """Everything measured that is not told above: code, quantity, value, window."""
    for code, finding in states.findings.items():
        rule, state = states.rules[code], states.state(code)
        if finding.measured is None or not rule.quantity[lang]:
            continue
        if state in {RuleState.BROKEN, RuleState.NOTED}:
            continue
        yield {
            "code": code,
            "quantity": (finding.quantity or rule.quantity)[lang],
            "value": rule.shown(finding),
            "limits": window(finding.low, finding.high),
            "colour": INKS[state],
        }
