"""Roles of the people who sign in at the desk, what each may do there, and who asks students."""

from enum import StrEnum


class Role(StrEnum):
    """What an account is for; one role an account."""

    REVIEWER = "reviewer"
    REGISTRY = "registry"
    READER = "reader"
    ADMIN = "admin"


class May(StrEnum):
    """What may be allowed."""

    LOOK = "look"  # at pictures, findings, lists of its college's students
    DECIDE = "decide"  # on photos, pairs and runs
    REGISTER = "register"  # full numbers, links for students
    MANAGE = "manage"  # accounts, and who looked at what


ALLOWED = {
    Role.REVIEWER: frozenset({May.LOOK, May.DECIDE}),
    Role.REGISTRY: frozenset({May.LOOK, May.REGISTER}),
    Role.READER: frozenset({May.LOOK}),
    Role.ADMIN: frozenset(May),
}


class AskedBy(StrEnum):
    """Who asked a student whether the photo is right."""

    DESK = "desk"  # before it leaves the university
    PLATFORM = "platform"  # the national one, afterwards
