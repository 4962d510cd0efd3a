"""The people of the catalogue's stories."""

import httpx2
import pytest

from tests.catalog.till import Till
from tests.world import Shop


@pytest.fixture
def njeri(client: httpx2.AsyncClient, shop: Shop) -> Till:
    """The owner."""
    return Till(client, shop.owner)
