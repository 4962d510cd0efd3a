"""What the shop must have bought, month by month, to have sold what the files say it sold.

The files tell nothing of buying. Of what was sold in a month as much is bought at its beginning as is needed for the
stock never to run out before its end, at a share of the price it was sold at. What the files only ever took out
(write-offs of codes that nobody bought) is not bought for them: it stands below zero.

Pure: a month's purchases follow from that month and those before it, however often and beside whatever is imported.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final

from duka.platform.money import divide_half_up
from duka.replay.plan import Step

COST_BP: Final = 6_000
"""What one unit is taken to have cost the shop, as a share of its most frequent price in the month."""

_WHOLE_BP: Final = 10_000


@dataclass(frozen=True, slots=True)
class Need:
    """So much of a code that must have been bought (whole units), at the cost of one in pence."""

    code: str
    quantity: int
    cost_minor: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was bought for a month: it came just as the month's first document was written."""

    month: str
    at: datetime
    needs: Sequence[Need]


@dataclass(slots=True)
class _Code:
    """What is known of a code by now."""

    standing: int = 0
    sold_once: bool = False
    cost_minor: int = 0


@dataclass(slots=True)
class _Moved:
    """What a month does with a code: how far its stock falls at most, and by how much it changes altogether."""

    change: int = 0
    lowest: int = 0
    prices: Counter[int] = field(default_factory=Counter)

    def move(self, quantity: int) -> None:
        self.change += quantity
        self.lowest = min(self.lowest, self.change)


def deliveries(steps: Sequence[Step], services: frozenset[str]) -> Iterator[Delivery]:
    """Give what was bought for each month, in the order of time; `steps` are too. `services` are codes of no goods."""
    known: defaultdict[str, _Code] = defaultdict(_Code)
    for month, some in groupby(steps, key=lambda step: step.document.month):
        own = list(some)
        needs = [
            need
            for code, moved in _moved(own).items()
            if code not in services and (need := _need(code, known[code], moved))
        ]
        if needs:
            yield Delivery(month, own[0].document.at, needs)


def _moved(steps: Sequence[Step]) -> dict[str, _Moved]:
    """Add up what a month does with each code, in the order in which a document is taken: its sale, its write-offs,
    what came back."""
    moved: defaultdict[str, _Moved] = defaultdict(_Moved)
    for step in steps:
        for sold in step.sold:
            moved[sold.line.code].move(-sold.line.quantity)
            moved[sold.line.code].prices[sold.line.price_minor] += sold.line.price_minor > 0
        # Both are less than nothing in the files: a write-off takes goods out, a return brings them in.
        for line in step.written_off:
            moved[line.code].move(line.quantity)
        for back in step.returned:
            moved[back.line.code].move(-back.line.quantity)
    return dict(moved)


def _need(code: str, known: _Code, moved: _Moved) -> Need | None:
    """Say what is bought of a code, and remember what then stands there."""
    known.sold_once |= bool(moved.prices)
    if price_minor := max(moved.prices, key=moved.prices.__getitem__, default=0):
        known.cost_minor = max(1, divide_half_up(price_minor * COST_BP, _WHOLE_BP))
    needed = max(0, -(known.standing + moved.lowest)) if known.sold_once else 0
    known.standing += moved.change + needed
    return Need(code, needed, known.cost_minor) if needed else None
