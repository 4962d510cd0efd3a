"""PINs: four to six digits by which colleagues take turns at a till, with or without a network.

A PIN is no login. It says at a till that is logged in already who sells from now on, and the till checks it by itself
against a verifier: PBKDF2 with HMAC-SHA-256 (RFC 8018), which browsers have built in. So few digits are guessed in a
minute by whoever holds the verifier, however slow it is; therefore it goes to the branch's own tills only, and what
is sold after a switch is checked at the server by the permissions of both, who logged in and who sells.
"""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.edge import House, Visitor
from duka.platform.errors import DukaError, Unauthenticated
from duka.shops.auth import logins
from duka.shops.models import TillPin

ITERATIONS: Final = 100_000
"""About half a second on a cheap phone; more would keep honest people waiting and nobody else out."""
_SALT_BYTES: Final = 16
_ROW: Final = "01234567890"

@dataclass(eq=False)
class PinTooEasy(DukaError):
    """The PIN would be among the first that somebody tries."""

    text: ClassVar[str] = "Choose another PIN: {reason}."
    reason: str


async def choose(ctx: Ctx, house: House, pin: str, password: str) -> None:
    """Give the caller a PIN, or another one. PinTooEasy, WrongPassword, AccountLocked; a program is Unauthenticated."""
    if ctx.account_id is None or ctx.staff_id is None:
        raise Unauthenticated
    check(pin)
    await logins.prove(Visitor(ctx.db, ctx.now, ctx.caller, house), ctx.account_id, password)
    salt = secrets.token_bytes(_SALT_BYTES)
    kept = {"salt": salt, "iterations": ITERATIONS, "hash": await _derive(pin, salt), "set_at": ctx.now}
    fresh = insert(TillPin).values(shop_id=ctx.shop_id, staff_id=ctx.staff_id, **kept)
    await ctx.db.execute(fresh.on_conflict_do_update(index_elements=["shop_id", "staff_id"], set_=kept))
    _tell(ctx, ctx.staff_id, "set_pin")


async def clear(ctx: Ctx, staff_id: UUID) -> None:
    """Take somebody's PIN away; where there is none nothing changes."""
    gone = delete(TillPin).where(TillPin.staff_id == staff_id).returning(TillPin.staff_id)
    if (await ctx.db.execute(gone)).scalar_one_or_none() is not None:
        _tell(ctx, staff_id, "clear_pin")


def check(pin: str) -> None:
    """Refuse a PIN that is easy to guess. PinTooEasy for one digit or one piece repeated, and for a run of digits."""
    if any(pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1) if len(pin) % size == 0):
        raise PinTooEasy(reason="it repeats the same few digits")
    if pin in _ROW or pin in _ROW[::-1]:
        raise PinTooEasy(reason="it is a run of digits")


async def _derive(pin: str, salt: bytes) -> bytes:
    return await asyncio.to_thread(hashlib.pbkdf2_hmac, "sha256", pin.encode(), salt, ITERATIONS)


def _tell(ctx: Ctx, staff_id: UUID, verb: str) -> None:
    audit.record(ctx, verb, "staff", staff_id)
    events.emit(ctx, "staff.pin_changed", staff_id)
