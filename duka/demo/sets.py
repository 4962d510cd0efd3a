"""Sets in the example shop: a phone with cover and glass, sold as one, and gift boxes that are packed beforehand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from duka.catalog.actions.composing import compose
from duka.catalog.actions.products import Added, NewProduct, NewVariant, add_product
from duka.demo.stage import Item, Place, Stage, ask, id_at, read
from duka.platform.context import Ctx
from duka.sales.actions.sell import sell
from duka.sales.schemas import SaleIn
from duka.stock.actions.assembling import assemble
from duka.stock.assembly.schemas import AssemblyIn

_COVER_MINOR: Final = 15_000
_GLASS_MINOR: Final = 10_000
_OFF_MINOR: Final = 10_000
"""How much less a set costs than what is in it."""
_BOXES: Final = 4


@dataclass(frozen=True, slots=True)
class _Offer:
    """A set to put on sale: its name, what is in one, and whether it is packed beforehand."""

    name: str
    made_of: tuple[Item, ...]
    packed: bool


async def offer(stage: Stage, now: datetime, *, place: Place) -> None:
    """Put the sets on sale, pack some boxes and sell a phone with its cover and glass, where the shelves have what is
    needed. Chance of its own leaves the rest of the story as it is."""
    rng = Random(21)  # noqa: S311 - the same shop each time is the point
    phone = _plenty(stage, place, "Smartphones", least=1)
    cover = _plenty(stage, place, "Covers and glass", _COVER_MINOR)
    glass = _plenty(stage, place, "Covers and glass", _GLASS_MINOR)
    earphones = _plenty(stage, place, "Audio")
    if not (phone and cover and glass and earphones):
        return
    kit = await _put_on_sale(stage, now, _Offer("Phone starter kit", (phone, cover, glass), packed=False))
    box = await _put_on_sale(stage, now, _Offer("Gift box: earphones and cover", (earphones, cover), packed=True))
    now += timedelta(minutes=2)
    packed = {
        "id": str(id_at(rng, now)), "variant_id": str(box), "quantity": _BOXES, "note": "For the weekend",
        "location_id": str(place.showroom_id),
    }  # fmt: skip
    await ask(stage, stage.storekeeper, now, packed, lambda ctx: assemble(ctx, read(AssemblyIn, ctx)))
    _take(place, (earphones, cover), _BOXES)
    if place.seller is not None:
        now += timedelta(minutes=3)
        price = sum(item.ware.price_minor for item in (phone, cover, glass)) - _OFF_MINOR
        sale = {
            "id": str(id_at(rng, now)), "register_id": str(place.register_id),
            "lines": [{"id": str(id_at(rng, now)), "variant_id": str(kit)}],
            "payments": [{"id": str(id_at(rng, now)), "method": "mtn_momo", "amount": price}],
        }  # fmt: skip
        await ask(stage, place.seller, now, sale, lambda ctx: sell(ctx, read(SaleIn, ctx)))
        _take(place, (phone, cover, glass), 1)


def _plenty(
    stage: Stage, place: Place, group: str, price_minor: int | None = None, *, least: int = 2 * _BOXES
) -> Item | None:  # fmt: skip
    """Find what there is most of, in a group and at a price: at least so many pieces."""
    things = [
        item for item in stage.items
        if item.group == group and price_minor in (None, item.ware.price_minor)
        and place.left[item.variant_id] >= least * 1000
    ]  # fmt: skip
    return max(things, key=lambda item: (place.left[item.variant_id], item.ware.sku), default=None)


def _take(place: Place, items: tuple[Item, ...], sets: int) -> None:
    for item in items:
        place.left[item.variant_id] -= sets * 1000


async def _put_on_sale(stage: Stage, now: datetime, offered: _Offer) -> UUID:
    price = sum(item.ware.price_minor for item in offered.made_of) - _OFF_MINOR
    product = NewProduct(
        offered.name, [NewVariant(price, tax_included=True)], tracking="quantity" if offered.packed else "none",
        min_stock_milli=0, favourite=True,
    )  # fmt: skip

    async def put(ctx: Ctx) -> Added:
        added = await add_product(ctx, product)
        made_of = [(item.variant_id, 1000) for item in offered.made_of]
        await compose(ctx, added.product_id, added.variant_ids[0], made_of, 1)
        return added

    return (await ask(stage, stage.owner, now, {}, put)).variant_ids[0]
