"""To give a supplier an address under which they see one order, and to take it back.

The secret of the address names the shop, so that the link is found under row-level security; only its hash is kept.
"""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from duka.platform import audit
from duka.platform.context import Ctx
from duka.platform.edge import Visitor
from duka.platform.errors import NotFound
from duka.platform.ids import new_id
from duka.purchasing.actions.ordering import held
from duka.purchasing.errors import OrderLinkNotValid
from duka.purchasing.link_models import PurchaseOrderLink
from duka.purchasing.order_queries import good_links
from duka.shops import entry

DAYS: Final = 60
"""How long a link is good for."""

_SHOP_BYTES: Final = 16
_SECRET_BYTES: Final = 26


def make(ctx: Ctx, order_id: UUID, public_url: str, *, with_prices: bool) -> str:
    """Make a link to an order and give its address. It is good for `DAYS` days, beside those that were made before."""
    token = urlsafe_b64encode(ctx.shop_id.bytes + secrets.token_bytes(_SECRET_BYTES)).decode()
    ctx.db.add(PurchaseOrderLink(
        shop_id=ctx.shop_id, id=new_id(), order_id=order_id, token_hash=_hash(token), with_prices=with_prices,
        created_by=ctx.staff_id, created_at=ctx.now, expires_at=ctx.now + timedelta(days=DAYS), withdrawn_at=None,
    ))  # fmt: skip
    # The secret stands behind the #, which no server's log sees.
    return f"{public_url}/order#{token}"


async def withdraw(ctx: Ctx, order_id: UUID) -> int:
    """End all links of an order; say how many were still good. OrderNotFound."""
    await held(ctx, order_id, "purchasing:update")
    ended = update(PurchaseOrderLink).where(*good_links(ctx), PurchaseOrderLink.order_id == order_id)
    ids = await ctx.db.execute(
        ended.values(withdrawn_at=ctx.now).returning(PurchaseOrderLink.id),
        execution_options={"synchronize_session": False},
    )
    count = len(ids.all())
    if count:
        audit.record(ctx, "withdraw_links", "purchase_order", order_id, after={"links": count})
    return count


async def enter(visitor: Visitor, token: str) -> tuple[Ctx, PurchaseOrderLink]:
    """Open the shop that a link's secret names, and give the link. OrderLinkNotValid for one that never was, is over or
    was withdrawn: nobody is told which."""
    try:
        shop_id = UUID(bytes=urlsafe_b64decode(token.encode())[:_SHOP_BYTES])
        ctx = await entry.open_shop_for_system(visitor.db, shop_id, visitor.now)
    except (ValueError, NotFound):
        raise OrderLinkNotValid from None
    ctx.actor, ctx.caller = "public", visitor.caller
    found = await ctx.db.scalars(
        select(PurchaseOrderLink).where(*good_links(ctx), PurchaseOrderLink.token_hash == _hash(token))
    )
    link = found.one_or_none()
    if link is None:
        raise OrderLinkNotValid
    return ctx, link


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
