"""Each of the two walls between shops holds alone: with one taken down, nothing of the neighbours can be touched.

Every operation, also those that change something, is asked for another shop's things, in its address, its body and its
filters: it must answer as it does for a thing that never was.
"""

import httpx2
import pytest

from duka.shops.permissions import PERMISSIONS
from tests.access.checks import Neighbours, Prepared, compare_addresses, compare_bodies, compare_filters
from tests.access.operations import Json

pytestmark = pytest.mark.slow


async def test_with_row_level_security_bypassed_nothing_of_the_neighbours_is_touched(
    prepared: list[Prepared], neighbours: Neighbours, only_the_filter: httpx2.AsyncClient, schemas: Json
) -> None:
    headers = neighbours.ours.shop.owner.headers
    assert (await compare_addresses(prepared, neighbours, only_the_filter, headers, PERMISSIONS)).unlike == []
    assert (await compare_bodies(prepared, neighbours, only_the_filter, schemas)).unlike == []
    assert (await compare_filters(prepared, neighbours, only_the_filter)).unlike == []


async def test_with_the_filter_off_nothing_of_the_neighbours_is_touched(
    prepared: list[Prepared], neighbours: Neighbours, only_the_database: httpx2.AsyncClient, schemas: Json
) -> None:
    headers = neighbours.ours.shop.owner.headers
    assert (await compare_addresses(prepared, neighbours, only_the_database, headers, PERMISSIONS)).unlike == []
    assert (await compare_bodies(prepared, neighbours, only_the_database, schemas)).unlike == []
    assert (await compare_filters(prepared, neighbours, only_the_database)).unlike == []
