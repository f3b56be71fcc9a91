"""The words of the domain: outcomes, verdicts, rules and findings.

Everything here is a small frozen value that may cross a process border. A rule
is its code, its words in Chinese and English, its unit and its source; a finding
is what a rule came to on one photo, with the measured value also on a pass, so
that limits can be re-tuned from ``findings.csv`` without running a model.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from pipeline.core.bands import Band, Borderline

Lang = Literal["zh", "en"]
Judge = Literal["source", "final", "auto"]  # what a file is taken for; auto: see spec
Choose = Literal["ask", "best", "last"]  # of several photos of a student; ask: RC003
Split = Literal["college", "major"]  # by what a hand-over is parted: 学院, or 学院 and 专业


class Outcome(StrEnum):
    """What a rule came to on a photo."""

    PASSED = "passed"
    BROKEN = "broken"
    SKIPPED = "skipped"  # could not be assessed: never a pass
    NOT_APPLICABLE = "not_applicable"  # out of mode, switched off, or no input by choice


class Verdict(StrEnum):
    """What a photo, and then a student, comes to."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    RETAKE = "retake"
    FAIL = "fail"
    MISSING = "missing"  # students only: no photo arrived


class Remedy(StrEnum):
    """What helps when a rule is broken."""

    RETAKE = "retake"
    STAFF = "staff"
    NOTE = "note"  # advisory: reported, changes no verdict


class Mode(StrEnum):
    """Which of two objects a file is: a raw frame, or the registration file itself."""

    SOURCE = "source"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and English."""

    zh: str
    en: str

    def __getitem__(self, lang: Lang) -> str:
        """Return the words in one language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's outcome on one photo.

    ``because`` is empty on a plain pass; on a pass with a note, a break, a skip or
    a not-applicable it says why. ``caused_by`` names the rule whose break made this
    one impossible to assess (no face: the face rules); such a skip takes no part of
    its own in the verdict. ``quantity`` names what was measured where a spec asks for
    another length than the rule's own words name; it is shown wherever the value is.
    ``borderline`` 临界: the value lies within its measure's uncertainty of the limit; its
    words begin so.
    """

    code: str
    outcome: Outcome
    measured: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    because: Text | None = None
    caused_by: str | None = None
    quantity: Text | None = None
    borderline: bool = False

    def with_detail(self, detail: Text) -> "Finding":
        """Return it with ``detail`` in brackets after its words; a plain pass has no words."""
        if self.because is None:
            return self
        zh, en = self.because.zh, self.because.en
        return replace(self, because=Text(f"{zh}（{detail.zh}）", f"{en} ({detail.en})"))

    def with_note(self, note: Text) -> "Finding":
        """Return it with ``note`` after its words, or as its words where it has none."""
        if self.because is None:
            return replace(self, because=note)
        zh, en = self.because.zh, self.because.en
        return replace(self, because=Text(f"{zh}；{note.zh}", f"{en}; {note.en}"))


@dataclass(frozen=True)
class Rule:
    """One requirement with a stable code.

    Parameters
    ----------
    code
        Two letters (family, file) and three digits; never changes meaning.
    remedy
        What helps; a spec may change it.
    fault
        The fault in words that a student understands.
    student, photographer
        How to mend it, told to each: what the student does next time (no number, no code, no
        blame), and what whoever takes or handles the picture moves or decides.
    quantity, unit, decimals
        What is measured, in what, and with how many decimals it is shown.
    source
        The clause or key that the requirement comes from.
    words_of_a_person
        Whether a person wrote why: the student reads that too.
    invalidated_by
        Codes of rules whose break makes this one's measure worthless: a crown under a hat, the
        framing of a picture that lies on its side. A pass or a break is then a skip.
    """

    code: str
    remedy: Remedy
    fault: Text
    student: Text
    photographer: Text
    quantity: Text
    unit: str
    source: str
    decimals: int = 0
    words_of_a_person: bool = False
    invalidated_by: tuple[str, ...] = ()

    def judge(self, measured: float, band: Band, quantity: Text | None = None) -> Finding:
        """Hold a measured value against a limit: passed, passed with a note, or broken.

        A value that is borderline passes with a note where it keeps the limit; where it does
        not, the limit says what becomes of it (`Band`). ``quantity`` says what was measured
        where it is not the rule's own.

        Raises
        ------
        ValueError
            When the value is no number: a measure that failed must say *skipped*.
        """
        if not math.isfinite(measured):
            raise ValueError(f"{self.code}: measured {measured}")
        finding = Finding(
            self.code, Outcome.PASSED, measured, band.low, band.high, self.unit, quantity=quantity
        )
        if band.is_borderline(measured):
            outcome = Outcome.PASSED if band.allows(measured) else _BEYOND[band.borderline]
            because = self._near_limit(finding, band)
            return replace(finding, outcome=outcome, because=because, borderline=True)
        if not band.allows(measured):
            because = self.sentence(finding)
            return replace(finding, outcome=Outcome.BROKEN, because=because)
        if not band.within_notes(measured):
            words = self._requirement(finding, band.note_low, band.note_high)
            near = Text(f"{NEAR.zh}：{words.zh}", f"{NEAR.en}: {words.en}")
            return replace(finding, because=near)
        return finding

    def passed(self, measured: float | None = None, note: Text | None = None) -> Finding:
        """Return a pass that no numeric limit decides."""
        return Finding(self.code, Outcome.PASSED, measured, unit=self.unit, because=note)

    def broken(self, measured: float | None = None, detail: Text | None = None) -> Finding:
        """Return a break that no numeric limit decides; ``detail`` follows the fault."""
        because = self.fault
        if detail is not None:
            because = Text(f"{self.fault.zh}：{detail.zh}", f"{self.fault.en}: {detail.en}")
        return Finding(self.code, Outcome.BROKEN, measured, unit=self.unit, because=because)

    def skipped(self, why: Text, caused_by: str | None = None) -> Finding:
        """Return "could not be assessed", with the reason."""
        return Finding(self.code, Outcome.SKIPPED, unit=self.unit, because=why, caused_by=caused_by)

    def not_applicable(self, why: Text) -> Finding:
        """Return "does not apply here", with the reason."""
        return Finding(self.code, Outcome.NOT_APPLICABLE, unit=self.unit, because=why)

    def sentence(self, finding: Finding) -> Text:
        """Say that a measured value breaks its limits: fault, value, what is required, distance."""
        assert finding.measured is not None
        words = self._requirement(finding, finding.low, finding.high)
        short = self.distance(finding)
        end = Text(f"（{short.zh}）", f" ({short.en})") if short else Text("", "")
        return Text(
            f"{self.fault.zh}：{words.zh}{end.zh}",
            f"{self.fault.en}: {words.en}{end.en}",
        )

    def distance(self, finding: Finding) -> Text | None:
        """Say how far a value lies beyond its limit; None where it keeps it or has none.

        ``差`` / ``short`` where more is asked for, ``超`` / ``over`` where less is, and for
        an angle or an offset to either side. Taken from the value as it is shown, so that
        the numbers of a sentence add up.
        """
        if finding.measured is None:
            return None
        low, high = finding.low, finding.high
        if low is not None and finding.measured < low:
            lacks, gap = low >= 0, self._gap(finding, low)
        elif high is not None and finding.measured > high:
            lacks, gap = False, self._gap(finding, high)
        else:
            return None
        if gap is None:
            return None
        return Text(
            f"{'差' if lacks else '超'} {gap.zh}", f"{gap.en} {'short' if lacks else 'over'}"
        )

    def _gap(self, finding: Finding, end: float) -> Text | None:
        """How far the value that is shown lies from an end; None: less than what is shown."""
        assert finding.measured is not None
        places = self._places(finding.measured, finding.low, finding.high)
        gap = abs(end - round(finding.measured, places))
        return self._with_unit(f"{gap:.{places}f}") if gap else None

    def _with_unit(self, number: str) -> Text:
        return Text(f"{number}{self.unit}", f"{number}{' ' * bool(self.unit)}{self.unit}")

    def shown(self, finding: Finding) -> str:
        """Return the measured value with its unit; the empty string where there is none."""
        if finding.measured is None:
            return ""
        return f"{self._shown(finding.measured, finding.low, finding.high)}{self.unit}"

    def _shown(self, measured: float, low: float | None, high: float | None) -> str:
        places = self._places(measured, low, high)
        return f"{round(measured, places) + 0.0:.{places}f}"  # never -0.0

    def _places(self, measured: float, low: float | None, high: float | None) -> int:
        """Decimals: a value just beyond its limit must not be shown as equal to it."""
        decimals = self.decimals
        while decimals < _MOST_DECIMALS and any(
            end is not None and round(measured, decimals) == round(end, decimals) != measured
            for end in (low, high)
        ):
            decimals += 1
        return decimals

    def _near_limit(self, finding: Finding, band: Band) -> Text:
        """Say that a value is borderline: what is required, the margin, and how sure it is."""
        assert finding.measured is not None
        words = self._requirement(finding, band.low, band.high)
        ends = (end for end in (band.low, band.high) if end is not None)
        _, nearest = min((abs(end - finding.measured), end) for end in ends)
        inside = self._gap(finding, nearest)
        margin = self.distance(finding)
        if margin is None and inside is not None:
            margin = Text(f"距限值 {inside.zh}", f"{inside.en} from the limit")
        margin = margin or Text("恰在限值上", "on the limit")
        unsure = self._with_unit(f"{band.uncertainty:g}")
        return Text(
            f"{BORDERLINE.zh}：{words.zh}（{margin.zh}，测量不确定度 ±{unsure.zh}）",
            f"{BORDERLINE.en}: {words.en} ({margin.en}, measurement uncertainty ±{unsure.en})",
        )

    def _requirement(self, finding: Finding, low: float | None, high: float | None) -> Text:
        """What was measured, and what is required."""
        assert finding.measured is not None

        def show(value: float) -> str:
            return f"{value:.{self.decimals}f}"

        if low is not None and high is not None:
            span = Text(f" {show(low)}–{show(high)}", f"{show(low)}–{show(high)}")
        elif high is not None:
            span = Text(f"不超过 {show(high)}", f"at most {show(high)}")
        else:
            span = Text(f"不少于 {show(low or 0.0)}", f"at least {show(low or 0.0)}")
        q, unit = finding.quantity or self.quantity, self.unit
        gap = f" {unit}" if unit else ""
        value = self._shown(finding.measured, low, high)
        return Text(
            f"{q.zh} {value}{unit}，要求{span.zh}{unit}",
            f"{q.en} {value}{gap}, required {span.en}{gap}",
        )


_MOST_DECIMALS = 4
# What becomes of a value that lies beyond its limit, but not by more than is certain.
_BEYOND: dict[Borderline | None, Outcome] = {
    "pass": Outcome.PASSED,
    "staff": Outcome.SKIPPED,
    "break": Outcome.BROKEN,
}
BORDERLINE = Text("临界", "borderline")  # begins what is said of a value near its limit
NEAR = Text("提示，接近限值", "note, near the limit")  # begins what a pass with a note says
