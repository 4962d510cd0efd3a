"""How every answer of the server looks, whatever is thrown at it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI, Response
from pydantic import Field
from sqlalchemy import select, text

from duka.main import create_app
from duka.platform import edge, limiter
from duka.platform.context import Ctx
from duka.platform.edge import House, allow
from duka.platform.errors import DukaError
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent, RememberedKey
from duka.platform.postgres import Urls
from duka.platform.settings import Settings
from duka.platform.wire import Answer, Body, Name
from tests.conftest import SECRET
from tests.world import Shop, hire, open_a_shop, stock_up

probe = edge.router("/probe", "probe")


class Note(Body):
    """A body with one of each."""

    name: Name
    amount: Annotated[int, Field(ge=0, le=10**12)] = 0
    parts: Annotated[tuple[Name, ...], Field(max_length=10)] = ()


async def keep(ctx: Ctx, name: str) -> UUID:
    event = OutboxEvent(shop_id=ctx.shop_id, id=new_id(), event="note.kept", entity_id=new_id(),
                        facts={"name": name}, at=ctx.now)
    ctx.db.add(event)
    await ctx.db.flush()
    return event.id


@probe.post("/notes", status_code=201)
async def keep_note(ctx: Annotated[Ctx, allow("profile:update")], body: Note, response: Response) -> Answer[str]:
    kept = await keep(ctx, body.name)
    response.headers["Location"] = f"/api/probe/notes/{kept}"
    return Answer(data=str(kept))


@probe.post("/lost", status_code=201)
async def lose_the_connection(ctx: Annotated[Ctx, allow("profile:update")], body: Note) -> Answer[str]:
    """Everything is well until the commit: the connection is cut."""
    kept = await keep(ctx, body.name)
    pid = (await ctx.db.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    house: House = PROBED[0].state.house
    async with house.database.session() as other:
        await other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    return Answer(data=str(kept))


@probe.post("/broken", status_code=201)
async def break_a_rule_at_commit(ctx: Annotated[Ctx, allow("profile:update")], body: Note) -> Answer[str]:
    """Everything is well until the commit: a rule that is only checked there does not hold."""
    kept = await keep(ctx, body.name)
    await ctx.db.execute(text("CREATE TEMP TABLE IF NOT EXISTS once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    await ctx.db.execute(text("INSERT INTO once VALUES (1), (1)"))
    return Answer(data=str(kept))


@dataclass(eq=False)
class Counted(DukaError):
    """A wrong try, which is written down though it is refused."""

    keeps: ClassVar[bool] = True


@probe.post("/counted")
async def count_a_try(ctx: Annotated[Ctx, allow("profile:update")], body: Note) -> Answer[str]:
    await keep(ctx, body.name)
    raise Counted


@probe.post("/drawing")
async def draw(ctx: Annotated[Ctx, allow("profile:read")], body: Note) -> Response:
    return Response(b"\x89PNG", media_type="image/png")


@probe.get("/fault")
async def fail(ctx: Annotated[Ctx, allow("profile:read")]) -> Answer[str]:
    """A fault of ours."""
    raise RuntimeError("the inside must not be told")


PROBED: list[FastAPI] = []


@pytest.fixture(scope="module")
async def probed(options: Settings, urls: Urls) -> AsyncIterator[FastAPI]:
    """The app with the routes above."""
    app = create_app(options.model_copy(update={"requests_per_minute": 1_000_000}), urls, SECRET)
    app.include_router(probe)
    PROBED[:] = [app]
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="module")
async def asking(probed: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=probed, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """Check the envelope of a refusal and give its error."""
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert set(told) == {"success", "message", "error", "timestamp"}
    assert told["success"] is False
    assert told["error"]["message"] == told["message"] != ""
    assert told["error"]["code"] == code
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["timestamp"])
    error: dict[str, Any] = told["error"]
    return error


async def kept_notes(shop: Shop) -> list[str]:
    async with shop.asking() as ctx:
        rows = await ctx.db.scalars(select(OutboxEvent).where(OutboxEvent.event == "note.kept"))
        return [row.facts["name"] for row in rows]


async def send(asking: httpx2.AsyncClient, shop: Shop, body: bytes | str, path: str = "/api/probe/notes",
               **headers: str) -> httpx2.Response:
    return await asking.post(path, content=body, headers={
        **shop.owner.headers, "Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}
    })  # fmt: skip


# The envelope


async def test_an_address_that_does_not_exist(client: httpx2.AsyncClient) -> None:
    refused(await client.get("/api/nothing-here"), 404, "NOT_FOUND")
    refused(await client.get("/api/branches/"), 404, "NOT_FOUND")


async def test_a_method_that_is_not_taken(client: httpx2.AsyncClient) -> None:
    refused(await client.put("/api/notifications"), 405, "METHOD_NOT_ALLOWED")
    answer = await client.patch(f"/api/products/{new_id()}")
    assert answer.headers["allow"] == "DELETE, GET, PUT"
    assert refused(answer, 405, "METHOD_NOT_ALLOWED")["details"] == {"allow": "DELETE, GET, PUT"}


async def test_a_body_that_is_not_json(asking: httpx2.AsyncClient, shop: Shop) -> None:
    answer = await asking.post("/api/probe/notes", content=b"<note/>",
                               headers={**shop.owner.headers, "Content-Type": "application/xml"})
    refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_good_body_is_kept(asking: httpx2.AsyncClient, shop: Shop) -> None:
    answer = await send(asking, shop, '{"name": "  tea  "}')
    assert answer.status_code == 201
    assert answer.headers["location"].startswith("/api/probe/notes/")
    assert answer.json()["success"] is True
    assert await kept_notes(shop) == ["tea"]


async def test_problem_details_for_who_asks_for_them(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/notifications", headers={"Accept": "application/problem+json"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank", "title": "Please log in.", "status": 401, "code": "UNAUTHENTICATED"
    }


async def test_problem_details_keep_their_own_words(client: httpx2.AsyncClient, shop: Shop) -> None:
    wrong = {"name": "Okello", "type": "friend", "status": 3}
    headers = {**shop.owner.headers, "Accept": "application/problem+json"}
    problem = (await client.post("/api/customers", json=wrong, headers=headers)).json()
    assert (problem["type"], problem["status"], problem["code"]) == ("about:blank", 400, "VALIDATION_ERROR")
    assert problem["details"] == {
        "type": ["Use one of: 'retail' or 'wholesale'."], "status": ["There is no such field."]
    }


async def test_a_request_id_comes_back(client: httpx2.AsyncClient) -> None:
    mine = await client.get("/api/nothing", headers={"X-Request-ID": "till-7.42"})
    assert mine.headers["x-request-id"] == "till-7.42"
    strange = await client.get("/api/nothing", headers={"X-Request-ID": "a b\tc"})
    assert UUID(strange.headers["x-request-id"])
    assert UUID((await client.get("/healthz")).headers["x-request-id"])


async def test_every_answer_has_the_shared_headers(client: httpx2.AsyncClient) -> None:
    for path in ("/healthz", "/api/nothing", "/api/notifications", "/"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert re.fullmatch(r"app;dur=\d+\.\d\d", headers["server-timing"])
        assert headers["cache-control"]


# What may be thrown at it

DEEP = "[" * 10_000 + "]" * 10_000
HOSTILE = {
    "a NUL in a text": rb'{"name": "te\u0000a"}',
    "a bare NUL": b'{"name": "te\x00a"}',
    "a lone surrogate": rb'{"name": "te\ud83da"}',
    "a surrogate pair upside down": rb'{"name": "\ude00\ud83d"}',
    "depth 10,000": DEEP.encode(),
    "depth 10,000 inside": f'{{"name": {DEEP}}}'.encode(),
    "as deep as is read, with other letters": ("[" * 1_000 + '"é"' + "]" * 1_000).encode(),
    "objects in objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "not a number": b'{"name": "tea", "amount": NaN}',
    "infinity": b'{"name": "tea", "amount": -Infinity}',
    "a number of 5,000 digits": b'{"name": "tea", "amount": ' + b"9" * 5000 + b"}",
    "a number past the limit": b'{"name": "tea", "amount": 1000000000001}',
    "an exponent": b'{"name": "tea", "amount": 1e400}',
    "a fraction": b'{"name": "tea", "amount": 0.5}',
    "a text for a number": b'{"name": "tea", "amount": "many"}',
    "an unknown field": b'{"name": "tea", "shop_id": "0197a3c2-5b1e-7c40-9a6d-3f1e8b2c4d50"}',
    "a list for an object": b"[]",
    "nothing": b"",
    "half a body": b'{"name": "te',
    "bytes that are no text": b'{"name": "\xff\xfe"}',
    "an empty name": b'{"name": "   "}',
    "a name of 201 characters": json.dumps({"name": "a" * 201}).encode(),
    "too many parts": json.dumps({"name": "tea", "parts": ["a"] * 11}).encode(),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_body_that_is_wrong_is_refused_by_name(asking: httpx2.AsyncClient, shop: Shop, body: bytes) -> None:
    error = refused(await send(asking, shop, body), 400, "VALIDATION_ERROR")
    assert all(isinstance(words, list) and words for words in error["details"].values())
    assert error["details"]
    assert await kept_notes(shop) == []


async def test_an_unknown_field_is_named(asking: httpx2.AsyncClient, shop: Shop) -> None:
    error = refused(await send(asking, shop, '{"name": "tea", "ammount": 1}'), 400, "VALIDATION_ERROR")
    assert list(error["details"]) == ["ammount"]


async def test_what_is_no_json_is_said_of_the_body(asking: httpx2.AsyncClient, shop: Shop) -> None:
    error = refused(await send(asking, shop, '{"name": "tea"'), 400, "VALIDATION_ERROR")
    (words,) = error["details"].pop("body")
    assert words.startswith("This is not JSON: ")
    assert error["details"] == {}


async def test_emoji_and_every_script_are_kept(asking: httpx2.AsyncClient, shop: Shop) -> None:
    for name in ("चाय ☕ شاي", "\\ud83d\\ude00"):
        assert (await send(asking, shop, f'{{"name": "{name}"}}')).status_code == 201
    assert sorted(await kept_notes(shop)) == ["चाय ☕ شاي", "😀"]


async def test_ten_megabytes_are_not_read(asking: httpx2.AsyncClient, shop: Shop) -> None:
    error = refused(await send(asking, shop, b'{"name": "' + b"a" * 10_000_000 + b'"}'), 413, "BODY_TOO_LARGE")
    assert error["details"] == {"limit_bytes": 1_000_000}


async def test_ten_megabytes_in_pieces_without_a_length(asking: httpx2.AsyncClient, shop: Shop) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    answer = await asking.post("/api/probe/notes", content=pieces(),
                               headers={**shop.owner.headers, "Content-Type": "application/json"})
    refused(answer, 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("path", ["/api/notifications?q=%00", "/api/notifications?cursor=a%00b", "/api/not%00here"])
async def test_a_nul_in_the_address(client: httpx2.AsyncClient, shop: Shop, path: str) -> None:
    refused(await client.get(path, headers=shop.owner.headers), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "limit=" + "9" * 400, "cursor=%FF", "cursor=" + "a" * 501, "cursor=bm90",
     "sort=nothing", "sort=--at", "sort=shop_id;drop", "total=perhaps", "q=" + "a" * 101, "format=exe", "cursor=W10",
     # Made by hand: [sort, value, key] with a key that is no text.
     "cursor=WyItYXQiLCIyMDI2LTExLTIxVDAwOjAwOjAwKzAwOjAwIiw1XQ"],
)  # fmt: skip
async def test_a_query_that_is_wrong(client: httpx2.AsyncClient, shop: Shop, query: str) -> None:
    answer = await client.get(f"/api/notifications?{query}", headers=shop.owner.headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] in ("VALIDATION_ERROR", "BAD_CURSOR")


async def test_a_parameter_that_does_not_exist_is_named(client: httpx2.AsyncClient, shop: Shop) -> None:
    answer = await client.get("/api/payments?branch=1&limit=1", headers=shop.owner.headers)
    details = refused(answer, 400, "VALIDATION_ERROR")["details"]
    assert list(details) == ["branch"]
    assert "branch_id" in details["branch"][0]
    refused(await client.get("/api/auth/shops?x=1", headers=shop.owner.headers), 400, "VALIDATION_ERROR")


async def test_a_list_that_comes_in_pages_only_gives_no_file(client: httpx2.AsyncClient, shop: Shop) -> None:
    answer = await client.get("/api/roles?format=csv", headers=shop.owner.headers)
    assert "format" in refused(answer, 400, "VALIDATION_ERROR")["details"]


async def test_a_cursor_belongs_to_one_direction(client: httpx2.AsyncClient, shop: Shop) -> None:
    first = (await client.get("/api/roles?sort=-name&limit=1", headers=shop.owner.headers)).json()
    cursor = first["page"]["next_cursor"]
    again = await client.get(f"/api/roles?sort=-name&limit=1&cursor={cursor}", headers=shop.owner.headers)
    assert again.json()["data"] != first["data"]
    refused(await client.get(f"/api/roles?sort=name&cursor={cursor}", headers=shop.owner.headers), 400, "BAD_CURSOR")


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Basic bmplcmk6eA==", "Bearer x", "Bearer a.b.c", "Bearer duka_live_",
     "Bearer duka_reg_x", "Bearer " + "a" * 3000, "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer \u00e9"],
)  # fmt: skip
async def test_a_bearer_that_is_none(client: httpx2.AsyncClient, value: str) -> None:
    answer = await client.get("/api/notifications", headers={b"Authorization": value.encode("latin-1")})
    refused(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_fault_of_ours_tells_nothing_of_the_inside(asking: httpx2.AsyncClient, shop: Shop) -> None:
    answer = await asking.get("/api/probe/fault", headers=shop.owner.headers)
    error = refused(answer, 500, "SERVER_ERROR")
    assert "inside" not in answer.text
    assert error["details"] == {}


# The commit


async def test_a_connection_lost_at_commit_is_never_a_success(asking: httpx2.AsyncClient, shop: Shop) -> None:
    answer = await send(asking, shop, '{"name": "tea"}', "/api/probe/lost")
    refused(answer, 503, "UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0
    assert await kept_notes(shop) == []


async def test_a_rule_broken_at_commit_is_never_a_success(asking: httpx2.AsyncClient, shop: Shop) -> None:
    refused(await send(asking, shop, '{"name": "tea"}', "/api/probe/broken"), 500, "SERVER_ERROR")
    assert await kept_notes(shop) == []


# Repeating


async def test_a_repeated_key_gets_the_first_answer(asking: httpx2.AsyncClient, shop: Shop) -> None:
    first = await send(asking, shop, '{"name": "tea"}', Idempotency_Key="order 66")
    again = await send(asking, shop, '{"name": "tea"}', Idempotency_Key="order 66")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert await kept_notes(shop) == ["tea"]


async def test_a_key_used_for_something_else_is_refused(asking: httpx2.AsyncClient, shop: Shop) -> None:
    await send(asking, shop, '{"name": "tea"}', Idempotency_Key="k")
    refused(await send(asking, shop, '{"name": "coffee"}', Idempotency_Key="k"), 409, "IDEMPOTENCY_CONFLICT")
    assert await kept_notes(shop) == ["tea"]


async def test_nobody_else_gets_the_answer_of_a_key(client: httpx2.AsyncClient, shop: Shop) -> None:
    cable = await stock_up(shop, "cable", cost_minor=400)
    cashier = await hire(shop, "staff")
    sale = {"lines": [{"variant_id": str(cable)}], "payments": [{"method": "cash", "amount": 1000}]}
    path, key = "/api/sales", {"Idempotency-Key": "order-77"}
    mine = await client.post(path, json=sale, headers={**shop.owner.headers, **key})
    assert "margin" in mine.json()["data"]
    refused(await client.post(path, json=sale, headers={**cashier.headers, **key}), 409, "IDEMPOTENCY_CONFLICT")
    again = await client.post(path, json=sale, headers={**shop.owner.headers, **key})
    assert (again.headers["idempotency-replayed"], again.content) == ("true", mine.content)


async def test_twenty_at_once_with_one_key_do_it_once(asking: httpx2.AsyncClient, shop: Shop) -> None:
    answers = await asyncio.gather(
        *(send(asking, shop, '{"name": "tea"}', Idempotency_Key="k") for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await kept_notes(shop) == ["tea"]


async def test_a_refused_request_leaves_its_key_unused(asking: httpx2.AsyncClient, shop: Shop) -> None:
    refused(await send(asking, shop, '{"name": ""}', Idempotency_Key="k"), 400, "VALIDATION_ERROR")
    assert (await send(asking, shop, '{"name": "tea"}', Idempotency_Key="k")).status_code == 201


async def test_two_shops_may_use_the_same_key(asking: httpx2.AsyncClient, shop: Shop, house: House) -> None:
    other = await open_a_shop(house)
    for each in (shop, other):
        assert (await send(asking, each, '{"name": "tea"}', Idempotency_Key="k")).status_code == 201
        assert await kept_notes(each) == ["tea"]
        async with each.asking() as ctx:
            assert len((await ctx.db.scalars(select(RememberedKey))).all()) == 1


@pytest.mark.parametrize("key", ["a" * 201, "a\tb"])
async def test_a_key_that_is_none(asking: httpx2.AsyncClient, shop: Shop, key: str) -> None:
    refused(await send(asking, shop, '{"name": "tea"}', Idempotency_Key=key), 400, "VALIDATION_ERROR")


async def test_a_drawn_file_is_drawn_again(asking: httpx2.AsyncClient, shop: Shop) -> None:
    for _ in range(2):
        answer = await send(asking, shop, '{"name": "tea"}', "/api/probe/drawing", Idempotency_Key="k")
        assert (answer.status_code, answer.content) == (200, b"\x89PNG")
        assert "idempotency-replayed" not in answer.headers


async def test_a_refusal_that_keeps_is_not_remembered(asking: httpx2.AsyncClient, shop: Shop) -> None:
    for tries in (1, 2):
        answer = await send(asking, shop, '{"name": "tea"}', "/api/probe/counted", Idempotency_Key="k")
        refused(answer, 400, "COUNTED")
        assert len(await kept_notes(shop)) == tries


# How often


async def test_too_many_requests_are_told_when_to_come_back(options: Settings, urls: Urls, shop: Shop) -> None:
    app = create_app(options.model_copy(update={"requests_per_minute": 2}), urls, SECRET)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as asking:
        answers = [await asking.get("/api/notifications", headers=shop.owner.headers) for _ in range(3)]
    house: House = app.state.house
    await house.database.close()
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"2"}
    refused(answers[2], 429, "RATE_LIMITED")
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert answers[2].headers["retry-after"] == answers[2].headers["ratelimit-reset"]


async def test_long_answers_travel_compressed(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["openapi"] == "3.1.0"


async def test_nothing_but_a_file_is_sent_as_one(client: httpx2.AsyncClient, shop: Shop) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    for path, who in (("/api/auth/otp", {}), ("/api/sales", shop.owner.headers)):
        answer = await client.post(path, content=b"x" * 2_000_000, headers={**who, **kind})
        refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:203.0.113.7",
     "203.0.113.7"), ("testclient", "testclient"), (None, "")],
)  # fmt: skip
def test_who_has_a_whole_network_is_counted_once(address: str | None, counted_as: str) -> None:
    assert limiter.neighbourhood(address) == counted_as


async def test_each_proxys_own_line_of_addresses_is_read(options: Settings, urls: Urls) -> None:
    behind = options.model_copy(update={"trusted_proxies": "127.0.0.1", "auth_requests_per_minute": 2})
    transport = httpx2.ASGITransport(app=create_app(behind, urls, SECRET), client=("127.0.0.1", 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as asking:
        for invented in ("198.51.100.1", "198.51.100.2", "198.51.100.3"):
            hops = [("X-Forwarded-For", invented), ("X-Forwarded-For", "203.0.113.7")]
            last = await asking.get("/api/auth/invitations/none", headers=hops)
    refused(last, 429, "RATE_LIMITED")
