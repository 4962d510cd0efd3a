"""The shops a person works in: who they are there, and a way to write into each of them about their account."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.edge import Visitor
from duka.shops import entry
from duka.shops.models import Membership, ShopEntry

_SHOPS_MAX: Final = 50

_MY_PLACE: Final = """
SELECT st.id AS staff_id, st.status, st.branch_id, r.name AS role, r.preset
FROM staff st JOIN roles r ON r.shop_id = st.shop_id AND r.id = st.role_id
WHERE st.shop_id = %(shop)s AND r.shop_id = %(shop)s AND st.account_id = %(account)s
    AND st.status IN ('active', 'suspended')
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place in one shop."""

    shop_id: UUID
    name: str
    slug: str
    staff_id: UUID
    status: str
    branch_id: UUID | None
    role: str
    preset: str | None


async def each(visitor: Visitor, account_id: UUID) -> AsyncIterator[tuple[Ctx, Place]]:
    """Go through the shops an account works in (at most 50), the transaction set to each in turn.

    What is written to the context's shop is sent before the next one is entered.
    """
    listed = (
        select(Membership.shop_id, ShopEntry.name, ShopEntry.slug)
        .join(ShopEntry, ShopEntry.shop_id == Membership.shop_id)
        .where(Membership.account_id == account_id)
        .order_by(Membership.shop_id)
        .limit(_SHOPS_MAX)
    )
    for shop_id, name, slug in (await visitor.db.execute(listed)).all():
        ctx = await entry.open_shop_for_system(visitor.db, shop_id, visitor.now)
        rows: list[Any] = await fetch(ctx, _MY_PLACE, {"account": account_id})
        for row in rows:
            ctx.actor, ctx.caller = "staff", visitor.caller
            ctx.account_id, ctx.session_id, ctx.staff_id = account_id, visitor.session_id, row.staff_id
            yield ctx, Place(shop_id, name, slug, row.staff_id, row.status, row.branch_id, row.role, row.preset)
        await visitor.db.flush()


async def of(visitor: Visitor, account_id: UUID) -> list[Place]:
    """Give the shops an account works in or is suspended from."""
    return [place async for _, place in each(visitor, account_id)]


async def tell(
    visitor: Visitor, account_id: UUID, action: str, entity: str, entity_id: UUID, *, event: str | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write into the audit trail of each of the person's shops what happened to their account; where `event` is
    given, also tell those who listen (its entity is the person's staff row)."""
    async for ctx, place in each(visitor, account_id):
        audit.record(ctx, action, entity, entity_id, after=after)
        if event:
            events.emit(ctx, event, place.staff_id, {"account_id": str(account_id)})
            visitor.emitted_in.append(ctx.shop_id)
