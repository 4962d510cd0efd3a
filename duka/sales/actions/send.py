"""To send a paper: the customer asks for the invoice by e-mail."""

from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from duka.platform import audit
from duka.platform.context import Ctx
from duka.platform.errors import DukaError
from duka.platform.jobs import Queue
from duka.sales.invoices import queries as invoice_queries
from duka.shops import allowances

SEND_DOCUMENT: Final = "send_document"
"""The job that draws and sends a document: `shop`, `invoice`, `to`."""

OF_DOCUMENT_A_DAY_MAX: Final = 10
OF_SHOP_A_DAY_MAX: Final = 200


@dataclass(eq=False)
class TooManyLetters(DukaError):
    """So many letters left today, of this document or by this shop, that no more may. Without this a shop could have
    the server write to any address in the world, and mail servers would refuse everybody's letters."""

    status: ClassVar[int] = 429
    text: ClassVar[str] = "Today {limit} letters were sent {whose} already, and no more may be. Try again tomorrow."
    limit: int
    whose: str = "by this shop"


async def send_later(ctx: Ctx, queue: Queue, invoice_id: UUID, to: str) -> None:
    """Ask for an invoice or note to be sent to an address, once the transaction (of the platform role) has committed.
    NotFound for one out of the caller's reach, TooManyLetters."""
    invoice = await invoice_queries.get(ctx, invoice_id)
    await count_letter(ctx, invoice_id)
    await queue.defer(ctx.db, SEND_DOCUMENT, shop=str(ctx.shop_id), invoice=str(invoice_id), to=to)
    audit.record(ctx, "send", invoice.kind, invoice_id)


async def count_letter(ctx: Ctx, document_id: UUID) -> None:
    """Count one more letter of a document against it and against the shop. TooManyLetters."""
    subject = allowances.of_shop(ctx, document_id)
    if not await allowances.count_today(ctx, "letters_of_document", subject, OF_DOCUMENT_A_DAY_MAX):
        raise TooManyLetters(OF_DOCUMENT_A_DAY_MAX, "of this document")
    if not await allowances.count_today(ctx, "letters_of_shop", str(ctx.shop_id), OF_SHOP_A_DAY_MAX):
        raise TooManyLetters(OF_SHOP_A_DAY_MAX)
