"""Facts that a test tells: those of a photo with some members of its own, or no others at all."""

import copy

from pipeline.examine.facts import HeadFacts


def given(facts=None, **members):
    """A copy of ``facts`` in which ``members`` are as told; of a head where there are none."""
    told = object.__new__(HeadFacts) if facts is None else copy.copy(facts)
    vars(told).update(members)
    return told
