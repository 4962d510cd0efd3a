"""Looking at what was sold: approved, rejected, locked; and the table of all steps."""

from typing import Any, get_args

import httpx2
import pytest

from duka.sales.actions.review import lock_day
from duka.sales.life import states
from duka.sales.life.states import STEPS, UNLOCKED_ONLY, SaleLocked, State, StepName, StepNotAllowed
from tests.sales import books_check as books
from tests.sales.till import post, sold
from tests.world import Shop, hire, open_a_shop, stock_up

WHY = {"reason": "the price was never agreed"}

ALLOWED: dict[tuple[str, str], str] = {
    ("incomplete", "edit"): "incomplete", ("incomplete", "pay"): "incomplete",
    ("incomplete", "complete"): "completed", ("incomplete", "cancel"): "cancelled",
    ("completed", "pay"): "completed", ("completed", "credit"): "completed", ("completed", "debit"): "completed",
    ("completed", "approve"): "completed", ("completed", "lock"): "completed", ("completed", "reject"): "reversed",
    ("completed", "reverse"): "reversed", ("completed", "correct"): "reversed",
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", get_args(State))
def test_each_step_from_each_state(state: State, step: StepName) -> None:
    open_sale: dict[str, Any] = {"state": state, "locked_at": None}
    if (state, step) not in ALLOWED:
        with pytest.raises(StepNotAllowed):
            states.after(step, open_sale)
        return
    assert states.after(step, open_sale) == ALLOWED[state, step]
    if step in UNLOCKED_ONLY:
        with pytest.raises(SaleLocked):
            states.after(step, open_sale | {"locked_at": "noon"})
    else:
        assert states.after(step, open_sale | {"locked_at": "noon"}) == ALLOWED[state, step]


async def test_an_approved_sale_stays_approved(client: httpx2.AsyncClient, house: Any) -> None:
    shop = await open_a_shop(house, review_sales=True)
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    assert (sale["state"], sale["review"]) == ("completed", "submitted")
    path = f"/api/sales/{sale['id']}"
    approved = await post(client, shop.owner, f"{path}/approve", status=200)
    assert (approved["review"], approved["version"]) == ("approved", 2)
    again = await client.post(f"{path}/approve", headers=shop.owner.headers)
    assert (again.status_code, again.json()["data"]["version"]) == (200, 2)
    refused = await post(client, shop.owner, f"{path}/reject", WHY, status=409)
    assert (refused["code"], refused["details"]) == ("NOT_SUBMITTED", {"review": "approved"})


async def test_a_rejected_sale_is_reversed(client: httpx2.AsyncClient, house: Any) -> None:
    shop = await open_a_shop(house, review_sales=True)
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    path = f"/api/sales/{sale['id']}"
    rejected = await post(client, shop.owner, f"{path}/reject", WHY, status=200)
    assert (rejected["review"], rejected["state"], rejected["paid"]) == ("rejected", "reversed", 0)
    assert (await post(client, shop.owner, f"{path}/reject", WHY, status=200))["version"] == rejected["version"]
    assert await books.in_stock(shop, cable) == 10_000
    await books.agree(shop)


async def test_a_sale_paid_up_later_is_reviewed_too(client: httpx2.AsyncClient, house: Any) -> None:
    shop = await open_a_shop(house, review_sales=True)
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=400)
    assert sale["review"] is None
    payment = {"payments": [{"method": "cash", "amount": 600}]}
    done = await post(client, shop.owner, f"/api/sales/{sale['id']}/payments", payment)
    assert done["review"] == "submitted"


async def test_without_reviews_there_is_nothing_to_approve(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    sale = await sold(client, shop, (cable, 1), paid=1000)
    supervisor, stranger = await hire(shop, "supervisor"), (await open_a_shop(shop.house)).owner
    path = f"/api/sales/{sale['id']}/approve"
    assert (await post(client, shop.owner, path, status=409))["code"] == "NOT_SUBMITTED"
    assert (await post(client, supervisor, path, status=403))["code"] == "FORBIDDEN"
    assert (await post(client, stranger, path, status=404))["code"] == "NOT_FOUND"


async def test_a_closed_day_locks_its_sales(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    done, waiting = await sold(client, shop, (cable, 1), paid=1000), await sold(client, shop, (cable, 1), paid=100)
    async with shop.as_() as ctx:
        assert await lock_day(ctx, shop.branch_id, ctx.today()) == 1
        assert await lock_day(ctx, shop.branch_id, ctx.today()) == 0
    refused = await post(client, shop.owner, f"/api/sales/{done['id']}/reverse", WHY, status=400)
    assert refused["code"] == "SALE_LOCKED"
    again = await client.post(f"/api/sales/{done['id']}/lock", headers=shop.owner.headers)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    await post(client, shop.owner, f"/api/sales/{waiting['id']}/cancel", WHY, status=200)
