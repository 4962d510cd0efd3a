"""Money toward documents: how it is counted, and who sees which of it."""

from datetime import date

import httpx2
import pytest

from duka.ledger.chart import TENDER
from duka.payments.models import METHODS
from duka.payments.rules import Overpaid, Tender, business_date, count, expected_minor
from duka.platform.edge import House
from duka.platform.errors import ValidationError
from duka.platform.ids import new_id
from tests import world
from tests.payments.test_drawers import opened
from tests.payments.tills import TODAY, take
from tests.world import Person, Shop, open_a_shop

pytestmark = pytest.mark.breaks_invariants(
    "money comes with made-up documents", "payment_documents", "booked_documents", "documents_audited"
)

Client = httpx2.AsyncClient


@pytest.mark.parametrize(
    ("tenders", "due", "counted"),
    [
        ([("cash", 5_000)], 5_000, [5_000]),
        ([("cash", 6_000)], 5_000, [5_000]),
        ([("cash", 3_000)], 5_000, [3_000]),
        ([("cash", 3_000), ("card", 4_000)], 5_000, [1_000, 4_000]),
        ([("cash", 3_000), ("cash", 3_000)], 5_000, [3_000, 2_000]),
        ([("card", 2_000), ("mtn_momo", 3_000)], 5_000, [2_000, 3_000]),
        ([], 5_000, []),
        ([], 0, []),
    ],
)
def test_only_cash_gives_change_and_counts_last(
    tenders: list[tuple[str, int]], due: int, counted: list[int]
) -> None:
    assert count([Tender(*each) for each in tenders], due) == counted


@pytest.mark.parametrize(
    ("tenders", "due", "paid"),
    [
        ([("card", 5_001)], 5_000, 5_001),
        ([("card", 3_000), ("mtn_momo", 3_000)], 5_000, 6_000),
        ([("card", 5_000), ("cash", 1)], 5_000, 5_001),
        ([("cash", 5_000), ("cash", 1)], 5_000, 5_001),
        ([("cash", 1)], 0, 1),
    ],
)
def test_more_than_is_due_is_refused_where_there_is_no_change(
    tenders: list[tuple[str, int]], due: int, paid: int
) -> None:
    with pytest.raises(Overpaid) as refused:
        count([Tender(*each) for each in tenders], due)
    assert refused.value.details() == {"due": due, "paid": paid}


def test_a_drawer_should_hold_its_float_and_what_came_in_less_what_went_out() -> None:
    assert expected_minor(100, taken_minor=50, refunded_minor=20, put_in_minor=7, taken_out_minor=3) == 134


def test_a_devices_day_stands_and_a_server_registers_is_the_shops() -> None:
    yesterday = date(2026, 11, 20)
    assert business_date(None, TODAY, numbered_here=False) == TODAY
    assert business_date(yesterday, TODAY, numbered_here=False) == yesterday
    assert business_date(TODAY, TODAY, numbered_here=True) == TODAY
    with pytest.raises(ValidationError):
        business_date(yesterday, TODAY, numbered_here=True)


def test_the_money_of_each_method_lies_in_an_account() -> None:
    assert TENDER.keys() == set(METHODS)


async def listed(client: Client, who: Person, query: str = "") -> list[tuple[str, str, int]]:
    answer = await client.get(f"/api/payments?{query}", headers=who.headers)
    assert answer.status_code == 200, answer.text
    return [(each["direction"], each["method"], each["amount"]) for each in answer.json()["data"]]


async def test_payments_are_found_by_method_day_session_and_document(shop: Shop, client: Client) -> None:
    session_id = await opened(client, shop)
    older = await take(shop, None, [("card", 7_000)], day=date(2026, 11, 19))
    await take(shop, session_id, [("cash", 2_000), ("mtn_momo", 500)], back=[("cash", 100)])
    everything = [("out", "cash", 100), ("in", "mtn_momo", 500), ("in", "cash", 2_000), ("in", "card", 7_000)]
    assert await listed(client, shop.owner) == everything
    assert await listed(client, shop.owner, "method=cash") == [everything[0], everything[2]]
    assert await listed(client, shop.owner, "direction=out") == everything[:1]
    assert await listed(client, shop.owner, "from=2026-11-20") == everything[:3]
    assert await listed(client, shop.owner, "to=2026-11-20") == everything[3:]
    assert await listed(client, shop.owner, f"register_session_id={session_id}") == everything[:3]
    assert await listed(client, shop.owner, f"source=test&source_id={older}") == everything[3:]
    assert await listed(client, shop.owner, "sort=amount&limit=1") == everything[:1]
    assert await listed(client, shop.owner, f"branch_id={new_id()}") == []
    (cash,) = (await client.get("/api/payments?method=cash&direction=in", headers=shop.owner.headers)).json()["data"]
    assert (cash["tendered"], cash["change"], cash["reference"]) == (2_500, 500, "ref 2000")
    assert (cash["source"], cash["staff_id"]) == ("test", str(shop.owner.staff_id))


async def test_staff_see_what_they_took_and_a_supervisor_all(shop: Shop, client: Client) -> None:
    cashier = await world.hire(shop, "staff")
    await take(shop, None, [("cash", 1_000)])
    await take(shop, None, [("cash", 2_000)], person=cashier)
    assert await listed(client, cashier) == [("in", "cash", 2_000)]
    assert len(await listed(client, await world.hire(shop, "supervisor"))) == 2
    here = await world.hire(shop, "supervisor", branch_id=shop.branch_id)
    assert len(await listed(client, here)) == 2
    keeper = await world.hire(shop, "inventory_manager")
    assert (await client.get("/api/payments", headers=keeper.headers)).status_code == 403


async def test_payments_are_taken_home_as_a_file_by_who_may(shop: Shop, client: Client) -> None:
    await take(shop, None, [("cash", 1_000)])
    accountant, supervisor = await world.hire(shop, "accountant"), await world.hire(shop, "supervisor")
    csv = await client.get("/api/payments?format=csv", headers=accountant.headers)
    assert "2026-11-21,in,cash,1000,1500,500,ref 1000,test" in csv.text
    refused = await client.get("/api/payments?format=csv", headers=supervisor.headers)
    assert refused.json()["error"]["details"] == {"permission": "payments:export"}


async def test_a_neighbour_sees_none_of_it(shop: Shop, house: House, client: Client) -> None:
    session_id = await opened(client, shop)
    await take(shop, session_id, [("cash", 1_000)])
    neighbour = await open_a_shop(house)
    assert await listed(client, neighbour.owner) == []
    assert await listed(client, neighbour.owner, f"register_session_id={session_id}") == []
    foreign = await client.get(f"/api/register-sessions/{session_id}", headers=neighbour.owner.headers)
    assert foreign.status_code == 404
