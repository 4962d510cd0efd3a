"""Whatever is changed behind the program's back in issued documents, the books or the stock is found, every time."""

import random
from collections import Counter
from typing import Any, Final

import psycopg
import pytest

from duka.verify import runner
from duka.verify.invariants import Look
from tests.verify.tampering import Tamperer
from tests.world import Shop

SEED: Final = 20261121


@pytest.mark.slow
@pytest.mark.parametrize("strikes", [200, pytest.param(10_000, marks=pytest.mark.release)])
def test_every_tampering_is_found(busy: Shop, forger: psycopg.Connection[Any], strikes: int) -> None:
    luck = random.Random(SEED + strikes)
    look = Look(forger, busy.shop_id, busy.house.signer)
    tamperer = Tamperer(forger, busy.shop_id, luck)
    missed, kinds = [], Counter[str]()
    while kinds.total() < strikes:
        with forger.transaction(force_rollback=True):
            struck = tamperer.strike()
            if struck is None:
                continue
            kinds[struck.split()[0]] += 1
            if not runner.breaches_of(runner.examine(look)):
                missed.append(struck)
    assert missed == []
    assert set(kinds) == {"flip", "swap", "delete", "cut"}
