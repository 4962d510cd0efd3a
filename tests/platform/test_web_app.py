"""Serving the app: which address gets which file, what a browser may keep, and that nothing poses as the page."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import orjson
import pytest

from duka import main
from duka.platform import web_app
from duka.platform.edge import House
from duka.platform.postgres import Urls
from duka.platform.settings import Settings
from tests.conftest import SECRET

PAGE = "<!doctype html><title>Duka</title>"
SCRIPT = "console.log('till')"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the web build leaves."""
    folder = tmp_path / "web_app"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "sw.js").write_text("self.skipWaiting")
    (folder / "manifest.webmanifest").write_text("{}")
    (folder / "assets" / "till-3f2a.js").write_text(SCRIPT)
    (folder / "assets" / "till-3f2a.js.br").write_bytes(b"by brotli")
    (folder / "assets" / "till-3f2a.js.gz").write_bytes(b"by gzip")
    (folder / "assets" / "plain-77.css").write_text("p { margin: 0 }")
    (folder / "links.json").write_text('{"/sales/new": ["/assets/till-3f2a.js", "/assets/plain-77.css"]}')
    (folder / "notes.secret").write_text("no type that is served")
    monkeypatch.setattr(web_app.is_built, "__defaults__", (folder,))
    monkeypatch.setattr(web_app.mount, "__defaults__", (folder,))
    return folder


@pytest.fixture
async def visitor(built: Path, options: Settings, urls: Urls, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who visits a server that has the app."""
    app = main.create_app(options.model_copy(update={"mode": "demo", "data": tmp_path}), urls, SECRET)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        client.headers["Accept-Encoding"] = "identity"
        yield client
    house: House = app.state.house
    await house.database.close()


@pytest.mark.parametrize("path", ["/", "/login", "/sales/0197a3c2-5b1e-7c40-9a6d-3f1e8b2c4d50", "/reports/sales"])
async def test_every_address_of_the_app_is_its_page(visitor: httpx2.AsyncClient, path: str) -> None:
    answer = await visitor.get(path, headers=HTML)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["cache-control"] == "no-cache"
    again = await visitor.get(path, headers={**HTML, "If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_page_may_run_its_own_scripts_only(visitor: httpx2.AsyncClient) -> None:
    headers = (await visitor.get("/", headers=HTML)).headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self' 'wasm-unsafe-eval';", "style-src 'self';",
                 "require-trusted-types-for 'script'", "frame-ancestors 'none'"):  # fmt: skip
        assert part in policy
    assert "unsafe-inline" not in policy
    assert "camera=(self)" in headers["permissions-policy"]
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_file_named_by_its_content_is_kept_for_ever(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get("/assets/till-3f2a.js")
    assert answer.text == SCRIPT
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("path", ["/sw.js", "/manifest.webmanifest"])
async def test_what_keeps_its_name_is_asked_for_anew(visitor: httpx2.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["etag"]


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [("br, gzip", "br", b"by brotli"), ("gzip, deflate", "gzip", b"by gzip"), ("br;q=0, gzip", "gzip", b"by gzip"),
     ("identity", None, SCRIPT.encode())],
)  # fmt: skip
async def test_a_compressed_form_is_used_where_it_is_taken(
    visitor: httpx2.AsyncClient, accepted: str, encoding: str | None, body: bytes
) -> None:
    async with visitor.stream("GET", "/assets/till-3f2a.js", headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers.get("content-encoding"), raw) == (encoding, body)
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", [
    "/assets/gone-1.js", "/assets/", "/assets/..%2f..%2fcli.py", "/assets/till-3f2a.js.br", "/static/gone.css",
    "/api/gone", "/api", "/notes.secret/..%2f", "/metrics/x",
])  # fmt: skip
async def test_what_is_missing_is_never_the_page(visitor: httpx2.AsyncClient, path: str) -> None:
    answer = await visitor.get(path, headers={"Accept": "*/*"} if "secret" in path else HTML)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


async def test_a_program_gets_no_page(visitor: httpx2.AsyncClient) -> None:
    for answer in (await visitor.get("/sales"), await visitor.get("/notes.secret"), await visitor.post("/sales")):
        assert answer.status_code == 404
        assert answer.json()["success"] is False


async def test_the_api_keeps_its_own_refusals(visitor: httpx2.AsyncClient) -> None:
    wrong = await visitor.get("/api/auth/login", headers=HTML)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert (await visitor.head("/sw.js")).status_code == 200


async def test_the_first_page_makes_room(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get("/welcome", headers=HTML)
    assert "The system your shop runs on" in answer.text


async def test_a_demo_tells_who_one_may_be(visitor: httpx2.AsyncClient, tmp_path: Path) -> None:
    assert (await visitor.get("/api/demo")).status_code == 404
    login = {"role": "Owner", "name": "Njeri", "phone": "+256700000001", "password": "seven green kettles"}
    (tmp_path / "demo.json").write_bytes(orjson.dumps({"shop": "Njeri Phones", "logins": [login]}))
    answer = await visitor.get("/api/demo")
    assert answer.json()["data"] == {"shop": "Njeri Phones", "logins": [login]}


async def test_only_a_demo_tells_it(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/demo")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_the_page_names_what_its_address_needs(visitor: httpx2.AsyncClient) -> None:
    till = await visitor.get("/sales/new", headers=HTML)
    assert till.headers["link"] == (
        "</assets/till-3f2a.js>; rel=modulepreload; crossorigin, "
        "</assets/plain-77.css>; rel=preload; as=style; crossorigin"
    )
    again = await visitor.get("/sales/new", headers={**HTML, "If-None-Match": till.headers["etag"]})
    assert (again.status_code, again.headers["link"]) == (304, till.headers["link"])
    assert "link" not in (await visitor.get("/login", headers=HTML)).headers
    assert (await visitor.get("/links.json")).status_code == 404
