"""A paper book or another system's list becomes Njeri's customers."""

from typing import Any

import httpx2

from tests.customers.people import register
from tests.world import Person, Shop, fresh_phone, hire

Client = httpx2.AsyncClient


async def take_in(client: Client, shop: Shop, sheet: str, by: Person | None = None, **form: Any) -> httpx2.Response:
    files = {"file": ("book.csv", sheet.encode(), "text/csv")}
    return await client.post("/api/customers/import", files=files, data=form, headers=(by or shop.owner).headers)


async def listed(client: Client, shop: Shop) -> list[dict[str, Any]]:
    answer = await client.get("/api/customers", params={"sort": "name"}, headers=shop.owner.headers)
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


async def test_a_book_is_taken_in_and_wrong_rows_are_told(client: Client, shop: Shop) -> None:
    one, two = fresh_phone(), fresh_phone()
    sheet = (
        "Full name,Mobile number,GSTIN,Labels,Credit limit,Date of birth,Sex,Enabled\n"
        f'Achieng,{one},100-1,"vip, school","UGX 50,000",1990-05-17,Female,yes\n'
        f"Okello,{two},,,,,,no\n"
        ",0772000000,,,,,,\n"
        "Bosco,12345,,,,,,\n"
        "Cissy,,,,1.5,,,\n"
        f"Dan,{one},,,,,,\n"
    )
    answer = await take_in(client, shop, sheet)
    assert answer.status_code == 200, answer.text
    report = answer.json()["data"]
    assert (report["rows"], report["created"], report["updated"], report["failed"]) == (6, 2, 1, 3)
    assert [(row["row"], list(row["problems"])) for row in report["failed_rows"]] == [
        (4, ["name"]), (5, ["phone"]), (6, ["credit_limit"]),
    ]  # fmt: skip
    assert report["columns"]["phone"] == "Mobile number"
    dan, okello = await listed(client, shop)
    assert (dan["name"], dan["phone"], dan["tags"], dan["credit_limit"]) == ("Dan", one, ["vip", "school"], 50_000)
    assert (dan["born_on"], dan["gender"], dan["active"], dan["version"]) == ("1990-05-17", "female", True, 2)
    assert (okello["phone"], okello["active"]) == (two, False)


async def test_trying_first_stores_nothing(client: Client, shop: Shop) -> None:
    report = (await take_in(client, shop, "name\nAchieng\nOkello\n", dry_run=True)).json()["data"]
    assert (report["created"], report["dry_run"]) == (2, True)
    assert await listed(client, shop) == []


async def test_columns_may_be_chosen(client: Client, shop: Shop) -> None:
    sheet = "Who,Ring\nAchieng,0772 100 200\n"
    unnamed = await take_in(client, shop, sheet)
    assert (unnamed.status_code, unnamed.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    chosen = await take_in(client, shop, sheet, columns='{"name": "Who", "phone": "Ring"}')
    assert chosen.json()["data"]["created"] == 1
    assert [row["phone"] for row in await listed(client, shop)] == ["+256772100200"]
    unknown = await take_in(client, shop, sheet, columns='{"name": "Whom"}')
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (400, "COLUMN_UNKNOWN")


async def test_an_export_taken_in_again_changes_nothing(client: Client, shop: Shop) -> None:
    await register(client, shop, "=cmd()", email="a@example.com", tags=["vip"], credit_limit=5000, notes="two\nlines")
    await register(client, shop, "Okello", type="wholesale", external_ref="C-1", born_on="1980-01-01")
    before = await listed(client, shop)
    file = await client.get("/api/customers", params={"format": "csv"}, headers=shop.owner.headers)
    report = (await take_in(client, shop, file.content.decode("utf-8-sig"))).json()["data"]
    assert (report["created"], report["updated"], report["failed"]) == (0, 0, 0)
    assert await listed(client, shop) == before


async def test_an_import_needs_a_file_and_sensible_fields(client: Client, shop: Shop) -> None:
    no_file = await client.post("/api/customers/import", json={}, headers=shop.owner.headers)
    assert (no_file.status_code, list(no_file.json()["error"]["details"])) == (400, ["file"])
    wrong: list[dict[str, Any]] = [
        {"columns": "{"}, {"columns": '{"name": 1}'}, {"dry_run": "perhaps"}, {"else": "x"},
    ]  # fmt: skip
    for form in wrong:
        answer = await take_in(client, shop, "name\nAchieng\n", **form)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), form
    assert await listed(client, shop) == []


async def test_only_who_may_import_does(client: Client, shop: Shop) -> None:
    cashier = await hire(shop, "staff")
    assert (await take_in(client, shop, "name\nAchieng\n", by=cashier)).status_code == 403
