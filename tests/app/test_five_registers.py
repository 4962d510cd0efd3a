"""Five tills without a network for a day, by the app's own code under Node: in whatever order they come back, the shop
is the same."""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import httpx2
import pytest

from duka.platform.db import fetch
from duka.platform.edge import House
from tests.app.acts import Desk
from tests.app.node import PLAIN, WEB, node_program
from tests.app.site import Site
from tests.sales import books_check as books
from tests.world import Shop, open_a_shop, stock_up

Json = dict[str, Any]

ORDERS: Final = 5
RESENT: Final = 0.1
POISON: Final = 0.01
_HOURS_8_MS: Final = 8 * 3600 * 1000
_LONG_LINE: Final = 1 << 20

_SUMS: Final = """
SELECT (SELECT count(*) FROM sales WHERE shop_id = %(shop)s) AS sales,
    (SELECT sum(total_minor)::bigint FROM sales WHERE shop_id = %(shop)s) AS total_minor,
    (SELECT sum(tax_minor)::bigint FROM sales WHERE shop_id = %(shop)s) AS tax_minor,
    (SELECT count(*) FROM payments WHERE shop_id = %(shop)s) AS payments,
    (SELECT array_agg(number || ' ' || total_minor ORDER BY number) FROM invoices WHERE shop_id = %(shop)s) AS numbers,
    (SELECT array_agg(v.name || ' ' || b.quantity_milli ORDER BY v.name) FROM stock_balances b
        JOIN variants v ON v.shop_id = b.shop_id AND v.id = b.variant_id WHERE b.shop_id = %(shop)s) AS stock,
    (SELECT array_agg(line ORDER BY line) FROM (
        SELECT debit || ' ' || credit || ' ' || sum(amount_minor) AS line FROM postings WHERE shop_id = %(shop)s
        GROUP BY debit, credit) p) AS books,
    (SELECT array_agg(line ORDER BY line) FROM (
        SELECT code || ' ' || count(*) AS line FROM document_exceptions WHERE shop_id = %(shop)s GROUP BY code) e
    ) AS exceptions,
    (SELECT count(*) FROM register_sessions WHERE shop_id = %(shop)s AND closed_at IS NOT NULL) AS closed_drawers
"""


@dataclass(slots=True)
class Till:
    """A till in a process of its own."""

    process: Process

    async def do(self, what: str, **how: object) -> Json:
        """Have it do something and give what it says."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"do": what, **how}).encode() + b"\n")
        line = await self.process.stdout.readline()
        assert line, "the till's process ended; its own words stand above"
        said: Json = json.loads(line)
        return said


@asynccontextmanager
async def a_till() -> AsyncIterator[Till]:
    """Start a till's process; it ends with the block."""
    command = [node_program(), "--experimental-transform-types", "--no-warnings", *PLAIN, "scripts/register.ts"]
    process = await asyncio.create_subprocess_exec(*command, cwd=WEB, stdin=PIPE, stdout=PIPE, limit=_LONG_LINE)
    try:
        yield Till(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def clocks_ms() -> tuple[int, ...]:
    """How wrong the five tills' clocks are: right, eight hours late and early, in 1970, right."""
    return (0, -_HOURS_8_MS, _HOURS_8_MS, -round(datetime.now(UTC).timestamp() * 1000), 0)


async def a_day(house: House, site: Site, sales: int, order: int) -> Json:
    """Let five tills sell in a fresh shop, change it meanwhile, have them come back in some order; give its sums."""
    shop = await open_a_shop(house)
    for number in range(12):
        taxed = "VAT 18 %" if number % 3 else "No tax"
        await stock_up(shop, f"thing {number:02d}", price_minor=1000 + 777 * number, quantity_milli=10_000_000,
                       tax_class=taxed)
    async with AsyncExitStack() as stack:
        tills = [await stack.enter_async_context(a_till()) for _ in range(5)]
        for number, (till, clock_ms) in enumerate(zip(tills, clocks_ms(), strict=True)):
            await till.do("open", server=site.url, shop=str(shop.shop_id), branch=str(shop.branch_id), seed=number + 1,
                          token=shop.owner.token, name=f"Till {number + 1}", clock_ms=clock_ms)
        said = await asyncio.gather(*(till.do("sell", count=sales, poison=POISON) for till in tills))
        await change_things(shop, site)
        aside = await come_back(tills, Random(order))
    assert aside == sum(each["poisoned"] for each in said) >= len(tills)
    sums = await summed_up(shop)
    assert (sums["sales"], sums["total_minor"]) == (5 * sales, sum(each["total"] for each in said))
    assert sums["closed_drawers"] == 5
    await books.agree(shop)
    return sums


async def come_back(tills: list[Till], chance: Random) -> int:
    """Give one till after the other the network for a while, until all is delivered; say how much they set aside."""
    left, aside = set(range(len(tills))), 0
    while left:
        number = chance.choice(sorted(left))
        told = await tills[number].do("deliver", most=chance.randint(1, 40), lost=RESENT)
        if told["left"] == 0:
            left.remove(number)
            aside += told["aside"]
    return aside


async def change_things(shop: Shop, site: Site) -> None:
    """Change a price and take a product off sale, while the tills know nothing of it."""
    async with httpx2.AsyncClient(base_url=site.url) as client:
        desk = Desk(client, shop.owner)
        first, second, *_ = await desk.get("/api/products", sort="name")
        variant = first["variants"][0]
        path = f"/api/products/{first['id']}/variants/{variant['id']}"
        await desk.send("PUT", path, {"price": variant["price"] + 500, "version": variant["version"]})
        await desk.send("DELETE", f"/api/products/{second['id']}")


async def summed_up(shop: Shop) -> Json:
    """What the shop comes to, in figures that do not depend on ids and moments."""
    async with shop.asking() as ctx:
        (row,) = await fetch(ctx, _SUMS, {})
        return dict(row._mapping)


@pytest.mark.slow
@pytest.mark.parametrize("sales", [40, pytest.param(200, marks=pytest.mark.release)])
async def test_in_whatever_order_five_tills_come_back_the_shop_is_the_same(
    house: House, site: Site, sales: int
) -> None:
    first = await a_day(house, site, sales, 0)
    assert len(first["numbers"]) == 5 * sales
    assert first["exceptions"], "the changed price was noticed"
    for order in range(1, ORDERS):
        assert await a_day(house, site, sales, order) == first


