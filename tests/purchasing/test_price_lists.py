"""A supplier's price list, taken in from a sheet: tried first, wrong rows told, and the way back."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.purchasing.buying import get, supplier, without_costs
from tests.sales.till import Json
from tests.world import Person, Shop, stock_up

Client = httpx2.AsyncClient


@pytest.fixture
async def wholesaler(shop: Shop, client: Client) -> str:
    """Whom the shop buys from."""
    return str((await supplier(client, shop))["id"])


@pytest.fixture
async def codes(shop: Shop, client: Client) -> dict[str, str]:
    """What the shop sells, with the SKU of each."""
    names = ("USB cable", "Fast charger", "Power bank")
    for name in names:
        await stock_up(shop, name)
    found = await get(client, shop.owner, "/api/products")
    return {product["name"]: product["variants"][0]["sku"] for product in found}


async def take_in(
    client: Client, shop: Shop, who: str, sheet: str, by: Person | None = None, **form: Any
) -> httpx2.Response:
    path = f"/api/suppliers/{who}/items/import"
    files = {"file": ("prices.csv", sheet.encode(), "text/csv")}
    return await client.post(path, files=files, data=form, headers=(by or shop.owner).headers)


async def taken(client: Client, shop: Shop, who: str, sheet: str, **form: Any) -> Json:
    """Give the report of a sheet that was read."""
    answer = await take_in(client, shop, who, sheet, **form)
    assert answer.status_code == 200, answer.text
    report: Json = answer.json()["data"]
    return report


async def supplied(client: Client, shop: Shop, who: str) -> dict[str, tuple[Any, ...]]:
    """What a supplier supplies: code, pack, price, and whether they are preferred."""
    rows = await get(client, shop.owner, f"/api/suppliers/{who}/items")
    return {
        row["variant_name"]: (row["supplier_code"], row["pack_size"], row.get("price"), row["preferred"])
        for row in rows
    }  # fmt: skip


async def test_a_list_is_tried_then_taken_in_and_wrong_rows_are_told(
    shop: Shop, client: Client, wholesaler: str, codes: dict[str, str]
) -> None:
    sheet = (
        "Item code,Vendor code,Unit price,Pack of,Preferred\n"
        f'{codes["USB cable"]},KW-1,"UGX 1,200",12,yes\n'
        f'{codes["Fast charger"]},KW-2,9000,,\n'
        "nothing-like-it,KW-3,500,,\n"
        f'{codes["Power bank"]},KW-4,cheap,,\n'
        f'{codes["USB cable"]},KW-5,1300,,\n'
        ",,700,,\n"
        "a\x01b,KW-6,500,,\n"
    )
    tried = await taken(client, shop, wholesaler, sheet, dry_run=True)
    assert await supplied(client, shop, wholesaler) == {}
    told = await taken(client, shop, wholesaler, sheet)
    assert {**tried, "dry_run": False} == told
    assert (told["created"], told["updated"], told["unchanged"], told["failed"]) == (2, 0, 0, 5)
    assert [(row["row"], *row["problems"]) for row in told["failed_rows"]] == [
        (4, "sku"), (5, "price"), (6, "row"), (7, "row"), (8, "sku"),
    ]  # fmt: skip
    assert told["columns"]["price"] == "Unit price"
    assert await supplied(client, shop, wholesaler) == {
        "USB cable": ("KW-1", 12, 1200, True), "Fast charger": ("KW-2", 1, 9000, False),
    }  # fmt: skip


async def test_what_is_wrong_beside_the_sheet_is_told_in_words(shop: Shop, client: Client, wholesaler: str) -> None:
    told = await take_in(client, shop, wholesaler, "SKU,Price\n", columns="sku", colour="blue", dry_run="perhaps")
    assert told.status_code == 400
    wrong = told.json()["error"]["details"]
    assert wrong["columns"][0].startswith("This is not JSON: ")
    assert (wrong["colour"], wrong["dry_run"]) == (["There is no such field."], ["Write yes or no."])


async def test_a_trial_says_that_nothing_is_stored(
    shop: Shop, client: Client, wholesaler: str, codes: dict[str, str]
) -> None:
    sheet = f"SKU,Price\n{codes['USB cable']},1200\n"
    tried = await take_in(client, shop, wholesaler, sheet, dry_run="true")
    assert tried.json()["message"] == "Nothing is stored yet. It would be: 1 added, 0 changed."
    assert (await take_in(client, shop, wholesaler, sheet)).json()["message"] == "1 added, 0 changed."


async def test_a_known_item_is_found_by_the_suppliers_code_and_blank_cells_change_nothing(
    shop: Shop, client: Client, wholesaler: str, codes: dict[str, str]
) -> None:
    await taken(client, shop, wholesaler, f"sku,code,price,pack\n{codes['USB cable']},KW-1,1200,12\n")
    told = await taken(client, shop, wholesaler, "Code,Price,Pack\nKW-1,1350,\n")
    assert (told["updated"], told["failed"]) == (1, 0)
    assert await supplied(client, shop, wholesaler) == {"USB cable": ("KW-1", 12, 1350, False)}
    again = await taken(client, shop, wholesaler, "Code,Price,Pack\nKW-1,1350,\n")
    assert (again["unchanged"], again["updated"]) == (1, 0)


async def test_the_list_that_was_saved_before_puts_all_back(
    shop: Shop, client: Client, wholesaler: str, codes: dict[str, str]
) -> None:
    rows = [f"{sku},KW-{at},{1000 + at},{at + 1},{'yes' if at else 'no'}" for at, sku in enumerate(codes.values())]
    await taken(client, shop, wholesaler, "\n".join(("SKU,Code,Price,Pack,Preferred", *rows)))
    before = await supplied(client, shop, wholesaler)
    saved = await client.get(f"/api/suppliers/{wholesaler}/items?format=csv", headers=shop.owner.headers)
    await taken(client, shop, wholesaler, "Code,Price\nKW-0,1\nKW-1,2\nKW-2,3\n")
    assert await supplied(client, shop, wholesaler) != before
    told = await taken(client, shop, wholesaler, saved.text)
    assert (told["updated"], told["failed"]) == (3, 0), told
    assert await supplied(client, shop, wholesaler) == before


async def test_a_sheet_that_names_no_items_is_refused_and_so_are_prices_of_those_who_may_not_see_them(
    shop: Shop, client: Client, wholesaler: str, codes: dict[str, str]
) -> None:
    refused = await take_in(client, shop, wholesaler, "What,How much\nUSB cable,1200\n")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert list(refused.json()["error"]["details"]) == ["columns.sku"]
    keeper = await without_costs(shop, client)
    sheet = f"sku,price\n{codes['USB cable']},1200\n"
    assert (await take_in(client, shop, wholesaler, sheet, keeper)).status_code == 403
    codes_only = await take_in(client, shop, wholesaler, f"sku,code\n{codes['USB cable']},KW-1\n", keeper)
    assert codes_only.json()["data"]["created"] == 1
    lost = await take_in(client, shop, "0197a3c2-5b1e-7c40-9a6d-3f1e8b2c4d50", sheet)
    assert lost.json()["error"]["code"] == "SUPPLIER_NOT_FOUND"


async def test_sheets_that_name_the_same_items_crosswise_are_taken_in_one_after_the_other(
    shop: Shop, client: Client, wholesaler: str
) -> None:
    another = str((await supplier(client, shop, "Another"))["id"])
    for number in range(40):
        await stock_up(shop, f"ware {number}")
    skus = [each["variants"][0]["sku"] for each in await get(client, shop.owner, "/api/products?limit=100")]
    there, back = ("SKU,Price,Preferred\n" + "".join(f"{sku},100,yes\n" for sku in way) for way in (skus, skus[::-1]))
    asked = [(wholesaler, there), (another, back), (wholesaler, back)]
    answers = await asyncio.gather(*(take_in(client, shop, who, sheet) for who, sheet in asked))
    assert [(each.status_code, each.json()["data"]["failed"]) for each in answers] == [(200, 0)] * 3
