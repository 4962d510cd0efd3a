"""What the stories of selling begin with."""


import httpx2
import pytest

from tests.sales.device import Device, Item, a_device
from tests.world import Shop, stock_up


@pytest.fixture
async def device(shop: Shop, client: httpx2.AsyncClient) -> Device:
    """A device with a till in Njeri's shop."""
    return await a_device(shop, client)


@pytest.fixture
async def cable(shop: Shop) -> Item:
    """Ten cables at 1,000 each."""
    return Item(await stock_up(shop, "cable"))
