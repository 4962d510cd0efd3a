"""What changes suppliers: they are added, edited, deactivated and, while no document names them, deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from duka.platform import audit, db, versions
from duka.platform.context import Ctx
from duka.platform.errors import IdempotencyConflict
from duka.platform.events import emit
from duka.platform.ids import new_id
from duka.purchasing import events, rules, supplier_queries
from duka.purchasing.errors import SupplierHasDocuments, SupplierRefTaken
from duka.purchasing.models import Supplier, SupplierItem
from duka.purchasing.schemas import SupplierEdit, SupplierIn
from duka.shops import phones
from duka.shops.country import country

PERSONAL: Final = audit.PERSONAL | {"contact"}
"""Fields whose values stay out of the audit trail: what names or reaches the person one talks to."""

_FOREIGN_KEY: Final = "23503"
_SEARCHED: Final = ("name", "contact", "phone", "email")


@dataclass(frozen=True, slots=True)
class Added:
    """A supplier that was added; `replayed` when the same one came before and nothing was changed."""

    supplier: Supplier
    replayed: bool = False


async def add(ctx: Ctx, wanted: SupplierIn) -> Added:
    """Add a supplier. SupplierRefTaken, PhoneNotValid; IdempotencyConflict when the id came with another body."""
    supplier_id = wanted.id or new_id()
    values = await _columns(ctx, wanted.model_dump(exclude={"id"}))
    row = {
        "shop_id": ctx.shop_id, "id": supplier_id, "search": _search(values), "created_by": ctx.staff_id,
        "body_hash": ctx.body_hash if wanted.id else None, "active": True, "owed_minor": 0, "version": 1,
        "created_at": ctx.now, "updated_at": ctx.now, **values,
    }  # fmt: skip
    added = await ctx.db.scalars(insert(Supplier).values(row).on_conflict_do_nothing().returning(Supplier))
    supplier = added.one_or_none()
    if supplier is None:
        return await _known(ctx, row)
    audit.record(ctx, "create", "supplier", supplier_id, after=_said(values), personal=PERSONAL)
    emit(ctx, events.SUPPLIER_CREATED, supplier_id)
    return Added(supplier)


async def edit(ctx: Ctx, supplier_id: UUID, body: SupplierEdit, version: int | None) -> Supplier:
    """Change a supplier's details, or deactivate it (`active: false`). The fields not named stay as they are.

    SupplierNotFound, SupplierRefTaken, PhoneNotValid, StaleVersion, VersionRequired.
    """
    supplier = await supplier_queries.get(ctx, supplier_id, "suppliers:update")
    values = await _columns(ctx, versions.given(body))
    if values.keys() & set(_SEARCHED):
        values["search"] = _search({name: getattr(supplier, name) for name in _SEARCHED} | values)
    taken: db.Refusals = {
        "uq_suppliers_external_ref": lambda: SupplierRefTaken(str(values.get("external_ref")))
    }  # fmt: skip
    async with db.refusing(ctx, taken):
        changed = await versions.edit(ctx, supplier, values, version, "supplier", personal=PERSONAL)
    if changed:
        emit(ctx, events.SUPPLIER_UPDATED, supplier_id, {"fields": sorted(values.keys() - {"search"})})
    return supplier


async def remove(ctx: Ctx, supplier_id: UUID) -> None:
    """Delete a supplier whom no document names, with the list of what it supplies. SupplierNotFound,
    SupplierHasDocuments."""
    supplier = await supplier_queries.get(ctx, supplier_id, "suppliers:delete")
    await ctx.db.execute(delete(SupplierItem).where(SupplierItem.supplier_id == supplier.id))
    try:
        await ctx.db.execute(delete(Supplier).where(Supplier.id == supplier.id))
    except IntegrityError as broken:
        if getattr(broken.orig, "sqlstate", None) != _FOREIGN_KEY:
            raise
        raise SupplierHasDocuments from None
    audit.record(ctx, "delete", "supplier", supplier_id)
    emit(ctx, events.SUPPLIER_DELETED, supplier_id)


async def _known(ctx: Ctx, row: Mapping[str, Any]) -> Added:
    supplier = (await ctx.db.scalars(select(Supplier).where(Supplier.id == row["id"]))).one_or_none()
    if supplier is None:
        raise SupplierRefTaken(str(row["external_ref"]))
    if supplier.body_hash is None or supplier.body_hash != row["body_hash"]:
        raise IdempotencyConflict
    return Added(supplier, replayed=True)


async def _columns(ctx: Ctx, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Turn fields of the wire into columns: the phone in E.164."""
    values = dict(asked)
    if values.get("phone"):
        values["phone"] = phones.e164(values["phone"], await country(ctx))
    return values


def _search(values: Mapping[str, Any]) -> str:
    return " ".join(rules.fold(values[name]) for name in _SEARCHED if values[name])


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what was really said, for the audit entry."""
    return {name: value for name, value in values.items() if value not in (None, "")}
