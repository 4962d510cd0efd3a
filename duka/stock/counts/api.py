"""The door to counts of stock."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.disputes import verdict
from duka.platform.edge import allow
from duka.platform.errors import Forbidden, IdempotencyConflict, NotFound, ValidationError
from duka.platform.openapi import RECORDED, refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.shops.registers.claims import CLAIMS
from duka.stock import jobs
from duka.stock.actions import counting, entering, posting
from duka.stock.actions.counting import Counted, CountUnderWay
from duka.stock.actions.entering import CountMoved, NotInCount
from duka.stock.actions.posting import NothingCounted
from duka.stock.counts import queries
from duka.stock.counts.queries import Sought
from duka.stock.counts.schemas import (
    CancelIn,
    CountEntryOut,
    CountIn,
    CountLineOut,
    CountOut,
    CountState,
    EnteredOut,
    EntriesIn,
    ReviewIn,
    Show,
    StockCountRow,
)

router = edge.router("/stock-counts", "stock counts")

Reader = Annotated[Ctx, allow("stock:read")]
Counter = Annotated[Ctx, allow("stock:count")]
Approver = Annotated[Ctx, allow("stock:approve", role="platform")]
Asked = Annotated[Paging, Depends(wire.paging)]

_COUNTS: Final = (
    Column("at", "Begun", "time"), Column("state", "State"), Column("location_name", "Location"),
    Column("scope", "Scope"), Column("lines_total", "Lines", "integer"), Column("finished_at", "Finished", "time"),
    Column("note", "Note"), Column("id", "Id"),
)  # fmt: skip
_LINES: Final = (
    Column("variant_name", "Item"), Column("sku", "SKU"), Column("counted_milli", "Counted", "quantity"),
    Column("expected_milli", "Expected", "quantity"), Column("variance_milli", "Variance", "quantity"),
    Column("unit", "Unit"), Column("entries", "Entries", "integer"),
)  # fmt: skip
_WORTH: Final = Column("value", "Value", "money")
_ENTRIES: Final = (
    Column("at", "When", "time"), Column("variant_name", "Item"), Column("sku", "SKU"),
    Column("quantity_milli", "Quantity", "quantity"), Column("shelf", "Shelf"), Column("recount", "Recount", "flag"),
    Column("staff_id", "Who"),
)  # fmt: skip


@router.get("", summary="List stock counts", response_model=Page[StockCountRow], responses=refusals(BadCursor))
async def list_counts(
    ctx: Reader, asked: Asked,
    state: Annotated[CountState | None, Query(description="Counts in one state.")] = None,
    location_id: Annotated[UUID | None, Query(description="Counts of one location.")] = None,
) -> Page[StockCountRow] | Response:  # fmt: skip
    """Counts, the newest first; whoever is bound to a branch sees its own.

    Sort by `id` or `at`. Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    sought = Sought(state, location_id)
    if file_format:
        parts = exports.parts(asked, lambda part: queries.counts(ctx, part, sought))
        return await exports.file_response(ctx, parts, _COUNTS, "stock-counts", file_format)
    rows, page = await queries.counts(ctx, asked, sought)
    return Page(data=[StockCountRow.model_validate(row) for row in rows], page=page)


@router.post(
    "", status_code=201, summary="Begin a stock count", openapi_extra=RECORDED,
    responses=refusals(CountUnderWay, NotFound, IdempotencyConflict, ValidationError, *CLAIMS),
)  # fmt: skip
async def begin(ctx: Counter, body: CountIn, response: Response) -> Answer[CountOut]:
    """Begin to count a location, one group of goods there, or a list of variants. Selling goes on meanwhile; one count
    of a location at a time.

    With `Duka-Mode: record` a register tells of a count that was begun before, at its `made_at`. It stands also beside
    another one of the place (`overlapping`): what both find is posted once, and the newest counting of an item counts.
    What is disputed is listed under `exceptions`.
    """
    done = await counting.begin(ctx, body)
    response.headers["Location"] = f"/api/stock-counts/{body.id}"
    response.headers["Duka-Verdict"] = verdict(done.disputes, again=done.again)
    return _answer(done, response, "Begin to count.")


@router.get("/{count_id}", summary="Show a stock count", responses=refusals(NotFound))
async def show_count(ctx: Reader, count_id: UUID) -> Answer[CountOut]:
    """One count with what it comes to so far. While a blind count goes on, only those with `stock:approve` see how it
    differs from the books; amounts are shown to those with `products:cost`."""
    return Answer(data=CountOut.model_validate(await queries.count(ctx, count_id)))


@router.get(
    "/{count_id}/lines", summary="List what a count says", response_model=Page[CountLineOut],
    responses=refusals(BadCursor, NotFound, Forbidden),
)  # fmt: skip
async def list_lines(
    ctx: Reader, asked: Asked, count_id: UUID,
    show: Annotated[Show | None, Query(description="Only these; `uncounted` is what the books have and nobody found.")]
    = None,
    variant_id: Annotated[UUID | None, Query(description="One variant.")] = None,
) -> Page[CountLineOut] | Response:  # fmt: skip
    """Each variant with what was counted, what the books said at the moment of its last entry, and the variance,
    valued at cost. Sort by `name`; `q` finds by part of name or SKU. Exports need `stock:export`."""
    file_format = exports.wanted(ctx, asked, "stock:export")
    if file_format:
        columns = (*_LINES, _WORTH) if ctx.may("products:cost") else _LINES
        parts = exports.parts(asked, lambda part: queries.lines(ctx, count_id, part, show, variant_id))
        return await exports.file_response(ctx, parts, columns, "stock-count", file_format)
    rows, page = await queries.lines(ctx, count_id, asked, show, variant_id)
    return Page(data=[CountLineOut.model_validate(row) for row in rows], page=page)


@router.get(
    "/{count_id}/entries", summary="List a count's entries", response_model=Page[CountEntryOut],
    responses=refusals(BadCursor, NotFound),
)  # fmt: skip
async def list_entries(ctx: Reader, asked: Asked, count_id: UUID) -> Page[CountEntryOut] | Response:
    """Who counted what, on which shelf, and when; the newest first. Sort by `id` or `at`. Exports need
    `stock:export`."""
    file_format = exports.wanted(ctx, asked, "stock:export")
    if file_format:
        parts = exports.parts(asked, lambda part: queries.entries(ctx, count_id, part))
        return await exports.file_response(ctx, parts, _ENTRIES, "stock-count-entries", file_format)
    rows, page = await queries.entries(ctx, count_id, asked)
    return Page(data=[CountEntryOut.model_validate(row) for row in rows], page=page)


@router.post(
    "/{count_id}/entries", status_code=201, summary="Enter what was counted", openapi_extra=RECORDED,
    responses=refusals(CountMoved, NotInCount, NotFound, IdempotencyConflict, ValidationError, *CLAIMS),
)  # fmt: skip
async def enter(ctx: Counter, count_id: UUID, body: EntriesIn, response: Response) -> Answer[EnteredOut]:
    """Several people may enter at once, each from their own phone. What is entered is added up, over people and
    shelves; a `recount` replaces what the same person entered before for a variant on a shelf. Entries are never
    changed; sending one again is harmless.

    With `Duka-Mode: record` a register tells what was counted before, each entry with its `counted_at`. Until the count
    is posted it is entered; what comes later, or is not part of the count, becomes an exception.
    """
    done = await entering.enter(ctx, count_id, body)
    response.headers["Duka-Verdict"] = verdict(done.exceptions, again=done.again)
    if done.again:
        response.headers["Idempotency-Replayed"] = "true"
    message = "Entered." if ctx.recording or done.made == 1 else f"{done.made} entries written."
    return Answer(data=EnteredOut(entries=done.taken, exceptions=list(done.exceptions)), message=message)


@router.post("/{count_id}/review", summary="End the counting", responses=refusals(CountMoved, NotFound))
async def review(ctx: Counter, count_id: UUID, body: ReviewIn, response: Response) -> Answer[CountOut]:
    """No more is entered; the differences can be looked at. With `uncounted: zero` what nobody counted is entered as
    nothing; what came since the count began, more than was sold, stays."""
    return _answer(await counting.review(ctx, count_id, body.uncounted), response, "The counting has ended.")


@router.post("/{count_id}/reopen", summary="Go on counting", responses=refusals(CountMoved, NotFound))
async def reopen(ctx: Counter, count_id: UUID, response: Response) -> Answer[CountOut]:
    """Back to counting, to count again what differs."""
    return _answer(await counting.reopen(ctx, count_id), response, "Go on counting.")


@router.post("/{count_id}/cancel", summary="Call a count off", responses=refusals(CountMoved, NotFound))
async def cancel(ctx: Counter, count_id: UUID, body: CancelIn, response: Response) -> Answer[CountOut]:
    """Nothing is posted; what was entered stays on record."""
    return _answer(await counting.cancel(ctx, count_id, body.reason), response, "Count called off.")


@router.post(
    "/{count_id}/post", summary="Post a count",
    responses={
        202: {"model": Answer[CountOut], "description": "A job works on it: ask again at Location."},
        **refusals(CountMoved, NothingCounted, NotFound, ValidationError),
    },
)  # fmt: skip
async def post_count(ctx: Approver, count_id: UUID, request: Request, response: Response) -> Answer[CountOut]:
    """The variances become movements, and what they are worth is booked as differences of stock.

    Up to 500 lines are posted with the answer (200); more are a job's work (202), whose progress is at `Location`.
    Asking again is harmless.
    """
    done = await posting.begin_posting(ctx, count_id)
    shown = done.shown
    if shown["state"] == "posting" and shown["lines_total"] > posting.LINES_AT_ONCE:
        await jobs.defer_posting(ctx, request.app.state.house, count_id)
        response.status_code = 202
        response.headers["Location"] = f"/api/stock-counts/{count_id}"
        return _answer(done, response, "The count is being posted.")
    await posting.post_some(ctx, count_id)
    return _answer(Counted(await queries.count(ctx, count_id), done.again), response, "Count posted.")


def _answer(done: Counted, response: Response, message: str) -> Answer[CountOut]:
    if done.again:
        response.headers["Idempotency-Replayed"] = "true"
    return Answer(data=CountOut.model_validate(done.shown), message=message)
