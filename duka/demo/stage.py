"""Where the example shop's story happens: its places, people and goods, and how each of them acts at a moment."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from duka.demo.goods import Ware
from duka.demo.people import Buyer
from duka.platform.context import Caller, Ctx, Scope
from duka.platform.db import error_from
from duka.platform.edge import House
from duka.platform.errors import Busy, DukaError, Unavailable
from duka.platform.wire import Body
from duka.shops import entry

T = TypeVar("T")
B = TypeVar("B", bound=Body)

_TRIES: Final = 5
CALLER: Final = Caller(request_id="demo", user_agent="duka demo")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff, with what their role lets them do."""

    preset: str
    name: str
    account_id: UUID
    staff_id: UUID
    branch_id: UUID | None
    permissions: Mapping[str, Scope]
    discount_ceiling_bp: int


@dataclass(frozen=True, slots=True)
class Item:
    """A variant on the shelf. `stocked` is false for services."""

    product_id: UUID
    variant_id: UUID
    ware: Ware
    stocked: bool
    unit: str
    min_stock_milli: int
    group: str


@dataclass(slots=True)
class Place:
    """A branch with its till. While its drawer is open, `session_id` says so and `cash_minor` is what lies in it."""

    name: str
    branch_id: UUID
    showroom_id: UUID
    register_id: UUID
    cashier: Person
    share: float
    """Its part of all sales."""
    works_sundays: bool
    left: dict[UUID, int] = field(default_factory=dict)
    """What of each variant may still be sold here, in thousandths: the stock less what is kept for deposits."""
    session_id: UUID | None = None
    seller: Person | None = None
    cash_minor: int = 0


@dataclass(slots=True)
class Known:
    """A registered customer, and what they owe."""

    buyer: Buyer
    customer_id: UUID
    owed_minor: int = 0


@dataclass(slots=True)
class Stage:
    """Everything the story needs; chance comes from `rng` alone."""

    house: House
    rng: Random
    shop_id: UUID
    zone: ZoneInfo
    owner: Person
    supervisor: Person
    storekeeper: Person
    accountant: Person
    places: list[Place]
    items: list[Item]
    demand: list[float]
    """The items' demand, summed up along the list, for drawing lots."""
    known: list[Known] = field(default_factory=list)


def id_at(rng: Random, moment: datetime) -> UUID:
    """Make an id as it would have been made at that moment: a UUIDv7 (RFC 9562, 5.7) whose random bits are `rng`'s."""
    milliseconds = int(moment.astimezone(UTC).timestamp() * 1000)
    head = (milliseconds << 16) | (0x7 << 12) | rng.getrandbits(12)
    return UUID(int=(head << 64) | (0b10 << 62) | rng.getrandbits(62))


async def ask(
    stage: Stage, who: Person, moment: datetime, body: Mapping[str, Any], action: Callable[[Ctx], Awaitable[T]]
) -> T:
    """Have somebody send a request at a moment, and commit it; gives what the action answers.

    Like any client, they send it again when the database was busy or away for a moment: repeating is safe.
    """
    for tries_left in range(_TRIES - 1, -1, -1):
        try:
            async with stage.house.database.session() as db:
                ctx = await open_as(stage, db, who, moment)
                sent(ctx, body)
                answer = await action(ctx)
                await db.commit()
                return answer
        except Exception as failure:
            told = failure if isinstance(failure, DukaError) else error_from(failure)
            if not (tries_left and isinstance(told, Busy | Unavailable)):
                raise
            await asyncio.sleep(1)
    raise AssertionError


async def open_as(stage: Stage, db: AsyncSession, who: Person, moment: datetime) -> Ctx:
    """Open the shop at a moment for somebody of the staff."""
    ctx = await entry.open_shop_for_system(db, stage.shop_id, moment)
    become(ctx, who)
    return ctx


def sent(ctx: Ctx, body: Mapping[str, Any]) -> None:
    """Put a body into the context, as the bytes that a client would send."""
    ctx.body = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    ctx.body_hash = hashlib.sha256(ctx.body).digest()


def read(body_class: type[B], ctx: Ctx) -> B:
    """Read the context's body as the API does."""
    return body_class.model_validate_json(ctx.body)


def become(ctx: Ctx, who: Person) -> None:
    """Make the context somebody's of the staff."""
    ctx.actor, ctx.caller = "staff", CALLER
    ctx.account_id, ctx.staff_id, ctx.staff_name = who.account_id, who.staff_id, who.name
    ctx.branch_id, ctx.permissions, ctx.discount_ceiling_bp = who.branch_id, who.permissions, who.discount_ceiling_bp
