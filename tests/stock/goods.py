"""Goods of the tests' shop, on the shelf the way the product puts them there."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from duka.catalog.models import Cost, Product, TaxClass, Variant
from duka.platform.ids import new_id
from duka.stock import actions as stock
from duka.stock.models import Balance, Movement
from duka.stock.schemas import AdjustIn
from tests.world import Shop


@dataclass(frozen=True, slots=True)
class Ware:
    """A simple product and its variant."""

    product_id: UUID
    variant_id: UUID


async def put_on_the_shelf(
    shop: Shop, name: str, pieces: float, *, cost_minor: int | None = 3000, **product: object
) -> Ware:
    """A new product of which some pieces stand in the showroom, cost and opening stock booked."""
    ware = await invent(shop, name, cost_minor=cost_minor, **product)
    if pieces:
        async with shop.as_() as ctx:
            asked = AdjustIn.model_validate({"quantity": pieces, "reason": "opening"})
            await stock.adjust(ctx, ware.product_id, asked)
    return ware


async def invent(shop: Shop, name: str, *, cost_minor: int | None = 3000, **product: object) -> Ware:
    """A new product that never stood anywhere."""
    async with shop.as_() as ctx:
        tax = (await ctx.db.scalars(select(TaxClass).where(TaxClass.name == "VAT 18 %"))).one()
        dated = {"created_at": ctx.now, "updated_at": ctx.now}
        of = {"shop_id": ctx.shop_id}
        made = Product(**of, id=new_id(), tax_class_id=tax.id, name=name, **dated, **product)
        ctx.db.add(made)
        await ctx.db.flush()
    variant = await add_variant(shop, made.id, name, cost_minor=cost_minor)
    return Ware(made.id, variant)


async def add_variant(shop: Shop, product_id: UUID, name: str, *, cost_minor: int | None = 3000) -> UUID:
    """One more variant of a product."""
    async with shop.as_() as ctx:
        of = {"shop_id": ctx.shop_id}
        variant = Variant(
            **of, id=new_id(), product_id=product_id, name=name, sku=name.upper(), search=name.lower(),
            created_at=ctx.now, updated_at=ctx.now,
        )  # fmt: skip
        ctx.db.add(variant)
        await ctx.db.flush()
        if cost_minor is not None:
            ctx.db.add(Cost(**of, id=new_id(), variant_id=variant.id, cost_minor=cost_minor, valid_from=ctx.now))
    return variant.id


async def held(shop: Shop, variant_id: UUID, location_id: UUID | None = None) -> int:
    """How many thousandths the books say stand at a location (the showroom)."""
    async with shop.asking() as ctx:
        place = location_id or shop.showroom_id
        balance = await ctx.db.scalar(
            select(Balance.quantity_milli).where(Balance.variant_id == variant_id, Balance.location_id == place)
        )
        moved = await ctx.db.scalars(
            select(Movement.quantity_milli).where(Movement.variant_id == variant_id, Movement.location_id == place)
        )
        assert (balance or 0) == sum(moved), "a balance is the sum of its movements"
        return balance or 0
