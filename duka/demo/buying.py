"""How the example shop buys: from whom, what is ordered, what comes of it, what is billed and paid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final, Literal
from uuid import UUID

from duka.demo.counter import Act, Json
from duka.demo.people import DEALERS, Dealer
from duka.demo.stage import Item, Person, Place, Stage, ask, id_at, read
from duka.platform.context import Ctx
from duka.purchasing import order_queries
from duka.purchasing.actions import (
    billing,
    confirming,
    items,
    ordering,
    paying,
    receiving,
    returning,
    stepping,
    suppliers,
)
from duka.purchasing.link_schemas import ConfirmIn
from duka.purchasing.money_schemas import BillIn, ReturnIn, SupplierPaymentIn
from duka.purchasing.order_schemas import OrderIn, ReceiptIn
from duka.purchasing.rules import Step
from duka.purchasing.schemas import ItemEdit, SupplierIn

Afterwards = Callable[[datetime, timedelta, Act], None]
"""Puts an act on the agenda, so long after a moment."""
Fate = Literal["requested", "approved", "rejected", "cancelled", "awaited", "part", "short", "damaged", "whole"]
"""What becomes of an order: it stays a request or approved, is turned down or called off, is still awaited, has come in
part (and the rest is awaited or, `short`, never comes), comes with something damaged, or whole."""

FATES: Final[tuple[Fate, ...]] = ("whole", "damaged", "whole", "short", "whole", "cancelled")
"""What becomes of the season's orders, one after the other."""

_SEED: Final = 20_261
_LINES: Final = (4, 9)
_PREFERRED: Final = 12
_WHOLESALE_BP: Final = (9_500, 10_600)
"""Between which shares of the usual cost a dealer's prices lie."""
_COIN_MINOR: Final = 100
_STEPS: Final[dict[Fate, tuple[Step, ...]]] = {
    "requested": (), "approved": ("approve",), "rejected": ("reject",), "cancelled": ("approve", "order", "cancel"),
}  # fmt: skip
_WHY: Final = {"reject": "Too dear: ask somebody else", "cancel": "They cannot deliver before the holidays"}


@dataclass(slots=True)
class Storeroom:
    """What the story of buying must know. Its chance is its own, so that it changes nothing at the counters."""

    rng: Random = field(default_factory=lambda: Random(_SEED))  # noqa: S311 - the same shop each time is the point
    dealers: dict[str, tuple[Dealer, UUID]] = field(default_factory=dict)
    """Dealers with their ids, by the group of goods that is bought from them."""


@dataclass(frozen=True, slots=True)
class Bought:
    """An order that was placed: for which place, of which goods how much (pieces) at which price."""

    order_id: UUID
    dealer: Dealer
    supplier_id: UUID
    place: Place
    lines: Sequence[tuple[Item, int, int]]


async def know_dealers(stage: Stage, now: datetime, *, room: Storeroom) -> None:
    """Write down who the shop buys from, and some of what they are preferred for."""
    named = {group for dealer in DEALERS for group in dealer.groups}
    for dealer in DEALERS:
        asked = {
            "id": str(id_at(room.rng, now)), "name": dealer.name, "contact": dealer.contact, "phone": dealer.phone,
            "lead_time_days": dealer.lead_time_days, "credit_days": dealer.credit_days, "stars": dealer.stars,
        }  # fmt: skip
        added = await ask(stage, stage.storekeeper, now, asked, lambda ctx: suppliers.add(ctx, read(SupplierIn, ctx)))
        mine = [item for item in stage.items if item.stocked and _deals(dealer, item, named)]
        room.dealers |= {item.group: (dealer, added.supplier.id) for item in mine}
        for item in mine[:_PREFERRED]:
            asked = {"version": 1, "preferred": True, "pack_size": 5 if item.ware.cost_minor < 50_000 else 1}
            set_ = partial(_prefer, supplier_id=added.supplier.id, item=item)
            await ask(stage, stage.storekeeper, now, asked, set_)


def _deals(dealer: Dealer, item: Item, named: set[str]) -> bool:
    return item.group in dealer.groups or not (dealer.groups or item.group in named)


async def _prefer(ctx: Ctx, *, supplier_id: UUID, item: Item) -> None:
    await items.set_item(ctx, supplier_id, item.variant_id, read(ItemEdit, ctx), 1)


async def restock(
    stage: Stage, now: datetime, *, room: Storeroom, place: Place, fate: Fate, later: Afterwards
) -> None:  # fmt: skip
    """Order what has run lowest at a place from who deals in it; the rest of the story follows."""
    bought = await _request(stage, now, room, place)
    for number, step in enumerate(_STEPS.get(fate, ("approve", "order")), 1):
        who = stage.owner if step in ("approve", "reject") else stage.storekeeper
        await _take(stage, now + timedelta(minutes=20 * number), who, bought.order_id, step)
    if fate == "awaited":
        await _hear(stage, now + timedelta(hours=2), bought)
    if fate in ("part", "short", "damaged", "whole"):
        late = room.rng.choice((-1, 0, 0, 0, 1, 3)) if fate != "part" else -bought.dealer.lead_time_days
        days = timedelta(days=max(1, bought.dealer.lead_time_days + late))
        later(now, days, partial(take_in, room=room, bought=bought, fate=fate, later=later))


async def _request(stage: Stage, now: datetime, room: Storeroom, place: Place) -> Bought:
    rng = room.rng
    dealer, supplier_id = room.dealers[rng.choice(sorted(room.dealers))]
    theirs = [item for item in stage.items if item.stocked and room.dealers[item.group][1] == supplier_id]
    theirs.sort(key=lambda item: (place.left[item.variant_id] - item.min_stock_milli, item.ware.sku))
    lines = [
        (item, max(2, 2 * item.min_stock_milli // 1000), _asked_minor(rng, item.ware.cost_minor))
        for item in theirs[: rng.randrange(*_LINES)]
    ]
    order_id = id_at(rng, now)
    asked = {
        "id": str(order_id), "supplier_id": str(supplier_id), "location_id": str(place.showroom_id),
        "lines": [
            {"id": str(id_at(rng, now)), "variant_id": str(item.variant_id), "quantity": pieces, "price": price_minor}
            for item, pieces, price_minor in lines
        ],
    }  # fmt: skip
    await ask(stage, stage.storekeeper, now, asked, lambda ctx: ordering.request(ctx, read(OrderIn, ctx)))
    return Bought(order_id, dealer, supplier_id, place, lines)


def _asked_minor(rng: Random, cost_minor: int) -> int:
    return max(_COIN_MINOR, cost_minor * rng.randrange(*_WHOLESALE_BP) // 10_000 // _COIN_MINOR * _COIN_MINOR)


async def _take(stage: Stage, now: datetime, who: Person, order_id: UUID, step: Step) -> None:
    reason = _WHY.get(step)
    permission = "purchasing:approve" if step in ("approve", "reject") else "purchasing:update"
    asked = {"reason": reason} if reason else {}
    await ask(stage, who, now, asked, lambda ctx: stepping.take(ctx, order_id, step, permission, reason))


async def _hear(stage: Stage, now: datetime, bought: Bought) -> None:
    """The dealer answers by the link that came with the order: of the first thing half, and that two days later."""

    async def said(ctx: Ctx) -> None:
        ctx.actor, ctx.staff_id = "public", None
        order = await order_queries.order(ctx, bought.order_id)
        first, *rest = order["lines"]
        half = {"id": first["id"], "quantity": max(1, first["quantity_milli"] // 2000),
                "expected_on": order["expected_on"] + timedelta(days=2)}  # fmt: skip
        whole = [{"id": line["id"], "quantity": line["quantity_milli"] // 1000} for line in rest]
        body = ConfirmIn.model_validate({"lines": [half, *whole], "note": "The rest comes with the next container."})
        await confirming.note(ctx, bought.order_id, body)

    await ask(stage, stage.storekeeper, now, {}, said)


async def take_in(
    stage: Stage, now: datetime, *, room: Storeroom, bought: Bought, fate: Fate, later: Afterwards
) -> None:  # fmt: skip
    """Take a delivery in: all of it, half, or with a broken piece; then the bill comes."""
    rng = room.rng
    came = [(item, max(1, pieces // 2) if fate in ("part", "short") else pieces) for item, pieces, _ in bought.lines]
    broken = int(fate == "damaged" and came[0][1] > 1)
    lines: list[Json] = [
        {"id": str(id_at(rng, now)), "variant_id": str(item.variant_id), "accepted": pieces} for item, pieces in came
    ]
    if broken:
        lines[0] |= {"accepted": came[0][1] - 1, "rejected": 1, "reject_reason": "damaged"}
    freight_minor = rng.choice((0, 15_000, 25_000, 40_000))
    asked = {
        "id": str(id_at(rng, now)), "order_id": str(bought.order_id), "lines": lines,
        "delivery_note": f"DN-{rng.randrange(10**5):05d}", "freight": freight_minor,
    }  # fmt: skip
    posted = await ask(stage, stage.storekeeper, now, asked, lambda ctx: receiving.receive(ctx, read(ReceiptIn, ctx)))
    for (item, _), line in zip(came, lines, strict=True):
        bought.place.left[item.variant_id] += line["accepted"] * 1000
    if fate == "part":
        return
    if fate == "short":
        await _take(stage, now + timedelta(hours=1), stage.storekeeper, bought.order_id, "close")
    bill = partial(be_billed, room=room, bought=bought, lines=posted.shown["lines"], freight_minor=freight_minor,
                   fate=fate, later=later)
    later(now, timedelta(days=1), bill)


async def be_billed(
    stage: Stage, now: datetime, *, room: Storeroom, bought: Bought, lines: Sequence[Json], freight_minor: int,
    fate: Fate, later: Afterwards,
) -> None:  # fmt: skip
    """Enter the dealer's invoice. One in four asks a little more for one thing than was agreed."""
    rng = room.rng
    dearer = rng.random() < 0.25
    asked = {
        "id": str(id_at(rng, now)), "supplier_id": str(bought.supplier_id),
        "supplier_number": f"INV-{rng.randrange(10**6):06d}", "charges": freight_minor,
        "lines": [
            {
                "id": str(id_at(rng, now)), "receipt_line_id": str(line["id"]),
                "quantity": line["accepted_milli"] / 1000,
                "price": line["price"] + (_COIN_MINOR * 5 if dearer and at == 0 else 0),
            }
            for at, line in enumerate(lines) if line["accepted_milli"]
        ],
    }  # fmt: skip
    bill, _ = await ask(stage, stage.owner, now, asked, lambda ctx: billing.bill(ctx, read(BillIn, ctx)))
    if fate == "damaged":
        later(now, timedelta(days=1), partial(send_back, room=room, bought=bought, line=lines[-1]))
    pay_in = timedelta(days=max(1, bought.dealer.credit_days - 1))
    share = rng.choice((1.0, 1.0, 0.5))
    later(now, pay_in, partial(pay, room=room, bought=bought, amount_minor=int(bill["total"] * share)))


async def send_back(stage: Stage, now: datetime, *, room: Storeroom, bought: Bought, line: Json) -> None:
    """Send one piece back that turned out not to work, if one is still there."""
    variant_id = line["variant_id"]
    if bought.place.left[variant_id] < 1000:
        return
    asked = {
        "id": str(id_at(room.rng, now)), "supplier_id": str(bought.supplier_id), "reason": "Does not switch on",
        "lines": [{"id": str(id_at(room.rng, now)), "receipt_line_id": str(line["id"]), "quantity": 1}],
    }  # fmt: skip
    await ask(stage, stage.storekeeper, now, asked, lambda ctx: returning.send_back(ctx, read(ReturnIn, ctx)))
    bought.place.left[variant_id] -= 1000


async def pay(stage: Stage, now: datetime, *, room: Storeroom, bought: Bought, amount_minor: int) -> None:
    """Pay a dealer; a debit note that came between is paid in advance for the next bill."""
    asked = {
        "id": str(id_at(room.rng, now)), "supplier_id": str(bought.supplier_id), "amount": amount_minor,
        "method": room.rng.choice(("bank_transfer", "mtn_momo")), "branch_id": str(bought.place.branch_id),
        "reference": f"EFT {room.rng.randrange(10**8):08d}", "in_advance": True,
    }  # fmt: skip
    await ask(stage, stage.accountant, now, asked, lambda ctx: paying.pay(ctx, read(SupplierPaymentIn, ctx)))
