"""The door to goods put aside."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, NotFound, ValidationError
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.shops.registers.claims import NotForRegisters
from duka.stock.actions import putting_aside
from duka.stock.actions.adjusting import LocationRequired, NotStocked
from duka.stock.actions.moving import OutOfStock
from duka.stock.actions.putting_aside import PutAside, ReservationClosed
from duka.stock.reservations import queries
from duka.stock.reservations.models import Purpose, ReservationState
from duka.stock.reservations.queries import Kept
from duka.stock.reservations.schemas import ReservationIn, ReservationOut

router = edge.router("/stock/reservations", "stock")

Reader = Annotated[Ctx, allow("stock:read")]
Seller = Annotated[Ctx, allow("sales:create")]
Asked = Annotated[Paging, Depends(wire.paging)]

_COLUMNS: Final = (
    Column("at", "When", "time"), Column("state", "State"), Column("purpose", "For"),
    Column("variant_name", "Item"), Column("sku", "SKU"), Column("location_name", "Location"),
    Column("quantity_milli", "Quantity", "quantity"), Column("unit", "Unit"), Column("until", "Until", "time"),
    Column("note", "Note"), Column("document_id", "Document id"),
)  # fmt: skip


async def _kept(
    state: Annotated[ReservationState | None, Query(description="`open` lists what is put aside now.")] = None,
    purpose: Annotated[Purpose | None, Query(description="For whom.")] = None,
    variant_id: Annotated[UUID | None, Query(description="One variant.")] = None,
    location_id: Annotated[UUID | None, Query(description="One location.")] = None,
    branch_id: Annotated[UUID | None, Query(description="The locations of one branch.")] = None,
    document_id: Annotated[UUID | None, Query(description="What is kept for one cart, sale, order or repair.")] = None,
    customer_id: Annotated[UUID | None, Query(description="What was put aside by hand for one customer.")] = None,
) -> Kept:  # fmt: skip
    return Kept(state, purpose, variant_id, location_id, branch_id, document_id, customer_id)


@router.get(
    "", summary="List what is put aside", response_model=Page[ReservationOut], responses=refusals(BadCursor)
)
async def list_reservations(
    ctx: Reader, asked: Asked, kept: Annotated[Kept, Depends(_kept)]
) -> Page[ReservationOut] | Response:
    """Goods put aside for held carts, unpaid sales, orders, repairs and customers, the newest first; also what was
    taken, released or expired. Whoever is bound to a branch sees what is put aside there.

    `q` finds by part of the item's name, SKU or barcode. Sort by `id` or `at`. Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.reservations(ctx, part, kept))
        return await exports.file_response(ctx, parts, _COLUMNS, "reservations", file_format)
    rows, page = await queries.reservations(ctx, asked, kept)
    return Page(data=[ReservationOut.model_validate(row) for row in rows], page=page)


@router.post(
    "", status_code=201, summary="Put goods aside for a customer",
    responses=refusals(
        OutOfStock, LocationRequired, NotStocked, NotForRegisters, NotFound, IdempotencyConflict, ValidationError
    ),
)  # fmt: skip
async def put_aside(ctx: Seller, body: ReservationIn, response: Response) -> Answer[ReservationOut]:
    """Keep goods for somebody who fetches them later. They stay where they stand, and nobody else is sold them. To hand
    them over, sell them with `reserved_for` set to the reservation's id."""
    done = await putting_aside.put_aside(ctx, body)
    response.headers["Location"] = f"/api/stock/reservations/{body.id}"
    return _answer(done, response, "Put aside.")


@router.get("/{reservation_id}", summary="Show what is put aside", responses=refusals(NotFound))
async def show_reservation(ctx: Reader, reservation_id: UUID) -> Answer[ReservationOut]:
    """One reservation as it stands."""
    return Answer(data=ReservationOut.model_validate(await queries.reservation(ctx, reservation_id)))


@router.post(
    "/{reservation_id}/release", summary="Put goods back on sale",
    responses=refusals(ReservationClosed, NotForRegisters, NotFound),
)  # fmt: skip
async def release(ctx: Seller, reservation_id: UUID, response: Response) -> Answer[ReservationOut]:
    """Put what was put aside back on sale. What is kept for a cart or an unpaid sale goes back all together; the cart
    or sale itself stays as it is."""
    return _answer(await putting_aside.let_go(ctx, reservation_id), response, "On sale again.")


def _answer(done: PutAside, response: Response, message: str) -> Answer[ReservationOut]:
    if done.again:
        response.headers["Idempotency-Replayed"] = "true"
    return Answer(data=ReservationOut.model_validate(done.shown), message=message)
