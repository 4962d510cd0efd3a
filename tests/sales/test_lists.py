"""Looking back at sales: whose list shows what, narrowed, sorted, paged, as a file."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from duka.platform.ids import new_id
from tests.sales.test_carts import a_second_branch
from tests.sales.test_sell import a_customer, body, of
from tests.sales.till import credited, post, sold
from tests.world import Person, Shop, hire, stock_up

Json = dict[str, Any]


async def listed(client: httpx2.AsyncClient, who: Person, query: str = "") -> list[Json]:
    answer = await client.get(f"/api/sales?{query}", headers=who.headers)
    assert answer.status_code == 200, answer.text
    data: list[Json] = answer.json()["data"]
    return data


async def test_each_sees_as_far_as_their_role_reaches(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    jinja = await a_second_branch(shop)
    amina, brian = await hire(shop, "staff"), await hire(shop, "staff", name="Brian")
    supervisor = await hire(shop, "supervisor", branch_id=jinja.id)
    hers = await sold(client, shop, (cable, 1), paid=1000, by=amina)
    his = await sold(client, shop, (cable, 1), paid=1000, by=brian)
    assert [each["id"] for each in await listed(client, amina)] == [hers["id"]]
    assert [each["id"] for each in await listed(client, shop.owner)] == [his["id"], hers["id"]]
    assert await listed(client, supervisor) == []
    for who, status in ((amina, 200), (brian, 404), (supervisor, 404), (shop.owner, 200)):
        for path in (f"/api/sales/{hers['id']}", f"/api/sales/receipt/{hers['id']}"):
            assert (await client.get(path, headers=who.headers)).status_code == status, (who, path)
    inventory = await hire(shop, "inventory_manager")
    assert (await client.get("/api/sales", headers=inventory.headers)).status_code == 403
    assert (await client.get(f"/api/sales/{new_id()}", headers=shop.owner.headers)).status_code == 404


async def test_a_list_is_narrowed_to_what_is_wanted(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=100_000)
    amina = await hire(shop, "staff")
    achieng = str(await a_customer(shop))
    long_ago = str(datetime.now(UTC).date() - timedelta(days=30))
    small = await sold(client, shop, (cable, 1), paid=1000, by=amina)
    card = await sold(client, shop, (cable, 2), paid=2000, method="card", customer_id=achieng)
    part = await sold(client, shop, (cable, 3), paid=100, external_ref="web 9")
    old = await sold(client, shop, (cable, 4), paid=4000, business_date=long_ago)
    today = datetime.now(UTC).date()
    for query, found in (
        (f"staff_id={amina.staff_id}", [small]), ("method=card", [card]), (f"customer_id={achieng}", [card]),
        ("state=incomplete", [part]), (f"to={long_ago}", [old]),
        (f"from={today - timedelta(days=1)}", [part, card, small]),
        ("amount_min=2000&amount_max=3000", [part, card]), ("external_ref=web%209", [part]),
        (f"number={part['number']}", [part]), ("q=000002", [card]), ("number=S1/2627/", [old, card, small]),
        (f"branch_id={new_id()}", []), (f"register_id={shop.register_id}", [old, part, card, small]),
        ("review=submitted", []), ("owing=true", []), ("number=%25", []), ("q=_", []),
    ):  # fmt: skip
        names = [each["number"] for each in await listed(client, shop.owner, query)]
        assert names == [each["number"] for each in found], query


async def test_what_is_owed_is_listed(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 3), paid=3000)
    await credited(client, shop, sale)
    (row,) = await listed(client, shop.owner)
    assert (row["total"], row["credited"], row["owed"], row["payment_status"]) == (3000, 3000, 0, "paid")


async def test_pages_follow_each_other_in_every_order(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=100_000)
    for quantity in (3, 1, 2, 1, 3):
        await sold(client, shop, (cable, quantity), paid=3000)
    for sort in ("created", "-created", "total", "-total", "business_date"):
        seen: list[Json] = []
        cursor = ""
        while True:
            path = f"/api/sales?limit=2&sort={sort}&total=true{cursor}"
            answer = (await client.get(path, headers=shop.owner.headers)).json()
            seen += answer["data"]
            assert answer["page"]["total"] == 5
            if answer["page"]["next_cursor"] is None:
                break
            cursor = f"&cursor={answer['page']['next_cursor']}"
        assert len({each["id"] for each in seen}) == 5
        key = {"created": "id"}.get(sort.removeprefix("-"), sort.removeprefix("-"))
        assert [each[key] for each in seen] == sorted((each[key] for each in seen), reverse=sort.startswith("-"))
    other = await client.get(f"/api/sales?sort=created{cursor}", headers=shop.owner.headers)
    assert other.json()["error"]["code"] == "BAD_CURSOR"


async def test_a_list_as_a_file_needs_the_right(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    await sold(client, shop, (cable, 1), paid=1000)
    accountant, amina = await hire(shop, "accountant"), await hire(shop, "staff")
    file = await client.get("/api/sales?format=csv", headers=accountant.headers)
    assert (file.status_code, file.headers["content-type"].split(";")[0]) == (200, "text/csv")
    head, row = file.content.decode("utf-8-sig").splitlines()
    assert head.startswith("Number,Date,State")
    assert row.startswith("S1/2627/000001,")
    cells = dict(zip(head.split(","), row.split(","), strict=True))
    assert (cells["Branch"], cells["Register"], cells["Seller"]) == ("Main branch", "S1", "Njeri")
    for kind in ("xlsx", "json"):
        assert (await client.get(f"/api/sales?format={kind}", headers=accountant.headers)).status_code == 200
    assert (await client.get("/api/sales?format=csv", headers=amina.headers)).status_code == 403


async def test_a_file_names_the_buyer_and_the_parts_of_the_total(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    amina = {"name": "Amina", "phone": "0772000111"}
    registered = await post(client, shop.owner, "/api/customers", {"name": "Bosco", "phone": "+256772000222"})
    walk_in = await sold(client, shop, (cable, 2), paid=1800, customer=amina, discount={"amount": 200})
    late = await sold(client, shop, (cable, 1), paid=1000)
    await post(client, shop.owner, f"/api/sales/{late['id']}/customer", {"customer_id": registered["id"]}, status=200)
    answer = await client.get("/api/sales?format=json&sort=created", headers=shop.owner.headers)
    first, second = answer.json()
    assert (first["id"], first["customer_name"], first["customer_phone"]) == (walk_in["id"], "Amina", "+256772000111")
    parts = ("subtotal", "discount", "net", "tax", "rounding", "total", "paid", "owed", "state")
    assert [first[name] for name in parts] == [2000, 200, walk_in["net"], walk_in["tax"], 0, 1800, 1800, 0, "completed"]
    assert (second["customer_name"], second["customer_phone"]) == ("Bosco", "+256772000222")


async def test_a_file_has_every_row_whatever_page_is_asked_for(
    shop: Shop, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duka.platform.exports._PART_ROWS", 2)
    monkeypatch.setattr("duka.catalog.sheet_queries._PART_ROWS", 2)
    cable = await stock_up(shop, "cable")
    numbers = [(await sold(client, shop, (cable, 1), paid=1000))["number"] for _ in range(5)]
    for kind in ("csv", "json", "xlsx"):
        asking = shop.owner.headers | {"Accept-Encoding": "identity"}
        file = await client.get(f"/api/sales?format={kind}&limit=1", headers=asking)
        assert int(file.headers["content-length"]) == len(file.content)
        if kind == "json":
            assert [each["number"] for each in file.json()] == numbers[::-1]
        if kind == "csv":
            rows = file.content.decode("utf-8-sig").splitlines()[1:]
            assert [row.split(",")[0] for row in rows] == numbers[::-1]
    for name in ("charger", "case", "glass", "radio"):
        await stock_up(shop, name)
    goods = (await client.get("/api/products?format=json", headers=shop.owner.headers)).json()
    assert [each["name"] for each in goods] == ["cable", "case", "charger", "glass", "radio"]
    monkeypatch.setattr("duka.platform.sheets_write.EXPORT_ROWS", 4)
    refused = await client.get("/api/sales?format=csv", headers=shop.owner.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "LIST_TOO_LONG")


async def test_one_sale_tells_its_history_and_documents(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await post(client, shop.owner, "/api/sales", body(of(cable, 2), paid=2000))
    await credited(client, shop, sale)
    answer = await client.get(f"/api/sales/{sale['id']}", headers=shop.owner.headers)
    shown = answer.json()["data"]
    assert [step["step"] for step in shown["history"]] == ["sell", "credit"]
    assert [each["kind"] for each in shown["documents"]] == ["invoice", "credit_note"]
    assert answer.headers["ETag"] == f'"{shown["version"]}"'
