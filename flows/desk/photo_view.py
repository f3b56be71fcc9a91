"""What the desk shows of one photo: its pictures, its overlay, its findings in words."""

from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup
from sqlalchemy import Connection

from checks import CHECKS
from flows.season.photos import picture_path
from pipeline.core.causes import causes_of, reason_of
from pipeline.core.records import Examination
from pipeline.core.rules import Finding, Lang, Outcome, Rule, Text, Verdict
from pipeline.core.verdict import counting, remedies
from pipeline.image.decode import DecodeLimits
from pipeline.image.preview import preview_of_file
from pipeline.ledger.examinations import reader_of
from pipeline.ledger.season import Season
from pipeline.ledger.store import REFERENCES
from pipeline.ledger.verdicts import standings
from pipeline.ledger.waiting import Shown
from pipeline.rules import all_rules
from reports.overlay import overlay_svg
from reports.rule_states import RuleState, states_of
from reports.shared_words import OUTCOMES


@dataclass(frozen=True)
class Reason:
    """One thing that counts against a photo."""

    code: str
    fault: Text  # the rule's, in words that a student understands
    said: Text  # with the measured value
    advice: Text  # what the student is told to do
    borderline: bool


@dataclass(frozen=True)
class FindingLine:
    """One rule in the table of all findings."""

    code: str
    fault: Text
    state: RuleState
    word: Text
    said: Text | None


@dataclass(frozen=True)
class PhotoView:
    """One photo as its page shows it."""

    reasons: tuple[Reason, ...]
    findings: tuple[FindingLine, ...]
    overlay: Markup | None
    has_picture: bool
    has_thumbnail: bool
    has_record: bool


def rules_of(season: Season) -> dict[str, Rule]:
    """Return every rule by code, with the remedy of the season's spec."""
    rules = tuple(all_rules(CHECKS))
    remedy = remedies(rules, season.spec.remedies)
    return {rule.code: replace(rule, remedy=remedy[rule.code]) for rule in rules}


def examination_of(season: Season, connection: Connection, shown: Shown) -> Examination | None:
    """Read what was measured on a photo under the season's spec."""
    found = reader_of(connection, season.spec_sha256)([shown.content]).get(shown.content)
    return None if found is None else found.examination(shown.photo, season)


def view_of(season: Season, connection: Connection, shown: Shown, lang: Lang) -> PhotoView:
    """Put together what the page of a photo shows; the overlay speaks one language."""
    examined, rules = examination_of(season, connection, shown), rules_of(season)
    findings = () if examined is None else examined.findings
    overlay = None
    if examined is not None and examined.marks is not None and examined.picture:
        states = states_of(findings, rules)
        overlay = overlay_svg(examined.marks, states, f"/picture/{shown.id}", lang, "o")
    return PhotoView(
        reasons=tuple(reasons(shown, findings, rules)),
        findings=tuple(_lines(findings, rules)),
        overlay=overlay,
        has_picture=examined is not None and bool(examined.picture),
        has_thumbnail=examined is not None and examined.thumbnail is not None,
        has_record=record_path(season.folder, shown.student_key) is not None,
    )


def reasons(shown: Shown, findings: tuple[Finding, ...], rules: dict[str, Rule]) -> list[Reason]:
    """Say what counts against a photo; of what other photos told, the rule's own words."""
    own = {finding.code: finding for finding in findings}
    found = []
    for code in shown.codes:
        rule, finding = rules[code], own.get(code)
        said = rule.fault if finding is None else reason_of(finding, rule)
        near = finding is not None and finding.borderline
        found.append(Reason(code, rule.fault, said if said.zh else rule.fault, rule.student, near))
    return found


def advice_of(season: Season, examined: Examination) -> list[Text]:
    """Say what the student is to do, each thing once."""
    rules = rules_of(season)
    counted = counting(examined.findings, {code: rule.remedy for code, rule in rules.items()})
    return [cause.student for cause in causes_of(counted, examined.causes, rules)]


def is_near(examined: Examination | None, code: str) -> bool:
    """Whether what a rule found on a photo lies within its measure's uncertainty."""
    found = () if examined is None else examined.findings
    return any(f.code == code and f.borderline and f.outcome is Outcome.SKIPPED for f in found)


def picture_bytes(season: Season, examined: Examination) -> bytes | None:
    """Read the large picture of a photo, as a JPEG."""
    if not examined.picture:
        return None
    try:
        data = picture_path(season.folder, examined.picture).read_bytes()
    except OSError:
        return None
    return data if data.startswith(b"\xff\xd8") else None


def registered_bytes(season: Season, connection: Connection, key: str) -> bytes | None:
    """Read the file that would be registered for a student; None: there is none yet."""
    standing = standings(connection, key).get(key)
    if standing is None or standing.verdict is not Verdict.PASS or not standing.upload_sha256:
        return None
    path = picture_path(season.folder, f"{standing.upload_sha256}.jpg")
    return path.read_bytes() if path.is_file() else None


def record_path(folder: Path, key: str | None) -> Path | None:
    """Where the photo on record of a student lies; of several, the first."""
    if not key:
        return None
    inside = folder / REFERENCES / key
    return next(iter(sorted(inside.iterdir())), None) if inside.is_dir() else None


def record_bytes(season: Season, key: str | None) -> bytes | None:
    """Read the photo on record of a student, as a JPEG."""
    path = record_path(season.folder, key)
    if path is None:
        return None
    reading = season.spec.reading
    return preview_of_file(path.read_bytes(), DecodeLimits(reading.max_bytes, reading.max_pixels))


def _lines(findings: tuple[Finding, ...], rules: dict[str, Rule]) -> list[FindingLine]:
    states = states_of(findings, rules)
    order = [RuleState.BROKEN, RuleState.NOTED, RuleState.OPEN, RuleState.KEPT]
    lines = [
        FindingLine(
            f.code,
            rules[f.code].fault,
            states.state(f.code),
            OUTCOMES[f.outcome],
            f.because,
        )
        for f in findings
        if f.code in rules
    ]
    return sorted(lines, key=lambda line: (order.index(line.state), line.code))
