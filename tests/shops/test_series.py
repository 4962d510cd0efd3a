"""Series: codes that are never used twice, and series that begin when they are needed."""

import asyncio

import pytest

from duka.platform.errors import NotFound
from duka.platform.ids import new_id
from duka.shops import series
from tests.world import Shop


def test_a_register_has_a_code_for_each_kind_of_document() -> None:
    assert series.document_codes("T1", ()) == {"invoice": "T1", "credit_note": "T1C", "debit_note": "T1D"}


def test_codes_that_are_taken_or_too_long_give_way_to_free_ones() -> None:
    assert series.document_codes("T1", {"T1C"}) == {"invoice": "T1", "credit_note": "C1", "debit_note": "T1D"}
    assert series.document_codes("SHOP", {"C1", "D1"}) == {"invoice": "SHOP", "credit_note": "C2", "debit_note": "D2"}
    assert series.document_codes("C", {"CC"}) == {"invoice": "C", "credit_note": "C1", "debit_note": "CD"}


async def test_a_series_begins_when_it_is_needed_and_is_found_again(shop: Shop) -> None:
    async with shop.as_() as ctx:
        begun = await series.series_for(ctx, shop.register_id, "invoice", "2627")
        notes = await series.series_for(ctx, shop.register_id, "credit_note", "2627")
    async with shop.as_() as ctx:
        again = await series.series_for(ctx, shop.register_id, "invoice", "2627")
        next_year = await series.series_for(ctx, shop.register_id, "invoice", "2728")
    assert (begun.code, notes.code, next_year.code) == ("S1", "S1C", "S1")
    assert begun.head_hash == bytes(32)
    assert begun.highest_seen == begun.complete_to == 0
    assert again.id == begun.id != next_year.id


async def test_two_who_begin_a_series_at_once_get_the_same_one(shop: Shop) -> None:
    async def begin() -> object:
        async with shop.as_() as ctx:
            return (await series.series_for(ctx, shop.register_id, "invoice", "2627")).id

    assert len(set(await asyncio.gather(*[begin() for _ in range(8)]))) == 1


async def test_there_is_no_series_for_a_register_of_nobody(shop: Shop) -> None:
    async with shop.as_() as ctx:
        with pytest.raises(NotFound):
            await series.series_for(ctx, new_id(), "invoice", "2627")
