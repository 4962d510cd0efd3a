"""What changes registers: they are registered, renamed, given a new credential, closed."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from duka.platform import audit, events, versions
from duka.platform.context import Ctx
from duka.platform.errors import DukaError
from duka.platform.identity import Signer, make_key
from duka.shops.branches import queries as branches
from duka.shops.models import Register, Series
from duka.shops.registers import codes, holes, queries
from duka.shops.registers.schemas import RegisterEdit, RegisterIn


@dataclass(eq=False)
class RegisterClosed(DukaError):
    """The register is closed, for good: a till that works again gets a new code."""

    text: ClassVar[str] = "This till is closed. Register a new one; it gets its own code."


@dataclass(eq=False)
class NoCredential(DukaError):
    """A server register needs no credential: the server numbers its documents itself."""

    text: ClassVar[str] = "A server till has no credential; only a device's till has."


@dataclass(eq=False)
class BranchClosed(DukaError):
    """The branch was taken out of use."""

    text: ClassVar[str] = "This branch is not in use any more. Choose another one."


@dataclass(frozen=True, slots=True)
class Opened:
    """A register, with its credential in the one moment that it is known."""

    register: Register
    credential: str | None


async def open_register(ctx: Ctx, wanted: RegisterIn) -> Opened:
    """Register a till. A device's till gets a credential; only its hash is kept.

    BranchNotFound, BranchClosed, CodeTaken, CodesUsedUp.
    """
    branch = await branches.branch(ctx, wanted.branch_id, "registers:create")
    if not branch.active:
        raise BranchClosed
    credential, kept = make_key("reg", ctx.shop_id) if wanted.kind == "installation" else (None, None)
    register = await codes.add_register(
        ctx, branch.id, wanted.name, wanted.kind, code=wanted.code, register_id=wanted.id,
        installation_id=wanted.installation_id, credential_hash=kept,
    )  # fmt: skip
    return Opened(register, credential)


async def rename(ctx: Ctx, register_id: UUID, body: RegisterEdit, version: int | None) -> Register:
    """Change a register's name. RegisterNotFound, StaleVersion, VersionRequired."""
    register = await queries.register(ctx, register_id, "registers:update")
    if await versions.edit(ctx, register, versions.given(body), version, "register"):
        events.emit(ctx, "register.updated", register_id)
    return register


async def renew_credential(ctx: Ctx, register_id: UUID) -> Opened:
    """Give a device's till a new credential; the old one ends with this. For the same installation only: another
    device gets a register of its own.

    RegisterNotFound, RegisterClosed, NoCredential.
    """
    register = await _held(ctx, register_id, "registers:update")
    if register.kind == "server":
        raise NoCredential
    if register.closed_at is not None:
        raise RegisterClosed
    credential, register.credential_hash = make_key("reg", ctx.shop_id)
    _touch(ctx, register)
    audit.record(ctx, "renew_credential", "register", register_id)
    return Opened(register, credential)


async def revoke_credential(ctx: Ctx, register_id: UUID) -> Register:
    """End a till's credential, because the device was stolen: nothing more is taken from it. Somebody entitled may
    renew it when the device comes back, unless the till is closed.

    A closed till's credential ends too: closing alone lets what the device sold before still arrive. Revoking again
    changes nothing. RegisterNotFound, NoCredential.
    """
    register = await _held(ctx, register_id, "registers:update")
    if register.kind == "server":
        raise NoCredential
    if register.credential_hash is None:
        return register
    register.credential_hash = None
    _touch(ctx, register)
    audit.record(ctx, "revoke_credential", "register", register_id)
    events.emit(ctx, "register.updated", register_id)
    return register


async def close(ctx: Ctx, register_id: UUID, reason: str, signer: Signer) -> Register:
    """Close a register for good, with its series; awaited numbers become a declared hole.

    What the device still delivers is taken: its credential goes on. Closing again changes nothing. RegisterNotFound.
    """
    register = await _held(ctx, register_id, "registers:close")
    if register.closed_at is not None:
        return register
    register.closed_at = ctx.now
    _touch(ctx, register)
    held = select(Series).where(Series.register_id == register_id).order_by(Series.id).with_for_update()
    for series in await ctx.db.scalars(held):
        if series.closed_at is None:
            series.closed_at = ctx.now
            series.declared_hole = holes.declare(
                signer, series.id, series.complete_to, series.highest_seen, reason, ctx.now, ctx.staff_id
            )
            audit.record(ctx, "close", "series", series.id, after={"declared_hole": series.declared_hole},
                         reason=reason)
    audit.record(ctx, "close", "register", register_id, after={"closed_at": ctx.now}, reason=reason)
    events.emit(ctx, "register.closed", register_id)
    return register


async def _held(ctx: Ctx, register_id: UUID, permission: str) -> Register:
    """Give a register and hold its row. RegisterNotFound."""
    asked = queries.registers(ctx, permission).where(Register.id == register_id)
    register = (await ctx.db.scalars(asked.with_for_update(key_share=True))).one_or_none()
    if register is None:
        raise queries.RegisterNotFound
    return register


def _touch(ctx: Ctx, register: Register) -> None:
    register.version += 1
    register.updated_at = ctx.now
