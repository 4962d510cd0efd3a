"""How the shop stands, as each of its people sees it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import update

from duka.dashboard import queries, rules
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.sales.models import DailyTotal, Sale
from tests.notifications.test_notifications import a_branch
from tests.world import Person, Shop, fresh_phone, hire, open_a_shop, stock_up


async def seen(client: httpx2.AsyncClient, person: Person, **query: Any) -> dict[str, Any]:
    answer = await client.get("/api/dashboard", headers=person.headers, params=query)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def sell(client: httpx2.AsyncClient, person: Person, variant: Any, quantity: int = 1, **more: Any) -> Any:
    body = {
        "lines": [{"variant_id": str(variant), "quantity": quantity}],
        "payments": [{"method": "cash", "amount": 1000 * quantity}], **more,
    }  # fmt: skip
    answer = await client.post("/api/sales", json=body, headers=person.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def test_the_owner_sees_today(client: httpx2.AsyncClient, shop: Shop) -> None:
    cable, case = [await stock_up(shop, name, cost_minor=400) for name in ("cable", "case")]
    await sell(client, shop.owner, cable)
    await sell(client, shop.owner, case, 3)
    board = await seen(client, shop.owner)
    today = board["sales"]["today"]
    assert (today["count"], today["total"], today["average"], today["profit"]) == (2, 4000, 2000, 2400)
    assert board["sales"]["methods"] == [{"method": "cash", "count": 2, "amount": 4000}]
    assert [(row["name"], row["quantity"], row["total"]) for row in board["sales"]["top_items"]] == [
        ("case", 3, 3000), ("cable", 1, 1000),
    ]  # fmt: skip
    assert [(row["count"], row["total"]) for row in board["sales"]["branches"]] == [(2, 4000)]
    assert board["owed"] == {"count": 0, "amount": 0, "overdue": 0}
    assert board["attention"] == {"exceptions": 0, "set_aside": 0, "reviews": 0}
    assert (board["month"]["count"], board["month"]["total"]) == (2, 4000)


async def test_days_stand_beside_those_before(client: httpx2.AsyncClient, shop: Shop) -> None:
    async with shop.as_() as ctx:
        today = ctx.today()
        for ago, total in ((1, 500), (7, 700), (13, 1300), (14, 1400)):
            ctx.db.add(DailyTotal(
                shop_id=shop.shop_id, branch_id=shop.branch_id, business_date=today - timedelta(days=ago), sales=1,
                discount_minor=0, net_minor=total, tax_minor=0, rounding_minor=0, total_minor=total, cost_minor=0,
                credit_notes=0, credited_minor=0,
            ))  # fmt: skip
        await ctx.db.flush()
        board = await queries.dashboard(ctx, None)
        await ctx.db.rollback()
    assert board.sales is not None
    assert (board.sales.yesterday.total, board.sales.last_week.total) == (500, 700)
    assert [day.total for day in board.sales.days] == [1300, 0, 0, 0, 0, 0, 700, 0, 0, 0, 0, 0, 500, 0]


async def test_what_is_owed_and_what_is_overdue(client: httpx2.AsyncClient, house: House) -> None:
    shop = await open_a_shop(house, payment_policy="on_account")
    cable = await stock_up(shop, "cable")
    buyer = {"id": str(new_id()), "name": "Amina", "phone": fresh_phone(), "credit_limit": 10_000}
    customer = (await client.post("/api/customers", json=buyer, headers=shop.owner.headers)).json()["data"]
    today = datetime.now(UTC).date()
    for due_on in (today - timedelta(days=3), today + timedelta(days=30)):
        sale = await sell(client, shop.owner, cable, customer_id=customer["id"], on_account=True,
                          payments=[{"method": "cash", "amount": 400}])  # fmt: skip
        async with shop.as_() as ctx:
            theirs = (Sale.shop_id == shop.shop_id) & (Sale.id == UUID(sale["id"]))
            await ctx.db.execute(update(Sale).where(theirs).values(due_on=due_on))
    assert (await seen(client, shop.owner))["owed"] == {"count": 2, "amount": 1200, "overdue": 600}


async def test_a_cashier_sees_their_own_day_only(client: httpx2.AsyncClient, shop: Shop) -> None:
    clerk, cable = await hire(shop, "staff", branch_id=shop.branch_id), await stock_up(shop, "cable")
    await sell(client, shop.owner, cable)
    await sell(client, clerk, cable, 2)
    opening = {"register_id": str(shop.register_id), "float": 500}
    opened = await client.post("/api/register-sessions", json=opening, headers=clerk.headers)
    assert opened.status_code == 201, opened.text
    board = await seen(client, clerk)
    assert (board["mine"]["count"], board["mine"]["total"], board["mine"]["held_carts"]) == (1, 2000, 0)
    assert board["mine"]["drawer"]["float"] == 500
    for part in ("sales", "month", "owed", "drawers", "stock"):
        assert board[part] is None, part
    assert board["attention"] == {"exceptions": None, "set_aside": None, "reviews": None}
    (drawer,) = (await seen(client, shop.owner))["drawers"]
    assert (drawer["opened_by"], drawer["opened_by_name"]) == (str(clerk.staff_id), "staff")


async def test_a_supervisor_sees_no_profit(client: httpx2.AsyncClient, shop: Shop) -> None:
    supervisor = await hire(shop, "supervisor")
    await sell(client, shop.owner, await stock_up(shop, "cable"))
    board = await seen(client, supervisor)
    assert board["sales"]["today"]["total"] == 1000
    assert {day["profit"] for day in board["sales"]["days"]} == {None}
    assert board["month"] is None


async def test_the_keeper_sees_the_shelves(client: httpx2.AsyncClient, shop: Shop) -> None:
    keeper = await hire(shop, "inventory_manager")
    await stock_up(shop, "plenty", quantity_milli=9000)
    await stock_up(shop, "little", quantity_milli=2000, min_stock_milli=3000)
    await stock_up(shop, "never here", quantity_milli=0)
    board = await seen(client, keeper)
    listed = await client.get("/api/products/low-stock?total=true", headers=keeper.headers)
    assert board["stock"]["low"] == listed.json()["page"]["total"] == 2
    assert board["stock"]["negative"] == 0
    assert [(row["name"], row["quantity"]) for row in board["stock"]["movements"]] == [("little", 2), ("plenty", 9)]
    assert (board["sales"], board["mine"]) == (None, None)


async def test_the_accountant_sees_the_month_with_its_tax(client: httpx2.AsyncClient, shop: Shop) -> None:
    accountant = await hire(shop, "accountant")
    cable = await stock_up(shop, "cable", price_minor=1180, tax_class="VAT 18 %", quantity_milli=9000)
    body = {"lines": [{"variant_id": str(cable), "quantity": 2}], "payments": [{"method": "cash", "amount": 2360}]}
    sale = (await client.post("/api/sales", json=body, headers=shop.owner.headers)).json()["data"]
    assert (await seen(client, accountant))["month"]["tax"] == 360
    note = {
        "id": str(new_id()), "reason": "came back", "register_id": str(shop.register_id),
        "lines": [{"sale_line_id": sale["lines"][0]["id"], "quantity": 1}],
    }  # fmt: skip
    path = f"/api/invoices/{sale['invoice']['id']}/credit-notes"
    credited = await client.post(path, json=note, headers=shop.owner.headers)
    assert credited.status_code == 201, credited.text
    board = await seen(client, accountant)
    assert (board["month"]["tax"], board["month"]["credited"], board["mine"]) == (180, 1180, None)


async def test_whoever_is_bound_to_a_branch_sees_that_branch(client: httpx2.AsyncClient, shop: Shop) -> None:
    town = await a_branch(shop, "Town")
    supervisor = await hire(shop, "supervisor", branch_id=town)
    await sell(client, shop.owner, await stock_up(shop, "cable"))
    board = await seen(client, supervisor)
    assert (board["sales"]["today"]["count"], board["branch_id"]) == (0, str(town))
    assert [row["name"] for row in board["sales"]["branches"]] == ["Town"]
    answer = await client.get(f"/api/dashboard?branch_id={shop.branch_id}", headers=supervisor.headers)
    assert answer.status_code == 404
    theirs = (await open_a_shop(shop.house)).branch_id
    for branch_id in (theirs, new_id()):
        answer = await client.get(f"/api/dashboard?branch_id={branch_id}", headers=shop.owner.headers)
        assert answer.status_code == 404, "a foreign branch is one that is not there"
    assert (await seen(client, shop.owner, branch_id=town))["sales"]["today"]["count"] == 0
    assert (await seen(client, shop.owner, branch_id=shop.branch_id))["sales"]["today"]["count"] == 1


async def test_another_shop_is_in_no_figure(client: httpx2.AsyncClient, shop: Shop) -> None:
    stranger = await open_a_shop(shop.house)
    await sell(client, shop.owner, await stock_up(shop, "cable"))
    board = await seen(client, stranger.owner)
    assert (board["sales"]["today"]["count"], board["sales"]["top_items"], board["stock"]["movements"]) == (0, [], [])


@pytest.mark.parametrize(("today", "first"), [
    (date(2026, 9, 30), date(2026, 9, 1)), (date(2026, 9, 3), date(2026, 8, 21)),
])  # fmt: skip
def test_no_more_days_are_read_than_are_shown(today: date, first: date) -> None:
    assert rules.first_needed(today) == first


def test_a_month_leaves_out_the_days_before_it() -> None:
    today = date(2026, 9, 3)
    row = {"sales": 1, "total_minor": 118, "net_minor": 100, "tax_minor": 18, "cost_minor": 60, "credited_minor": 59}
    sums = rules.month(today, {date(2026, 8, 31): row, today: row}, 9, margins=True)
    assert (sums["count"], sums["total"], sums["tax"], sums["profit"], sums["credited"]) == (1, 118, 9, 40, 59)
