"""Goods put aside: nobody else is sold them, whoever asks at the same moment."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import select, update

from duka.platform.ids import new_id
from duka.platform.writes import Outcome, Writes
from duka.stock import actions as stock
from duka.stock.actions import Aside, For, reserving
from duka.stock.models import Balance
from duka.stock.reservations.models import Reservation
from tests import statements
from tests.payments.tills import a_device
from tests.purchasing import buying
from tests.sales.till import Json, post, sold
from tests.stock.goods import held, invent, put_on_the_shelf
from tests.stock.places import two_branches
from tests.world import Shop, hire, open_a_shop, stock_up

ALL: stock.Shortage = "all"
SOME: stock.Shortage = "some"
REFUSE: stock.Shortage = "refuse"
PATH = "/api/stock/reservations"


async def keep(shop: Shop, order: UUID, goods: Sequence[tuple[UUID, int]], shortage: stock.Shortage) -> Outcome:
    """Put goods aside for an order."""
    async with shop.as_() as ctx:
        writes = Writes(ctx)
        kept = [Aside(variant_id, milli) for variant_id, milli in goods]
        stock.reserve(writes, kept, shop.showroom_id, For("order", order), shortage=shortage)
        return await writes.send()


async def reserved(shop: Shop, variant_id: UUID) -> int:
    """How many thousandths are put aside in the showroom, by the balance."""
    async with shop.asking() as ctx:
        query = select(Balance.reserved_milli).where(
            Balance.variant_id == variant_id, Balance.location_id == shop.showroom_id
        )
        return await ctx.db.scalar(query) or 0


async def figures(client: httpx2.AsyncClient, shop: Shop, variant_id: UUID) -> Json:
    """The five figures of a variant in the showroom."""
    answer = await client.get(
        f"/api/stock?variant_id={variant_id}&location_id={shop.showroom_id}", headers=shop.owner.headers
    )
    (row,) = answer.json()["data"]
    return {name: row[name] for name in ("quantity", "reserved", "available", "incoming", "in_transit")}


async def put_aside(client: httpx2.AsyncClient, shop: Shop, variant_id: UUID, quantity: float, **more: Any) -> Json:
    """Put goods aside by hand."""
    body = {"id": str(new_id()), "variant_id": str(variant_id), "quantity": quantity, **more}
    return await post(client, shop.owner, PATH, body)


async def test_lines_of_one_variant_are_kept_together_or_not_at_all(shop: Shop) -> None:
    cable = (await put_on_the_shelf(shop, "Cable", 3)).variant_id
    case = (await put_on_the_shelf(shop, "Case", 5)).variant_id
    order = new_id()
    short = await keep(shop, order, [(case, 1000), (cable, 2000), (cable, 2000)], REFUSE)
    assert short.failed == ("stock_enough",)
    assert stock.refuse_short(short.results["stock_short"]).short == [{"variant_id": str(cable), "left": 3}]
    assert [await reserved(shop, each) for each in (cable, case)] == [0, 0]
    assert (await keep(shop, order, [(case, 1000), (cable, 2000), (cable, 1000)], REFUSE)).written
    assert [await reserved(shop, each) for each in (cable, case)] == [3000, 1000]
    again = await keep(shop, new_id(), [(cable, 1)], REFUSE)
    assert stock.refuse_short(again.results["stock_short"]).short == [
        {"variant_id": str(cable), "left": 0, "reserved": 3}
    ]


async def test_what_is_free_is_kept_where_that_is_wanted_and_all_of_it_where_it_was_promised(shop: Shop) -> None:
    cable = (await put_on_the_shelf(shop, "Cable", 3)).variant_id
    never = (await invent(shop, "Never here")).variant_id
    assert (await keep(shop, new_id(), [(cable, 2000)], REFUSE)).written
    assert (await keep(shop, new_id(), [(cable, 5000), (never, 1000)], SOME)).written
    assert [await reserved(shop, each) for each in (cable, never)] == [3000, 0]
    told = await keep(shop, new_id(), [(cable, 1000), (never, 1000)], ALL)
    assert told.written
    assert {each["variant_id"] for each in told.results["stock_short"]} == {str(cable), str(never)}
    assert [await reserved(shop, each) for each in (cable, never)] == [4000, 1000]
    assert [await held(shop, each) for each in (cable, never)] == [3000, 0]


async def test_the_last_unit_is_kept_for_one_of_twelve(shop: Shop) -> None:
    phone = (await put_on_the_shelf(shop, "Phone", 1)).variant_id
    outcomes = await asyncio.gather(*(keep(shop, new_id(), [(phone, 1000)], REFUSE) for _ in range(12)))
    assert sum(outcome.written for outcome in outcomes) == 1
    assert await reserved(shop, phone) == 1000


async def test_twenty_that_cross_keep_and_let_go_without_a_deadlock(shop: Shop) -> None:
    wares = [(await put_on_the_shelf(shop, f"Item {n}", 100)).variant_id for n in range(8)]
    chance = random.Random(5)

    async def cross(stays: bool) -> bool:
        order, mixed = new_id(), [(variant_id, 1000) for variant_id in wares]
        chance.shuffle(mixed)
        written = (await keep(shop, order, mixed, REFUSE)).written
        if not stays:
            async with shop.as_() as ctx:
                assert await stock.release(ctx, order)
        return written

    assert all(await asyncio.gather(*(cross(n % 2 == 0) for n in range(20))))
    assert [await reserved(shop, each) for each in wares] == [10_000] * 8


async def test_one_reservation_is_closed_once_however_many_do_it(shop: Shop) -> None:
    cable = (await put_on_the_shelf(shop, "Cable", 3)).variant_id
    order = new_id()
    await keep(shop, order, [(cable, 2000)], REFUSE)

    async def let_go() -> bool:
        async with shop.as_() as ctx:
            return await stock.release(ctx, order)

    assert sorted(await asyncio.gather(*(let_go() for _ in range(8)))) == [False] * 7 + [True]
    assert await reserved(shop, cable) == 0


async def test_twelve_buyers_of_the_last_one_that_is_kept_get_none_but_whom_it_is_kept_for(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    phone = await stock_up(shop, "phone", quantity_milli=1000)
    kept = await put_aside(client, shop, phone, 1)

    def body(**more: Any) -> Json:
        return {"lines": [{"variant_id": str(phone), "quantity": 1}], "payments": [{"method": "cash", "amount": 1000}],
                **more}  # fmt: skip

    asked = [body() for _ in range(11)] + [body(reserved_for=kept["id"])]
    random.Random(3).shuffle(asked)
    answers = await asyncio.gather(
        *(client.post("/api/sales", json=each, headers=shop.owner.headers) for each in asked)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 11
    short = [answer.json()["error"]["details"]["short"][0] for answer in answers if answer.status_code == 400]
    assert all(each["left"] == 0 for each in short)
    closed = (await client.get(f"{PATH}/{kept['id']}", headers=shop.owner.headers)).json()["data"]
    assert closed["state"] == "taken"
    assert await figures(client, shop, phone) == {
        "quantity": 0, "reserved": 0, "available": 0, "incoming": 0, "in_transit": 0,
    }  # fmt: skip


async def test_who_may_not_have_it_is_told_what_is_left_and_what_is_kept(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=5000)
    await put_aside(client, shop, cable, 3)
    line = {"variant_id": str(cable), "quantity": 3}
    body = {"lines": [line], "payments": [{"method": "cash", "amount": 3000}]}
    refused = await post(client, shop.owner, "/api/sales", body, status=400)
    assert refused["code"] == "OUT_OF_STOCK"
    assert refused["details"]["short"] == [{"variant_id": str(cable), "left": 2, "reserved": 3}]
    await sold(client, shop, (cable, 2), paid=2000)
    more = await post(client, shop.owner, PATH, {"variant_id": str(cable), "quantity": 0.001}, status=400)
    assert more["details"]["short"] == [{"variant_id": str(cable), "left": 0, "reserved": 3}]


async def test_a_shop_that_sells_below_zero_is_warned_only(house: Any, client: httpx2.AsyncClient) -> None:
    shop = await open_a_shop(house, negative_stock=True)
    cable = await stock_up(shop, "cable", quantity_milli=2000)
    await put_aside(client, shop, cable, 2)
    sale = await sold(client, shop, (cable, 1), paid=1000)
    assert [each["code"] for each in sale["exceptions"]] == ["OUT_OF_STOCK"]
    assert sale["exceptions"][0]["details"]["short"] == [{"variant_id": str(cable), "left": 0, "reserved": 2}]
    assert (await figures(client, shop, cable))["available"] == -1


async def test_what_is_broken_is_written_off_though_it_was_kept(shop: Shop, client: httpx2.AsyncClient) -> None:
    ware = await put_on_the_shelf(shop, "Cable", 2)
    await put_aside(client, shop, ware.variant_id, 2)
    broken = {"id": str(new_id()), "quantity": -1, "reason": "damage"}
    await post(client, shop.owner, f"/api/products/{ware.product_id}/adjust", broken)
    seen = await figures(client, shop, ware.variant_id)
    assert (seen["quantity"], seen["reserved"], seen["available"]) == (1, 2, -1)


async def test_what_is_kept_does_not_leave_for_another_branch(shop: Shop, client: httpx2.AsyncClient) -> None:
    two = await two_branches(shop, client)
    body = {"id": str(new_id()), "variant_id": str(two.cable.variant_id), "location_id": str(shop.showroom_id)}
    await two.done("POST", "stock/reservations", body | {"quantity": 8})
    asked = await two.done("POST", "transfers", two.wanted((two.cable, 4)), two.market)
    await two.done("POST", f"transfers/{asked['id']}/approve", by=two.town)
    refused = await two.ask("POST", f"transfers/{asked['id']}/dispatch", {}, two.town)
    assert refused.json()["error"]["details"]["short"] == [
        {"variant_id": str(two.cable.variant_id), "left": 2, "reserved": 8}
    ]


async def test_the_five_figures_of_a_variant(shop: Shop, client: httpx2.AsyncClient) -> None:
    two = await two_branches(shop, client)
    variant = str(two.cable.variant_id)
    place = {"variant_id": variant, "location_id": str(shop.showroom_id)}
    await two.done("POST", "stock/reservations", {"id": str(new_id()), "quantity": 2.5, **place})
    supplier = await buying.supplier(client, shop)
    coming = (two.cable.variant_id, 12, 100)
    await buying.ordered(client, shop, supplier["id"], coming, location_id=str(shop.showroom_id))
    assert await figures(client, shop, two.cable.variant_id) == {
        "quantity": 10, "reserved": 2.5, "available": 7.5, "incoming": 12, "in_transit": 0,
    }  # fmt: skip
    await two.on_the_way((two.cable, 4))
    assert (await figures(client, shop, two.cable.variant_id))["available"] == 3.5


async def test_a_reservation_is_made_once_and_let_go_once(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=2000)
    body = {"id": str(new_id()), "variant_id": str(cable), "quantity": 2, "note": "Fetches it on Friday"}
    answers = await asyncio.gather(*(client.post(PATH, json=body, headers=shop.owner.headers) for _ in range(6)))
    assert [each.status_code for each in answers] == [201] * 6
    assert all(each.json()["data"] == answers[0].json()["data"] for each in answers)
    assert sum("Idempotency-Replayed" in each.headers for each in answers) == 5
    other = await post(client, shop.owner, PATH, body | {"quantity": 1}, status=409)
    assert other["code"] == "IDEMPOTENCY_CONFLICT"
    path = f"{PATH}/{body['id']}/release"
    freed = await post(client, shop.owner, path, status=200)
    assert (freed["state"], freed["closed_by"]) == ("released", str(shop.owner.staff_id))
    again = await client.post(path, headers=shop.owner.headers)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    first = await client.post(PATH, json=body, headers=shop.owner.headers)
    assert (first.json()["data"]["state"], await reserved(shop, cable)) == ("open", 0)


async def overdue(shop: Shop) -> list[UUID]:
    """In which shops of the installation something is put aside for too long."""
    async with shop.house.database.session() as db:
        with statements.noted() as sent:
            found = await reserving.shops_with_overdue(db, datetime.now(UTC))
    asked = [each for each in sent if "overdue" in each or "use_shop" in each]
    assert len(asked) == 1, "however many shops there are"
    return found


async def test_what_is_not_fetched_in_time_is_for_sale_again(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=5000)
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    late = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    one = await put_aside(client, shop, cable, 1, until=soon)
    for until in (late, None):
        await put_aside(client, shop, cable, 1, until=until)
    async with shop.as_() as ctx:
        gone_by = update(Reservation).where(Reservation.id == UUID(one["id"]))
        await ctx.db.execute(gone_by.values(until=ctx.now - timedelta(seconds=1)))
    assert shop.shop_id in await overdue(shop)
    async with shop.as_() as ctx:
        assert await reserving.expire(ctx) is False
    assert shop.shop_id not in await overdue(shop)
    assert await reserved(shop, cable) == 2000
    listed = (await client.get(f"{PATH}?state=expired", headers=shop.owner.headers)).json()["data"]
    assert [each["id"] for each in listed] == [one["id"]]
    over = await post(client, shop.owner, f"{PATH}/{one['id']}/release", status=409)
    assert (over["code"], over["details"]["state"]) == ("RESERVATION_CLOSED", "expired")
    past = {"variant_id": str(cable), "quantity": 1, "until": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    assert (await post(client, shop.owner, PATH, past, status=400))["details"].keys() == {"until"}


async def test_what_cannot_be_kept_is_refused_by_name(shop: Shop, client: httpx2.AsyncClient) -> None:
    two = await two_branches(shop, client)
    cable, nobody = str(two.cable.variant_id), str(new_id())
    clerk = await hire(shop, "staff", branch_id=two.market_id)
    here = {"location_id": str(shop.showroom_id)}
    refusals: list[tuple[Json, tuple[int, str]]] = [
        ({"variant_id": cable, "quantity": 1}, (400, "LOCATION_REQUIRED")),
        ({"variant_id": nobody, "quantity": 1, **here}, (404, "NOT_FOUND")),
        ({"variant_id": cable, "quantity": 1, **here, "customer_id": nobody}, (404, "NOT_FOUND")),
        ({"variant_id": cable, "quantity": 1, "location_id": nobody}, (404, "NOT_FOUND")),
        ({"variant_id": cable, "quantity": 0, **here}, (400, "VALIDATION_ERROR")),
    ]
    for body, said in refusals:
        assert await two.refused("POST", "stock/reservations", body) == said
    there = {"variant_id": cable, "quantity": 1, **here}
    assert await two.refused("POST", "stock/reservations", there, clerk) == (404, "NOT_FOUND")
    kept = await two.done("POST", "stock/reservations", there)
    assert await two.refused("POST", f"stock/reservations/{kept['id']}/release", None, clerk) == (404, "NOT_FOUND")
    assert await two.done("GET", "stock/reservations", None, clerk) == []
    service = await invent(shop, "Repair", kind="service", tracking="none")
    asked = {"variant_id": str(service.variant_id), "quantity": 1, **here}
    assert await two.refused("POST", "stock/reservations", asked) == (400, "NOT_STOCKED")


async def test_a_registers_credential_puts_nothing_aside(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    kept = await put_aside(client, shop, cable, 1)
    headers = {"Authorization": f"Bearer {(await a_device(shop)).credential}"}
    asked = {"variant_id": str(cable), "quantity": 1}
    for answer in (
        await client.post(PATH, json=asked, headers=headers),
        await client.post(f"{PATH}/{kept['id']}/release", headers=headers),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "NOT_FOR_REGISTERS")
