"""A device's copy of its shop, kept by pulling as an app does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from duka.shops.models import DeviceSession, Register
from duka.sync.schemas import Changes
from tests.sales.device import Device, a_device
from tests.world import Person, Shop

Json = dict[str, Any]


@dataclass(slots=True)
class Copy:
    """What a device has: rows by kind and key, and how far it has come."""

    app: FastAPI
    client: httpx2.AsyncClient
    shop: Shop
    who: Person
    register_id: UUID | None = None
    limit: int = 2000
    rows: dict[str, dict[str, Json]] = field(default_factory=dict)
    cursor: str | None = None
    total: int | None = None
    pages: int = 0

    async def ask(self, **query: Any) -> httpx2.Response:
        """Ask for the next page."""
        asked: Json = {"limit": self.limit, **query}
        asked |= {"cursor": self.cursor} if self.cursor else {}
        asked |= {"register_id": str(self.register_id)} if self.register_id else {}
        return await self.client.get("/api/sync/changes", params=asked, headers=self.who.headers)

    async def pull(self) -> dict[str, list[Json]]:
        """Take everything that is new, when the shop's events have their places; give the rows that came, by kind."""
        await self.app.state.house.relay.relay(self.shop.shop_id)
        came: dict[str, list[Json]] = {}
        more = True
        while more:
            answer = await self.ask()
            assert answer.status_code == 200, answer.text
            page = answer.json()["data"]
            Changes.model_validate_json(answer.content.partition(b'"data":')[2].rpartition(b',"message"')[0])
            for change in page["changes"]:
                self._apply(change)
                came.setdefault(change["kind"], []).extend(change["rows"])
            self.cursor, self.total, more = page["cursor"], page["total"] or self.total, page["more"]
            self.pages += 1
        return came

    def _apply(self, change: Json) -> None:
        kept = self.rows.setdefault(change["kind"], {})
        for row in change["rows"]:
            kept[row.get("id") or f"{row['variant_id']} {row['location_id']}"] = row
        for each in change["gone"]:
            kept.pop(each, None)

    def of(self, kind: str) -> dict[str, Json]:
        """The rows it has of a kind, by their id."""
        return self.rows.get(kind, {})


async def till_of(shop: Shop, client: httpx2.AsyncClient, who: Person, branch_id: UUID | None = None) -> Device:
    """Register a till on the device that somebody is logged in on."""
    device = await a_device(shop, client, branch_id)
    async with shop.as_() as ctx:
        till = (await ctx.db.scalars(select(Register).where(Register.id == device.register_id))).one()
        same = update(DeviceSession).where(DeviceSession.id == who.session_id)
        await ctx.db.execute(same.values(device_id=till.installation_id))
    return device


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what this test's own requests send to the database while the block runs."""
    sent: list[str] = []
    me = asyncio.current_task()
    execute = psycopg.AsyncCursor.execute

    async def noted(cursor: Any, query: Any, *values: Any, **more: Any) -> Any:
        if asyncio.current_task() is me:  # the relay and the jobs work beside it
            sent.append(str(query).strip()[:60])
        return await execute(cursor, query, *values, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", noted)
        yield sent
