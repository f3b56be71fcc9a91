"""What one frame comes to, while the student still stands there.

It is judged as the lists will judge it, by itself: match, compare, judge, of one photo. What only
all photos together can show (the same person under two students) is in the lists.
"""

from checks import CHECKS
from flows.shoot.steps import Shoot
from pipeline.batch.compare import compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.batch.sequence import Paired
from pipeline.core.causes import joined
from pipeline.core.records import Answer, Examination
from pipeline.core.run_photos import Matched, in_memory
from pipeline.rules import run_rules
from reports.told import Told


def answer_of(examined: Examination, shoot: Shoot, paired: Paired) -> Answer:
    """Judge one frame by itself; ``paired`` says whose the frames so far are."""
    photo = examined.photo
    number, told = paired.numbers.get(photo), paired.told.get(photo)
    manifest = None if number is None else {photo: number}
    if shoot.manifest is not None:
        manifest = dict(shoot.manifest)
    matched = match(in_memory([examined]), shoot.students, manifest)
    owner = matched.matches[examined.photo].student_key
    students = tuple(student for student in shoot.students if student.key == owner)
    alone = Matched(matched.photos, students, matched.matches, matched.listed)
    compared = compare(alone, shoot.spec.identity)
    result = judge(compared, shoot.spec, run_rules(CHECKS), shoot.mode)
    (row,) = result.photos
    causes = () if row.is_card else Told(result).causes(row)
    advice = joined([*([told] if told else []), *(cause.photographer for cause in causes)])
    student = students[0] if students else None
    keys = tuple(cause.key for cause in causes)
    return Answer(photo, student, row.verdict, row.codes, advice, is_card=row.is_card, causes=keys)
