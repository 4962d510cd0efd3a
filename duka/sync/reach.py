"""Whose rows a device gets: as far as its person's permissions reach, and no further than its own branch where a till
is named."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.shops import settings
from duka.shops.registers.queries import RegisterNotFound

SALES_DAYS: Final = 14
"""How many days back a device keeps sales."""

_TILL: Final = """
SELECT g.branch_id, g.kind = 'installation' AND g.closed_at IS NULL AND g.replaced_at IS NULL
    AND g.credential_hash IS NOT NULL
    AND g.installation_id = (SELECT d.device_id FROM device_sessions d WHERE d.id = %(session)s::uuid) AS is_device
FROM registers g WHERE g.shop_id = %(shop)s AND g.id = %(register)s
    AND (%(branch)s::uuid IS NULL OR g.branch_id = %(branch)s::uuid)
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """What narrows the rows of one device.

    `branch_id` is the branch whose sales, carts and stock it keeps; None: all branches. `register_id` is the till that
    it is; `is_device` says that the session is that till's own installation and that it was not cut off: it alone gets
    PINs.
    """

    today: date
    branch_id: UUID | None
    register_id: UUID | None = None
    is_device: bool = False

    @property
    def sales_since(self) -> date:
        """The first business day whose sales are kept."""
        return self.today - timedelta(days=SALES_DAYS)


async def of(ctx: Ctx, register_id: UUID | None) -> Reach:
    """Say what the caller's device gets. RegisterNotFound for a till out of the caller's branch."""
    today = ctx.today(settings.of(ctx).day_start_minutes)
    if register_id is None:
        return Reach(today, ctx.branch_id)
    values = {"register": register_id, "session": ctx.session_id, "branch": ctx.branch_id}
    for row in await fetch(ctx, _TILL, values):
        return Reach(today, row.branch_id, register_id, bool(row.is_device))
    raise RegisterNotFound
