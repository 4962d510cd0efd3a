"""Units and batches wherever goods move: corrections, counts, transfers, and back to the supplier."""

from uuid import UUID

import httpx2
import pytest

from tests.purchasing.buying import came
from tests.sales.till import Json, post
from tests.stock.goods import held
from tests.stock.tracked import delivered, faults, followed, last_day, left, medicine, phones, state
from tests.world import Shop

Client = httpx2.AsyncClient


async def adjusted(client: Client, shop: Shop, reason: str, quantity: float, status: int = 201, **more: object) -> Json:
    """A correction of the shop's one product by hand."""
    product = (await client.get("/api/products", headers=shop.owner.headers)).json()["data"][0]
    body = {"quantity": quantity, "reason": reason, **more}
    return await post(client, shop.owner, f"/api/products/{product['id']}/adjust", body, status=status)


async def test_opening_stock_names_its_phones(shop: Shop, client: Client) -> None:
    phone = await followed(shop, "phone", "serial")
    await adjusted(client, shop, "opening", 2, serials=["A1", ["B1", "B2"]])
    assert await state(shop, "B2") == ("in_stock", shop.showroom_id)
    told = await adjusted(client, shop, "found", 1, status=400, serials=["A1"])
    assert (told["code"], told["details"]["serials"][0]["why"]) == ("SERIALS_TAKEN", "in_stock")
    told = await adjusted(client, shop, "found", 2, status=400, serials=["C1"])
    assert told["code"] == "SERIALS_MISMATCH"
    assert await held(shop, phone) == 2_000


async def test_a_number_that_cannot_be_one_is_told_by_its_place(shop: Shop, client: Client) -> None:
    phone = await followed(shop, "phone", "serial")
    body = {"variant_id": str(phone), "location_id": str(shop.showroom_id), "serials": ["A1", ["B"] * 5]}
    told = await post(client, shop.owner, "/api/stock-units", body | {"odd[1]": 1}, status=400)
    assert list(told["details"]) == ["serials.1", "odd[1]"]
    assert told["details"]["serials.1"] == ["Send a text.", "At most 4."]


async def test_a_stolen_phone_is_written_off_and_may_be_found_again(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    await adjusted(client, shop, "loss", -1, serials=["A1"])
    assert await state(shop, "A1") == ("written_off", None)
    told = await adjusted(client, shop, "loss", -1, status=400, serials=["A1"])
    assert told["code"] == "UNITS_NOT_HERE"
    told = await adjusted(client, shop, "loss", -1, status=400)
    assert told["code"] == "SERIALS_REQUIRED"
    await adjusted(client, shop, "found", 1, serials=["A1"])
    assert await state(shop, "A1") == ("in_stock", shop.showroom_id)
    assert await held(shop, phone) == 2_000


async def test_what_expired_is_written_off_first(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, OVER=(2, -1), LATE=(5, 90))
    await adjusted(client, shop, "expired", -3)
    assert await left(shop, syrup) == {"LATE": 4_000}
    await adjusted(client, shop, "found", 2, batch={"number": "NEW", **last_day(5)})
    await adjusted(client, shop, "damage", -1, batch={"number": "LATE"})
    assert await left(shop, syrup) == {"LATE": 3_000, "NEW": 2_000}
    told = await adjusted(client, shop, "found", 1, status=400, serials=["A1"])
    assert told["code"] == "NOT_TRACKED_SO"


@pytest.fixture
async def careful(shop: Shop, client: Client) -> None:
    """The shop's corrections wait for approval."""
    settings = (await client.get("/api/settings", headers=shop.owner.headers)).json()["data"]
    body = {"version": settings["version"], "settings": {"adjustment_approval_minor": 0}}
    await post(client, shop.owner, "/api/settings", body, status=200, method="PUT")


@pytest.mark.usefixtures("careful")
async def test_a_correction_that_waits_remembers_which_goods_it_names(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    for reason, quantity, serial, becomes in (("loss", -1, "A1", "written_off"), ("found", 1, "A1", "in_stock")):
        waiting = await adjusted(client, shop, reason, quantity, serials=[serial])
        assert waiting["state"] == "requested"
        await post(client, shop.owner, f"/api/stock-adjustments/{waiting['id']}/approve", status=200)
        assert (await state(shop, serial))[0] == becomes
    assert await held(shop, phone) == 2_000
    syrup_in = await followed(shop, "syrup", "batch", cost_minor=100)
    product = (await client.get("/api/products?q=syrup", headers=shop.owner.headers)).json()["data"][0]
    body = {"quantity": 3, "reason": "opening", "batch": last_day(9)}
    waiting = await post(client, shop.owner, f"/api/products/{product['id']}/adjust", body)
    await post(client, shop.owner, f"/api/stock-adjustments/{waiting['id']}/approve", status=200)
    assert await left(shop, syrup_in) == {last_day(9)["expires_on"]: 3_000}


async def test_a_count_does_not_say_which_phone_is_missing(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    begun = await post(client, shop.owner, "/api/stock-counts", {"location_id": str(shop.showroom_id)})
    at = f"/api/stock-counts/{begun['id']}"
    await post(client, shop.owner, f"{at}/entries", {"entries": [{"variant_id": str(phone), "quantity": 1}]})
    await post(client, shop.owner, f"{at}/review", {}, status=200)
    await post(client, shop.owner, f"{at}/post", status=200)
    assert await held(shop, phone) == 1_000
    assert await faults(shop, phone) == [("unnamed", -1_000)]


async def moved(
    client: Client, shop: Shop, variant: UUID, quantity: float, store: UUID, *, sent: Json | None = None,
    came: Json | None = None, status: int = 200,
) -> Json:  # fmt: skip
    """A transfer from the showroom to a store, taken to its end; what was sent and came as said, else all."""
    ends = {"from_location_id": str(shop.showroom_id), "to_location_id": str(store)}
    lines = [{"variant_id": str(variant), "quantity": quantity}]
    asked = await post(client, shop.owner, "/api/transfers", {**ends, "lines": lines})
    at, line = f"/api/transfers/{asked['id']}", {"line_id": asked["lines"][0]["id"], "quantity": quantity}
    await post(client, shop.owner, f"{at}/approve", status=200)
    dispatched = await post(
        client, shop.owner, f"{at}/dispatch", {"lines": [line | sent] if sent else []}, status=status
    )
    if status != 200:
        return dispatched
    return await post(client, shop.owner, f"{at}/receive", {"lines": [line | came] if came else []}, status=200)


async def another_place(shop: Shop, client: Client) -> UUID:
    """A store beside the showroom."""
    place = {"branch_id": str(shop.branch_id), "name": "Store", "kind": "warehouse"}
    return UUID((await post(client, shop.owner, "/api/locations", place))["id"])


async def test_phones_move_by_their_numbers(shop: Shop, client: Client) -> None:
    phone, store = await phones(shop, client, "A1", "B1", "C1"), await another_place(shop, client)
    told = await moved(client, shop, phone, 1, store, status=400)
    assert told["code"] == "SERIALS_REQUIRED"
    done = await moved(client, shop, phone, 1, store, sent={"serials": ["B1"]})
    assert done["lines"][0]["serials"] == ["B1"]
    assert await state(shop, "B1") == ("in_stock", store)
    assert await held(shop, phone, store) == 1_000


@pytest.mark.parametrize(("difference", "becomes"), [("loss", "written_off"), ("sender", "in_stock")])
async def test_a_phone_that_did_not_arrive(shop: Shop, client: Client, difference: str, becomes: str) -> None:
    phone, store = await phones(shop, client, "A1", "B1"), await another_place(shop, client)
    fewer = {"quantity": 1, "difference": difference, "serials": ["B1"]}
    await moved(client, shop, phone, 2, store, sent={"serials": ["A1", "B1"]}, came=fewer)
    assert await state(shop, "B1") == ("in_stock", store)
    assert (await state(shop, "A1"))[0] == becomes
    assert await faults(shop, phone) == []


async def test_batches_move_first_expired_first_out_and_keep_their_names(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, OVER=(1, -1), SOON=(2, 3), LATE=(5, 90))
    store = await another_place(shop, client)
    less = {"quantity": 2.5, "difference": "sender"}
    done = await moved(client, shop, syrup, 3, store, came=less)
    assert [each["number"] for each in done["lines"][0]["batches"]] == ["SOON", "LATE"]
    assert await left(shop, syrup, store) == {"SOON": 2_000, "LATE": 500}
    assert await left(shop, syrup) == {"OVER": 1_000, "LATE": 4_500}
    await moved(client, shop, syrup, 1, store, sent={"batches": [{"number": "OVER"}]})
    assert (await left(shop, syrup, store))["OVER"] == 1_000


async def test_more_than_left_is_of_no_batch(shop: Shop, client: Client) -> None:
    syrup, store = await medicine(shop, client, SOON=(5, 3)), await another_place(shop, client)
    await moved(client, shop, syrup, 1, store, came={"quantity": 2, "difference": "loss"})
    assert await left(shop, syrup, store) == {"SOON": 1_000}
    assert await faults(shop, syrup) == [("unnamed", 1_000)]


async def test_what_goes_back_to_the_supplier_is_what_came_from_them(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1", "B1")
    receipt = await delivered(shop, client, came(phone, 2, serials=["C1", "D1"], price=60_000))
    line = {"receipt_line_id": receipt["lines"][0]["id"], "quantity": 1}
    body = {"supplier_id": receipt["supplier_id"], "reason": "scratched", "lines": [line]}
    told = await post(client, shop.owner, "/api/supplier-returns", body, status=400)
    assert told["code"] == "SERIALS_REQUIRED"
    named = await post(client, shop.owner, "/api/supplier-returns", body | {"lines": [line | {"serials": ["D1"]}]})
    assert named["lines"][0]["serials"] == ["D1"]
    assert await state(shop, "D1") == ("sent_back", None)
    await post(client, shop.owner, "/api/supplier-returns", body)
    assert await state(shop, "C1") == ("sent_back", None)
    assert await held(shop, phone) == 2_000


async def test_a_phone_of_another_receipt_is_not_sent_back_with_this_one(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1")
    other = await delivered(shop, client, came(phone, 1, serials=["O1"], price=50_000))
    receipt = await delivered(shop, client, came(phone, 1, serials=["C1"], price=60_000))
    line = {"receipt_line_id": receipt["lines"][0]["id"], "quantity": 1}
    body = {"supplier_id": receipt["supplier_id"], "reason": "scratched"}
    theirs = body | {"lines": [line | {"serials": ["O1"]}]}
    told = await post(client, shop.owner, "/api/supplier-returns", theirs, status=400)
    assert told["code"] == "UNITS_OF_ANOTHER"
    expected = [{"serial": "O1", "receipt_id": other["id"], "receipt_number": other["number"]}]
    assert told["details"]["units"] == expected
    assert await state(shop, "O1") == ("in_stock", shop.showroom_id)
    await post(client, shop.owner, "/api/supplier-returns", body | {"lines": [line | {"serials": ["C1"]}]})
    assert await state(shop, "C1") == ("sent_back", None)


async def test_a_phone_that_came_with_no_receipt_may_go_back(shop: Shop, client: Client) -> None:
    phone = await phones(shop, client, "A1")
    receipt = await delivered(shop, client, came(phone, 1, serials=["C1"], price=60_000))
    await adjusted(client, shop, "found", 1, serials=["F1"])
    line = {"receipt_line_id": receipt["lines"][0]["id"], "quantity": 1, "serials": ["F1"]}
    body = {"supplier_id": receipt["supplier_id"], "reason": "scratched", "lines": [line]}
    await post(client, shop.owner, "/api/supplier-returns", body)
    assert await state(shop, "F1") == ("sent_back", None)


async def test_a_batch_goes_back_to_the_supplier_it_came_from(shop: Shop, client: Client) -> None:
    syrup = await medicine(shop, client, OTHERS=(5, 3))
    receipt = await delivered(shop, client, came(syrup, 4, batch={"number": "THEIRS"}, price=600))
    line = {"receipt_line_id": receipt["lines"][0]["id"], "quantity": 3}
    body = {"supplier_id": receipt["supplier_id"], "reason": "cloudy", "lines": [line]}
    done = await post(client, shop.owner, "/api/supplier-returns", body)
    assert done["lines"][0]["batches"] == [{"number": "THEIRS", "expires_on": None, "quantity": 3}]
    assert await left(shop, syrup) == {"OTHERS": 5_000, "THEIRS": 1_000}
