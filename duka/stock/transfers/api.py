"""The door to transfers: goods that go from one location to another."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.disputes import verdict
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, NotFound, ValidationError
from duka.platform.openapi import RECORDED, refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.shops.registers.claims import CLAIMS, NotForRegisters
from duka.stock.actions import sending, transferring
from duka.stock.actions.adjusting import NotStocked
from duka.stock.actions.loading import DifferenceUnnamed, MoreThanAsked, NothingLeft
from duka.stock.actions.moving import OutOfStock
from duka.stock.actions.transferring import NotYourBranch, TransferMoved, Transferred
from duka.stock.errors import PICKING, LocationClosed
from duka.stock.transfers import queries
from duka.stock.transfers.queries import Sought
from duka.stock.transfers.schemas import (
    DispatchIn,
    ReceiveIn,
    StopIn,
    TransferIn,
    TransferOut,
    TransferPlaceOut,
    TransferRow,
    TransferState,
)

router = edge.router("/transfers", "transfers")

Reader = Annotated[Ctx, allow("stock:read")]
Sender = Annotated[Ctx, allow("stock:transfer")]
Receiver = Annotated[Ctx, allow("stock:receive")]
Approver = Annotated[Ctx, allow("stock:approve")]
Asked = Annotated[Paging, Depends(wire.paging)]

_COLUMNS: Final = (
    Column("at", "When", "time"), Column("state", "State"), Column("from_location_name", "From"),
    Column("to_location_name", "To"), Column("line_count", "Lines"), Column("quantity_milli", "Quantity", "quantity"),
    Column("note", "Note"), Column("id", "Id"),
)  # fmt: skip


@router.get("", summary="List transfers", response_model=Page[TransferRow], responses=refusals(BadCursor))
async def list_transfers(
    ctx: Reader, asked: Asked,
    state: Annotated[TransferState | None, Query(description="`dispatched` lists what is on its way.")] = None,
    location_id: Annotated[UUID | None, Query(description="From or to one location.")] = None,
    branch_id: Annotated[UUID | None, Query(description="From or to the locations of one branch.")] = None,
) -> Page[TransferRow] | Response:  # fmt: skip
    """Transfers, the newest first; whoever is bound to a branch sees those from it and to it.

    Sort by `id` or `at`. Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    sought = Sought(state, location_id, branch_id)
    if file_format:
        parts = exports.parts(asked, lambda part: queries.transfers(ctx, part, sought))
        return await exports.file_response(ctx, parts, _COLUMNS, "transfers", file_format)
    rows, page = await queries.transfers(ctx, asked, sought)
    return Page(data=[TransferRow.model_validate(row) for row in rows], page=page)


@router.post(
    "", status_code=201, summary="Ask for goods of another location, or send them there", openapi_extra=RECORDED,
    responses=refusals(
        OutOfStock, LocationClosed, NotYourBranch, NotStocked, NotFound, IdempotencyConflict, ValidationError,
        NotForRegisters, *PICKING, *CLAIMS,
    ),
)  # fmt: skip
async def request(ctx: Sender, body: TransferIn, response: Response) -> Answer[TransferOut]:
    """Nothing moves yet: somebody with `stock:approve` on the sender's side approves it, then it is dispatched.

    With `sent` the goods leave at once, for which the sender's side needs `stock:approve` too. With `Duka-Mode: record`
    a register tells that they left: that stands, whoever let them go. What is disputed is listed under `exceptions`;
    only what is asked for cannot be recorded.
    """
    done = await (sending.send(ctx, body) if body.sent else transferring.request(ctx, body))
    response.headers["Location"] = f"/api/transfers/{body.id}"
    return _answer(done, response, "The goods are on their way." if body.sent else "Transfer requested.")


@router.get("/places", summary="List where goods can go")
async def list_places(ctx: Reader) -> Answer[list[TransferPlaceOut]]:
    """The locations in use of all branches, also for whoever is bound to one: they may ask another branch for goods."""
    return Answer(data=[TransferPlaceOut.model_validate(row) for row in await queries.ends(ctx)])


@router.get("/{transfer_id}", summary="Show a transfer", responses=refusals(NotFound))
async def show_transfer(ctx: Reader, transfer_id: UUID) -> Answer[TransferOut]:
    """One transfer with its lines and who took which step. `unit_cost` is shown to those with `products:cost`."""
    return Answer(data=TransferOut.model_validate(await queries.transfer(ctx, transfer_id)))


@router.post(
    "/{transfer_id}/approve", summary="Approve a transfer",
    responses=refusals(TransferMoved, NotYourBranch, NotFound),
)  # fmt: skip
async def approve(ctx: Approver, transfer_id: UUID, response: Response) -> Answer[TransferOut]:
    """The sender's side lets the goods go."""
    return _answer(await transferring.approve(ctx, transfer_id), response, "Transfer approved.")


@router.post(
    "/{transfer_id}/reject", summary="Reject a transfer", responses=refusals(TransferMoved, NotYourBranch, NotFound)
)
async def reject(ctx: Approver, transfer_id: UUID, body: StopIn, response: Response) -> Answer[TransferOut]:
    """The sender's side turns a request down, with the reason."""
    return _answer(await transferring.reject(ctx, transfer_id, body.reason), response, "Transfer rejected.")


@router.post("/{transfer_id}/cancel", summary="Call a transfer off", responses=refusals(TransferMoved, NotFound))
async def cancel(ctx: Sender, transfer_id: UUID, body: StopIn, response: Response) -> Answer[TransferOut]:
    """Either side calls it off before the goods leave. What has left can only be received."""
    return _answer(await transferring.cancel(ctx, transfer_id, body.reason), response, "Transfer called off.")


@router.post(
    "/{transfer_id}/dispatch", summary="Send a transfer off", openapi_extra=RECORDED,
    responses=refusals(
        OutOfStock, MoreThanAsked, NothingLeft, TransferMoved, NotYourBranch, NotFound, ValidationError, *PICKING,
        *CLAIMS,
    ),
)  # fmt: skip
async def dispatch(ctx: Sender, transfer_id: UUID, body: DispatchIn, response: Response) -> Answer[TransferOut]:
    """The goods leave the sender's stock and are on their way. A line may leave with less than was asked for.

    With `Duka-Mode: record` a register tells that they left; see `/receive`.
    """
    return _answer(await transferring.dispatch(ctx, transfer_id, body), response, "The goods are on their way.")


@router.post(
    "/{transfer_id}/receive", summary="Receive a transfer", openapi_extra=RECORDED,
    responses=refusals(
        DifferenceUnnamed, OutOfStock, TransferMoved, NotYourBranch, NotFound, ValidationError, *PICKING,
        *CLAIMS,
    ),
)  # fmt: skip
async def receive(ctx: Receiver, transfer_id: UUID, body: ReceiveIn, response: Response) -> Answer[TransferOut]:
    """The goods enter the receiver's stock at the cost they left with. Each line that differs says what becomes of the
    difference: `loss` books it, `sender` puts it right in the sender's stock.

    With `Duka-Mode: record` a register tells that they arrived. It stands whatever the transfer's state: goods that are
    not known to have left are sent first; where somebody else has taken the step already nothing moves again. What is
    disputed is listed under `exceptions`.
    """
    return _answer(await transferring.receive(ctx, transfer_id, body), response, "Transfer received.")


def _answer(done: Transferred, response: Response, message: str) -> Answer[TransferOut]:
    if done.again:
        response.headers["Idempotency-Replayed"] = "true"
    response.headers["Duka-Verdict"] = verdict(done.disputes, again=done.again)
    return Answer(data=TransferOut.model_validate(done.shown), message=message)
