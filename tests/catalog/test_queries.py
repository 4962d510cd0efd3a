"""What the till asks: prices and taxes as they were at a moment of business."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from duka.catalog import queries
from duka.catalog.models import Cost, Price, Product, TaxClass, TaxRate, Variant
from duka.platform.context import Ctx
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.reads import Reads
from tests.world import Shop, open_a_shop

MAY = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
async def cable(shop: Shop) -> UUID:
    """A cable at 5,000 from May and 6,000 from June, which cost 3,000 in May and 3,500 in June."""
    async with shop.as_() as ctx:
        vat = (await ctx.db.scalars(select(TaxClass).where(TaxClass.name == "VAT 18 %"))).one()
        dated = {"created_at": MAY, "updated_at": MAY}
        product = Product(shop_id=ctx.shop_id, id=new_id(), tax_class_id=vat.id, name="Cable", **dated)
        ctx.db.add(product)
        await ctx.db.flush()
        variant = Variant(shop_id=ctx.shop_id, id=new_id(), product_id=product.id, name="Cable", sku="CBL",
                          search="cable cbl", **dated)
        ctx.db.add(variant)
        await ctx.db.flush()
        of = {"shop_id": ctx.shop_id, "variant_id": variant.id}
        ctx.db.add_all([
            Price(**of, id=new_id(), price_minor=5000, tax_included=True, valid_from=MAY),
            Price(**of, id=new_id(), price_minor=6000, tax_included=False, valid_from=JUNE),
            Cost(**of, id=new_id(), cost_minor=3000, valid_from=MAY),
            Cost(**of, id=new_id(), cost_minor=3500, valid_from=JUNE),
            TaxRate(shop_id=ctx.shop_id, id=new_id(), tax_class_id=vat.id, kind="vat", code="VAT", rate_bp=2000,
                    valid_from=date(2026, 6, 1)),
        ])  # fmt: skip
    return variant.id


async def _price(ctx: Ctx, variant: UUID, at: datetime) -> Mapping[str, Any]:
    reads = Reads(ctx)
    queries.ask_prices(reads, [variant, variant], [], at, at.date())
    answers = await reads.send()
    (row,) = answers["prices"]
    return row


async def test_a_sale_of_may_bears_the_price_cost_and_tax_of_may(shop: Shop, cable: UUID) -> None:
    async with shop.asking() as ctx:
        may = await _price(ctx, cable, datetime(2026, 5, 31, 23, 59, tzinfo=UTC))
        june = await _price(ctx, cable, JUNE)
    assert (may["price_minor"], may["tax_included"], may["cost_minor"]) == (5000, True, 3000)
    assert (june["price_minor"], june["tax_included"], june["cost_minor"]) == (6000, False, 3500)
    assert [rate["rate_bp"] for rate in may["rates"]] == [1800]
    assert [(rate["rate_bp"], rate["valid_from"]) for rate in june["rates"]] == [
        (1800, "2005-07-01"), (2000, "2026-06-01"),
    ]  # fmt: skip
    assert may["variant_id"] == str(cable)
    assert (may["name"], may["unit"], may["kind"], may["tracking"]) == ("Cable", "piece", "goods", "quantity")
    assert (may["treatment"], may["active"], may["min_stock_milli"]) == ("taxed", True, 5000)


async def test_before_its_first_price_a_variant_has_none(shop: Shop, cable: UUID) -> None:
    async with shop.asking() as ctx:
        april = await _price(ctx, cable, datetime(2026, 4, 1, tzinfo=UTC))
    assert april["price_minor"] is None
    assert april["cost_minor"] is None


async def test_an_item_of_another_shop_is_unknown_here(shop: Shop, cable: UUID, house: House) -> None:
    neighbour = await open_a_shop(house)
    async with neighbour.asking() as ctx:
        reads = Reads(ctx)
        queries.ask_prices(reads, [cable, new_id()], [], JUNE, JUNE.date())
        assert (await reads.send())["prices"] == []


async def test_an_open_item_is_taxed_by_its_class(shop: Shop) -> None:
    async with shop.asking() as ctx:
        classes = (await ctx.db.scalars(select(TaxClass))).all()
        reads = Reads(ctx)
        queries.ask_prices(reads, [], [one.id for one in classes], JUNE, JUNE.date())
        answers = await reads.send()
    assert answers["prices"] == []
    assert {row["name"]: (row["treatment"], [rate["rate_bp"] for rate in row["rates"]]) for row in
            answers["tax_classes"]} == {
        "VAT 18 %": ("taxed", [1800]), "Zero-rated": ("zero", [0]), "No tax": ("exempt", []),
    }  # fmt: skip
