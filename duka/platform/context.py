"""Who asks, for which shop, when, and through which transaction: the first argument of every action."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from duka.platform.errors import Forbidden

Scope = Literal["own", "branch", "shop"]
Actor = Literal["staff", "api_key", "register", "system", "public"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from; written into the audit trail."""

    request_id: str = ""
    ip: str | None = None
    user_agent: str | None = None
    language: str = "en"


@dataclass(slots=True)
class Ctx:
    """One request of one person in one shop: the transaction, the clock, the permissions.

    `db` is the transaction the edge opened and will commit; no action commits. `now` is the only clock.
    `permissions` maps `resource:action` to the scope it is granted with. `settings` is the shop's settings as
    stored; `shops.settings.of(ctx)` gives them typed.
    """

    db: AsyncSession
    shop_id: UUID
    now: datetime
    actor: Actor
    caller: Caller = Caller()
    account_id: UUID | None = None
    session_id: UUID | None = None
    staff_id: UUID | None = None
    staff_name: str = ""
    register_id: UUID | None = None
    branch_id: UUID | None = None
    permissions: Mapping[str, Scope] = field(default_factory=dict)
    discount_ceiling_bp: int = 0
    currency: str = "UGX"
    time_zone: str = "Africa/Kampala"
    settings_text: str = "{}"
    body_hash: bytes = b""
    body: bytes = b""
    recording: bool = False
    """The document happened already (`Duka-Mode: record`): it is never refused for a business reason."""
    emitted: bool = False
    """Something was written to the outbox: the edge wakes the relay after the commit."""
    extra: dict[str, Any] = field(default_factory=dict)

    def may(self, permission: str) -> bool:
        """Say whether the caller has the permission, in whatever scope."""
        return permission in self.permissions

    def need(self, permission: str) -> Scope:
        """Give the scope of a permission that only part of a request needs; Forbidden without it."""
        scope = self.permissions.get(permission)
        if scope is None:
            raise Forbidden(permission=permission)
        return scope

    def zone(self) -> ZoneInfo:
        """Give the shop's time zone."""
        return ZoneInfo(self.time_zone)

    def today(self, day_start_minutes: int = 0) -> date:
        """Give the shop's date now; before `day_start_minutes` after midnight it is still yesterday's business."""
        return (self.now.astimezone(self.zone()) - timedelta(minutes=day_start_minutes)).date()
