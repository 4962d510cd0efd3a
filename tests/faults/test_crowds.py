"""Twenty at once want the same thing: one sale, the last piece, the same goods in another order, the next number."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import func, select

from duka.platform.ids import new_id
from duka.sales.models import Invoice, Sale
from duka.shops.models import Series
from duka.stock.models import Balance, Movement
from tests.world import Shop, stock_up

CROWD = 20
BUYERS = 12
PIECES = 5
PRICE = 1000
ROUNDS, ROUNDS_OF_A_RELEASE = 50, 1_000

Json = dict[str, Any]
Sell = Callable[[Json], Awaitable[httpx2.Response]]

rounds_each = pytest.mark.parametrize("rounds", [
    pytest.param(ROUNDS, marks=pytest.mark.slow), pytest.param(ROUNDS_OF_A_RELEASE, marks=pytest.mark.release),
])  # fmt: skip


@pytest.fixture
async def sell(shop: Shop, client: httpx2.AsyncClient) -> Sell:
    """Sell as the owner."""

    async def send(body: Json) -> httpx2.Response:
        return await client.post("/api/sales", json=body, headers=shop.owner.headers)

    return send


def of(*variants: UUID, paid: bool = True) -> Json:
    """A sale of one piece of each, paid in cash, or by a method the shop does not take."""
    lines = [{"id": str(new_id()), "variant_id": str(variant)} for variant in variants]
    payment = {"id": str(new_id()), "method": "cash" if paid else "upi", "amount": PRICE * len(variants)}
    return {"id": str(new_id()), "lines": lines, "payments": [payment]}


async def all_at_once(sell: Sell, bodies: list[Json]) -> list[httpx2.Response]:
    return list(await asyncio.gather(*(sell(body) for body in bodies)))


@rounds_each
async def test_one_sale_sent_by_twenty_at_once_is_one_sale(rounds: int, shop: Shop, sell: Sell) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=1000 * rounds)
    for _ in range(rounds):
        answers = await all_at_once(sell, [of(cable)] * CROWD)
        assert {answer.status_code for answer in answers} == {201}
        assert len({str(answer.json()["data"]) for answer in answers}) == 1
        assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    async with shop.asking() as ctx:
        assert await ctx.db.scalar(select(func.count()).select_from(Sale)) == rounds
        assert await ctx.db.scalar(select(Balance.quantity_milli)) == 0


@rounds_each
async def test_the_last_pieces_are_sold_once_each(rounds: int, shop: Shop, sell: Sell) -> None:
    for _ in range(rounds):
        cable = await stock_up(shop, "cable", quantity_milli=1000 * PIECES)
        answers = await all_at_once(sell, [of(cable) for _ in range(BUYERS)])
        assert sorted(answer.status_code for answer in answers) == [201] * PIECES + [400] * (BUYERS - PIECES)
        codes = {answer.json()["error"]["code"] for answer in answers if answer.status_code == 400}
        assert codes == {"OUT_OF_STOCK"}
        async with shop.asking() as ctx:
            left = await ctx.db.scalar(select(Balance.quantity_milli).where(Balance.variant_id == cable))
            moved = await ctx.db.scalar(select(func.sum(Movement.quantity_milli)).where(Movement.variant_id == cable))
            assert (left, moved) == (0, 0)


@rounds_each
async def test_crossing_sales_of_many_lines_never_lock_each_other_out(rounds: int, shop: Shop, sell: Sell) -> None:
    plenty = 1000 * rounds * CROWD
    goods = [await stock_up(shop, f"thing {n}", quantity_milli=plenty) for n in range(8)]
    dice = random.Random(rounds)
    sold = dict.fromkeys(goods, 0)
    for _ in range(rounds):
        bodies = []
        for _ in range(CROWD):
            chosen = dice.choices(goods, k=5)  # the same thing may stand on two lines
            bodies.append(of(*chosen))
            for variant in chosen:
                sold[variant] += 1000
        answers = await all_at_once(sell, bodies)
        assert [answer.text for answer in answers if answer.status_code != 201] == []
    async with shop.asking() as ctx:
        left = {row.variant_id: row.quantity_milli for row in await ctx.db.scalars(select(Balance))}
        assert left == {variant: plenty - sold[variant] for variant in goods}


@rounds_each
async def test_numbers_have_no_gap_though_one_sale_in_five_fails(rounds: int, shop: Shop, sell: Sell) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=1000 * rounds * CROWD)
    numbers = []
    for _ in range(rounds):
        answers = await all_at_once(sell, [of(cable, paid=n % 5 > 0) for n in range(CROWD)])
        assert sorted(answer.status_code for answer in answers) == [201] * (CROWD * 4 // 5) + [400] * (CROWD // 5)
        numbers += [answer.json()["data"]["number"] for answer in answers if answer.status_code == 201]
    assert sorted(int(number.rsplit("/", 1)[1]) for number in numbers) == list(range(1, len(numbers) + 1))
    async with shop.asking() as ctx:
        series = (await ctx.db.scalars(select(Series).where(Series.kind == "invoice"))).one()
        assert (series.highest_seen, series.complete_to) == (len(numbers), len(numbers))
        chain = (await ctx.db.execute(select(Invoice.previous_hash, Invoice.hash).order_by(Invoice.counter))).all()
        assert [row[0] for row in chain[1:]] == [row[1] for row in chain[:-1]]
