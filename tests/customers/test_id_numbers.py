"""An ID number is for few eyes: it lies encrypted, and nobody else is shown more than that there is one."""

from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select

from duka.customers.models import Customer
from duka.platform.edge import House
from duka.platform.identity import Signer
from duka.platform.models import AuditEntry, OutboxEvent, RememberedKey
from duka.platform.vault import Unreadable, Vault
from tests.conftest import SECRET
from tests.customers.people import register
from tests.world import Person, Shop, hire

Client = httpx2.AsyncClient
NUMBER = "CM89-0123 4567/X"


async def shown(client: Client, who: Person, customer_id: str) -> str | None:
    answer = await client.get(f"/api/customers/{customer_id}", headers=who.headers)
    assert answer.status_code == 200, answer.text
    number: str | None = answer.json()["data"]["id_number"]
    return number


async def stored(shop: Shop, customer_id: str) -> bytes | None:
    async with shop.asking() as ctx:
        return (await ctx.db.scalars(select(Customer.id_number).where(Customer.id == UUID(customer_id)))).one()


async def test_whoever_may_change_a_customer_reads_the_number_and_others_see_that_there_is_one(
    client: Client, shop: Shop
) -> None:
    cashier, manager = await hire(shop, "staff"), await hire(shop, "supervisor")
    achieng = await register(client, shop, by=cashier, id_number=NUMBER)
    assert "id_number" not in achieng
    assert await shown(client, manager, achieng["id"]) == NUMBER
    assert await shown(client, cashier, achieng["id"]) == "••••••"
    nobody = await register(client, shop, "Okello")
    assert [await shown(client, who, nobody["id"]) for who in (manager, cashier)] == [None, None]


async def test_the_number_is_nowhere_but_encrypted_on_its_row(client: Client, shop: Shop) -> None:
    headers = shop.owner.headers | {"Idempotency-Key": "once"}
    body = {"name": "Achieng", "id_number": NUMBER}
    first = await client.post("/api/customers", json=body, headers=headers)
    assert (await client.post("/api/customers", json=body, headers=headers)).content == first.content
    customer_id = first.json()["data"]["id"]
    change = {"id_number": "PASSPORT B0012345", "version": 1}
    changed = await client.put(f"/api/customers/{customer_id}", json=change, headers=shop.owner.headers)
    assert changed.status_code == 200, changed.text
    sheet = await client.get("/api/customers?format=csv", headers=shop.owner.headers)
    trail = await client.get("/api/audit-logs", headers=shop.owner.headers)
    said = [first.text, changed.text, sheet.text, trail.text]
    locked = await stored(shop, customer_id)
    assert locked
    async with shop.asking() as ctx:
        said += [str((row.before, row.after)) for row in await ctx.db.scalars(select(AuditEntry))]
        said += [str(row.facts) for row in await ctx.db.scalars(select(OutboxEvent))]
        said += [row.body for row in await ctx.db.scalars(select(RememberedKey))]
    assert not [text for text in [*said, repr(locked)] if "0123 4567" in text or "B0012345" in text]
    assert "id_number" in trail.text, "that it was changed is told"


async def test_the_same_number_again_is_no_change_and_null_takes_it_away(client: Client, shop: Shop) -> None:
    achieng = await register(client, shop, id_number=NUMBER)
    path = f"/api/customers/{achieng['id']}"
    same = await client.put(path, json={"id_number": f" {NUMBER} ", "version": 1}, headers=shop.owner.headers)
    assert same.json()["data"]["version"] == 1
    gone = await client.put(path, json={"id_number": None, "version": 1}, headers=shop.owner.headers)
    assert gone.json()["data"]["version"] == 2
    assert await stored(shop, achieng["id"]) is None
    assert await shown(client, shop.owner, achieng["id"]) is None


async def test_on_another_customers_row_the_bytes_say_nothing(client: Client, shop: Shop) -> None:
    achieng, okello = await register(client, shop, id_number=NUMBER), await register(client, shop, "Okello")
    async with shop.as_() as ctx:
        row = (await ctx.db.scalars(select(Customer).where(Customer.id == UUID(okello["id"])))).one()
        row.id_number = await stored(shop, achieng["id"])
    assert await shown(client, shop.owner, okello["id"]) == "••••••"


async def test_after_a_new_secret_the_old_numbers_are_read_and_new_ones_locked_anew(
    client: Client, shop: Shop, house: House
) -> None:
    achieng = await register(client, shop, id_number=NUMBER)
    locked = await stored(shop, achieng["id"])
    assert locked
    about = ("customers.id_number", str(shop.shop_id), achieng["id"])
    assert house.signer.vault.unlock(locked, *about) == NUMBER
    later = Signer("a secret of next year", [SECRET]).vault
    assert later.unlock(locked, *about) == NUMBER
    with pytest.raises(Unreadable):
        house.signer.vault.unlock(later.lock(NUMBER, *about), *about)
    with pytest.raises(Unreadable):
        Vault("another secret").unlock(locked, *about)


@pytest.mark.parametrize("place", [0, 3, 15, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    vault = Vault("secret")
    bytes_ = bytearray(vault.lock(NUMBER, "here"))
    bytes_[place] ^= 1
    with pytest.raises(Unreadable):
        vault.unlock(bytes(bytes_), "here")
    assert vault.lock(NUMBER, "here") != vault.lock(NUMBER, "here")
