"""Taking in a sheet of goods: tried or for good, at once or in the background, batch by batch."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import insert, select, text

from duka.catalog import sets, sheet, sheet_queries, shelf
from duka.catalog.actions import editing, groups, matching, products
from duka.catalog.actions.matching import Change, Plan, Problems, Standing
from duka.catalog.actions.products import Rows
from duka.catalog.errors import PartOfSets, PresetUnknown, SetFollowed, TrackingHasStock
from duka.catalog.models import ImportItem, ImportRun
from duka.catalog.schemas import GroupIn
from duka.catalog.sheet import GROUP_SEPARATOR, ProductRow
from duka.catalog.shelf import Item, items_to_change
from duka.catalog.tree import DEPTH_MAX
from duka.platform import audit, db, sheets
from duka.platform.context import Ctx
from duka.platform.errors import Busy, NotFound
from duka.platform.ids import new_id
from duka.platform.sheets import Row

ROWS_AT_ONCE: Final = 2_000
"""Rows that are taken in before the answer; more are the work of a job."""

BATCH_ROWS: Final = 500
_FAILURES_SHOWN: Final = 1_000
_PREVIEW_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class Source:
    """A sheet that was read: its rows, the column of each field, and the rows whose codes came before in it."""

    rows: Sequence[Row]
    columns: Mapping[str, str]
    unused: Sequence[str]
    preset: str | None
    twice: Mapping[int, Problems]


async def read(data: bytes, filename: str | None, columns: Mapping[str, str], preset: str | None) -> Source:
    """Read a CSV or XLSX sheet, in a thread; without a preset it is recognised by its titles. PresetUnknown,
    ColumnUnknown, and what `sheets.read` refuses."""
    if preset is not None and preset not in (*sheet.PRESETS, sheet.NO_PRESET):
        raise PresetUnknown(preset=preset, known=", ".join((*sheet.PRESETS, sheet.NO_PRESET)))
    return await asyncio.to_thread(_read, data, filename, columns, preset)


def _read(data: bytes, filename: str | None, asked: Mapping[str, str], preset: str | None) -> Source:
    found = sheets.read(data, filename)
    preset = preset or sheet.recognise(found.titles)
    columns = sheets.map_columns(found.titles, {**sheet.ALIASES, **sheet.PRESETS.get(preset or "", {})}, asked)
    filled = sheet.fill_down(found.rows, columns) if "handle" in columns else found.rows
    rows = list(filled)
    unused = [title for title in found.titles if title not in columns.values()]
    return Source(rows, columns, unused, preset, _twice(rows, columns))


def _twice(rows: Sequence[Row], columns: Mapping[str, str]) -> dict[int, Problems]:
    """Find the rows whose SKU or barcode, or whose name where they have no code, stands in an earlier row."""
    seen: dict[tuple[str, str], int] = {}
    found: dict[int, Problems] = {}
    telling = [columns[name] for name in ("sku", "barcode", "external_ref", "choices", "variation", "option1_value")
               if name in columns]  # fmt: skip
    for row in rows:
        keys = ["sku", "barcode"] if any(row.cells[title].strip() for title in telling) else ["name"]
        for key in keys:
            value = row.cells[columns[key]].strip() if key in columns else ""
            first = seen.setdefault((key, value), row.number)
            if value and first != row.number:
                found.setdefault(row.number, {})[key] = [f"Row {first} has the same. Each row needs its own."]
    return found


async def start(ctx: Ctx, source: Source, filename: str | None, *, dry_run: bool, file: bytes | None) -> ImportRun:
    """Begin an import. `file` is kept until the end where a job does the work. Forbidden where the sheet has prices
    or costs that the person may not set."""
    for field, permission in (("cost", "products:cost"), ("price", "prices:update")):
        if field in source.columns:
            ctx.need(permission)
    report = {
        "created": 0, "updated": 0, "unchanged": 0, "failed": 0, "failed_rows": [], "preview": [],
        "unused": list(source.unused), "undone": 0, "kept": 0,
    }  # fmt: skip
    run = ImportRun(
        shop_id=ctx.shop_id, id=new_id(), filename=(filename or "")[:200], state="running", dry_run=dry_run,
        columns=dict(source.columns), preset=source.preset, file=file, rows_total=len(source.rows), rows_done=0,
        report=report, created_at=ctx.now, created_by=ctx.staff_id, finished_at=None,
    )  # fmt: skip
    ctx.db.add(run)
    await ctx.db.flush()
    if not dry_run:
        audit.record(ctx, "import", "import_run", run.id, after={"rows": len(source.rows), "filename": run.filename})
    return run


async def take_in(ctx: Ctx, source: Source, filename: str | None, *, dry_run: bool) -> ImportRun:
    """Take a sheet in at once, all or nothing but its wrong rows. A dry run is tried and nothing of it stays."""
    if not dry_run:
        run = await start(ctx, source, filename, dry_run=False, file=None)
        await _do_all(ctx, run, source)
        return run
    trial = await ctx.db.begin_nested()
    run = await start(ctx, source, filename, dry_run=True, file=None)
    await _do_all(ctx, run, source)
    ctx.db.expunge(run)
    await trial.rollback()
    ctx.emitted = False
    return run


async def _do_all(ctx: Ctx, run: ImportRun, source: Source) -> None:
    while run.state == "running":
        await _go_on(ctx, run, source)


async def go_on(ctx: Ctx, run_id: UUID, source: Source) -> bool:
    """Do the next batch of an import, in a transaction of its own; say whether more is left."""
    run = await held(ctx, run_id)
    if run.state == "running":
        ctx.staff_id = run.created_by
        await _go_on(ctx, run, source)
    return run.state == "running"


async def held(ctx: Ctx, run_id: UUID) -> ImportRun:
    """Give an import and keep others from working on it. NotFound."""
    query = select(ImportRun).where(ImportRun.id == run_id).with_for_update()
    run = (await ctx.db.scalars(query)).one_or_none()
    if run is None:
        raise NotFound(what="import")
    return run


async def _go_on(ctx: Ctx, run: ImportRun, source: Source) -> None:
    # Plans made while the tables were nearly empty, those of foreign keys too, would read them whole for each row.
    await ctx.db.execute(text("DISCARD PLANS"))
    batch = source.rows[run.rows_done : run.rows_done + BATCH_ROWS]
    if run.dry_run:
        trial = await ctx.db.begin_nested()
        outcomes = await _do(ctx, run.id, source, batch)
        await trial.rollback()
        await ctx.db.refresh(run)
    else:
        outcomes = await _do(ctx, run.id, source, batch)
    run.report = _told(run.report, outcomes)
    run.rows_done += len(batch)
    if run.rows_done >= run.rows_total:
        run.state, run.finished_at, run.file = "done", ctx.now, None
    await ctx.db.flush()


@dataclass(slots=True)
class _Outcomes:
    """What became of a batch's rows, by their numbers."""

    problems: dict[int, Problems]
    shown: dict[int, dict[str, Any]]


def _told(report: Mapping[str, Any], outcomes: _Outcomes) -> dict[str, Any]:
    """Give the report with a batch added."""
    told = dict(report)
    for row in outcomes.shown.values():
        told[row["outcome"]] += 1
    told["failed"] += len(outcomes.problems)
    new = [{"row": number, "problems": outcomes.problems[number]} for number in sorted(outcomes.problems)]
    told["failed_rows"] = [*told["failed_rows"], *new][:_FAILURES_SHOWN]
    told["preview"] = [*told["preview"], *(outcomes.shown[n] for n in sorted(outcomes.shown))][:_PREVIEW_ROWS]
    return told


async def _do(ctx: Ctx, run_id: UUID, source: Source, batch: Sequence[Row]) -> _Outcomes:
    """Take in a batch of rows."""
    rows: list[tuple[int, ProductRow]] = []
    outcomes = _Outcomes({}, {})
    for raw in batch:
        row = sheet.read_row(raw.cells, source.columns, ctx.currency, ctx.caller.language, source.preset)
        problems = row if isinstance(row, dict) else source.twice.get(raw.number)
        if problems:
            outcomes.problems[raw.number] = problems
        elif isinstance(row, ProductRow):
            rows.append((raw.number, row))
    items: list[dict[str, Any]] = []
    standing = await _standing(ctx, [row for _, row in rows], items)
    plan = matching.plan(rows, standing)
    outcomes.problems |= plan.problems
    await _make(ctx, plan, outcomes, items)
    await _change(ctx, plan, outcomes, items)
    if items:
        same = {"shop_id": ctx.shop_id, "run_id": run_id}
        await ctx.db.execute(insert(ImportItem), [{**same, "id": new_id(), **item} for item in items])
    return outcomes


async def _standing(ctx: Ctx, rows: Sequence[ProductRow], items: list[dict[str, Any]]) -> Standing:
    """Look up what the rows may be about, and make the groups they name that are missing."""
    paths = {path: group_id for group_id, path in (await sheet_queries.group_paths(ctx)).items()}
    for path in sorted({row.group for row in rows if row.group is not None} - paths.keys()):
        await _make_group(ctx, paths, path, items)
    standing = Standing(await sheet_queries.tax_classes_in_use(ctx), paths)
    standing.learn(await sheet_queries.known(
        ctx, {row.sku for row in rows if row.sku}, {row.barcode for row in rows if row.barcode},
        {row.external_ref for row in rows if row.external_ref}, {row.name for row in rows if row.name},
    ))  # fmt: skip
    return standing


async def _make_group(ctx: Ctx, paths: dict[str, UUID], path: str, items: list[dict[str, Any]]) -> None:
    """Make a group and those above it, unless the path is no good: the row then has no group to go to."""
    names = path.split(GROUP_SEPARATOR)
    if len(names) > DEPTH_MAX or any(not 0 < len(name.strip()) <= 200 or name != name.strip() for name in names):
        return
    parent_id: UUID | None = None
    for depth in range(1, len(names) + 1):
        place = GROUP_SEPARATOR.join(names[:depth])
        if place not in paths:
            group = await groups.add_group(ctx, GroupIn(name=names[depth - 1], parent_id=parent_id))
            paths[place] = group.id
            items.append(_item("make_group", group.id, None, group.version, None))
        parent_id = paths[place]


async def _make(ctx: Ctx, plan: Plan, outcomes: _Outcomes, items: list[dict[str, Any]]) -> None:
    """Put the new goods on sale."""
    added = await products.add_products(ctx, [goods.product() for goods in plan.goods])
    for goods, made in zip(plan.goods, added, strict=True):
        items.append(_item("make_product", made.product_id, None, 1, None))
        for number, variant, sku in zip(goods.rows, goods.variants, made.skus, strict=True):
            outcomes.shown[number] = _shown(number, "created", goods.fields["name"], sku, variant.price_minor)


async def _change(ctx: Ctx, plan: Plan, outcomes: _Outcomes, items: list[dict[str, Any]]) -> None:
    """Change what stands, and give it its new sisters."""
    wanted = {sister.product_id for sister in plan.sisters} | {each.known.product_id for each in plan.changes}
    held_items: dict[UUID, Item] = await items_to_change(ctx, list(wanted)) if wanted else {}
    if len(held_items) < len(wanted):
        raise Busy  # somebody deleted one since it was looked up
    rows = Rows()
    for sister in plan.sisters:
        item = held_items[sister.product_id]
        variant_id = editing.grow(ctx, rows, item, sister.variant)
        items.append(_item("make_variant", item.product.id, variant_id, item.product.version, None))
        outcomes.shown[sister.row] = _shown(sister.row, "created", item.product.name, rows.variants[-1]["sku"],
                                            sister.variant.price_minor)
    async with db.refusing(ctx, products.REFUSALS):
        if rows.variants:
            await products.write(ctx, rows)
        stocked = await _told_otherwise(ctx, plan, held_items)
        in_sets = await _in_sets(ctx, plan, held_items)
        composed = await _composed(ctx, plan, held_items)
        for each in plan.changes:
            item = held_items[each.known.product_id]
            taken = _taken_away(each, item)
            if taken and item.product.id in in_sets:
                outcomes.problems[each.row] = {name: [PartOfSets.text] for name in taken}
                continue
            if item.product.id in composed and _told_apart(each):
                outcomes.problems[each.row] = {"tracking": [SetFollowed.text]}
                continue
            if (item.product.id, each.of_product.get("tracking")) in stocked:
                outcomes.problems[each.row] = {"tracking": [TrackingHasStock.text]}
                continue
            variant = editing.variant_of(item, each.known.variant_id)
            before = editing.change(ctx, item, each.of_product, variant, each.of_variant)
            if before:
                kept = orjson.loads(orjson.dumps({"product": before.product, "variant": before.variant}))
                items.append(_item("change", item.product.id, variant.id, item.product.version, kept))
            price = each.of_variant.get("price_minor", item.current[variant.id].price_minor)
            outcome = "updated" if before else "unchanged"
            outcomes.shown[each.row] = _shown(each.row, outcome, variant.name, variant.sku, price)


def _taken_away(change: Change, item: Item) -> list[str]:
    """Name what of a row takes goods out of stock's sight or off sale: sets made of them could not be sold."""
    told, product = change.of_product | change.of_variant, item.product
    unfollowed = told.get("tracking") == "none" and product.tracking != "none"
    return [name for name, true in (("tracking", unfollowed), ("active", told.get("active") is False)) if true]


async def _in_sets(ctx: Ctx, plan: Plan, held_items: Mapping[UUID, Item]) -> set[UUID]:
    """Say which products that would be taken away are parts of sets."""
    items = [held_items[each.known.product_id] for each in plan.changes
             if _taken_away(each, held_items[each.known.product_id])]  # fmt: skip
    of = {variant.id: item.product.id for item in items for variant in item.variants}
    return {of[component] for component in await sets.parts_among(ctx, of)} if of else set()


def _told_apart(change: Change) -> bool:
    return change.of_product.get("tracking") in shelf.TOLD_APART


async def _composed(ctx: Ctx, plan: Plan, held_items: Mapping[UUID, Item]) -> set[UUID]:
    """Say which products that would be followed by serial number or batch are sets."""
    items = [held_items[each.known.product_id] for each in plan.changes if _told_apart(each)]
    of = {variant.id: item.product.id for item in items for variant in item.variants}
    return {of[each] for each in await sets.sets_among(ctx, of)} if of else set()


async def _told_otherwise(ctx: Ctx, plan: Plan, held_items: Mapping[UUID, Item]) -> set[tuple[UUID, str | None]]:
    """Say which products may not be followed as asked, since some of them stands in stock."""
    asked = {
        (each.known.product_id, each.of_product["tracking"]) for each in plan.changes
        if "tracking" in each.of_product and shelf.told_otherwise(
            held_items[each.known.product_id].product.tracking, each.of_product["tracking"]
        )
    }  # fmt: skip
    stocked = await shelf.with_stock(ctx, sorted({product_id for product_id, _ in asked})) if asked else set()
    return {each for each in asked if each[0] in stocked}


def _item(did: str, entity_id: UUID, variant_id: UUID | None, version: int,
          before: dict[str, Any] | None) -> dict[str, Any]:
    return {"did": did, "entity_id": entity_id, "variant_id": variant_id, "version": version, "before": before}


def _shown(row: int, outcome: str, name: str, sku: str, price: int | None) -> dict[str, Any]:
    return {"row": row, "outcome": outcome, "name": name, "sku": sku, "price": price}
