"""API keys are made, listed and revoked."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select

from duka.platform import audit, db, events
from duka.platform.context import Ctx
from duka.platform.errors import Forbidden, IdempotencyConflict, NotFound, ValidationError
from duka.platform.identity import make_key
from duka.shops.api_keys.schemas import ApiKeyIn, ApiKeyOut
from duka.shops.models import ApiKey
from duka.shops.roles import actions as roles

SORTS: Final[dict[str, Any]] = {"name": func.lower(ApiKey.name), "created_at": ApiKey.created_at}
_HINT_LENGTH: Final = 4


@dataclass(eq=False)
class ApiKeyNotFound(NotFound):
    """The shop has no such key."""

    what: str = "API key"


@dataclass(frozen=True, slots=True)
class Made:
    """A key, with its text in the one moment that it is known."""

    row: ApiKey
    key: str


async def make(ctx: Ctx, wanted: ApiKeyIn) -> Made:
    """Make a key. RoleTooWide for more than the caller may do; ValidationError when it would have expired already;
    Forbidden for another key, so that a leaked one cannot outlive itself."""
    if ctx.actor != "staff" or ctx.staff_id is None:
        raise Forbidden(permission="api_keys:create")
    if wanted.expires_at is not None and wanted.expires_at <= ctx.now:
        raise ValidationError(fields={"expires_at": ["This moment has passed."]})
    roles.check_within(ctx, wanted.permissions, 0)
    key, kept = make_key("live", ctx.shop_id)
    row = ApiKey(
        shop_id=ctx.shop_id, id=wanted.id, name=wanted.name, key_hash=kept, hint=key[-_HINT_LENGTH:],
        permissions=dict(wanted.permissions), allowed_ips=list(wanted.allowed_ips), created_by=ctx.staff_id,
        expires_at=wanted.expires_at, created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    async with db.refusing(ctx, {"pk_api_keys": IdempotencyConflict}):
        ctx.db.add(row)
    facts = {"name": row.name, "permissions": row.permissions, "allowed_ips": row.allowed_ips,
             "expires_at": row.expires_at}
    audit.record(ctx, "create", "api_key", row.id, after=facts)
    events.emit(ctx, "api_key.created", row.id)
    return Made(row, key)


async def revoke(ctx: Ctx, key_id: UUID) -> ApiKey:
    """End a key for good; its next request is refused. Revoking again changes nothing. ApiKeyNotFound."""
    row = await get(ctx, key_id)
    if row.revoked_at is None:
        row.revoked_at = row.updated_at = ctx.now
        row.version += 1
        audit.record(ctx, "revoke", "api_key", key_id, after={"revoked_at": ctx.now})
        events.emit(ctx, "api_key.revoked", key_id)
    return row


async def get(ctx: Ctx, key_id: UUID) -> ApiKey:
    """Give one key. ApiKeyNotFound."""
    row = (await ctx.db.scalars(select(ApiKey).where(ApiKey.id == key_id))).one_or_none()
    if row is None:
        raise ApiKeyNotFound
    return row


def listed(q: str | None) -> Select[ApiKey]:
    """Select the shop's keys, revoked ones too; `q` is part of a name."""
    query = select(ApiKey)
    return query.where(ApiKey.name.icontains(q, autoescape=True)) if q else query


def shown(row: ApiKey) -> ApiKeyOut:
    """Give a key as it is shown: by its hint."""
    return ApiKeyOut(
        id=row.id, name=row.name, hint=row.hint, permissions=row.permissions, allowed_ips=row.allowed_ips,
        created_by=row.created_by, expires_at=row.expires_at,
        last_used_on=row.last_used_on.isoformat() if row.last_used_on else None, revoked_at=row.revoked_at,
        created_at=row.created_at,
    )  # fmt: skip
