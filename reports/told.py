"""What a result tells of a photo or a student: each cause once, in three texts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline.core.causes import Cause, causes_of, joined, others_open, reason_of
from pipeline.core.records import BoothFault, PhotoRow, Result, StudentRow
from pipeline.core.rules import Lang, Text, Verdict
from reports.shared_words import MISSING_HINT

_NOT_YOURS = Text(
    "这次不是你的原因：摄影师调整后，请按通知再来拍一次",
    "nothing for you to change: the photographer will mend it; please come again when told",
)


@dataclass(frozen=True)
class Told:
    """What is told of the rows of a result."""

    result: Result

    @cached_property
    def _booth(self) -> Mapping[str, tuple[BoothFault, ...]]:
        """Faults of the booth by photo."""
        found: dict[str, tuple[BoothFault, ...]] = {}
        for fault in self.result.booth:
            for photo in fault.photos:
                found[photo] = (*found.get(photo, ()), fault)
        return found

    def causes(self, row: PhotoRow | StudentRow) -> tuple[Cause, ...]:
        """Return the causes behind a row's verdict; the booth's point to where they are told."""
        of_booth = {fault.cause: fault for fault in self._booth.get(row.photo or "", ())}
        return tuple(
            _of_booth(cause, of_booth[cause.key]) if cause.key in of_booth else cause
            for cause in causes_of(row.findings, row.causes, self.result.rules)
        )

    def reasons(self, row: PhotoRow | StudentRow, lang: Lang) -> list[str]:
        """Return the record's reasons, one a code, in the order of the codes."""
        open_by = dict(row.unjudged)
        faults = self._booth.get(row.photo or "", ())
        said = []
        for finding in row.findings:
            parts = [reason_of(finding, self.result.rules[finding.code])]
            if finding.code in open_by:
                parts.append(others_open(open_by[finding.code]))
            parts += [see(fault) for fault in faults if finding.code in fault.codes]
            said.append(joined(parts)[lang])
        return said

    def advice(self, row: StudentRow, lang: Lang) -> str:
        """Return what the student is to do; the empty string where nothing is left to do."""
        if row.verdict is Verdict.MISSING:
            return MISSING_HINT[lang]
        return joined(cause.student for cause in self.causes(row))[lang]


def see(fault: BoothFault) -> Text:
    """Point to a fault of the booth."""
    return Text(f"机位问题，见 {fault.name}", f"the booth's fault, see {fault.name}")


def _of_booth(cause: Cause, fault: BoothFault) -> Cause:
    return replace(
        cause,
        student=_NOT_YOURS,
        photographer=joined((cause.photographer, see(fault))),
        record=joined((cause.record, see(fault))),
    )


def booth_line(fault: BoothFault, first: str, last: str) -> Text:
    """Say once what most frames of a run have, from which to which, and what to move."""
    share = len(fault.photos) / fault.frames
    zh = f"{first} – {last}，{fault.frames} 张中 {len(fault.photos)} 张（{share:.0%}）"
    en = f"{first} – {last}, {len(fault.photos)} of {fault.frames} frames ({share:.0%})"
    return Text(f"{zh}：{fault.advice.zh}", f"{en}: {fault.advice.en}")
