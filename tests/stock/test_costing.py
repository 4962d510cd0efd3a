"""What goods cost by business time: worked examples, and an oracle that follows every thousandth by itself."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duka.stock.costs.costing import CostingMethod, Step, worths

PIECE = 1000
BOTH: tuple[CostingMethod, ...] = ("average", "fifo")


def line(number: int) -> UUID:
    """The id of a document's line."""
    return UUID(int=number)


def came(pieces: float, minor: int, number: int = 0, kind: str = "receipt") -> Step:
    return Step(kind, round(pieces * PIECE), minor, line(number))


def left(pieces: float, number: int = 0, booked_minor: int = 0, kind: str = "sale") -> Step:
    return Step(kind, -round(pieces * PIECE), -booked_minor, line(number))


def back(pieces: float, origin: int | None, number: int = 99, booked_minor: int = 0, kind: str = "return") -> Step:
    return Step(kind, round(pieces * PIECE), booked_minor, line(number), None if origin is None else line(origin))


def test_the_average_of_all_that_stands_there() -> None:
    assert worths([came(10, 1000), came(10, 3000), left(5), left(15)], "average") == [1000, 3000, -1000, -3000]


def test_what_came_first_leaves_first() -> None:
    assert worths([came(10, 1000), came(10, 3000), left(5), left(15)], "fifo") == [1000, 3000, -500, -3500]


@pytest.mark.parametrize("method", BOTH)
def test_three_for_ten_come_to_ten(method: CostingMethod) -> None:
    assert worths([came(3, 10), left(1), left(1), left(1)], method) == [10, -3, -4, -3]


@pytest.mark.parametrize("method", BOTH)
def test_what_left_before_it_came_costs_what_comes(method: CostingMethod) -> None:
    steps = [left(2, 1, 80), left(2, 2, 80), came(3, 300)]
    assert worths(steps, method) == [-200, -200, 300], "the fourth piece is estimated at the same"
    assert worths([*steps, came(5, 1000)], method) == [-200, -300, 300, 1000]


@pytest.mark.parametrize("method", BOTH)
def test_nothing_is_known_but_what_documents_say(method: CostingMethod) -> None:
    assert worths([left(2, 1, 80), back(1, 1)], method) == [-80, 40]
    assert worths([back(2, None, booked_minor=70), left(1, 1)], method) == [70, -35]


@pytest.mark.parametrize("method", BOTH)
def test_what_comes_back_comes_at_what_it_left_with(method: CostingMethod) -> None:
    steps = [came(3, 100), left(3, 1), came(1, 900), back(1, 1), back(2, 1)]
    assert worths(steps, method) == [100, -100, 900, 33, 67]


def test_what_came_back_is_the_last_to_leave_again() -> None:
    steps = [came(1, 100), left(1, 1), came(1, 900), back(1, 1), left(1, 2), left(1, 3)]
    assert worths(steps, "fifo") == [100, -100, 900, 100, -900, -100]
    assert worths(steps, "average") == [100, -100, 900, 100, -500, -500]


@pytest.mark.parametrize("method", BOTH)
def test_found_goods_cost_what_the_others_do(method: CostingMethod) -> None:
    assert worths([came(4, 400), back(1, None, kind="count"), left(5)], method) == [400, 100, -500]


@pytest.mark.parametrize("method", BOTH)
def test_a_transfer_changes_nothing(method: CostingMethod) -> None:
    moved = [left(4, 7, kind="transfer_out"), came(10, 9000), back(4, 7, 7, kind="transfer_in")]
    assert worths([came(10, 1000), *moved], method) == [1000, -400, 9000, 400]


@pytest.mark.parametrize("method", BOTH)
def test_a_transfer_of_what_is_not_there_comes_to_nothing(method: CostingMethod) -> None:
    moved = [left(4, 7, kind="transfer_out"), back(4, 7, 7, kind="transfer_in"), came(1, 50)]
    assert worths([came(1, 100), *moved], method) == [100, -400, 400, 50]


@dataclass
class Oracle:
    """Every thousandth with its own exact cost: no layer, no share, no rounding."""

    method: CostingMethod
    shelf: list[Fraction] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    gone: dict[int, list[Fraction]] = field(default_factory=dict)
    worth: list[Fraction] = field(default_factory=list)
    known: Fraction = Fraction(0)

    def leave(self, milli: int) -> None:
        number = len(self.worth)
        taken = [self.shelf.pop(0) for _ in range(min(milli, len(self.shelf)))]
        self.gone[number] = taken
        self.waiting += [number] * (milli - len(taken))
        self.worth.append(-sum(taken, Fraction(0)))

    def come(self, cost: Fraction, milli: int) -> None:
        self.worth.append(cost)
        self.put(cost / milli, milli)

    def put(self, each: Fraction, milli: int) -> None:
        self.known = each
        for _ in range(milli):
            if self.waiting:
                number = self.waiting.pop(0)
                self.worth[number] -= each
                self.gone[number].append(each)
            else:
                self.shelf.append(each)
        if self.method == "average" and self.shelf:
            self.known = sum(self.shelf, Fraction(0)) / len(self.shelf)
            self.shelf = [self.known] * len(self.shelf)

    def bring_back(self, number: int, milli: int) -> None:
        waits = min(self.waiting.count(number), milli)
        for _ in range(waits):
            self.waiting.remove(number)
        self.worth[number] -= self.known * waits
        out = self.gone[number]
        each = sum(out, Fraction(0)) / len(out) if out else Fraction(0)
        self.gone[number] = [each] * (len(out) - (milli - waits))
        self.worth.append(self.known * waits + each * (milli - waits))
        if milli > waits:
            self.put(each, milli - waits)

    def end(self) -> list[Fraction]:
        for number in self.waiting:
            self.worth[number] -= self.known
        return self.worth


Move = tuple[Literal["come", "leave", "found", "back"], int, int]
moves = st.lists(
    st.tuples(
        st.sampled_from(("come", "leave", "leave", "found", "back")), st.integers(1, 12), st.integers(0, 10**7)
    ), min_size=1, max_size=25,
)  # fmt: skip


def played(script: list[Move], method: CostingMethod) -> tuple[list[Step], Oracle]:
    """Make steps of a script, and let the oracle follow them. It begins with goods that came, so that a cost is known;
    no more comes back than had left."""
    oracle, steps = Oracle(method), list[Step]()
    outside: dict[int, int] = {}
    for what, milli, number in [("come", 3, 1_000_000), *script]:
        at = len(steps)
        whence = number % at if at else 0
        if what == "back" and outside.get(whence, 0):
            milli = min(milli, outside[whence])
            outside[whence] -= milli
            steps.append(Step("return", milli, 0, line(at), line(whence)))
            oracle.bring_back(whence, milli)
        elif what == "leave":
            outside[at] = milli
            steps.append(Step("sale", -milli, 0, line(at)))
            oracle.leave(milli)
        elif what == "come":
            steps.append(Step("receipt", milli, number, line(at)))
            oracle.come(Fraction(number), milli)
        else:
            steps.append(Step("count", milli, 0, line(at)))
            oracle.come(oracle.known * milli, milli)
    return steps, oracle


@given(moves, st.sampled_from(BOTH))
def test_every_worth_is_the_exact_one_but_for_rounding(script: list[Move], method: CostingMethod) -> None:
    steps, oracle = played(script, method)
    found, exact = worths(steps, method), oracle.end()
    # Each step rounds once for each layer it meets, and what was rounded is carried on by shares of at most all of it.
    allowed = Fraction(12 * len(steps))
    assert all(abs(each - true) <= allowed for each, true in zip(found, exact, strict=True)), (found, exact)


@given(moves, st.sampled_from(BOTH))
def test_what_is_left_in_the_end_is_worth_exactly_the_rest(script: list[Move], method: CostingMethod) -> None:
    steps, _ = played(script, method)
    held = sum(step.milli for step in steps)
    steps.append(left(held / PIECE, 1000) if held > 0 else came(1 - held / PIECE, 777, 1000))
    if held <= 0:
        steps.append(left(1, 1001))
    assert sum(step.milli for step in steps) == 0
    assert sum(worths(steps, method)) == 0, "nothing is left and nothing was lost"


@given(moves, st.sampled_from(BOTH))
def test_goods_that_come_keep_their_price_and_none_cost_less_than_nothing(
    script: list[Move], method: CostingMethod
) -> None:  # fmt: skip
    steps, _ = played(script, method)
    for step, worth in zip(steps, worths(steps, method), strict=True):
        assert worth == step.booked_minor if step.kind == "receipt" else worth * step.milli >= 0
