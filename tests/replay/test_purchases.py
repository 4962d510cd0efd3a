"""What must have been bought follows from what was sold: enough, in time, and no more than that."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from duka.replay import online_retail
from duka.replay.online_retail import Document, Line
from duka.replay.plan import plan
from duka.replay.purchases import Delivery, Need, deliveries
from tests.replay.past import documents

SERVICES = frozenset({"POST"})
NOON = datetime(2010, 12, 1, 12, tzinfo=online_retail.ZONE)


def _past(*moves: tuple[str, int, int, int]) -> list[Document]:
    """Documents of one line: code, quantity, price in pence, and how many days after the first of December."""
    past = []
    for number, (code, quantity, price_minor, days) in enumerate(moves):
        back = quantity < 0 < price_minor
        line = Line("a.csv", number, str(number), code, "", None, "", NOON, quantity, price_minor, Decimal(0))
        at = NOON + timedelta(days=days, minutes=number)
        past.append(Document(f"C{number}" if back else str(number), at, None, "", (line,)))
    return past


def _bought(past: list[Document]) -> list[tuple[str, list[Need]]]:
    return [(each.month, list(each.needs)) for each in deliveries(list(plan(past)), SERVICES)]


def test_what_a_month_sells_is_bought_at_its_beginning_for_a_share_of_its_price() -> None:
    past = _past(("tea", 3, 100, 0), ("tea", 2, 110, 1), ("mug", 1, 415, 2), ("tea", 4, 110, 40))
    assert _bought(past) == [
        ("2010-12", [Need("tea", 5, 60), Need("mug", 1, 249)]), ("2011-01", [Need("tea", 4, 66)])
    ]  # fmt: skip
    (december, _) = deliveries(list(plan(past)), SERVICES)
    assert december.at == past[0].at


def test_what_came_back_is_sold_again_before_anything_is_bought() -> None:
    assert _bought(_past(("tea", 5, 100, 0), ("tea", -4, 100, 1), ("tea", 3, 100, 2))) == [
        ("2010-12", [Need("tea", 5, 60)])
    ]
    assert _bought(_past(("tea", -4, 100, 0), ("tea", 5, 100, 1))) == [("2010-12", [Need("tea", 1, 60)])]


def test_what_spoils_was_bought_too_where_it_was_ever_sold() -> None:
    assert _bought(_past(("tea", -2, 0, 0), ("tea", 1, 100, 1))) == [("2010-12", [Need("tea", 3, 60)])]
    assert _bought(_past(("tea", -2, 0, 0))) == [], "nobody knows that it was ever there"
    assert _bought(_past(("tea", -2, 0, 0), ("tea", 1, 100, 40))) == [("2011-01", [Need("tea", 3, 60)])]


def test_postage_is_not_bought_and_what_is_given_away_costs_nothing() -> None:
    assert _bought(_past(("POST", 1, 1800, 0), ("gift", 2, 0, 0))) == [("2010-12", [Need("gift", 2, 0)])]


def test_months_that_come_later_change_nothing_before_them() -> None:
    steps = list(plan(documents()[0]))
    december = [step for step in steps if step.document.month == "2010-12"]
    whole = list(deliveries(steps, SERVICES))
    assert len(whole) == 2
    assert list(deliveries(december, SERVICES)) == whole[:1]


@st.composite
def _moves(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    codes, quantity = st.sampled_from("ab"), st.integers(-9, 9).filter(bool)
    move = st.tuples(codes, quantity, st.sampled_from([0, 50, 100]), st.integers(0, 90))
    return sorted(draw(st.lists(move, max_size=30)), key=lambda each: each[3])


@given(_moves())
def test_nothing_that_was_ever_sold_runs_out(moves: list[tuple[str, int, int, int]]) -> None:
    steps = list(plan(_past(*moves)))
    coming = {each.month: each for each in deliveries(steps, SERVICES)}
    standing: dict[str, int] = {"a": 0, "b": 0}
    sold: set[str] = set()
    for step in steps:
        for need in _of(coming.pop(step.document.month, None)):
            assert need.quantity > 0
            standing[need.code] += need.quantity
        for each in step.sold:
            standing[each.line.code] -= each.line.quantity
            sold.add(each.line.code)
        for line in step.written_off:
            standing[line.code] += line.quantity
        for back in step.returned:
            standing[back.line.code] -= back.line.quantity
        assert all(standing[code] >= 0 for code in sold)
    assert not coming


def _of(delivery: Delivery | None) -> Iterator[Need]:
    return iter(delivery.needs if delivery else ())
