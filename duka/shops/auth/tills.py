"""Tills of devices that were replaced: when a login ends an account's login on another device, the tills registered
there are marked, and unmarked when somebody logs in on that device again.

A marked till still delivers what it sold; each document that first arrives then is looked at (`DeliveredLate`).
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.edge import Visitor
from duka.shops.auth import places
from duka.shops.models import DeviceSession

# A device with which somebody else is still logged in is in use.
_MARK: Final = """
WITH live AS (
    SELECT d.device_id FROM device_sessions d
    WHERE d.device_id = ANY(%(left_devices)s) AND d.ended_at IS NULL AND d.expires_at > %(now)s::timestamptz
), marked AS (
    UPDATE registers g SET replaced_at = %(now)s WHERE g.shop_id = %(shop)s AND g.closed_at IS NULL
        AND g.replaced_at IS NULL AND g.installation_id = ANY(%(left_devices)s)
        AND g.installation_id NOT IN (SELECT device_id FROM live) RETURNING g.id
), unmarked AS (
    UPDATE registers g SET replaced_at = NULL WHERE g.shop_id = %(shop)s AND g.replaced_at IS NOT NULL
        AND g.installation_id = %(device)s RETURNING g.id
)
SELECT id, true AS replaced FROM marked UNION ALL SELECT id, false FROM unmarked
"""


async def follow_login(visitor: Visitor, account_id: UUID, device_id: UUID) -> None:
    """Mark and unmark tills, in each shop of an account that has just logged in on a device."""
    ended = select(DeviceSession.device_id).where(
        DeviceSession.account_id == account_id, DeviceSession.ended_at == visitor.now,
        DeviceSession.ended_reason == "replaced",
    )  # fmt: skip
    left = (await visitor.db.scalars(ended)).all()
    async for ctx, _ in places.each(visitor, account_id):
        if await _mark(ctx, left, device_id):
            visitor.emitted_in.append(ctx.shop_id)


async def _mark(ctx: Ctx, left: Sequence[UUID], device_id: UUID) -> bool:
    found = await fetch(ctx, _MARK, {"left_devices": list(left), "device": device_id, "now": ctx.now})
    for row in found:
        verb = "replace_device" if row.replaced else "return_device"
        audit.record(ctx, verb, "register", row.id)
        events.emit(ctx, "register.updated", row.id)
    return bool(found)
