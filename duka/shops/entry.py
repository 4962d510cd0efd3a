"""How a request gets into a shop: the first statement of its transaction, for people, keys, registers and jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from duka.platform.context import Caller, Ctx, Scope
from duka.platform.db import bind_shop
from duka.platform.errors import DukaError, NotFound, Unauthenticated
from duka.platform.identity import Bearer, KeyBearer, SessionBearer
from duka.platform.statements import execute
from duka.platform.wire import utc_text
from duka.shops import permissions

_BY_SESSION: Final = "SELECT * FROM use_shop(%(shop)s::uuid, %(session)s::uuid)"
_BY_KEY: Final = "SELECT * FROM use_shop_by_key(%(shop)s::uuid, %(hash)s)"
_BY_REGISTER: Final = "SELECT * FROM use_shop_by_register(%(shop)s::uuid, %(hash)s)"
_FOR_SYSTEM: Final = "SELECT * FROM use_shop_for_system(%(shop)s::uuid)"


@dataclass(eq=False)
class SessionReplaced(DukaError):
    """The account logged in on another device, which ended this session."""

    status: ClassVar[int] = 401
    text: ClassVar[str] = "You were logged out because this account logged in on {device} at {at}."
    device: str
    at: str


@dataclass(eq=False)
class SessionEnded(DukaError):
    """The session was ended: logged out, password changed, suspended, or ended from another device."""

    status: ClassVar[int] = 401
    text: ClassVar[str] = "This login has ended. Please log in again."


@dataclass(eq=False)
class StaffSuspended(DukaError):
    """The person's place in this shop is suspended."""

    status: ClassVar[int] = 401
    text: ClassVar[str] = "Your place in this shop is suspended. Ask the shop's owner."


@dataclass(eq=False)
class ShopRequired(DukaError):
    """The account has several shops and the request names none."""

    text: ClassVar[str] = "Your account has several shops: name one in the header X-Shop-ID."


async def open_shop(db: AsyncSession, bearer: Bearer, shop_asked: UUID | None, caller: Caller, now: datetime) -> Ctx:
    """Set the transaction's shop and give the context of whoever holds the bearer.

    Unauthenticated, SessionReplaced, SessionEnded or StaffSuspended when the bearer is no longer good; ShopRequired
    when it is good for several shops; NotFound when the shop asked for is not the bearer's.
    """
    if isinstance(bearer, SessionBearer):
        return await _by_session(db, bearer, shop_asked, caller, now)
    if shop_asked not in (None, bearer.shop_id):
        raise NotFound(what="shop")
    return await (_by_register if bearer.kind == "reg" else _by_key)(db, bearer, caller, now)


async def open_shop_for_system(db: AsyncSession, shop_id: UUID, now: datetime) -> Ctx:
    """Set the transaction's shop for work that no person asked for: jobs, the relay, the command line."""
    row = await _ask(db, _FOR_SYSTEM, {"shop": shop_id})
    if row["currency"] is None:
        raise NotFound(what="shop")
    bind_shop(db, shop_id)
    everything: dict[str, Scope] = dict.fromkeys(permissions.PERMISSIONS, "shop")
    return Ctx(
        db=db, shop_id=shop_id, now=now, actor="system", permissions=everything, discount_ceiling_bp=10_000,
        currency=row["currency"], time_zone=row["time_zone"], settings_text=row["settings"],
    )  # fmt: skip


async def _by_session(
    db: AsyncSession, bearer: SessionBearer, shop_asked: UUID | None, caller: Caller, now: datetime
) -> Ctx:
    row = await _ask(db, _BY_SESSION, {"shop": shop_asked, "session": bearer.session_id})
    if row["outcome"] != "open":
        raise _refusal(row)
    bind_shop(db, row["shop_id"])
    return Ctx(
        db=db, shop_id=row["shop_id"], now=now, actor="staff", caller=caller, account_id=row["account_id"],
        session_id=bearer.session_id, staff_id=row["staff_id"], staff_name=row["staff_name"],
        branch_id=row["branch_id"],
        permissions=permissions.read(row["permissions"], in_branch=row["branch_id"] is not None),
        discount_ceiling_bp=row["discount_ceiling_bp"], currency=row["currency"], time_zone=row["time_zone"],
        settings_text=row["settings"],
    )  # fmt: skip


async def _by_key(db: AsyncSession, bearer: KeyBearer, caller: Caller, now: datetime) -> Ctx:
    row = await _ask(db, _BY_KEY, {"shop": bearer.shop_id, "hash": bearer.key_hash})
    if row["outcome"] != "open" or not _address_allowed(caller.ip, orjson.loads(row["allowed_ips"] or "[]")):
        raise Unauthenticated
    bind_shop(db, bearer.shop_id)
    in_branch = row["branch_id"] is not None
    # A key never does more than the person who made it may do today.
    maker = permissions.read(row["role_permissions"], in_branch=in_branch)
    granted = permissions.read(row["permissions"], in_branch=in_branch)
    ctx = Ctx(
        db=db, shop_id=bearer.shop_id, now=now, actor="api_key", caller=caller, staff_id=row["staff_id"],
        staff_name=row["key_name"], branch_id=row["branch_id"],
        permissions=permissions.both(granted, maker),
        discount_ceiling_bp=row["discount_ceiling_bp"], currency=row["currency"], time_zone=row["time_zone"],
        settings_text=row["settings"],
    )  # fmt: skip
    if row["last_used_on"] != now.date():
        await _note_use(db, bearer.shop_id, row["key_id"], now)
    return ctx


async def _by_register(db: AsyncSession, bearer: KeyBearer, caller: Caller, now: datetime) -> Ctx:
    row = await _ask(db, _BY_REGISTER, {"shop": bearer.shop_id, "hash": bearer.key_hash})
    if row["outcome"] != "open":
        raise Unauthenticated
    bind_shop(db, bearer.shop_id)
    return Ctx(
        db=db, shop_id=bearer.shop_id, now=now, actor="register", caller=caller, register_id=row["register_id"],
        branch_id=row["branch_id"], permissions=permissions.REGISTER_DELIVERS, discount_ceiling_bp=10_000,
        currency=row["currency"], time_zone=row["time_zone"], settings_text=row["settings"],
    )  # fmt: skip


async def _ask(db: AsyncSession, sql: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    (row,) = await execute(db, sql, values)
    facts: Mapping[str, Any] = row._mapping
    return facts


async def _note_use(db: AsyncSession, shop_id: UUID, key_id: UUID, now: datetime) -> None:
    await execute(
        db,
        "UPDATE api_keys SET last_used_on = %(day)s WHERE shop_id = %(shop)s AND id = %(key)s",
        {"day": now.date(), "shop": shop_id, "key": key_id},
    )


def _refusal(row: Mapping[str, Any]) -> DukaError:
    match row["outcome"]:
        case "replaced":
            return SessionReplaced(device=row["ended_by"] or "another device", at=utc_text(row["ended_at"]))
        case "suspended":
            return StaffSuspended()
        case "several":
            return ShopRequired()
        case "stranger":
            return NotFound(what="shop")
        case "expired":
            return Unauthenticated()
    return SessionEnded()


def _address_allowed(ip: str | None, allowed: list[str]) -> bool:
    if not allowed:
        return True
    try:
        return any(ip_address(ip or "") in ip_network(network, strict=False) for network in allowed)
    except ValueError:
        return False
