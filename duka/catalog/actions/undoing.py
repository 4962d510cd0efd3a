"""Undoing an import: what it made goes, what it changed is as before, unless somebody touched it since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select

from duka.catalog import sets, shelf
from duka.catalog.actions import editing, importing
from duka.catalog.errors import ImportNotFinished, ImportUndone
from duka.catalog.models import Group, ImportItem, ImportRun, Product
from duka.catalog.shelf import Item
from duka.platform import audit, events
from duka.platform.context import Ctx

THINGS_AT_ONCE: Final = 2_000
"""Products that are undone before the answer; more are the work of a job."""
_BATCH: Final = 500
_IDS: Final = ("group_id", "tax_class_id")
_CODES: Final = ("sku", "barcode", "external_ref")


async def begin_undo(ctx: Ctx, run_id: UUID) -> ImportRun:
    """Mark an import as being undone. NotFound, ImportNotFinished, ImportUndone."""
    run = await importing.held(ctx, run_id)
    if run.state == "running":
        raise ImportNotFinished
    if run.state in ("undoing", "undone"):
        raise ImportUndone
    run.state = "undoing"
    audit.record(ctx, "undo_import", "import_run", run.id)
    await ctx.db.flush()
    return run


async def undo_some(ctx: Ctx, run_id: UUID) -> ImportRun:
    """Undo the next batch, the newest things first; the run says `undone` when nothing is left."""
    run = await importing.held(ctx, run_id)
    if run.state != "undoing":
        return run
    batch = await _next(ctx, run)
    if not batch:
        run.state, run.finished_at = "undone", ctx.now
        return run
    of_product: dict[UUID, list[ImportItem]] = {}
    of_group: list[ImportItem] = []
    for item in batch:
        if item.did == "make_group":
            of_group.append(item)
        else:
            of_product.setdefault(item.entity_id, []).append(item)
    undone = await _undo_products(ctx, of_product) + await _undo_groups(ctx, of_group)
    things = len(of_product) + len(of_group)
    run.report = {
        **run.report, "undone": run.report["undone"] + undone, "kept": run.report["kept"] + things - undone,
        "undone_to": str(min(item.entity_id for item in batch)),
    }  # fmt: skip
    await ctx.db.flush()
    return run


async def _next(ctx: Ctx, run: ImportRun) -> Sequence[ImportItem]:
    """Give everything the import did to the next things, the newest thing first: goods before their groups."""
    ids = select(ImportItem.entity_id).where(ImportItem.run_id == run.id).distinct()
    if "undone_to" in run.report:
        ids = ids.where(ImportItem.entity_id < UUID(run.report["undone_to"]))
    chosen = (await ctx.db.scalars(ids.order_by(ImportItem.entity_id.desc()).limit(_BATCH))).all()
    items = select(ImportItem).where(ImportItem.run_id == run.id, ImportItem.entity_id.in_(chosen))
    return (await ctx.db.scalars(items.order_by(ImportItem.id.desc()))).all()


async def _undo_products(ctx: Ctx, of_product: dict[UUID, list[ImportItem]]) -> int:
    standing = await shelf.items_to_change(ctx, list(of_product)) if of_product else {}
    variants = [variant.id for item in standing.values() for variant in item.variants]
    happened = await shelf.with_history(ctx, variants) if variants else set()
    kept = await _kept_as_they_are(ctx, standing, variants)
    taken = await _taken(ctx, [each for done in of_product.values() for each in done])
    undone = 0
    for product_id, done in of_product.items():
        item = standing.get(product_id)
        untouched = item is not None and item.product.version == max(each.version for each in done)
        if item is None or not untouched or any(_codes(each) & taken for each in done):
            continue
        if not any(_removes_one_of(each, item, kept.components) for each in done):
            _undo_product(ctx, item, done, happened, kept)
            undone += 1
    await ctx.db.flush()
    return undone


@dataclass(frozen=True, slots=True)
class _Kept:
    """What stays, whatever the import had changed: products whose goods are followed as they are, since some stand in
    stock or are in sets; variants that sets are made of, which stay on sale."""

    tracking: set[UUID]
    components: set[UUID]


async def _kept_as_they_are(ctx: Ctx, standing: Mapping[UUID, Item], variants: Sequence[UUID]) -> _Kept:
    if not standing:
        return _Kept(set(), set())
    components = await sets.parts_among(ctx, variants)
    in_sets = components | await sets.sets_among(ctx, variants)
    tied = {product_id for product_id, item in standing.items() if any(one.id in in_sets for one in item.variants)}
    return _Kept(tied | await shelf.with_stock(ctx, list(standing)), components)


def _removes_one_of(item: ImportItem, of: Item, variants: set[UUID]) -> bool:
    """Say whether undoing a row would remove one of some variants."""
    if item.did == "make_product":
        return any(variant.id in variants for variant in of.variants)
    return item.did == "make_variant" and item.variant_id in variants


async def _taken(ctx: Ctx, done: Sequence[ImportItem]) -> set[tuple[str, str]]:
    """Say which of the codes that would come back are another item's by now."""
    codes = {code for each in done for code in _codes(each)}
    skus, barcodes, refs = ([value for name, value in codes if name == wanted] for wanted in _CODES)
    found = await shelf.standing(ctx, skus, barcodes, refs, [])
    return {
        *(("sku", value) for value in found.skus), *(("barcode", value) for value in found.barcodes),
        *(("external_ref", value) for value in found.external_refs),
    }  # fmt: skip


def _codes(item: ImportItem) -> set[tuple[str, str]]:
    """Give the codes that a change replaced."""
    before = {**item.before["product"], **item.before["variant"]} if item.before else {}
    return {(name, before[name]) for name in _CODES if before.get(name)}


def _undo_product(ctx: Ctx, item: Item, done: Sequence[ImportItem], happened: set[UUID], kept: _Kept) -> None:
    """Undo what rows did to one product, the last first."""
    if any(each.did == "make_product" for each in done):
        editing.remove(ctx, item, happened=any(variant.id in happened for variant in item.variants))
        return
    by_id = {variant.id: variant for variant in item.variants}
    for each in done:
        variant = by_id.get(each.variant_id) if each.variant_id else None
        if variant is None:
            continue
        if each.did == "make_variant":
            editing.remove_variant(ctx, item, variant, happened=variant.id in happened)
        else:
            assert each.before is not None, "a change keeps what it replaced"
            of_product, of_variant = _typed(each.before["product"]), _without_none(each.before["variant"])
            if item.product.id in kept.tracking:
                of_product.pop("tracking", None)
                of_product.pop("kind", None)  # a service is not followed at all
            if any(one.id in kept.components for one in item.variants):
                of_product.pop("active", None)
                of_variant.pop("active", None)
            editing.change(ctx, item, of_product, variant, of_variant)


def _typed(before: dict[str, Any]) -> dict[str, Any]:
    return {name: UUID(value) if name in _IDS and value else value for name, value in before.items()}


def _without_none(before: dict[str, Any]) -> dict[str, Any]:
    """Leave out a price or cost that there was not: a first price cannot be taken back, only replaced."""
    return {name: value for name, value in before.items() if value is not None or name == "barcode"}


async def _undo_groups(ctx: Ctx, of_group: Sequence[ImportItem]) -> int:
    """Remove the groups that the import made and that are empty again."""
    undone = 0
    for item in of_group:
        group = (await ctx.db.scalars(select(Group).where(Group.id == item.entity_id))).one_or_none()
        holds = select(func.count()).select_from(Product).where(Product.group_id == item.entity_id)
        below = select(func.count()).select_from(Group).where(Group.parent_id == item.entity_id)
        if group is None or group.version != item.version:
            continue
        if (await ctx.db.execute(holds)).scalar_one() or (await ctx.db.execute(below)).scalar_one():
            continue
        await ctx.db.execute(delete(Group).where(Group.id == item.entity_id))
        audit.record(ctx, "delete", "group", item.entity_id, before={"name": group.name})
        events.emit(ctx, "group.deleted", item.entity_id)
        undone += 1
    return undone
