"""To load and unload a transfer: what leaves of each line, what arrived, and what becomes of a difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from duka.catalog.queries import ask_prices
from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.errors import DukaError, NotFound, ValidationError
from duka.platform.money import LIMIT_MINOR
from duka.platform.reads import Reads
from duka.platform.writes import Writes
from duka.shops import settings
from duka.stock.actions.moving import Goods, Source, hold, issue, put_back
from duka.stock.actions.parting import TRACKED
from duka.stock.actions.picking import parts_of, pick, refusals
from duka.stock.choosing import Moved, Part, Parts, Troubles, Wanted, bring_back, without
from duka.stock.rules import value_minor
from duka.stock.transfers.schemas import ArrivedLine, SentLine
from duka.stock.units.schemas import named

_LOST: Final = """
UPDATE stock_units u SET state = 'written_off', changed_at = %(lost_at)s FROM first
WHERE u.shop_id = %(shop)s AND u.id = ANY(%(lost)s) RETURNING u.id
"""


@dataclass(eq=False)
class DifferenceUnnamed(DukaError):
    """Less or more arrived than left, and it was not said what becomes of the difference."""

    text: ClassVar[str] = "Say for each line that differs whether it is a loss or the sender's."
    line_ids: list[UUID]


@dataclass(eq=False)
class LineUnknown(NotFound):
    """A line is of another transfer."""

    code: ClassVar[str] = NotFound.code
    damaged: ClassVar[bool] = True
    what: str = "line of this transfer"


@dataclass(eq=False)
class MoreThanAsked(DukaError):
    """More left than was asked for. `lines` says of each how much was asked for and how much left."""

    text: ClassVar[str] = "No more can leave than was asked for."
    lines: list[dict[str, Any]]


@dataclass(eq=False)
class NothingLeft(DukaError):
    """Nothing left of any line."""

    text: ClassVar[str] = "Nothing would leave. Cancel the transfer instead."


@dataclass(frozen=True, slots=True)
class Arrived:
    """A line that was received: what left, what came, and who bears the difference. `parts` are the units and batches
    that came, `missing` those that did not."""

    goods: Goods
    received_milli: int
    difference: Literal["loss", "sender"] | None
    parts: Parts = ()
    missing: Parts = ()

    @property
    def over_milli(self) -> int:
        """How much more arrived than left; negative where it is less."""
        return self.received_milli - self.goods.quantity_milli


async def load(
    ctx: Ctx, lines: Sequence[Any], said: Mapping[UUID, SentLine], sender: UUID, disputes: Disputes
) -> list[Goods]:
    """Give what leaves of each line, at the cost in force now, and which units and batches those are.

    LineUnknown; for `disputes` MoreThanAsked, NothingLeft and the troubles of `picking.pick`.
    """
    _know(lines, said)
    reads = Reads(ctx)
    ask_prices(reads, [line.variant_id for line in lines], [], ctx.now, ctx.today())
    prices = {UUID(price["variant_id"]): price for price in (await reads.send())["prices"]}
    goods, wanted = [], []
    for line in lines:
        price, one = prices[line.variant_id], said.get(line.id)
        leaves_milli = one.quantity if one else line.requested_milli
        cost, tracking = price["cost_minor"] or 0, price["tracking"]
        _check_worth(leaves_milli, cost)
        goods.append(Goods(line.variant_id, leaves_milli, cost, line.id, price["min_stock_milli"], tracking))
        if leaves_milli and tracking in TRACKED:
            of = named(one.serials, one.batches) if one else named([], [])
            wanted.append(Wanted(line.id, line.variant_id, price["name"], tracking, leaves_milli, of))
    _compare(lines, goods, disputes)
    if not wanted:
        return goods
    await hold(ctx, {each.variant_id for each in goods}, [sender])
    picked = await pick(ctx, wanted, sender, ctx.today(), expired="last")
    for trouble in picked.troubles:
        disputes.add(trouble)
    return [replace(each, parts=picked.parts.get(each.line_id, ())) for each in goods]


def _compare(lines: Sequence[Any], goods: Sequence[Goods], disputes: Disputes) -> None:
    more = [
        {"line_id": line.id, "asked": quantity.from_milli(line.requested_milli),
         "left": quantity.from_milli(each.quantity_milli)}
        for line, each in zip(lines, goods, strict=True) if each.quantity_milli > line.requested_milli
    ]  # fmt: skip
    if more:
        disputes.add(MoreThanAsked(more))
    if not any(each.quantity_milli for each in goods):
        disputes.add(NothingLeft())


def unload(lines: Sequence[Any], said: Mapping[UUID, ArrivedLine], disputes: Disputes) -> list[Arrived]:
    """Give what arrived of each line. LineUnknown; for `disputes` DifferenceUnnamed: what happened already is then put
    right in the sender's stock, so that nothing is lost in the books until somebody looks."""
    _know(lines, said)
    arrived = []
    for line in lines:
        goods = Goods(
            line.variant_id, line.dispatched_milli, line.unit_cost_minor, line.id, line.min_stock_milli, line.tracking
        )
        one = said.get(line.id)
        received_milli = one.quantity if one else line.dispatched_milli
        _check_worth(received_milli, line.unit_cost_minor)
        differs = received_milli != line.dispatched_milli
        arrived.append(Arrived(goods, received_milli, one.difference if one and differs else None))
    unnamed = [each.goods.line_id for each in arrived if each.over_milli and each.difference is None]
    if not unnamed:
        return arrived
    disputes.add(DifferenceUnnamed(unnamed))
    return [replace(each, difference=each.difference or "sender") if each.over_milli else each for each in arrived]


async def unpack(
    ctx: Ctx, transfer_id: UUID, arrived: Sequence[Arrived], lines: Sequence[Any], said: Mapping[UUID, ArrivedLine],
    disputes: Disputes,
) -> list[Arrived]:  # fmt: skip
    """Say which of the units and batches that left have arrived and which have not. The balances are held.

    For `disputes` SerialsRequired, UnitsNotHere where less arrived and the pieces are not named, or did not leave.
    """
    tracked = {each.goods.line_id for each in arrived if each.goods.tracking in TRACKED}
    if not tracked:
        return list(arrived)
    left, names = await parts_of(ctx, transfer_id, tracked), {line.id: line.variant_name for line in lines}
    troubles = Troubles()
    unpacked = []
    for each in arrived:
        one = said.get(each.goods.line_id)
        gone = left.get(each.goods.line_id, [])
        unpacked.append(
            _unpacked(each, gone, names[each.goods.line_id], one, troubles) if each.goods.line_id in tracked else each
        )
    for refusal in refusals(troubles):
        disputes.add(refusal)
    return unpacked


def _unpacked(each: Arrived, gone: Sequence[Moved], name: str, one: ArrivedLine | None, troubles: Troubles) -> Arrived:
    goods, milli = each.goods, min(each.received_milli, each.goods.quantity_milli)
    wanted = Wanted(goods.line_id, goods.variant_id, name, goods.tracking, milli, named(one.serials if one else [], []))
    came = bring_back(wanted, gone, troubles) if milli else ()
    missing = without([each.part for each in gone], came)
    return replace(each, parts=came, missing=missing)


def settle(
    writes: Writes, arrived: Sequence[Arrived], out: Source, back: Source, sender: UUID, receiver: UUID
) -> None:
    """Move what arrived, put the sender's differences right in its stock, book the others. `out` and `back` are the
    transfer as the source of what leaves the sender after all and of what comes."""
    rules = settings.of(writes.ctx)
    of_sender = [each for each in arrived if each.difference == "sender"]
    more = [_some(each, each.over_milli, ()) for each in of_sender if each.over_milli > 0]
    less = [(_some(each, -each.over_milli, each.missing), sender) for each in of_sender if each.over_milli < 0]
    came = [(_some(each, each.received_milli, _all_of(each)), receiver) for each in arrived if each.received_milli]
    issue(writes, more, out, sender, below_zero=rules.negative_stock or writes.ctx.recording, gone=True)
    put_back(writes, [*came, *less], back)
    lost = [part.unit_id for each in arrived if each.difference == "loss" for part in each.missing if part.unit_id]
    if lost:
        writes.value("lost", lost)
        writes.value("lost_at", writes.ctx.now)
        writes.step("units_lost", _LOST)
    worth = [
        ledger.Entry(chart.STOCK, chart.STOCK_LOSS, value_minor(each.over_milli, each.goods.unit_cost_minor))
        for each in arrived if each.difference == "loss"
    ]  # fmt: skip
    ledger.post(writes, worth, source="transfer", source_id=back.id, business_date=back.business_date)


def _some(arrived: Arrived, quantity_milli: int, parts: Parts) -> Goods:
    return replace(arrived.goods, quantity_milli=quantity_milli, parts=parts)


def _all_of(each: Arrived) -> Parts:
    """Give what arrived: parts of what left, and what is over, of which nobody knows what it is."""
    over = (Part(each.over_milli, fault="unnamed"),) if each.over_milli > 0 else ()
    return (*each.parts, *over) if each.parts else ()


def _know(lines: Sequence[Any], said: Mapping[UUID, Any]) -> None:
    if not said.keys() <= {line.id for line in lines}:
        raise LineUnknown


def _check_worth(quantity_milli: int, cost_minor: int) -> None:
    if value_minor(quantity_milli, cost_minor) > LIMIT_MINOR:
        raise ValidationError(fields={"lines": ["This is worth more than Duka can book."]})
