"""What a device delivers after the fact: it is recorded as it was sold, disputed where it must be, or set aside."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import select, update

from duka.catalog.models import Price, TaxRate, Variant
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, DocumentException
from duka.sales.models import Quarantined, Sale, SaleLine, SaleParty
from duka.shops.models import Register, Role, Series, Staff
from duka.stock.models import Balance
from tests.sales.device import VAT, Device, Item
from tests.world import Shop, hire, stock_up


def verdict(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers["Duka-Verdict"]


def codes(answer: httpx2.Response) -> list[str]:
    return [each["code"] for each in answer.json()["data"]["exceptions"]]


async def test_what_was_sold_without_a_network_is_recorded_under_its_own_number(
    device: Device, cable: Item, shop: Shop
) -> None:
    body = device.ring((cable, 2), paid=5000)
    answer = await device.deliver(body)
    assert verdict(answer) == (201, "applied"), answer.text
    sale = answer.json()["data"]
    assert (sale["number"], sale["total"], sale["change"]) == (f"{device.code}/2627/000001", 2000, 3000)
    assert (sale["invoice"]["hash"], sale["invoice"]["previous_hash"]) == (device.head, "0" * 64)
    async with shop.asking() as ctx:
        held = (await ctx.db.scalars(select(Balance.quantity_milli))).one()
    assert held == 8000


async def test_delivered_again_it_is_one_sale_and_the_same_answer(device: Device, cable: Item) -> None:
    body = device.ring((cable, 1))
    first = await device.deliver(body)
    again = await device.deliver(body)
    assert again.content == first.content
    assert verdict(again) == (201, "already-applied")
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await device.deliver(body | {"note": "another note"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")


async def test_the_same_body_asked_first_is_recorded_as_the_same_sale(device: Device, cable: Item) -> None:
    body = device.ring((cable, 1))
    asked = await device.deliver(body, mode="ask")
    recorded = await device.deliver(body)
    assert asked.status_code == 201, asked.text
    assert recorded.content == asked.content


async def test_only_a_register_records_and_does_nothing_else(device: Device, cable: Item, shop: Shop) -> None:
    headers = shop.owner.headers | {"Duka-Mode": "record"}
    answer = await device.client.post("/api/sales", json=device.ring((cable, 1)), headers=headers)
    assert answer.status_code == 403
    damaged = await device.client.post("/api/sales", content=b"{", headers=headers)
    assert damaged.status_code == 403
    for path in ("/api/sales", "/api/invoices", "/api/exceptions", "/api/quarantine", "/api/customers"):
        assert (await device.client.get(path, headers=device.headers)).status_code == 403, path
    forger = device.headers | {"Authorization": device.headers["Authorization"][:-1] + "x", "Duka-Mode": "record"}
    assert (await device.client.post("/api/sales", content=b"{", headers=forger)).status_code == 401


async def test_a_person_asks_for_the_device_while_it_is_online(device: Device, cable: Item, shop: Shop) -> None:
    amina = await hire(shop, "staff")
    body = json.dumps(device.ring((cable, 1), discount={"percent_bp": 500})).encode()
    headers = amina.headers | {"Content-Type": "application/json"}
    asked = await device.client.post("/api/sales", content=body, headers=headers)
    assert (asked.status_code, asked.json()["data"]["staff_id"]) == (201, str(amina.staff_id)), asked.text
    assert verdict(await device.deliver(body)) == (201, "already-applied")


async def test_ids_sort_by_time_but_what_was_sold_is_kept_whatever_its_id(device: Device, cable: Item) -> None:
    body = device.ring((cable, 1)) | {"id": str(uuid4())}
    asked = await device.deliver(body, mode="ask")
    assert (asked.status_code, list(asked.json()["error"]["details"])) == (400, ["id"])
    recorded = await device.deliver(device.ring((cable, 1), id=str(uuid4())))
    assert verdict(recorded) == (201, "applied"), recorded.text
    again = device.ring((cable, 1))
    again["payments"][0]["id"] = str(uuid4())
    asked = await device.deliver(again, mode="ask")
    assert list(asked.json()["error"]["details"]) == ["payments.0.id"]


async def test_any_damaged_document_is_set_aside_not_only_sales(device: Device, cable: Item, shop: Shop) -> None:
    sale = (await device.deliver(device.ring((cable, 1)))).json()["data"]
    claim = {"code": f"{device.code}C", "financial_year": "2627", "counter": 3}
    path = f"/api/invoices/{sale['invoice']['id']}/credit-notes"
    body = {"id": str(new_id()), "whole": "perhaps", "invoice": claim}
    answer = await device.client.post(path, json=body, headers=device.headers | {"Duka-Mode": "record"})
    assert verdict(answer) == (202, "quarantined"), answer.text
    async with shop.asking() as ctx:
        kept = (await ctx.db.scalars(select(Quarantined))).one()
    assert (kept.document, kept.claimed_series, kept.claimed_counter) == (path, f"{device.code}C/2627", 3)


async def test_a_changed_price_is_an_exception_and_the_sale_stands_as_sold(
    device: Device, cable: Item, shop: Shop
) -> None:
    async with shop.as_() as ctx:
        ctx.db.add(Price(shop_id=shop.shop_id, id=new_id(), variant_id=cable.variant_id, price_minor=1500,
                         tax_included=True, valid_from=ctx.now))
    answer = await device.deliver(device.ring((cable, 1)))
    assert verdict(answer) == (201, "applied-with-exceptions"), answer.text
    assert answer.json()["data"]["total"] == 1000
    (exception,) = answer.json()["data"]["exceptions"]
    assert exception["code"] == "PRICE_CHANGED"
    assert (exception["details"]["price"], exception["details"]["sent"]) == (1500, 1000)


async def test_more_than_the_books_say_is_sold_below_zero_and_told(device: Device, cable: Item, shop: Shop) -> None:
    answer = await device.deliver(device.ring((cable, 12)))
    assert codes(answer) == ["OUT_OF_STOCK"]
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(Balance.quantity_milli))).one() == -2000


async def test_an_item_switched_off_renamed_or_taxed_otherwise_is_sold_as_printed(
    device: Device, shop: Shop
) -> None:
    charger = Item(await stock_up(shop, "charger", price_minor=1180, tax_class="VAT 18 %"), "charger", 1180, VAT)
    async with shop.as_() as ctx:
        await ctx.db.execute(update(Variant).values(name="charger 20 W", active=False))
        row = (await ctx.db.scalars(select(TaxRate).where(TaxRate.rate_bp == 1800))).one()
        ctx.db.add(TaxRate(shop_id=shop.shop_id, id=new_id(), tax_class_id=row.tax_class_id, kind="vat", code="VAT",
                           rate_bp=2000, valid_from=ctx.today()))
    answer = await device.deliver(device.ring((charger, 1)))
    sale = answer.json()["data"]
    assert codes(answer) == ["ITEM_NOT_SOLD", "PRINTED_OTHERWISE"]
    assert (sale["lines"][0]["description"], sale["net"], sale["tax"]) == ("charger", 1000, 180)


async def test_an_item_deleted_meanwhile_is_recorded_by_what_was_printed(device: Device, shop: Shop) -> None:
    gone = Item(new_id(), "torch", 700)
    answer = await device.deliver(device.ring((gone, 3)))
    assert codes(answer) == ["ITEM_UNKNOWN"]
    async with shop.asking() as ctx:
        line = (await ctx.db.scalars(select(SaleLine))).one()
        assert (line.variant_id, line.description, line.total_minor, line.stocked) == (None, "torch", 2100, False)
    asked = await device.deliver(device.ring((gone, 3)), mode="ask")
    assert asked.status_code == 404


async def test_a_line_that_says_nothing_of_an_unknown_item_is_damaged(device: Device) -> None:
    body = device.ring((Item(new_id()), 1))
    del body["lines"][0]["printed"]
    answer = await device.deliver(body)
    assert (answer.status_code, answer.json()["data"]["reason"]) == (202, "LINE_INCOMPLETE")


async def test_unknown_people_and_sessions_are_exceptions(device: Device, cable: Item, shop: Shop) -> None:
    body = device.ring(
        (cable, 1), staff_id=str(new_id()), customer_id=str(new_id()), register_session_id=str(new_id()),
        customer={"name": "Okello", "phone": "call me"},
    )  # fmt: skip
    answer = await device.deliver(body)
    assert codes(answer) == ["SELLER_UNKNOWN", "CUSTOMER_UNKNOWN", "SESSION_UNKNOWN", "PHONE_UNREADABLE"]
    sale = answer.json()["data"]
    assert (sale["staff_id"], sale["customer_id"], sale["register_session_id"]) == (None, None, None)
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(SaleParty.phone))).one() == "call me"
        facts = (await ctx.db.scalars(select(DocumentException.facts))).all()
    assert not any("call me" in str(each) for each in facts)
    assert (await device.deliver(body)).content == answer.content


async def test_a_suspended_seller_and_too_much_discount_are_exceptions(
    device: Device, cable: Item, shop: Shop
) -> None:
    amina = await hire(shop, "staff")
    async with shop.as_() as ctx:
        await ctx.db.execute(update(Staff).where(Staff.id == amina.staff_id).values(status="suspended"))
    body = device.ring((cable, 1), discount={"percent_bp": 1000}, staff_id=str(amina.staff_id))
    answer = await device.deliver(body)
    assert codes(answer) == ["SELLER_NOT_ACTIVE", "DISCOUNT_OVER_CEILING"]
    assert (answer.json()["data"]["total"], answer.json()["data"]["staff_id"]) == (900, str(amina.staff_id))


async def test_money_the_shop_does_not_take_or_lend_is_an_exception(device: Device, cable: Item) -> None:
    body = device.ring((cable, 3), paid=1000, on_account=True)
    body["payments"][0]["method"] = "upi"
    answer = await device.deliver(body)
    assert codes(answer) == ["METHOD_NOT_TAKEN", "ON_ACCOUNT_NOT_ALLOWED"]
    sale = answer.json()["data"]
    assert (sale["state"], sale["owed"], sale["payment_status"]) == ("completed", 2000, "partly_paid")


async def test_a_far_business_day_is_an_exception(device: Device, cable: Item) -> None:
    long_ago = datetime.now(UTC).date() - timedelta(days=3)
    body = device.ring((cable, 1), day=long_ago)
    answer = await device.deliver(body)
    assert codes(answer) == ["DATE_FAR"]
    assert answer.json()["data"]["business_date"] == str(long_ago)


async def test_a_closed_or_replaced_register_still_delivers(device: Device, cable: Item, shop: Shop) -> None:
    async with shop.as_() as ctx:
        values = {"replaced_at": ctx.now - timedelta(hours=1)}
        await ctx.db.execute(update(Register).where(Register.id == device.register_id).values(values))
    assert codes(await device.deliver(device.ring((cable, 1)))) == ["DELIVERED_LATE"]
    async with shop.as_() as ctx:
        await ctx.db.execute(update(Register).where(Register.id == device.register_id).values(closed_at=ctx.now))
        await ctx.db.execute(update(Series).where(Series.register_id == device.register_id).values(closed_at=ctx.now))
    late = device.ring((cable, 1))
    assert (await device.deliver(late, mode="ask")).status_code == 400
    assert codes(await device.deliver(late)) == ["REGISTER_NOT_USABLE", "REGISTER_NOT_USABLE"]


async def test_a_reference_used_before_is_left_out(device: Device, cable: Item, shop: Shop) -> None:
    await device.deliver(device.ring((cable, 1), external_ref="order 7"))
    second = device.ring((cable, 1), external_ref="order 7")
    asked = await device.deliver(second, mode="ask")
    assert (asked.status_code, asked.json()["error"]["code"]) == (409, "EXTERNAL_REF_TAKEN")
    answer = await device.deliver(second)
    assert codes(answer) == ["EXTERNAL_REF_TAKEN"]
    assert answer.json()["data"]["external_ref"] is None


async def test_cash_rounded_as_it_was_is_recorded(device: Device, shop: Shop) -> None:
    sweets = Item(await stock_up(shop, "sweets", price_minor=1030), "sweets", 1030)
    answer = await device.deliver(device.ring((sweets, 1), cash_rounding=50))
    assert codes(answer) == ["ROUNDING_CHANGED"]
    assert (answer.json()["data"]["rounding"], answer.json()["data"]["total"]) == (20, 1050)


async def test_a_part_payment_has_no_invoice_but_the_tills_number(device: Device, cable: Item) -> None:
    answer = await device.deliver(device.ring((cable, 2), paid=500))
    sale = answer.json()["data"]
    assert (sale["state"], sale["number"], sale["invoice"]) == ("incomplete", f"{device.code}-1", None)


def forged(**changes: Any) -> Any:
    return lambda body: body | changes


def forged_invoice(**changes: Any) -> Any:
    return lambda body: body | {"invoice": body["invoice"] | changes}


@pytest.mark.parametrize(("damage", "reason"), [
    (forged(total=999), "TOTAL_MISMATCH"),
    (forged(total=None), "NUMBER_REQUIRED"),
    (forged(business_date=None), "NUMBER_REQUIRED"),
    (forged(invoice=None), "NUMBER_REQUIRED"),
    (forged(register_id="01930e1c-7a5b-7000-8000-000000000001"), "WRONG_REGISTER"),
    (forged(lines=[]), "VALIDATION_ERROR"),
    (forged(surprise=1), "VALIDATION_ERROR"),
    (forged(schema=99), "VALIDATION_ERROR"),
    (forged(note="a\u0000b"), "VALIDATION_ERROR"),
    (forged(payments=[{"method": "card", "amount": 5000}]), "OVERPAID"),
    (forged(discount={"amount": 99_999}), "DISCOUNT_TOO_LARGE"),
    (forged_invoice(hash="ab" * 32), "HASH_MISMATCH"),
    (forged_invoice(previous_hash="ab" * 32), "HASH_MISMATCH"),
    (forged_invoice(counter=2), "HASH_MISMATCH"),
    (forged_invoice(code="ZZ"), "WRONG_SERIES"),
    (forged_invoice(financial_year="2526"), "WRONG_SERIES"),
])  # fmt: skip
async def test_what_is_damaged_or_forged_is_set_aside_and_blocks_nothing(
    device: Device, cable: Item, shop: Shop, damage: Any, reason: str
) -> None:
    body = damage(device.ring((cable, 1)))
    asked = await device.deliver(body, mode="ask")
    assert (asked.status_code, asked.json()["error"]["code"]) == (400, reason)
    answer = await device.deliver(body)
    assert verdict(answer) == (202, "quarantined"), answer.text
    assert answer.json()["data"]["reason"] == reason
    again = await device.deliver(body)
    assert (again.status_code, again.content) == (202, answer.content)
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(Sale))).all() == []
        kept = (await ctx.db.scalars(select(Quarantined))).one()
        assert kept.body == json.dumps(body).encode()
    device.ring((cable, 1))  # on its way by another road; its number is awaited
    fine = await device.deliver(device.ring((cable, 1)))
    assert fine.status_code == 201, fine.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"\xff"', b"[" * 5000, b'{"id": NaN}'])
async def test_what_is_no_document_at_all_is_set_aside(device: Device, shop: Shop, body: bytes) -> None:
    answer = await device.deliver(body)
    assert verdict(answer) == (202, "quarantined"), answer.text
    assert (await device.deliver(body)).content == answer.content
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(Quarantined.body))).one() == body


async def test_the_same_bytes_set_aside_once_stay_so_though_they_would_do_now(
    device: Device, cable: Item, shop: Shop
) -> None:
    unknown = Item(new_id(), "torch", 700)
    body = device.ring((unknown, 1))
    del body["lines"][0]["printed"]
    first = await device.deliver(body)
    async with shop.as_() as ctx:
        variant = (await ctx.db.scalars(select(Variant))).one()
        values = {name: getattr(variant, name) for name in ("shop_id", "product_id", "created_at", "updated_at")}
        ctx.db.add(Variant(**values, id=unknown.variant_id, name="torch", sku="torch-1", search="torch"))
    assert (await device.deliver(body)).content == first.content
    asked = await device.deliver(body, mode="ask")
    assert asked.json()["error"]["code"] == "SET_ASIDE"


async def test_a_line_or_payment_of_another_sale_is_forged(device: Device, cable: Item) -> None:
    first, second = device.ring((cable, 1)), device.ring((cable, 1))
    await device.deliver(first)
    second["lines"][0]["id"] = first["lines"][0]["id"]
    assert (await device.deliver(second, mode="ask")).status_code == 409
    assert (await device.deliver(second)).json()["data"]["reason"] == "ID_TAKEN"


async def test_exceptions_wait_until_somebody_settles_them(
    device: Device, cable: Item, shop: Shop, client: httpx2.AsyncClient
) -> None:
    await device.deliver(device.ring((cable, 12)))
    amina, supervisor = await hire(shop, "staff"), await hire(shop, "supervisor")
    assert (await client.get("/api/exceptions", headers=amina.headers)).status_code == 403
    listed = (await client.get("/api/exceptions?settled=false", headers=supervisor.headers)).json()["data"]
    assert [each["code"] for each in listed] == ["OUT_OF_STOCK"]
    path = f"/api/exceptions/{listed[0]['id']}/settle"
    settled = await client.post(path, json={"settlement": "counted again"}, headers=supervisor.headers)
    assert (settled.status_code, settled.json()["data"]["settled_by"]) == (200, str(supervisor.staff_id))
    same = await client.post(path, json={"settlement": "counted again"}, headers=supervisor.headers)
    assert same.status_code == 200
    assert (await client.post(path, json={"settlement": "otherwise"}, headers=supervisor.headers)).status_code == 409
    assert (await client.get("/api/exceptions?settled=false", headers=supervisor.headers)).json()["data"] == []


async def test_documents_set_aside_are_shown_with_their_bytes(
    device: Device, cable: Item, shop: Shop, client: httpx2.AsyncClient
) -> None:
    body = device.ring((cable, 1)) | {"total": 1}
    await device.deliver(body)
    (listed,) = (await client.get("/api/quarantine", headers=shop.owner.headers)).json()["data"]
    assert (listed["reason"], listed["register_id"]) == ("TOTAL_MISMATCH", str(device.register_id))
    shown = (await client.get(f"/api/quarantine/{listed['id']}", headers=shop.owner.headers)).json()["data"]
    assert json.loads(base64.b64decode(shown["body_base64"])) == body
    settle = f"/api/quarantine/{listed['id']}/settle"
    settled = await client.post(settle, json={"settlement": "typed in by hand"}, headers=shop.owner.headers)
    assert settled.json()["data"]["settlement"] == "typed in by hand"
    amina = await hire(shop, "staff")
    assert (await client.get(f"/api/quarantine/{listed['id']}", headers=amina.headers)).status_code == 403


async def test_a_register_that_hashes_otherwise_is_shown_what_is_hashed(device: Device, cable: Item) -> None:
    sale = device.ring((cable, 1))
    right = sale["invoice"]["hash"]
    asked = await device.deliver(forged_invoice(hash="ab" * 32)(sale), mode="ask")
    details = asked.json()["error"]["details"]
    assert details["computed"] == right
    assert json.loads(details["canonical"])["sale"] == sale["id"]


async def test_a_discount_allowed_by_a_colleagues_pin_is_no_exception(device: Device, cable: Item, shop: Shop) -> None:
    cashier, manager = await hire(shop, "staff"), await hire(shop, "supervisor")
    async with shop.as_() as ctx:
        for role, ceiling in (("staff", 500), ("supervisor", 3000)):
            mine = update(Role).where(Role.preset == role)
            await ctx.db.execute(mine.values(discount_ceiling_bp=ceiling))
    off: dict[str, Any] = {"discount": {"percent_bp": 2000}, "staff_id": str(cashier.staff_id)}
    alone = await device.deliver(device.ring((cable, 1), **off))
    assert codes(alone) == ["DISCOUNT_OVER_CEILING"]
    allowed = await device.deliver(device.ring((cable, 1), **off, approved_by=str(manager.staff_id)))
    assert verdict(allowed) == (201, "applied"), allowed.text
    by_nobody = await device.deliver(device.ring((cable, 1), **off, approved_by=str(new_id())))
    assert codes(by_nobody) == ["DISCOUNT_OVER_CEILING"]
    async with shop.asking() as ctx:
        sale_id = UUID(allowed.json()["data"]["id"])
        told = await ctx.db.scalars(select(AuditEntry.after).where(AuditEntry.entity_id == sale_id))
        assert [each and each["approved_by"] for each in told] == [str(manager.staff_id)]


async def test_a_person_cannot_name_who_allowed_their_discount(device: Device, cable: Item, shop: Shop) -> None:
    cashier, manager = await hire(shop, "staff"), await hire(shop, "supervisor")
    lines = [{"variant_id": str(cable.variant_id), "discount": {"percent_bp": 9000}}]
    body = {"lines": lines, "payments": [{"method": "cash", "amount": 100}], "approved_by": str(manager.staff_id)}
    refused = await device.client.post("/api/sales", json=body, headers=cashier.headers)
    assert refused.json()["error"]["code"] == "DISCOUNT_OVER_CEILING"
