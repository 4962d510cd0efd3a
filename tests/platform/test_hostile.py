"""What a stranger's page, a stranger's words and a database in trouble may do: as little as the answers here say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import psycopg
import pytest
from fastapi import FastAPI

from duka.main import create_app
from duka.platform import failures
from duka.platform.postgres import Urls, libpq
from duka.platform.settings import Settings
from tests.access.operations import Operation, operations
from tests.conftest import SECRET
from tests.world import Shop, stock_up

NOWHERE = "zzqqxx"
OURS, THEIRS = "https://shop.example.com", "https://evil.example.com"


@asynccontextmanager
async def asking(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        yield client


async def preflight(client: httpx2.AsyncClient, origin: str) -> httpx2.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST",
               "Access-Control-Request-Headers": "authorization,content-type"}  # fmt: skip
    return await client.options("/api/sales", headers=headers)


# Pages of other sites


async def test_no_other_sites_page_reads_an_answer(client: httpx2.AsyncClient) -> None:
    for origin in (OURS, THEIRS, "null"):
        answers = [await client.get("/healthz", headers={"Origin": origin}), await preflight(client, origin)]
        assert [name for each in answers for name in each.headers if name.startswith("access-control")] == []


async def test_pages_of_the_named_sites_may_and_no_others(options: Settings, urls: Urls) -> None:
    app = create_app(options.model_copy(update={"cors_origins": f"{OURS}, https://b.example.com"}), urls, SECRET)
    async with asking(app) as client:
        allowed, refused = await preflight(client, OURS), await preflight(client, THEIRS)
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, OURS)
        assert "access-control-allow-credentials" not in allowed.headers  # a cookie never comes from another site
        assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)
        for origin in (THEIRS, f"{OURS}.evil.example.com", OURS.replace("https", "http"), "null"):
            answer = await client.get("/healthz", headers={"Origin": origin})
            assert "access-control-allow-origin" not in answer.headers


# Words that are no words


def lists(app: FastAPI, takes: str) -> list[Operation]:
    """Every list of a shop that takes a parameter."""
    found = [
        each
        for each in operations(app)
        if each.method == "GET" and each.in_a_shop and not each.places
        and takes in {row["name"] for row in each.told.get("parameters", ())}
    ]  # fmt: skip
    assert len(found) > 8
    return found


@pytest.mark.parametrize(
    "sort", ["name; DROP TABLE sales", "-(SELECT 1)", "id)--", "created_at,id", "--name", "shop_id"]
)
async def test_a_sort_is_one_of_those_there_are(
    sort: str, app: FastAPI, client: httpx2.AsyncClient, shop: Shop
) -> None:
    wrong = {}
    for each in lists(app, "sort"):
        answer = await client.get(each.path, params={"sort": sort}, headers=shop.owner.headers)
        if answer.status_code != 400 or answer.json()["error"]["code"] != "VALIDATION_ERROR":
            wrong[each.path] = answer.text[:200]
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["%%%", "_____", "\\", "%25", "' OR '1'='1", "a' UNION SELECT null--", "$1", "%(shop)s"]
)
async def test_signs_of_a_search_are_searched_for(
    words: str, app: FastAPI, client: httpx2.AsyncClient, shop: Shop
) -> None:
    await stock_up(shop, "cable")
    made = await client.post("/api/customers", json={"name": "Mary Akinyi"}, headers=shop.owner.headers)
    assert made.status_code == 201
    wrong = {}
    for each in lists(app, "q"):
        asked = [await client.get(each.path, params={"q": q}, headers=shop.owner.headers) for q in (words, NOWHERE)]
        if [each.status_code for each in asked] != [200, 200] or asked[0].json()["data"] != asked[1].json()["data"]:
            wrong[each.path] = [each.text[:200] for each in asked]
    assert wrong == {}


# A database in trouble

TROUBLES: dict[str, tuple[int, str, str | None]] = {
    "22021": (400, "VALIDATION_ERROR", None),
    "22P05": (400, "VALIDATION_ERROR", None),
    "40001": (503, "BUSY", "1"),
    "40P01": (503, "BUSY", "1"),
    "55P03": (503, "BUSY", "1"),
    "53100": (503, "UNAVAILABLE", "5"),
    "53300": (503, "UNAVAILABLE", "5"),
    "57P01": (503, "UNAVAILABLE", "5"),
    "57P03": (503, "UNAVAILABLE", "5"),
    "08006": (503, "UNAVAILABLE", "5"),
    "XX000": (500, "SERVER_ERROR", None),
}


def told(urls: Urls, *commands: str) -> Any:
    """Have the database refuse the last command, and say it as the edge does."""
    *before, last = commands
    with psycopg.connect(libpq(urls.app), autocommit=True) as connection:
        for command in before:
            connection.execute(command.encode())
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(last.encode())
    return failures.of(caught.value)


@pytest.mark.parametrize("state", TROUBLES)
def test_what_the_database_says_is_told_as_what_to_do(state: str, urls: Urls) -> None:
    refusal = told(urls, f"DO $$ BEGIN RAISE EXCEPTION 'secret detail' USING ERRCODE = '{state}'; END $$")
    assert (refusal.status, refusal.code, refusal.headers().get("Retry-After")) == TROUBLES[state]
    assert "secret detail" not in refusal.message() + str(refusal.details())


def test_a_statement_that_takes_too_long_is_told_to_come_back(urls: Urls) -> None:
    refusal = told(urls, "SET statement_timeout = '20ms'", "SELECT pg_sleep(5)")
    assert (refusal.status, refusal.code, refusal.headers()["Retry-After"]) == (503, "BUSY", "1")
