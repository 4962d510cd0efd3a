"""What changes the list of what a supplier supplies."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete

from duka.platform import audit, versions
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound, StaleVersion, VersionRequired
from duka.purchasing import supplier_queries
from duka.purchasing.models import SupplierItem
from duka.purchasing.schemas import ItemEdit

_FIELDS: Final = {
    "supplier_code": "supplier_code", "pack_size": "pack_size_milli", "price": "price_minor", "preferred": "preferred",
}  # fmt: skip

# The variant's row is held, so that of two suppliers preferred at once the later one stays.
_BEFORE: Final = """
SELECT i.supplier_code, coalesce(i.pack_size_milli, 1000) AS pack_size_milli, i.price_minor, i.priced_on,
    coalesce(i.preferred, false) AS preferred, coalesce(i.version, 1) AS version
FROM variants v
LEFT JOIN supplier_items i ON i.shop_id = %(shop)s AND i.supplier_id = %(supplier)s AND i.variant_id = v.id
WHERE v.shop_id = %(shop)s AND v.id = %(variant)s AND v.deleted_at IS NULL FOR NO KEY UPDATE OF v
"""

_UNPREFER: Final = """
UPDATE supplier_items SET preferred = false, version = version + 1
WHERE shop_id = %(shop)s AND variant_id = %(variant)s AND supplier_id <> %(supplier)s AND preferred
RETURNING supplier_id
"""

_SET: Final = """
INSERT INTO supplier_items AS i (
    shop_id, supplier_id, variant_id, supplier_code, pack_size_milli, price_minor, priced_on, preferred, version
) VALUES (
    %(shop)s, %(supplier)s, %(variant)s, %(supplier_code)s, %(pack_size_milli)s, %(price_minor)s, %(priced_on)s,
    %(preferred)s, 2
)
ON CONFLICT (shop_id, supplier_id, variant_id) DO UPDATE SET supplier_code = excluded.supplier_code,
    pack_size_milli = excluded.pack_size_milli, price_minor = excluded.price_minor, priced_on = excluded.priced_on,
    preferred = excluded.preferred, version = i.version + 1
WHERE i.version = %(version)s
RETURNING version
"""


async def set_item(ctx: Ctx, supplier_id: UUID, variant_id: UUID, body: ItemEdit, version: int | None) -> Any:
    """Say how a supplier supplies a variant. Preferring it ends the preference of another supplier.

    Where the supplier did not supply it the version is 1. SupplierNotFound, NotFound, VersionRequired, StaleVersion;
    Forbidden for a price without `products:cost`.
    """
    if version is None:
        raise VersionRequired
    supplier = await supplier_queries.get(ctx, supplier_id, "suppliers:update")
    given = versions.given(body)
    if "price" in given:
        ctx.need("products:cost")
    place = {"supplier": supplier.id, "variant": variant_id}
    rows = await fetch(ctx, _BEFORE, place)
    if not rows:
        raise NotFound(what="variant")
    before = rows[0]._mapping
    if before["version"] != version:
        raise StaleVersion(current_version=before["version"])
    changes = {_FIELDS[name]: value for name, value in given.items()}
    new = {**before, "supplier_code": before["supplier_code"] or "", **changes, "version": version}
    if "price_minor" in changes:
        new["priced_on"] = ctx.today() if changes["price_minor"] is not None else None
    if new["preferred"]:
        await fetch(ctx, _UNPREFER, place)
    if not await fetch(ctx, _SET, {**place, **new}):
        raise StaleVersion(current_version=version)
    was = {name: before[name] for name in changes}
    audit.record(ctx, "update", "supplier_item", supplier.id, before={"variant_id": variant_id, **was},
                 after={"variant_id": variant_id, **changes})
    return await supplier_queries.item(ctx, supplier_id, variant_id)


async def drop_item(ctx: Ctx, supplier_id: UUID, variant_id: UUID) -> None:
    """Take a variant off a supplier's list. SupplierNotFound, NotFound where it is not on it."""
    supplier = await supplier_queries.get(ctx, supplier_id, "suppliers:update")
    gone = await ctx.db.scalars(
        delete(SupplierItem)
        .where(SupplierItem.supplier_id == supplier.id, SupplierItem.variant_id == variant_id)
        .returning(SupplierItem.variant_id)
    )
    if gone.one_or_none() is None:
        raise NotFound(what="item of this supplier")
    audit.record(ctx, "delete", "supplier_item", supplier.id, before={"variant_id": variant_id})
