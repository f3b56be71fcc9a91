"""What one frame comes to, while the student still stands there.

It is judged as the lists will judge it, by itself: match, compare, judge, of one photo. What only
all photos together can show (the same person under two students) is in the lists.
"""

from checks import CHECKS
from flows.shoot.steps import Shoot
from pipeline.batch.compare import compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.core.causes import joined
from pipeline.core.records import Answer, Examination
from pipeline.core.run_photos import Matched, in_memory
from pipeline.rules import run_rules
from reports.told import Told


def answer_of(examined: Examination, shoot: Shoot) -> Answer:
    """Judge one frame by itself."""
    matched = match(in_memory([examined]), shoot.students, shoot.manifest)
    owner = matched.matches[examined.photo].student_key
    students = tuple(student for student in shoot.students if student.key == owner)
    alone = Matched(matched.photos, students, matched.matches, matched.listed)
    compared = compare(alone, shoot.spec.identity)
    result = judge(compared, shoot.spec, run_rules(CHECKS), shoot.mode)
    (row,) = result.photos
    advice = joined(cause.photographer for cause in Told(result).causes(row))
    return Answer(row.photo, students[0] if students else None, row.verdict, row.codes, advice)
