"""Passwords: what is refused as too easy, and how they are kept.

Kept as argon2id (19 MiB, two passes: OWASP Password Storage Cheat Sheet). bcrypt hashes that came with an import are
accepted and replaced at the next login.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, ClassVar, Final, TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
from pydantic import StringConstraints

from duka.platform.errors import Busy, DukaError

T = TypeVar("T")

LENGTH_MIN: Final = 8
LENGTH_MAX: Final = 200
Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=LENGTH_MAX)]
"""A password on the wire: taken as it is, blanks too."""

_BCRYPT_BYTES_MAX: Final = 72
_WAITING_MAX: Final = 100
_ARGON2: Final = Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)
_HASHES: Final = PasswordHash((_ARGON2, BcryptHasher()))
_THREADS: Final = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1), thread_name_prefix="password")

NOBODYS: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$+acmzBgf/0qiBJu6q35BQg$iSdRnwk9AqdTtQeqEIfQD1Oab5yZ2IE2WNjWER7qJtw"
)
"""The hash of a password that nobody knows, checked for logins that do not exist so that they take the same time."""

_ROWS: Final = (
    "01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1q2w3e4r5t6y7u8i9o0p",
)  # fmt: skip
_LOOKS_LIKE: Final = str.maketrans("013457@$!", "oleastasi")
_LEFT_OVER_MAX: Final = 5
"""A known word with no more than so many other characters around it is as easy to guess as the word."""


@dataclass(eq=False)
class PasswordTooWeak(DukaError):
    """The password would be among the first that somebody tries. `reason` says which rule it breaks."""

    text: ClassVar[str] = "Choose another password: {reason}."
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is right; `fresh_hash` is set when the kept hash is of an older kind and is to be replaced."""

    right: bool
    fresh_hash: str | None = None


@dataclass(slots=True)
class _Line:
    waiting: int = 0


_line: Final = _Line()


def check_strength(password: str, about: Iterable[str | None] = ()) -> None:
    """Refuse a password that is easy to guess. `about` are things others know of the person: names, phone, e-mail.

    PasswordTooWeak when it is shorter than 8 characters, one character or a short piece repeated, a run of the
    alphabet or keyboard, a common password (also with a few digits around it, or with 0 for o), or made of the
    person's own names or numbers.
    """
    plain = password.casefold()
    if len(password) < LENGTH_MIN:
        raise PasswordTooWeak(reason=f"it needs at least {LENGTH_MIN} characters")
    if any(plain == (plain[:size] * len(plain))[: len(plain)] for size in (1, 2, 3)):
        raise PasswordTooWeak(reason="it repeats the same few characters")
    if any(plain in row or plain in row[::-1] for row in _ROWS):
        raise PasswordTooWeak(reason="it is a run of the alphabet or of the keyboard")
    if _is_common(plain) or _is_common(plain.translate(_LOOKS_LIKE)):
        raise PasswordTooWeak(reason="it is one of the most common passwords")
    for word in _words(about):
        if word in plain and len(plain) - len(word) <= _LEFT_OVER_MAX:
            raise PasswordTooWeak(reason="it is made of your name, your shop's name, your phone or your e-mail")


async def make_hash(password: str) -> str:
    """Make the hash to keep of a password. Takes about 20 ms of a processor, in a thread. Busy when too many wait."""
    return await _in_thread(lambda: _HASHES.hash(password))


async def verify(password: str, kept: str | None) -> Verdict:
    """Compare a password with the kept hash; without one (no such account) it takes as long and is wrong."""
    return await _in_thread(lambda: _verify(password, kept))


def _verify(password: str, kept: str | None) -> Verdict:
    if kept is None:
        _ARGON2.verify(password, NOBODYS)
        return Verdict(False)
    if kept.startswith("$2") and len(password.encode()) > _BCRYPT_BYTES_MAX:
        return Verdict(False)
    try:
        right, fresh_hash = _HASHES.verify_and_update(password, kept)
    except (PwdlibError, ValueError):
        return Verdict(False)
    return Verdict(right, fresh_hash)


async def _in_thread(work: Callable[[], T]) -> T:
    if _line.waiting >= _WAITING_MAX:
        raise Busy
    _line.waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_THREADS, work)
    finally:
        _line.waiting -= 1


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    text = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def _is_common(plain: str) -> bool:
    letters = plain.strip("0123456789!@#$%&*.,?-_+ ")
    return plain in _common() or (letters in _common() and len(plain) - len(letters) <= _LEFT_OVER_MAX)


def _words(about: Iterable[str | None]) -> set[str]:
    words: set[str] = set()
    for fact in about:
        plain = (fact or "").casefold().partition("@")[0]
        words.update(word for word in plain.split() if len(word) >= 4)
        words.add("".join(plain.split()))
        if plain.startswith("+"):
            words.update((plain[1:], plain[-9:], plain[-7:]))
    return {word for word in words if len(word) >= 4}
