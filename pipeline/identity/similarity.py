"""How alike photos are to reference photos: what is compared, and the scores, in blocks.

A score is the cosine of two face templates. Templates and scores stay in memory: nothing here
writes or logs them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.rules import Text

Template = NDArray[np.float32]  # (128,), of length 1
Templates = NDArray[np.float32]  # (n, 128), each of length 1

_WIDTH = 128  # of an SFace template
_BLOCK = 1 << 24  # scores held at once: 64 MB of float32
_PAIRS = 1 << 16  # pairs of templates held at once: 64 MB
# Records kept for a photo that fits many. The right one is among the first few, or a person
# could not tell either.
_MOST_FITS = 8
# Evidence is counted in half widths of the band between `reject` and `accept`, and no single
# score counts for more than this: one accident must not outweigh a whole run.
_MOST_EVIDENCE = 3.0


class Thresholds(Protocol):
    """From which score on two photos show one person; cosines, derived from the batch.

    At ``accept`` and above a photo is the person on its own reference; below ``reject`` it is
    not; between them it cannot be words. A reference that was looked for among all of them, and
    that nothing else speaks for, must score ``among_all``.
    """

    @property
    def accept(self) -> float:
        """From here on it is the person."""

    @property
    def reject(self) -> float:
        """Below it is another; less than ``accept``."""

    @property
    def among_all(self) -> float:
        """From here on it is the person though the reference was only looked for."""


def log_likelihood_ratio(
    scores: NDArray[np.float32], thresholds: Thresholds
) -> NDArray[np.float32]:
    """Return what scores speak for one person: 1 at accept, -1 at reject, at most 3 either way.

    For two normal distributions of one width the logarithm of the likelihood ratio is
    linear in the score; this is that line in a unit which the batch gives.
    """
    middle, half = (
        (thresholds.accept + thresholds.reject) / 2,
        (thresholds.accept - thresholds.reject) / 2,
    )
    result: NDArray[np.float32] = np.clip(
        (scores - np.float32(middle)) / np.float32(half), -_MOST_EVIDENCE, _MOST_EVIDENCE
    )
    return result


@dataclass(frozen=True)
class NoTemplate:
    """Why there is no template; ``caused_by`` names the rule whose break is the reason."""

    why: Text
    caused_by: str | None = None


@dataclass(frozen=True)
class FaceOfPhoto:
    """A photo that arrived, the student it stands under, and the template of its face."""

    photo: str
    student: str | None
    face: Template | NoTemplate = field(repr=False)


@dataclass(frozen=True)
class ReferenceFace:
    """A student's reference photos (录取照片, photos of earlier rounds); the best one counts.

    ``faces`` is (n, 128) float32, n at least 1, or why there is none though a photo was
    given. A student of whom no photo was given has no `FaceOnRecord`.
    """

    student: str
    faces: Templates | NoTemplate = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.faces, NoTemplate) and not len(self.faces):
            raise ValueError("an entry on record holds a template or says why not")


class Similarities:
    """Scores of photos against references, computed when asked for, never all at once.

    Photos and references are numbered: photos as given, references as in ``students``, which leaves
    out those without a usable photo; ``-1`` stands for no reference.

    Raises
    ------
    ValueError
        When a student has two entries on reference, or the thresholds are out of order.
    """

    def __init__(
        self,
        photos: Sequence[FaceOfPhoto],
        references: Sequence[ReferenceFace],
        thresholds: Thresholds,
    ) -> None:
        if not thresholds.reject < thresholds.accept <= thresholds.among_all:
            raise ValueError("thresholds need reject < accept <= among_all")
        self.thresholds = thresholds
        usable = [(r.student, r.faces) for r in references if not isinstance(r.faces, NoTemplate)]
        self.students = tuple(student for student, _ in usable)
        self.reference_of: Mapping[str, int] = {s: at for at, s in enumerate(self.students)}
        if len(self.reference_of) < len(usable):
            raise ValueError("a student has two entries on record")
        seen = [photo.face for photo in photos if not isinstance(photo.face, NoTemplate)]
        self.seen = np.array([not isinstance(p.face, NoTemplate) for p in photos], bool)
        self._faces = np.zeros((len(photos), _WIDTH), np.float32)
        if seen:
            self._faces[self.seen] = np.stack(seen)
        self._counts = np.array([len(faces) for _, faces in usable], np.intp)
        self._starts = np.cumsum(self._counts) - self._counts
        self._gallery = np.concatenate([np.zeros((0, _WIDTH), np.float32), *(f for _, f in usable)])
        own = [self.reference_of.get(p.student, -1) if p.student else -1 for p in photos]
        self.own_reference = np.array(own, np.intp)
        self.own = self.between(np.arange(len(photos)), self.own_reference)

    def between(
        self, photos: NDArray[np.intp], references: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Scores of photos against one reference each, (n,); NaN where either has no template."""
        scores = np.full(len(photos), np.nan, np.float32)
        asked = np.flatnonzero((references >= 0) & self.seen[photos])
        for start in range(0, len(asked), _PAIRS):
            block = asked[start : start + _PAIRS]
            counts = self._counts[references[block]]
            ends = np.cumsum(counts)
            within = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
            references = self._gallery[np.repeat(self._starts[references[block]], counts) + within]
            faces = np.repeat(self._faces[photos[block]], counts, axis=0)
            each = np.einsum("ij,ij->i", faces, references)
            scores[block] = np.maximum.reduceat(each, ends - counts)
        return scores

    def between_photos(
        self, some: NDArray[np.intp], others: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Scores of photos against one other photo each, (n,); NaN where either has no template."""
        scores = np.einsum("ij,ij->i", self._faces[some], self._faces[others])
        return np.where(self.seen[some] & self.seen[others], scores, np.float32(np.nan))

    def fits(
        self, photos: NDArray[np.intp]
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]]:
        """Yield (photos, references, scores) at `accept` or above, the best of each photo.

        All references are looked at, in blocks of bounded memory; ``photos`` have templates.
        """
        if not self.students:
            return
        several = len(self._gallery) > len(self.students)
        rows = max(1, _BLOCK // len(self._gallery))
        for start in range(0, len(photos), rows):
            block = photos[start : start + rows]
            scores = self._faces[block] @ self._gallery.T
            if several:
                scores = np.maximum.reduceat(scores, self._starts, axis=1)
            row, reference = np.nonzero(scores >= self.thresholds.accept)
            score = scores[row, reference]
            order = np.lexsort((reference, -score, row))
            row, reference, score = row[order], reference[order], score[order]
            rank = np.arange(len(row)) - np.searchsorted(row, row)
            best = rank < _MOST_FITS
            yield block[row[best]], reference[best], score[best]
