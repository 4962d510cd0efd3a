"""Goods that move with documents of many lines: crossing ones wait for each other and none deadlocks."""

import asyncio
import random
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select

from duka.platform import events
from duka.platform.context import Ctx
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent
from duka.platform.writes import Outcome, Writes
from duka.stock import actions as stock
from duka.stock.actions import Goods, Source
from duka.stock.models import Balance, Movement
from tests.stock.goods import held, invent, put_on_the_shelf
from tests.world import Shop, open_a_shop

TODAY = date(2026, 11, 21)

pytestmark = pytest.mark.breaks_invariants(
    "goods move with made-up documents", "movement_sources", "documents_audited", "stock_account"
)


def lines(wanted: Sequence[tuple[UUID, int]]) -> list[Goods]:
    return [Goods(variant_id, quantity, 3000, new_id(), 0) for variant_id, quantity in wanted]


def begin(ctx: Ctx, document_id: UUID) -> Writes:
    writes = Writes(ctx)
    writes.first(OutboxEvent, events.entry(ctx, "test.sold", document_id) | {"id": document_id})
    return writes


async def sell(shop: Shop, wanted: Sequence[tuple[UUID, int]], *, below_zero: bool = False) -> Outcome:
    """A sale of some lines, as far as stock is concerned."""
    async with shop.as_() as ctx:
        document_id = new_id()
        writes = begin(ctx, document_id)
        source = Source("sale", document_id, TODAY, ctx.staff_id)
        stock.issue(writes, lines(wanted), source, shop.showroom_id, below_zero=below_zero)
        return await writes.send()


@pytest.mark.parametrize("below_zero", [False, True])
async def test_twenty_crossing_sales_of_many_lines_all_succeed(shop: Shop, below_zero: bool) -> None:
    wares = [(await put_on_the_shelf(shop, f"Item {n}", 100)).variant_id for n in range(8)]
    chance = random.Random(7)

    async def cross() -> Outcome:
        mixed = [(variant_id, 1000) for variant_id in wares for _ in range(2)]
        chance.shuffle(mixed)
        return await sell(shop, mixed, below_zero=below_zero)

    outcomes = await asyncio.gather(*(cross() for _ in range(20)))
    assert all(outcome.written for outcome in outcomes)
    assert [await held(shop, variant_id) for variant_id in wares] == [60_000] * 8


async def test_lines_of_one_variant_are_taken_together(shop: Shop) -> None:
    cable = (await put_on_the_shelf(shop, "Cable", 3)).variant_id
    short = await sell(shop, [(cable, 2000), (cable, 2000)])
    assert short.failed == ("stock_enough",)
    refused = stock.refuse_short(short.results["stock_short"])
    assert refused.short == [{"variant_id": str(cable), "left": 3}]
    assert (await sell(shop, [(cable, 2000), (cable, 1000)])).written
    async with shop.asking() as ctx:
        sold = select(Movement.quantity_milli).where(Movement.kind == "sale").order_by(Movement.quantity_milli)
        assert list(await ctx.db.scalars(sold)) == [-2000, -1000], "each line has a movement of its own"
    assert await held(shop, cable) == 0


async def test_one_short_line_keeps_all_of_them(shop: Shop) -> None:
    cable = (await put_on_the_shelf(shop, "Cable", 3)).variant_id
    case = (await put_on_the_shelf(shop, "Case", 1)).variant_id
    never = (await invent(shop, "Never here")).variant_id
    outcome = await sell(shop, [(cable, 1000), (case, 2000), (never, 1000)])
    assert {each["variant_id"]: each["left_milli"] for each in outcome.results["stock_short"]} == {
        str(case): 1000, str(never): 0,
    }  # fmt: skip
    assert [await held(shop, each) for each in (cable, case, never)] == [3000, 1000, 0]


async def test_what_is_missing_is_told_though_it_is_sold(shop: Shop) -> None:
    case = (await put_on_the_shelf(shop, "Case", 1)).variant_id
    never = (await invent(shop, "Never here")).variant_id
    outcome = await sell(shop, [(case, 3000), (never, 1000)], below_zero=True)
    assert outcome.written
    assert {each["variant_id"]: each["left_milli"] for each in outcome.results["stock_short"]} == {
        str(case): 1000, str(never): 0,
    }  # fmt: skip
    assert [await held(shop, each) for each in (case, never)] == [-2000, -1000]


async def test_the_last_unit_goes_to_one_of_twelve(shop: Shop) -> None:
    phone = (await put_on_the_shelf(shop, "Phone", 1)).variant_id
    outcomes = await asyncio.gather(*(sell(shop, [(phone, 1000)]) for _ in range(12)))
    assert sum(outcome.written for outcome in outcomes) == 1
    assert await held(shop, phone) == 0


async def test_returns_and_sales_at_once_add_up(shop: Shop) -> None:
    wares = [(await put_on_the_shelf(shop, f"Item {n}", 50)).variant_id for n in range(4)]
    chance = random.Random(3)

    async def bring_back() -> Outcome:
        async with shop.as_() as ctx:
            document_id = new_id()
            writes = begin(ctx, document_id)
            mixed = lines([(variant_id, 1000) for variant_id in wares])
            chance.shuffle(mixed)
            source = Source("return", document_id, TODAY, ctx.staff_id, reason="broken")
            stock.put_back(writes, [(each, shop.showroom_id) for each in mixed], source)
            return await writes.send()

    async def take_away() -> Outcome:
        mixed = [(variant_id, 2000) for variant_id in wares]
        chance.shuffle(mixed)
        return await sell(shop, mixed)

    outcomes = await asyncio.gather(*(work() for _ in range(10) for work in (bring_back, take_away)))
    assert all(outcome.written for outcome in outcomes)
    assert [await held(shop, variant_id) for variant_id in wares] == [40_000] * 4


async def test_nothing_to_move_adds_nothing(shop: Shop) -> None:
    async with shop.as_() as ctx:
        writes = begin(ctx, new_id())
        empty = writes.text()
        source = Source("sale", new_id(), TODAY, None)
        stock.issue(writes, [], source, shop.showroom_id, below_zero=False)
        stock.put_back(writes, [], source)
        assert writes.text() == empty


async def test_a_movement_is_never_edited(shop: Shop) -> None:
    await put_on_the_shelf(shop, "Cable", 3)
    async with shop.as_() as ctx:
        moved = (await ctx.db.scalars(select(Movement))).one()
        moved.quantity_milli = 5
        with pytest.raises(Exception, match="permission denied"):
            await ctx.db.flush()
        await ctx.db.rollback()


async def test_a_neighbours_stock_is_not_moved(shop: Shop) -> None:
    cable = (await put_on_the_shelf(shop, "Cable", 3)).variant_id
    neighbour = await open_a_shop(shop.house)
    assert (await sell(neighbour, [(cable, 1000)])).failed == ("stock_enough",)
    assert await held(shop, cable) == 3000



async def test_balances_can_be_rebuilt_from_movements(shop: Shop) -> None:
    wares = [(await put_on_the_shelf(shop, f"Item {n}", n + 1)).variant_id for n in range(3)]
    await sell(shop, [(wares[2], 2500)])
    async with shop.asking() as ctx:
        summed = select(Movement.variant_id, func.sum(Movement.quantity_milli)).group_by(Movement.variant_id)
        rebuilt = {variant_id: int(total) for variant_id, total in await ctx.db.execute(summed)}
        balances = (await ctx.db.scalars(select(Balance))).all()
    assert rebuilt == {balance.variant_id: balance.quantity_milli for balance in balances}
    assert rebuilt == {wares[0]: 1000, wares[1]: 2000, wares[2]: 500}
