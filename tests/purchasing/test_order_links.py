"""An order goes to its supplier as paper and by a link; behind the link they say what comes, and see nothing else."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx2
import pytest
from pypdf import PdfReader
from sqlalchemy import select, text, update

from duka.platform.models import AuditEntry
from duka.purchasing.actions import confirming
from duka.purchasing.link_models import PurchaseOrderLink
from tests.postbox import Postbox
from tests.purchasing.buying import (
    came,
    confirmed,
    get,
    link_to,
    ordered,
    received,
    requested,
    supplier,
    told_of,
    without_costs,
)
from tests.sales.till import Json, post
from tests.world import Person, Shop, hire, open_a_shop, stock_up

pytestmark = pytest.mark.slow

Client = httpx2.AsyncClient


@pytest.fixture
async def order(shop: Shop, client: Client) -> Json:
    """An order of ten bags of rice and four of tea that was placed."""
    mills = await supplier(
        client, shop, "Mills", phone="0772 123456", email="orders@mills.example", contact="Opio", lead_time_days=3
    )
    rice, tea = await stock_up(shop, "rice"), await stock_up(shop, "tea")
    item = {"version": 1, "supplier_code": "R-25", "pack_size": 5}
    await post(client, shop.owner, f"/api/suppliers/{mills['id']}/items/{rice}", item, status=200, method="PUT")
    return await ordered(client, shop, mills["id"], (rice, 10, 700), (tea, 4, 150), note="Call first.")


async def read(client: Client, token: str, status: int = 200) -> Any:
    """What somebody without login sees behind a link."""
    answer = await client.post("/api/order-links/open", json={"token": token})
    assert answer.status_code == status, answer.text
    return answer.json()["data" if status == 200 else "error"]


async def say(client: Client, token: str, body: Json, status: int = 200) -> Any:
    """What the supplier says will come."""
    answer = await client.post("/api/order-links/confirm", json={**body, "token": token})
    assert answer.status_code == status, answer.text
    return answer.json()["data" if status == 200 else "error"]


def printed(pdf: bytes) -> str:
    """All words of a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\u00a0", " ")


async def paper(client: Client, who: Person, order: Json, status: int = 200) -> bytes:
    answer = await client.get(f"/api/purchase-orders/{order['id']}/pdf", headers=who.headers)
    assert answer.status_code == status, answer.text
    return answer.content


async def test_the_paper_says_what_is_ordered_of_whom_and_where_to(shop: Shop, client: Client, order: Json) -> None:
    words = printed(await paper(client, shop.owner, order))
    for told in (order["number"], "Mills", "Opio", "R-25", "rice", "10 piece", "Call first.", "7,600", "Njeri Phones"):
        assert told in words
    assert await paper(client, shop.owner, order) == await paper(client, shop.owner, order)


async def test_prices_stand_on_paper_for_those_who_may_see_them(shop: Shop, client: Client, order: Json) -> None:
    words = printed(await paper(client, await without_costs(shop, client), order))
    assert "rice" in words
    assert "7,600" not in words
    assert "700" not in words
    await paper(client, await hire(shop, "technician"), order, 403)
    await paper(client, (await open_a_shop(shop.house)).owner, order, 404)


async def test_what_is_not_approved_says_so_on_paper_and_is_not_sent(shop: Shop, client: Client) -> None:
    mills = await supplier(client, shop, "Mills", email="orders@mills.example")
    asked = await requested(client, shop, mills["id"], (await stock_up(shop, "rice"), 1, 1))
    assert "NOT APPROVED YET" in printed(await paper(client, shop.owner, asked))
    path = f"/api/purchase-orders/{asked['id']}/send"
    assert (await post(client, shop.owner, path, {"by": "email"}, status=400))["code"] == "ORDER_STEP_NOT_ALLOWED"


async def test_an_order_leaves_by_e_mail_with_its_paper_and_link(
    shop: Shop, client: Client, order: Json, postbox: Postbox
) -> None:
    path = f"/api/purchase-orders/{order['id']}/send"
    told = await post(client, shop.owner, path, {"by": "email"}, status=202)
    assert told == {"link": None, "text": None, "whatsapp": None}
    to, subject, words, attached = await postbox.first()
    assert (to, subject) == ("orders@mills.example", f"Order {order['number']} from Njeri Phones")
    assert attached
    assert attached.name == f"{order['number'].replace('/', '-')}.pdf"
    assert "7,600" in printed(attached.content)
    token = words.partition("/order#")[2].split()[0]
    assert (await read(client, token))["number"] == order["number"]
    async with shop.asking() as ctx:
        sent = (await ctx.db.scalars(select(AuditEntry).where(AuditEntry.action == "send"))).one()
        assert (sent.after, str(sent.entity_id)) == ({"by": "email"}, order["id"])
        kept = (await ctx.db.scalars(select(PurchaseOrderLink.token_hash))).all()
    assert kept == [hashlib.sha256(token.encode()).digest()]


async def test_who_may_not_see_costs_sends_none(shop: Shop, client: Client, order: Json, postbox: Postbox) -> None:
    buyer = await without_costs(shop, client)
    path = f"/api/purchase-orders/{order['id']}/send"
    await post(client, buyer, path, {"by": "email", "to": "other@example.com"}, status=202)
    to, _, words, attached = await postbox.first()
    assert to == "other@example.com"
    assert attached
    assert "7,600" not in printed(attached.content)
    seen = await read(client, words.partition("/order#")[2].split()[0])
    assert "total" not in seen
    assert "price" not in seen["lines"][0]


async def test_whatsapp_opens_with_the_words_and_the_link(shop: Shop, client: Client, order: Json) -> None:
    path = f"/api/purchase-orders/{order['id']}/send"
    answer = await client.post(path, json={"by": "whatsapp"}, headers=shop.owner.headers)
    assert answer.json()["message"] == "The message is ready: send it from your own phone."
    sent = answer.json()["data"]
    assert sent["whatsapp"].startswith("https://wa.me/256772123456?text=Order%20")
    assert sent["link"] in sent["text"]
    assert len(sent["link"].partition("#")[2]) >= 22 + 22  # the shop, and more than 128 bits


async def test_a_supplier_without_an_address_is_named(shop: Shop, client: Client) -> None:
    mills = await supplier(client, shop, "Mills")
    placed = await ordered(client, shop, mills["id"], (await stock_up(shop, "rice"), 1, 1))
    path = f"/api/purchase-orders/{placed['id']}/send"
    assert (await post(client, shop.owner, path, {"by": "email"}, status=400))["code"] == "SUPPLIER_UNREACHABLE"
    sent = await post(client, shop.owner, path, {"by": "whatsapp"}, status=202)
    assert sent["whatsapp"].startswith("https://wa.me/?text=")


async def test_an_order_is_sent_so_often_a_day_and_no_more(shop: Shop, client: Client, order: Json) -> None:
    path = f"/api/purchase-orders/{order['id']}/send"
    for _ in range(10):
        await post(client, shop.owner, path, {"by": "whatsapp"}, status=202)
    assert (await post(client, shop.owner, path, {"by": "whatsapp"}, status=429))["code"] == "TOO_MANY_LETTERS"


async def test_the_supplier_sees_the_order_and_nothing_else(shop: Shop, client: Client, order: Json) -> None:
    seen = await read(client, await link_to(client, shop, order))
    assert seen.keys() == {
        "shop", "shop_phone", "language", "currency", "number", "state", "open", "supplier_name", "place", "address",
        "ordered_on", "expected_on", "note", "total", "confirmed_at", "expires_at", "lines",
    }  # fmt: skip
    assert seen["lines"][0].keys() == {
        "id", "name", "unit", "code", "pack_size", "quantity", "expected_on", "confirmed", "confirmed_on", "price",
    }  # fmt: skip
    first = seen["lines"][0]
    assert (seen["shop"], seen["open"], seen["total"]) == ("Njeri Phones", True, 7_600)
    assert (first["name"], first["code"], first["pack_size"], first["quantity"]) == ("rice", "R-25", 5, 10)


async def test_the_supplier_says_what_comes_and_says_it_again(shop: Shop, client: Client, order: Json) -> None:
    token = await link_to(client, shop, order)
    rice, tea = [line["id"] for line in order["lines"]]
    said = {"lines": [{"id": rice, "quantity": 7, "expected_on": "2031-01-15"}], "note": "Three next month."}
    seen = await say(client, token, said)
    assert [(line["confirmed"], line["confirmed_on"]) for line in seen["lines"]] == [(7, "2031-01-15"), (None, None)]
    await say(client, token, {"lines": [{"id": tea, "quantity": 4}, {"id": rice, "quantity": 10}]})
    shown = await get(client, shop.owner, f"/api/purchase-orders/{order['id']}")
    assert [(line["confirmed"], line["confirmed_on"]) for line in shown["lines"]] == [(10, None), (4, None)]
    assert shown["confirmed_at"] > order["created_at"]
    assert [(step["step"], step["reason"]) for step in shown["steps"][-2:]] == [
        ("confirm", "Three next month."), ("confirm", None),
    ]  # fmt: skip
    async with shop.asking() as ctx:
        entries = await ctx.db.scalars(select(AuditEntry).where(AuditEntry.action == "confirm"))
        assert {(entry.actor, entry.staff_id) for entry in entries} == {("public", None)}


async def test_who_may_order_is_told_what_comes_short_or_late(shop: Shop, client: Client, order: Json) -> None:
    await confirmed(client, shop, order, 7, 4)
    (told,) = await told_of(shop, client, "order_confirmed")
    assert (told["entity_id"], told["branch_id"]) == (order["id"], str(shop.branch_id))
    assert told["facts"] == {"number": order["number"], "supplier": "Mills", "lines": 0, "short": 1, "late": 0}
    token = await link_to(client, shop, order)
    late = [{"id": line["id"], "quantity": 10, "expected_on": "2031-01-15"} for line in order["lines"]]
    await say(client, token, {"lines": late})
    newest, _ = await told_of(shop, client, "order_confirmed")
    assert (newest["facts"]["short"], newest["facts"]["late"]) == (0, 2)


async def test_what_comes_short_is_not_counted_as_on_order(shop: Shop, client: Client) -> None:
    mills = await supplier(client, shop, "Mills")
    rice = await stock_up(shop, "rice", quantity_milli=1_000, min_stock_milli=5_000)
    item = {"version": 1, "preferred": True, "price": 90}
    await post(client, shop.owner, f"/api/suppliers/{mills['id']}/items/{rice}", item, status=200, method="PUT")
    placed = await ordered(client, shop, mills["id"], (rice, 9, 90))
    low = "/api/purchase-orders/from-low-stock"
    assert (await post(client, shop.owner, low, {}))["orders"] == []
    await confirmed(client, shop, placed, 5)
    (made,) = (await post(client, shop.owner, low, {}))["orders"]
    whole = await get(client, shop.owner, f"/api/purchase-orders/{made['id']}")
    assert [line["quantity"] for line in whole["lines"]] == [4]
    (here,) = await get(client, shop.owner, f"/api/stock?variant_id={rice}")
    assert here["incoming"] == 5 + 4, "the list says what the suggestions count"


async def test_what_is_no_longer_awaited_is_not_confirmed(shop: Shop, client: Client, order: Json) -> None:
    token = await link_to(client, shop, order)
    rice, tea = order["lines"]
    said = {"lines": [{"id": rice["id"], "quantity": 1}]}
    await received(client, shop, came(UUID(rice["variant_id"]), 10), order_id=order["id"])
    assert (await say(client, token, said))["state"] == "part_received"
    await received(client, shop, came(UUID(tea["variant_id"]), 4), order_id=order["id"])
    assert (await read(client, token))["open"] is False
    assert (await say(client, token, said, 400))["code"] == "ORDER_STEP_NOT_ALLOWED"


@pytest.mark.parametrize("ended", ["cancel", "close"])
async def test_of_an_order_that_has_ended_the_link_tells_only_that(
    shop: Shop, client: Client, order: Json, ended: str
) -> None:
    token = await link_to(client, shop, order)
    if ended == "close":
        await received(client, shop, came(UUID(order["lines"][0]["variant_id"]), 10), order_id=order["id"])
    await post(client, shop.owner, f"/api/purchase-orders/{order['id']}/{ended}", {"reason": "enough"}, status=200)
    seen = await read(client, token)
    assert (seen["number"], seen["shop"], seen["open"]) == (order["number"], "Njeri Phones", False)
    assert seen["state"] == ("cancelled" if ended == "cancel" else "closed")
    assert (seen["lines"], seen["note"], seen["place"], seen["address"]) == ([], "", "", "")
    assert "total" not in seen
    said = {"lines": [{"id": order["lines"][0]["id"], "quantity": 1}]}
    told = await say(client, token, said, 400)
    assert told["code"] == "ORDER_STEP_NOT_ALLOWED"
    assert "rice" not in str(told)


async def test_no_address_holds_the_links_secret(client: Client) -> None:
    described = (await client.get("/api/openapi.json")).json()["paths"]
    assert {path for path in described if path.startswith("/api/order-links")} == {
        "/api/order-links/open", "/api/order-links/confirm"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"lines": []}, 400, "VALIDATION_ERROR"),
        ({"lines": [{"id": "0197a3c2-5b1e-7c40-9a6d-3f1e8b2c4d50", "quantity": 1}]}, 404, "ORDER_LINE_NOT_FOUND"),
        ({"lines": "twice"}, 400, "VALIDATION_ERROR"),
        ({"lines": "below"}, 400, "VALIDATION_ERROR"),
        ({"note": "x" * 2001}, 400, "VALIDATION_ERROR"),
        ({"price": 1}, 400, "VALIDATION_ERROR"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    shop: Shop, client: Client, order: Json, change: Json, status: int, code: str
) -> None:
    line = {"id": order["lines"][0]["id"], "quantity": 1}
    made_up = {"twice": [line, line], "below": [{**line, "quantity": -1}]}
    lines = change.get("lines", [line])
    body = {"lines": [line]} | change | {"lines": made_up[lines] if isinstance(lines, str) else lines}
    assert (await say(client, await link_to(client, shop, order), body, status))["code"] == code


async def test_a_link_that_is_over_withdrawn_or_made_up_tells_nothing(
    shop: Shop, client: Client, order: Json
) -> None:
    kept, ended = await link_to(client, shop, order), await link_to(client, shop, order)
    shown = await get(client, shop.owner, f"/api/purchase-orders/{order['id']}")
    assert shown["link_until"] > shown["created_at"]
    async with shop.as_() as ctx:
        digest = hashlib.sha256(ended.encode()).digest()
        over = update(PurchaseOrderLink).where(PurchaseOrderLink.token_hash == digest)
        await ctx.db.execute(over.values(expires_at=ctx.now - timedelta(seconds=1)))
    assert (await read(client, kept))["number"] == order["number"]
    body = {"lines": [{"id": order["lines"][0]["id"], "quantity": 1}]}
    said = [await read(client, ended, 404)]
    told = await client.request("DELETE", f"/api/purchase-orders/{order['id']}/links", headers=shop.owner.headers)
    assert told.json()["data"] == {"links": 1}
    stranger = await open_a_shop(shop.house)
    wrong = (kept, kept[:-4] + "AAAA", "x", "é", "A" * 56, _of(stranger.shop_id, kept))
    said += [await read(client, each, 404) for each in wrong]
    said += [await say(client, each, body, 404) for each in wrong]
    assert {each["code"] for each in said} == {"ORDER_LINK_NOT_VALID"}
    assert {each["message"] for each in said} == {said[0]["message"]}
    shown = await get(client, shop.owner, f"/api/purchase-orders/{order['id']}")
    assert (shown["link_until"], shown["confirmed_at"]) == (None, None)


def _of(shop_id: UUID, token: str) -> str:
    """The secret of a link, said to be another shop's."""
    return urlsafe_b64encode(shop_id.bytes + urlsafe_b64decode(token)[16:]).decode()


async def test_only_who_may_change_orders_withdraws_links(shop: Shop, client: Client, order: Json) -> None:
    path = f"/api/purchase-orders/{order['id']}/links"
    clerk, stranger = await hire(shop, "staff"), await open_a_shop(shop.house)
    assert (await client.delete(path, headers=clerk.headers)).status_code == 403
    assert (await client.delete(path, headers=stranger.owner.headers)).status_code == 404


async def test_an_order_is_confirmed_so_often_a_day_and_no_more(
    shop: Shop, client: Client, order: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "A_DAY_MAX", 2)
    token = await link_to(client, shop, order)
    body = {"lines": [{"id": order["lines"][0]["id"], "quantity": 1}]}
    for _ in range(2):
        await say(client, token, body)
    assert (await say(client, token, body, 429))["code"] == "CONFIRMED_TOO_OFTEN"
    neighbour = await open_a_shop(shop.house)
    mills, rice = await supplier(client, neighbour, "Mills"), await stock_up(neighbour, "rice")
    theirs = await ordered(client, neighbour, mills["id"], (rice, 1, 700), id=order["id"])
    body = {"lines": [{"id": theirs["lines"][0]["id"], "quantity": 1}]}
    await say(client, await link_to(client, neighbour, theirs), body)


async def test_no_secret_is_kept_with_an_answer(shop: Shop, client: Client, order: Json) -> None:
    path = f"/api/purchase-orders/{order['id']}/send"
    headers = {**shop.owner.headers, "Idempotency-Key": "send-once"}
    first, again = [(await client.post(path, json={"by": "whatsapp"}, headers=headers)).json()["data"] for _ in "ab"]
    assert first["link"]
    assert again == {"link": None, "text": None, "whatsapp": None}
    async with shop.asking() as ctx:
        token = first["link"].partition("#")[2]
        held = "SELECT count(*) FROM idempotency_keys WHERE body LIKE :part"
        assert (await ctx.db.execute(text(held), {"part": f"%{token}%"})).scalar_one() == 0
