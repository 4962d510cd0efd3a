"""The doors by which an order reaches its supplier: as paper, as a letter, and by a link that needs no login."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from duka.platform import edge
from duka.platform.context import Ctx
from duka.platform.edge import House, Visitor, allow, public
from duka.platform.openapi import refusals
from duka.platform.wire import Answer
from duka.purchasing import order_paper
from duka.purchasing.actions import confirming, linking
from duka.purchasing.actions.sending import send
from duka.purchasing.errors import (
    ConfirmedTooOften,
    OrderLineNotFound,
    OrderLinkNotValid,
    OrderNotFound,
    OrderStepNotAllowed,
    SupplierUnreachable,
)
from duka.purchasing.link_schemas import AskedOrder, ConfirmByLinkIn, LinkIn, LinksEnded, OrderSent, SendOrderIn
from duka.sales.actions.send import TooManyLetters
from duka.sales.invoices import paper

sending = edge.router("/purchase-orders", "purchasing")
links = edge.router("/order-links", "purchasing")


@sending.get(
    "/{order_id}/pdf", summary="Print a purchase order", response_class=Response,
    responses=paper.pdf_answer(OrderNotFound),
)  # fmt: skip
async def order_pdf(ctx: Annotated[Ctx, allow("purchasing:read")], order_id: UUID) -> Response:
    """An order as PDF, A4, in the shop's language, with the supplier's codes and packs. Prices stand on it for those
    with `products:cost`."""
    found = await order_paper.find(ctx, order_id, prices=True)
    drawn = await asyncio.to_thread(order_paper.render, found)
    return paper.file(drawn, found.name)


@sending.post(
    "/{order_id}/send", status_code=202, summary="Send a purchase order",
    responses=refusals(OrderNotFound, OrderStepNotAllowed, SupplierUnreachable, TooManyLetters),
)
async def send_order(
    ctx: Annotated[Ctx, allow("purchasing:update", role="platform")], order_id: UUID, body: SendOrderIn,
    request: Request,
) -> Answer[OrderSent]:  # fmt: skip
    """Send an approved order, with a link by which the supplier says what comes and when.

    By `email` the PDF leaves a moment later; the address is kept nowhere. For `whatsapp` the answer has the words and
    the link, shown once: the message leaves from your own phone. Prices go with it only if you have `products:cost`.
    One order is sent at most 10 times a day, all of a shop's papers 200 times.
    """
    house: House = request.app.state.house
    ctx.extra["shown_once"] = ("link", "text", "whatsapp")
    words = "It is on its way." if body.by == "email" else "The message is ready: send it from your own phone."
    return Answer(data=await send(ctx, house, order_id, body), message=words)


@sending.delete("/{order_id}/links", summary="Withdraw an order's links", responses=refusals(OrderNotFound))
async def withdraw_links(ctx: Annotated[Ctx, allow("purchasing:update")], order_id: UUID) -> Answer[LinksEnded]:
    """End all links to an order: whoever has one sees it no more, and can confirm nothing."""
    return Answer(data=LinksEnded(links=await linking.withdraw(ctx, order_id)), message="The links have ended.")


# The secret comes in the body: addresses are written to the logs of everything a request passes through.
@links.post("/open", summary="Look at an order you were sent", responses=refusals(OrderLinkNotValid))
async def read_asked_order(visitor: Annotated[Visitor, public()], body: LinkIn) -> Answer[AskedOrder]:
    """The order that a supplier's link opens: what is asked for, where to, until when, and what was confirmed. Of an
    order that was closed, cancelled or rejected only that it is."""
    return Answer(data=AskedOrder.model_validate(await confirming.look(visitor, body.token)))


@links.post(
    "/confirm", summary="Say what will come",
    responses=refusals(OrderLinkNotValid, OrderStepNotAllowed, OrderLineNotFound, ConfirmedTooOften),
)  # fmt: skip
async def confirm_order(visitor: Annotated[Visitor, public()], body: ConfirmByLinkIn) -> Answer[AskedOrder]:
    """Confirm, as the supplier, how much of each line comes and when; again, as long as goods are awaited."""
    seen = await confirming.confirm(visitor, body.token, body)
    return Answer(data=AskedOrder.model_validate(seen), message="Thank you. The shop has been told.")
