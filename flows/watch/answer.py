"""What one frame comes to, while the student still stands there.

It is judged among the latest frames as the lists judge it among all: match, compare, judge. So a
file under two students, an order that slips and a fault of the booth show at once. What only all
photos together can show is in the lists.
"""

from collections.abc import Sequence

from checks import CHECKS
from flows.shoot.reading import Shoot
from pipeline.batch.choose import choose_among
from pipeline.batch.compare import compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.batch.sequence import Paired
from pipeline.core.causes import causes_of
from pipeline.core.records import Answer, Examination, Result
from pipeline.core.rules import Verdict
from pipeline.core.run_photos import in_memory
from pipeline.core.verdict import remedies
from pipeline.identity.compare import OnRecord
from pipeline.intake.contenders import Standing, standing
from pipeline.rules import run_rules


def judged(
    frames: Sequence[Examination],
    shoot: Shoot,
    paired: Paired,
    records: Sequence[OnRecord] | None,
) -> Result:
    """Judge frames among one another.

    ``paired`` says whose they are; ``records`` are faces on record, None where faces are not
    compared.
    """
    rules = run_rules(CHECKS)
    here = {one.photo for one in frames}
    numbers = {p: number for p, number in paired.numbers.items() if p in here}
    matched = choose_among(
        match(in_memory(frames), shoot.students, shoot.manifest or numbers),
        shoot.request.choose,
        remedies(rules, shoot.spec.remedies),
    )
    return judge(
        compare(matched, shoot.spec.identity, records=records), shoot.spec, rules, shoot.mode
    )


def answer_of(examined: Examination, result: Result, shoot: Shoot, paired: Paired) -> Answer | None:
    """Say what one of the frames that were judged comes to.

    There is no answer to what only lies beside frames: a RAW beside its JPEG, a record of edits.
    """
    photo = examined.photo
    row = next(row for row in result.photos if row.photo == photo)
    beside = row.set_aside or standing(photo, examined.kind) is Standing.NEVER
    if beside and not row.is_card:
        return None
    by_key = {student.key: student for student in shoot.students}
    causes = () if row.is_card else causes_of(row.findings, row.causes, result.rules)
    framing = {cause.key for cause in row.causes}
    # Who stands too near hides the background, too: what is at fault in the frame comes first.
    moves = [c.photographer for c in sorted(causes, key=lambda c: c.key not in framing)]
    if (told := paired.told.get(photo)) is not None:
        moves = [told] if row.student_key is None else [*moves, told]
    student = next((one for one in result.students if one.student.key == row.student_key), None)
    kept = None
    if student is not None and student.verdict is Verdict.PASS and row.verdict is Verdict.RETAKE:
        kept = student.photo
    seems = next((p.proposed for p in result.proposals if p.photo == photo), "")
    return Answer(
        photo,
        None if student is None else student.student,
        row.verdict,
        row.codes,
        tuple(dict.fromkeys(moves)),
        is_card=row.is_card,
        causes=tuple(cause.key for cause in causes),
        seems=by_key.get(seems),
        kept=kept or "",
        examined=examined,
    )
