"""To send an order to its supplier: as PDF by e-mail, or as a link that the app hands to WhatsApp."""

from typing import Final
from urllib.parse import quote
from uuid import UUID

from duka.platform import audit, letters
from duka.platform.context import Ctx
from duka.platform.edge import House
from duka.purchasing import order_queries, supplier_queries
from duka.purchasing.actions import linking
from duka.purchasing.errors import OrderStepNotAllowed, SupplierUnreachable
from duka.purchasing.link_schemas import OrderSent, SendOrderIn
from duka.purchasing.rules import AGREED
from duka.sales.actions.send import count_letter
from duka.shops import queries, settings

SEND_ORDER: Final = "send_purchase_order"
"""The job that draws and sends an order: `shop`, `order`, `to`, `link`, and whether it shows `prices`."""


async def send(ctx: Ctx, house: House, order_id: UUID, body: SendOrderIn) -> OrderSent:
    """Send an approved order with a link by which it is confirmed: by e-mail once the transaction (of the platform
    role) has committed, or as words for WhatsApp, which leave from the person's own phone.

    Prices go with it only where the caller may see them. OrderNotFound; OrderStepNotAllowed before it is approved and
    after it is done; SupplierUnreachable; TooManyLetters.
    """
    order = await order_queries.order(ctx, order_id, "purchasing:update")
    if order["state"] not in AGREED:
        raise OrderStepNotAllowed(order["state"], "sending")
    supplier = await supplier_queries.of_order(ctx, order_id)
    to = body.to or supplier.email
    if body.by == "email" and to is None:
        raise SupplierUnreachable
    await count_letter(ctx, order_id)
    prices = ctx.may("products:cost")
    link = linking.make(ctx, order_id, house.settings.public_url, with_prices=prices)
    audit.record(ctx, "send", "purchase_order", order_id, after={"by": body.by})
    if body.by == "email":
        arguments = {"shop": str(ctx.shop_id), "order": str(order_id), "to": to, "link": link, "prices": prices}
        await house.queue.defer(ctx.db, SEND_ORDER, **arguments)
        return OrderSent()
    head = await queries.letterhead(ctx, order["branch_id"], None, None)
    text = letters.purchase_order(
        settings.of(ctx).language, head.shop_name, order["number"], link, linking.DAYS
    ).sms
    phone = (supplier.phone or "").removeprefix("+")
    return OrderSent(link=link, text=text, whatsapp=f"https://wa.me/{phone}?text={quote(text)}")
