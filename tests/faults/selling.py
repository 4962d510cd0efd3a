"""Registers that sell whatever happens to the server, and the account of what they were told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import psycopg

from duka.main import make_house
from duka.platform.identity import Signer
from duka.platform.ids import new_id
from duka.verify.runner import verify
from tests.faults.program import Line, Program
from tests.sales.device import Device, Item, a_device
from tests.world import Shop, open_a_shop, stock_up

PRICE = 1000
STOCK_MILLI = 10**9
PAUSE_SECONDS = 0.05

Json = dict[str, Any]


@dataclass(slots=True)
class Seller:
    """A till and what it knows: each sale it was told is stored, with its number; what it had to say again."""

    line: Line
    right: Callable[[], str]
    """What lets it in at this moment: a person's token ends after a quarter of an hour."""
    ring: Callable[[], Json]
    records: bool
    acknowledged: dict[str, str] = field(default_factory=dict)
    told_again: int = 0
    refused: list[str] = field(default_factory=list)

    async def sell_until(self, stopped: asyncio.Event) -> None:
        """Sell one after the other; repeat each until it is acknowledged. After `stopped` finish the one begun."""
        while not stopped.is_set():
            body = self.ring()
            await self.deliver(str(body["id"]), json.dumps(body).encode())
            await asyncio.sleep(0)

    async def deliver(self, sale_id: str, content: bytes) -> None:
        """Ask for a sale; without an answer, or with one that says to come back, record it with the same bytes."""
        mode = "ask"
        while True:
            answer = await self.line.ask("POST", "/api/sales", self.right(), content, Duka_Mode=mode)
            if answer is not None and answer.status == 201:
                self.acknowledged[sale_id] = str(json.loads(answer.body)["data"]["number"])
                return
            if answer is not None and answer.status < 500:
                self.refused.append(answer.body.decode()[:500])
                return
            self.told_again += 1
            mode = "record" if self.records else "ask"
            await asyncio.sleep(PAUSE_SECONDS)


@dataclass(slots=True)
class Market:
    """A shop with several tills on a running installation."""

    program: Program
    shop: Shop
    item: Item
    sellers: list[Seller]

    @asynccontextmanager
    async def selling(self) -> AsyncIterator[None]:
        """Have all tills sell while the block runs; they finish what they began, unless the block failed."""
        stopped = asyncio.Event()
        at_work = [asyncio.create_task(seller.sell_until(stopped)) for seller in self.sellers]
        try:
            yield
        except BaseException:
            for each in at_work:
                each.cancel()
            await asyncio.gather(*at_work, return_exceptions=True)
            raise
        stopped.set()
        await asyncio.gather(*at_work)

    @property
    def acknowledged(self) -> dict[str, str]:
        """Every sale that some till was told is stored."""
        return {sale: number for seller in self.sellers for sale, number in seller.acknowledged.items()}

    def prove(self) -> None:
        """Prove that the database holds what the tills were told, each sale once and whole, without a gap."""
        told = self.acknowledged
        assert [seller.refused for seller in self.sellers if seller.refused] == []
        with psycopg.connect(self.program.superuser()) as everything:
            stored = {
                str(sale): (number, whole)
                for sale, number, whole in everything.execute(_STORED, {"shop": self.shop.shop_id}).fetchall()
            }
            gaps = everything.execute(_GAPS, {"shop": self.shop.shop_id}).fetchall()
            left = everything.execute(_LEFT, {"shop": self.shop.shop_id}).fetchone()
        assert [sale for sale in told if sale not in stored] == [], "told that it is stored, and it is not"
        assert [sale for sale in stored if sale not in told] == [], "stored, though nobody was ever told"
        assert {sale: number for sale, (number, _) in stored.items()} == told
        assert all(whole for _, whole in stored.values()), "a sale without its lines, money, goods or books"
        assert gaps == []
        assert left == (STOCK_MILLI - 1000 * len(told), STOCK_MILLI - 1000 * len(told))
        found = self.program.found()
        tallies = verify(found.urls, Signer(found.secret))
        assert tallies
        assert [(tally.invariant, tally.breaches[:5]) for tally in tallies if tally.breaches] == []


_STORED = """
SELECT s.id, s.number, s.state = 'completed'
    AND (SELECT count(*) FROM sale_lines l WHERE l.shop_id = s.shop_id AND l.sale_id = s.id) = 1
    AND (SELECT count(*) FROM payments p WHERE p.shop_id = s.shop_id AND p.source_id = s.id) = 1
    AND (SELECT count(*) FROM stock_movements m WHERE m.shop_id = s.shop_id AND m.source_id = s.id) = 1
    AND (SELECT count(*) FROM invoices i WHERE i.shop_id = s.shop_id AND i.sale_id = s.id) = 1
    AND (SELECT count(*) FROM postings p WHERE p.shop_id = s.shop_id AND p.source_id = s.id) >= 2
    AND (SELECT count(*) FROM audit_entries a WHERE a.shop_id = s.shop_id AND a.entity_id = s.id) >= 1
FROM sales s WHERE s.shop_id = %(shop)s
"""
_GAPS = """
SELECT r.code, r.highest_seen, r.complete_to, count(i.id), min(i.counter), max(i.counter)
FROM series r LEFT JOIN invoices i ON i.shop_id = r.shop_id AND i.series_id = r.id
WHERE r.shop_id = %(shop)s GROUP BY r.id, r.code, r.highest_seen, r.complete_to
HAVING count(i.id) <> r.highest_seen OR r.complete_to <> r.highest_seen
    OR (count(i.id) > 0 AND (min(i.counter), max(i.counter)) <> (1, count(i.id)))
"""
_LEFT = """
SELECT (SELECT quantity_milli FROM stock_balances WHERE shop_id = %(shop)s),
    (SELECT sum(quantity_milli)::bigint FROM stock_movements WHERE shop_id = %(shop)s)
"""


async def open_market(program: Program, devices: int = 3) -> Market:
    """Open a shop on a running installation: some devices that number their own sales, and one till of the server."""
    found = program.found()
    house = make_house(found.options, found.urls, found.secret)
    try:
        shop = await open_a_shop(house)
        item = Item(await stock_up(shop, "cable", price_minor=PRICE, quantity_milli=STOCK_MILLI), "cable", PRICE)
        async with httpx2.AsyncClient() as nowhere:
            tills = [await a_device(shop, nowhere) for _ in range(devices)]
    finally:
        await house.database.close()
    sellers = [
        Seller(Line(program.port), _always(till.credential), _ringing(till, item), records=True) for till in tills
    ]

    def served() -> Json:
        line = {"id": str(new_id()), "variant_id": str(item.variant_id)}
        payment = {"id": str(new_id()), "method": "cash", "amount": PRICE}
        return {"id": str(new_id()), "lines": [line], "payments": [payment]}

    def logged_in() -> str:
        return house.signer.sign(shop.owner.account_id, shop.owner.session_id, datetime.now(UTC))

    sellers.append(Seller(Line(program.port), logged_in, served, records=False))
    return Market(program, shop, item, sellers)


def _always(credential: str) -> Callable[[], str]:
    return lambda: credential


def _ringing(till: Device, item: Item) -> Callable[[], Json]:
    return lambda: till.ring((item, 1))
