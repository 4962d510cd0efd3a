"""Changing what is on sale, and taking it off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from duka.catalog import codes, sets, shelf
from duka.catalog.actions import products
from duka.catalog.actions.products import NewVariant, Rows
from duka.catalog.errors import (
    BarcodeTaken,
    ExternalRefTaken,
    LastVariant,
    PartOfSets,
    PriceInThePast,
    SetFollowed,
    SeveralVariants,
    SkuTaken,
    TooManyVariants,
    TrackingHasStock,
    VariantStands,
)
from duka.catalog.models import Cost, Price, Product, Variant
from duka.catalog.shelf import Current, Item
from duka.platform import audit, db, events
from duka.platform.context import Ctx
from duka.platform.errors import NotFound, StaleVersion, ValidationError, VersionRequired
from duka.platform.ids import new_id

Changes = Mapping[str, Any]
Outcome = Literal["deleted", "deactivated"]

OF_VARIANT: Final = frozenset({"sku", "barcode", "price_minor", "tax_included", "cost_minor", "price_from"})
"""What a variant has for itself. A change of a product may name it where the product has one variant."""

_CLOCKS_DIFFER: Final = timedelta(minutes=5)


async def edit_product(ctx: Ctx, product_id: UUID, changes: Changes, version: int | None) -> None:
    """Change a product, and its only variant where the change names what that has for itself.

    NotFound, VersionRequired, StaleVersion, SeveralVariants, SkuTaken, BarcodeTaken, ExternalRefTaken,
    TaxClassNotInUse, PriceInThePast, TrackingHasStock; PartOfSets where a component would go off sale or lose its
    stock; SetFollowed where a set would be followed by serial number or batch; Forbidden for a price without
    `prices:update` or a cost without `products:cost`.
    """
    item = await _hold(ctx, product_id)
    check_version(item.product.version, version)
    own = {name: value for name, value in changes.items() if name in OF_VARIANT}
    if own and len(item.variants) != 1:
        raise SeveralVariants(field=next(iter(own)).removesuffix("_minor"))
    variant = item.variants[0] if own else None
    of_product = {name: value for name, value in changes.items() if name not in OF_VARIANT}
    tracking = of_product.get("tracking", item.product.tracking)
    if tracking in shelf.TOLD_APART and await sets.sets_among(ctx, [each.id for each in item.variants]):
        raise SetFollowed
    if shelf.told_otherwise(item.product.tracking, tracking) and await shelf.with_stock(ctx, [product_id]):
        raise TrackingHasStock
    if tracking == "none" or not of_product.get("active", True):
        await _keep_in_sets(ctx, item.variants)
    await _check_codes(ctx, item.product, variant, changes)
    async with db.refusing(ctx, products.REFUSALS):
        change(ctx, item, of_product, variant, own)


async def edit_variant(ctx: Ctx, product_id: UUID, variant_id: UUID, changes: Changes, version: int | None) -> None:
    """Change one variant. Refusals as for `edit_product`."""
    item = await _hold(ctx, product_id)
    variant = variant_of(item, variant_id)
    check_version(variant.version, version)
    if not changes.get("active", True):
        await _keep_in_sets(ctx, [variant])
    await _check_codes(ctx, item.product, variant, changes)
    async with db.refusing(ctx, products.REFUSALS):
        change(ctx, item, {}, variant, changes)


async def add_variant(ctx: Ctx, product_id: UUID, new: NewVariant) -> UUID:
    """Give a product one more variant, with choices that no other one has. VariantStands, TooManyVariants, SkuTaken,
    BarcodeTaken, NotFound."""
    item = await _hold(ctx, product_id)
    rows = Rows()
    variant_id = grow(ctx, rows, item, new)
    products.refuse_taken(rows, await shelf.standing(ctx, *products.codes_of(rows), [], []))
    await products.write(ctx, rows)
    return variant_id


def grow(ctx: Ctx, rows: Rows, item: Item, new: NewVariant) -> UUID:
    """Plan one more variant of a held product. VariantStands, TooManyVariants, ValidationError without choices."""
    product = item.product
    if not new.choices:
        raise ValidationError(fields={"choices": ["Say what tells this variant from the others."]})
    mine = [row for row in rows.variants if row["product_id"] == product.id]
    if len(item.variants) + len(mine) >= codes.VARIANTS_MAX:
        raise TooManyVariants(asked=len(item.variants) + len(mine) + 1)
    if dict(new.choices) in [*(variant.choices for variant in item.variants), *(row["choices"] for row in mine)]:
        raise VariantStands
    taken = {*(variant.sku for variant in item.variants), *(row["sku"] for row in mine)}
    sku = codes.variant_skus(codes.sku_base(product.name, product.id), [new.choices], taken)[0]
    row = products.plan_variant(ctx, rows, (product.id, product.name, product.brand), new, sku, "")
    product.attributes = products.grown_attributes(product.attributes, [new.choices])
    after = {"variant": str(row["id"]), "sku": row["sku"], "price_minor": new.price_minor, "cost_minor": new.cost_minor}
    note(ctx, product, {}, after)
    variant_id: UUID = row["id"]
    return variant_id


async def delete_product(ctx: Ctx, product_id: UUID) -> Outcome:
    """Take a product off sale: for good where nothing ever happened to it, else it stays, not active. NotFound,
    PartOfSets."""
    item = await _hold(ctx, product_id)
    await _keep_in_sets(ctx, item.variants)
    happened = await shelf.with_history(ctx, [variant.id for variant in item.variants])
    return remove(ctx, item, happened=bool(happened))


async def delete_variant(ctx: Ctx, product_id: UUID, variant_id: UUID) -> Outcome:
    """Take a variant off sale, as `delete_product`. LastVariant for a product's only one."""
    item = await _hold(ctx, product_id)
    variant = variant_of(item, variant_id)
    if len(item.variants) == 1:
        raise LastVariant
    await _keep_in_sets(ctx, [variant])
    happened = await shelf.with_history(ctx, [variant_id])
    return remove_variant(ctx, item, variant, happened=bool(happened))


def remove_variant(ctx: Ctx, item: Item, variant: Variant, *, happened: bool) -> Outcome:
    """Take a held product's variant off sale; unless something happened to it, it is gone and its codes are free."""
    outcome: Outcome = "deactivated" if happened else "deleted"
    note(ctx, item.product, {"variant": str(variant.id), "sku": variant.sku}, {"variant": outcome})
    variant.active = False
    variant.version += 1
    variant.updated_at = ctx.now
    if not happened:
        _vanish(ctx, variant)
    return outcome


def remove(ctx: Ctx, item: Item, *, happened: bool) -> Outcome:
    """Take a held product off sale; unless something happened to it, it is gone and its codes are free."""
    product = item.product
    product.active = False
    product.version += 1
    product.updated_at = ctx.now
    if not happened:
        product.group_id = None
        product.external_ref = None
        product.deleted_at = ctx.now
        for variant in item.variants:
            _vanish(ctx, variant)
    outcome: Outcome = "deactivated" if happened else "deleted"
    audit.record(ctx, "delete", "product", product.id, before={"name": product.name}, after={"outcome": outcome})
    events.emit(ctx, "product.deleted", product.id, {"outcome": outcome})
    return outcome


@dataclass(frozen=True, slots=True)
class Before:
    """What a change replaced, for those who may want it back."""

    product: dict[str, Any]
    variant: dict[str, Any]


def _vanish(ctx: Ctx, variant: Variant) -> None:
    variant.active = False
    variant.deleted_at = ctx.now
    variant.sku, variant.barcode = str(variant.id), None


def change(ctx: Ctx, item: Item, of_product: Changes, variant: Variant | None, of_variant: Changes) -> Before | None:
    """Change a held product and one of its variants: rows, dated price and cost, audit, event.

    Gives what was there before; None where nothing differs. Codes are checked by the caller.
    """
    before, after = audit.changes(item.product, of_product)
    for name, value in after.items():
        setattr(item.product, name, value)
    was: dict[str, Any] = {}
    becomes: dict[str, Any] = {}
    if variant is not None:
        was, becomes = _change_variant(ctx, item, variant, of_variant)
    if not after and not becomes:
        return None
    if (after.keys() | becomes.keys()) & {"name", "brand", "sku", "barcode"}:
        _rename(item)
    which = {"variant": str(variant.id)} if variant is not None and becomes and len(item.variants) > 1 else {}
    note(ctx, item.product, {**before, **was}, {**after, **becomes, **which})
    return Before(before, was)


def _change_variant(ctx: Ctx, item: Item, variant: Variant, changes: Changes) -> tuple[dict[str, Any], dict[str, Any]]:
    columns = {name: value for name, value in changes.items() if name in ("sku", "barcode", "active")}
    before, after = audit.changes(variant, columns)
    for name, value in after.items():
        setattr(variant, name, value)
    current = item.current[variant.id]
    begins = _begin(ctx, changes.get("price_from"))
    for was, becomes in (
        _new_price(ctx, variant, current, changes, begins), _new_cost(ctx, variant, current, changes, begins),
    ):  # fmt: skip
        before.update(was)
        after.update(becomes)
    if after:
        variant.version += 1
        variant.updated_at = ctx.now
    return before, after


def _new_price(ctx: Ctx, variant: Variant, current: Current, changes: Changes,
               begins: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Add a dated price where it differs from the one in force, or begins later."""
    before = {"price_minor": current.price_minor, "tax_included": current.tax_included}
    after = {name: changes.get(name, value) for name, value in before.items()}
    if not changes.keys() & before.keys() or (after == before and begins == ctx.now):
        return {}, {}
    ctx.need("prices:update")
    if None in after.values():
        raise ValidationError(fields={"price": ["This item has no price yet. Send price and tax_included."]})
    ctx.db.add(Price(shop_id=ctx.shop_id, id=new_id(), variant_id=variant.id, valid_from=begins, **after))
    return before, after if begins == ctx.now else {**after, "price_from": begins}


def _new_cost(ctx: Ctx, variant: Variant, current: Current, changes: Changes,
              begins: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Add a dated cost where it differs from the one in force, or begins later."""
    if "cost_minor" not in changes:
        return {}, {}
    ctx.need("products:cost")
    cost_minor = changes["cost_minor"]
    if cost_minor == current.cost_minor and begins == ctx.now:
        return {}, {}
    ctx.db.add(Cost(shop_id=ctx.shop_id, id=new_id(), variant_id=variant.id, valid_from=begins, cost_minor=cost_minor))
    return {"cost_minor": current.cost_minor}, {"cost_minor": cost_minor}


def _begin(ctx: Ctx, asked: datetime | None) -> datetime:
    """Say when a new price begins. A moment just gone by is now: the sender's clock may be slow."""
    if asked is None:
        return ctx.now
    if asked < ctx.now - _CLOCKS_DIFFER:
        raise PriceInThePast
    return max(asked, ctx.now)


def _rename(item: Item) -> None:
    for variant in item.variants:
        variant.name = codes.variant_name(item.product.name, variant.choices)
        variant.search = codes.search_text(variant.name, variant.sku, variant.barcode, item.product.brand)


def note(ctx: Ctx, product: Product, before: Changes, after: Changes) -> None:
    """Count the edit and tell of it. A product's version counts the edits of its variants too."""
    product.version += 1
    product.updated_at = ctx.now
    audit.record(ctx, "update", "product", product.id, before=before, after=after)
    events.emit(ctx, "product.updated", product.id)


async def _hold(ctx: Ctx, product_id: UUID) -> Item:
    items = await shelf.items_to_change(ctx, [product_id])
    if product_id not in items:
        raise NotFound(what="product")
    return items[product_id]


async def _keep_in_sets(ctx: Ctx, variants: Sequence[Variant]) -> None:
    """Refuse to take away what a set is made of. PartOfSets."""
    used_in = await sets.part_of(ctx, [variant.id for variant in variants])
    if used_in:
        raise PartOfSets(used_in)


def variant_of(item: Item, variant_id: UUID) -> Variant:
    """Give a held product's variant. NotFound."""
    for variant in item.variants:
        if variant.id == variant_id:
            return variant
    raise NotFound(what="variant")


def check_version(current: int, asked: int | None) -> None:
    """Refuse a change that was not made from the current version. VersionRequired, StaleVersion."""
    if asked is None:
        raise VersionRequired
    if asked != current:
        raise StaleVersion(current_version=current)


async def _check_codes(ctx: Ctx, product: Product, variant: Variant | None, changes: Changes) -> None:
    """Refuse codes that other items have, and a tax class that is not in use."""
    differing = {
        name: changes[name] for row, name in (
            (variant, "sku"), (variant, "barcode"), (product, "external_ref"), (product, "tax_class_id"),
        ) if changes.get(name) is not None and changes[name] != getattr(row, name)
    }  # fmt: skip
    if not differing:
        return
    sku, barcode, ref, tax_class_id = map(differing.get, ("sku", "barcode", "external_ref", "tax_class_id"))
    asked = [[value] if value is not None else [] for value in (sku, barcode, ref, tax_class_id)]
    found = await shelf.standing(ctx, *asked)
    if sku in found.skus:
        raise SkuTaken(sku=sku or "")
    if barcode in found.barcodes:
        raise BarcodeTaken(barcode=barcode or "")
    if ref in found.external_refs:
        raise ExternalRefTaken(external_ref=ref or "")
    if tax_class_id is not None:
        products.refuse_tax_class(tax_class_id, found)
