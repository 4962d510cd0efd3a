"""What is put aside for carts and for sales that are not paid yet, where the shop wants that."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.money import divide_half_up
from duka.platform.quantity import to_milli
from duka.platform.writes import Writes
from duka.sales.models import Cart
from duka.shops import settings
from duka.stock import actions as stock
from duka.stock.actions import Aside, For, Goods

Row = Mapping[str, Any]

# Of a cart's goods those that the shop counts, or the components of a set that is sold from them; so much of each is in
# one. And the showroom they stand in.
_COUNTED: Final = """
WITH taken AS (
    SELECT v.id AS sold_id, v.id AS variant_id, 1000::bigint AS each_milli FROM variants v
    WHERE v.shop_id = %(shop)s AND v.id = ANY(%(variants)s::uuid[]) AND v.deleted_at IS NULL
    UNION ALL
    SELECT v.id, c.component_id, c.quantity_milli FROM variants v
    JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id AND p.tracking = 'none'
    JOIN variant_components c ON c.shop_id = v.shop_id AND c.variant_id = v.id
    WHERE v.shop_id = %(shop)s AND v.id = ANY(%(variants)s::uuid[]) AND v.deleted_at IS NULL
)
SELECT t.sold_id, t.variant_id, t.each_milli, l.id AS location_id FROM taken t
JOIN variants v ON v.shop_id = %(shop)s AND v.id = t.variant_id
JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id AND p.kind = 'goods' AND p.tracking <> 'none'
JOIN locations l ON l.shop_id = v.shop_id AND l.branch_id = %(branch)s AND l.kind = 'showroom' AND l.active
"""


async def keep_cart(ctx: Ctx, cart: Cart) -> None:
    """Put aside what lies in a waiting cart, as far as it is free: the cart waits whether all of it is there or not."""
    rules = settings.of(ctx)
    if not rules.reserve_held_carts:
        return
    lines = [line for line in cart.content["lines"] if line.get("variant_id")]
    asked = {"branch": cart.branch_id, "variants": [UUID(line["variant_id"]) for line in lines]}
    counted = await fetch(ctx, _COUNTED, asked)
    quantities = [
        (row.variant_id, divide_half_up(row.each_milli * to_milli(line["quantity"]), 1000))
        for line in lines
        for row in counted
        if row.sold_id == UUID(line["variant_id"])
    ]
    goods = [Aside(variant_id, milli) for variant_id, milli in quantities if milli]
    if not goods:
        return
    writes = Writes(ctx)
    whom = For("cart", cart.id, until=ctx.now + timedelta(hours=rules.held_cart_hours))
    shortage: stock.Shortage = "all" if rules.negative_stock else "some"
    stock.reserve(writes, goods, counted[0].location_id, whom, shortage=shortage)
    await writes.send()


def keep_sale(
    writes: Writes, sale_id: UUID, goods: Sequence[Goods], location_id: UUID, *, promised: bool
) -> None:
    """Put the goods of an incomplete sale aside with it, where the shop wants that or they were `promised`: kept for
    whoever buys before the sale was made. Where less is free the sale is refused like a paid one (the guard
    `stock_enough`), unless the shop sells below zero or it was made already."""
    rules = settings.of(writes.ctx)
    if rules.reserve_incomplete_sales or promised:
        shortage: stock.Shortage = "all" if writes.ctx.recording or rules.negative_stock else "refuse"
        kept = [Aside(each.variant_id, each.quantity_milli) for each in goods]
        stock.reserve(writes, kept, location_id, For("sale", sale_id), shortage=shortage)


def keeps(ctx: Ctx, sale: Row) -> bool:
    """Say whether something may be put aside for a locked sale. Asked anew only where the shop wants that: else its row
    says so."""
    return settings.of(ctx).reserve_incomplete_sales or bool(sale["keeps_goods"])
