"""The night shift of selling: papers that leave by e-mail, and documents that missed their drawer by a moment."""

import asyncio
from typing import Final
from uuid import UUID

import structlog

from duka.platform import letters
from duka.platform.context import Ctx
from duka.platform.edge import House
from duka.platform.jobs import Reader
from duka.platform.messages import Attachment, masked
from duka.sales.actions.open_drawer import look_again
from duka.sales.actions.send import SEND_DOCUMENT
from duka.sales.invoices import paper
from duka.sales.invoices import pdf as invoice_pdf
from duka.sales.invoices import queries as invoice_queries
from duka.sales.invoices.texts import set_out

log = structlog.get_logger()
_NOTED: Final = frozenset({"exception.noted"})


async def _look_again(ctx: Ctx) -> int:
    return await look_again(ctx, AWAITED_DRAWERS.name, _NOTED)


AWAITED_DRAWERS: Final = Reader("sales.awaited_drawers", _NOTED, _look_again)
"""Puts a document into its drawer where both were stored at the same moment."""


def register(house: House) -> None:
    """Tell the house's queue how documents are sent. One that the mail server does not take is given up in the end,
    and its address with it."""

    async def send_document(shop: str, invoice: str, to: str) -> None:
        async with house.database.session() as db:
            ctx = await house.queue.open_shop(db, UUID(shop))
            found = await invoice_queries.paper_of_invoice(ctx, UUID(invoice))
        view = paper.set_down(found, "a4", copy=False)
        drawn = await asyncio.to_thread(invoice_pdf.render, view)
        said = set_out(view)
        letter = letters.document(
            view.language, view.shop.name, said["title"], view.number, said["sums"][-1]["value"]
        )
        attached = Attachment(f"{view.number.replace('/', '-')}.pdf", "application/pdf", drawn)
        await house.mail.send(to, letter.subject, letter.text, letter.html, attached)

    house.queue.register(SEND_DOCUMENT, send_document, given_up=_give_up)


async def _give_up(shop: str, invoice: str, to: str) -> None:
    log.error("document_given_up", shop_id=shop, invoice_id=invoice, to=masked(to))
