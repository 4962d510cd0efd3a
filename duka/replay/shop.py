"""The shop the past is sold in: founded once, its goods put on sale, its customers known by their old numbers."""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from duka.catalog import furnishing as catalog
from duka.catalog.actions.products import NewProduct, NewVariant, add_products
from duka.customers import actions as customers
from duka.customers.schemas import CustomerIn
from duka.ledger import furnishing as ledger
from duka.platform.context import Caller, Ctx
from duka.platform.db import Database, fetch
from duka.platform.errors import DukaError
from duka.platform.ids import new_id
from duka.purchasing.actions import suppliers
from duka.purchasing.schemas import SupplierIn
from duka.replay.bodies import METHOD, Goods
from duka.replay.online_retail import Document
from duka.shops import entry, founding
from duka.shops.auth import passwords
from duka.shops.models import Account

SLUG: Final = "online-retail"
CALLER: Final = Caller(request_id="import", user_agent="duka import")
TAX_CLASS: Final = "Zero-rated"
"""The files tell no tax, so what they say was paid is taken as it stands."""

SERVICES: Final = frozenset({"POST", "DOT", "C2", "M", "m", "D", "S", "B", "CRUK", "AMAZONFEE", "BANK CHARGES"})
"""Codes that are no goods: postage, carriage, entries by hand, discounts, samples, donations, fees."""

_BATCH: Final = 500


def owner_login(slug: str) -> str:
    """Give the e-mail that the owner of an imported shop logs in with. Nobody can be reached by it (RFC 2606)."""
    return f"owner@{slug}.example"


@dataclass(eq=False)
class ShopStands(DukaError):
    """The shop was made by an earlier import."""

    text: ClassVar[str] = "The shop {slug} stands already. Go on importing into it with --again."
    slug: str


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop, and who owns it. `password` is told once, by the import that made the shop."""

    database: Database
    shop_id: UUID
    owner_id: UUID
    password: str | None = None

    @asynccontextmanager
    async def at(self, moment: datetime) -> AsyncIterator[Ctx]:
        """A transaction of the owner's at a moment of the past, committed when the block ends well."""
        async with self.database.session() as db:
            ctx = await entry.open_shop_for_system(db, self.shop_id, moment)
            ctx.staff_id, ctx.caller = self.owner_id, CALLER
            yield ctx
            await db.commit()


async def enter(database: Database, slug: str, now: datetime, *, again: bool) -> Shop:
    """Found the shop, or enter the one that an earlier import made. ShopStands unless `again`."""
    async with database.session("platform") as db:
        known = await _known(db, slug)
        if known is None:
            return await _found(database, db, slug, now)
    if not again:
        raise ShopStands(slug)
    async with database.session() as db:
        ctx = await entry.open_shop_for_system(db, known, now)
        (owner,) = await fetch(ctx, _OWNER, {})
    return Shop(database, known, owner.id)


_OWNER: Final = """
SELECT s.id FROM staff s JOIN roles r ON r.shop_id = s.shop_id AND r.id = s.role_id
WHERE s.shop_id = %(shop)s AND r.preset = 'owner' ORDER BY s.id LIMIT 1
"""


async def _known(db: AsyncSession, slug: str) -> UUID | None:
    found = await db.execute(text("SELECT shop_id FROM shop_directory WHERE slug = :slug"), {"slug": slug})
    known: UUID | None = found.scalar_one_or_none()
    return known


async def _found(database: Database, db: AsyncSession, slug: str, now: datetime) -> Shop:
    password = secrets.token_urlsafe(12)
    account = Account(
        id=new_id(), name="Owner", phone=None, email=owner_login(slug),
        password_hash=await passwords.make_hash(password), created_at=now,
    )  # fmt: skip
    db.add(account)
    await db.flush()
    details = founding.ShopDetails(
        name="Online Retail", slug=slug, kind="gifts", country="GB", currency="GBP", time_zone="Europe/London",
        settings={"negative_stock": True, "payment_methods": ["cash", "card", "bank_transfer", METHOD],
                  "financial_year_month": 4},
    )  # fmt: skip
    ctx = await founding.found(db, details, account.id, account.name, CALLER, now)
    await catalog.furnish(ctx, details.country)
    await ledger.open_books(ctx)
    await db.commit()
    assert ctx.staff_id
    return Shop(database, ctx.shop_id, ctx.staff_id, password)


_GOODS: Final = """
SELECT p.external_ref AS code, p.id AS product_id, v.id AS variant_id
FROM products p JOIN variants v ON v.shop_id = p.shop_id AND v.product_id = p.id
WHERE p.shop_id = %(shop)s AND p.external_ref IS NOT NULL AND p.deleted_at IS NULL AND v.deleted_at IS NULL
ORDER BY v.id DESC
"""
_TAX_CLASS: Final = "SELECT id FROM tax_classes WHERE shop_id = %(shop)s AND name = %(name)s"


async def stock_shelves(
    shop: Shop, since: datetime, names: Mapping[str, str], prices: Mapping[str, int]
) -> dict[str, Goods]:
    """Put on sale what is not yet, each code a product, from the moment on of the first document. Prices in pence.
    Gives all products that have an old code, by it."""
    async with shop.at(since) as ctx:
        goods = await _goods(ctx)
        (tax_class,) = await fetch(ctx, _TAX_CLASS, {"name": TAX_CLASS})
    new = [
        NewProduct(
            name=names[code], variants=[NewVariant(price, sku=code)], tax_class_id=tax_class.id, external_ref=code,
            kind="service" if code in SERVICES else "goods", min_stock_milli=0,
        )
        for code, price in prices.items()
        if code not in goods
    ]  # fmt: skip
    for start in range(0, len(new), _BATCH):
        async with shop.at(since) as ctx:
            await add_products(ctx, new[start : start + _BATCH])
    async with shop.at(since) as ctx:
        return await _goods(ctx)


async def _goods(ctx: Ctx) -> dict[str, Goods]:
    return {row.code: Goods(row.product_id, row.variant_id) for row in await fetch(ctx, _GOODS, {})}


_SUPPLIER: Final = "SELECT id FROM suppliers WHERE shop_id = %(shop)s AND external_ref = %(ref)s"


async def know_supplier(shop: Shop, since: datetime) -> UUID:
    """Give the one supplier from whom everything is taken to have come: the files name nobody."""
    async with shop.at(since) as ctx:
        known = await fetch(ctx, _SUPPLIER, {"ref": SLUG})
        if known:
            return UUID(str(known[0].id))
        wanted = SupplierIn(name="Suppliers of the past", external_ref=SLUG, notes="Inferred from what was sold.")
        return (await suppliers.add(ctx, wanted)).supplier.id


_CUSTOMERS: Final = "SELECT external_ref, id FROM customers WHERE shop_id = %(shop)s AND external_ref IS NOT NULL"


async def greet(shop: Shop, documents: Sequence[Document]) -> dict[str, UUID]:
    """Register the customers who are not yet, each at their first document. Gives all by their old number."""
    async with shop.at(documents[0].at) as ctx:
        known: dict[str, UUID] = {row.external_ref: row.id for row in await fetch(ctx, _CUSTOMERS, {})}
    first_seen: dict[str, Document] = {}
    for document in documents:
        if document.customer_ref and document.customer_ref not in known:
            first_seen.setdefault(document.customer_ref, document)
    new = list(first_seen.items())
    for start in range(0, len(new), _BATCH):
        async with shop.at(documents[0].at) as ctx:
            # Their audit entries and events are sent together at the end, not one by one.
            with ctx.db.no_autoflush:
                for ref, document in new[start : start + _BATCH]:
                    ctx.now = document.at
                    wanted = CustomerIn(name=f"Customer {ref}", address=document.country, external_ref=ref)
                    known[ref] = (await customers.register(ctx, wanted)).customer.id
    return known
