"""What is asked about notifications."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import or_, select

from duka.notifications.models import Notification
from duka.notifications.schemas import LowStockFacts, NotificationOut
from duka.platform import quantity, wire
from duka.platform.context import Ctx
from duka.platform.wire import PageInfo, Paging

SORTS: Final[dict[str, Any]] = {"at": Notification.at}


async def told(ctx: Ctx, asked: Paging) -> tuple[Sequence[Notification], PageInfo]:
    """Give a page of what the caller is told: addressed to a permission they hold, in their branch where the
    permission ends at it. The newest first."""
    anywhere = [name for name, scope in ctx.permissions.items() if scope == "shop"]
    in_branch = [name for name, scope in ctx.permissions.items() if scope == "branch"]
    here = or_(Notification.branch_id.is_(None), Notification.branch_id == ctx.branch_id)
    mine = or_(Notification.permission.in_(anywhere), Notification.permission.in_(in_branch) & here)
    return await wire.page(ctx, select(Notification).where(mine), asked, SORTS, Notification.id, default="-at")


def shown(row: Notification) -> NotificationOut:
    """Give a notification as it is told to a client."""
    facts = LowStockFacts(
        variant_id=row.facts["variant_id"], location_id=row.facts["location_id"],
        quantity=quantity.from_milli(row.facts["quantity_milli"]),
        min_stock=quantity.from_milli(row.facts["min_stock_milli"]),
    )  # fmt: skip
    return NotificationOut(
        id=row.id, kind="low_stock", entity_id=row.entity_id, branch_id=row.branch_id, facts=facts, at=row.at
    )
