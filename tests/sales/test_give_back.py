"""Goods and money given back: credit notes, with and without receipt."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2

from duka.platform.ids import new_id
from duka.sales.invoices import chain
from tests.sales import books_check as books
from tests.sales.device import Device, a_device
from tests.sales.till import back, credited, note, post, sold
from tests.world import Shop, hire, open_a_shop, stock_up


async def test_two_of_three_cables_come_back(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sale = await sold(client, shop, (cable, 3), paid=3540)
    given = await credited(client, shop, sale, back(sale, 2), cash=2360)
    assert given["kind"] == "credit_note"
    assert given["number"].startswith("S1C/")
    assert (given["net"], given["tax"], given["total"]) == (2000, 360, 2360)
    assert [(each["method"], each["amount"], each["direction"]) for each in given["refunds"]] == [("cash", 2360, "out")]
    assert await books.in_stock(shop, cable) == 9_000
    assert await books.receivable(shop, sale["id"]) == 0
    assert await books.balance(shop, "1000") == 1180
    await books.agree(shop)


async def test_the_ids_of_notes_and_payments_sort_by_time(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale, owed = await sold(client, shop, (cable, 2), paid=2000), await sold(client, shop, (cable, 2), paid=500)
    unsorted, reason = str(uuid4()), "It does not fit"
    notes = f"/api/invoices/{sale['invoice']['id']}/credit-notes"
    for path, body, field in (
        (notes, {"id": unsorted, "whole": True, "reason": reason}, "id"),
        (f"/api/sales/{owed['id']}/payments", {
            "payments": [{"id": unsorted, "method": "cash", "amount": 100}]
        }, "payments.0.id"),
    ):  # fmt: skip
        assert list((await post(client, shop.owner, path, body, status=400))["details"]) == [field]


async def test_damaged_goods_do_not_go_back_on_sale(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1000, cost_minor=600)
    sale = await sold(client, shop, (cable, 3), paid=3000)
    await credited(
        client, shop, sale, back(sale, 1, restock="damaged"), back(sale, 1, restock="none"), back(sale, 1), cash=3000
    )
    assert await books.in_stock(shop, cable) == 8_000
    assert await books.in_stock(shop, cable, "damaged") == 1_000
    assert await books.balance(shop, "5000") == 600  # the one that stayed with the customer
    await books.agree(shop)


async def test_parts_give_back_exactly_what_the_whole_cost(client: httpx2.AsyncClient, house: Any) -> None:
    shop = await open_a_shop(house, cash_rounding_minor=50)
    rice = await stock_up(shop, "rice", price_minor=1017, tax_class="VAT 18 %", cost_minor=333)
    tea = await stock_up(shop, "tea", price_minor=777, tax_class="VAT 18 %", tax_included=False)
    sale = await sold(client, shop, (rice, 1.7), (tea, 3), paid=5000, discount={"amount": 311})
    assert sale["total"] % 50 == 0
    assert sale["rounding"] != 0
    notes = [
        await credited(client, shop, sale, *lines)
        for lines in ([back(sale, 0.333)], [back(sale, 1, line=1)], [back(sale, 0.667), back(sale, 1, line=1)], [])
    ]
    assert all(each["total"] % 50 == 0 for each in notes)
    for name in ("net", "tax", "rounding", "total"):
        assert sum(each[name] for each in notes) == sale[name]
    assert await books.receivable(shop, sale["id"]) == 0
    assert [await books.balance(shop, account) for account in ("1000", "2200", "4000", "4900", "5000")] == [0] * 5


async def test_no_more_comes_back_than_was_sold(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=2000)
    await credited(client, shop, sale, back(sale, 1))
    refused = await credited(client, shop, sale, back(sale, 1.5), status=400)
    assert refused["code"] == "CREDIT_TOO_LARGE"
    assert refused["details"] == {"credit": 1.5, "left": 1.0}
    await credited(client, shop, sale)
    assert (await credited(client, shop, sale, status=400))["code"] == "NOTHING_LEFT_TO_CREDIT"
    await books.agree(shop)


async def test_what_was_paid_goes_back_unless_something_is_owed(client: httpx2.AsyncClient, house: Any) -> None:
    shop = await open_a_shop(house, payment_policy="on_account")
    cable = await stock_up(shop, "cable", price_minor=1000)
    buyer = {"name": "Amina", "phone": "+256772000111", "credit_limit": 10_000}
    customer = await post(client, shop.owner, "/api/customers", buyer)
    sale = await sold(client, shop, (cable, 5), paid=2000, customer_id=customer["id"], on_account=True)
    assert sale["owed"] == 3000
    await credited(client, shop, sale, back(sale, 2))  # less is owed, nothing is paid out
    assert await books.receivable(shop, sale["id"]) == 1000
    too_little = await credited(client, shop, sale, back(sale, 2), cash=900, status=400)
    assert too_little["code"] == "REFUND_NOT_RIGHT"
    assert too_little["details"] == {"least": 1000, "most": 2000, "given": 900, "total": 2000}
    assert (await credited(client, shop, sale, back(sale, 2), cash=2001, status=400))["code"] == "REFUND_NOT_RIGHT"
    await credited(client, shop, sale, back(sale, 2), cash=1500)
    assert await books.receivable(shop, sale["id"]) == 500
    await books.agree(shop)


async def test_the_same_note_twice_is_one_note(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 3), paid=3000)
    path, body = f"/api/invoices/{sale['invoice']['id']}/credit-notes", note(back(sale, 1), cash=1000, id=str(new_id()))
    first = await client.post(path, json=body, headers=shop.owner.headers)
    await credited(client, shop, sale, back(sale, 1))
    again = await client.post(path, json=body, headers=shop.owner.headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["data"] == first.json()["data"]
    other = await post(client, shop.owner, path, note(back(sale, 1), id=body["id"]), status=409)
    assert other["code"] == "IDEMPOTENCY_CONFLICT"
    another_sale = await sold(client, shop, (cable, 1), paid=1000)
    elsewhere = f"/api/invoices/{another_sale['invoice']['id']}/credit-notes"
    assert (await post(client, shop.owner, elsewhere, body, status=409))["code"] == "IDEMPOTENCY_CONFLICT"
    assert await books.in_stock(shop, cable) == 8_000


async def test_after_the_window_only_the_owner_takes_goods_back(client: httpx2.AsyncClient, house: Any) -> None:
    shop = await open_a_shop(house, return_window_days=7)
    cable = await stock_up(shop, "cable")
    supervisor = await hire(shop, "supervisor")
    async with shop.asking() as ctx:
        long_ago = ctx.today() - timedelta(days=8)
    sale = await sold(client, shop, (cable, 2), paid=2000, business_date=long_ago.isoformat())
    refused = await credited(client, shop, sale, back(sale, 1), by=supervisor, status=400)
    assert refused["code"] == "RETURN_WINDOW_PASSED"
    assert refused["details"] == {"window_days": 7, "days": 8}
    await credited(client, shop, sale, back(sale, 1))


async def test_who_may_give_back(shop: Shop, client: httpx2.AsyncClient, house: Any) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=2000)
    cashier, supervisor = await hire(shop, "staff"), await hire(shop, "supervisor")
    assert (await credited(client, shop, sale, by=cashier, status=403))["code"] == "FORBIDDEN"
    await credited(client, shop, sale, back(sale, 1), by=supervisor)
    stranger = (await open_a_shop(house)).owner
    foreign = await credited(client, shop, sale, by=stranger, status=404)
    missing = {"invoice": {"id": str(new_id())}}
    assert await credited(client, shop, missing, by=stranger, status=404) == foreign


async def test_another_branch_s_supervisor_does_not_reach_the_sale(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=2000)
    branch = await post(client, shop.owner, "/api/branches", {"name": "Kisumu", "address": "Oginga Odinga Street"})
    there = await hire(shop, "supervisor", branch_id=UUID(branch["id"]), name="Otieno")
    foreign = await credited(client, shop, sale, by=there, status=404)
    assert await credited(client, shop, {"invoice": {"id": str(new_id())}}, by=there, status=404) == foreign
    here = await hire(shop, "supervisor", branch_id=shop.branch_id)
    await credited(client, shop, sale, by=here)


async def test_a_credit_note_cannot_be_credited(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 2), paid=2000)
    given = await credited(client, shop, sale, back(sale, 1))
    refused = await credited(client, shop, {"invoice": given}, status=400)
    assert refused["code"] == "NOT_CREDITABLE"


async def test_a_line_of_another_sale_does_not_come_back(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale, other = await sold(client, shop, (cable, 1), paid=1000), await sold(client, shop, (cable, 1), paid=1000)
    assert (await credited(client, shop, sale, back(other, 1), status=404))["code"] == "LINE_UNKNOWN"


async def test_goods_without_receipt_come_back_as_a_note_of_their_own(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, cost_minor=600, tax_class="VAT 18 %")
    line = {"variant_id": str(cable), "quantity": 2, "price": 590}
    refunds = [{"method": "cash", "amount": 1180}]
    body = {"id": str(new_id()), "lines": [line], "reason": "no receipt", "refunds": refunds}
    given = await post(client, shop.owner, "/api/credit-notes", body)
    assert (given["net"], given["tax"], given["total"], given["sale_id"]) == (1000, 180, 1180, None)
    assert given["number"].startswith("S1C/")
    assert await books.in_stock(shop, cable) == 12_000
    assert await books.receivable(shop, given["id"]) == 0
    assert await books.balance(shop, "1000") == -1180
    assert await post(client, shop.owner, "/api/credit-notes", body) == given
    assert await books.in_stock(shop, cable) == 12_000
    await books.agree(shop)


async def test_without_receipt_everything_is_paid_out_and_only_the_owner_does_it(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable", price_minor=1000)
    body = {"lines": [{"variant_id": str(cable), "price": 1000}], "reason": "no receipt",
            "refunds": [{"method": "cash", "amount": 900}]}  # fmt: skip
    assert (await post(client, shop.owner, "/api/credit-notes", body, status=400))["code"] == "REFUND_NOT_RIGHT"
    supervisor = await hire(shop, "supervisor")
    assert (await post(client, supervisor, "/api/credit-notes", body, status=403))["code"] == "FORBIDDEN"


async def test_delivery_is_charged_afterwards_and_let_off_again(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    sale = await sold(client, shop, (cable, 1), paid=1180)
    classes = await client.get("/api/tax-classes", headers=shop.owner.headers)
    vat = next(each["id"] for each in classes.json()["data"] if each["name"] == "VAT 18 %")
    item = {"name": "Delivery", "tax_class_id": vat}
    body = {"id": str(new_id()), "reason": "delivered to Entebbe",
            "lines": [{"item": item, "quantity": 1.5, "price": 1000, "tax_included": False}]}  # fmt: skip
    path = f"/api/invoices/{sale['invoice']['id']}/debit-notes"
    charged = await post(client, shop.owner, path, body)
    assert (charged["net"], charged["tax"], charged["total"]) == (1500, 270, 1770)
    assert charged["number"].startswith("S1D/")
    assert await post(client, shop.owner, path, body) == charged
    assert await books.receivable(shop, sale["id"]) == 1770
    payment = {"payments": [{"method": "cash", "amount": 770}]}
    paid = await post(client, shop.owner, f"/api/invoices/{charged['id']}/payments", payment)
    assert (paid["debited"], paid["paid"], paid["owed"], paid["payment_status"]) == (1770, 1950, 1000, "partly_paid")
    let_off = await credited(client, shop, {"invoice": charged}, cash=770)
    assert (let_off["total"], let_off["original_id"]) == (1770, charged["id"])
    assert await books.receivable(shop, sale["id"]) == 0
    assert (await credited(client, shop, {"invoice": charged}, status=400))["code"] == "NOTHING_LEFT_TO_CREDIT"
    await books.agree(shop)


async def test_a_device_issues_its_own_credit_notes(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    device = await a_device(shop, client)
    sale = await sold(client, shop, (cable, 2), paid=2360)
    path, headers = f"/api/invoices/{sale['invoice']['id']}/credit-notes", device.headers | {"Duka-Mode": "record"}
    first = await _printed(shop, device, sale, 1, chain.GENESIS)
    answer = await client.post(path, json=first, headers=headers)
    assert (answer.status_code, answer.headers["Duka-Verdict"]) == (201, "applied"), answer.text
    given = answer.json()["data"]
    assert (given["number"], given["hash"]) == (f"{device.code}C/2627/000001", first["invoice"]["hash"])
    again = await client.post(path, json=first, headers=headers)
    assert (again.headers["Duka-Verdict"], again.json()["data"]) == ("already-applied", given)
    forged = await _printed(shop, device, sale, 2, bytes.fromhex(given["hash"]))
    forged["invoice"]["hash"] = "ab" * 32
    set_aside = await client.post(path, json=forged, headers=headers)
    assert (set_aside.status_code, set_aside.json()["data"]["reason"]) == (202, "HASH_MISMATCH")
    unnumbered = {name: value for name, value in first.items() if name not in ("id", "invoice")}
    refused = await client.post(path, json=unnumbered, headers=device.headers)
    assert refused.json()["error"]["code"] == "NUMBER_REQUIRED"
    await books.agree(shop)


async def test_money_a_device_gave_back_is_out_of_a_drawer_whose_opening_comes_later(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %")
    device, session_id = await a_device(shop, client), str(new_id())
    headers = device.headers | {"Duka-Mode": "record"}
    sale = await sold(client, shop, (cable, 2), paid=2360)
    printed = await _printed(shop, device, sale, 1, chain.GENESIS) | {"register_session_id": session_id}
    noted = await client.post(f"/api/invoices/{sale['invoice']['id']}/credit-notes", json=printed, headers=headers)
    assert noted.headers["Duka-Verdict"] == "applied-with-exceptions", noted.text
    person = {"staff_id": str(shop.owner.staff_id)}
    opening = {"id": session_id, "register_id": str(device.register_id), "float": 5000, **person}
    await client.post("/api/register-sessions", json=opening, headers=headers)
    counted = {"counted": 3820, **person}
    closed = await client.post(f"/api/register-sessions/{session_id}/close", json=counted, headers=headers)
    assert (closed.json()["data"]["expected"], closed.json()["data"]["difference"]) == (3820, 0)
    await books.agree(shop)


async def _printed(shop: Shop, device: Device, sale: dict[str, Any], counter: int, previous: bytes) -> dict[str, Any]:
    """What the device prints for one of two cables: it has worked everything out itself."""
    now = datetime.now(UTC)
    tax = {"code": "VAT", "rate_bp": 1800, "parts": 1}
    sums = {"net_minor": 1000, "total_minor": 1180}
    content: dict[str, Any] = {
        "version": 1, "kind": "credit_note", "sale": sale["id"], "original": sale["invoice"]["id"],
        "business_date": str(now.date()), "issued_at": chain.instant(now), "currency": "UGX",
        "lines": [{
            "description": "cable", "variant": sale["lines"][0]["variant_id"], "quantity_milli": 1000,
            "unit_price_minor": 1180, "discount_minor": 0, "tax_included": "yes",
            "taxes": [tax | {"amount_minor": 180}], **sums,
        }],
        "totals": {"subtotal_minor": 1180, "discount_minor": 0, "tax_minor": 180, "rounding_minor": 0, **sums},
        "taxes": [tax | {"net_minor": 1000, "tax_minor": 180}],
    }  # fmt: skip
    code, year = f"{device.code}C", chain.financial_year(now.date(), 7)
    tied = chain.invoice_hash(previous, f"{code}/{year}", counter, chain.canonical(content))
    return note(back(sale, 1), cash=1180) | {
        "id": str(new_id()), "register_id": str(device.register_id), "business_date": str(now.date()),
        "invoice": {
            "code": code, "financial_year": year, "counter": counter, "previous_hash": previous.hex(),
            "hash": tied.hex(), "issued_at": chain.instant(now),
        },
    }  # fmt: skip
