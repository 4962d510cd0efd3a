"""The first page: what a visitor sees, and that it needs nothing from anywhere else."""

from pathlib import Path

import httpx2
import orjson
import pytest
from fastapi import FastAPI

from duka.platform import pages
from duka.platform.settings import Settings

LOGINS = {
    "shop": "Njeri <Phones>",
    "logins": [{"role": "Owner", "name": "Njeri", "phone": "+256700000001", "password": "seven green kettles"}],
}


def front(options: Settings) -> httpx2.ASGITransport:
    app = FastAPI()
    pages.mount(app, options)
    return httpx2.ASGITransport(app=app)


async def page(options: Settings) -> str:
    async with httpx2.AsyncClient(transport=front(options), base_url="http://test") as client:
        answer = await client.get("/")
    assert answer.status_code == 200
    return answer.text


async def test_the_first_page_says_what_duka_is() -> None:
    async with httpx2.AsyncClient(transport=front(Settings()), base_url="http://test") as client:
        answer = await client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for part in ("The system your shop runs on", "/api/docs", "/readyz", "curl -s http"):
        assert part in answer.text


async def test_the_page_stands_elsewhere_where_the_app_takes_its_place() -> None:
    app = FastAPI()
    pages.mount(app, Settings(), at="/welcome")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as client:
        assert "The system your shop runs on" in (await client.get("/welcome")).text
        assert (await client.get("/")).status_code == 404


async def test_a_demo_shows_its_logins(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_bytes(orjson.dumps(LOGINS))
    text = await page(Settings(data=tmp_path, mode="demo", public_url="https://try.example/"))
    assert "Njeri &lt;Phones&gt;" in text
    assert text.count("seven green kettles") == 2  # in the list, and in the first request
    assert "https://try.example/api/auth/login" in text


async def test_only_a_demo_shows_logins(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_bytes(orjson.dumps(LOGINS))
    assert "kettles" not in await page(Settings(data=tmp_path, mode="production"))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"logins": 5}', b'{"logins": [{"role": "Owner"}]}'])
async def test_a_demo_file_that_cannot_be_read_spoils_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "demo.json").write_bytes(content)
    assert "Your first request" in await page(Settings(data=tmp_path, mode="demo"))


async def test_a_file_is_sent_once(client: httpx2.AsyncClient) -> None:
    first = await client.get("/static/duka.css")
    assert first.headers["content-type"] == "text/css; charset=utf-8"
    again = await client.get("/static/duka.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    changed = await client.get("/static/duka.css", headers={"If-None-Match": '"another"'})
    assert changed.status_code == 200


@pytest.mark.parametrize("name", ["missing.css", "..%2fpages.py", "%2e%2e/settings.py", ".hidden", "duka.css/x"])
async def test_a_missing_file_is_not_the_first_page(client: httpx2.AsyncClient, name: str) -> None:
    answer = await client.get(f"/static/{name}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


async def test_the_styles_reach_for_nothing_elsewhere(client: httpx2.AsyncClient) -> None:
    text = (await client.get("/static/duka.css")).text
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
