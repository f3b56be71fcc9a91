"""Roles of the people who sign in at the desk, and what each may do there."""

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
