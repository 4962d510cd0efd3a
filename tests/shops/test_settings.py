"""The shop's settings: merged, versioned, audited; the currency stays; every till knows what selling needs."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from duka.shops.models import ShopEntry
from tests.world import Shop, hire, open_a_shop


async def _edit(client: httpx2.AsyncClient, shop: Shop, version: int | None = 1, **body: Any) -> httpx2.Response:
    wanted = body if version is None else {**body, "version": version}
    return await client.put("/api/settings", json=wanted, headers=shop.owner.headers)


async def test_the_owner_changes_some_settings_and_the_others_stay(client: httpx2.AsyncClient, shop: Shop) -> None:
    settings = {"negative_stock": True, "payment_methods": ["cash", "card"], "modules": ["repairs"]}
    changed = await _edit(client, shop, name="Njeri & Daughters", phone="0772 123456", settings=settings)
    assert changed.status_code == 200, changed.text
    again = await _edit(client, shop, 2, settings={"receipt_footer": "Asante!", "adjustment_approval_minor": 50_000})
    data = again.json()["data"]
    assert (data["name"], data["phone"], data["currency"]) == ("Njeri & Daughters", "+256772123456", "UGX")
    kept = data["settings"]
    assert (kept["negative_stock"], kept["payment_methods"], kept["receipt_footer"]) == (
        True, ["cash", "card"], "Asante!",
    )  # fmt: skip
    assert kept["return_window_days"] == 30
    cleared = await _edit(client, shop, 3, phone=None, settings={"adjustment_approval_minor": None})
    assert cleared.json()["data"]["phone"] is None
    assert cleared.json()["data"]["settings"]["adjustment_approval_minor"] is None
    assert (await client.get("/api/settings", headers=shop.owner.headers)).json()["data"] == cleared.json()["data"]


async def test_a_changed_setting_acts_at_the_next_request(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _edit(client, shop, settings={"cash_rounding_minor": 50})
    cashier = await hire(shop, "staff")
    till = await client.get("/api/settings/till", headers=cashier.headers)
    assert till.json()["data"]["cash_rounding_minor"] == 50


async def test_a_change_says_which_version_it_was_made_from(client: httpx2.AsyncClient, shop: Shop) -> None:
    assert (await _edit(client, shop, None, name="X")).json()["error"]["code"] == "VERSION_REQUIRED"
    await _edit(client, shop, kind="grocery")
    stale = await _edit(client, shop, kind="pharmacy")
    assert (stale.status_code, stale.json()["error"]["details"]) == (409, {"current_version": 2})


async def test_the_currency_stays(client: httpx2.AsyncClient, shop: Shop) -> None:
    refused = await _edit(client, shop, currency="KES")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "CURRENCY_FIXED")
    assert (await _edit(client, shop, currency="UGX", kind="phones and more")).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"settings": {"payment_methods": []}}, "settings.payment_methods"),
        ({"settings": {"negative_stock": None}}, "settings.negative_stock"),
        ({"settings": {"devices_per_account": 0}}, "settings.devices_per_account"),
        ({"settings": {"colour": "red"}}, "settings.colour"),
        ({"settings": {"modules": ["rockets"]}}, "settings.modules.0"),
        ({"name": None}, "name"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"slug": "other"}, "slug"),
    ],
)
async def test_settings_that_make_no_sense_are_refused(
    client: httpx2.AsyncClient, shop: Shop, body: dict[str, Any], field: str
) -> None:
    refused = await _edit(client, shop, **body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert field in refused.json()["error"]["details"]


async def test_an_indian_shop_has_a_checked_gstin_and_its_state(client: httpx2.AsyncClient, shop: Shop) -> None:
    indian = await open_a_shop(shop.house, country="IN", currency="INR", time_zone="Asia/Kolkata")
    wrong = await _edit(client, indian, tax_id="27AAPFU0939F1ZX")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "SHOP_TAX_ID_NOT_VALID")
    right = await _edit(client, indian, tax_id="27 AAPFU0939F1ZV")
    assert (right.json()["data"]["tax_id"], right.json()["data"]["state_code"]) == ("27AAPFU0939F1ZV", "27")
    other = await _edit(client, indian, 2, state_code="29")
    assert list(other.json()["error"]["details"]) == ["state_code"]
    ugandan = await _edit(client, shop, tax_id="1000 123 456")
    assert ugandan.json()["data"]["tax_id"] == "1000123456"


async def test_the_list_of_shops_follows_the_name(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _edit(client, shop, name="Njeri Electronics")
    async with shop.as_() as ctx:
        listed = await ctx.db.scalar(select(ShopEntry.name).where(ShopEntry.shop_id == shop.shop_id))
    assert listed == "Njeri Electronics"


async def test_each_change_stands_in_the_audit_trail(client: httpx2.AsyncClient, shop: Shop) -> None:
    await _edit(client, shop, settings={"negative_stock": True, "language": "sw"})
    await _edit(client, shop, 2, settings={"language": "lg"})
    trail = await client.get("/api/audit-logs?entity=shop&action=update", headers=shop.owner.headers)
    newest = trail.json()["data"][0]
    full = await client.get(f"/api/audit-logs/{newest['id']}", headers=shop.owner.headers)
    assert full.json()["data"]["changes"] == [{"field": "settings.language", "before": "sw", "after": "lg"}]


async def test_who_may_read_and_change_settings(client: httpx2.AsyncClient, shop: Shop) -> None:
    supervisor, cashier = await hire(shop, "supervisor"), await hire(shop, "staff")
    bound = await hire(shop, "owner", branch_id=shop.branch_id)
    assert (await client.get("/api/settings", headers=supervisor.headers)).status_code == 200
    assert (await client.get("/api/settings", headers=cashier.headers)).status_code == 403
    for person in (supervisor, cashier, bound):
        refused = await client.put("/api/settings", json={"name": "Mine", "version": 1}, headers=person.headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_everybody_at_the_till_knows_what_selling_needs(client: httpx2.AsyncClient, shop: Shop) -> None:
    for preset, ceiling_bp in (("staff", 500), ("supervisor", 2000), ("technician", 0)):
        person = await hire(shop, preset)
        till = await client.get("/api/settings/till", headers=person.headers)
        assert till.status_code == 200, till.text
        data = till.json()["data"]
        assert (data["currency"], data["payment_policy"], data["discount_ceiling_bp"]) == (
            "UGX", "full_payment", ceiling_bp,
        )  # fmt: skip
        assert "devices_per_account" not in data
