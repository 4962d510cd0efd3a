"""Founding a shop: its row, first branch with showroom and warehouse, a server register, preset roles, the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from duka.platform import audit
from duka.platform.context import Caller, Ctx
from duka.platform.db import bind_shop
from duka.platform.ids import new_id
from duka.platform.models import EventHead
from duka.shops import permissions, series
from duka.shops.models import Branch, Location, Membership, Register, Role, Shop, ShopEntry, Staff
from duka.shops.settings import ShopSettings


@dataclass(frozen=True, slots=True)
class ShopDetails:
    """What a new shop says about itself. `currency` is ISO 4217, `country` ISO 3166 of two letters, `state_code` the
    two digits of an Indian GST state, `settings` only what differs from the defaults."""

    name: str
    slug: str
    kind: str
    country: str
    currency: str
    time_zone: str
    address: str = ""
    phone: str | None = None
    state_code: str | None = None
    tax_id: str | None = None
    settings: Mapping[str, Any] | None = None


BRANCH_NAME: Final = "Main branch"
FIRST_REGISTER_CODE: Final = "S1"
SERVER_REGISTER_NAME: Final = "Back office"


async def found(
    db: AsyncSession, details: ShopDetails, account_id: UUID, owner_name: str, caller: Caller, now: datetime
) -> Ctx:
    """Make a shop whose owner is the account, in a transaction of the platform role; give its context.

    Runs in the caller's transaction: account, shop and everything in it stand together or not at all.
    """
    shop_id = new_id()
    await db.execute(text("SELECT enter_shop(:shop)"), {"shop": shop_id})
    bind_shop(db, shop_id)
    dated = {"created_at": now, "updated_at": now}
    settings = ShopSettings.model_validate(details.settings or {}).model_dump(mode="json", exclude_unset=True)
    db.add(_shop(shop_id, details, settings, dated))
    db.add(ShopEntry(shop_id=shop_id, slug=details.slug, name=details.name, created_at=now))
    await db.flush()
    roles = _roles(shop_id, dated)
    branch = Branch(shop_id=shop_id, id=new_id(), name=BRANCH_NAME, address=details.address, **dated)
    owner = Staff(
        shop_id=shop_id, id=new_id(), account_id=account_id, name=owner_name, role_id=roles["owner"].id,
        branch_id=None, status="active", **dated,
    )  # fmt: skip
    db.add_all([*roles.values(), branch, EventHead(shop_id=shop_id, position=0)])
    await db.flush()
    db.add_all([owner, Membership(account_id=account_id, shop_id=shop_id, staff_id=owner.id)])
    db.add_all(furnish_branch(shop_id, branch.id, now))
    register = Register(
        shop_id=shop_id, id=new_id(), branch_id=branch.id, code=FIRST_REGISTER_CODE,
        name=SERVER_REGISTER_NAME, kind="server", **dated,
    )  # fmt: skip
    db.add(register)
    await db.flush()
    db.add_all(series.code_rows(shop_id, register.id, series.document_codes(register.code, ())))
    await db.flush()
    ctx = Ctx(
        db=db, shop_id=shop_id, now=now, actor="staff", caller=caller, account_id=account_id, staff_id=owner.id,
        staff_name=owner_name, permissions=permissions.preset("owner"), discount_ceiling_bp=10_000,
        currency=details.currency, time_zone=details.time_zone,
        settings_text=ShopSettings.model_validate(settings).model_dump_json(exclude_unset=True),
    )  # fmt: skip
    audit.record(ctx, "create", "shop", shop_id, after={"kind": details.kind, "currency": details.currency})
    return ctx


async def taken_slugs(db: AsyncSession, candidates: Sequence[str]) -> set[str]:
    """Say which of some web names other shops have."""
    return set((await db.scalars(select(ShopEntry.slug).where(ShopEntry.slug.in_(candidates)))).all())


def furnish_branch(shop_id: UUID, branch_id: UUID, now: datetime) -> list[Location]:
    """Give a new branch the locations it needs to sell, to store and to set damaged goods aside."""
    owned = {"shop_id": shop_id, "branch_id": branch_id, "created_at": now, "updated_at": now}
    return [
        Location(id=new_id(), name=name, kind=kind, **owned)
        for name, kind in (("Showroom", "showroom"), ("Warehouse", "warehouse"), ("Damaged goods", "damaged"))
    ]


def _shop(shop_id: UUID, details: ShopDetails, settings: dict[str, Any], dated: Mapping[str, datetime]) -> Shop:
    return Shop(
        shop_id=shop_id, name=details.name, slug=details.slug, kind=details.kind, address=details.address,
        phone=details.phone, country=details.country, state_code=details.state_code, tax_id=details.tax_id,
        currency=details.currency, time_zone=details.time_zone, settings=settings, **dated,
    )  # fmt: skip


def _roles(shop_id: UUID, dated: Mapping[str, datetime]) -> dict[str, Role]:
    return {
        preset: Role(
            shop_id=shop_id, id=new_id(), name=name, preset=preset, permissions=dict(permissions.preset(preset)),
            discount_ceiling_bp=permissions.DISCOUNT_CEILINGS_BP.get(preset, 0), **dated,
        )
        for preset, name in permissions.PRESET_NAMES.items()
    }  # fmt: skip
