"""One sale however often and by how many at once it is asked for, in three statements."""

import asyncio

import httpx2
from sqlalchemy import func, select

from duka.platform.ids import new_id
from duka.sales.models import Sale
from duka.stock.models import Movement
from tests import statements
from tests.sales.test_sell import body, of, on_hand
from tests.sales.till import post, sold
from tests.world import Shop, stock_up


async def test_of_twelve_who_want_the_last_five_five_get_one(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=5000)
    asked = [client.post("/api/sales", json=body(of(cable), paid=1000), headers=shop.owner.headers) for _ in range(12)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [400] * 7
    numbers = sorted(answer.json()["data"]["number"] for answer in answers if answer.status_code == 201)
    assert numbers == [f"S1/2627/{counter:06d}" for counter in range(1, 6)]
    assert await on_hand(shop) == 0


async def test_a_sale_posted_twenty_times_at_once_is_one_sale(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable", quantity_milli=1000)
    sale = {"id": str(new_id()), **body(of(cable), paid=1000)}
    answers = await asyncio.gather(
        *(client.post("/api/sales", json=sale, headers=shop.owner.headers) for _ in range(20))
    )
    assert [answer.status_code for answer in answers] == [201] * 20
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    async with shop.asking() as ctx:
        assert (await ctx.db.scalars(select(func.count()).select_from(Sale))).one() == 1
        assert (await ctx.db.scalars(select(func.count()).where(Movement.kind == "sale"))).one() == 1


async def test_the_same_id_with_another_body_is_refused_and_changes_nothing(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable")
    sale = {"id": str(new_id()), **body(of(cable), paid=1000)}
    await post(client, shop.owner, "/api/sales", sale)
    other = await post(client, shop.owner, "/api/sales", sale | {"note": "twice"}, status=409)
    assert other["code"] == "IDEMPOTENCY_CONFLICT"
    assert await on_hand(shop) == 9000


async def test_what_was_sold_is_told_again_though_its_register_is_closed(
    shop: Shop, client: httpx2.AsyncClient
) -> None:
    cable = await stock_up(shop, "cable")
    till = {"branch_id": str(shop.branch_id), "name": "Web shop", "kind": "server"}
    register = await post(client, shop.owner, "/api/registers", till)
    drawer = await post(client, shop.owner, "/api/register-sessions", {"register_id": register["id"], "float": 0})
    at = {"register_id": register["id"], "register_session_id": drawer["id"]}
    sale = {"id": str(new_id()), **body(of(cable), paid=1000, **at)}
    first = await post(client, shop.owner, "/api/sales", sale)
    await post(client, shop.owner, f"/api/register-sessions/{drawer['id']}/close", {"counted": 1000}, status=200)
    assert await post(client, shop.owner, "/api/sales", sale) == first
    another = await post(client, shop.owner, "/api/sales", body(of(cable), paid=1000, **at), status=400)
    assert another["code"] == "REGISTER_SESSION_CLOSED"
    await post(client, shop.owner, f"/api/registers/{register['id']}/close", {"reason": "not used"}, status=200)
    assert await post(client, shop.owner, "/api/sales", sale) == first
    another = await post(client, shop.owner, "/api/sales", body(of(cable), paid=1000, **at), status=400)
    assert another["code"] == "REGISTER_NOT_USABLE"
    assert await on_hand(shop) == 9000


async def test_a_reference_belongs_to_one_sale(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    await post(client, shop.owner, "/api/sales", body(of(cable), paid=1000, external_ref="web 12"))
    second = await post(client, shop.owner, "/api/sales", body(of(cable), paid=1000, external_ref="web 12"), status=409)
    assert second["code"] == "EXTERNAL_REF_TAKEN"
    assert await on_hand(shop) == 9000


async def test_ids_of_lines_and_payments_are_nobody_elses(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    line = of(cable, id=str(new_id()))
    await post(client, shop.owner, "/api/sales", body(line, paid=1000))
    again = await post(client, shop.owner, "/api/sales", body(line, paid=1000), status=409)
    assert (again["code"], again["details"]["what"]) == ("ID_TAKEN", "line")
    twice = await post(client, shop.owner, "/api/sales", body(line, line, paid=2000), status=400)
    assert twice["code"] == "VALIDATION_ERROR"


async def test_a_sale_is_three_statements(shop: Shop, client: httpx2.AsyncClient) -> None:
    cable = await stock_up(shop, "cable")
    await sold(client, shop, (cable, 1), paid=1000)  # opens the series of the year
    with statements.noted() as sent:
        await client.post("/api/sales", json=body(of(cable, 2), paid=2000), headers=shop.owner.headers)
    assert len(sent) == 3, sent  # set the shop, ask everything, write everything
