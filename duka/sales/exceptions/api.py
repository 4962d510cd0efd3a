"""The door to what waits to be settled: `/api/exceptions` and `/api/quarantine`."""

from base64 import b64encode
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from duka.platform import edge, wire
from duka.platform.context import Ctx
from duka.platform.disputes import seen
from duka.platform.edge import allow
from duka.platform.errors import NotFound
from duka.platform.models import DocumentException
from duka.platform.openapi import refusals
from duka.platform.wire import Answer, Page, Paging
from duka.sales.actions.resolve import AlreadySettled, resolve_exception, resolve_set_aside
from duka.sales.exceptions import queries as exception_queries
from duka.sales.exceptions.schemas import ExceptionOut, SetAsideListed, SetAsideOut, SettlementIn
from duka.sales.models import Quarantined

exceptions = edge.router("/exceptions", "exceptions")
quarantine = edge.router("/quarantine", "exceptions")

Asked = Annotated[Paging, Depends(wire.paging_only)]
Reads = Annotated[Ctx, allow("exceptions:read")]
Settles = Annotated[Ctx, allow("exceptions:settle")]
Settled = Annotated[bool | None, Query(description="Only what is settled, or only what still waits.")]


@exceptions.get("", summary="List exceptions")
async def list_exceptions(
    ctx: Reads, asked: Asked, settled: Settled = None,
    code: Annotated[str | None, Query(max_length=50, description="Only of one kind: `OUT_OF_STOCK`.")] = None,
    document_id: Annotated[UUID | None, Query(description="Only those of one document.")] = None,
    branch_id: UUID | None = None,
) -> Page[ExceptionOut]:  # fmt: skip
    """What recorded documents disagree with: a price that had changed, stock that was not there, a limit. Each
    document stands as it happened; somebody looks at the exception and settles it."""
    rows, page = await exception_queries.exceptions(
        ctx, asked, settled=settled, code=code, document_id=document_id, branch_id=branch_id
    )
    return Page(data=[_seen(ctx, row) for row in rows], page=page)


@exceptions.post("/{exception_id}/settle", summary="Settle an exception", responses=refusals(NotFound, AlreadySettled))
async def settle(ctx: Settles, exception_id: UUID, body: SettlementIn) -> Answer[ExceptionOut]:
    """Say how an exception was settled. Saying the same again changes nothing."""
    row = await resolve_exception(ctx, exception_id, body.settlement)
    return Answer(data=_seen(ctx, row), message="Settled.")


@quarantine.get("", summary="List documents that were set aside")
async def list_set_aside(
    ctx: Reads, asked: Asked, settled: Settled = None, register_id: UUID | None = None
) -> Page[SetAsideListed]:
    """Documents that registers delivered damaged: kept with their bytes, in no figure of the shop, holding the number
    they claim."""
    rows, page = await exception_queries.set_aside(ctx, asked, settled=settled, register_id=register_id)
    return Page(data=[SetAsideListed.model_validate(row) for row in rows], page=page)


@quarantine.get("/{document_id}", summary="Read a document that was set aside", responses=refusals(NotFound))
async def read_set_aside(ctx: Reads, document_id: UUID) -> Answer[SetAsideOut]:
    """One document that was set aside, with the bytes as they came."""
    return Answer(data=_whole(ctx, await exception_queries.document(ctx, document_id)))


@quarantine.post(
    "/{document_id}/settle", name="settle_set_aside", summary="Settle a document that was set aside",
    responses=refusals(NotFound, AlreadySettled),
)  # fmt: skip
async def settle_document(ctx: Settles, document_id: UUID, body: SettlementIn) -> Answer[SetAsideOut]:
    """Say what was done about a damaged document: entered again by hand, or found to be none of the shop's. It stays
    where it is."""
    row = await resolve_set_aside(ctx, document_id, body.settlement)
    return Answer(data=_whole(ctx, row), message="Settled.")


def _seen(ctx: Ctx, row: DocumentException) -> ExceptionOut:
    return ExceptionOut.model_validate(row).model_copy(update={"details": seen(ctx, row.code, row.facts)})


def _whole(ctx: Ctx, row: Quarantined) -> SetAsideOut:
    if row.document.startswith("/api/goods-receipts"):
        ctx.need("products:cost")  # its bytes name what goods cost
    listed = SetAsideListed.model_validate(row).model_dump(by_alias=False)
    return SetAsideOut(**{**listed, "facts": listed["details"]}, body_base64=b64encode(row.body).decode())
