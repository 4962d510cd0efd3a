"""The world the tests live in: a shop by name, its people, its goods; everything made the way the product makes it."""

import itertools
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from duka.catalog import furnishing as catalog_furnishing
from duka.catalog.models import Cost, Price, Product, TaxClass, Variant
from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.ledger import furnishing as ledger_furnishing
from duka.ledger.actions import Entry
from duka.platform import audit
from duka.platform.context import Caller, Ctx
from duka.platform.db import bind_shop
from duka.platform.edge import House
from duka.platform.identity import SessionBearer
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry
from duka.platform.money import divide_half_up
from duka.platform.writes import Writes
from duka.shops import entry, founding
from duka.shops.models import Account, Branch, DeviceSession, Location, Membership, Register, Role, Staff
from duka.stock import actions as stock
from duka.stock.actions import Goods, Source
from duka.stock.models import Adjustment

_numbers = itertools.count(random.Random(os.getpid()).randrange(10**6) * 1000)


opened: list["Shop"] = []
"""The shops of the test that runs: what always holds is verified in each of them when it ends."""


def fresh_phone() -> str:
    """A Ugandan number nobody else in this run has."""
    return f"+2567{next(_numbers) % 10**8:08d}"


@dataclass(slots=True)
class Person:
    """Somebody who works in the shop, logged in."""

    account_id: UUID
    session_id: UUID
    staff_id: UUID
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What their requests carry."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(slots=True)
class Shop:
    """A shop of the tests: ids of what it has, and a way in for each of its people."""

    house: House
    shop_id: UUID
    owner: Person
    branch_id: UUID
    showroom_id: UUID
    register_id: UUID
    people: dict[str, Person] = field(default_factory=dict)

    @asynccontextmanager
    async def as_(self, person: Person | None = None, **changes: Any) -> AsyncIterator[Ctx]:
        """A transaction of one of its people (the owner by default), committed when the block ends well."""
        who = person or self.owner
        async with self.house.database.session("platform") as db:
            bearer = SessionBearer(who.account_id, who.session_id)
            ctx = await entry.open_shop(db, bearer, self.shop_id, Caller(request_id="test"), datetime.now(UTC))
            for name, value in changes.items():
                setattr(ctx, name, value)
            yield ctx
            await db.commit()

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Ctx]:
        """A read-only look at the shop's rows, as the owner."""
        async with self.as_() as ctx:
            yield ctx


async def open_a_shop(house: House, *, country: str = "UG", currency: str = "UGX", time_zone: str = "Africa/Kampala",
                      state_code: str | None = None, **settings: Any) -> Shop:
    """Found a shop with its owner logged in."""
    now = datetime.now(UTC)
    async with house.database.session("platform") as db:
        account = _account("Njeri", now)
        db.add(account)
        await db.flush()
        details = founding.ShopDetails(
            name="Njeri Phones", slug=f"njeri-{new_id().hex[-12:]}", kind="phones", country=country,
            currency=currency, time_zone=time_zone, state_code=state_code, settings=settings,
        )  # fmt: skip
        ctx = await founding.found(db, details, account.id, "Njeri", Caller(request_id="test"), now)
        await catalog_furnishing.furnish(ctx, country)
        await ledger_furnishing.open_books(ctx)
        session = _session(account.id, now)
        db.add(session)
        branch = (await db.scalars(select(Branch))).one()
        showroom = (await db.scalars(select(Location).where(Location.kind == "showroom"))).one()
        register = (await db.scalars(select(Register))).one()
        await db.commit()
    assert ctx.staff_id
    owner = Person(account.id, session.id, ctx.staff_id, house.signer.sign(account.id, session.id, now))
    shop = Shop(house, ctx.shop_id, owner, branch.id, showroom.id, register.id, {"owner": owner})
    opened.append(shop)
    return shop


async def hire(shop: Shop, preset: str, *, branch_id: UUID | None = None, name: str | None = None) -> Person:
    """Give the shop a member of staff with a preset role, logged in."""
    now = datetime.now(UTC)
    async with shop.house.database.session("platform") as db:
        await db.execute(text("SELECT enter_shop(:shop)"), {"shop": shop.shop_id})
        bind_shop(db, shop.shop_id)
        account = _account(name or preset, now)
        role = (await db.scalars(select(Role).where(Role.shop_id == shop.shop_id, Role.preset == preset))).one()
        staff = Staff(shop_id=shop.shop_id, id=new_id(), account_id=account.id, name=account.name, role_id=role.id,
                      branch_id=branch_id, status="active", created_at=now, updated_at=now)
        db.add(account)
        await db.flush()
        session = _session(account.id, now)
        db.add_all([staff, session, Membership(account_id=account.id, shop_id=shop.shop_id, staff_id=staff.id)])
        await db.commit()
    person = Person(account.id, session.id, staff.id, shop.house.signer.sign(account.id, session.id, now))
    shop.people[preset] = person
    return person


def _account(name: str, now: datetime) -> Account:
    return Account(id=new_id(), name=name, phone=fresh_phone(), email=None, password_hash=None, created_at=now)


def _session(account_id: UUID, now: datetime) -> DeviceSession:
    return DeviceSession(
        id=new_id(), account_id=account_id, device_id=new_id(), device_name="Test phone", platform="test", ip=None,
        user_agent=None, remember=False, created_at=now, last_seen_at=now, expires_at=now + timedelta(days=7),
    )  # fmt: skip


async def stock_up(shop: Shop, name: str, *, price_minor: int = 1000, quantity_milli: int = 10_000,
                   cost_minor: int = 600, tax_class: str = "No tax", tax_included: bool = True,
                   min_stock_milli: int = 0) -> UUID:
    """Give the shop a product with some of it in the showroom; give its variant's id."""
    async with shop.as_() as ctx:
        classes = {row.name: row for row in (await ctx.db.scalars(select(TaxClass))).all()}
        dated = {"created_at": ctx.now, "updated_at": ctx.now}
        product = Product(
            shop_id=shop.shop_id, id=new_id(), name=name, tax_class_id=classes[tax_class].id,
            min_stock_milli=min_stock_milli, **dated,
        )  # fmt: skip
        ctx.db.add(product)
        await ctx.db.flush()
        variant = Variant(
            shop_id=shop.shop_id, id=new_id(), product_id=product.id, name=name, sku=f"{name}-{new_id().hex[-8:]}",
            search=name.lower(), **dated,
        )  # fmt: skip
        ctx.db.add(variant)
        await ctx.db.flush()
        since = ctx.now - timedelta(days=1)
        ctx.db.add_all([
            Price(shop_id=shop.shop_id, id=new_id(), variant_id=variant.id, price_minor=price_minor,
                  tax_included=tax_included, valid_from=since),
            Cost(shop_id=shop.shop_id, id=new_id(), variant_id=variant.id, cost_minor=cost_minor, valid_from=since),
        ])  # fmt: skip
        await ctx.db.flush()
        if quantity_milli:
            writes = Writes(ctx)
            adjustment = new_id()
            goods = Goods(variant.id, quantity_milli, cost_minor, adjustment)
            source = Source("opening", adjustment, ctx.today(), ctx.staff_id, "opening", document="adjustment")
            stock.put_back(writes, [(goods, shop.showroom_id)], source)
            writes.insert(Adjustment, [{
                "id": adjustment, "variant_id": variant.id, "location_id": shop.showroom_id,
                "quantity_milli": quantity_milli, "unit_cost_minor": cost_minor, "reason": "opening", "note": "",
                "staff_id": ctx.staff_id, "business_date": ctx.today(), "at": ctx.now, "body_hash": bytes(32),
            }])  # fmt: skip
            value = divide_half_up(quantity_milli * cost_minor, 1000)
            ledger.post(writes, [Entry(chart.STOCK, chart.OPENING_EQUITY, value)], source="adjustment",
                        source_id=adjustment, business_date=ctx.today())
            writes.insert(AuditEntry, [audit.entry(ctx, "adjust", "stock_adjustment", adjustment, reason="opening")])
            assert (await writes.send()).written
        return variant.id
