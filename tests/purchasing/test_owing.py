"""What suppliers are owed: bills matched to what came, payments, goods that go back; the books agree."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest

from duka.ledger import queries
from duka.platform.edge import House
from duka.platform.ids import new_id
from tests.purchasing.buying import booked, came, cost_of, get, received, supplier
from tests.sales.till import Json, post
from tests.stock.goods import held
from tests.world import Shop, hire, open_a_shop, stock_up

Client = httpx2.AsyncClient


@pytest.fixture
async def rice(shop: Shop) -> UUID:
    """Ten bags of rice, at 600 each."""
    return await stock_up(shop, "rice", cost_minor=600)


@pytest.fixture
async def wholesaler(shop: Shop, client: Client) -> str:
    """Whom the shop buys from, and pays a month later."""
    return str((await supplier(client, shop, credit_days=30))["id"])


def billed(line: Json, quantity: float, price: int) -> Json:
    return {"id": str(new_id()), "receipt_line_id": line["id"], "quantity": quantity, "price": price}


async def bill(client: Client, shop: Shop, who: str, *lines: Json, status: int = 201, **more: Any) -> Json:
    number = f"INV-{new_id().hex[-8:]}"
    body = {"id": str(new_id()), "supplier_id": who, "supplier_number": number, "lines": list(lines)}
    return await post(client, shop.owner, "/api/supplier-bills", body | more, status=status)


async def pay(client: Client, shop: Shop, who: str, amount: int, *, status: int = 201, **more: Any) -> Json:
    body = {"id": str(new_id()), "supplier_id": who, "amount": amount, "method": "bank_transfer"}
    return await post(client, shop.owner, "/api/supplier-payments", body | more, status=status)


async def send_back(client: Client, shop: Shop, who: str, line: Json, quantity: float, *, status: int = 201,
                    **more: Any) -> Json:
    lines = [{"id": str(new_id()), "receipt_line_id": line["id"], "quantity": quantity}]
    body = {"id": str(new_id()), "supplier_id": who, "reason": "scratched", "lines": lines}
    return await post(client, shop.owner, "/api/supplier-returns", body | more, status=status)


async def owed(client: Client, shop: Shop, who: str) -> int:
    return int((await get(client, shop.owner, f"/api/suppliers/{who}"))["owed"])


async def balances(shop: Shop) -> dict[str, int]:
    """What stands on each account, debit less credit, where anything does."""
    async with shop.asking() as ctx:
        return {row.code: row.balance for row in await queries.trial_balance(ctx, None, None) if row.balance}


async def test_a_bill_takes_out_what_was_received_and_shows_the_difference_in_price(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    receipt = await received(client, shop, came(rice, 3, price=333), supplier_id=wholesaler, freight=100)
    (line,) = receipt["lines"]
    first = await bill(client, shop, wholesaler, billed(line, 1, 350), tax=60, charges=100)
    assert (first["net"], first["variance"], first["total"]) == (350, 17, 510)
    [named] = first["lines"]
    assert (named["variant_name"], named["variant_id"]) == (line["variant_name"], line["variant_id"])
    assert (named["receipt_id"], named["receipt_number"]) == (receipt["id"], receipt["number"])
    assert await booked(shop, first["id"]) == [
        ("1300", "2000", 60), ("2100", "2000", 333), ("2110", "2000", 100), ("5200", "2000", 17),
    ]  # fmt: skip
    second = await bill(client, shop, wholesaler, billed(line, 2, 300))
    assert await booked(shop, second["id"]) == [("2000", "5200", 66), ("2100", "2000", 666)]
    assert await owed(client, shop, wholesaler) == 1_110
    left = await balances(shop)
    assert (left["2000"], left.get("2100"), left.get("2110"), left["5200"]) == (-1_110, None, None, 1 + 17 - 66)
    shown = await get(client, shop.owner, f"/api/goods-receipts/{receipt['id']}")
    assert shown["lines"][0]["billed"] == 3


async def test_no_more_is_billed_than_came_also_by_two_at_once(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    receipt = await received(client, shop, came(rice, 3, price=100), supplier_id=wholesaler)
    (line,) = receipt["lines"]
    told = await bill(client, shop, wholesaler, billed(line, 3.001, 100), status=400)
    assert told["code"] == "OVER_BILLED"
    assert told["details"]["lines"] == [{"receipt_line_id": line["id"], "billed": 3.001, "allowed": 3}]
    bodies = [
        {"id": str(new_id()), "supplier_id": wholesaler, "supplier_number": str(n), "lines": [billed(line, 2, 100)]}
        for n in range(4)
    ]
    sent = (client.post("/api/supplier-bills", json=body, headers=shop.owner.headers) for body in bodies)
    done = await asyncio.gather(*sent)
    assert sorted(each.status_code for each in done) == [201, 400, 400, 400]
    assert await owed(client, shop, wholesaler) == 200


async def test_the_same_bill_is_entered_once(shop: Shop, client: Client, rice: UUID, wholesaler: str) -> None:
    (line,) = (await received(client, shop, came(rice, 3, price=100), supplier_id=wholesaler))["lines"]
    body = {"id": str(new_id()), "supplier_id": wholesaler, "supplier_number": "A-1", "lines": [billed(line, 1, 100)]}
    sent = (client.post("/api/supplier-bills", json=body, headers=shop.owner.headers) for _ in range(5))
    done = await asyncio.gather(*sent)
    assert {each.status_code for each in done} == {201}
    assert len({each.text.split('"timestamp"')[0] for each in done}) == 1
    told = await bill(client, shop, wholesaler, billed(line, 1, 100), supplier_number="A-1", status=400)
    assert told["code"] == "BILL_NUMBER_TAKEN"
    assert await owed(client, shop, wholesaler) == 100


@pytest.mark.parametrize("change", [{"lines": []}, {"tax": -1}, {"charges": -1}, {"supplier_number": ""}])
async def test_a_bill_that_cannot_be_is_refused(
    shop: Shop, client: Client, rice: UUID, wholesaler: str, change: Json
) -> None:
    (line,) = (await received(client, shop, came(rice, 3, price=100), supplier_id=wholesaler))["lines"]
    told = await bill(client, shop, wholesaler, billed(line, 1, 100), status=400, **change)
    assert told["code"] == "VALIDATION_ERROR"
    twice = [billed(line, 1, 100), billed(line, 1, 100)]
    assert (await bill(client, shop, wholesaler, *twice, status=400))["code"] == "VALIDATION_ERROR"


async def test_another_suppliers_or_shops_goods_are_not_billed(
    shop: Shop, client: Client, rice: UUID, wholesaler: str, house: House
) -> None:
    other = (await supplier(client, shop, "Other"))["id"]
    (mine,) = (await received(client, shop, came(rice, 3, price=100), supplier_id=wholesaler))["lines"]
    theirs = await open_a_shop(house)
    pen = await stock_up(theirs, "pen")
    them = (await supplier(client, theirs))["id"]
    (foreign,) = (await received(client, theirs, came(pen, 1, price=1), supplier_id=them))["lines"]
    for who, line in ((other, mine), (wholesaler, foreign), (wholesaler, {"id": str(new_id())})):
        assert (await bill(client, shop, who, billed(line, 1, 1), status=404))["code"] == "NOT_FOUND"
    assert (await bill(client, shop, them, billed(foreign, 1, 1), status=404))["code"] == "SUPPLIER_NOT_FOUND"


async def test_a_carriers_bill_clears_the_freight(shop: Shop, client: Client, rice: UUID, wholesaler: str) -> None:
    carrier = (await supplier(client, shop, "Boda"))["id"]
    await received(client, shop, came(rice, 3, price=100), supplier_id=wholesaler, freight=250)
    paper = await bill(client, shop, carrier, charges=250)
    assert await booked(shop, paper["id"]) == [("2110", "2000", 250)]
    assert (await balances(shop)).get("2110") is None


async def test_a_supplier_is_paid_what_is_owed_and_more_only_in_advance(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    (line,) = (await received(client, shop, came(rice, 3, price=100), supplier_id=wholesaler))["lines"]
    await bill(client, shop, wholesaler, billed(line, 3, 100))
    paid = await pay(client, shop, wholesaler, 200)
    assert await booked(shop, paid["id"]) == [("2000", "1020", 200)]
    told = await pay(client, shop, wholesaler, 101, status=400)
    assert (told["code"], told["details"]) == ("OVER_PAID", {"owed": 100})
    for amount in (0, -5, 1.5):
        assert (await pay(client, shop, wholesaler, amount, status=400))["code"] == "VALIDATION_ERROR"  # type: ignore[arg-type] # wrong
    await pay(client, shop, wholesaler, 150, in_advance=True, method="cash")
    assert await owed(client, shop, wholesaler) == -50
    lines = await get(client, shop.owner, f"/api/suppliers/{wholesaler}/statement")
    assert [(each["kind"], each["amount"]) for each in lines] == [("payment", -150), ("payment", -200), ("bill", 300)]
    assert len(await get(client, shop.owner, f"/api/supplier-payments?supplier_id={wholesaler}")) == 2


async def test_of_payments_at_once_no_more_goes_out_than_is_owed(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    (line,) = (await received(client, shop, came(rice, 3, price=100), supplier_id=wholesaler))["lines"]
    await bill(client, shop, wholesaler, billed(line, 3, 100))
    bodies = [
        {"id": str(new_id()), "supplier_id": wholesaler, "amount": 100, "method": "mtn_momo"} for _ in range(8)
    ]
    sent = (client.post("/api/supplier-payments", json=body, headers=shop.owner.headers) for body in bodies)
    done = await asyncio.gather(*sent)
    assert sorted(each.status_code for each in done) == [201] * 3 + [400] * 5
    paid = next(body for body, each in zip(bodies, done, strict=True) if each.status_code == 201)
    again = await client.post("/api/supplier-payments", json=paid, headers=shop.owner.headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert await owed(client, shop, wholesaler) == 0


async def test_the_accountant_pays_and_does_not_order(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    await hire(shop, "accountant")
    ruth = shop.people["accountant"]
    body = {"supplier_id": wholesaler, "amount": 5, "method": "cash", "in_advance": True}
    await post(client, ruth, "/api/supplier-payments", body)
    order = {"supplier_id": wholesaler, "lines": [{"variant_id": str(rice), "quantity": 1}]}
    assert (await post(client, ruth, "/api/purchase-orders", order, status=403))["code"] == "FORBIDDEN"


async def test_goods_that_go_back_leave_the_stock_the_books_and_what_is_owed(
    shop: Shop, client: Client, rice: UUID, wholesaler: str
) -> None:
    (line,) = (await received(client, shop, came(rice, 10, price=700), supplier_id=wholesaler))["lines"]
    assert await cost_of(shop, rice) == 650
    await bill(client, shop, wholesaler, billed(line, 6, 710))
    gone = await send_back(client, shop, wholesaler, line, 5, tax=100)
    (what,) = gone["lines"]
    assert (what["unbilled"], what["billed"], what["debit"], gone["debit"]) == (4, 1, 710, 810)
    assert await booked(shop, gone["id"]) == [
        ("1200", "5200", 260), ("2000", "1200", 710), ("2000", "1300", 100), ("2100", "1200", 2_800),
    ]  # fmt: skip
    assert await held(shop, rice) == 15_000
    assert await cost_of(shop, rice) == 650
    assert await owed(client, shop, wholesaler) == 4_260 - 810
    assert (await balances(shop)).get("2100") is None
    told = await send_back(client, shop, wholesaler, line, 5.001, status=400)
    assert (told["code"], told["details"]["lines"][0]["allowed"]) == ("OVER_RETURNED", 5)
    assert (await bill(client, shop, wholesaler, billed(line, 1, 1), status=400))["code"] == "OVER_BILLED"
    shown = await get(client, shop.owner, f"/api/goods-receipts?supplier_id={wholesaler}")
    one = await get(client, shop.owner, f"/api/goods-receipts/{shown[0]['id']}")
    assert (one["lines"][0]["billed"], one["lines"][0]["returned"]) == (6, 5)


async def test_what_was_sold_does_not_go_back(shop: Shop, client: Client, wholesaler: str) -> None:
    salt = await stock_up(shop, "salt", quantity_milli=0)
    (line,) = (await received(client, shop, came(salt, 3, price=100), supplier_id=wholesaler))["lines"]
    lines = [{"variant_id": str(salt), "quantity": 2}]
    await post(client, shop.owner, "/api/sales", {"lines": lines, "payments": [{"method": "cash", "amount": 2000}]})
    told = await send_back(client, shop, wholesaler, line, 2, status=400)
    assert (told["code"], told["details"]["short"][0]["left"]) == ("OUT_OF_STOCK", 1)
    body = {"id": str(new_id()), "supplier_id": wholesaler, "reason": "wrong one",
            "lines": [{"receipt_line_id": line["id"], "quantity": 1}]}  # fmt: skip
    sent = (client.post("/api/supplier-returns", json=body, headers=shop.owner.headers) for _ in range(5))
    assert {each.status_code for each in await asyncio.gather(*sent)} == {201}
    assert await held(shop, salt) == 0


async def test_papers_are_listed_and_come_as_files(shop: Shop, client: Client, rice: UUID, wholesaler: str) -> None:
    (line,) = (await received(client, shop, came(rice, 3, price=100), supplier_id=wholesaler))["lines"]
    paper = await bill(client, shop, wholesaler, billed(line, 1, 100), supplier_number="A-17")
    gone = await send_back(client, shop, wholesaler, line, 1)
    assert (await get(client, shop.owner, "/api/supplier-bills?q=A-1"))[0]["id"] == paper["id"]
    assert (await get(client, shop.owner, f"/api/supplier-bills/{paper['id']}"))["lines"][0]["net"] == 100
    assert (await get(client, shop.owner, f"/api/supplier-returns/{gone['id']}"))["number"].startswith("SR/")
    for name, word in (("bills", "A-17"), ("returns", gone["number"])):
        file = await client.get(f"/api/supplier-{name}?format=csv", headers=shop.owner.headers)
        assert word in file.text
    for name in ("bills", "payments", "returns"):
        await get(client, shop.owner, f"/api/supplier-{name}/{new_id()}", status=404)
