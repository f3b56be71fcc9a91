"""Facts that a test tells: those of a photo with some members of its own, or no others at all."""

import copy
from dataclasses import fields

from pipeline.examine.head_facts import HeadFacts

MEMBERS = {field.name for field in fields(HeadFacts)} | set(dir(HeadFacts))


def given(facts=None, **members):
    """A copy of ``facts`` in which ``members`` are as told; of a head where there are none."""
    assert members.keys() <= MEMBERS, "nobody asks for such a fact"
    told = object.__new__(HeadFacts) if facts is None else copy.copy(facts)
    vars(told).update({"region_is_fine": False} if facts is None else {})
    vars(told)["content"] = told
    vars(told).update(members)
    return told
