"""Passwords, one-time passwords, and limits on signing in."""

import secrets
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pwdlib import PasswordHash

from pipeline.core.errors import UsageError
from pipeline.core.rules import Text

SHORTEST = 12  # characters of a password that a person chooses
LONGEST = 256  # a longer one costs time to hash, and nobody types it
_OF_ACCOUNT = RateLimitItemPerMinute(5, 15)  # failures in a quarter of an hour
_OF_ADDRESS = RateLimitItemPerMinute(30, 15)
_HASHING = BoundedSemaphore(2)  # at once: argon2 takes 64 MB each
_hasher = PasswordHash.recommended()  # argon2id
# Compared with where there is no account, so that the time an answer takes tells nothing.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def one_time_password() -> str:
    """Make a password that is told once and must be replaced when it is used."""
    return "-".join(secrets.token_hex(2) for _ in range(4))


def hashed(password: str) -> str:
    """Hash a password."""
    with _HASHING:
        return _hasher.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password is that of a hash; as slow where there is none."""
    if len(password) > LONGEST:
        return False
    with _HASHING:
        return _hasher.verify(password, kept or _NOBODY) and kept is not None


def chosen(password: str, again: str, old: str) -> str:
    """Take a password that a person chose, and hash it.

    Raises
    ------
    UsageError
        It is too short, too long, the old one, or was not repeated.
    """
    if password == old:
        raise UsageError(Text("新密码与现在的相同", "the new password is the old one"))
    if password != again:
        raise UsageError(Text("两次输入的密码不同", "the two passwords differ"))
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(
            Text(
                f"密码须有 {SHORTEST} 到 {LONGEST} 个字符",
                f"a password has {SHORTEST} to {LONGEST} characters",
            )
        )
    return hashed(password)


@dataclass(frozen=True)
class SignIns:
    """Failures to sign in, by account and by address; kept while the desk runs."""

    _limiter: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    _turn: Lock = field(default_factory=Lock)

    def is_right(self, name: str, address: str, password: str, kept: str | None) -> bool | None:
        """Whether a password is that of a hash; None: no more tries are taken for now.

        One after the other: a hundred at once are as many tries as a hundred in a row.
        """
        items = (_OF_ACCOUNT, "account", name), (_OF_ADDRESS, "address", address)
        with self._turn:
            if not all(self._limiter.test(*item) for item in items):
                return None
            right = is_right(password, kept)
            if not right:
                for item in items:
                    self._limiter.hit(*item)
        return right
