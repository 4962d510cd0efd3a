"""People at the door: numbers, codes, sign-ups and logins, the way an app does them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2
from fastapi import FastAPI
from sqlalchemy import CursorResult, text

from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.messages import Attachment
from tests.world import fresh_phone

PASSWORD = "three blue cables"
FIELDS_OF_LOGIN = {"access_token", "refresh_token", "session_id", "device_id", "account", "shops"}


@dataclass(frozen=True, slots=True)
class KeptSms:
    """Carries short messages by keeping them."""

    messages: list[tuple[str, str]]

    async def send(self, to: str, text: str) -> None:
        """Keep a message."""
        self.messages.append((to, text))


@dataclass(frozen=True, slots=True)
class KeptMail:
    """Carries letters by keeping them."""

    messages: list[tuple[str, str]]

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, attachment: Attachment | None = None
    ) -> None:
        """Keep a letter."""
        self.messages.append((to, f"{subject}\n{text}"))


@dataclass(slots=True)
class Post:
    """All that was sent."""

    messages: list[tuple[str, str]] = field(default_factory=list)

    async def to(self, recipient: str) -> str:
        """Wait for a message to somebody, at most ten seconds, and give its words."""
        for _ in range(200):
            for to, words in self.messages:
                if to == recipient:
                    self.messages.remove((to, words))
                    return words
            await asyncio.sleep(0.05)
        raise AssertionError(f"no message to {recipient}")


@dataclass(slots=True)
class Visitor:
    """Somebody with a phone and, once signed up, a shop and tokens."""

    client: httpx2.AsyncClient
    phone: str = field(default_factory=fresh_phone)
    password: str = PASSWORD
    device_id: str = field(default_factory=lambda: str(new_id()))
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """What their requests carry."""
        return {"Authorization": f"Bearer {self.data['access_token']}"}

    async def code(self, purpose: str = "sign_up") -> str:
        """Ask for a code and read it."""
        sent = await self.client.post("/api/auth/otp", json={"phone": self.phone, "purpose": purpose})
        assert sent.status_code == 200, sent.text
        return str(sent.json()["data"]["code"])

    async def register(self, code: str | None = None, **changes: Any) -> httpx2.Response:
        """Try to sign up."""
        body = {
            "phone": self.phone, "code": code or await self.code(), "password": self.password,
            "owner_name": "Njeri", "shop_name": "Njeri Phones", "device_id": self.device_id,
            "device_name": "Counter tablet", **changes,
        }  # fmt: skip
        return await self.client.post("/api/auth/register", json=body)

    async def login(self, password: str | None = None, **changes: Any) -> httpx2.Response:
        """Try to log in, from the own device unless said otherwise."""
        body = {"login": self.phone, "password": password or self.password, "device_id": self.device_id, **changes}
        return await self.client.post("/api/auth/login", json=body)

    async def refresh(self, token: str | None = None, request_id: str | None = None) -> httpx2.Response:
        """Try to stay logged in."""
        body = {"refresh_token": token or self.data["refresh_token"], "request_id": request_id or str(new_id())}
        return await self.client.post("/api/auth/refresh", json=body)

    async def who(self, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """Ask who I am."""
        return await self.client.get("/api/auth/validate", headers=headers or self.headers)


async def signed_up(client: httpx2.AsyncClient, **changes: Any) -> Visitor:
    """Somebody with a new shop."""
    visitor = Visitor(client)
    answer = await visitor.register(**changes)
    assert answer.status_code == 201, answer.text
    visitor.data = answer.json()["data"]
    return visitor


def house_of(app: FastAPI) -> House:
    """The running app's pools."""
    house: House = app.state.house
    return house


async def run(app: FastAPI, sql: str, **values: Any) -> list[Any]:
    """Look at, or change behind Duka's back, the rows of the installation."""
    async with house_of(app).database.session("platform") as db:
        result = await db.execute(text(sql), values)
        assert isinstance(result, CursorResult)
        rows = list(result.all()) if result.returns_rows else []
        await db.commit()
    return rows


async def later(app: FastAPI, phone: str, **wait: int) -> None:
    """Let time pass for the codes of a phone."""
    await run(
        app, "UPDATE one_time_codes SET created_at = created_at - :wait, expires_at = expires_at - :wait "
        "WHERE recipient = :phone", wait=timedelta(**wait), phone=phone,
    )  # fmt: skip


async def in_shop(app: FastAPI, shop_id: str, sql: str, **values: Any) -> list[Any]:
    """Look at the rows of one shop."""
    async with house_of(app).database.session("platform") as db:
        await db.execute(text("SELECT enter_shop(:shop)"), {"shop": shop_id})
        result = await db.execute(text(sql), {"shop": shop_id, **values})
        assert isinstance(result, CursorResult)
        rows = list(result.all()) if result.returns_rows else []
        await db.commit()
    return rows


def code_of(answer: httpx2.Response) -> str:
    """The code of a refusal."""
    return str(answer.json()["error"]["code"])
