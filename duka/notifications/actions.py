"""What writes notifications, and what marks them as read."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import literal
from sqlalchemy.dialects.postgresql import insert

from duka.notifications import queries
from duka.notifications.events import CREATED, READ
from duka.notifications.models import Notification, NotificationRead
from duka.notifications.schemas import Kind
from duka.platform import events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import Forbidden
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent

Rows = list[dict[str, Any]]

_REVIEWS_AT_ONCE: Final = 1_000
_EXCEPTIONS: Final = """
SELECT id, document, document_id, code, branch_id FROM document_exceptions
WHERE shop_id = %(shop)s AND id = ANY(%(ids)s::uuid[])
"""
_WAITING: Final = """
SELECT id, number, total_minor, branch_id FROM sales
WHERE shop_id = %(shop)s AND id = ANY(%(ids)s::uuid[]) AND review = 'submitted'
"""
_ORDERS: Final = """
SELECT o.id, o.number, s.name AS supplier FROM purchase_orders o
JOIN suppliers s ON s.shop_id = o.shop_id AND s.id = o.supplier_id
WHERE o.shop_id = %(shop)s AND o.id = ANY(%(ids)s::uuid[])
"""
_BRANCHES: Final = "SELECT id, branch_id FROM locations WHERE shop_id = %(shop)s AND id = ANY(%(ids)s::uuid[])"


async def tell_low_stock(ctx: Ctx) -> int:
    """Write a notification for each of the next `stock.low` events; say how many events were read.

    Everybody who holds `stock:read` where the stock stands is told. Reading the same event twice writes once.
    """
    unread = await events.unread(ctx, "notifications.low_stock", kinds={"stock.low"})
    await tell(ctx, unread)
    return len(unread)


async def tell(ctx: Ctx, low: Sequence[OutboxEvent]) -> None:
    """Write one notification for each low-stock event that has none yet."""
    await _write(ctx, [
        _row(ctx, event, "low_stock", "stock:read", event.facts, _uuid(event.facts.get("branch_id"))) for event in low
    ])  # fmt: skip


async def tell_exceptions(ctx: Ctx) -> int:
    """Tell who may see exceptions that a recorded document disagrees with something, or was set aside as damaged."""
    unread = await events.unread(ctx, "notifications.exceptions", kinds={"exception.noted", "document.set_aside"})
    noted = [event.entity_id for event in unread if event.event == "exception.noted"]
    found = {row.id: row for row in await fetch(ctx, _EXCEPTIONS, {"ids": noted})} if noted else {}
    rows: Rows = []
    for event in unread:
        if event.event == "document.set_aside":
            facts = {"document": event.facts["document"], "document_id": None, "code": event.facts["reason"]}
            rows.append(_row(ctx, event, "document_set_aside", "exceptions:read", facts, None))
        elif event.entity_id in found:
            row = found[event.entity_id]
            facts = {"document": row.document, "document_id": str(row.document_id), "code": row.code}
            rows.append(_row(ctx, event, "exception", "exceptions:read", facts, row.branch_id))
    await _write(ctx, rows)
    return len(unread)


async def tell_reviews(ctx: Ctx) -> int:
    """Tell supervisors and owners (`sales:update`) of completed sales that wait for review."""
    unread = await events.unread(ctx, "notifications.reviews", _REVIEWS_AT_ONCE, kinds={"sale.submitted"})
    ids = [event.entity_id for event in unread]
    found = {row.id: row for row in await fetch(ctx, _WAITING, {"ids": ids})} if ids else {}
    rows: Rows = []
    for event in unread:
        sale = found.get(event.entity_id)
        if sale is not None:
            facts = {"number": sale.number, "total_minor": sale.total_minor}
            rows.append(_row(ctx, event, "review_waiting", "sales:update", facts, sale.branch_id))
    await _write(ctx, rows)
    return len(unread)


async def tell_adjustments(ctx: Ctx) -> int:
    """Tell who may approve it that a large correction of stock waits."""
    kinds = {"stock.adjustment_requested"}
    unread = await events.unread(ctx, "notifications.adjustments", kinds=kinds)
    places = [event.facts["location_id"] for event in unread]
    branches = {row.id: row.branch_id for row in await fetch(ctx, _BRANCHES, {"ids": places})} if places else {}
    await _write(ctx, [
        _row(ctx, event, "adjustment_waiting", "stock:approve", event.facts,
             branches.get(UUID(event.facts["location_id"]))) for event in unread
    ])  # fmt: skip
    return len(unread)


async def tell_expiring(ctx: Ctx) -> int:
    """Tell who may see the stock of a branch that a batch there expires soon, or has expired."""
    unread = await events.unread(ctx, "notifications.expiring", kinds={"stock.expiring"})
    await _write(ctx, [
        _row(ctx, event, "expiring", "stock:read", event.facts, _uuid(event.facts["branch_id"])) for event in unread
    ])  # fmt: skip
    return len(unread)


async def tell_orders(ctx: Ctx) -> int:
    """Tell who may order that an order was made of what ran low (or grew), or what a supplier says will come."""
    kinds: dict[str, Kind] = {"purchase_order.reordered": "order_made", "purchase_order.confirmed": "order_confirmed"}
    unread = await events.unread(ctx, "notifications.orders", kinds=set(kinds))
    ids = [event.entity_id for event in unread]
    found = {row.id: row for row in await fetch(ctx, _ORDERS, {"ids": ids})} if ids else {}
    rows: Rows = []
    for event in unread:
        order = found[event.entity_id]
        facts = {"number": order.number, "supplier": order.supplier} | {
            name: event.facts.get(name, 0) for name in ("lines", "short", "late")
        }
        branch_id = _uuid(event.facts["branch_id"])
        rows.append(_row(ctx, event, kinds[event.event], "purchasing:create", facts, branch_id))
    await _write(ctx, rows)
    return len(unread)


async def tell_logins(ctx: Ctx) -> int:
    """Tell a person, and nobody else, that their account logged in on a new device, or that a copy of a login was
    used."""
    kinds: dict[str, Kind] = {"staff.new_device": "new_device", "staff.session_copied": "login_copied"}
    unread = await events.unread(ctx, "notifications.logins", kinds=set(kinds))
    await _write(ctx, [
        _row(ctx, event, kinds[event.event], "notifications:read", {}, None) | {"staff_id": event.entity_id}
        for event in unread
    ])  # fmt: skip
    return len(unread)


async def read(ctx: Ctx, notification_id: UUID) -> queries.Told:
    """Mark one notification as read by the caller; again changes nothing. NotificationNotFound."""
    told = await queries.one(ctx, notification_id)
    row = {"shop_id": ctx.shop_id, "notification_id": notification_id, "staff_id": _reader(ctx), "at": ctx.now}
    fresh = insert(NotificationRead).values(row).on_conflict_do_nothing().returning(NotificationRead.notification_id)
    if (await ctx.db.execute(fresh)).all():
        events.emit(ctx, READ, notification_id)
    return queries.Told(told.notification, read=True)


async def read_all(ctx: Ctx) -> int:
    """Mark everything the caller has not read yet; say how many that was."""
    reader = _reader(ctx)
    unread = queries.unread(ctx).with_only_columns(
        literal(ctx.shop_id), Notification.id, literal(reader), literal(ctx.now)
    )
    columns = ["shop_id", "notification_id", "staff_id", "at"]
    marked = insert(NotificationRead).from_select(columns, unread).on_conflict_do_nothing()
    done = (await ctx.db.execute(marked.returning(NotificationRead.notification_id))).all()
    if done:
        events.emit(ctx, READ, reader)
    return len(done)


def _reader(ctx: Ctx) -> UUID:
    if ctx.staff_id is None:
        raise Forbidden(permission="notifications:update")
    return ctx.staff_id


async def _write(ctx: Ctx, rows: Rows) -> None:
    if not rows:
        return
    fresh = insert(Notification).on_conflict_do_nothing().returning(Notification.id)
    written = (await ctx.db.scalars(fresh.values(rows))).all()
    if written:  # open screens count anew
        events.emit(ctx, CREATED, written[-1])


def _row(
    ctx: Ctx, event: OutboxEvent, kind: Kind, permission: str, facts: dict[str, Any], branch_id: UUID | None
) -> dict[str, Any]:
    return {
        "shop_id": ctx.shop_id, "id": new_id(), "event_id": event.id, "kind": kind, "entity_id": event.entity_id,
        "facts": facts, "permission": permission, "branch_id": branch_id, "staff_id": None, "at": event.at,
    }  # fmt: skip


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
