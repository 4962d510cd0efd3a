"""Signing up: a whole shop or nothing, and what its country decides."""

import asyncio
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from duka.onboarding import rules
from duka.platform import money
from duka.platform.ids import new_id
from tests.shops.conftest import post
from tests.shops.visitors import FIELDS_OF_LOGIN, Post, Visitor, code_of, in_shop, later, run, signed_up

__all__ = ["post"]

GSTIN = "27AAPFU0939F1ZV"


async def test_signing_up_makes_a_shop_that_can_sell(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client, kind="phones", address="Kampala Road 1")
    assert njeri.data.keys() >= FIELDS_OF_LOGIN
    (place,) = njeri.data["shops"]
    assert (place["name"], place["role"], place["status"]) == ("Njeri Phones", "Owner", "active")
    counted = (
        "SELECT (SELECT count(*) FROM branches WHERE shop_id = :shop), "
        "(SELECT count(*) FROM locations WHERE shop_id = :shop AND kind = 'showroom'), "
        "(SELECT count(*) FROM registers WHERE shop_id = :shop), (SELECT count(*) FROM groups WHERE shop_id = :shop), "
        "(SELECT count(*) FROM roles WHERE shop_id = :shop), (SELECT count(*) FROM staff WHERE shop_id = :shop), "
        "(SELECT count(*) > 2 FROM tax_classes WHERE shop_id = :shop), "
        "(SELECT count(*) > 10 FROM ledger_accounts WHERE shop_id = :shop)"
    )
    assert tuple((await in_shop(app, place["shop_id"], counted))[0]) == (1, 1, 1, 1, 7, 1, True, True)
    who = (await njeri.who()).json()["data"]
    assert (who["role"], who["shop"]["currency"], who["shop"]["kind"]) == ("Owner", "UGX", "phones")
    assert who["permissions"]["settings:update"] == "shop"


async def test_the_new_owner_logs_in_with_the_password(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    assert (await njeri.login()).json()["data"]["shops"] == njeri.data["shops"]


@pytest.mark.parametrize(("phone", "country", "currency", "zone", "month"), [
    ("+2547{n}", "KE", "KES", "Africa/Nairobi", 7), ("+25561{n}", "TZ", "TZS", "Africa/Dar_es_Salaam", 7),
    ("+25078{n}", "RW", "RWF", "Africa/Kigali", 7), ("+9198{n}", "IN", "INR", "Asia/Kolkata", 4),
    ("+23480{n}", "NG", "NGN", "Africa/Lagos", 1), ("+5511{n}", "BR", "UGX", "Africa/Kampala", 1),
])  # fmt: skip
async def test_the_phones_country_decides_money_zone_and_year(
    client: httpx2.AsyncClient, app: FastAPI, phone: str, country: str, currency: str, zone: str, month: int
) -> None:
    digits = {"+2547{n}": 8, "+25561{n}": 7, "+25078{n}": 7, "+9198{n}": 8, "+23480{n}": 8, "+5511{n}": 8}[phone]
    njeri = Visitor(client, phone=phone.format(n=str(new_id().int % 10**digits).zfill(digits)))
    answer = await njeri.register()
    assert answer.status_code == 201, answer.text
    njeri.data = answer.json()["data"]
    shop = (await njeri.who()).json()["data"]["shop"]
    assert (shop["country"], shop["currency"], shop["time_zone"]) == (country, currency, zone)
    ((settings,),) = await in_shop(app, shop["id"], "SELECT settings FROM shops WHERE shop_id = :shop")
    assert settings["financial_year_month"] == month


async def test_the_owner_may_decide_otherwise(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client, country="KE", currency="USD", time_zone="Africa/Juba", tax_id=" p051 ")
    shop = (await njeri.who()).json()["data"]["shop"]
    assert (shop["country"], shop["currency"], shop["time_zone"]) == ("KE", "USD", "Africa/Juba")


@pytest.mark.parametrize("wrong", [
    {"currency": "ZZZ"}, {"time_zone": "Mars/Olympus"}, {"time_zone": "../etc/passwd"}, {"country": "ZZ"},
    {"slug": "UPPER"}, {"slug": "admin"}, {"slug": "-a-"}, {"shop_id": "x"}, {"role": "owner"}, {"owner_name": " "},
    {"state_code": "x1"}, {"email": "no address"}, {"password": ""}, {"code": "12345"}, {"code": "١٢٣٤٥٦"},
])  # fmt: skip
async def test_what_makes_no_sense_is_refused(client: httpx2.AsyncClient, wrong: dict[str, Any]) -> None:
    answer = await Visitor(client).register(**{"code": "123456", **wrong})
    assert (answer.status_code, code_of(answer)) == (400, "VALIDATION_ERROR")


async def test_an_indian_shop_has_the_state_of_its_gstin_and_takes_upi(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    njeri = Visitor(client)
    code = await njeri.code()
    assert code_of(await njeri.register(code, country="IN", tax_id=GSTIN[:-1] + "X")) == "TAX_ID_NOT_VALID"
    other = await njeri.register(code, country="IN", tax_id=GSTIN, state_code="29")
    assert code_of(other) == "VALIDATION_ERROR"
    njeri.data = (await njeri.register(code, country="IN", tax_id=GSTIN.lower())).json()["data"]
    shop = (await njeri.who()).json()["data"]["shop"]
    assert shop["state_code"] == "27"
    ((settings,),) = await in_shop(app, shop["id"], "SELECT settings FROM shops WHERE shop_id = :shop")
    assert settings["payment_methods"] == ["cash", "upi", "card", "bank_transfer", "other"]


async def test_an_account_that_stands_is_told_only_after_a_right_code(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    stranger = Visitor(client)
    assert (await njeri.register("000000")).json()["error"] == (await stranger.register("000000")).json()["error"]
    await later(app, njeri.phone, seconds=31)
    answer = await njeri.register()
    assert (answer.status_code, code_of(answer)) == (400, "ACCOUNT_EXISTS")


async def test_sent_ten_times_at_once_one_shop_is_made(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = Visitor(client)
    code = await njeri.code()
    answers = await asyncio.gather(*(njeri.register(code) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 9
    made = "SELECT count(*) FROM memberships m JOIN accounts a ON a.id = m.account_id WHERE a.phone = :p"
    ((count,),) = await run(app, made, p=njeri.phone)
    assert count == 1


async def test_two_shops_of_one_name_get_different_web_names(client: httpx2.AsyncClient) -> None:
    name = f"Mama {new_id().hex[-8:]}"
    first, second = await signed_up(client, shop_name=name), await signed_up(client, shop_name=name)
    slugs = [visitor.data["shops"][0]["slug"] for visitor in (first, second)]
    assert slugs[0] == name.lower().replace(" ", "-")
    assert slugs[1].startswith(slugs[0])
    assert len(set(slugs)) == 2


async def test_a_web_name_that_is_taken_is_refused_and_leaves_nothing(client: httpx2.AsyncClient, app: FastAPI) -> None:
    slug = f"shop-{new_id().hex[-8:]}"
    await signed_up(client, slug=slug)
    okello = Visitor(client)
    code = await okello.code()
    assert code_of(await okello.register(code, slug=slug)) == "SLUG_TAKEN"
    assert await run(app, "SELECT 1 FROM accounts WHERE phone = :p", p=okello.phone) == []
    assert (await okello.register(code)).status_code == 201


async def test_the_email_counts_once_it_is_confirmed(client: httpx2.AsyncClient, post: Post) -> None:
    address = f"{new_id().hex}@example.com"
    njeri = await signed_up(client, email=address)
    assert njeri.data["account"]["email"] is None
    assert (await njeri.login(login=address)).status_code == 401
    assert "code" in await post.to(address)


@pytest.mark.parametrize(("name", "slug"), [
    ("Njeri's Phones", "njeri-s-phones"), ("  Café  Éclair! ", "cafe-eclair"), ("A" * 60, "a" * 40),
    ("Duka 24/7", "duka-24-7"),
])  # fmt: skip
def test_a_web_name_is_made_of_the_shops_name(name: str, slug: str) -> None:
    assert rules.slug(name) == slug


@pytest.mark.parametrize("name", ["दुकान", "!!!", "api", "AB"])
def test_a_name_that_gives_no_web_name_gets_one_with_a_random_end(name: str) -> None:
    made = rules.slug(name)
    assert made not in rules.RESERVED_SLUGS
    assert len(made) >= 6
    assert made != rules.slug(name)


def test_every_known_country_has_a_known_currency() -> None:
    assert {home.currency for home in rules.HOMES.values()} <= money.CURRENCIES


@pytest.mark.parametrize(("tax_id", "taxed"), [(None, "No tax"), ("1000123456", "VAT 18 %")])
async def test_who_has_no_tax_number_charges_no_tax(
    client: httpx2.AsyncClient, tax_id: str | None, taxed: str
) -> None:
    njeri = await signed_up(client, country="UG", **({"tax_id": tax_id} if tax_id else {}))
    headers = {"Authorization": f"Bearer {njeri.data['access_token']}"}
    answer = await client.post("/api/products", json={"name": "Cable", "price": 1000}, headers=headers)
    assert answer.json()["data"]["tax_class"]["name"] == taxed
