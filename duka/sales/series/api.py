"""The door to the numbers of a till."""

from typing import Annotated
from uuid import UUID

from duka.platform import edge
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.openapi import refusals
from duka.platform.wire import Answer
from duka.sales.series import queries as series_queries
from duka.sales.series.schemas import SeriesNumbers
from duka.shops.registers.queries import RegisterNotFound

registers = edge.router("/registers", "registers")


@registers.get("/{register_id}/series", summary="A till's numbers", responses=refusals(RegisterNotFound))
async def show_numbers(
    ctx: Annotated[Ctx, allow("registers:read")], register_id: UUID
) -> Answer[list[SeriesNumbers]]:
    """Which of a till's invoices, credit notes and debit notes have arrived and which are awaited: those with a number
    below the highest that came. Look after them at the till, or close it when they will not come."""
    return Answer(data=await series_queries.numbers(ctx, register_id))
