"""A shop takes in its goods from a sheet, and gives them out again."""

import asyncio
import io
import json
from typing import Any

import httpx2
import pytest
import xlsxwriter
from fastapi import FastAPI
from sqlalchemy import func, select

from duka.catalog import jobs
from duka.catalog.models import Group, ImportRun, Product, Variant
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.stock.models import Balance
from tests import world
from tests.catalog.till import Till
from tests.world import Shop

HEAD = "Name,SKU,Barcode,Group,Price,Cost\n"
TWO = HEAD + "Cable,CBL,6001087340014,Phones > Cables,\"5,000\",3000\nLamp,LMP,,Lights,UGX 9000,\n"


async def take_in(till: Till, text: str | bytes, status: int = 200, name: str = "goods.csv",
                  **form: Any) -> dict[str, Any]:
    """Send a sheet."""
    data = text.encode() if isinstance(text, str) else text
    return await till.ask("POST", "/api/products/import", status, files={"file": (name, data)}, data=form)


async def give_out(till: Till, file_format: str = "csv") -> bytes:
    """Get all goods as a file."""
    answer = await till.client.get(f"/api/products?format={file_format}", headers=till.headers)
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_a_sheet_becomes_goods(njeri: Till) -> None:
    report = await take_in(njeri, TWO)
    assert (report["state"], report["rows"], report["created"], report["failed"]) == ("done", 2, 2, 0)
    assert report["preview"][0] == {"row": 2, "outcome": "created", "name": "Cable", "sku": "CBL", "price": 5000}
    listed: Any = await njeri.ask("GET", "/api/products")
    cable, lamp = listed
    assert (cable["variants"][0]["price"], cable["variants"][0]["cost"]) == (5000, 3000)
    assert (lamp["variants"][0]["price"], lamp["tax_class"]["name"]) == (9000, "VAT 18 %")
    assert set(await njeri.names("/api/groups")) == {"General", "Phones", "Cables", "Lights"}
    assert report == await njeri.ask("GET", f"/api/products/import/{report['id']}")


async def test_a_dry_run_tells_all_and_keeps_nothing(njeri: Till, shop: Shop) -> None:
    tried = await take_in(njeri, TWO, dry_run="true")
    assert (tried["dry_run"], tried["created"], len(tried["preview"])) == (True, 2, 2)
    await njeri.ask("GET", f"/api/products/import/{tried['id']}", 404)
    async with shop.asking() as ctx:
        for table in (Product, ImportRun, AuditEntry, OutboxEvent):
            rows = (await ctx.db.scalars(select(func.count()).select_from(table))).one()
            assert rows == (1 if table is AuditEntry else 0), "only the founding of the shop"
        assert (await ctx.db.scalars(select(Group.name))).all() == ["General"]
    real = await take_in(njeri, TWO)
    assert {**real, "id": "", "dry_run": 0} | {"created_at": "", "finished_at": ""} == (
        {**tried, "id": "", "dry_run": 0} | {"created_at": "", "finished_at": ""}
    )


async def test_the_same_sheet_again_changes_nothing(njeri: Till) -> None:
    await take_in(njeri, TWO)
    again = await take_in(njeri, TWO)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    changed = await take_in(njeri, TWO.replace("9000", "9500").replace("Cable,", "USB cable,"))
    assert (changed["created"], changed["updated"], changed["unchanged"]) == (0, 2, 0)
    listed: Any = await njeri.ask("GET", "/api/products")
    assert [(one["name"], one["variants"][0]["price"]) for one in listed] == [("Lamp", 9500), ("USB cable", 5000)]


async def test_wrong_rows_are_left_out_and_told(njeri: Till) -> None:
    await njeri.sell("Torch", price=1, sku="TRC", barcode="96385074", external_ref="r1")
    report = await take_in(njeri, "\n".join([
        "Name,SKU,Barcode,Price,Tax class,Kind,Tracking,Group,Choices,External ref",
        "Good,G1,,100,,,,,,",
        ",N1,,100,,,,,,",
        "No price,P0,,,,,,,,",
        "Cents,P1,,10.50,,,,,,",
        "Digit,P2,6001087340013,1,,,,,,",
        "Twice,G1,,1,,,,,,",
        "Taken,P3,96385074,1,,,,,,",
        "Tax,P4,,1,Luxury,,,,,",
        "Washing,P5,,1,,service,serial,,,",
        "Deep,P6,,1,,,,a > b > c > d > e > f,,",
        "Shape,P7,,1,,,,,size,",
        "Torch,TRC,,1,,service,,,,",
        "Good,G1b,,100,,,,,,r1x",
        "Good,G1,,100,,,,,,r1",
    ]))  # fmt: skip
    assert (report["created"], report["failed"]) == (2, 12)
    assert {row["row"]: list(row["problems"]) for row in report["failed_rows"]} == {
        3: ["name"], 4: ["price"], 5: ["price"], 6: ["barcode"], 7: ["sku"], 8: ["barcode"], 9: ["tax_class"],
        10: ["tracking"], 11: ["group"], 12: ["choices"], 13: ["kind"], 15: ["sku"],
    }  # fmt: skip
    assert report["failed_rows"][4]["problems"] == {"sku": ["Row 2 has the same. Each row needs its own."]}
    assert await njeri.names("/api/products") == ["Good", "Good", "Torch"]


async def test_rows_without_codes_are_told_by_their_name(njeri: Till) -> None:
    await take_in(njeri, "Name,Price\nCable,1\nLamp,2\nCable,3\n")
    again = await take_in(njeri, "Name,Price\nCable,1\nLamp,5\n")
    assert (again["unchanged"], again["updated"], again["created"]) == (1, 1, 0)
    await njeri.sell("Cable", price=9)
    unclear = await take_in(njeri, "Name,Price\nCable,1\n")
    assert list(unclear["failed_rows"][0]["problems"]) == ["name"]


async def test_rows_of_one_name_are_variants_by_their_choices(njeri: Till) -> None:
    sheet = "Name,Choices,Price\nShirt,size: S; colour: red,1\nShirt,size: M; colour: red,2\n"
    await take_in(njeri, sheet)
    more = await take_in(njeri, sheet + "Shirt,size: L; colour: red,3\n")
    assert (more["unchanged"], more["created"]) == (2, 1)
    (shirt,) = await njeri.ask("GET", "/api/products")
    assert isinstance(shirt, dict)
    assert [(one["name"], one["price"]) for one in shirt["variants"]] == [
        ("Shirt (S, red)", 1), ("Shirt (M, red)", 2), ("Shirt (L, red)", 3),
    ]  # fmt: skip
    assert shirt["attributes"] == {"size": ["S", "M", "L"], "colour": ["red"]}


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_what_is_given_out_is_taken_in_the_same(
    client: httpx2.AsyncClient, house: House, njeri: Till, file_format: str
) -> None:
    phones = await njeri.make("Phones")
    group = await njeri.make("Cables", parent_id=phones["id"])
    await njeri.sell("=Cable, \"long\" one", price=5000, cost=3000, sku="'007", barcode="0036000291452", hsn="8544",
                     group_id=group["id"], unit="m", brand="Añker", min_stock=0.125, reorder_level=3,
                     reorder_quantity=10, warranty_months=12, external_ref="17", picture="https://x.test/a.png",
                     description="Long,\nand \"strong\"")
    await njeri.sell("Shirt", price=1, generate=True, attributes={"si;ze": ["S: small", "M"], "colour": ["red"]})
    await njeri.sell("Repair", price=10**12, kind="service", tax_included=False)
    old = await njeri.sell("Old", price=0, tracking="serial")
    await njeri.ask("PUT", f"/api/products/{old['id']}", json={"active": False, "version": 1})
    first = await give_out(njeri, file_format)
    neighbour = Till(client, (await world.open_a_shop(house)).owner)
    report = await take_in(neighbour, first, name=f"products.{file_format}")
    assert (report["created"], report["failed_rows"], report["unused"]) == (5, [], [])
    assert await give_out(neighbour, file_format) == first
    again = await take_in(njeri, first)
    assert (again["unchanged"], again["failed_rows"]) == (5, [])


async def test_the_file_shows_costs_to_those_who_may_see_them(
    client: httpx2.AsyncClient, shop: Shop, njeri: Till
) -> None:
    await njeri.sell("Cable", price=5000, cost=3111, sku="A")
    await njeri.sell("Lamp", price=5000, cost=3111, sku="B")
    assert b"3111" in await give_out(njeri)
    found = await client.get("/api/products?format=csv&q=lamp", headers=njeri.headers)
    assert (b"Lamp" in found.content, b"Cable" in found.content) == (True, False)
    otieno = Till(client, await world.hire(shop, "staff"))
    assert (await otieno.ask("GET", "/api/products?format=csv", 403))["code"] == "FORBIDDEN"


async def test_columns_are_found_or_named(njeri: Till) -> None:
    sheet = "Bidhaa,Bei,Item Code,Junk\nKebo,500,K1,x\n"
    lost = await take_in(njeri, sheet)
    assert (lost["failed"], lost["unused"]) == (1, ["Bidhaa", "Bei", "Junk"])
    named = await take_in(njeri, sheet, columns=json.dumps({"name": "Bidhaa", "price": "Bei"}))
    assert (named["created"], named["columns"]) == (1, {"name": "Bidhaa", "price": "Bei", "sku": "Item Code"})
    unknown = await take_in(njeri, sheet, 400, columns=json.dumps({"name": "Jina"}))
    assert unknown["code"] == "COLUMN_UNKNOWN"
    assert (await take_in(njeri, sheet, 400, preset="sap"))["code"] == "PRESET_UNKNOWN"
    assert "junk" in (await take_in(njeri, sheet, 400, junk="1"))["details"]
    assert (await take_in(njeri, b"%PDF-1.4", 400))["code"] == "SHEET_UNREADABLE"


async def test_a_loyverse_export_is_understood(njeri: Till) -> None:
    report = await take_in(njeri, "\n".join([
        ("Handle,SKU,Name,Category,Option 1 name,Option 1 value,Option 2 name,Option 2 value,Cost,Barcode,"
         "Track stock,Available for sale [Duka],Price [Duka],In stock [Duka],Low stock [Duka]"),
        "tea,10000,Tea,Drinks,,,,,800,,Y,Y,1500,4,3",
        "shirt,10001,Shirt,Clothes,Size,S,Colour,Red,5000,,Y,Y,9000,4,",
        "shirt,10002,,,,M,,Red,5000,,Y,Y,9500,4,",
        "repair,10003,Repair,,,,,,0,,N,N,2000,,",
    ]), preset="loyverse")  # fmt: skip
    assert (report["created"], report["failed_rows"]) == (4, [])
    listed: Any = await njeri.ask("GET", "/api/products")
    repair, shirt, tea = listed
    assert (tea["min_stock"], tea["tracking"], tea["variants"][0]["cost"]) == (3, "quantity", 800)
    assert [one["choices"] for one in shirt["variants"]] == [
        {"Size": "S", "Colour": "Red"}, {"Size": "M", "Colour": "Red"},
    ]  # fmt: skip
    assert (repair["tracking"], repair["active"]) == ("none", False)


async def test_a_square_export_is_understood(njeri: Till) -> None:
    report = await take_in(njeri, "\n".join([
        "Token,Item Name,Variation Name,SKU,Description,Category,Price,GTIN,Default Unit Cost",
        "A1,Coffee,Small,CF-S,Hot,Drinks,3000,,1000", "A2,Coffee,Large,CF-L,Hot,Drinks,4000,,1500",
        "A3,Cake,Regular,CK,,Food,5000,96385074,",
    ]), preset="square")  # fmt: skip
    assert (report["created"], report["failed_rows"]) == (3, [])
    listed: Any = await njeri.ask("GET", "/api/products")
    cake, coffee = listed
    assert [one["choices"] for one in coffee["variants"]] == [{"variation": "Small"}, {"variation": "Large"}]
    assert (cake["variants"][0]["choices"], cake["variants"][0]["barcode"]) == ({}, "96385074")


async def test_an_odoo_export_is_understood(njeri: Till) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet()
    for number, row in enumerate([
        ["External ID", "Name", "Internal Reference", "Barcode", "Sales Price", "Cost", "Product Category",
         "Unit of Measure", "Product Type"],
        ["prod_1", "Desk", "FURN-1", 6001087340014, 450000, 300000, "All / Office", "Units", "Storable Product"],
        ["prod_2", "Assembly", "", "", 20000, "", "All", "Hours", "Service"],
    ]):  # fmt: skip
        page.write_row(number, 0, row)
    book.close()
    report = await take_in(njeri, file.getvalue(), name="odoo.xlsx", preset="odoo")
    assert (report["created"], report["failed_rows"]) == (2, [])
    listed: Any = await njeri.ask("GET", "/api/products")
    assembly, desk = listed
    assert (desk["unit"], desk["external_ref"], desk["variants"][0]["barcode"]) == ("piece", "prod_1", "6001087340014")
    assert (assembly["kind"], assembly["tracking"]) == ("service", "none")
    assert set(await njeri.names("/api/groups")) == {"General", "All", "Office"}


async def test_a_vyapar_export_is_understood(client: httpx2.AsyncClient, house: House) -> None:
    mumbai = await world.open_a_shop(house, country="IN", currency="INR", time_zone="Asia/Kolkata", state_code="27")
    asha = Till(client, mumbai.owner)
    report = await take_in(asha, "\n".join([
        ("Item name*,Item code,HSN,Sale price,Purchase price,Minimum stock quantity,Tax Rate,Inclusive Of Tax,"
         "Base Unit (x)"),
        "Charger,CH-1,8504,\"1,18,000.50\",90000,2,GST@18%,Inclusive,PIECES (Pcs)",
        "Cable,CB-1,8544,200,100,,IGST@5%,Exclusive,METERS (Mtr)", "Gold,G-1,,1,1,,3%,Exclusive,",
    ]), preset="vyapar")  # fmt: skip
    assert (report["created"], [row["row"] for row in report["failed_rows"]]) == (2, [4])
    assert list(report["failed_rows"][0]["problems"]) == ["tax_rate"]
    listed: Any = await asha.ask("GET", "/api/products")
    cable, charger = listed
    assert (charger["variants"][0]["price"], charger["variants"][0]["tax_included"]) == (11800050, True)
    assert (charger["tax_class"]["name"], charger["unit"], charger["hsn"]) == ("GST 18 %", "piece", "8504")
    assert (cable["tax_class"]["name"], cable["unit"]) == ("GST 5 %", "metre")
    assert cable["variants"][0]["tax_included"] is False


@pytest.mark.parametrize(
    ("titles", "preset"),
    [
        ("Handle,SKU,Name,Category,Sold by weight,Option 1 name,Option 1 value,Cost,Price [Duka],In stock [Duka]",
         "loyverse"),
        ("Handle,SKU,Name,Category,Cost,Barcode,Track stock,Price", "loyverse"),
        ("Token,Item Name,Variation Name,SKU,Description,Category,Price", "square"),
        ("Reference Handle,Item Name,Variation Name,SKU,GTIN,Price", "square"),
        ("External ID,Name,Internal Reference,Sales Price,Cost", "odoo"),
        ("id,name,default_code,list_price,standard_price", "odoo"),
        ("Item name*,Item code,HSN,Sale price,Purchase price,Tax Rate,Inclusive Of Tax", "vyapar"),
        ("Name,SKU,Barcode,Price,Handle", None),
        ("Item name,Item code,Sale price", None),
    ],
)  # fmt: skip
async def test_an_export_is_recognised_by_its_titles(njeri: Till, titles: str, preset: str | None) -> None:
    row = "," * titles.count(",")
    assert (await take_in(njeri, f"{titles}\n{row}x\n", dry_run="true"))["preset"] == preset
    told_not_to = await take_in(njeri, f"{titles}\n{row}x\n", dry_run="true", preset="none")
    assert told_not_to["preset"] == "none"


async def test_a_recognised_export_is_read_as_its_system_writes_it(njeri: Till) -> None:
    sheet = "Token,Item Name,Variation Name,SKU,Price,GTIN\nA1,Coffee,Small,CF-S,3000,\nA2,Coffee,Large,CF-L,4000,\n"
    report = await take_in(njeri, sheet)
    assert (report["preset"], report["created"], report["failed_rows"]) == ("square", 2, [])
    listed: Any = await njeri.ask("GET", "/api/products")
    (coffee,) = listed
    assert [one["choices"] for one in coffee["variants"]] == [{"variation": "Small"}, {"variation": "Large"}]
    columns = json.dumps({"group": "Variation Name"})
    own = await take_in(njeri, sheet.replace("CF-", "CG-"), preset="none", columns=columns)
    assert (own["preset"], own["columns"]["group"]) == ("none", "Variation Name")


async def test_an_import_is_undone(njeri: Till, shop: Shop) -> None:
    await njeri.sell("Torch", price=100, cost=50, sku="TRC", brand="Old")
    await njeri.sell("Shirt", variants=[{"choices": {"size": "S"}, "price": 1}, {"choices": {"size": "M"}, "price": 1}])
    before = await give_out(njeri)
    report = await take_in(njeri, "Name,Choices,SKU,Price,Cost,Brand,Group\nTorch,,TRC,150,70,New,Lights\n"
                                  "Shirt,size: L,,3,,,\nCable,,CBL,1,,,Lights\n")
    assert (report["created"], report["updated"], report["failed_rows"]) == (2, 1, [])
    undone = await njeri.ask("POST", f"/api/products/import/{report['id']}/undo")
    assert (undone["state"], undone["undone"], undone["kept"]) == ("undone", 4, 0)
    assert await give_out(njeri) == before
    assert await njeri.names("/api/groups") == ["General"]
    again = await njeri.ask("POST", f"/api/products/import/{report['id']}/undo", 400)
    assert again["code"] == "IMPORT_UNDONE"


async def test_what_was_touched_or_sold_since_stays(njeri: Till, shop: Shop) -> None:
    report = await take_in(njeri, "Name,SKU,Price,Group\nTouched,A,1,Lights\nSold,B,1,\nFresh,C,1,Lights\n")
    one: Any = await njeri.ask("GET", "/api/products?q=touched")
    two: Any = await njeri.ask("GET", "/api/products?q=sold")
    await njeri.ask("PUT", f"/api/products/{one[0]['id']}", json={"price": 2, "version": 1})
    async with shop.as_() as ctx:
        ctx.db.add(Balance(shop_id=ctx.shop_id, variant_id=two[0]["variants"][0]["id"], location_id=shop.showroom_id,
                           quantity_milli=0))
    undone = await njeri.ask("POST", f"/api/products/import/{report['id']}/undo")
    assert (undone["undone"], undone["kept"]) == (2, 2), "the group holds what was touched"
    listed: Any = await njeri.ask("GET", "/api/products")
    assert [(each["name"], each["active"]) for each in listed] == [("Sold", False), ("Touched", True)]


async def test_codes_that_others_have_by_now_do_not_come_back(njeri: Till) -> None:
    await njeri.sell("Torch", price=1, sku="OLD", external_ref="r")
    report = await take_in(njeri, "SKU,External ref\nNEW,r\n")
    await njeri.sell("Other", price=1, sku="OLD")
    undone = await njeri.ask("POST", f"/api/products/import/{report['id']}/undo")
    assert (undone["undone"], undone["kept"]) == (0, 1)


async def test_who_may_not_import_is_refused(client: httpx2.AsyncClient, shop: Shop, house: House, njeri: Till) -> None:
    report = await take_in(njeri, TWO)
    path = f"/api/products/import/{report['id']}"
    otieno = Till(client, await world.hire(shop, "supervisor"))
    for refused in (
        await take_in(otieno, TWO, 403),
        await otieno.ask("GET", path, 403),
        await otieno.ask("POST", f"{path}/undo", 403),
    ):
        assert refused["code"] == "FORBIDDEN"
    stores = Till(client, await world.hire(shop, "inventory_manager"))
    await take_in(stores, TWO)
    neighbour = Till(client, (await world.open_a_shop(house)).owner)
    for unknown in (path, f"/api/products/import/{new_id()}"):
        assert (await neighbour.ask("GET", unknown, 404))["details"] == {"what": "import"}
        assert (await neighbour.ask("POST", f"{unknown}/undo", 404))["details"] == {"what": "import"}


@pytest.fixture
def background(app: FastAPI) -> None:
    """The app does the jobs of imports."""
    house: House = app.state.house
    if "import_products" not in house.queue._tasks:
        jobs.register(house)


async def _until(till: Till, path: str, state: str) -> dict[str, Any]:
    seen: list[int] = []
    while True:
        run = await till.ask("GET", path)
        seen.append(run["rows_done"])
        if run["state"] == state:
            assert seen == sorted(seen)
            return run
        await asyncio.sleep(0.05)


@pytest.mark.slow
@pytest.mark.usefixtures("background")
async def test_a_large_sheet_is_taken_in_and_undone_by_a_job(njeri: Till, shop: Shop) -> None:
    sheet = HEAD + "".join(f"Item {n},S{n},,Group {n % 7},{n},{n}\n" for n in range(2_100)) + "Bad,S0,,,1,\n"
    started = await take_in(njeri, sheet, 202)
    path = f"/api/products/import/{started['id']}"
    assert (started["state"], started["rows"], started["rows_done"]) == ("running", 2_101, 0)
    assert (await njeri.ask("POST", f"{path}/undo", 400))["code"] == "IMPORT_NOT_FINISHED"
    done = await _until(njeri, path, "done")
    assert (done["created"], done["failed"], done["rows_done"]) == (2_100, 1, 2_101)
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(func.count()).select_from(Variant))).one() == 2_100
        assert (await ctx.db.scalars(select(ImportRun.file))).one() is None
        entry = (await ctx.db.scalars(select(AuditEntry).where(AuditEntry.entity == "product").limit(1))).one()
        assert entry.staff_id == shop.owner.staff_id
    await njeri.ask("POST", f"{path}/undo", 202)
    undone = await _until(njeri, path, "undone")
    assert (undone["undone"], undone["kept"]) == (2_107, 0)
    assert await njeri.names("/api/products") == []


@pytest.mark.slow
@pytest.mark.usefixtures("background")
async def test_of_fifty_thousand_rows_five_hundred_are_wrong_and_told_and_all_is_undone(
    njeri: Till, shop: Shop
) -> None:
    wrong = {
        0: lambda n: f",S{n},,Group,{n},1", 1: lambda n: f"Item {n},S{n},,Group,cheap,1",
        2: lambda n: f"Item {n},S{n},6001087340015,Group,{n},1", 3: lambda n: f"Item {n},S{n - 1},,Group,{n},1",
        4: lambda n: f"Item {n},S{n},,Group,{n},-5",
    }  # fmt: skip
    rows = [
        wrong[n // 100 % 5](n) if n % 100 == 50 else f"Item {n},S{n},,Group {n % 40},{n + 1},{n}" for n in range(50_000)
    ]
    started = await take_in(njeri, HEAD + "\n".join(rows), 202)
    path = f"/api/products/import/{started['id']}"
    done = await _until(njeri, path, "done")
    assert [row["row"] - 2 for row in done["failed_rows"]] == list(range(50, 50_000, 100))
    assert {tuple(row["problems"]) for row in done["failed_rows"]} == {
        ("name",), ("price",), ("barcode",), ("sku",), ("cost",)
    }  # fmt: skip
    assert (done["created"], done["failed"]) == (49_500, 500)
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(func.count()).select_from(Variant))).one() == 49_500
    await njeri.ask("POST", f"{path}/undo", 202)
    undone = await _until(njeri, path, "undone")
    assert undone["kept"] == 0
    assert await njeri.names("/api/products") == []


@pytest.mark.slow
@pytest.mark.usefixtures("background")
async def test_a_large_sheet_may_be_tried_first(njeri: Till, shop: Shop) -> None:
    sheet = HEAD + "".join(f"Item {n},S{n},,,{n},{n}\n" for n in range(2_001))
    started = await take_in(njeri, sheet, 202, dry_run="true")
    done = await _until(njeri, f"/api/products/import/{started['id']}", "done")
    assert (done["created"], done["dry_run"]) == (2_001, True)
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(func.count()).select_from(Product))).one() == 0
