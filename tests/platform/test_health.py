"""Whether the process says truly how it is, and whom it tells its figures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from duka.main import create_app
from duka.platform import health
from duka.platform.edge import House
from duka.platform.postgres import Urls
from duka.platform.settings import Settings
from tests.conftest import SECRET

TOKEN = "figures-for-the-watchman"


@asynccontextmanager
async def asking(app: FastAPI, host: str = "127.0.0.1") -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who asks from an address."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False, client=(host, 4711))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture(scope="module")
def watched(options: Settings, urls: Urls) -> FastAPI:
    """An app whose figures a watchman may read from elsewhere."""
    return create_app(options.model_copy(update={"metrics_token": TOKEN}), urls, SECRET)


async def test_a_living_process_says_so(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_process_that_can_serve_says_so(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_server_for_real_shops_says_which_messages_reach_nobody(options: Settings, urls: Urls) -> None:
    async def notes(**changes: Any) -> list[str]:
        app = create_app(options.model_copy(update={"mode": "production", **changes}), urls, SECRET)
        async with asking(app) as client:
            told: list[str] = (await client.get("/readyz")).json()["notes"]
        return told

    sms, mail = await notes()
    assert "SMS" in sms
    assert "DUKA_SMTP_URL" in mail
    assert await notes(smtp_url="smtp://mail.example.com") == [sms]


async def test_without_a_database_it_lives_but_is_not_ready(options: Settings) -> None:
    nowhere = "postgresql+psycopg://duka:x@127.0.0.1:1/duka?connect_timeout=1"
    app = create_app(options, Urls(nowhere, nowhere, nowhere, nowhere), SECRET)
    async with asking(app) as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "the database does not answer"
    assert answer.headers["retry-after"]


async def test_with_another_schema_it_is_not_ready(options: Settings, urls: Urls) -> None:
    app = FastAPI()
    real = create_app(options, urls, SECRET)
    app.state.house = real.state.house
    health.mount(app, "9999")
    async with asking(app) as client:
        answer = await client.get("/readyz")
    house: House = real.state.house
    await house.database.close()
    assert (answer.status_code, answer.json()["reason"]) == (503, "the database's schema is not this program's")


@pytest.mark.parametrize(
    ("host", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.7", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=10.0.0.7"}, 404),
        ("10.0.0.7", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("10.0.0.7", {"Authorization": "Bearer wrong"}, 404),
        ("10.0.0.7", {"Authorization": "Bearer "}, 404),
        ("not an address", {}, 404),
    ],
)
async def test_figures_are_for_this_machine_and_the_watchman(
    watched: FastAPI, host: str, headers: dict[str, str], status: int
) -> None:
    async with asking(watched, host) as client:
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == status


async def test_without_a_token_an_empty_bearer_opens_nothing(app: FastAPI) -> None:
    async with asking(app, "10.0.0.7") as client:
        for value in ("Bearer ", "Bearer None", "Bearer"):
            assert (await client.get("/metrics", headers={"Authorization": value})).status_code == 404


async def test_figures_count_requests_by_route_and_name_no_person(client: httpx2.AsyncClient, app: FastAPI) -> None:
    await client.get("/api/notifications?q=njeri")
    async with asking(app) as local:
        figures: Any = (await local.get("/metrics")).text
    assert 'duka_requests_total{method="GET",route="/api/notifications",status="401"}' in figures
    assert "njeri" not in figures


async def test_a_balancer_may_ask_for_the_head_only(client: httpx2.AsyncClient) -> None:
    for path in ("/healthz", "/readyz", "/", "/static/duka.css"):
        assert (await client.head(path)).status_code == 200
