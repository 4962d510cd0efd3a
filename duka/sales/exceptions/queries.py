"""What is asked about exceptions and documents set aside, as far as the caller's permission reaches."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, select

from duka.platform import wire
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.models import DocumentException
from duka.platform.wire import PageInfo, Paging
from duka.sales.models import Quarantined
from duka.shops.queries import registers_of


async def exceptions(
    ctx: Ctx, asked: Paging, *, settled: bool | None, code: str | None, document_id: UUID | None, branch_id: UUID | None
) -> tuple[Sequence[DocumentException], PageInfo]:
    """Give a page of exceptions, the newest first."""
    query = within(ctx, "exceptions:read")
    if settled is not None:
        is_open = DocumentException.settled_at.is_(None)
        query = query.where(~is_open if settled else is_open)
    narrowings = (
        (code, DocumentException.code), (document_id, DocumentException.document_id),
        (branch_id, DocumentException.branch_id),
    )  # fmt: skip
    query = query.where(*(place == value for value, place in narrowings if value is not None))
    sorts: dict[str, Any] = {"id": DocumentException.id}
    return await wire.page(ctx, query, asked, sorts, DocumentException.id, default="-id")


async def set_aside(
    ctx: Ctx, asked: Paging, *, settled: bool | None, register_id: UUID | None
) -> tuple[Sequence[Quarantined], PageInfo]:
    """Give a page of the documents set aside, the newest first."""
    query = quarantined(ctx, "exceptions:read")
    if settled is not None:
        is_open = Quarantined.settled_at.is_(None)
        query = query.where(~is_open if settled else is_open)
    if register_id is not None:
        query = query.where(Quarantined.register_id == register_id)
    sorts: dict[str, Any] = {"id": Quarantined.id}
    return await wire.page(ctx, query, asked, sorts, Quarantined.id, default="-id")


async def document(ctx: Ctx, document_id: UUID) -> Quarantined:
    """Give one document that was set aside. NotFound."""
    mine = quarantined(ctx, "exceptions:read")
    found = (await ctx.db.scalars(mine.where(Quarantined.id == document_id))).one_or_none()
    if found is None:
        raise NotFound(what="document")
    return found


def within(ctx: Ctx, permission: str) -> Select[DocumentException]:
    """Select the exceptions that a permission of the caller reaches."""
    query = select(DocumentException)
    match ctx.permissions.get(permission):
        case "shop":
            return query
        case "branch":
            return query.where(DocumentException.branch_id == ctx.branch_id)
    return query.where(false())


def quarantined(ctx: Ctx, permission: str) -> Select[Quarantined]:
    """Select the documents set aside that a permission of the caller reaches, by the branch of their register."""
    query = select(Quarantined)
    match ctx.permissions.get(permission):
        case "shop":
            return query
        case "branch":
            return query.where(Quarantined.register_id.in_(registers_of(ctx.branch_id)))
    return query.where(false())
