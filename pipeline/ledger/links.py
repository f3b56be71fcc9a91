"""One-time links of students: each of one student, expiring, revocable."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from pipeline.ledger.tables import links, students


@dataclass(frozen=True)
class Link:
    """One link, as it was made."""

    id: str
    student_key: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Whether it still leads anywhere."""
        return self.revoked_at is None and now < self.expires_at


def make_link(
    connection: Connection, student: str, who: str, now: datetime, expires_at: datetime
) -> Link:
    """Make a link of a student."""
    link = Link(secrets.token_urlsafe(16), student, who, now, expires_at, None)
    values = {name: getattr(link, name) for name in links.c.keys()}  # noqa: SIM118 - no mapping
    connection.execute(insert(links).values(values))
    return link


def find_link(connection: Connection, link_id: str, now: datetime) -> Link | None:
    """Return a link that leads somewhere: not expired, not revoked, of a student of the roster."""
    asked = select(links).join(students, students.c.key == links.c.student_key)
    row = connection.execute(asked.where(links.c.id == link_id, students.c.present)).one_or_none()
    link = None if row is None else Link(*row)
    return link if link is not None and link.is_open(now) else None


def links_of(connection: Connection, student: str) -> tuple[Link, ...]:
    """Read every link that was made of a student, in the order in which they were."""
    asked = select(links).where(links.c.student_key == student).order_by(links.c.made_at)
    return tuple(Link(*row) for row in connection.execute(asked))


def open_links(connection: Connection, now: datetime) -> dict[str, Link]:
    """Read the newest link that leads somewhere of each student."""
    found = (Link(*row) for row in connection.execute(select(links).order_by(links.c.made_at)))
    return {link.student_key: link for link in found if link.is_open(now)}


def revoke_links(connection: Connection, student: str, now: datetime) -> None:
    """End every link of a student."""
    same = (links.c.student_key == student, links.c.revoked_at.is_(None))
    connection.execute(update(links).where(*same).values(revoked_at=now))
