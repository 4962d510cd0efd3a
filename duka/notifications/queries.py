"""What is asked about notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from duka.notifications.models import Notification, NotificationRead
from duka.notifications.schemas import (
    AdjustmentFacts,
    ExceptionFacts,
    ExpiringFacts,
    Facts,
    Kind,
    LowStockFacts,
    NoFacts,
    NotificationOut,
    OrderFacts,
    ReviewFacts,
)
from duka.platform import quantity, wire
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.wire import PageInfo, Paging

SORTS: Final[dict[str, Any]] = {"at": Notification.at}
UNREAD_DAYS: Final = 30
"""What is older counts as read: a new colleague does not begin with a year of news."""
COUNTED_MAX: Final = 1_000


@dataclass(eq=False)
class NotificationNotFound(NotFound):
    """There is no such notification, or it is for others."""

    what: str = "notification"


@dataclass(frozen=True, slots=True)
class Told:
    """One notification as a person has it."""

    notification: Notification
    read: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notifications are wanted."""

    unread: bool | None = None
    kind: Kind | None = None


async def told(ctx: Ctx, asked: Paging, wanted: Wanted = Wanted()) -> tuple[Sequence[Told], PageInfo]:
    """Give a page of what the caller is told: addressed to them, or to a permission they hold, in their branch where
    the permission ends at it. The newest first."""
    seen = _seen(ctx)
    columns: tuple[Any, ...] = (Notification, seen.label("read"))
    query = select(*columns).where(_mine(ctx))
    if wanted.unread is not None:
        query = query.where(~seen if wanted.unread else seen)
    if wanted.kind is not None:
        query = query.where(Notification.kind == wanted.kind)
    rows, page = await wire.page(ctx, query, asked, SORTS, Notification.id, default="-at")
    return [Told(row[0], row[1]) for row in rows], page


async def one(ctx: Ctx, notification_id: UUID) -> Told:
    """Give one notification of the caller's. NotificationNotFound."""
    mine = select(Notification, _seen(ctx)).where(_mine(ctx), Notification.id == notification_id)
    row = (await ctx.db.execute(mine)).one_or_none()
    if row is None:
        raise NotificationNotFound
    return Told(row[0], row[1])


async def count_unread(ctx: Ctx) -> int:
    """Count what the caller has not read, up to 1,000."""
    some = unread(ctx).with_only_columns(Notification.id).limit(COUNTED_MAX).subquery()
    return int((await ctx.db.scalars(select(func.count()).select_from(some))).one())


def unread(ctx: Ctx) -> Select[Any]:
    """Select what the caller has not read."""
    since = ctx.now - timedelta(days=UNREAD_DAYS)
    return select(Notification).where(_mine(ctx), Notification.at >= since, ~_seen(ctx))


def shown(told: Told) -> NotificationOut:
    """Give a notification as it is told to a client."""
    row = told.notification
    return NotificationOut.model_validate({
        "id": row.id, "kind": row.kind, "entity_id": row.entity_id, "branch_id": row.branch_id,
        "facts": _facts(row), "at": row.at, "read": told.read,
    })  # fmt: skip


def _mine(ctx: Ctx) -> ColumnElement[bool]:
    anywhere = [name for name, scope in ctx.permissions.items() if scope == "shop"]
    in_branch = [name for name, scope in ctx.permissions.items() if scope == "branch"]
    here = or_(Notification.branch_id.is_(None), Notification.branch_id == ctx.branch_id)
    held = or_(Notification.permission.in_(anywhere), Notification.permission.in_(in_branch) & here)
    return held & or_(Notification.staff_id.is_(None), Notification.staff_id == ctx.staff_id)


def _seen(ctx: Ctx) -> ColumnElement[bool]:
    read = NotificationRead
    return exists().where(
        read.shop_id == ctx.shop_id, read.notification_id == Notification.id, read.staff_id == ctx.staff_id
    )


def _facts(row: Notification) -> Facts:
    match row.kind:
        case "low_stock":
            return LowStockFacts(
                variant_id=row.facts["variant_id"], location_id=row.facts["location_id"],
                quantity=quantity.from_milli(row.facts["quantity_milli"]),
                min_stock=quantity.from_milli(row.facts["min_stock_milli"]),
            )  # fmt: skip
        case "exception" | "document_set_aside":
            return ExceptionFacts.model_validate(row.facts)
        case "review_waiting":
            return ReviewFacts(number=row.facts["number"], total=row.facts["total_minor"])
        case "adjustment_waiting":
            return AdjustmentFacts(
                variant_id=row.facts["variant_id"], location_id=row.facts["location_id"],
                quantity=quantity.from_milli(row.facts["quantity_milli"]), reason=row.facts["reason"],
            )  # fmt: skip
        case "expiring":
            return ExpiringFacts(
                variant_id=row.facts["variant_id"], number=row.facts["number"], expires_on=row.facts["expires_on"],
                quantity=quantity.from_milli(row.facts["quantity_milli"]),
            )  # fmt: skip
        case "order_made" | "order_confirmed":
            return OrderFacts.model_validate(row.facts)
    return NoFacts()
