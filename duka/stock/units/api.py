"""The door to goods that are not all alike: pieces with serial numbers, batches with expiry."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import NotFound
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.stock.actions import telling
from duka.stock.errors import COMING, PICKING, NotThatManyUnnamed
from duka.stock.units import queries
from duka.stock.units.queries import Which
from duka.stock.units.schemas import BatchOut, BatchTold, UnitOut, UnitState, UnitsTold, Unnamed

units = edge.router("/stock-units", "stock")
batches = edge.router("/stock-batches", "stock")

Reader = Annotated[Ctx, allow("stock:read")]
Teller = Annotated[Ctx, allow("products:adjust_stock")]
Asked = Annotated[Paging, Depends(wire.paging)]
OfVariant = Annotated[UUID | None, Query(description="One variant.")]
OfProduct = Annotated[UUID | None, Query(description="All variants of one product.")]
AtLocation = Annotated[UUID | None, Query(description="What stands at one location.")]

_UNITS: Final = (
    Column("serial", "Serial number"), Column("variant_name", "Item"), Column("sku", "SKU"), Column("state", "State"),
    Column("location_name", "Location"),
)  # fmt: skip
_BATCHES: Final = (
    Column("number", "Batch"), Column("expires_on", "Last day", "date"), Column("variant_name", "Item"),
    Column("sku", "SKU"), Column("quantity_milli", "Quantity", "quantity"), Column("unit", "Unit"),
)  # fmt: skip


async def _units(
    serial: Annotated[str | None, Query(max_length=64, description="One serial number, however written.")] = None,
    variant_id: OfVariant = None, product_id: OfProduct = None, location_id: AtLocation = None,
    state: Annotated[UnitState | None, Query(description="Pieces in one state.")] = None,
) -> Which:  # fmt: skip
    return Which(serial, variant_id, product_id, location_id, state)


async def _batches(
    variant_id: OfVariant = None, product_id: OfProduct = None, location_id: AtLocation = None,
    expiring: Annotated[bool | None, Query(description="Only what expires soon or has expired, or the rest.")] = None,
    days: Annotated[int | None, Query(ge=0, le=3650, description="What soon is; else the shop's setting.")] = None,
) -> Which:  # fmt: skip
    return Which(
        variant_id=variant_id, product_id=product_id, location_id=location_id, expiring=expiring, days=days
    )


@units.get("", summary="List pieces with serial numbers", response_model=Page[UnitOut], responses=refusals(BadCursor))
async def list_units(
    ctx: Reader, asked: Asked, which: Annotated[Which, Depends(_units)]
) -> Page[UnitOut] | Response:
    """Pieces with serial numbers, the newest first, in all branches; also those that were sold or are gone.

    `serial` finds a piece by any of its numbers; `q` by part of one, or of the item's name, SKU or barcode. Sort by
    `id` or `changed_at`. Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.units(ctx, part, which))
        return await exports.file_response(ctx, parts, _UNITS, "serial-numbers", file_format)
    rows, page = await queries.units(ctx, asked, which)
    return Page(data=[UnitOut.model_validate(row) for row in rows], page=page)


@units.post(
    "", summary="Give pieces their serial numbers",
    responses=refusals(NotThatManyUnnamed, NotFound, *COMING, *PICKING),
)  # fmt: skip
async def tell_units(ctx: Teller, body: UnitsTold) -> Answer[Unnamed]:
    """Give serial numbers to pieces that stand at a location without one: what was there before the shop followed
    numbers, what was opened or found without one. Or say which pieces are `missing` after a count found fewer than
    there should be. Quantities stay as they are."""
    rest = await telling.tell_units(ctx, body)
    return Answer(data=_unnamed(body, rest), message="Serial numbers kept.")


@batches.get("", summary="List batches", response_model=Page[BatchOut], responses=refusals(BadCursor))
async def list_batches(
    ctx: Reader, asked: Asked, which: Annotated[Which, Depends(_batches)]
) -> Page[BatchOut] | Response:
    """Batches of which something is left, what expires first before, with what is left at each location.

    `expiring` keeps those whose last day is over or within the shop's `expiry_warning_days` (or `days`). `q` finds by
    part of the batch's number or of the item's name, SKU or barcode. Sort by `expires_on`, `name` or `id`. Exports
    need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.batches(ctx, part, which))
        return await exports.file_response(ctx, parts, _BATCHES, "batches", file_format)
    rows, page = await queries.batches(ctx, asked, which)
    return Page(data=[BatchOut.model_validate(row) for row in rows], page=page)


@batches.post(
    "", summary="Say which batch goods are of", responses=refusals(NotThatManyUnnamed, NotFound, *COMING, *PICKING)
)
async def tell_batch(ctx: Teller, body: BatchTold) -> Answer[Unnamed]:
    """Say which batch some goods are of that stand at a location without one, or (with a negative quantity) which batch
    was missing when a count found less than there should be. Quantities stay as they are."""
    rest = await telling.tell_batch(ctx, body)
    return Answer(data=_unnamed(body, rest), message="Batch kept.")


def _unnamed(told: UnitsTold | BatchTold, rest_milli: int) -> Unnamed:
    return Unnamed(variant_id=told.variant_id, location_id=told.location_id, unnamed=rest_milli)
