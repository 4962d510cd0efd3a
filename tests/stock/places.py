"""Asking about stock over HTTP, in a shop of two branches."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from duka.platform.ids import new_id
from duka.stock import actions as stock
from duka.stock.schemas import AdjustIn
from tests import world
from tests.stock.goods import Ware, put_on_the_shelf
from tests.stock.test_adjusting import second_branch
from tests.world import Person, Shop

Json = dict[str, Any]


@dataclass(slots=True)
class TwoBranches:
    """A shop with a branch in town and one on the market, a keeper of stock in each, and ten cables in town."""

    shop: Shop
    client: httpx2.AsyncClient
    market_id: UUID
    market_showroom_id: UUID
    town: Person
    market: Person
    cable: Ware

    async def ask(
        self, method: str, path: str, body: Any = None, by: Person | None = None, **rest: Any
    ) -> httpx2.Response:
        """Ask anything, as the owner unless said otherwise."""
        headers = (by or self.shop.owner).headers
        return await self.client.request(method, f"/api/{path}", json=body, headers=headers, **rest)

    async def done(self, method: str, path: str, body: Any = None, by: Person | None = None) -> Any:
        """Ask for something that must succeed; give its data."""
        answer = await self.ask(method, path, body, by)
        assert answer.status_code < 300, answer.text
        return answer.json()["data"]

    async def refused(self, method: str, path: str, body: Any = None, by: Person | None = None) -> tuple[int, str]:
        """Ask for something that must be refused; give the status and the code."""
        answer = await self.ask(method, path, body, by)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["error"]["code"]

    def wanted(self, *lines: tuple[Ware, float], **more: Any) -> Json:
        """A transfer from town to the market."""
        return {
            "id": str(new_id()), "from_location_id": str(self.shop.showroom_id),
            "to_location_id": str(self.market_showroom_id),
            "lines": [{"variant_id": str(ware.variant_id), "quantity": quantity} for ware, quantity in lines], **more,
        }  # fmt: skip

    async def on_the_way(self, *lines: tuple[Ware, float]) -> Json:
        """A transfer that the market asked for, and that town approved and sent off."""
        asked = await self.done("POST", "transfers", self.wanted(*(lines or ((self.cable, 4),))), self.market)
        await self.done("POST", f"transfers/{asked['id']}/approve", by=self.town)
        sent: Json = await self.done("POST", f"transfers/{asked['id']}/dispatch", {}, self.town)
        return sent


async def two_branches(shop: Shop, client: httpx2.AsyncClient) -> TwoBranches:
    """Open the market's branch, hire a keeper for each, put ten cables of 3,000 into town's showroom."""
    market_id, showroom_id = await second_branch(shop)
    town = await world.hire(shop, "inventory_manager", branch_id=shop.branch_id)
    market = await world.hire(shop, "inventory_manager", branch_id=market_id)
    cable = await put_on_the_shelf_in_town(shop, "Cable", 10)
    return TwoBranches(shop, client, market_id, showroom_id, town, market, cable)


async def put_on_the_shelf_in_town(shop: Shop, name: str, pieces: float) -> Ware:
    """New goods in the showroom of a shop that has two."""
    ware = await put_on_the_shelf(shop, name, 0)
    async with shop.as_() as ctx:
        body = {"quantity": pieces, "reason": "opening", "location_id": shop.showroom_id}
        await stock.adjust(ctx, ware.product_id, AdjustIn.model_validate(body))
    return ware
