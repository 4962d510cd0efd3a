"""To settle what disagreed: somebody looked at it, did what was to be done, and says so."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, update

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.errors import DukaError, NotFound
from duka.platform.models import DocumentException
from duka.sales.exceptions import queries as exception_queries
from duka.sales.models import Quarantined


@dataclass(eq=False)
class AlreadySettled(DukaError):
    """Somebody settled it before, in other words."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "This was settled already."


async def resolve_exception(ctx: Ctx, exception_id: UUID, settlement: str) -> DocumentException:
    """Settle an exception. Saying the same again changes nothing. NotFound, AlreadySettled."""
    mine = exception_queries.within(ctx, "exceptions:settle").where(DocumentException.id == exception_id)
    settled: DocumentException = await _resolve(ctx, DocumentException, mine, settlement, "exception")
    return settled


async def resolve_set_aside(ctx: Ctx, document_id: UUID, settlement: str) -> Quarantined:
    """Settle a document that was set aside. It stays where it is. NotFound, AlreadySettled."""
    mine = exception_queries.quarantined(ctx, "exceptions:settle").where(Quarantined.id == document_id)
    settled: Quarantined = await _resolve(ctx, Quarantined, mine, settlement, "document")
    return settled


async def _resolve(ctx: Ctx, model: Any, mine: Select[Any], settlement: str, entity: str) -> Any:
    ids = mine.with_only_columns(model.id)
    step = update(model).where(model.id.in_(ids), model.settled_at.is_(None))
    step = step.values(settled_at=ctx.now, settled_by=ctx.staff_id, settlement=settlement).returning(model)
    row = (await ctx.db.scalars(step, execution_options={"synchronize_session": False})).one_or_none()
    if row is None:
        row = (await ctx.db.scalars(mine)).one_or_none()
        if row is None:
            raise NotFound(what=entity)
        if row.settlement != settlement:
            raise AlreadySettled
        return row
    audit.record(ctx, "settle", entity, row.id, after={"settlement": settlement})
    events.emit(ctx, f"{entity}.settled", row.id)
    return row
