"""Sets built beforehand: components become sets of the same worth, and sets components again."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from duka.catalog.models import Cost
from duka.ledger.models import Posting
from duka.platform.ids import new_id
from duka.stock.rules import priced_apart, value_minor
from tests.sales.sets import a_set, composed
from tests.sales.test_sell import settle
from tests.sales.till import Json, post, sold
from tests.stock.goods import held
from tests.stock.tracked import faults, left, medicine, phones, state
from tests.world import Shop, hire, stock_up

Client = httpx2.AsyncClient
PATH = "/api/assemblies"


@pytest.fixture
async def cup(shop: Shop) -> UUID:
    return await stock_up(shop, "cup", cost_minor=100)


@pytest.fixture
async def tea(shop: Shop) -> UUID:
    return await stock_up(shop, "tea", cost_minor=333)


@pytest.fixture
async def box(shop: Shop, client: Client, cup: UUID, tea: UUID) -> UUID:
    """A gift box of two cups and a quarter of tea, built beforehand."""
    return await a_set(shop, client, "box", (cup, 2), (tea, 0.25), built=True, cost_minor=0)


def asked(of: UUID, quantity: int, way: str = "build", **more: Any) -> Json:
    return {"id": str(new_id()), "variant_id": str(of), "quantity": quantity, "way": way, **more}


async def cost(shop: Shop, variant: UUID) -> int | None:
    async with shop.asking() as ctx:
        query = select(Cost.cost_minor).where(Cost.variant_id == variant)
        return await ctx.db.scalar(query.order_by(Cost.valid_from.desc(), Cost.id.desc()).limit(1))


async def test_sets_are_built_at_the_sum_of_their_components(
    shop: Shop, client: Client, box: UUID, cup: UUID, tea: UUID
) -> None:
    async with shop.asking() as ctx:
        before = await ctx.db.scalar(select(func.count()).select_from(Posting))
    made = await post(client, shop.owner, PATH, asked(box, 3, note="for Christmas"))
    assert (made["way"], made["quantity"], made["variant_name"], made["note"]) == ("build", 3, "box", "for Christmas")
    assert [(each["variant_name"], each["quantity"], each["value"]) for each in made["lines"]] == [
        ("cup", -6, -600), ("tea", -0.75, -250), ("box", 3, 850)
    ]  # fmt: skip
    assert [await held(shop, each) for each in (cup, tea, box)] == [4_000, 9_250, 3_000]
    assert await cost(shop, box) == 283  # 850 / 3, half up
    async with shop.asking() as ctx:
        assert await ctx.db.scalar(select(func.count()).select_from(Posting)) == before
    await sold(client, shop, (box, 1), paid=1000)
    assert await held(shop, cup) == 4_000


async def test_sets_are_taken_apart_into_shares_of_what_they_cost(
    shop: Shop, client: Client, box: UUID, cup: UUID, tea: UUID
) -> None:
    await post(client, shop.owner, PATH, asked(box, 3))
    made = await post(client, shop.owner, PATH, asked(box, 2, "take_apart"))
    assert [(each["variant_name"], each["quantity"], each["value"]) for each in made["lines"]] == [
        ("box", -2, -566), ("cup", 4, 399), ("tea", 0.5, 167)
    ]  # fmt: skip
    assert [await held(shop, each) for each in (cup, tea, box)] == [8_000, 9_750, 1_000]


async def test_what_cost_nothing_known_is_shared_by_quantity(shop: Shop, client: Client) -> None:
    one, other = [await stock_up(shop, name, cost_minor=0) for name in ("one", "other")]
    gift = await a_set(shop, client, "gift", (one, 1), (other, 3), built=True)
    await post(client, shop.owner, PATH, asked(gift, 1))
    product = (await client.get("/api/products?q=gift", headers=shop.owner.headers)).json()["data"][0]
    priced = {"cost": 101, "version": product["version"]}
    await post(client, shop.owner, f"/api/products/{product['id']}", priced, status=200, method="PUT")
    made = await post(client, shop.owner, PATH, asked(gift, 1, "take_apart"))
    assert [each["value"] for each in made["lines"]] == [-101, 25, 76]


async def test_nothing_is_built_of_what_is_not_there(
    shop: Shop, client: Client, box: UUID, cup: UUID, tea: UUID
) -> None:
    await settle(shop, negative_stock=True)
    told = await post(client, shop.owner, PATH, asked(box, 6), status=400)
    assert (told["code"], told["details"]["short"]) == (
        "OUT_OF_STOCK", [{"variant_id": str(cup), "left": 10, "name": "cup"}]
    )  # fmt: skip
    told = await post(client, shop.owner, PATH, asked(box, 1, "take_apart"), status=400)
    assert told["details"]["short"] == [{"variant_id": str(box), "left": 0, "name": "box"}]
    assert [await held(shop, each) for each in (cup, tea)] == [10_000, 10_000]


async def test_asked_again_it_is_built_once(shop: Shop, client: Client, box: UUID, cup: UUID) -> None:
    body = asked(box, 2)
    answers = await asyncio.gather(*(client.post(PATH, json=body, headers=shop.owner.headers) for _ in range(5)))
    assert [each.status_code for each in answers] == [201] * 5
    assert all(each.json()["data"] == answers[0].json()["data"] for each in answers)
    assert sum("Idempotency-Replayed" in each.headers for each in answers) == 4
    assert await held(shop, cup) == 6_000
    told = await post(client, shop.owner, PATH, body | {"quantity": 1}, status=409)
    assert told["code"] == "IDEMPOTENCY_CONFLICT"


async def test_building_and_selling_at_once_never_block_each_other_for_good(
    shop: Shop, client: Client, box: UUID, cup: UUID, tea: UUID
) -> None:
    sale = {
        "lines": [{"variant_id": str(tea), "quantity": 0.25}, {"variant_id": str(cup), "quantity": 1}],
        "payments": [{"method": "cash", "amount": 5000}],
    }  # fmt: skip
    asks = [client.post(PATH, json=asked(box, 1), headers=shop.owner.headers) for _ in range(3)]
    asks += [client.post("/api/sales", json=sale, headers=shop.owner.headers) for _ in range(4)]
    answers = await asyncio.gather(*asks)
    assert [each.status_code for each in answers] == [201] * 7
    assert [await held(shop, each) for each in (cup, tea, box)] == [0, 8_250, 3_000]


async def test_pieces_that_go_in_are_named_and_what_expires_first_goes(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    syrup = await medicine(shop, client, SOON=(1, 3), LATE=(5, 90))
    pack = await a_set(shop, client, "pack", (phone, 1), (syrup, 2), built=True)
    told = await post(client, shop.owner, PATH, asked(pack, 1), status=400)
    assert told["code"] == "SERIALS_REQUIRED"
    pieces = [{"variant_id": str(phone), "serials": ["B1"]}]
    await post(client, shop.owner, PATH, asked(pack, 1, pieces=pieces))
    assert (await state(shop, "B1"))[0] == "written_off"
    assert await left(shop, syrup) == {"LATE": 4_000}
    too_many = [{"variant_id": str(phone), "serials": ["A1", "B1"]}]
    told = await post(client, shop.owner, PATH, asked(pack, 1, "take_apart", pieces=too_many), status=400)
    assert told["code"] == "SERIALS_TOO_MANY"
    await post(client, shop.owner, PATH, asked(pack, 1, "take_apart", pieces=pieces))
    assert await state(shop, "B1") == ("in_stock", shop.showroom_id)
    assert await faults(shop, phone) == []
    assert await held(shop, syrup) == 6_000


async def test_what_is_no_set_cannot_be_built(shop: Shop, client: Client, cup: UUID, box: UUID) -> None:
    told = await post(client, shop.owner, PATH, asked(cup, 1), status=400)
    assert told["code"] == "NOT_A_SET"
    each_time = await a_set(shop, client, "each time", (cup, 1))
    told = await post(client, shop.owner, PATH, asked(each_time, 1), status=400)
    assert (told["code"], told["details"]["name"]) == ("NOT_STOCKED", "each time")
    await post(client, shop.owner, PATH, asked(new_id(), 1), status=404)
    await post(client, shop.owner, PATH, asked(box, 1, location_id=str(new_id())), status=404)
    await composed(shop, client, box)
    told = await post(client, shop.owner, PATH, asked(box, 1), status=400)
    assert told["code"] == "NOT_A_SET"


async def test_more_than_can_be_booked_is_refused(shop: Shop, client: Client) -> None:
    gold = await stock_up(shop, "gold", cost_minor=10**11, quantity_milli=0)
    hoard = await a_set(shop, client, "hoard", (gold, 1_000_000), built=True)
    told = await post(client, shop.owner, PATH, asked(hoard, 1), status=400)
    assert told["code"] == "VALIDATION_ERROR"
    each_time = await a_set(shop, client, "each time", (gold, 1_000_000))
    sale = {"lines": [{"variant_id": str(each_time), "quantity": 0.001}], "payments": [{"method": "cash", "amount": 1}]}
    told = await post(client, shop.owner, "/api/sales", sale, status=400)
    assert told["code"] == "VALIDATION_ERROR"


async def test_the_list_says_what_went_in_and_out_and_costs_only_to_those_who_may_see_them(
    shop: Shop, client: Client, box: UUID, cup: UUID
) -> None:
    made = [await post(client, shop.owner, PATH, asked(box, quantity)) for quantity in (1, 2)]
    listed = (await client.get(PATH, headers=shop.owner.headers)).json()["data"]
    assert [each["id"] for each in listed] == [made[1]["id"], made[0]["id"]]
    assert listed[0] == made[1]
    none = await client.get(f"{PATH}?variant_id={cup}&location_id={shop.showroom_id}", headers=shop.owner.headers)
    assert none.json()["data"] == []
    seller = await hire(shop, "staff", branch_id=shop.branch_id)
    (one, _) = (await client.get(PATH, headers=seller.headers)).json()["data"]
    assert "value" not in one["lines"][0]
    await post(client, seller, PATH, asked(box, 1), status=403)
    sheet = await client.get(f"{PATH}?format=csv", headers=shop.owner.headers)
    assert sheet.text.splitlines()[1].split(",")[1:4] == ["box", "build", "2"]


@given(st.integers(1, 10**7), st.integers(0, 10**9))
def test_whatever_a_quantity_is_worth_its_parts_are_worth_exactly_that(quantity_milli: int, cost_minor: int) -> None:
    parts = priced_apart(quantity_milli, cost_minor)
    assert sum(milli for milli, _ in parts) == quantity_milli
    assert sum(value_minor(milli, unit_minor) for milli, unit_minor in parts) == cost_minor
    assert all(milli > 0 for milli, _ in parts)
    assert len(parts) <= 2
    assert max(unit for _, unit in parts) - min(unit for _, unit in parts) <= 1
