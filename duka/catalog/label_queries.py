"""What labels say of goods: names, codes and the price in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from duka.catalog.queries import IN_FORCE
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound

_LABELLED: Final = f"""
SELECT v.id, v.name, v.sku, v.barcode, price.price_minor
FROM variants v
{IN_FORCE}WHERE v.shop_id = %(shop)s AND v.deleted_at IS NULL AND v.id = ANY(%(variants)s::uuid[])
"""  # noqa: S608 - no outside text


@dataclass(frozen=True, slots=True)
class Labelled:
    """A variant as a label shows it; without a price where none is in force yet."""

    id: UUID
    name: str
    sku: str
    barcode: str | None
    price_minor: int | None


async def labelled(ctx: Ctx, variant_ids: Sequence[UUID]) -> dict[UUID, Labelled]:
    """Give what labels of these variants say. NotFound where one is not there."""
    rows = await fetch(ctx, _LABELLED, {"variants": list(variant_ids), "at": ctx.now})
    found = {row.id: Labelled(**row._asdict()) for row in rows}
    if not found.keys() >= set(variant_ids):
        raise NotFound(what="variant")
    return found
