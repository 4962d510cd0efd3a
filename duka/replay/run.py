"""Selling the past again: one document after the other, each by the action that the API calls."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar, Final
from uuid import UUID

from duka.platform.db import Database, error_from, fetch
from duka.platform.errors import Busy, DukaError
from duka.platform.events import Relay
from duka.purchasing.actions import billing, paying, receiving
from duka.purchasing.money_schemas import BillIn, SupplierPaymentIn
from duka.purchasing.order_schemas import ReceiptIn
from duka.replay import bodies, online_retail, report
from duka.replay.bodies import Asked
from duka.replay.plan import Refused, plan
from duka.replay.purchases import deliveries
from duka.replay.report import Report
from duka.replay.shop import SERVICES, SLUG, Shop, enter, greet, know_supplier, owner_login, stock_shelves
from duka.sales.actions.give_back import give_back
from duka.sales.actions.sell import sell
from duka.sales.actions.take_back import give_back_without_receipt
from duka.sales.life.schemas import CreditNoteIn, LooseCreditNoteIn
from duka.sales.schemas import SaleIn
from duka.stock import actions as stock
from duka.stock.schemas import AdjustIn

Progress = Callable[[int, int], None]
"""Told how many documents are done, and of how many."""
Say = Callable[[str], None]
"""Told in words what a person must know at once."""

_PAUSES_SECONDS: Final = (0.1, 1.0, 5.0)
"""How long to wait before a document that met a busy database is tried again."""


@dataclass(eq=False)
class NothingToImport(DukaError):
    """No file holds a document."""

    text: ClassVar[str] = "There is no document in these files."


@dataclass(eq=False)
class SaleNotTaken(DukaError):
    """Goods come back of a sale that could not be taken."""

    text: ClassVar[str] = "The sale it belongs to was not taken."


@dataclass(eq=False)
class PurchaseNotTaken(DukaError):
    """What was sold in a month cannot be bought, so nothing of the month is sold."""

    text: ClassVar[str] = "What was sold could not be taken in: {why}"
    why: str


@dataclass(slots=True)
class _Past:
    """What stands in the shop: the hash of each document's body by its id, the invoice of each sale."""

    hashes: dict[UUID, bytes] = field(default_factory=dict)
    invoices: dict[UUID, UUID] = field(default_factory=dict)


async def replay(
    database: Database, files: Sequence[Path], now: datetime, *, slug: str = SLUG, again: bool = False, say: Say,
    progress: Progress,
) -> Report:  # fmt: skip
    """Sell the files' documents in a shop made for them, and report what was taken of each line.

    An import that was interrupted goes on with `again`: what stands is left alone. FileNotReadable, NothingToImport,
    ShopStands, PurchaseNotTaken; a database that stays unreachable ends it, and it can be run again.
    """
    lines = list(online_retail.read(files))
    documents, lost = online_retail.group(lines)
    if not documents:
        raise NothingToImport
    shop = await enter(database, slug, now, again=again)
    if shop.password:
        say(f"Made the shop {slug}. Its owner logs in as {owner_login(slug)} with the password {shop.password}")
    goods = await stock_shelves(shop, documents[0].at, online_retail.names(lines), online_retail.prices(lines))
    customers = await greet(shop, documents)
    supplier_id = await know_supplier(shop, documents[0].at)
    past = await _past(shop, now)
    refused = [Refused(line, report.NO_MONTH, line.problem) for line in lost]
    steps = list(plan(documents))
    coming = {delivery.month: delivery for delivery in deliveries(steps, SERVICES)}
    for done, step in enumerate(steps, 1):
        refused += step.refused
        if delivery := coming.pop(step.document.month, None):
            await _buy(shop, past, delivery.at, bodies.bought(delivery, goods, supplier_id))
        customer_id = customers[step.document.customer_ref] if step.document.customer_ref else None
        for asked in bodies.of(step, goods, customer_id):
            why = await _take(shop, past, step.document.at, asked)
            refused += [Refused(line, step.document.month, why) for line in asked.lines if why]
        progress(done, len(documents))
    await _place_events(shop)
    async with shop.at(now) as ctx:
        return await report.add_up(ctx, documents, refused)


async def _buy(shop: Shop, past: _Past, moment: datetime, papers: Iterable[Asked]) -> None:
    """Take a month's goods in before any of them is sold, unless that was done: files that changed since are no reason
    to buy otherwise. PurchaseNotTaken."""
    for asked in papers:
        if asked.body.id in past.hashes:
            continue
        if why := await _take(shop, past, moment, asked):
            raise PurchaseNotTaken(why)


_SALES: Final = """
SELECT s.id, s.body_hash, i.id AS invoice_id FROM sales s
LEFT JOIN invoices i ON i.shop_id = s.shop_id AND i.sale_id = s.id AND i.kind = 'invoice' WHERE s.shop_id = %(shop)s
"""
_OTHERS: Final = """
SELECT id, body_hash FROM invoices WHERE shop_id = %(shop)s AND kind = 'credit_note' AND body_hash IS NOT NULL
UNION ALL SELECT id, body_hash FROM stock_adjustments WHERE shop_id = %(shop)s
UNION ALL SELECT id, body_hash FROM goods_receipts WHERE shop_id = %(shop)s
UNION ALL SELECT id, body_hash FROM supplier_bills WHERE shop_id = %(shop)s
UNION ALL SELECT id, body_hash FROM supplier_payments WHERE shop_id = %(shop)s
"""


async def _past(shop: Shop, now: datetime) -> _Past:
    async with shop.at(now) as ctx:
        sales = await fetch(ctx, _SALES, {})
        others = await fetch(ctx, _OTHERS, {})
    return _Past(
        {row.id: row.body_hash for row in (*sales, *others)},
        {row.id: row.invoice_id for row in sales if row.invoice_id},
    )


async def _take(shop: Shop, past: _Past, moment: datetime, asked: Asked) -> str:
    """Have the shop take a document, unless it stands. Gives the reason where it refuses, else nothing."""
    body_hash = asked.body_hash
    if past.hashes.get(asked.body.id) == body_hash:
        return ""
    for pause_seconds in _PAUSES_SECONDS:
        try:
            await _act(shop, past, moment, asked, body_hash)
        except Exception as failure:
            refusal = failure if isinstance(failure, DukaError) else error_from(failure)
            if not isinstance(refusal, Busy):
                if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
                return refusal.message()
        else:
            return ""
        await asyncio.sleep(pause_seconds)
    await _act(shop, past, moment, asked, body_hash)
    return ""


async def _act(shop: Shop, past: _Past, moment: datetime, asked: Asked, body_hash: bytes) -> None:
    invoice_id = None
    async with shop.at(moment) as ctx:
        ctx.body_hash = body_hash
        match asked.body:
            case SaleIn() as sale:
                sold = await sell(ctx, sale)
                invoice_id = sold.shown["invoice"]["id"]
            case AdjustIn() as write_off:
                assert asked.of_id
                await stock.adjust(ctx, asked.of_id, write_off)
            case CreditNoteIn() as note:
                assert asked.of_id
                if asked.of_id not in past.invoices:
                    raise SaleNotTaken
                await give_back(ctx, past.invoices[asked.of_id], note)
            case LooseCreditNoteIn() as note:
                await give_back_without_receipt(ctx, note)
            case ReceiptIn() as receipt:
                await receiving.receive(ctx, receipt)
            case BillIn() as bill:
                await billing.bill(ctx, bill)
            case SupplierPaymentIn() as paid:
                await paying.pay(ctx, paid)
    if invoice_id:
        past.invoices[asked.body.id] = invoice_id


async def _place_events(shop: Shop) -> None:
    """Give the events their place in the shop's order. Nobody waits for news of the past, so nobody is told."""

    async def tell_nobody(_shop_id: UUID, _kinds: Collection[str]) -> None:
        return None

    await Relay(shop.database, tell_nobody).relay(shop.shop_id)
