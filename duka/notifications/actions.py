"""What writes notifications."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from duka.notifications.models import Notification
from duka.platform import events
from duka.platform.context import Ctx
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent

LOW_STOCK: Final = "low_stock"
_CONSUMER: Final = "notifications.low_stock"


async def tell_low_stock(ctx: Ctx) -> int:
    """Write a notification for each of the next `stock.low` events; say how many events were read.

    Everybody who holds `stock:read` where the stock stands is told. Reading the same event twice writes once.
    """
    unread = await events.unread(ctx, _CONSUMER, kinds={"stock.low"})
    await tell(ctx, unread)
    return len(unread)


async def tell(ctx: Ctx, low: Sequence[OutboxEvent]) -> None:
    """Write one notification for each event that has none yet."""
    if low:
        rows = [_low_stock(ctx, event) for event in low]
        await ctx.db.execute(insert(Notification).on_conflict_do_nothing(), rows)


def _low_stock(ctx: Ctx, event: OutboxEvent) -> dict[str, Any]:
    branch_id = event.facts.get("branch_id")
    return {
        "shop_id": ctx.shop_id, "id": new_id(), "event_id": event.id, "kind": LOW_STOCK, "entity_id": event.entity_id,
        "facts": event.facts, "permission": "stock:read", "branch_id": UUID(branch_id) if branch_id else None,
        "at": event.at,
    }  # fmt: skip
