"""A register that tells what happened to goods while it had no network."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2

from duka.platform.ids import new_id
from tests.sales.device import Device, Json
from tests.world import Person


@dataclass(frozen=True, slots=True)
class Late:
    """A device's outbox: `by` is who worked with it."""

    device: Device
    by: Person

    def body(self, **said: Any) -> Json:
        """What a document says of itself, and the rest."""
        made = datetime.now(UTC)
        told = {"staff_id": str(self.by.staff_id), "made_at": made.isoformat(), "business_date": str(made.date())}
        return {"id": str(new_id()), **told, **said}

    async def tells(self, path: str, body: Json, *, mode: str = "record") -> httpx2.Response:
        """Deliver a document once."""
        headers = self.device.headers | {"Duka-Mode": mode}
        return await self.device.client.post(f"/api/{path}", content=json.dumps(body).encode(), headers=headers)

    async def told(self, path: str, body: Json) -> tuple[str, list[str], Json]:
        """Deliver a document; give the verdict, the codes of what is disputed, and the data."""
        answer = await self.tells(path, body)
        assert answer.status_code in (200, 201, 202), answer.text
        data = answer.json()["data"]
        codes = [each["code"] for each in data.get("exceptions", ())]
        return answer.headers["Duka-Verdict"], codes, data
