"""What the example shop follows more closely: phones by their IMEI, cells and sprays by batch and last day, and what
orders itself when it runs low."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import select
from stdnum import luhn

from duka.catalog.actions.products import NewProduct, NewVariant, add_products
from duka.catalog.models import Group
from duka.demo.buying import Storeroom
from duka.demo.counter import Json
from duka.demo.goods import barcode
from duka.demo.stage import Place, Stage, ask, id_at, read
from duka.platform.context import Ctx
from duka.purchasing.actions import auto_ordering, items, receiving
from duka.purchasing.order_schemas import ReceiptIn
from duka.purchasing.schemas import ItemEdit
from duka.sales.actions.sell import sell
from duka.sales.schemas import SaleIn
from duka.shops import entry
from duka.stock.actions import expiring

_SEED: Final = 20_262
_FIRST_BARCODE: Final = 9_001
_MAKER: Final = "35402611"
"""The first eight digits of the phones' IMEIs: a type allocation code of nobody's."""
_PHONES: Final = 6


@dataclass(frozen=True, slots=True)
class _Batch:
    """So many pieces that may be sold until so many days after they came."""

    number: str
    pieces: int
    good_days: int


@dataclass(frozen=True, slots=True)
class _Kind:
    """Something to follow: what it costs in the shop and at the dealer, and its batches; without any it is followed by
    serial number. `deals_in` is the group of goods whose dealer has it."""

    name: str
    brand: str
    group: str
    deals_in: str
    price_minor: int
    cost_minor: int
    min_stock: int
    batches: tuple[_Batch, ...] = ()
    orders_itself: bool = False


_PHONE: Final = _Kind("Savanna X1 dual SIM", "Savanna", "Smartphones", "Smartphones", 890_000, 610_000, 1)
_CELLS: Final = _Kind(
    "Tembo lithium cells AA, 4 pieces", "Tembo", "Solar and batteries", "Solar and batteries", 24_000, 13_000, 4,
    (_Batch("TL-2207", 10, 400), _Batch("TL-2231", 14, 640)),
)  # fmt: skip
_SPRAY: Final = _Kind(
    "Fundi contact cleaner 200 ml", "Fundi", "Tools and services", "Tools and services", 18_000, 10_000, 6,
    (_Batch("FC-0418", 5, 15), _Batch("FC-0533", 4, 330)), orders_itself=True,
)  # fmt: skip
_FLUX: Final = _Kind(
    "Fundi soldering paste 50 g", "Fundi", "Tools and services", "Tools and services", 12_000, 6_500, 5,
    (_Batch("FP-77", 8, 210),), orders_itself=True,
)  # fmt: skip
_KINDS: Final = (_PHONE, _CELLS, _SPRAY, _FLUX)


@dataclass(slots=True)
class Followed:
    """What the story must know of these goods: their variants, and the phones' numbers, those on the shelf first."""

    rng: Random = field(default_factory=lambda: Random(_SEED))  # noqa: S311 - the same shop each time is the point
    variants: dict[_Kind, UUID] = field(default_factory=dict)
    phones: list[tuple[str, str]] = field(default_factory=list)


async def take_in(stage: Stage, now: datetime, *, goods: Followed, room: Storeroom, place: Place) -> None:
    """Put the goods on sale and take their first delivery in, one from each dealer."""
    added = await ask(stage, stage.owner, now, {}, _put_on_sale)
    goods.variants = dict(zip(_KINDS, added, strict=True))
    goods.phones = [(_imei(2 * at), _imei(2 * at + 1)) for at in range(_PHONES)]
    for dealer_of in dict.fromkeys(kind.deals_in for kind in _KINDS):
        _, supplier_id = room.dealers[dealer_of]
        theirs = [kind for kind in _KINDS if kind.deals_in == dealer_of]
        for kind in theirs:
            asked = {"version": 1, "preferred": True, "pack_size": 1, "price": kind.cost_minor}
            prefer = partial(_prefer, supplier_id=supplier_id, variant_id=goods.variants[kind])
            await ask(stage, stage.owner, now, asked, prefer)
        now += timedelta(minutes=15)
        came = {
            "id": str(id_at(goods.rng, now)), "supplier_id": str(supplier_id), "location_id": str(place.showroom_id),
            "delivery_note": f"DN-{goods.rng.randrange(10**5):05d}",
            "lines": [line for kind in theirs for line in _lines(goods, kind, now)],
        }  # fmt: skip
        await ask(stage, stage.storekeeper, now, came, lambda ctx: receiving.receive(ctx, read(ReceiptIn, ctx)))


async def _put_on_sale(ctx: Ctx) -> list[UUID]:
    groups = {group.name: group.id for group in await ctx.db.scalars(select(Group))}
    new = [
        NewProduct(
            kind.name, [NewVariant(kind.price_minor, None, barcode(_FIRST_BARCODE + at), tax_included=True)],
            group_id=groups.get(kind.group), brand=kind.brand, tracking="batch" if kind.batches else "serial",
            min_stock_milli=kind.min_stock * 1000, auto_reorder=kind.orders_itself,
            warranty_months=0 if kind.batches else 12,
        )
        for at, kind in enumerate(_KINDS)
    ]  # fmt: skip
    return [product.variant_ids[0] for product in await add_products(ctx, new)]


async def _prefer(ctx: Ctx, *, supplier_id: UUID, variant_id: UUID) -> None:
    await items.set_item(ctx, supplier_id, variant_id, read(ItemEdit, ctx), 1)


def _lines(goods: Followed, kind: _Kind, now: datetime) -> list[Json]:
    """Write what came of something: its batches, or its pieces with both their numbers."""
    named = [
        {"accepted": batch.pieces, "batch": {"number": batch.number, "expires_on": str(_good_until(batch, now.date()))}}
        for batch in kind.batches
    ] or [{"accepted": len(goods.phones), "serials": [list(both) for both in goods.phones]}]
    variant_id = str(goods.variants[kind])
    return [{"id": str(id_at(goods.rng, now)), "variant_id": variant_id, **line} for line in named]


def _good_until(batch: _Batch, came_on: date) -> date:
    return came_on + timedelta(days=batch.good_days)


def _imei(number: int) -> str:
    """Make an IMEI (3GPP TS 23.003, 6.2.1): type, serial number and a check digit by Luhn's rule."""
    body = f"{_MAKER}{4_100 + 37 * number:06d}"
    return body + luhn.calc_check_digit(body)


async def sell_phone(stage: Stage, now: datetime, *, goods: Followed, place: Place) -> None:
    """Sell the next phone by its number, to a customer who is known: their warranty names it."""
    imei, _ = goods.phones.pop(0)
    line = {"variant_id": str(goods.variants[_PHONE]), "serials": [imei]}
    buyer = next(known for known in stage.known if not known.buyer.wholesale)
    await _sell(stage, now, goods, place, [(_PHONE, 1, line)], buyer.customer_id)


async def sell_some(stage: Stage, now: datetime, *, goods: Followed, place: Place) -> None:
    """Sell a repairer what they need: what expires first leaves first, and what orders itself falls below its level."""
    wanted = ((_CELLS, 3), (_SPRAY, 3), (_FLUX, 4))
    lines = [(kind, pieces, {"variant_id": str(goods.variants[kind])}) for kind, pieces in wanted]
    await _sell(stage, now, goods, place, lines)


async def _sell(
    stage: Stage, now: datetime, goods: Followed, place: Place, lines: Sequence[tuple[_Kind, int, Json]],
    customer_id: UUID | None = None,
) -> None:  # fmt: skip
    if place.seller is None:
        return
    total_minor = sum(kind.price_minor * pieces for kind, pieces, _ in lines)
    asked: Json = {
        "id": str(id_at(goods.rng, now)), "register_id": str(place.register_id),
        "lines": [{"id": str(id_at(goods.rng, now)), "quantity": pieces, **line} for _, pieces, line in lines],
        "payments": [{
            "id": str(id_at(goods.rng, now)), "method": "mtn_momo", "amount": total_minor,
            "reference": f"MP{goods.rng.randrange(10**9):09d}",
        }],
    }  # fmt: skip
    if customer_id:
        asked["customer_id"] = str(customer_id)
    await ask(stage, place.seller, now, asked, lambda ctx: sell(ctx, read(SaleIn, ctx)))


async def close_day(stage: Stage, now: datetime) -> None:
    """Do what a running shop does by itself overnight: warn of what expires soon, and order what ran low."""
    await stage.house.relay.relay(stage.shop_id)
    async with stage.house.database.session() as db:
        ctx = await entry.open_shop_for_system(db, stage.shop_id, now)
        await expiring.warn_of_expiry(ctx)
        while await auto_ordering.order_what_ran_low(ctx):
            pass
        await db.commit()
