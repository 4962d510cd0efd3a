"""What always holds in a shop, each invariant seen to fail: a busy shop breaks none, whoever forges a row is named."""

from typing import Any

import psycopg
import pytest

from duka.verify import registry, runner
from duka.verify.invariants import Look
from tests.verify.forgeries import FORGERIES, Forgery, forge
from tests.world import Shop

pytestmark = pytest.mark.slow


def broken(forger: psycopg.Connection[Any], shop: Shop) -> set[str]:
    """Name the invariants that do not hold."""
    look = Look(forger, shop.shop_id, shop.house.signer)
    return {each.invariant for each in runner.breaches_of(runner.examine(look))}


def test_a_busy_shop_breaks_nothing(busy: Shop, forger: psycopg.Connection[Any]) -> None:
    assert broken(forger, busy) == set()


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.tries)
def test_a_forged_row_is_named_by_its_invariant(
    busy: Shop, forger: psycopg.Connection[Any], forgery: Forgery
) -> None:
    forge(forger, busy, forgery.sql)
    assert broken(forger, busy) == {forgery.tries} | forgery.also


def test_a_breach_says_which_row_and_by_how_much(busy: Shop, forger: psycopg.Connection[Any]) -> None:
    forge(forger, busy, "UPDATE stock_balances SET quantity_milli = quantity_milli + 250 WHERE {balance}")
    (breach,) = runner.breaches_of(runner.examine(Look(forger, busy.shop_id)))
    assert (breach.invariant, breach.shop_id) == ("stock_balances", busy.shop_id)
    assert breach.facts["balance_milli"] - breach.facts["moved_milli"] == 250
    assert breach.facts["variant_id"]


def test_many_breaches_are_named_up_to_a_limit(busy: Shop, forger: psycopg.Connection[Any]) -> None:
    forger.execute(
        "INSERT INTO event_consumers (shop_id, consumer, position) "
        "SELECT %(shop)s, 'reader ' || n, 1000000 FROM generate_series(1, 1500) n", {"shop": busy.shop_id},
    )  # fmt: skip
    tallies = runner.examine(Look(forger, busy.shop_id))
    (readers,) = [each for each in tallies if each.breaches]
    assert len(readers.breaches) == 1000
    assert "and 980 more" in runner.as_text([readers], 0.1)


def test_another_shops_forgery_is_not_ours(busy: Shop, shop: Shop, forger: psycopg.Connection[Any]) -> None:
    forge(forger, busy, "UPDATE daily_totals SET sales = sales + 1 WHERE shop_id = :shop")
    assert broken(forger, shop) == set()


def test_every_invariant_of_a_shop_was_seen_to_fail() -> None:
    assert {each.name for each in registry.OF_SHOP} == {forgery.tries for forgery in FORGERIES}


def test_names_are_unique_and_every_invariant_says_what_it_means() -> None:
    every = [*registry.OF_SHOP, *registry.OF_INSTALLATION, *registry.OF_SCHEMA]
    assert len({each.name for each in every}) == len(every)
    assert all(each.says.endswith(".") and each.number > 0 for each in every)
