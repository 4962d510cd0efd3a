"""The books: they balance by construction, and reading them needs no accountant."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.ledger.actions import Entry
from duka.ledger.models import LedgerAccount, Posting
from duka.platform import events
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent
from duka.platform.writes import Writes
from tests import world
from tests.world import Shop, open_a_shop

pytestmark = pytest.mark.breaks_invariants(
    "documents are made up", "booked_documents", "documents_audited", "stock_account"
)

Client = httpx2.AsyncClient
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


async def post(shop: Shop, day: date, *entries: Entry) -> UUID:
    """A document with its postings."""
    document_id = new_id()
    async with shop.as_() as ctx:
        writes = Writes(ctx)
        writes.first(OutboxEvent, events.entry(ctx, "test.posted", document_id) | {"id": document_id})
        ledger.post(writes, entries, source="test", source_id=document_id, business_date=day)
        assert (await writes.send()).written
    return document_id


async def get(client: Client, shop: Shop, url: str) -> list[dict[str, Any]]:
    answer = await client.get(url, headers=shop.owner.headers)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def test_an_amount_of_nothing_is_not_posted_and_a_negative_one_turns_round(shop: Shop) -> None:
    document_id = await post(
        shop, MONDAY, Entry(chart.CASH, chart.SALES, 500), Entry(chart.CASH, chart.SALES, 0),
        Entry(chart.CASH, chart.SALES, -200),
    )  # fmt: skip
    async with shop.asking() as ctx:
        found = select(Posting).where(Posting.source_id == document_id).order_by(Posting.id)
        rows = (await ctx.db.scalars(found)).all()
    assert [(row.debit, row.credit, row.amount_minor) for row in rows] == [("1000", "4000", 500), ("4000", "1000", 200)]
    assert {(row.business_date, row.posted_on, row.source) for row in rows} == {(MONDAY, MONDAY, "test")}


async def test_a_posting_may_hang_on_another_part_of_the_statement(shop: Shop) -> None:
    async with shop.as_() as ctx:
        document_id = new_id()
        writes = Writes(ctx)
        writes.first(OutboxEvent, events.entry(ctx, "test.posted", document_id) | {"id": document_id})
        writes.step("none", "SELECT 1 AS one FROM first WHERE false")
        writes.step("one", "SELECT 1 AS one FROM first")
        for part, amount in (("none", 111), ("one", 222)):
            entry = Entry(chart.CASH, chart.SALES, amount)
            ledger.post(writes, [entry], source="test", source_id=document_id, business_date=MONDAY, if_any=part)
        await writes.send()
        amounts = await ctx.db.scalars(select(Posting.amount_minor).where(Posting.source_id == document_id))
        assert list(amounts) == [222]


@pytest.mark.parametrize(
    "entry", [Entry("1000", "9999", 5), Entry("9999", "1000", 5), Entry("1000", "1000", 5)], ids=str
)
async def test_an_entry_that_makes_no_sense_cannot_be_written(shop: Shop, entry: Entry) -> None:
    with pytest.raises(Exception, match="violates"):
        await post(shop, MONDAY, entry)
    async with shop.asking() as ctx:
        assert await ctx.db.scalar(select(func.count()).select_from(Posting)) == 0


async def test_a_posting_is_never_changed(shop: Shop) -> None:
    await post(shop, MONDAY, Entry(chart.CASH, chart.SALES, 500))
    async with shop.as_() as ctx:
        row = (await ctx.db.scalars(select(Posting))).one()
        row.amount_minor = 5
        with pytest.raises(DBAPIError, match="permission denied"):
            await ctx.db.flush()
        await ctx.db.rollback()


async def test_the_trial_balance_shows_the_whole_chart_and_sums_to_nothing(shop: Shop, client: Client) -> None:
    await post(shop, MONDAY, Entry(chart.CASH, chart.RECEIVABLE, 900), Entry(chart.RECEIVABLE, chart.SALES, 1_000))
    await post(shop, TUESDAY, Entry(chart.DRAWER_OTHER, chart.CASH, 150))
    rows = await get(client, shop, "/api/ledger-accounts")
    assert [row["code"] for row in rows] == sorted(code for code, _, _ in chart.ACCOUNTS)
    assert sum(row["balance"] for row in rows) == 0
    assert sum(row["debit"] for row in rows) == sum(row["credit"] for row in rows) == 2_050
    used = [row for row in rows if row["debit"] or row["credit"]]
    booked = {row["code"]: (row["debit"], row["credit"], row["balance"]) for row in used}
    assert booked == {
        "1000": (900, 150, 750), "1100": (1_000, 900, 100), "4000": (0, 1_000, -1_000), "5910": (150, 0, 150),
    }  # fmt: skip
    assert (rows[0]["name"], rows[0]["kind"], rows[0]["active"]) == ("Cash in drawers", "asset", True)
    tuesday = await get(client, shop, "/api/ledger-accounts?from=2026-11-17&to=2026-11-17")
    assert {row["code"]: row["balance"] for row in tuesday if row["balance"]} == {"1000": -150, "5910": 150}
    assert not any(row["debit"] for row in await get(client, shop, "/api/ledger-accounts?to=2026-11-15"))


async def test_the_journal_is_found_by_account_document_and_day(shop: Shop, client: Client) -> None:
    sale = await post(
        shop, MONDAY, Entry(chart.RECEIVABLE, chart.SALES, 1_000), Entry(chart.CASH, chart.RECEIVABLE, 1_000)
    )
    await post(shop, TUESDAY, Entry(chart.DRAWER_OTHER, chart.CASH, 150))

    async def found(query: str) -> list[tuple[str, str, int]]:
        rows = await get(client, shop, f"/api/journal?{query}")
        return [(row["debit"], row["credit"], row["amount"]) for row in rows]

    everything = [("5910", "1000", 150), ("1000", "1100", 1_000), ("1100", "4000", 1_000)]
    assert await found("") == everything
    assert await found("account=1000") == everything[:2]
    assert await found("account=4000") == everything[2:]
    assert await found(f"source_id={sale}&source=test") == everything[1:]
    assert await found("source=sale") == []
    assert await found("from=2026-11-17") == everything[:1]
    assert await found("to=2026-11-16") == everything[1:]
    assert await found("sort=posted_on") == everything[:0:-1] + everything[:1]
    first = (await client.get("/api/journal?limit=2&total=true", headers=shop.owner.headers)).json()
    assert first["page"]["total"] == 3
    rest = await get(client, shop, f"/api/journal?limit=2&cursor={first['page']['next_cursor']}")
    assert [(row["debit_name"], row["credit_name"]) for row in rest] == [("Owed by customers", "Sales")]


async def test_the_books_are_read_and_taken_home_by_who_may(shop: Shop, client: Client) -> None:
    await post(shop, MONDAY, Entry(chart.CASH, chart.SALES, 500))
    accountant, supervisor = await world.hire(shop, "accountant"), await world.hire(shop, "supervisor")
    for url in ("/api/journal", "/api/ledger-accounts"):
        assert (await client.get(url, headers=accountant.headers)).status_code == 200
        assert (await client.get(url, headers=supervisor.headers)).status_code == 403
        for file_format in ("csv", "xlsx", "json"):
            file = await client.get(f"{url}?format={file_format}", headers=accountant.headers)
            assert file.status_code == 200
            assert f'.{file_format}"' in file.headers["content-disposition"]
        assert (await client.get(f"{url}?format=doc", headers=accountant.headers)).status_code == 400
    csv = (await client.get("/api/journal?format=csv", headers=accountant.headers)).text
    assert "2026-11-16,1000,Cash in drawers,4000,Sales,500,test" in csv


async def test_a_neighbours_books_are_not_in_ours(shop: Shop, house: House, client: Client) -> None:
    await post(shop, MONDAY, Entry(chart.CASH, chart.SALES, 500))
    neighbour = await open_a_shop(house)
    assert await get(client, neighbour, "/api/journal") == []
    assert not any(row["debit"] for row in await get(client, neighbour, "/api/ledger-accounts"))


async def test_a_shop_begins_with_every_account_that_its_documents_use(shop: Shop) -> None:
    used = {number for name, number in vars(chart).items() if name.isupper() and isinstance(number, str)}
    async with shop.asking() as ctx:
        assert set(await ctx.db.scalars(select(LedgerAccount.code))) == used


async def test_postings_are_found_by_account_document_and_id(shop: Shop, client: Client) -> None:
    sold = await post(shop, MONDAY, Entry(chart.CASH, chart.SALES, 500))
    lost = await post(shop, MONDAY, Entry(chart.STOCK_LOSS, chart.STOCK, 40))

    async def found(q: str) -> list[str]:
        return [row["source_id"] for row in await get(client, shop, f"/api/journal?q={q}")]

    assert await found("drawers") == await found(chart.SALES) == await found(str(sold)) == [str(sold)]
    assert await found("DIFFERENCES") == [str(lost)]
    assert await found("test") == [str(lost), str(sold)]
    assert await found("_") == []
