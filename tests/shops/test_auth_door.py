"""The door itself: forged tokens, cookies and other sites, and where a request says it comes from."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import jwt
import pytest
from fastapi import FastAPI

from duka.platform.identity import make_key
from duka.platform.ids import new_id
from duka.shops.models import ApiKey
from tests.conftest import SECRET
from tests.shops.visitors import Visitor, code_of, house_of, run, signed_up
from tests.world import Shop

pytestmark = pytest.mark.slow

_KEY = hmac.new(SECRET.encode(), b"access-token", hashlib.sha256).digest()


def _claims(visitor: Visitor, **changes: Any) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    return {
        "sub": visitor.data["account"]["id"], "sid": visitor.data["session_id"], "aud": "duka", "typ": "access",
        "iat": now, "exp": now + 600, **changes,
    }  # fmt: skip


def _without_signature(claims: dict[str, Any], algorithm: str) -> str:
    parts = [json.dumps({"alg": algorithm, "typ": "JWT"}), json.dumps(claims)]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts) + "."


async def test_a_token_with_our_key_and_claims_is_good(client: httpx2.AsyncClient) -> None:
    """What the forgeries below are measured against: this one differs from each of them in one thing."""
    njeri = await signed_up(client)
    assert (await _bearer(njeri, jwt.encode(_claims(njeri), _KEY, "HS256"))).status_code == 200


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_forged_token_is_refused(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    good = jwt.encode(_claims(njeri), _KEY, "HS256")
    header, _, signature = good.split(".")
    other = base64.urlsafe_b64encode(json.dumps(_claims(njeri, sub=str(UUID(int=7)))).encode()).decode().rstrip("=")
    forgeries = {
        "no algorithm": _without_signature(_claims(njeri), "none"),
        "No Algorithm": _without_signature(_claims(njeri), "nOnE"),
        "algorithm without signature": _without_signature(_claims(njeri), "HS256"),
        "another algorithm with our key": jwt.encode(_claims(njeri), _KEY, "HS384"),
        "another key": jwt.encode(_claims(njeri), b"x" * 32, "HS256"),
        "the bare secret as key": jwt.encode(_claims(njeri), SECRET, "HS256"),
        "other claims, same signature": f"{header}.{other}.{signature}",
        "expired": jwt.encode(_claims(njeri, exp=int(datetime.now(UTC).timestamp()) - 1), _KEY, "HS256"),
        "for ever": jwt.encode({k: v for k, v in _claims(njeri).items() if k != "exp"}, _KEY, "HS256"),
        "another audience": jwt.encode(_claims(njeri, aud="other"), _KEY, "HS256"),
        "no audience": jwt.encode({k: v for k, v in _claims(njeri).items() if k != "aud"}, _KEY, "HS256"),
        "another type": jwt.encode(_claims(njeri, typ="refresh"), _KEY, "HS256"),
        "no type": jwt.encode({k: v for k, v in _claims(njeri).items() if k != "typ"}, _KEY, "HS256"),
        "no session": jwt.encode({k: v for k, v in _claims(njeri).items() if k != "sid"}, _KEY, "HS256"),
        "a session that never was": jwt.encode(_claims(njeri, sid=str(UUID(int=7))), _KEY, "HS256"),
        "a session that is no id": jwt.encode(_claims(njeri, sid="' OR 1=1"), _KEY, "HS256"),
        "the refresh token": njeri.data["refresh_token"],
        "nothing": "",
    }
    for name, token in forgeries.items():
        refused = await _bearer(njeri, token)
        assert refused.status_code == 401, name
        assert refused.headers["www-authenticate"] == "Bearer", name


async def test_a_token_is_refused_when_its_fifteen_minutes_are_over(client: httpx2.AsyncClient, app: FastAPI) -> None:
    njeri = await signed_up(client)
    assert njeri.data["expires_in"] == 900
    account, session = UUID(njeri.data["account"]["id"]), UUID(njeri.data["session_id"])
    signer, now = house_of(app).signer, datetime.now(UTC)
    fresh = signer.sign(account, session, now - timedelta(minutes=14))
    stale = signer.sign(account, session, now - timedelta(minutes=15, seconds=1))
    assert (await _bearer(njeri, fresh)).status_code == 200
    assert (await _bearer(njeri, stale)).status_code == 401


async def test_keys_do_not_open_what_is_a_persons_own(client: httpx2.AsyncClient) -> None:
    njeri = await signed_up(client)
    text, _ = make_key("live", UUID(njeri.data["shops"][0]["shop_id"]))
    for path in ("/api/me", "/api/auth/sessions", "/api/auth/shops", "/api/auth/validate"):
        assert (await client.get(path, headers={"Authorization": f"Bearer {text}"})).status_code == 401


async def test_a_key_is_told_its_shop_and_its_permissions_and_no_account(
    client: httpx2.AsyncClient, app: FastAPI, shop: Shop
) -> None:
    text, key_hash = make_key("live", shop.shop_id)
    now = datetime.now(UTC)
    async with shop.as_() as ctx:
        ctx.db.add(ApiKey(
            shop_id=shop.shop_id, id=new_id(), name="Web shop", key_hash=key_hash, hint=text[-4:], allowed_ips=[],
            permissions={"profile:read": "own", "sales:read": "shop"}, created_by=shop.owner.staff_id, created_at=now,
            updated_at=now,
        ))  # fmt: skip
    who = (await client.get("/api/auth/validate", headers={"Authorization": f"Bearer {text}"})).json()["data"]
    assert who["account"] is None
    assert who["permissions"].keys() == {"profile:read", "sales:read"}
    assert (await client.get("/api/me", headers={"Authorization": f"Bearer {text}"})).status_code == 401


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser with its own cookies."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_a_browser_gets_its_refresh_token_as_a_strict_cookie_only(browser: httpx2.AsyncClient) -> None:
    njeri = Visitor(browser)
    answer = await njeri.register(cookie=True)
    assert answer.json()["data"]["refresh_token"] is None
    cookie = answer.headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=strict", "Path=/api/auth"):
        assert word in cookie
    assert "Secure" not in cookie
    assert int(cookie.split("Max-Age=")[1].split(";")[0]) == 7 * 24 * 3600


async def test_the_cookie_is_secure_where_the_server_is_reached_by_https(
    browser: httpx2.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_of(app).settings, "public_url", "https://duka.example")
    assert "Secure" in (await Visitor(browser).register(cookie=True)).headers["set-cookie"]


async def test_the_cookie_counts_only_with_the_header_another_site_cannot_send(browser: httpx2.AsyncClient) -> None:
    njeri = Visitor(browser)
    njeri.data = (await njeri.register(cookie=True)).json()["data"]
    for path in ("/api/auth/refresh", "/api/auth/logout"):
        refused = await browser.post(path, json={})
        assert (refused.status_code, code_of(refused)) == (403, "HEADER_REQUIRED")
    ours = {"X-Requested-With": "duka"}
    first = await browser.post("/api/auth/refresh", json={}, headers=ours)
    assert first.status_code == 200
    assert first.json()["data"]["refresh_token"] is None
    assert (await browser.post("/api/auth/refresh", json={}, headers=ours)).status_code == 200
    out = await browser.post("/api/auth/logout", headers=ours)
    assert out.status_code == 200
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert code_of(await njeri.who()) == "SESSION_ENDED"


async def test_the_cookie_opens_nothing_but_the_refresh(browser: httpx2.AsyncClient) -> None:
    await Visitor(browser).register(cookie=True)
    for path in ("/api/auth/validate", "/api/auth/sessions", "/api/auth/shops"):
        assert (await browser.get(path, headers={"X-Requested-With": "duka"})).status_code == 401


@pytest.mark.parametrize(("trusted", "forwarded", "seen"), [
    ("", "203.0.113.9", "127.0.0.1"),
    ("10.0.0.0/8", "203.0.113.9", "127.0.0.1"),
    ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
    ("127.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
    ("127.0.0.1, 10.0.0.0/8", "6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
    ("127.0.0.1", "not an address", "127.0.0.1"),
    ("127.0.0.1", "", "127.0.0.1"),
])  # fmt: skip
async def test_a_forwarded_address_is_believed_from_trusted_proxies_only(
    client: httpx2.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch, trusted: str, forwarded: str, seen: str
) -> None:
    njeri = await signed_up(client)
    monkeypatch.setattr(house_of(app).settings, "trusted_proxies", trusted)
    body = {"login": njeri.phone, "password": njeri.password, "device_id": njeri.device_id}
    await client.post("/api/auth/login", json=body, headers={"X-Forwarded-For": forwarded})
    ((ip,),) = await run(app, "SELECT ip FROM device_sessions WHERE id = :s", s=njeri.data["session_id"])
    assert ip == seen


async def _bearer(visitor: Visitor, token: str) -> httpx2.Response:
    return await visitor.who({"Authorization": f"Bearer {token}"})
