"""A small past is sold again: to the penny, once, and whatever interrupts it."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from duka.installation import Installation
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.edge import House
from duka.platform.postgres import Urls
from duka.platform.settings import Settings
from duka.replay import report as reports
from duka.replay import shop as shops
from duka.replay import terminal
from duka.replay.report import Month
from duka.replay.shop import ShopStands
from duka.verify import runner
from tests.replay.past import FILES, NOW, fresh_slug, imported

_STANDS = """
SELECT 'sale' AS kind, external_ref AS ref, id, total_minor, business_date FROM sales WHERE shop_id = %(shop)s
UNION ALL SELECT kind, reason, id, total_minor, business_date FROM invoices
    WHERE shop_id = %(shop)s AND kind <> 'invoice'
UNION ALL SELECT 'write-off', note, id, 0, business_date FROM stock_adjustments WHERE shop_id = %(shop)s
UNION ALL SELECT 'receipt', number, id, goods_minor, business_date FROM goods_receipts WHERE shop_id = %(shop)s
UNION ALL SELECT 'bill', supplier_number, id, net_minor, business_date FROM supplier_bills WHERE shop_id = %(shop)s
UNION ALL SELECT 'payment', '', id, amount_minor, business_date FROM supplier_payments WHERE shop_id = %(shop)s
ORDER BY 1, 2, 3
"""


@asynccontextmanager
async def _inside(house: House, slug: str) -> AsyncIterator[Ctx]:
    shop = await shops.enter(house.database, slug, NOW, again=True)
    async with shop.at(NOW) as ctx:
        yield ctx


async def _stands(house: House, slug: str) -> list[dict[str, Any]]:
    async with _inside(house, slug) as ctx:
        return [row._mapping for row in await fetch(ctx, _STANDS, {})]


async def _ask(house: House, slug: str, sql: str) -> list[tuple[Any, ...]]:
    async with _inside(house, slug) as ctx:
        return [tuple(row) for row in await fetch(ctx, sql, {})]


def _figures(month: Month) -> dict[str, Any]:
    return {
        "sales": (month.sales, month.sales_minor), "returns": (month.returns, month.returns_minor),
        "loose": (month.loose, month.loose_minor), "write_offs": month.write_offs, "lines": month.refused_lines,
    }  # fmt: skip


async def test_every_line_is_taken_to_the_penny_or_reported(house: House) -> None:
    made = await imported(house, fresh_slug())
    assert made.equal
    december, january, nowhere = made.months
    assert december.files_minor == 7_340 - 2_675 - 115 - 2_750 - 410
    assert _figures(december) == {
        # 600001 38.30, 600002 25.50, 600003 9.60, 600004 nothing
        "sales": (4, 7_340), "returns": (2, 2_675), "loose": (3, 3_275), "write_offs": 2, "lines": 0,
    }  # fmt: skip
    assert _figures(january) == {
        "sales": (2, 2_100), "returns": (2, 1_940), "loose": (1, 255), "write_offs": 0, "lines": 10,
    }  # fmt: skip
    assert nowhere.name == reports.NO_MONTH
    assert nowhere.refused_lines == 2


@pytest.mark.slow
async def test_the_report_names_each_line_it_could_not_take(house: House) -> None:
    made = await imported(house, fresh_slug())
    written = reports.text(made)
    assert "past-2.csv row 5 (600021 22002, 0.10): the price is finer than a penny" in written
    told = reports.as_json(made)
    assert told["equal"] is True
    assert {each["row"] for each in told["not_taken"]} == {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
    assert {each["file"] for each in told["not_taken"]} == {"past-2.csv"}
    january = told["months"][1]
    assert january["sales"] == {"count": 2, "total": "21.00"}
    assert january["shop"] == "-0.95"


@pytest.mark.slow
async def test_documents_stand_at_their_own_dates_and_in_their_own_year(house: House) -> None:
    slug = fresh_slug()
    await imported(house, slug)
    sales = {row["ref"]: row for row in await _stands(house, slug) if row["kind"] == "sale"}
    assert sales["600001"]["business_date"] == date(2010, 12, 1)
    numbers = await _ask(house, slug, """
        SELECT s.external_ref, i.number FROM sales s JOIN invoices i ON i.shop_id = s.shop_id AND i.sale_id = s.id
        WHERE s.shop_id = %(shop)s AND i.kind = 'invoice' ORDER BY i.counter""")  # fmt: skip
    assert numbers[0] == ("600001", "S1/1011/000001")
    assert [ref for ref, _ in numbers] == sorted(ref for ref, _ in numbers)


@pytest.mark.slow
async def test_goods_customers_and_stock_are_the_pasts(house: House) -> None:
    slug = fresh_slug()
    await imported(house, slug)
    stock = dict(await _ask(house, slug, """
        SELECT v.sku, b.quantity_milli / 1000 FROM stock_balances b JOIN variants v ON v.shop_id = b.shop_id
        AND v.id = b.variant_id WHERE b.shop_id = %(shop)s"""))  # fmt: skip
    # 18 sold, 5 broken, 17 came back; of the small ones 4 sold and 2 back; what was missing had been bought. Postage is
    # no goods.
    assert stock["85123A"] == 23 - 6
    assert stock["85123a"] == 4 - 2
    assert "POST" not in stock
    customers = await _ask(house, slug, "SELECT external_ref, name, phone FROM customers WHERE shop_id = %(shop)s")
    assert sorted(customers) == [
        ("13000", "Customer 13000", None), ("14527", "Customer 14527", None), ("17850", "Customer 17850", None),
    ]  # fmt: skip
    went_below = await _ask(house, slug, """
        SELECT sum(quantity_milli) OVER (PARTITION BY variant_id ORDER BY id) FROM stock_movements
        WHERE shop_id = %(shop)s""")  # fmt: skip
    assert min(standing for (standing,) in went_below) >= 0
    owed = await _ask(house, slug, "SELECT owed_minor FROM suppliers WHERE shop_id = %(shop)s")
    assert owed == [(0,)]
    reasons = dict(await _ask(house, slug, "SELECT note, reason FROM stock_adjustments WHERE shop_id = %(shop)s"))
    assert reasons == {"600005 damages": "damage", "600006": "loss"}


@pytest.mark.slow
async def test_the_books_of_an_imported_shop_are_right(house: House, urls: Urls) -> None:
    slug = fresh_slug()
    await imported(house, slug)
    with runner.connect(urls.app) as connection:
        (shop_id,) = runner.shops_called(connection, slug)
        assert runner.breaches_of(runner.verify_shop(connection, shop_id, house.signer)) == []


@pytest.mark.slow
async def test_a_shop_that_stands_is_entered_only_when_asked(house: House) -> None:
    slug = fresh_slug()
    await imported(house, slug)
    with pytest.raises(ShopStands):
        await imported(house, slug)


async def test_importing_again_changes_nothing(house: House) -> None:
    slug = fresh_slug()
    first = await imported(house, slug)
    before = await _stands(house, slug)
    second = await imported(house, slug, again=True)
    assert await _stands(house, slug) == before
    assert reports.as_json(second) == reports.as_json(first)


@pytest.mark.slow
async def test_an_import_goes_on_where_it_was_interrupted(house: House) -> None:
    def stop_at_eight(done: int, _of: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    whole, broken = fresh_slug(), fresh_slug()
    first = await imported(house, whole)
    with pytest.raises(KeyboardInterrupt):
        await imported(house, broken, progress=stop_at_eight)
    second = await imported(house, broken, again=True)
    assert await _stands(house, broken) == await _stands(house, whole)
    assert reports.as_json(second) == reports.as_json(first)


@pytest.mark.slow
async def test_the_next_month_is_imported_with_those_before_it(house: House) -> None:
    at_once, by_month = fresh_slug(), fresh_slug()
    first = await imported(house, at_once)
    await imported(house, by_month, FILES[:1])
    second = await imported(house, by_month, FILES, again=True)
    assert await _stands(house, by_month) == await _stands(house, at_once)
    assert reports.as_json(second) == reports.as_json(first)


@pytest.mark.slow
async def test_a_document_that_was_changed_since_is_reported(house: House, tmp_path: Path) -> None:
    slug = fresh_slug()
    await imported(house, slug)
    changed = tmp_path / "past-1.csv"
    changed.write_text(FILES[0].read_text().replace("600001,85123A,RED LANTERN,6", "600001,85123A,RED LANTERN,7"))
    made = await imported(house, slug, (changed, FILES[1]), again=True)
    assert not made.equal
    assert {each.line.ref for each in made.refused if each.line.file == "past-1.csv"} == {"600001"}


@pytest.mark.slow
async def test_what_the_shop_refuses_is_reported_and_its_returns_too(house: House) -> None:
    slug = fresh_slug()
    await imported(house, slug, FILES[:1])
    async with _inside(house, slug) as ctx:
        await ctx.db.execute(
            text("UPDATE variants SET active = false WHERE shop_id = :shop AND sku = '22002'"), {"shop": ctx.shop_id}
        )
    made = await imported(house, slug, again=True)
    refused = [(each.line.ref, each.line.row, each.why) for each in made.refused]
    assert ("600021", 4, 'MUG "TEA, 1 PINT" is not on sale.') in refused
    assert ("C600029", 18, "The sale it belongs to was not taken.") in refused
    assert made.equal


@pytest.mark.slow
def test_the_command_prints_the_report_and_tells_by_its_exit_code(
    options: Settings, urls: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Installation(options, urls, "secret")
    report, slug = tmp_path / "report.json", fresh_slug()
    assert terminal.import_files(found, FILES, again=False, report_to=report, slug=slug) == 0
    told = capsys.readouterr()
    assert "Its owner logs in as" in told.out
    assert "2010-12" in told.out
    assert "documents" in told.err
    assert '"equal": true' in report.read_text()
    assert terminal.import_files(found, FILES, again=False, report_to=None, slug=slug) == 1
    assert "--again" in capsys.readouterr().err


_REAL = os.environ.get("DUKA_REAL_DATA")
_MONTHS = ("2010-12", "2011-01", "2011-02", "2011-03")


@pytest.mark.skipif(_REAL is None, reason="DUKA_REAL_DATA names no folder with the Online Retail months")
@pytest.mark.parametrize("months", [
    pytest.param(_MONTHS[:1], id="first month", marks=pytest.mark.slow),
    pytest.param(_MONTHS, id="all months", marks=pytest.mark.release),
])  # fmt: skip
async def test_real_months_are_equal_to_the_penny(house: House, urls: Urls, months: Sequence[str]) -> None:
    slug = fresh_slug()
    made = await imported(house, slug, [Path(_REAL or "") / f"{month}.csv.gz" for month in months])
    assert made.equal
    assert not made.refused
    totals = {"2010-12": 74_895_702, "2011-01": 56_000_026, "2011-02": 49_806_265, "2011-03": 68_326_708}
    assert {month.name: month.shop_minor for month in made.months} == {month: totals[month] for month in months}
    with runner.connect(urls.app) as connection:
        (shop_id,) = runner.shops_called(connection, slug)
        assert runner.breaches_of(runner.verify_shop(connection, shop_id, house.signer)) == []
