"""The sums of buying: nothing is lost by rounding, whatever the parts."""

from hypothesis import given
from hypothesis import strategies as st

from duka.purchasing import rules
from duka.purchasing.rules import Came, Cleared
from duka.stock.rules import average_minor

QUANTITY = st.integers(0, 10**9)
PRICE = st.integers(0, 10**7)


@given(lines=st.lists(st.tuples(QUANTITY, PRICE), min_size=1, max_size=20), costs=st.integers(0, 10**9))
def test_landed_costs_are_spread_to_the_last_unit(lines: list[tuple[int, int]], costs: int) -> None:
    came = [Came(*line) for line in lines]
    if not any(line.accepted_milli for line in came):
        costs = 0
    landed = rules.land(came, costs)
    assert sum(line.landed_minor for line in landed) == costs
    assert all(line.landed_minor >= 0 for line in landed)
    assert [line.value_minor for line in landed] == [line.value_minor for line in came]
    if any(line.value_minor for line in came):
        assert all(not share.landed_minor for line, share in zip(came, landed, strict=True) if not line.value_minor)


@given(value=st.integers(0, 10**12), parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_what_is_taken_out_in_parts_comes_to_what_was_booked(value: int, parts: list[int]) -> None:
    whole, before, taken = sum(parts), 0, 0
    for part in parts:
        share = rules.released_minor(Cleared(whole, value, before), part)
        assert share >= 0
        taken, before = taken + share, before + part
    assert taken == value


@given(quantity=st.integers(1, 10**9), pack=st.integers(1, 10**6))
def test_packs_are_whole_and_no_more_than_needed(quantity: int, pack: int) -> None:
    packed = rules.in_packs(quantity, pack)
    assert packed % pack == 0
    assert 0 <= packed - quantity < pack


def test_the_tolerance_is_rounded_down() -> None:
    assert rules.most_milli(10_000, 0) == 10_000
    assert rules.most_milli(999, 1_000) == 1_098


def test_an_order_is_as_far_as_its_lines() -> None:
    assert rules.state_after([(10, 0), (5, 0)]) == "ordered"
    assert rules.state_after([(10, 10), (5, 0)]) == "part_received"
    assert rules.state_after([(10, 11), (5, 5)]) == "received"


@given(held=st.integers(1, 10**9), cost=PRICE, came=st.integers(1, 10**9), price=PRICE)
def test_an_average_lies_between_what_it_is_made_of(held: int, cost: int, came: int, price: int) -> None:
    paid = rules.worth_minor(came, price)
    average = average_minor(held, cost, came, paid)
    assert min(cost, paid * 1000 // came) <= average <= max(cost, -(-paid * 1000 // came))


def test_where_nothing_stood_the_cost_is_that_of_what_came() -> None:
    for held, cost in ((0, 500), (-2_000, 500), (1_000, None)):
        assert average_minor(held, cost, 2_000, 1_401) == 701
