"""How far a device has come: a signed text, so that what comes back is what was given out.

It names the position in the shop's outbox and, while the first load runs, the kind and the last row that were given.
It also holds what its person may see, hashed: with another role, branch or till the same position would not do.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson

from duka.platform.context import Ctx
from duka.platform.errors import DukaError
from duka.platform.identity import Signer

_FORM: Final = 1
_MAC_BYTES: Final = 12
LENGTH_MAX: Final = 500


@dataclass(eq=False)
class CursorNotValid(DukaError):
    """The cursor is not one that this installation gave out."""

    text: ClassVar[str] = "This cursor is damaged. Load everything anew: ask without a cursor."


@dataclass(eq=False)
class CursorTooOld(DukaError):
    """What the cursor counts from is gone, or its person may see other things now."""

    status: ClassVar[int] = 410
    text: ClassVar[str] = "This device is too far behind: {reason}. Load everything anew: ask without a cursor."
    reason: str


@dataclass(frozen=True, slots=True)
class Loading:
    """Where a first load stands: the kind it is at, the key of the last row given, the rows there were at its start."""

    kind: str
    after: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the shop's events: everything up to `position` is told. `event_id` is the event that stood there; a
    database that was put back to an earlier day may not have it."""

    position: int
    event_id: UUID | None
    loading: Loading | None = None


def write(cursor: Cursor, ctx: Ctx, register_id: UUID | None, signer: Signer) -> str:
    """Write a cursor for the caller."""
    at = cursor.loading
    said = [
        _FORM, sight(ctx, register_id), cursor.position, cursor.event_id and cursor.event_id.hex,
        [at.kind, at.after, at.total] if at else None,
    ]  # fmt: skip
    text = orjson.dumps(said)
    return urlsafe_b64encode(_mac(text, signer) + text).decode().rstrip("=")


def read(text: str, ctx: Ctx, register_id: UUID | None, signer: Signer) -> Cursor:
    """Read a cursor that the caller sends back. CursorNotValid; CursorTooOld when they may see other things now."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise CursorNotValid from None
    mac, said = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    # What this installation wrote is ASCII; anything else has no seal to compare.
    if not said.isascii() or not hmac.compare_digest(mac, _mac(said, signer)):
        raise CursorNotValid
    form, seen, position, event_id, loading = orjson.loads(said)
    if form != _FORM or seen != sight(ctx, register_id):
        raise CursorTooOld(reason="what you may see has changed")
    at = Loading(loading[0], tuple(loading[1]), loading[2]) if loading else None
    return Cursor(position, UUID(hex=event_id) if event_id else None, at)


def sight(ctx: Ctx, register_id: UUID | None) -> str:
    """Hash what decides which rows the caller sees, and how."""
    facts: list[Any] = [
        str(ctx.shop_id), ctx.actor, str(ctx.staff_id), str(ctx.branch_id), str(register_id),
        ctx.discount_ceiling_bp, sorted(ctx.permissions.items()),
    ]  # fmt: skip
    return hashlib.blake2b(orjson.dumps(facts), digest_size=9).hexdigest()


def _mac(text: bytes, signer: Signer) -> bytes:
    return signer.seal("sync cursor", text.decode())[:_MAC_BYTES]
