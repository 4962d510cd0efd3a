"""The command `duka verify`: what it prints and how it ends."""

import json
import os
import subprocess
import sys

import psycopg
import pytest

from duka.platform.postgres import Urls, libpq
from duka.verify import runner
from duka.verify.registry import OF_SCHEMA, OF_SHOP
from tests.verify.conftest import superuser
from tests.world import Shop, stock_up


def slug_of(shop: Shop, urls: Urls) -> str:
    """The shop's name in addresses."""
    with psycopg.connect(libpq(urls.app)) as connection:
        found = connection.execute("SELECT slug FROM shop_directory WHERE shop_id = %s", [shop.shop_id]).fetchone()
    assert found
    return str(found[0])


async def test_a_shop_in_order_is_said_line_by_line(shop: Shop, urls: Urls) -> None:
    await stock_up(shop, "cable")
    tallies = runner.verify(urls, shop.house.signer, slug_of(shop, urls))
    assert tallies is not None
    lines = runner.as_text(tallies, 1.26).splitlines()
    assert len(lines) == len(OF_SHOP) + 1
    assert any(line.startswith(" 11  hash_chain                   holds ") for line in lines)
    assert lines[-1] == f"All {len(OF_SHOP)} invariants hold; 1.3 s."


async def test_without_a_shop_all_of_them_and_the_walls_are_verified(shop: Shop, urls: Urls) -> None:
    tallies = runner.verify(urls, shop.house.signer, schema_only=True)
    assert tallies is not None
    assert [tally.invariant for tally in tallies] == list(OF_SCHEMA)
    assert runner.breaches_of(tallies) == []
    with runner.connect(urls.app) as connection:
        assert shop.shop_id in runner.shops_called(connection, None)


async def test_a_shop_that_is_not_there_is_said(shop: Shop, urls: Urls) -> None:
    assert runner.verify(urls, shop.house.signer, "nobody") is None


@pytest.mark.slow
@pytest.mark.breaks_invariants("a balance is forged", "stock_balances")
async def test_the_command_names_a_forged_balance_and_fails(shop: Shop) -> None:
    cable = await stock_up(shop, "cable")
    with superuser() as forger:
        forger.execute("UPDATE stock_balances SET quantity_milli = 9 WHERE shop_id = %s", [shop.shop_id])
        forger.commit()
    words = ["--data", os.environ["DUKA_TEST_DATA"], "--shop", str(shop.shop_id).upper(), "--json"]
    command = [sys.executable, "-m", "duka.cli", "verify", *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1, ended.stderr
    said = json.loads(ended.stdout)
    assert said["holds"] is False
    (broken,) = [each for each in said["invariants"] if each["broken"]]
    assert (broken["name"], broken["number"]) == ("stock_balances", 3)
    assert broken["breaches"] == [{"shop_id": str(shop.shop_id), "facts": {
        "variant_id": str(cable), "location_id": str(shop.showroom_id), "balance_milli": 9, "moved_milli": 10_000,
    }}]  # fmt: skip
