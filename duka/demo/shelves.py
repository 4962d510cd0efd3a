"""How goods move between the example shop's branches, and how its shelves are counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from duka.demo.buying import Afterwards, Storeroom
from duka.demo.counter import Json
from duka.demo.stage import Item, Person, Place, Stage, ask, id_at, read
from duka.platform.context import Ctx
from duka.stock import queries as stock
from duka.stock.actions import counting, entering, posting, putting_aside, transferring
from duka.stock.counts.schemas import CountIn, EntriesIn
from duka.stock.reservations.schemas import ReservationIn
from duka.stock.transfers.schemas import DispatchIn, ReceiveIn, TransferIn

_SENT: Final = (3, 7)
_COUNTED: Final = 8


async def send_over(
    stage: Stage, now: datetime, *, room: Storeroom, sender: Place, receiver: Place, later: Afterwards | None = None,
    loses: bool = False,
) -> None:  # fmt: skip
    """Send some of what the one branch has plenty of to the other; without `later` it is still on its way. `loses` says
    that a piece is lost on the way."""
    rng = room.rng
    plenty = sorted(
        (item for item in stage.items if item.stocked and item.unit == "piece"),
        key=lambda item: (receiver.left[item.variant_id] - sender.left[item.variant_id], item.ware.sku),
    )[: rng.randrange(*_SENT)]
    lines = [(item, max(1, sender.left[item.variant_id] // 4000)) for item in plenty
             if sender.left[item.variant_id] >= 2000]  # fmt: skip
    if not lines:
        return
    transfer_id = id_at(rng, now)
    asked = {
        "id": str(transfer_id), "from_location_id": str(sender.showroom_id),
        "to_location_id": str(receiver.showroom_id), "note": f"For {receiver.name}",
        "lines": [{"variant_id": str(item.variant_id), "quantity": pieces} for item, pieces in lines],
    }  # fmt: skip
    made = await ask(stage, stage.supervisor, now, asked, lambda ctx: transferring.request(ctx, read(TransferIn, ctx)))
    approved = now + timedelta(minutes=10)
    await ask(stage, stage.storekeeper, approved, {}, lambda ctx: transferring.approve(ctx, transfer_id))
    sent = now + timedelta(minutes=30)
    await ask(
        stage, stage.storekeeper, sent, {}, lambda ctx: transferring.dispatch(ctx, transfer_id, read(DispatchIn, ctx))
    )
    for item, pieces in lines:
        sender.left[item.variant_id] -= pieces * 1000
    if later is not None:
        away = list(zip(lines, [line["id"] for line in made.shown["lines"]], strict=True))
        take = partial(take_over, transfer_id=transfer_id, receiver=receiver, lines=away, loses=loses)
        later(now, timedelta(days=1), take)


async def take_over(
    stage: Stage, now: datetime, *, transfer_id: UUID, receiver: Place,
    lines: Sequence[tuple[tuple[Item, int], UUID]], loses: bool,
) -> None:  # fmt: skip
    """Receive a transfer, whole or with a piece less."""
    lost = int(loses and lines[0][0][1] > 1)
    (first, pieces), line_id = lines[0]
    short = [{"line_id": str(line_id), "quantity": pieces - 1, "difference": "loss"}] if lost else []
    asked = {"lines": short}
    await ask(
        stage, stage.storekeeper, now, asked, lambda ctx: transferring.receive(ctx, transfer_id, read(ReceiveIn, ctx))
    )
    for (item, came), _ in lines:
        receiver.left[item.variant_id] += came * 1000
    receiver.left[first.variant_id] -= lost * 1000


async def keep_one(stage: Stage, now: datetime, *, room: Storeroom, place: Place) -> None:
    """Put one of what the branch has most of aside for a customer who comes on another day."""
    pieces = (item for item in stage.items if item.stocked and item.unit == "piece")
    item = max(pieces, key=lambda each: (place.left[each.variant_id], each.ware.sku))
    asked = {
        "id": str(id_at(room.rng, now)), "variant_id": str(item.variant_id), "location_id": str(place.showroom_id),
        "quantity": 1, "note": "Comes for it on Monday",
    }  # fmt: skip
    await ask(
        stage, stage.supervisor, now, asked, lambda ctx: putting_aside.put_aside(ctx, read(ReservationIn, ctx))
    )


async def count_some(
    stage: Stage, now: datetime, *, room: Storeroom, place: Place, finish: bool
) -> None:  # fmt: skip
    """Count a few things at a place by two people; unless it is finished the count goes on."""
    things = room.rng.sample([item for item in stage.items if item.stocked and item.unit == "piece"], _COUNTED)
    count_id = id_at(room.rng, now)
    asked: Json = {
        "id": str(count_id), "location_id": str(place.showroom_id), "scope": "list", "blind": True,
        "variant_ids": [str(item.variant_id) for item in things], "note": "Spot check",
    }  # fmt: skip
    await ask(stage, stage.storekeeper, now, asked, lambda ctx: counting.begin(ctx, read(CountIn, ctx)))
    done = things if finish else things[: _COUNTED // 2]
    for who, some in ((stage.storekeeper, done[::2]), (stage.supervisor, done[1::2])):
        now += timedelta(minutes=4)
        await _enter(stage, now, room, place, count_id, some, who)
    if finish:
        now += timedelta(minutes=5)
        await ask(stage, stage.storekeeper, now, {}, lambda ctx: counting.review(ctx, count_id, "leave"))
        await ask(stage, stage.owner, now + timedelta(minutes=2), {}, partial(_post, count_id=count_id))


async def _enter(
    stage: Stage, now: datetime, room: Storeroom, place: Place, count_id: UUID, some: Sequence[Item], who: Person
) -> None:  # fmt: skip
    """Enter what stands there: what the books say, but for one thing of which a piece is missing."""
    rng = room.rng
    missing = some[rng.randrange(len(some))]

    async def held(ctx: Ctx) -> dict[UUID, int]:
        found = {item.variant_id: await stock.balance(ctx, item.variant_id, place.showroom_id) for item in some}
        return {variant_id: row.quantity_milli for variant_id, row in found.items()}

    standing = await ask(stage, who, now, {}, held)
    lost = 1000 if min(standing[missing.variant_id], place.left[missing.variant_id]) >= 1000 else 0
    found = {**standing, missing.variant_id: standing[missing.variant_id] - lost}
    asked = {"entries": [
        {"id": str(id_at(rng, now)), "variant_id": str(item.variant_id), "quantity": found[item.variant_id] / 1000,
         "shelf": f"{item.group[:1]}{at + 1}"}
        for at, item in enumerate(some)
    ]}  # fmt: skip
    await ask(stage, who, now, asked, lambda ctx: entering.enter(ctx, count_id, read(EntriesIn, ctx)))
    place.left[missing.variant_id] -= lost


async def _post(ctx: Ctx, *, count_id: UUID) -> None:
    await posting.begin_posting(ctx, count_id)
    while await posting.post_some(ctx, count_id):
        pass
