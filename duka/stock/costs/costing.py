"""What each movement of a variant was worth, by the business time of its document: sums that know no database.

The movements of one variant, of the whole shop, are gone through in the order in which they happened. Goods that come
in with a price of their own (a receipt, opening stock) keep it. Goods that leave take theirs out of what stands there:
the average of all of it, or first what came first. What comes back by a return, or arrives by a transfer, comes at what
it left with. Goods that were found come at the cost known then.

Goods that left before they came (sold below zero, or their receipt bears a later day) wait: they are worth what the
next goods that come in cost. What still waits in the end is estimated at the cost last known.

Nothing is lost by rounding: what leaves a layer is the rounded share of all that left it so far, less what was taken
before, so that the last piece takes what remains.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from duka.platform.money import divide_half_up

CostingMethod = Literal["average", "fifo"]

_PRICED: Final = frozenset({"receipt", "opening", "assembly"})
"""Kinds whose goods come in at what their own document says they cost."""


@dataclass(frozen=True, slots=True)
class Step:
    """One movement: thousandths (negative when goods leave) and what its document says it was worth, of the same sign,
    in minor units. `line_id` is the document's line, `origin_id` the line by which goods that come back had left."""

    kind: str
    milli: int
    booked_minor: int
    line_id: UUID
    origin_id: UUID | None = None


@dataclass(slots=True)
class Layer:
    """Goods that stand there at one cost: how many thousandths came, what all of them cost, how many have left."""

    milli: int
    minor: int
    taken_milli: int = 0

    @property
    def left_milli(self) -> int:
        """Thousandths that still stand there."""
        return self.milli - self.taken_milli

    @property
    def left_minor(self) -> int:
        """What those are worth."""
        return self.minor - self._share(self.taken_milli)

    def take(self, milli: int) -> int:
        """Take some out (no more than is left) and give what it was worth."""
        before = self._share(self.taken_milli)
        self.taken_milli += milli
        return self._share(self.taken_milli) - before

    def _share(self, milli: int) -> int:
        return divide_half_up(self.minor * milli, self.milli)


@dataclass(slots=True)
class Gone:
    """Goods that left with one movement: what they are worth by now, how many thousandths wait for goods to come, and
    what of it has not come back."""

    step: Step
    minor: int = 0
    waiting_milli: int = 0
    out_milli: int = 0
    out_minor: int = 0

    def settle(self, milli: int, minor: int) -> None:
        """Add goods whose worth is known."""
        self.minor += minor
        self.out_milli += milli
        self.out_minor += minor

    def give_back(self, milli: int) -> int:
        """Let some come back (no more than is out) and give what it left with."""
        minor = divide_half_up(self.out_minor * milli, self.out_milli)
        self.out_milli -= milli
        self.out_minor -= minor
        return minor


@dataclass(slots=True)
class Shelf:
    """What the shop has of a variant at one moment of its history."""

    method: CostingMethod
    layers: deque[Layer] = field(default_factory=deque)
    waiting: deque[Gone] = field(default_factory=deque)
    gone: dict[UUID, list[Gone]] = field(default_factory=dict)
    known_milli: int = 0
    known_minor: int = 0
    """The cost last known: so many thousandths cost so much."""


def worths(steps: Sequence[Step], method: CostingMethod) -> list[int]:
    """Say what each movement of one variant was worth, in minor units with the movement's sign.

    `steps` are all its movements in the whole shop, in the order in which they happened; the answer is in that order.
    """
    shelf = Shelf(method)
    found: list[int | Gone] = [
        _leave(shelf, step) if step.milli < 0 else _come(shelf, step) for step in steps
    ]
    return [-_ended(shelf, each) if isinstance(each, Gone) else each for each in found]


def _leave(shelf: Shelf, step: Step) -> Gone:
    gone, wanted = Gone(step), -step.milli
    while wanted and shelf.layers:
        layer = shelf.layers[0]
        taken = min(wanted, layer.left_milli)
        gone.settle(taken, layer.take(taken))
        wanted -= taken
        if not layer.left_milli:
            shelf.layers.popleft()
    if wanted:
        gone.waiting_milli = wanted
        shelf.waiting.append(gone)
    shelf.gone.setdefault(step.line_id, []).append(gone)
    return gone


def _come(shelf: Shelf, step: Step) -> int:
    if step.kind in _PRICED:
        _put(shelf, step.milli, step.booked_minor)
        return step.booked_minor
    left, minor, cancelled_minor = step.milli, 0, 0
    origin = shelf.gone.get(step.origin_id, ()) if step.origin_id else ()
    for gone in origin:
        # What had left before it came and is back already need not wait any more: both are worth the same.
        cancelled = min(left, gone.waiting_milli)
        if cancelled:
            worth = _estimated(shelf, gone.step, cancelled)
            gone.waiting_milli -= cancelled
            gone.minor += worth
            cancelled_minor += worth
            left -= cancelled
    arrived = left
    for gone in origin:
        back = min(left, gone.out_milli)
        if back:
            minor += gone.give_back(back)
            left -= back
    if left:
        minor += _estimated(shelf, step, left)
    if arrived:
        _put(shelf, arrived, minor)
    return minor + cancelled_minor


def _put(shelf: Shelf, milli: int, minor: int) -> None:
    """Let goods come in: first those get theirs that had left before, the rest stands there."""
    came = Layer(milli, minor)
    while came.left_milli and shelf.waiting:
        gone = shelf.waiting[0]
        filled = min(came.left_milli, gone.waiting_milli)
        if filled:
            gone.settle(filled, came.take(filled))
            gone.waiting_milli -= filled
        if not gone.waiting_milli:
            shelf.waiting.popleft()
    shelf.known_milli, shelf.known_minor = milli, minor
    if not came.left_milli:
        return
    rest = Layer(came.left_milli, came.left_minor)
    if shelf.method == "average" and shelf.layers:
        (all_of_it,) = shelf.layers
        rest = Layer(rest.milli + all_of_it.left_milli, rest.minor + all_of_it.left_minor)
        shelf.layers.clear()
    shelf.layers.append(rest)
    if shelf.method == "average":
        shelf.known_milli, shelf.known_minor = rest.milli, rest.minor


def _estimated(shelf: Shelf, step: Step, milli: int) -> int:
    """Give what some goods are worth at the cost last known; where none is, at what their document says."""
    if shelf.known_milli:
        return divide_half_up(shelf.known_minor * milli, shelf.known_milli)
    return divide_half_up(abs(step.booked_minor) * milli, abs(step.milli))


def _ended(shelf: Shelf, gone: Gone) -> int:
    return gone.minor + (_estimated(shelf, gone.step, gone.waiting_milli) if gone.waiting_milli else 0)
