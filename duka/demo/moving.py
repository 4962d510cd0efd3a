"""What moved between the example shop's places, and what was counted, in its last days: each by the API's own actions.

One transfer has arrived with a piece missing, one is on its way, one waits for approval; one count is posted, one waits
to be looked through.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from duka.demo.stage import Item, Place, Stage, ask, id_at, read
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.stock.actions import counting, posting, transferring
from duka.stock.count_schemas import CountIn, EntryIn
from duka.stock.transfer_schemas import DispatchIn, ReceiveIn, TransferIn

_COUNTED: Final = 12
_LEAST_MILLI: Final = 6_000
"""What stands in smaller numbers is neither sent on nor found to be short."""
_HELD: Final = """
SELECT variant_id, quantity_milli FROM stock_balances
WHERE shop_id = %(shop)s AND location_id = %(location)s AND quantity_milli >= %(least)s
"""


async def play(stage: Stage, last: date) -> None:
    """Move and count things in the days up to the last one of the season."""
    town, other = stage.places[0], stage.places[-1]
    there = await _plenty(stage, town, last)
    if town is other or len(there) < _COUNTED:
        return
    await _transfer(stage, town, other, there[:3], last - timedelta(days=2), steps=3)
    await _transfer(stage, town, other, there[3:6], last, steps=2)
    await _transfer(stage, town, other, there[6:8], last, steps=0)
    await _count(stage, town, there[:_COUNTED], last - timedelta(days=1), is_posted=True)
    await _count(stage, other, (await _plenty(stage, other, last))[:_COUNTED], last, is_posted=False)


async def _plenty(stage: Stage, place: Place, day: date) -> list[tuple[Item, int]]:
    """Give what a place has enough of, with how many thousandths, in the order of the range."""

    async def held(ctx: Ctx) -> dict[Any, int]:
        rows = await fetch(ctx, _HELD, {"location": place.showroom_id, "least": _LEAST_MILLI})
        return {row.variant_id: row.quantity_milli for row in rows}

    milli = await ask(stage, stage.owner, _evening(stage, day, 19), {}, held)
    return [(item, milli[item.variant_id]) for item in stage.items if item.unit == "piece" and item.variant_id in milli]


async def _transfer(
    stage: Stage, sender: Place, receiver: Place, goods: Sequence[tuple[Item, int]], day: date, *, steps: int
) -> None:
    """Ask for two pieces of each; approve, send and receive as many steps of it as are told."""
    moment = _evening(stage, day, 20)
    asked = {
        "id": str(id_at(stage.rng, moment)), "from_location_id": str(sender.showroom_id),
        "to_location_id": str(receiver.showroom_id), "note": "For the weekend",
        "lines": [{"variant_id": str(item.variant_id), "quantity": 2} for item, _ in goods],
    }  # fmt: skip
    made = await ask(stage, stage.owner, moment, asked, lambda ctx: transferring.request(ctx, read(TransferIn, ctx)))
    transfer_id, first = made.shown["id"], made.shown["lines"][0]
    short = {"lines": [{"line_id": str(first["id"]), "quantity": 1, "difference": "loss"}]}
    told: tuple[tuple[dict[str, Any], Any], ...] = (
        ({}, lambda ctx: transferring.approve(ctx, transfer_id)),
        ({}, lambda ctx: transferring.dispatch(ctx, transfer_id, DispatchIn())),
        (short, lambda ctx: transferring.receive(ctx, transfer_id, read(ReceiveIn, ctx))),
    )  # fmt: skip
    for number, (body, step) in enumerate(told[:steps]):
        await ask(stage, stage.owner, moment + timedelta(minutes=10 * (number + 1)), body, step)


async def _count(
    stage: Stage, place: Place, goods: Sequence[tuple[Item, int]], day: date, *, is_posted: bool
) -> None:
    """Count some things after closing, a few of them short, and end the counting."""
    moment = _evening(stage, day, 21)
    asked = {
        "id": str(id_at(stage.rng, moment)), "location_id": str(place.showroom_id), "scope": "list",
        "variant_ids": [str(item.variant_id) for item, _ in goods], "note": "Top shelf",
    }  # fmt: skip
    begun = await ask(stage, stage.owner, moment, asked, lambda ctx: counting.begin(ctx, read(CountIn, ctx)))
    count_id = begun.shown["id"]
    entries = [
        EntryIn(
            id=id_at(stage.rng, moment), variant_id=item.variant_id, shelf="A1",
            quantity=(milli + (-1000 if number % 4 == 1 else 0)) // 1000,
        )
        for number, (item, milli) in enumerate(goods)
    ]  # fmt: skip
    await ask(stage, stage.storekeeper, moment + timedelta(minutes=20), {},
              lambda ctx: counting.enter(ctx, count_id, entries))  # fmt: skip
    after = moment + timedelta(minutes=30)
    await ask(stage, stage.owner, after, {}, lambda ctx: counting.review(ctx, count_id, "leave"))
    if is_posted:
        await ask(stage, stage.owner, after, {}, lambda ctx: posting.begin_posting(ctx, count_id))
        await ask(stage, stage.owner, after, {}, lambda ctx: posting.post_some(ctx, count_id))


def _evening(stage: Stage, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), stage.zone)
