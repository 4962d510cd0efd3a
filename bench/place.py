"""A server to measure: its own PostgreSQL in a temporary folder, Duka as real processes, shops with goods and people."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from duka import installation, migrations
from duka.catalog import furnishing as catalog_furnishing
from duka.catalog.models import Cost, Price, Product, TaxClass, Variant
from duka.ledger import furnishing as ledger_furnishing
from duka.main import make_house
from duka.platform import postgres
from duka.platform.context import Caller
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.settings import Settings
from duka.shops import founding
from duka.shops.models import Account, Branch, DeviceSession, Location, Register
from duka.shops.series import code_rows, document_codes
from duka.stock.models import Balance


@dataclass(frozen=True, slots=True)
class Seller:
    """One register of a shop with somebody logged in at it."""

    shop_id: UUID
    token: str
    register_id: UUID
    branch_id: UUID
    location_id: UUID
    account_id: UUID
    session_id: UUID
    staff_id: UUID
    variants: tuple[UUID, ...]
    tax_class_id: UUID


@dataclass(frozen=True, slots=True)
class Place:
    """A running PostgreSQL with an up-to-date schema."""

    folder: Path
    cluster: postgres.Cluster
    options: Settings

    def found(self) -> installation.Installation:
        """Give the installation that the processes will find."""
        return installation.find(self.options)


@contextmanager
def place() -> Iterator[Place]:
    """Start an empty server for one bench."""
    with tempfile.TemporaryDirectory(prefix="duka-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        options = Settings(
            data=folder, mode="production", requests_per_minute=10**9, deliveries_per_minute=10**9,
            auth_requests_per_minute=10**9,
        )  # fmt: skip
        cluster = postgres.Cluster(folder)
        cluster.start(say=lambda _text: None)
        try:
            migrations.bring_up_to_date(cluster.urls().owner)
            yield Place(folder, cluster, options)
        finally:
            cluster.stop()


@contextmanager
def serving(at: Place, *, port: int, workers: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run Duka's web processes on the place; ready when the block begins."""
    environment = os.environ | {
        "DUKA_DATA": str(at.folder), "DUKA_PORT": str(port), "DUKA_WORKERS": str(workers),
        "DUKA_REQUESTS_PER_MINUTE": "1000000000", "DUKA_AUTH_REQUESTS_PER_MINUTE": "1000000000",
        "DUKA_DELIVERIES_PER_MINUTE": "1000000000", "DUKA_LOG_LEVEL": "error",
    }  # fmt: skip
    command = [sys.executable, "-m", "duka.cli", "serve"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.1)
        yield server
    finally:
        server.terminate()
        server.wait(timeout=30)


async def sellers(at: Place, *, shops: int, registers: int, products: int = 300) -> list[Seller]:
    """Make shops with registers, a person at each, and goods in stock; give one seller a register."""
    found = at.found()
    house = make_house(found.options, found.urls, found.secret)
    try:
        return [seller for _ in range(shops) for seller in await _shop(house, registers, products)]
    finally:
        await house.database.close()


async def _shop(house: House, registers: int, products: int) -> list[Seller]:
    now = datetime.now(UTC)
    async with house.database.session("platform") as db:
        account = Account(id=new_id(), name="Owner", phone=None, email=f"{new_id()}@example.com", created_at=now)
        db.add(account)
        await db.flush()
        details = founding.ShopDetails(
            name="Bench", slug=f"bench-{new_id().hex}", kind="phones", country="UG", currency="UGX",
            time_zone="Africa/Kampala",
        )  # fmt: skip
        ctx = await founding.found(db, details, account.id, "Owner", Caller(), now)
        await catalog_furnishing.furnish(ctx, "UG")
        await ledger_furnishing.open_books(ctx)
        branch = (await db.scalars(select(Branch))).one()
        showroom = (await db.scalars(select(Location).where(Location.kind == "showroom"))).one()
        taxed = (await db.scalars(select(TaxClass).where(TaxClass.treatment == "taxed"))).one()
        variants = await _goods(ctx.db, ctx.shop_id, taxed.id, showroom.id, products, now)
        first = (await db.scalars(select(Register))).one()
        tills = [first.id]
        taken = {"S1", "S1C", "S1D"}
        for number in range(1, registers):
            code = f"B{number}"
            register = Register(
                shop_id=ctx.shop_id, id=new_id(), branch_id=branch.id, code=code, name=code, kind="server",
                created_at=now, updated_at=now,
            )  # fmt: skip
            codes = document_codes(code, taken)
            taken.update(codes.values())
            db.add(register)
            await db.flush()
            db.add_all(code_rows(ctx.shop_id, register.id, codes))
            tills.append(register.id)
        people = []
        for till in tills:
            session = DeviceSession(
                id=new_id(), account_id=account.id, device_id=new_id(), device_name="Bench", platform="bench",
                ip=None, user_agent=None, remember=False, created_at=now, last_seen_at=now,
                expires_at=now + timedelta(days=1),
            )  # fmt: skip
            db.add(session)
            people.append((till, session.id))
        await db.commit()
    assert ctx.staff_id
    return [
        Seller(
            ctx.shop_id, house.signer.sign(account.id, session, now), till, branch.id, showroom.id, account.id,
            session, ctx.staff_id, variants, taxed.id,
        )
        for till, session in people
    ]  # fmt: skip


async def _goods(db: Any, shop_id: UUID, tax_class_id: UUID, showroom_id: UUID, count: int, now: datetime) -> tuple[UUID, ...]:
    dated = {"created_at": now, "updated_at": now}
    since = now - timedelta(days=1)
    products = [
        {"shop_id": shop_id, "id": new_id(), "name": f"Item {n:05}", "tax_class_id": tax_class_id, "min_stock_milli": 5000}
        | dated
        for n in range(count)
    ]
    variants = [
        {
            "shop_id": shop_id, "id": new_id(), "product_id": product["id"], "name": product["name"],
            "sku": f"B{n:06}", "search": product["name"],
        } | dated
        for n, product in enumerate(products)
    ]  # fmt: skip
    await db.execute(insert(Product), products)
    await db.execute(insert(Variant), variants)
    await db.execute(insert(Price), [
        {"shop_id": shop_id, "id": new_id(), "variant_id": v["id"], "price_minor": 1180 + 100 * (n % 50),
         "tax_included": True, "valid_from": since} for n, v in enumerate(variants)
    ])  # fmt: skip
    await db.execute(insert(Cost), [
        {"shop_id": shop_id, "id": new_id(), "variant_id": v["id"], "cost_minor": 700, "valid_from": since}
        for v in variants
    ])  # fmt: skip
    await db.execute(insert(Balance), [
        {"shop_id": shop_id, "variant_id": v["id"], "location_id": showroom_id, "quantity_milli": 10**11} for v in variants
    ])  # fmt: skip
    return tuple(v["id"] for v in variants)


def run(main: Any) -> None:
    """Run a bench's coroutine."""
    asyncio.run(main)
