"""Which units and batches leave or come back: the sums, without a database."""

from datetime import date
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from duka.stock.choosing import (
    BatchFact,
    Expired,
    Moved,
    Named,
    NamedBatch,
    Part,
    Shelf,
    Troubles,
    Wanted,
    bring_back,
    choose,
    code_of,
    share_back,
    without,
)

TODAY = date(2026, 11, 21)
HERE = uuid4()


def wanted(milli: int, tracking: str = "batch", named: Named = Named()) -> Wanted:
    """Some goods to choose."""
    return Wanted(uuid4(), uuid4(), "syrup", tracking, milli, named)


def batch(number: str, left_milli: int, day: int | None = None) -> BatchFact:
    """A batch with its last day in November."""
    return BatchFact(uuid4(), number, None if day is None else date(2026, 11, day), left_milli)


def test_numbers_are_compared_in_capitals_without_spaces_and_unseen_signs() -> None:
    assert code_of(" 35 \x1dabC\t7 ") == "35ABC7"


_BATCHES = st.lists(st.tuples(st.integers(0, 5_000), st.none() | st.integers(1, 30)), max_size=5)
_EXPIRED: st.SearchStrategy[Expired] = st.sampled_from(["refused", "first", "last"])


@given(_BATCHES, st.integers(1, 20_000), st.integers(-3_000, 3_000), _EXPIRED, st.none() | st.integers(0, 4))
def test_parts_come_to_the_quantity_and_no_batch_gives_more_than_it_has(
    facts: list[tuple[int, int | None]], milli: int, unnamed: int, expired: Expired, place: int | None
) -> None:
    batches = [batch(f"B{n}", left, day) for n, (left, day) in enumerate(facts)]
    had = {each.id: each.left_milli for each in batches}
    named = Named() if place is None else Named(batches=(NamedBatch(f"B{place}", max(1, milli // 2)),))
    troubles = Troubles()
    parts = choose(wanted(milli, named=named), Shelf(batches=batches, unnamed_milli=unnamed), HERE, TODAY, troubles,
                   expired=expired)  # fmt: skip
    assert sum(part.quantity_milli for part in parts) == milli
    assert all(part.quantity_milli > 0 for part in parts)
    taken = {part.batch_id: part.quantity_milli for part in parts if part.fault is None}
    assert all(taken.get(each.id, 0) == had[each.id] - each.left_milli for each in batches)
    assert all(each.left_milli >= 0 for each in batches)
    over = {each.id for each in batches if each.expires_on and each.expires_on < TODAY}
    assert bool(over & taken.keys()) <= (bool(troubles.expired) or expired != "refused")


def test_what_expired_leaves_first_when_it_is_written_off_and_last_when_it_moves() -> None:
    for expired, numbers in (("first", ["OVER", "LATE"]), ("last", ["LATE", "OVER"])):
        batches = [batch("OVER", 1_000, 20), batch("LATE", 1_000, 30)]
        names = {each.id: each.number for each in batches}
        way: Expired = "first" if expired == "first" else "last"
        parts = choose(wanted(2_000), Shelf(batches=batches), HERE, TODAY, Troubles(), expired=way)
        assert [names[part.batch_id] for part in parts if part.batch_id] == numbers


def _gone(*quantities: int) -> list[Moved]:
    return [Moved(Part(milli, batch_id=UUID(int=n + 1))) for n, milli in enumerate(quantities)]


@given(st.lists(st.integers(1, 5_000), max_size=5), st.integers(1, 10_000))
def test_what_comes_back_is_what_left_and_the_rest_has_no_name(quantities: list[int], milli: int) -> None:
    came = bring_back(wanted(milli), _gone(*quantities), Troubles())
    assert sum(part.quantity_milli for part in came) == milli
    named = [part for part in came if part.fault is None]
    assert sum(part.quantity_milli for part in named) == min(milli, sum(quantities))
    left = without([each.part for each in _gone(*quantities)], named)
    assert sum(part.quantity_milli for part in left) == sum(quantities) - min(milli, sum(quantities))


def test_some_of_several_pieces_come_back_only_by_their_numbers() -> None:
    gone = [Moved(Part(1_000, unit_id=uuid4()), (number,)) for number in ("A1", "B1")]
    troubles = Troubles()
    (part,) = bring_back(wanted(1_000, "serial"), gone, troubles)
    assert (part.fault, troubles.unnamed[0]["pieces"]) == ("unnamed", 1)
    troubles = Troubles()
    (part,) = bring_back(wanted(1_000, "serial", Named(("b 1",))), gone, troubles)
    assert (part, bool(troubles)) == (gone[1].part, False)


def test_a_number_too_many_moves_nothing_and_is_told() -> None:
    gone = [Moved(Part(1_000, unit_id=uuid4()), (number,)) for number in ("A1", "B1")]
    troubles = Troubles()
    came = bring_back(wanted(1_000, "serial", Named(("B1", "A1", "X9"))), gone, troubles)
    assert came == (gone[1].part,)
    assert [(each["serial"], each["state"]) for each in troubles.units] == [("A1", "sold"), ("X9", "unknown")]


def test_a_piece_that_left_without_a_number_comes_back_beside_a_named_one() -> None:
    gone = [Moved(Part(1_000, unit_id=uuid4()), (number,)) for number in ("A1", "B1")]
    loose = Moved(Part(1_000, fault="unnamed"))
    troubles = Troubles()
    came = bring_back(wanted(2_000, "serial", Named(("B1",))), [*gone, loose], troubles)
    assert (came, bool(troubles)) == ((gone[1].part, loose.part), False)
    assert [part.fault for part in bring_back(wanted(2_000, "serial", Named(("B1",))), gone, troubles)] == [None, None]
    assert not troubles
    gone.append(Moved(Part(1_000, unit_id=uuid4()), ("C1",)))
    came = bring_back(wanted(2_000, "serial", Named(("B1",))), gone, troubles)
    assert (came, len(troubles.unnamed)) == ((gone[1].part, Part(1_000, fault="unnamed")), 1)


def test_numbers_of_a_set_go_where_they_left_with() -> None:
    phones = [Moved(Part(1_000, unit_id=uuid4()), (number,)) for number in ("A1", "A2", "SAME")]
    watches = [Moved(Part(1_000, unit_id=uuid4()), (number,)) for number in ("W1", "SAME")]
    goods = [(wanted(1_000, "serial"), phones), (wanted(1_000), []), (wanted(1_000, "serial"), watches)]
    assert share_back(["w 1", "A2"], goods) == [("A2",), (), ("w 1",)]
    assert share_back(["SAME", "SAME"], goods) == [("SAME",), (), ("SAME",)]
    assert share_back(["X9", "W1", "A1", "A2"], goods) == [("A1", "A2"), (), ("W1", "X9")]
    assert share_back(["X9", "W1"], goods) == [("X9",), (), ("W1",)]
    assert share_back(["X9"], [(wanted(1_000), [])]) == [()]
