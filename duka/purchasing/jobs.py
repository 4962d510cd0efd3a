"""The night shift of buying: orders that leave by e-mail, and orders that are made of what runs low."""

import asyncio
from typing import Any, Final
from uuid import UUID

import structlog

from duka.platform import letters
from duka.platform.edge import House
from duka.platform.jobs import Reader
from duka.platform.messages import Attachment, masked
from duka.purchasing import order_paper
from duka.purchasing.actions.auto_ordering import CONSUMER, LOW, order_what_ran_low
from duka.purchasing.actions.linking import DAYS
from duka.purchasing.actions.sending import SEND_ORDER

log = structlog.get_logger()

AUTO_REORDER: Final = Reader(CONSUMER, LOW, order_what_ran_low)
"""Puts what ran low, where its product says so, on an order for its preferred supplier."""


def register(house: House) -> None:
    """Tell the house's queue how orders are sent. One that the mail server does not take is given up in the end, and
    its address and link with it."""

    async def send_order(shop: str, order: str, to: str, link: str, prices: bool) -> None:
        async with house.database.session() as db:
            ctx = await house.queue.open_shop(db, UUID(shop))
            paper = await order_paper.find(ctx, UUID(order), prices=prices)
        drawn = await asyncio.to_thread(order_paper.render, paper)
        letter = letters.purchase_order(
            paper.language, paper.letterhead.shop_name, paper.order["number"], link, DAYS
        )
        attached = Attachment(f"{paper.name}.pdf", "application/pdf", drawn)
        await house.mail.send(to, letter.subject, letter.text, letter.html, attached)

    house.queue.register(SEND_ORDER, send_order, given_up=_give_up)


async def _give_up(shop: str, order: str, to: str, **_rest: Any) -> None:
    log.error("order_given_up", shop_id=shop, order_id=order, to=masked(to))
