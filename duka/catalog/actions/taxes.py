"""Tax classes and their dated rates."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from duka.catalog.errors import RateDoesNotFit, TaxClassNameTaken, TaxRateStands
from duka.catalog.models import TaxClass, TaxRate
from duka.catalog.schemas import TaxClassIn, TaxRateIn
from duka.platform import audit, db, events, versions
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.ids import new_id


async def add_tax_class(ctx: Ctx, asked: TaxClassIn) -> TaxClass:
    """Make a tax class with its rates. TaxClassNameTaken, RateDoesNotFit."""
    tax_class = TaxClass(shop_id=ctx.shop_id, id=asked.id or new_id(), name=asked.name, treatment=asked.treatment,
                         active=True, version=1, created_at=ctx.now, updated_at=ctx.now)
    async with db.refusing(ctx, {"uq_tax_classes_name": lambda: TaxClassNameTaken(name=asked.name)}):
        ctx.db.add(tax_class)
    audit.record(ctx, "create", "tax_class", tax_class.id, after=asked.model_dump(mode="json", exclude={"id"}))
    for rate in asked.rates:
        await _add_rate(ctx, tax_class, rate)
    events.emit(ctx, "tax_class.created", tax_class.id)
    return tax_class


async def edit_tax_class(ctx: Ctx, tax_class_id: UUID, changes: Mapping[str, Any], version: int | None) -> None:
    """Rename a tax class or switch it off: products keep it, new ones cannot have it."""
    tax_class = await _get(ctx, tax_class_id)
    async with db.refusing(ctx, {"uq_tax_classes_name": lambda: TaxClassNameTaken(name=changes.get("name", ""))}):
        changed = await versions.edit(ctx, tax_class, changes, version, "tax_class")
    if changed:
        events.emit(ctx, "tax_class.updated", tax_class_id)


async def add_rate(ctx: Ctx, tax_class_id: UUID, asked: TaxRateIn) -> TaxRate:
    """Let a rate begin on a day. A rate that stands is never changed: TaxRateStands for the same code and day."""
    tax_class = await _get(ctx, tax_class_id)
    rate = await _add_rate(ctx, tax_class, asked)
    audit.record(ctx, "add_rate", "tax_class", tax_class_id, after=asked.model_dump(mode="json", exclude={"id"}))
    events.emit(ctx, "tax_class.updated", tax_class_id)
    return rate


async def _add_rate(ctx: Ctx, tax_class: TaxClass, asked: TaxRateIn) -> TaxRate:
    if tax_class.treatment in ("exempt", "nil") or (tax_class.treatment == "zero" and asked.rate_bp):
        raise RateDoesNotFit(treatment=tax_class.treatment)
    rate = TaxRate(shop_id=ctx.shop_id, id=asked.id or new_id(), tax_class_id=tax_class.id, kind=asked.kind,
                   code=asked.code, rate_bp=asked.rate_bp, valid_from=asked.valid_from)
    stands = TaxRateStands(tax_code=asked.code, valid_from=asked.valid_from.isoformat())
    async with db.refusing(ctx, {"uq_tax_rates_from": lambda: stands}):
        ctx.db.add(rate)
    return rate


async def _get(ctx: Ctx, tax_class_id: UUID) -> TaxClass:
    tax_class = (await ctx.db.scalars(select(TaxClass).where(TaxClass.id == tax_class_id))).one_or_none()
    if tax_class is None:
        raise NotFound(what="tax class")
    return tax_class
