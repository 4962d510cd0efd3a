"""Correcting stock by hand: what happened is written once, whole, and never below zero."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from duka.ledger.models import Posting
from duka.platform.edge import House
from duka.platform.errors import IdempotencyConflict, NotFound, ValidationError
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.shops.models import Branch, Location
from duka.stock import actions as stock
from duka.stock.actions import LevelAlready, LocationRequired, NotStocked, OutOfStock, VariantRequired, WrongWay
from duka.stock.models import Movement
from duka.stock.schemas import AdjustIn
from tests import world
from tests.stock.goods import Ware, add_variant, held, invent, put_on_the_shelf
from tests.world import Person, Shop, open_a_shop


@pytest.fixture
async def cable(shop: Shop) -> Ware:
    """Ten cables in the showroom, at 3,000 each."""
    return await put_on_the_shelf(shop, "Cable", 10)


async def adjust(shop: Shop, ware: Ware, person: Person | None = None, **body: Any) -> stock.Adjusted:
    async with shop.as_(person) as ctx:
        return await stock.adjust(ctx, ware.product_id, AdjustIn(**body))


async def postings(shop: Shop, source_id: Any) -> list[tuple[str, str, int]]:
    async with shop.asking() as ctx:
        rows = await ctx.db.scalars(select(Posting).where(Posting.source_id == source_id))
        return [(row.debit, row.credit, row.amount_minor) for row in rows]


async def movement(shop: Shop, source_id: Any) -> Movement:
    async with shop.asking() as ctx:
        return (await ctx.db.scalars(select(Movement).where(Movement.source_id == source_id))).one()


@pytest.mark.parametrize(
    ("quantity", "reason", "kind", "booked"),
    [
        (2, "opening", "opening", ("1200", "3000", 6000)),
        (2, "found", "adjustment", ("1200", "5100", 6000)),
        (-2, "loss", "adjustment", ("5100", "1200", 6000)),
        (-0.5, "damage", "damage", ("5100", "1200", 1500)),
        (-1, "expired", "damage", ("5100", "1200", 3000)),
        (-1, "own_use", "adjustment", ("5100", "1200", 3000)),
        (1, "correction", "adjustment", ("1200", "5100", 3000)),
        (-1, "correction", "adjustment", ("5100", "1200", 3000)),
    ],
)  # fmt: skip
async def test_each_reason_moves_stock_and_its_worth_in_the_books(
    shop: Shop, cable: Ware, quantity: float, reason: str, kind: str, booked: tuple[str, str, int]
) -> None:
    adjusted = await adjust(shop, cable, quantity=quantity, reason=reason, note="by the window")
    shown = adjusted.shown
    assert (shown["state"], shown["quantity_milli"], shown["value"]) == ("applied", quantity * 1000, quantity * 3000)
    assert await held(shop, cable.variant_id) == 10_000 + quantity * 1000
    assert await postings(shop, shown["id"]) == [booked]
    moved = await movement(shop, shown["id"])
    assert (moved.kind, moved.source, moved.source_line_id) == (kind, "adjustment", shown["id"])
    assert (moved.unit_cost_minor, moved.reason, moved.note) == (3000, reason, "by the window")


async def test_what_costs_nothing_posts_nothing(shop: Shop) -> None:
    sticker = await put_on_the_shelf(shop, "Sticker", 5, cost_minor=None)
    adjusted = await adjust(shop, sticker, quantity=-1, reason="loss")
    assert await held(shop, sticker.variant_id) == 4_000
    assert await postings(shop, adjusted.shown["id"]) == []


async def test_a_count_sets_the_level(shop: Shop, cable: Ware) -> None:
    less = await adjust(shop, cable, counted=7.5, reason="correction")
    assert less.shown["quantity_milli"] == -2_500
    with pytest.raises(LevelAlready):
        await adjust(shop, cable, counted=7.5, reason="correction")
    more = await adjust(shop, cable, counted=8, reason="found")
    assert more.shown["quantity_milli"] == 500
    assert await held(shop, cable.variant_id) == 8_000


async def test_a_count_of_what_never_stood_here_begins_its_stock(shop: Shop) -> None:
    case = await invent(shop, "Case")
    await adjust(shop, case, counted=4, reason="opening")
    assert await held(shop, case.variant_id) == 4_000


async def test_the_same_count_sent_twenty_times_at_once_is_one_correction(shop: Shop, cable: Ware) -> None:
    body: dict[str, Any] = {"id": new_id(), "counted": 3, "reason": "correction"}
    done = await asyncio.gather(*(adjust(shop, cable, **body) for _ in range(20)))
    assert sum(not each.again for each in done) == 1
    assert await held(shop, cable.variant_id) == 3_000


async def test_nothing_goes_below_zero_unless_the_shop_says_so(shop: Shop, cable: Ware, house: House) -> None:
    with pytest.raises(OutOfStock) as refused:
        await adjust(shop, cable, quantity=-10.001, reason="loss")
    assert refused.value.short == [{"variant_id": str(cable.variant_id), "left": 10}]
    assert await held(shop, cable.variant_id) == 10_000
    easy = await open_a_shop(house, negative_stock=True)
    for ware in (await put_on_the_shelf(easy, "Cable", 1), await invent(easy, "Case")):
        await adjust(easy, ware, quantity=-2, reason="loss")
    assert await held(easy, ware.variant_id) == -2_000


async def test_of_twelve_who_take_one_of_five_at_once_five_succeed(shop: Shop) -> None:
    phone = await put_on_the_shelf(shop, "Phone", 5)
    done = await asyncio.gather(
        *(adjust(shop, phone, quantity=-1, reason="loss") for _ in range(12)), return_exceptions=True
    )
    assert sum(isinstance(each, stock.Adjusted) for each in done) == 5
    assert sum(isinstance(each, OutOfStock) for each in done) == 7
    assert await held(shop, phone.variant_id) == 0


@pytest.mark.parametrize("quantity", [-1, 1])
async def test_the_same_correction_sent_twenty_times_at_once_is_one(shop: Shop, quantity: int) -> None:
    phone = await put_on_the_shelf(shop, "Phone", 1)
    body: dict[str, Any] = {"id": new_id(), "quantity": quantity, "reason": "correction"}
    done = await asyncio.gather(*(adjust(shop, phone, **body) for _ in range(20)))
    assert sum(not each.again for each in done) == 1
    assert len({repr(sorted(each.shown.items())) for each in done}) == 1
    assert await held(shop, phone.variant_id) == 1_000 + quantity * 1_000


async def test_another_body_under_the_same_id_changes_nothing(shop: Shop, cable: Ware) -> None:
    body: dict[str, Any] = {"id": new_id(), "quantity": -1, "reason": "loss"}
    await adjust(shop, cable, **body)
    async with shop.as_(body_hash=b"other") as ctx:
        with pytest.raises(IdempotencyConflict):
            await stock.adjust(ctx, cable.product_id, AdjustIn.model_validate(body | {"quantity": -2}))
    case = await invent(shop, "Case")
    with pytest.raises(IdempotencyConflict):
        await adjust(shop, case, **body)
    assert await held(shop, cable.variant_id) == 9_000


async def test_the_warning_is_given_once_a_crossing(shop: Shop, cable: Ware) -> None:
    """The product warns at 5: at 10 -> 6 -> 5 -> 4 once, and again after it was filled up."""
    async def low() -> Sequence[dict[str, Any]]:
        async with shop.asking() as ctx:
            found = select(OutboxEvent).where(OutboxEvent.event == "stock.low").order_by(OutboxEvent.id)
            return [event.facts for event in await ctx.db.scalars(found)]

    for quantity in (-4, -1, -1):
        await adjust(shop, cable, quantity=quantity, reason="loss")
    assert await low() == [{
        "variant_id": str(cable.variant_id), "location_id": str(shop.showroom_id), "branch_id": str(shop.branch_id),
        "quantity_milli": 5_000, "min_stock_milli": 5_000,
    }]  # fmt: skip
    for quantity in (4, -6):
        await adjust(shop, cable, quantity=quantity, reason="correction")
    assert [facts["quantity_milli"] for facts in await low()] == [5_000, 2_000]


async def test_a_shop_that_sells_below_zero_is_warned_too(house: House) -> None:
    easy = await open_a_shop(house, negative_stock=True)
    cable = await put_on_the_shelf(easy, "Cable", 6)
    await adjust(easy, cable, quantity=-8, reason="loss")
    async with easy.asking() as ctx:
        event = (await ctx.db.scalars(select(OutboxEvent).where(OutboxEvent.event == "stock.low"))).one()
    assert event.facts["quantity_milli"] == -2_000


async def test_what_cannot_be_adjusted_is_refused_by_name(shop: Shop, cable: Ware) -> None:
    shirt = await invent(shop, "Shirt S")
    large = await add_variant(shop, shirt.product_id, "Shirt L")
    with pytest.raises(VariantRequired) as several:
        await adjust(shop, shirt, quantity=1, reason="found")
    assert several.value.variant_ids == [shirt.variant_id, large]
    await adjust(shop, shirt, variant_id=large, quantity=1, reason="found")
    assert await held(shop, large) == 1_000
    with pytest.raises(NotFound):
        await adjust(shop, cable, variant_id=large, quantity=1, reason="found")
    with pytest.raises(NotFound):
        await adjust(shop, Ware(new_id(), large), quantity=1, reason="found")
    with pytest.raises(NotFound):
        await adjust(shop, cable, location_id=new_id(), quantity=1, reason="found")
    repair = await invent(shop, "Repair", kind="service", tracking="none")
    with pytest.raises(NotStocked):
        await adjust(shop, repair, quantity=1, reason="found")
    for quantity, reason in ((1, "damage"), (-1, "found")):
        with pytest.raises(WrongWay):
            await adjust(shop, cable, quantity=quantity, reason=reason)
    with pytest.raises(ValidationError):
        await adjust(shop, cable, quantity=10**9, reason="found")
    assert await held(shop, cable.variant_id) == 10_000


async def test_a_shop_of_two_branches_says_where(shop: Shop, cable: Ware) -> None:
    branch_id, showroom_id = await second_branch(shop)
    with pytest.raises(LocationRequired):
        await adjust(shop, cable, quantity=1, reason="found")
    keeper = await world.hire(shop, "inventory_manager", branch_id=branch_id)
    await adjust(shop, cable, keeper, quantity=3, reason="found")
    assert await held(shop, cable.variant_id, showroom_id) == 3_000
    with pytest.raises(NotFound):
        await adjust(shop, cable, keeper, location_id=shop.showroom_id, quantity=3, reason="found")


async def test_who_did_it_is_in_the_trail(shop: Shop, cable: Ware) -> None:
    keeper = await world.hire(shop, "inventory_manager")
    done = await adjust(shop, cable, keeper, quantity=-1, reason="loss", note="a thief")
    async with shop.asking() as ctx:
        entry = (await ctx.db.scalars(select(AuditEntry).where(AuditEntry.entity_id == done.shown["id"]))).one()
    assert (entry.action, entry.staff_id, entry.reason) == ("adjust", keeper.staff_id, "loss")
    assert entry.after == {
        "variant_id": str(cable.variant_id), "location_id": str(shop.showroom_id), "quantity_milli": -1_000,
        "reason": "loss",
    }  # fmt: skip


async def second_branch(shop: Shop) -> tuple[Any, Any]:
    """Another branch with a showroom."""
    async with shop.as_() as ctx:
        dated = {"shop_id": ctx.shop_id, "created_at": ctx.now, "updated_at": ctx.now}
        branch = Branch(**dated, id=new_id(), name="Market")
        ctx.db.add(branch)
        await ctx.db.flush()
        showroom = Location(**dated, id=new_id(), branch_id=branch.id, name="Showroom", kind="showroom")
        ctx.db.add(showroom)
    return branch.id, showroom.id


async def test_over_http_a_repeated_post_gives_the_first_answer(
    shop: Shop, cable: Ware, client: httpx2.AsyncClient
) -> None:
    url, body = f"/api/products/{cable.product_id}/adjust", {"id": str(new_id()), "quantity": -1.5, "reason": "loss"}
    first = await client.post(url, json=body, headers=shop.owner.headers)
    assert first.status_code == 201
    assert first.headers["location"] == f"/api/stock-adjustments/{body['id']}"
    again = await client.post(url, json=body, headers=shop.owner.headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json()["data"] == first.json()["data"]
    assert first.json()["data"] == {
        "id": body["id"], "state": "applied", "product_id": str(cable.product_id),
        "variant_id": str(cable.variant_id), "variant_name": "Cable", "location_id": str(shop.showroom_id),
        "location_name": "Showroom", "branch_id": str(shop.branch_id), "quantity": -1.5, "reason": "loss", "note": "",
        "staff_id": str(shop.owner.staff_id), "at": first.json()["data"]["at"],
        "business_date": first.json()["data"]["business_date"], "decided_by": None, "decided_at": None,
        "decision_reason": None, "unit_cost": 3000, "value": -4500,
    }  # fmt: skip
    other = await client.post(url, json=body | {"quantity": -2}, headers=shop.owner.headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    short = await client.post(url, json={"quantity": -99, "reason": "loss"}, headers=shop.owner.headers)
    assert (short.status_code, short.json()["error"]["code"]) == (400, "OUT_OF_STOCK")
    assert short.json()["error"]["details"] == {"short": [{"variant_id": str(cable.variant_id), "left": 8.5}]}


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "loss"}, {"quantity": -1, "counted": 3, "reason": "loss"}, {"quantity": 0, "reason": "correction"},
        {"quantity": -0.0001, "reason": "loss"}, {"quantity": -1, "reason": "theft"}, {"quantity": -1},
        {"counted": -1, "reason": "correction"}, {"quantity": -1, "reason": "loss", "shop_id": str(new_id())},
        {"quantity": "1", "reason": "found"}, {"quantity": 1e30, "reason": "found"},
    ],
)  # fmt: skip
async def test_a_body_that_says_too_little_or_too_much_is_refused(
    shop: Shop, cable: Ware, client: httpx2.AsyncClient, body: dict[str, Any]
) -> None:
    refused = await client.post(f"/api/products/{cable.product_id}/adjust", json=body, headers=shop.owner.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert await held(shop, cable.variant_id) == 10_000


async def test_a_cashier_does_not_adjust_and_a_supervisor_does(
    shop: Shop, cable: Ware, client: httpx2.AsyncClient
) -> None:
    url, body = f"/api/products/{cable.product_id}/adjust", {"quantity": 1, "reason": "found"}
    cashier, supervisor = await world.hire(shop, "staff"), await world.hire(shop, "supervisor")
    assert (await client.post(url, json=body, headers=cashier.headers)).status_code == 403
    done = await client.post(url, json=body, headers=supervisor.headers)
    assert done.status_code == 201
    assert not {"unit_cost", "value"} & done.json()["data"].keys(), "a supervisor sees no costs"


async def test_another_shops_goods_are_not_there(
    shop: Shop, cable: Ware, house: House, client: httpx2.AsyncClient
) -> None:
    neighbour = await open_a_shop(house)
    refused = await client.post(
        f"/api/products/{cable.product_id}/adjust", json={"quantity": 1, "reason": "found"},
        headers=neighbour.owner.headers,
    )  # fmt: skip
    assert refused.status_code == 404
