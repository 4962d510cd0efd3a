"""What happens at a counter of the example shop: each verb does one thing through the action that the API calls, and
remembers what the story must know later."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from duka.demo.stage import Item, Known, Person, Place, Stage, ask, id_at, read
from duka.payments import actions as drawers
from duka.payments.schemas import CashMoveIn, CloseIn, SessionIn
from duka.platform.context import Ctx
from duka.sales import rules
from duka.sales.actions.cancel import cancel
from duka.sales.actions.give_back import give_back
from duka.sales.actions.hold import hold, put_down
from duka.sales.actions.reverse import reverse
from duka.sales.actions.sell import sell
from duka.sales.actions.settle import settle
from duka.sales.carts.schemas import CartIn
from duka.sales.life.schemas import CreditNoteIn, SettleIn, UndoIn
from duka.sales.rules import Discount, DraftLine
from duka.sales.schemas import SaleIn
from duka.stock import actions as stock
from duka.stock.schemas import AdjustIn

Json = dict[str, Any]
Act = Callable[[Stage, datetime], Awaitable[None]]
Later = Callable[[timedelta, Act], None]
"""Puts an act on the agenda, so long after the present one."""

FLOAT_MINOR: Final = 100_000
_COIN_MINOR: Final = 100
_NOTES_MINOR: Final = (1_000, 5_000, 10_000, 20_000, 50_000)
_METHODS: Final = ("cash", "mtn_momo", "airtel_money", "card")
_METHOD_WEIGHTS: Final = (55, 25, 13, 7)
_LINES_WEIGHTS: Final = (52, 26, 12, 6, 4)
_DEPOSIT_FROM_MINOR: Final = 100_000
_REASONS_BACK: Final = (
    "The customer chose another model", "Does not fit the phone", "Stopped working after two days",
    "Bought one too many", "Wrong colour",
)  # fmt: skip


@dataclass(slots=True)
class Bargain:
    """A sale on which money is still expected."""

    sale_id: UUID
    place: Place
    due_minor: int
    known: Known | None
    taken: list[tuple[Item, int]]


async def open_drawer(stage: Stage, now: datetime, *, place: Place, who: Person) -> None:
    """Begin a day at a place's till."""
    asked = {"id": str(id_at(stage.rng, now)), "register_id": str(place.register_id), "float": FLOAT_MINOR}
    opened = await ask(stage, who, now, asked, lambda ctx: drawers.open_session(ctx, read(SessionIn, ctx)))
    place.session_id, place.seller, place.cash_minor = opened.session["id"], who, FLOAT_MINOR


async def close_drawer(stage: Stage, now: datetime, *, place: Place) -> None:
    """Count a drawer at the end of the day; one in five counts is a little off."""
    session_id, seller = place.session_id, place.seller
    assert session_id
    assert seller
    off_minor = stage.rng.choice((-5000, -2000, -1000, -500, 500, 1000)) if stage.rng.random() < 0.2 else 0
    asked = {"counted": max(0, place.cash_minor + off_minor), "note": "Counted twice" if off_minor else None}
    await ask(stage, seller, now, asked, lambda ctx: drawers.close_session(ctx, session_id, read(CloseIn, ctx)))
    place.session_id = None


async def take_petty_cash(stage: Stage, now: datetime, *, place: Place) -> None:
    """Pay something small out of the drawer."""
    why, amount_minor = stage.rng.choice((
        ("Lunch for the counter", 12_000), ("Boda to a customer", 6_000), ("Drinking water", 10_000),
        ("Airtime for the shop's phone", 10_000), ("Packing bags", 15_000),
    ))  # fmt: skip
    asked = {"id": str(id_at(stage.rng, now)), "direction": "out", "amount": amount_minor, "reason": why}
    session_id = place.session_id
    if session_id is None or place.seller is None or place.cash_minor < amount_minor:
        return
    await ask(stage, place.seller, now, asked, lambda ctx: drawers.move_cash(ctx, session_id, read(CashMoveIn, ctx)))
    place.cash_minor -= amount_minor


async def serve(stage: Stage, now: datetime, *, place: Place, later: Later) -> None:
    """Sell to whoever stands at the counter: paid at once, put aside for a deposit, or on account."""
    rng = stage.rng
    taken = _basket(stage, place)
    if place.seller is None or not taken:
        return
    manner = rng.choices(("paid", "deposit", "account"), (88, 7, 5))[0]
    known = _customer(stage, manner)
    discount = None
    if manner == "paid" and rng.random() < 0.12:
        discount = rng.choice((200, 250, 300, 400))
    exact_minor = _total(taken, discount, 1)
    if manner == "account" and (known is None or known.owed_minor + exact_minor > known.buyer.credit_limit_minor):
        manner = "paid"
    if manner == "deposit" and exact_minor < _DEPOSIT_FROM_MINOR:
        manner = "paid"
    payments, total_minor = _pay(stage, now, taken, discount, manner, exact_minor)
    body = {
        "id": str(id_at(rng, now)), "register_id": str(place.register_id), "total": total_minor, "payments": payments,
        "on_account": manner == "account",
        "lines": [
            {"id": str(id_at(rng, now)), "variant_id": str(item.variant_id), "quantity": milli / 1000,
             "price": item.ware.price_minor}
            for item, milli in taken
        ],
    }  # fmt: skip
    if discount:
        body["discount"] = {"percent_bp": discount}
    if known:
        body["customer_id"] = str(known.customer_id)
    sold = (await ask(stage, place.seller, now, body, lambda ctx: sell(ctx, read(SaleIn, ctx)))).shown
    _remember(stage, place, taken, sold, payments)
    due_minor = sold["total"] - sold["paid"]
    if known:
        known.owed_minor += sold["owed"]
    if manner == "paid":
        _regret(stage, place, sold, taken, later)
    elif due_minor:
        _expect(stage, Bargain(sold["id"], place, due_minor, known, taken), manner, later)


def _basket(stage: Stage, place: Place) -> list[tuple[Item, int]]:
    """Draw what somebody buys, of what is there."""
    rng = stage.rng
    wanted = rng.choices(range(1, 6), _LINES_WEIGHTS)[0]
    taken: dict[UUID, tuple[Item, int]] = {}
    for item in rng.choices(stage.items, cum_weights=stage.demand, k=wanted + 2):
        milli = rng.choice(item.ware.usual)
        if len(taken) < wanted and (not item.stocked or place.left[item.variant_id] >= milli):
            taken.setdefault(item.variant_id, (item, milli))
    return list(taken.values())


def _customer(stage: Stage, manner: str) -> Known | None:
    rng = stage.rng
    if manner == "account":
        return rng.choice([each for each in stage.known if each.buyer.wholesale] or [None])
    if manner == "deposit" or rng.random() < 0.3:
        return rng.choice([each for each in stage.known if not each.buyer.wholesale] or [None])
    return None


def _total(taken: Sequence[tuple[Item, int]], discount_bp: int | None, coin_minor: int) -> int:
    """Say what a till would show for a cart. Prices hold their tax, so the total does not depend on it."""
    lines = [DraftLine(milli, item.ware.price_minor, (), tax_included=True) for item, milli in taken]
    discount = None if discount_bp is None else Discount(bp=discount_bp)
    return rules.bill(lines, discount=discount, cash_rounding_minor=coin_minor).total_minor


def _pay(
    stage: Stage, now: datetime, taken: Sequence[tuple[Item, int]], discount_bp: int | None, manner: str,
    exact_minor: int,
) -> tuple[list[Json], int]:  # fmt: skip
    """Make the payments of a sale, and say its total: rounded where cash alone is paid."""
    rng = stage.rng
    method = rng.choices(_METHODS, _METHOD_WEIGHTS)[0]
    if manner == "account":
        part = rng.choice((0, 0, 0.3, 0.5))
        return _part(stage, now, "mtn_momo", exact_minor * part), exact_minor
    if manner == "deposit":
        return _part(stage, now, method, exact_minor * rng.uniform(0.3, 0.6)), exact_minor
    if method == "cash":
        total_minor = _total(taken, discount_bp, _COIN_MINOR)
        return [_payment(stage, now, "cash", _handed(stage, total_minor))], total_minor
    if exact_minor > 200_000 and rng.random() < 0.15:
        part_minor = exact_minor // 2 // 1000 * 1000
        return [
            _payment(stage, now, method, exact_minor - part_minor), _payment(stage, now, "cash", part_minor)
        ], exact_minor  # fmt: skip
    return [_payment(stage, now, method, exact_minor)], exact_minor


def _part(stage: Stage, now: datetime, method: str, amount: float) -> list[Json]:
    whole_minor = int(amount) // 1000 * 1000
    return [_payment(stage, now, method, whole_minor)] if whole_minor else []


def _payment(stage: Stage, now: datetime, method: str, amount_minor: int) -> Json:
    paid: Json = {"id": str(id_at(stage.rng, now)), "method": method, "amount": amount_minor}
    if method != "cash":
        letters = {"mtn_momo": "MP", "airtel_money": "AM", "card": "CARD ", "bank_transfer": "EFT "}[method]
        paid["reference"] = f"{letters}{stage.rng.randrange(10**9):09d}"
    return paid


def _handed(stage: Stage, total_minor: int) -> int:
    """Say how much cash somebody hands over: the exact sum, or the next notes up."""
    note = stage.rng.choice(_NOTES_MINOR)
    return total_minor if stage.rng.random() < 0.4 or total_minor == 0 else -(-total_minor // note) * note


def _remember(
    stage: Stage, place: Place, taken: Sequence[tuple[Item, int]], shown: Mapping[str, Any], payments: Sequence[Json]
) -> None:  # fmt: skip
    for item, milli in taken:
        if item.stocked:
            place.left[item.variant_id] -= milli
    _cash_in(place, shown, payments)


def _cash_in(place: Place, shown: Mapping[str, Any], payments: Sequence[Json]) -> None:
    mine = {payment["id"] for payment in payments}
    place.cash_minor += sum(
        each["amount"] for each in shown["payments"] if each["method"] == "cash" and str(each["id"]) in mine
    )


def _regret(
    stage: Stage, place: Place, sold: Mapping[str, Any], taken: Sequence[tuple[Item, int]], later: Later
) -> None:  # fmt: skip
    """Sometimes something comes back days later, or the sale was a mistake."""
    draw = stage.rng.random()
    item, milli = taken[0]
    if draw < 0.004:
        later(timedelta(minutes=stage.rng.randrange(3, 15)), partial(
            take_all_back, place=place, sale_id=sold["id"], taken=list(taken)
        ))  # fmt: skip
    elif draw < 0.024 and item.stocked and item.unit == "piece":
        amount_minor = sold["lines"][0]["total"] * 1000 // milli
        later(timedelta(days=stage.rng.randrange(1, 12)), partial(
            take_one_back, place=place, invoice_id=sold["invoice"]["id"], line_id=sold["lines"][0]["id"], item=item,
            amount_minor=amount_minor,
        ))  # fmt: skip


def _expect(stage: Stage, bargain: Bargain, manner: str, later: Later) -> None:
    """Put on the agenda how money that is still owed comes in: most of it."""
    rng = stage.rng
    if manner == "deposit":
        fate, days = rng.random(), rng.randrange(2, 15)
        if fate < 0.8:
            later(timedelta(days=days), partial(collect, bargain=bargain, share=1.0))
        elif fate < 0.9:
            later(timedelta(days=days), partial(call_off, bargain=bargain))
        return
    for days, share in ((rng.randrange(5, 15), 0.5), (rng.randrange(18, 32), 0.6), (rng.randrange(33, 60), 1.0)):
        if rng.random() < 0.7:
            later(timedelta(days=days), partial(collect, bargain=bargain, share=share))


async def collect(stage: Stage, now: datetime, *, bargain: Bargain, share: float) -> None:
    """Take money toward a sale: so much of what is due."""
    place = bargain.place
    amount_minor = bargain.due_minor if share == 1 else int(bargain.due_minor * share) // 1000 * 1000
    if place.seller is None or place.session_id is None or amount_minor == 0:
        return
    wholesale = bargain.known is not None and bargain.known.buyer.wholesale
    method = stage.rng.choice(("mtn_momo", "bank_transfer") if wholesale else ("cash", "mtn_momo", "airtel_money"))
    payments = [_payment(stage, now, method, amount_minor)]
    asked = {"register_id": str(place.register_id), "payments": payments}
    settled = await ask(
        stage, place.seller, now, asked, lambda ctx: settle(ctx, bargain.sale_id, read(SettleIn, ctx))
    )
    shown = settled.shown
    _cash_in(place, shown, payments)
    left_minor = shown["total"] - shown["paid"]
    if bargain.known and wholesale:
        bargain.known.owed_minor -= bargain.due_minor - left_minor
    bargain.due_minor = left_minor


async def call_off(stage: Stage, now: datetime, *, bargain: Bargain) -> None:
    """Give a deposit back: the customer does not want the goods any more."""
    place = bargain.place
    if place.session_id is None:
        return
    asked = {"reason": "The customer changed their mind", "register_session_id": str(place.session_id)}
    cancelled = await ask(
        stage, stage.supervisor, now, asked, lambda ctx: cancel(ctx, bargain.sale_id, read(UndoIn, ctx))
    )
    _cash_out(place, cancelled.shown["payments"])
    _put_back(place, bargain.taken)


async def take_all_back(
    stage: Stage, now: datetime, *, place: Place, sale_id: UUID, taken: list[tuple[Item, int]]
) -> None:
    """Reverse a sale that was rung up by mistake."""
    if place.session_id is None:
        return
    asked = {"reason": "Rung up for the wrong customer", "register_session_id": str(place.session_id)}
    reversed_ = await ask(stage, stage.owner, now, asked, lambda ctx: reverse(ctx, sale_id, read(UndoIn, ctx)))
    _cash_out(place, reversed_.shown["payments"])
    _put_back(place, taken)


async def take_one_back(
    stage: Stage, now: datetime, *, place: Place, invoice_id: UUID, line_id: UUID, item: Item, amount_minor: int
) -> None:
    """Take one piece of a sold line back and pay for it; one in four is damaged."""
    if place.session_id is None or place.cash_minor < amount_minor:
        return
    damaged = stage.rng.random() < 0.25
    asked = {
        "id": str(id_at(stage.rng, now)), "register_id": str(place.register_id),
        "reason": stage.rng.choice(_REASONS_BACK),
        "lines": [{"sale_line_id": str(line_id), "quantity": 1, "restock": "damaged" if damaged else "stock"}],
    }  # fmt: skip
    noted = await ask(
        stage, stage.supervisor, now, asked, lambda ctx: give_back(ctx, invoice_id, read(CreditNoteIn, ctx))
    )
    _cash_out(place, noted.shown["refunds"])
    if not damaged:
        _put_back(place, [(item, 1000)])


def _cash_out(place: Place, payments: Sequence[Mapping[str, Any]]) -> None:
    out = (each["amount"] for each in payments if (each["method"], each["direction"]) == ("cash", "out"))
    place.cash_minor -= sum(out)


def _put_back(place: Place, taken: Sequence[tuple[Item, int]]) -> None:
    for item, milli in taken:
        if item.stocked:
            place.left[item.variant_id] += milli


async def look_over(stage: Stage, now: datetime, *, place: Place) -> None:
    """Find that a few things on the shelves are not as the books say."""
    for item in stage.rng.sample(stage.items, 3):
        reason, milli, note = stage.rng.choice((
            ("damage", -1000, "Broken in the display"), ("loss", -1000, "Not on the shelf"),
            ("found", 1000, "Behind the shelf"), ("own_use", -1000, "Used in the shop"),
        ))  # fmt: skip
        if not item.stocked or place.left[item.variant_id] + milli < 0:
            continue
        asked = {
            "id": str(id_at(stage.rng, now)), "variant_id": str(item.variant_id), "quantity": milli // 1000,
            "location_id": str(place.showroom_id), "reason": reason, "note": note,
        }  # fmt: skip
        await ask(stage, stage.storekeeper, now, asked, partial(_adjust, product_id=item.product_id))
        place.left[item.variant_id] += milli


async def _adjust(ctx: Ctx, *, product_id: UUID) -> None:
    await stock.adjust(ctx, product_id, read(AdjustIn, ctx))


async def put_aside(stage: Stage, now: datetime, *, place: Place) -> None:
    """Leave a cart waiting: the customer went to fetch the list of what the house needs."""
    if place.seller is None:
        return
    lines = [
        {"variant_id": str(item.variant_id), "quantity": milli / 1000, "price": item.ware.price_minor}
        for item, milli in _basket(stage, place)
    ]
    asked = {
        "id": str(id_at(stage.rng, now)), "name": "House in Kisaasi", "branch_id": str(place.branch_id),
        "content": {"lines": lines, "note": "Comes back with the electrician's list"},
    }  # fmt: skip
    await ask(stage, place.seller, now, asked, _hold)


async def _hold(ctx: Ctx) -> None:
    cart = await put_down(ctx, read(CartIn, ctx))
    await hold(ctx, cart.id)
