"""To set the level at which a location's stock of a variant is low."""

from typing import Any, Final
from uuid import UUID

from duka.platform import audit
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound, StaleVersion, VersionRequired
from duka.platform.reads import Reads
from duka.stock import queries

_PLACE: Final = """
SELECT b.min_stock_milli, coalesce(b.version, 1) AS version FROM variants v
JOIN locations l ON l.shop_id = v.shop_id AND l.id = %(location)s
    AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
LEFT JOIN stock_balances b ON b.shop_id = v.shop_id AND b.variant_id = v.id AND b.location_id = l.id
WHERE v.shop_id = %(shop)s AND v.id = %(variant)s AND v.deleted_at IS NULL
"""

_SET: Final = """
INSERT INTO stock_balances AS b (shop_id, variant_id, location_id, quantity_milli, min_stock_milli, version)
VALUES (%(shop)s, %(variant)s, %(location)s, 0, %(level)s, 2)
ON CONFLICT (shop_id, variant_id, location_id)
DO UPDATE SET min_stock_milli = excluded.min_stock_milli, version = b.version + 1 WHERE b.version = %(version)s
RETURNING version
"""


async def set_level(ctx: Ctx, variant_id: UUID, location_id: UUID, level_milli: int | None, version: int | None) -> Any:
    """Warn at a level of its own here, or (None) at the product's. Gives the line of `queries.balances`.

    Where the variant never stood its version is 1. NotFound, VersionRequired, StaleVersion.
    """
    if version is None:
        raise VersionRequired
    place = {"variant": variant_id, "location": location_id, "branch": ctx.branch_id}
    reads = Reads(ctx)
    reads.ask("before", _PLACE, **place)
    before = (await reads.send())["before"]
    if not before:
        raise NotFound(what="stock")
    written = None
    if before[0]["version"] == version:
        written = await fetch(ctx, _SET, {**place, "level": level_milli, "version": version})
    if not written:
        raise StaleVersion(current_version=before[0]["version"])
    change = {"location_id": location_id, "min_stock_milli": level_milli}
    was = {"location_id": location_id, "min_stock_milli": before[0]["min_stock_milli"]}
    audit.record(ctx, "update", "stock_level", variant_id, before=was, after=change)
    return await queries.balance(ctx, variant_id, location_id)
