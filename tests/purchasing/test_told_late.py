"""Goods that came while there was no network: told later, they are in stock once, whatever became of their order."""

from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select, update

from duka.catalog.models import Product, Variant
from duka.platform.ids import new_id
from duka.platform.postgres import Urls
from duka.stock.units.models import Part
from tests.purchasing.buying import booked, came, get, ordered, received, requested, supplier
from tests.sales.device import Json, a_device
from tests.sales.till import post
from tests.stock.goods import held
from tests.stock.late import Late
from tests.stock.test_told_late import in_order
from tests.stock.tracked import followed, phones
from tests.world import Shop, hire, stock_up

Client = httpx2.AsyncClient


@pytest.fixture
async def rice(shop: Shop) -> UUID:
    """Ten bags of rice, at 600 each."""
    return await stock_up(shop, "rice", cost_minor=600)


@pytest.fixture
async def wholesaler(shop: Shop, client: Client) -> str:
    """Whom the shop buys from."""
    return str((await supplier(client, shop))["id"])


@pytest.fixture
async def late(shop: Shop, client: Client) -> Late:
    """The phone of the keeper of stock."""
    return Late(await a_device(shop, client), await hire(shop, "inventory_manager"))


async def test_what_came_without_a_network_stands_once(
    shop: Shop, client: Client, late: Late, rice: UUID, wholesaler: str, urls: Urls
) -> None:
    order = await ordered(client, shop, wholesaler, (rice, 30, 700))
    body = late.body(order_id=order["id"], supplier_id=wholesaler, lines=[came(rice, 30, price=700)], freight=300)
    first = await late.tells("goods-receipts", body)
    assert (first.status_code, first.headers["Duka-Verdict"]) == (201, "applied"), first.text
    again = await late.tells("goods-receipts", body)
    assert (again.json()["data"], again.headers["Duka-Verdict"]) == (first.json()["data"], "already-applied")
    assert await held(shop, rice) == 40_000
    receipt = await get(client, shop.owner, f"/api/goods-receipts/{body['id']}")
    assert (receipt["staff_id"], receipt["exceptions"]) == (str(late.by.staff_id), [])
    assert await booked(shop, body["id"]) == [("1200", "2100", 21_000), ("1200", "2110", 300)]
    assert (await get(client, shop.owner, f"/api/purchase-orders/{order['id']}"))["state"] == "received"
    other = await late.tells("goods-receipts", body | {"note": "another"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    in_order(shop, urls)


async def test_more_than_was_ordered_is_received_and_told(
    shop: Shop, client: Client, late: Late, rice: UUID, wholesaler: str, urls: Urls
) -> None:
    order = await ordered(client, shop, wholesaler, (rice, 5, 700))
    await received(client, shop, came(rice, 5), order_id=order["id"])
    body = late.body(order_id=order["id"], supplier_id=wholesaler, lines=[came(rice, 5)])
    assert (await late.told("goods-receipts", body))[:2] == ("applied-with-exceptions", ["OVER_RECEIVED"])
    standing = await get(client, shop.owner, f"/api/purchase-orders/{order['id']}")
    assert (standing["state"], standing["lines"][0]["received"]) == ("received", 10)
    in_order(shop, urls)


@pytest.mark.parametrize("became", ["cancelled", "requested", "forgotten"])
async def test_an_order_that_awaits_nothing_is_left_as_it_is(
    shop: Shop, client: Client, late: Late, rice: UUID, wholesaler: str, urls: Urls, became: str
) -> None:
    order = await requested(client, shop, wholesaler, (rice, 5, 700))
    if became == "cancelled":
        await post(client, shop.owner, f"/api/purchase-orders/{order['id']}/cancel", {"reason": "too dear"}, status=200)
    named = str(new_id()) if became == "forgotten" else order["id"]
    body = late.body(order_id=named, supplier_id=wholesaler, lines=[came(rice, 5)])
    wanted = "ORDER_NOT_FOUND" if became == "forgotten" else "ORDER_STEP_NOT_ALLOWED"
    assert (await late.told("goods-receipts", body))[1] == [wanted]
    assert await held(shop, rice) == 15_000
    standing = await get(client, shop.owner, f"/api/purchase-orders/{order['id']}")
    assert (standing["state"], standing["lines"][0]["received"]) == (
        "cancelled" if became == "cancelled" else "requested", 0,
    )  # fmt: skip
    in_order(shop, urls)


async def test_a_serial_number_that_is_here_already_comes_in_without_a_name(
    shop: Shop, client: Client, late: Late, wholesaler: str, urls: Urls
) -> None:
    phone = await phones(shop, client, "356938035643809")
    line = came(phone, 4, price=60_000, serials=["356938035643809", "356938035643810", "356938035643810"])
    body = late.body(supplier_id=wholesaler, lines=[line])
    verdict, codes, receipt = await late.told("goods-receipts", body)
    assert (verdict, codes) == ("applied-with-exceptions", ["SERIALS_MISMATCH", "SERIALS_TAKEN"])
    assert receipt["lines"][0]["serials"] == ["356938035643810"]
    assert await held(shop, phone) == 5_000
    async with shop.asking() as ctx:
        nameless = (await ctx.db.scalars(select(Part.quantity_milli).where(Part.fault == "unnamed"))).all()
    assert nameless == [3_000]
    in_order(shop, urls)


async def test_batches_that_nobody_named_or_that_differ_come_in(
    shop: Shop, client: Client, late: Late, wholesaler: str, urls: Urls
) -> None:
    syrup = await followed(shop, "syrup", "batch", cost_minor=600)
    known = came(syrup, 2, price=600, batch={"number": "L1", "expires_on": "2031-01-31"})
    await received(client, shop, known, supplier_id=wholesaler)
    lines = [
        came(syrup, 3, price=600, batch={"number": "L1", "expires_on": "2031-02-28"}), came(syrup, 1, price=600),
        came(syrup, 1, price=600, serials=["A1"]),
    ]  # fmt: skip
    _, codes, _ = await late.told("goods-receipts", late.body(supplier_id=wholesaler, lines=lines))
    assert codes == ["NOT_TRACKED_SO", "BATCH_REQUIRED", "BATCH_EXPIRY_DIFFERS"]
    assert await held(shop, syrup) == 7_000
    in_order(shop, urls)


async def test_signs_that_nobody_sees_hold_up_no_paper(
    shop: Shop, client: Client, late: Late, wholesaler: str, urls: Urls
) -> None:
    phone, syrup = await phones(shop, client, "A1"), await followed(shop, "syrup", "batch")
    body = late.body(supplier_id=wholesaler, delivery_note="DN\x1d7", lines=[
        came(phone, 2, price=60_000, serials=["b\x021", "\x1d"]),
        came(syrup, 1, price=600, batch={"number": "LOT\x1d7"}),
        came(syrup, 1, price=600, batch={"number": "\x1b"}),
    ])  # fmt: skip
    asked = await late.tells("goods-receipts", body, mode="ask")
    assert (asked.status_code, "delivery_note" in asked.json()["error"]["details"]) == (400, True)
    verdict, codes, receipt = await late.told("goods-receipts", body)
    assert (verdict, codes) == ("applied-with-exceptions", ["SERIALS_MISMATCH", "BATCH_REQUIRED"])
    assert receipt["delivery_note"] == "DN\x1d7"
    numbers = [line.get("serials") or [each["number"] for each in line.get("batches") or []]
               for line in receipt["lines"]]  # fmt: skip
    assert numbers == [["B1"], ["LOT7"], []]
    in_order(shop, urls)


async def test_goods_that_were_deleted_or_are_not_kept_do_not_hold_up_the_others(
    shop: Shop, client: Client, late: Late, rice: UUID, wholesaler: str, urls: Urls
) -> None:
    gone = await stock_up(shop, "torch", cost_minor=100, quantity_milli=0)
    repair = await stock_up(shop, "repair", cost_minor=100, quantity_milli=0)
    async with shop.as_() as ctx:
        await ctx.db.execute(update(Variant).where(Variant.id == gone).values(deleted_at=ctx.now, active=False))
        product = select(Variant.product_id).where(Variant.id == repair).scalar_subquery()
        await ctx.db.execute(update(Product).where(Product.id == product).values(tracking="none"))
    lines = [came(rice, 2, price=0), came(gone, 3), came(new_id(), 4, price=50), came(repair, 1)]
    body = late.body(supplier_id=wholesaler, lines=lines)
    _, codes, receipt = await late.told("goods-receipts", body)
    assert codes == ["GOODS_UNKNOWN", "LINES_LEFT_OUT"]
    told = receipt["exceptions"][1]["details"]["lines"]
    assert [each["accepted"] for each in told] == [4, 1]
    supervisor = await hire(shop, "supervisor", name="Okello")
    for reader, prices in ((shop.owner, [50, None]), (supervisor, ["hidden", "hidden"])):
        seen = await get(client, reader, "/api/exceptions?code=LINES_LEFT_OUT")
        assert [each.get("price", "hidden") for each in seen[0]["details"]["lines"]] == prices
    assert not any("price" in each for each in told), "a till's credential is told no costs"
    assert (await held(shop, rice), await held(shop, gone)) == (12_000, 3_000)
    in_order(shop, urls)


async def test_what_the_shop_cannot_place_at_all_is_set_aside(
    shop: Shop, client: Client, late: Late, rice: UUID, wholesaler: str
) -> None:
    bodies: list[Json] = [
        late.body(supplier_id=str(new_id()), lines=[came(rice, 1)]),
        late.body(supplier_id=wholesaler, lines=[came(new_id(), 1)]),
        late.body(order_id=str(new_id()), lines=[came(rice, 1)]),
        late.body(supplier_id=wholesaler, lines=[twice := came(rice, 1), twice]),
    ]
    supervisor = await hire(shop, "supervisor", name="Okello")
    for body in bodies:
        first, again = [await late.tells("goods-receipts", body) for _ in range(2)]
        assert (first.status_code, first.headers["Duka-Verdict"]) == (202, "quarantined"), first.text
        assert again.content == first.content
        path = f"/api/quarantine/{first.json()['data']['id']}"
        assert (await get(client, shop.owner, path))["body_base64"]
        hidden = await client.get(path, headers=supervisor.headers)
        assert (hidden.status_code, hidden.json()["error"]["details"]) == (403, {"permission": "products:cost"})
    assert await held(shop, rice) == 10_000


async def test_prices_costs_places_and_people_are_disputed_not_refused(
    shop: Shop, client: Client, late: Late, rice: UUID, wholesaler: str, urls: Urls
) -> None:
    amina = await hire(shop, "staff")
    await post(client, shop.owner, f"/api/suppliers/{wholesaler}", {"active": False, "version": 1}, status=200,
               method="PUT")  # fmt: skip
    never = await stock_up(shop, "new", quantity_milli=0)
    lines: list[Any] = [came(never, 0, rejected=2, reject_reason="damaged")]
    body = late.body(supplier_id=wholesaler, lines=lines, freight=100, location_id=str(new_id()),
                     staff_id=str(amina.staff_id))  # fmt: skip
    _, codes, receipt = await late.told("goods-receipts", body)
    assert codes[:2] == ["WORKER_NOT_ALLOWED", "SUPPLIER_INACTIVE"]
    assert {"PLACE_UNKNOWN", "NOTHING_TO_LAND"} <= set(codes)
    assert receipt["location_id"] == str(shop.showroom_id)
    in_order(shop, urls)
