"""How the example shop buys: from whom, how well they deliver, and what becomes of each order. All are invented."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any, Final
from uuid import UUID

from duka.demo.counter import Act, Later
from duka.demo.stage import Item, Person, Place, Stage, ask, id_at, read
from duka.platform.context import Ctx
from duka.purchasing.actions import billing, items, ordering, paying, receiving, stepping, suppliers
from duka.purchasing.money_schemas import BillIn, SupplierPaymentIn
from duka.purchasing.order_schemas import OrderIn, ReceiptIn
from duka.purchasing.rules import Step
from duka.purchasing.schemas import ItemEdit, SupplierIn

Json = dict[str, Any]

_SEED: Final = 4_711
"""Chance of its own, so that the customers' days stay what they are."""
_KNOWN: Final = 0.85
"""The part of the range of which it is noted who supplies it."""
_LINES: Final = (3, 4, 5, 6, 8)
_PACKS: Final = (1, 1, 1, 5, 6, 10, 12)
_EVERY_DAYS: Final = (9, 10, 12, 14)


@dataclass(frozen=True, slots=True)
class Trader:
    """Somebody to buy from. Shares are of their deliveries: late ones, and those with a line short or damaged."""

    name: str
    contact: str
    phone: str
    address: str
    credit_days: int
    lead_days: int
    stars: int | None
    late: float
    short: float
    damaged: float
    dearer: float
    """How much their prices rise in a season."""


TRADERS: Final = (
    Trader(
        "Kampala Wholesalers", "Moses Kato", "+256772000201", "Plot 9, Nakivubo Road",
        14, 2, 5, 0.1, 0.05, 0.1, 0.02,
    ),
    Trader(
        "East Africa Mobile Depot", "Lydia Namuli", "+256701000202", "Plot 31, William Street",
        30, 4, 4, 0.25, 0.1, 0.1, 0.05,
    ),
    Trader(
        "Owino Accessories", "Hassan Mutebi", "+256782000203", "St. Balikuddembe Market",
        0, 1, 3, 0.2, 0.3, 0.4, 0.0,
    ),
    Trader(
        "Jinja Cables & Switchgear", "Florence Auma", "+256755000204", "Plot 4, Main Street, Jinja",
        21, 5, None, 0.5, 0.2, 0.2, 0.08,
    ),
    Trader(
        "Mwanga Solar & Lighting", "Peter Wasswa", "+256776000205", "Plot 118, Sixth Street",
        30, 7, 4, 0.2, 0.05, 0.15, 0.04,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A trader whom the shop knows, and what it buys there."""

    trader: Trader
    supplier_id: UUID
    items: Sequence[Item]
    packs: Mapping[UUID, int]


@dataclass(slots=True)
class Errand:
    """An order on its way: what was ordered, where to, at which prices."""

    source: Source
    place: Place
    rng: Random
    order_id: UUID
    lines: Sequence[tuple[UUID, int, int]]
    """Variant, pieces, price."""
    arrives: timedelta
    """How long after it was asked for the goods come."""
    bill_minor: int = 0


async def introduce(stage: Stage, moment: datetime) -> list[Source]:
    """Write down whom the shop buys from and what each of them supplies; the rest of the range has nobody yet."""
    rng = Random(_SEED)  # noqa: S311 - the same shop each time is the point
    bought = [item for item in stage.items if item.stocked and item.ware.cost_minor]
    share = -(-len(bought) // len(TRADERS))
    made = []
    for number, trader in enumerate(TRADERS):
        known = [item for item in bought[number * share : (number + 1) * share] if rng.random() < _KNOWN]
        packs = {item.variant_id: rng.choice(_PACKS) if item.ware.price_minor < 40_000 else 1 for item in known}
        supplier_id = id_at(rng, moment + timedelta(minutes=number))
        source = Source(trader, supplier_id, known, packs)
        await _write_down(stage, source, number, moment + timedelta(minutes=number))
        made.append(source)
    return made


async def _write_down(stage: Stage, source: Source, number: int, moment: datetime) -> None:
    trader = source.trader
    asked = {
        "id": str(source.supplier_id), "name": trader.name, "contact": trader.contact, "phone": trader.phone,
        "address": trader.address, "credit_days": trader.credit_days, "lead_time_days": trader.lead_days,
        "stars": trader.stars,
    }  # fmt: skip
    await ask(stage, stage.storekeeper, moment, asked, lambda ctx: suppliers.add(ctx, read(SupplierIn, ctx)))

    async def note(ctx: Ctx) -> None:
        for at, item in enumerate(source.items):
            pack = source.packs[item.variant_id]
            body = ItemEdit.model_validate({
                "version": 1, "supplier_code": f"{trader.name[:2].upper()}{number}{at:03d}", "pack_size": pack,
                "price": item.ware.cost_minor, "preferred": True,
            })  # fmt: skip
            await items.set_item(ctx, source.supplier_id, item.variant_id, body, 1)

    await ask(stage, stage.storekeeper, moment, {}, note)


def plan(
    stage: Stage, sources: Sequence[Source], first: date, days: int
) -> Iterator[tuple[datetime, Callable[[Later], Act]]]:
    """Say when something is ordered in a season; each act is told where to note what follows from it."""
    rng = Random(_SEED + 1)  # noqa: S311 - the same shop each time is the point
    for source in sources:
        day = rng.randrange(min(6, days))
        while day < days:
            moment = datetime.combine(first + timedelta(days=day), time(10, rng.randrange(50)), stage.zone)
            yield moment, partial(_ordering, source, rng.random(), day / days)
            day += rng.choice(_EVERY_DAYS)


def _ordering(source: Source, chance: float, far: float, later: Later) -> Act:
    return partial(place_order, source=source, chance=chance, far=far, later=later)


async def place_order(
    stage: Stage, now: datetime, *, source: Source, chance: float, far: float, later: Later
) -> None:
    """Ask for goods, have it approved and place it; the goods come when the trader brings them."""
    rng = Random(chance)  # noqa: S311 - drawn from the season's own chance
    if not source.items:
        return
    place = stage.places[0] if rng.random() < 0.65 else stage.places[-1]
    chosen = rng.sample(source.items, min(len(source.items), rng.choice(_LINES)))
    lines = [_wanted(rng, source, item, far) for item in chosen]
    late = rng.choice((1, 2, 2, 3, 5)) if rng.random() < source.trader.late else 0
    arrives = timedelta(days=source.trader.lead_days + late, hours=2)
    errand = Errand(source, place, rng, id_at(rng, now), lines, arrives)
    asked = {
        "id": str(errand.order_id), "supplier_id": str(source.supplier_id), "location_id": str(place.showroom_id),
        "lines": [
            {"id": str(id_at(rng, now)), "variant_id": str(variant), "quantity": pieces, "price": price}
            for variant, pieces, price in lines
        ],
    }  # fmt: skip
    await ask(stage, stage.storekeeper, now, asked, lambda ctx: ordering.request(ctx, read(OrderIn, ctx)))
    await _step(stage, stage.owner, now + timedelta(minutes=40), errand, "approve")
    await _step(stage, stage.storekeeper, now + timedelta(minutes=55), errand, "order")
    later(arrives, partial(_arrive, errand=errand, later=later))


def _wanted(rng: Random, source: Source, item: Item, far: float) -> tuple[UUID, int, int]:
    pack = source.packs[item.variant_id]
    fits = 3 if item.ware.price_minor > 200_000 else 12
    pieces = -(-rng.randint(2, fits) // pack) * pack
    price = round(item.ware.cost_minor * (1 + source.trader.dearer * far) * rng.uniform(0.99, 1.01), -2)
    return item.variant_id, pieces, int(price) or item.ware.cost_minor


async def _step(stage: Stage, who: Person, now: datetime, errand: Errand, step: Step) -> None:
    permission = "purchasing:approve" if step == "approve" else "purchasing:update"
    await ask(stage, who, now, {}, lambda ctx: stepping.take(ctx, errand.order_id, step, permission))


async def _arrive(stage: Stage, now: datetime, *, errand: Errand, later: Later) -> None:
    """Count what came; what is damaged goes back with the driver, and what is short is not waited for."""
    rng, trader = errand.rng, errand.source.trader
    receipt_id, whole = id_at(rng, now), True
    counted: list[Json] = []
    unlucky = rng.randrange(len(errand.lines))
    for at, (variant, pieces, price) in enumerate(errand.lines):
        bad = 1 if at == unlucky and rng.random() < trader.damaged else 0
        missing = rng.randint(1, max(1, pieces // 3)) if at == unlucky and rng.random() < trader.short else 0
        good = max(0, pieces - bad - missing)
        whole &= good == pieces
        if good + bad:
            counted.append({
                "id": str(id_at(rng, now)), "variant_id": str(variant), "accepted": good, "rejected": bad,
                "reject_reason": "damaged" if bad else None, "price": price,
            })  # fmt: skip
            errand.place.left[variant] = errand.place.left.get(variant, 0) + good * 1000
    if not any(line["accepted"] for line in counted):
        return
    asked = {
        "id": str(receipt_id), "order_id": str(errand.order_id), "delivery_note": f"DN-{rng.randrange(1000, 9999)}",
        "freight": 15_000 if trader.lead_days > 3 else 0, "lines": counted,
    }  # fmt: skip
    await ask(stage, stage.storekeeper, now, asked, lambda ctx: receiving.receive(ctx, read(ReceiptIn, ctx)))
    if not whole:
        await _step(stage, stage.storekeeper, now + timedelta(minutes=5), errand, "close")
    billed = [(line["id"], line["accepted"], line["price"]) for line in counted if line["accepted"]]
    later(errand.arrives + timedelta(days=1, hours=2), partial(_bill, errand=errand, lines=billed, later=later))


async def _bill(
    stage: Stage, now: datetime, *, errand: Errand, lines: Sequence[tuple[str, int, int]], later: Later
) -> None:
    """Enter the trader's invoice; one in six names a price a little above the order's."""
    rng, trader = errand.rng, errand.source.trader
    dearer = 1.03 if rng.random() < 1 / 6 else 1.0
    priced = [(line, pieces, int(round(price * dearer, -1))) for line, pieces, price in lines]
    asked: Json = {
        "id": str(id_at(rng, now)), "supplier_id": str(errand.source.supplier_id),
        "supplier_number": f"{trader.name[:2].upper()}-{rng.randrange(10_000, 99_999)}",
        "charges": 15_000 if trader.lead_days > 3 else 0,
        "lines": [
            {"id": str(id_at(rng, now)), "receipt_line_id": line, "quantity": pieces, "price": price}
            for line, pieces, price in priced
        ],
    }  # fmt: skip
    errand.bill_minor = asked["charges"] + sum(pieces * price for _, pieces, price in priced)
    await ask(stage, stage.owner, now, asked, lambda ctx: billing.bill(ctx, read(BillIn, ctx)))
    later(errand.arrives + timedelta(days=1 + trader.credit_days, hours=4), partial(_pay, errand=errand))


async def _pay(stage: Stage, now: datetime, *, errand: Errand) -> None:
    asked = {
        "id": str(id_at(errand.rng, now)), "supplier_id": str(errand.source.supplier_id),
        "branch_id": str(errand.place.branch_id), "amount": errand.bill_minor,
        "method": "bank_transfer" if errand.source.trader.credit_days else "mtn_momo",
        "reference": f"TR{errand.rng.randrange(10**8, 10**9)}",
    }  # fmt: skip
    await ask(stage, stage.owner, now, asked, lambda ctx: paying.pay(ctx, read(SupplierPaymentIn, ctx)))
