"""Five tills that sold without a network, delivered in any order: the same money, goods, numbers and books.

The same documents are delivered to three shops with the same tills and items, each time in another order, with
deliveries repeated, damaged documents among them, and the catalogue changing meanwhile.
"""

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.catalog.actions import editing
from duka.catalog.actions.products import NewProduct, NewVariant, add_products
from duka.catalog.models import TaxClass
from duka.platform.db import fetch
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.shops.registers import actions as registers
from duka.shops.registers.schemas import RegisterIn
from tests.sales.device import VAT, Device, Item
from tests.world import Shop, open_a_shop

TILLS: Final = 5
SALES: Final = 40
CLOCKS: Final = (None, timedelta(0), timedelta(hours=8), timedelta(hours=-8), timedelta(0))
"""How wrong each till's clock is; None: it says 1970."""
POISONED: Final = (57, 143)

LEFT: Final = {
    "sales": """SELECT id, number, state, subtotal_minor, discount_minor, net_minor, tax_minor, rounding_minor,
        total_minor, cost_minor, paid_minor, business_date, made_at FROM sales WHERE shop_id = %(shop)s ORDER BY id""",
    "invoices": """SELECT number, counter, encode(hash, 'hex'), total_minor, business_date FROM invoices
        WHERE shop_id = %(shop)s ORDER BY number""",
    "series": """SELECT code, financial_year, highest_seen, complete_to, encode(head_hash, 'hex') FROM series
        WHERE shop_id = %(shop)s AND highest_seen > 0 ORDER BY 1, 2""",
    "stock": """SELECT variant_id, quantity_milli FROM stock_balances WHERE shop_id = %(shop)s ORDER BY 1""",
    "books": """SELECT debit, credit, business_date, sum(amount_minor), count(*) FROM postings
        WHERE shop_id = %(shop)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "days": """SELECT business_date, sales, discount_minor, net_minor, tax_minor, total_minor, cost_minor
        FROM daily_totals WHERE shop_id = %(shop)s ORDER BY 1""",
    "money": """SELECT method, direction, sum(amount_minor) FROM payments WHERE shop_id = %(shop)s GROUP BY 1, 2""",
    "damaged": """SELECT encode(body_hash, 'hex'), reason FROM quarantined_documents WHERE shop_id = %(shop)s
        ORDER BY 1""",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is the same in each of the shops: ids of tills and of items."""

    tills: tuple[UUID, ...]
    products: tuple[UUID, ...]
    items: tuple[Item, ...]


def a_plan() -> Plan:
    """Make up tills and items: plain ones and taxed ones."""
    items = [
        Item(new_id(), f"item {at}", 700 + 130 * at, VAT if at % 2 else (), tax_included=at % 4 != 3)
        for at in range(8)
    ]  # fmt: skip
    return Plan(tuple(new_id() for _ in range(TILLS)), tuple(new_id() for _ in items), tuple(items))


async def furnish(house: House, client: httpx2.AsyncClient, plan: Plan) -> tuple[Shop, list[Device]]:
    """Open a shop with the plan's tills and items."""
    shop = await open_a_shop(house)
    async with shop.as_() as ctx:
        classes = {row.name: row.id for row in (await ctx.db.scalars(select(TaxClass))).all()}
        await add_products(ctx, [
            NewProduct(
                item.name, [NewVariant(item.price, id=item.variant_id, cost_minor=400, tax_included=item.tax_included)],
                id=product_id, tax_class_id=classes["VAT 18 %" if item.taxes else "No tax"],
            )
            for item, product_id in zip(plan.items, plan.products, strict=True)
        ])  # fmt: skip
        opened = [
            await registers.open_register(ctx, RegisterIn(
                id=till, branch_id=shop.branch_id, name="Phone", kind="installation", installation_id=new_id(),
                code=f"P{number}",
            ))
            for number, till in enumerate(plan.tills)
        ]  # fmt: skip
    return shop, [
        Device(shop, each.register.id, each.register.code, each.credential or "", client) for each in opened
    ]


def rung(devices: list[Device], plan: Plan, chance: random.Random) -> list[tuple[int, bytes]]:
    """Sell on every till without a network; give the documents as bytes, each with its till."""
    today = datetime.now(UTC)
    documents = []
    for till, (device, wrong) in enumerate(zip(devices, CLOCKS, strict=True)):
        for _ in range(SALES):
            clock = datetime(1970, 1, 1, tzinfo=UTC) if wrong is None else today + wrong
            bought = [(chance.choice(plan.items), chance.randint(1, 3000) / 1000) for _ in range(chance.randint(1, 4))]
            more: dict[str, Any] = {"made_at": clock.isoformat()}
            if chance.random() < 0.2:
                more["discount"] = {"percent_bp": 300}
            if chance.random() < 0.1:
                more["paid"] = 1
            documents.append((till, device.ring(*bought, day=max(clock, today).date(), **more)))
    bodies = [(till, json.dumps(body).encode()) for till, body in documents]
    first, second = POISONED
    bodies[first] = (bodies[first][0], json.dumps(documents[first][1] | {"total": 1}).encode())
    bodies[second] = (bodies[second][0], bodies[second][1][:-20])
    return bodies


async def deliver(shop: Shop, devices: list[Device], bodies: list[tuple[int, bytes]], plan: Plan, seed: int) -> None:
    """Deliver everything in an order of chance, a tenth of it twice, while prices change and items are deleted."""
    chance = random.Random(seed)
    order = [*range(len(bodies)), *chance.sample(range(len(bodies)), len(bodies) // 10)]
    chance.shuffle(order)
    changes = dict(zip(chance.sample(range(len(order)), len(plan.products)), plan.products, strict=True))
    for place, number in enumerate(order):
        till, body = bodies[number]
        answer = await devices[till].deliver(body)
        assert answer.status_code == (202 if number in POISONED else 201), answer.text
        product = changes.get(place)
        if product is not None:
            async with shop.as_() as ctx:
                if plan.products.index(product) % 3:
                    await editing.edit_product(ctx, product, {"price_minor": 999}, 1)
                else:
                    await editing.delete_product(ctx, product)


async def left(shop: Shop) -> dict[str, list[Any]]:
    """What there is in the end."""
    async with shop.asking() as ctx:
        return {name: [tuple(row) for row in await fetch(ctx, sql, {})] for name, sql in LEFT.items()}


@pytest.mark.slow
async def test_any_order_of_delivery_leaves_the_same_shop(house: House, client: httpx2.AsyncClient) -> None:
    plan = a_plan()
    bodies: list[tuple[int, bytes]] = []
    ends: list[dict[str, list[Any]]] = []
    for seed in (3, 17, 91):
        shop, devices = await furnish(house, client, plan)
        bodies = bodies or rung(devices, plan, random.Random(seed))
        await deliver(shop, devices, bodies, plan, seed)
        ends.append(await left(shop))
    for name in LEFT:
        assert ends[0][name] == ends[1][name] == ends[2][name], name
    assert len(ends[0]["sales"]) == TILLS * SALES - len(POISONED)
    assert len(ends[0]["damaged"]) == len(POISONED)
