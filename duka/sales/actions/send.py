"""To send a paper: the customer asks for the invoice by e-mail."""

from typing import Final
from uuid import UUID

from duka.platform import audit
from duka.platform.context import Ctx
from duka.platform.jobs import Queue
from duka.sales import invoice_queries

SEND_DOCUMENT: Final = "send_document"
"""The job that draws and sends a document: `shop`, `invoice`, `to`."""


async def send_later(ctx: Ctx, queue: Queue, invoice_id: UUID, to: str) -> None:
    """Ask for an invoice or note to be sent to an address, once the transaction (of the platform role) has committed.
    NotFound for one out of the caller's reach."""
    invoice = await invoice_queries.get(ctx, invoice_id)
    await queue.defer(ctx.db, SEND_DOCUMENT, shop=str(ctx.shop_id), invoice=str(invoice_id), to=to)
    audit.record(ctx, "send", invoice.kind, invoice_id)
