"""A month of a shop as documents, each with the moment it happened: receipts with freight, sales, returns, transfers,
corrections, a count. They can be written in any order in which each finds what it speaks of."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from duka.catalog.models import Cost, Price, Variant
from duka.platform.context import Ctx
from duka.platform.ids import new_id
from duka.purchasing.actions import receiving, returning, suppliers
from duka.purchasing.money_schemas import ReturnIn
from duka.purchasing.order_schemas import ReceiptIn
from duka.purchasing.schemas import SupplierIn
from duka.sales.actions.give_back import give_back
from duka.sales.actions.sell import sell
from duka.sales.life.schemas import CreditNoteIn
from duka.sales.schemas import SaleIn
from duka.shops.models import Location
from duka.stock import actions as stock
from duka.stock.actions import counting, entering, posting, transferring
from duka.stock.counts.schemas import CountIn, EntriesIn
from duka.stock.schemas import AdjustIn
from duka.stock.transfers.queries import transfer as show_transfer
from duka.stock.transfers.schemas import DispatchIn, ReceiveIn, TransferIn
from tests.world import Shop, stock_up

NAMES = ("rice", "tea", "soap")
PRICE_MINOR = 997
COSTS_MINOR = {"rice": 333, "tea": 4_001, "soap": 57}
_FIRST_DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(slots=True)
class Place:
    """A shop in which the month happens: its goods, its store, its supplier, and the numbers its documents got."""

    shop: Shop
    goods: Mapping[str, UUID]
    store_id: UUID
    supplier_id: UUID
    invoices: dict[int, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """What happened on a day of the month; `after` are the documents it speaks of."""

    number: int
    day: int
    write: Callable[[Ctx, Place], Awaitable[None]]
    after: frozenset[int] = frozenset()


def made(number: int, part: int = 0) -> str:
    """The id that every shop's document of a number has: it begins with the day on which it was made."""
    at = int((_FIRST_DAY + timedelta(days=DAYS[number])).timestamp() * 1000)
    return str(UUID(int=at << 80 | 7 << 76 | 2 << 62 | number << 16 | part))


async def open_place(shop: Shop) -> Place:
    """Give a shop the goods of the month, their prices and first costs long in force, opening stock not yet there."""
    goods = {name: await stock_up(shop, name, quantity_milli=0) for name in NAMES}
    async with shop.as_() as ctx:
        of = {"shop_id": shop.shop_id, "valid_from": _FIRST_DAY - timedelta(days=9)}
        for name, variant in goods.items():
            ctx.db.add(Price(**of, id=new_id(), variant_id=variant, price_minor=PRICE_MINOR, tax_included=True))
            ctx.db.add(Cost(**of, id=new_id(), variant_id=variant, cost_minor=COSTS_MINOR[name]))
        store = Location(shop_id=shop.shop_id, id=new_id(), branch_id=shop.branch_id, name="Store", kind="warehouse",
                         active=True, version=1, created_at=ctx.now, updated_at=ctx.now)  # fmt: skip
        ctx.db.add(store)
        mills = await suppliers.add(ctx, SupplierIn(name="Mills"))
    return Place(shop, goods, store.id, mills.supplier.id)


async def happen(place: Place, documents: list[Document]) -> None:
    """Write documents in the order given, each at the moment it happened."""
    for each in documents:
        async with place.shop.as_() as ctx:
            ctx.now = _FIRST_DAY + timedelta(days=each.day, minutes=each.number)
            ctx.body_hash = bytes(28) + each.number.to_bytes(4)
            await each.write(ctx, place)


def shuffled(documents: list[Document], seed: int) -> list[Document]:
    """Give them in a random order in which none comes before what it speaks of."""
    rng, waiting, done = Random(seed), list(documents), list[Document]()
    while waiting:
        numbers = {each.number for each in done}
        ready = [each for each in waiting if each.after <= numbers]
        done.append(rng.choice(ready))
        waiting.remove(done[-1])
    return done


def opening(number: int, name: str, quantity: float, reason: str = "opening", where: str = "showroom") -> Document:
    """Goods that are there, are found, or are gone."""

    async def write(ctx: Ctx, place: Place) -> None:
        variant = place.goods[name]
        product = await _product(ctx, variant)
        at = place.shop.showroom_id if where == "showroom" else place.store_id
        body = {"id": made(number), "quantity": quantity, "reason": reason, "variant_id": variant, "location_id": at}
        await stock.adjust(ctx, product, AdjustIn.model_validate(body))

    return Document(number, DAYS[number], write)


async def _product(ctx: Ctx, variant: UUID) -> UUID:
    found = await ctx.db.get(Variant, (ctx.shop_id, variant))
    assert found
    return found.product_id


def receipt(number: int, *lines: tuple[str, float, int], freight: int = 0) -> Document:
    """Goods bought, with what carrying them cost."""

    async def write(ctx: Ctx, place: Place) -> None:
        body = {
            "id": made(number), "supplier_id": place.supplier_id, "location_id": place.shop.showroom_id,
            "freight": freight, "lines": [
                {"id": made(number, at), "variant_id": place.goods[name], "accepted": quantity, "price": price}
                for at, (name, quantity, price) in enumerate(lines, 1)
            ],
        }  # fmt: skip
        await receiving.receive(ctx, ReceiptIn.model_validate(body))

    return Document(number, DAYS[number], write)


def sent_back(number: int, of: int, quantity: float) -> Document:
    """Some of a receipt's first line goes back to who sold it."""

    async def write(ctx: Ctx, place: Place) -> None:
        lines = [{"id": made(number, 1), "receipt_line_id": made(of, 1), "quantity": quantity}]
        body = {"id": made(number), "supplier_id": place.supplier_id, "location_id": place.shop.showroom_id,
                "reason": "torn", "lines": lines}  # fmt: skip
        await returning.send_back(ctx, ReturnIn.model_validate(body))

    return Document(number, DAYS[number], write, frozenset({of}))


def sale(number: int, *lines: tuple[str, float], after: frozenset[int] = frozenset()) -> Document:
    """Goods sold for cash."""

    async def write(ctx: Ctx, place: Place) -> None:
        bought = [
            {"id": made(number, at), "variant_id": place.goods[name], "quantity": quantity}
            for at, (name, quantity) in enumerate(lines, 1)
        ]
        body = {"id": made(number), "lines": bought, "payments": [{"method": "cash", "amount": 1_000_000}]}
        done = await sell(ctx, SaleIn.model_validate(body))
        place.invoices[number] = UUID(str(done.shown["invoice"]["id"]))

    return Document(number, DAYS[number], write, after)


def returned(number: int, of: int, quantity: float, line: int = 1) -> Document:
    """Some of a sale's line comes back."""

    async def write(ctx: Ctx, place: Place) -> None:
        lines = [{"sale_line_id": made(of, line), "quantity": quantity, "restock": "stock"}]
        body = {"id": made(number), "lines": lines, "reason": "does not fit"}
        await give_back(ctx, place.invoices[of], CreditNoteIn.model_validate(body))

    return Document(number, DAYS[number], write, frozenset({of}))


def dispatched(number: int, name: str, quantity: float) -> Document:
    """Goods that leave for the store."""

    async def write(ctx: Ctx, place: Place) -> None:
        lines = [{"variant_id": place.goods[name], "quantity": quantity}]
        body = {"id": made(number), "from_location_id": place.shop.showroom_id, "to_location_id": place.store_id}
        await transferring.request(ctx, TransferIn.model_validate({**body, "lines": lines}))
        await transferring.approve(ctx, UUID(made(number)))
        await transferring.dispatch(ctx, UUID(made(number)), DispatchIn())

    return Document(number, DAYS[number], write)


def arrived(number: int, of: int, quantity: float, difference: str = "loss") -> Document:
    """What of it arrives."""

    async def write(ctx: Ctx, place: Place) -> None:
        (line,) = (await show_transfer(ctx, UUID(made(of))))["lines"]
        said = [{"line_id": line["id"], "quantity": quantity, "difference": difference}]
        await transferring.receive(ctx, UUID(made(of)), ReceiveIn.model_validate({"lines": said}))

    return Document(number, DAYS[number], write, frozenset({of}))


def counted(number: int, name: str, quantity: float, after: frozenset[int]) -> Document:
    """A count of one thing in the showroom: it finds a variance against what the books know by then."""

    async def write(ctx: Ctx, place: Place) -> None:
        variant, count = place.goods[name], UUID(made(number))
        body = {"id": count, "location_id": place.shop.showroom_id, "scope": "list", "variant_ids": [variant]}
        await counting.begin(ctx, CountIn.model_validate(body))
        entry: dict[str, Any] = {"variant_id": variant, "quantity": quantity}
        await entering.enter(ctx, count, EntriesIn.model_validate({"entries": [entry]}))
        await counting.review(ctx, count, "leave")
        await posting.begin_posting(ctx, count)
        await posting.post_some(ctx, count)

    return Document(number, DAYS[number], write, after)


DAYS = {number: max(0, number - 3) for number in range(1, 31)}
"""On which day of the month each document was made."""

MONTH = [
    opening(1, "rice", 12.5),
    opening(2, "tea", 3),
    opening(3, "soap", 7),
    sale(4, ("rice", 1.337), ("tea", 2)),
    receipt(5, ("rice", 20, 341), ("tea", 5, 4_321), freight=1_001),
    sale(6, ("rice", 7.25), ("soap", 2)),
    dispatched(7, "rice", 5.123),
    returned(8, 4, 0.333),
    sale(9, ("tea", 7)),
    arrived(10, 7, 4.9),
    receipt(11, ("tea", 11, 3_777), ("rice", 3.1, 399), freight=777),
    returned(12, 9, 3),
    returned(13, 4, 1.004),
    opening(14, "rice", -0.75, "damage"),
    opening(15, "tea", 1, "found"),
    counted(16, "soap", 4, frozenset({3, 6})),
    sale(17, ("soap", 1), after=frozenset({16})),
    sent_back(18, 5, 2.5),
    dispatched(19, "tea", 4),
    sale(20, ("tea", 9), ("rice", 11)),
    arrived(21, 19, 0),
    returned(22, 20, 2, line=1),
    receipt(23, ("tea", 30, 4_111), freight=13),
    sale(24, ("tea", 3), ("rice", 4)),
    returned(25, 20, 2.5, line=2),
    dispatched(26, "tea", 3),
    opening(27, "rice", -1, "own_use", where="store"),
    sale(28, ("rice", 6)),
    receipt(29, ("rice", 2, 512)),
    sale(30, ("rice", 0.111), ("tea", 1)),
]
