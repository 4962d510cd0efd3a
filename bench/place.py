"""A server to measure: its own PostgreSQL in a temporary folder, real Duka processes, shops with goods and people."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum import ean

from duka import installation, migrations
from duka.catalog import furnishing as catalog_furnishing
from duka.catalog.models import Cost, Price, Product, TaxClass, Variant
from duka.ledger import chart
from duka.ledger import furnishing as ledger_furnishing
from duka.ledger.models import Posting
from duka.main import make_house
from duka.platform import audit, postgres
from duka.platform.context import Caller, Ctx
from duka.platform.edge import House
from duka.platform.identity import Signer
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry
from duka.platform.postgres import libpq
from duka.platform.settings import Settings
from duka.shops import founding
from duka.shops.models import (
    Account,
    Branch,
    DeviceSession,
    Location,
    Membership,
    Register,
    RegisterCode,
    Role,
    Staff,
)
from duka.shops.series import code_rows, document_codes
from duka.stock.models import Adjustment, Balance, Movement
from duka.stock.rules import value_minor

Row = dict[str, Any]

_STOCK_MILLI: Final = 10**11
_COST_MINOR: Final = 700


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
    words = at.folder / "duka.log"
    with words.open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        await_ready(port, server, words)
        yield server
    finally:
        server.terminate()
        server.wait(timeout=30)


def await_ready(port: int, server: subprocess.Popen[bytes], words: Path) -> None:
    """Wait until a server answers that it is ready. TimeoutError with its last words when it ends or takes too long."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    tail = words.read_text(errors="replace")[-4000:]
    raise TimeoutError(f"the server on port {port} is not ready (exit code {server.poll()}); it says:\n{tail}")


async def sellers(at: Place, *, shops: int, registers: int, products: int = 300) -> list[Seller]:
    """Make shops with registers, a person logged in at each, and goods in stock; give one seller a register.

    The first person of a shop is its owner, the others are its staff. Tokens last 15 minutes: see `log_in`.
    """
    found = at.found()
    house = make_house(found.options, found.urls, found.secret)
    try:
        made = [seller for _ in range(shops) for seller in await _shop(house, registers, products)]
    finally:
        await house.database.close()
    return log_in(at, made)


def log_in(at: Place, sellers: Sequence[Seller]) -> list[Seller]:
    """Give the sellers new tokens, good for the next 15 minutes."""
    signer, now = Signer(at.found().secret), datetime.now(UTC)
    return [replace(each, token=signer.sign(each.account_id, each.session_id, now)) for each in sellers]


async def quiet(at: Place) -> None:
    """Wait until every event has its place, so that one round leaves no work to the next."""
    with psycopg.connect(libpq(at.cluster.superuser_url("duka")), autocommit=True) as connection:
        for _ in range(600):
            waiting = connection.execute("SELECT 1 FROM outbox WHERE position IS NULL LIMIT 1").fetchone()
            if waiting is None:
                return
            await asyncio.sleep(0.1)
    raise TimeoutError("events still wait for their place after a minute")


async def _shop(house: House, registers: int, products: int) -> list[Seller]:
    now = datetime.now(UTC)
    async with house.database.session("platform") as db:
        account = await _account(db, "Owner", now)
        details = founding.ShopDetails(
            name="Bench", slug=f"bench-{new_id().hex}", kind="phones", country="UG", currency="UGX",
            time_zone="Africa/Kampala",
        )  # fmt: skip
        ctx = await founding.found(db, details, account.id, "Owner", Caller(), now)
        await catalog_furnishing.furnish(ctx, "UG")
        await ledger_furnishing.open_books(ctx)
        assert ctx.staff_id
        branch = (await db.scalars(select(Branch))).one()
        showroom = (await db.scalars(select(Location).where(Location.kind == "showroom"))).one()
        taxed = (await db.scalars(select(TaxClass).where(TaxClass.treatment == "taxed"))).one()
        variants = await _goods(ctx, taxed.id, showroom.id, products)
        tills = await _tills(ctx, branch.id, registers)
        people = [(account.id, ctx.staff_id)] + [await _hire(ctx, branch.id) for _ in tills[1:]]
        sessions = [await _session(ctx, account_id) for account_id, _ in people]
        await db.commit()
    return [
        Seller(
            ctx.shop_id, "", till, branch.id, showroom.id, account_id, session_id, staff_id, variants, taxed.id
        )
        for till, (account_id, staff_id), session_id in zip(tills, people, sessions, strict=True)
    ]


async def _account(db: AsyncSession, name: str, now: datetime) -> Account:
    account = Account(id=new_id(), name=name, phone=None, email=f"{new_id()}@example.com", created_at=now)
    db.add(account)
    await db.flush()
    return account


async def _tills(ctx: Ctx, branch_id: UUID, count: int) -> list[UUID]:
    """Add registers to the one a shop is founded with, up to `count` in all."""
    tills = [(await ctx.db.scalars(select(Register))).one().id]
    taken = set((await ctx.db.scalars(select(RegisterCode.code))).all())
    for number in range(1, count):
        code = f"B{number}"
        register = Register(
            shop_id=ctx.shop_id, id=new_id(), branch_id=branch_id, code=code, name=code, kind="server",
            created_at=ctx.now, updated_at=ctx.now,
        )  # fmt: skip
        codes = document_codes(code, taken)
        taken.update(codes.values())
        ctx.db.add(register)
        await ctx.db.flush()
        ctx.db.add_all(code_rows(ctx.shop_id, register.id, codes))
        tills.append(register.id)
    return tills


async def _hire(ctx: Ctx, branch_id: UUID) -> tuple[UUID, UUID]:
    """Add a member of the staff of a branch, with an account; give the ids of both."""
    account = await _account(ctx.db, "Staff", ctx.now)
    role = (await ctx.db.scalars(select(Role).where(Role.preset == "staff"))).one()
    member = Staff(
        shop_id=ctx.shop_id, id=new_id(), account_id=account.id, name="Staff", role_id=role.id, branch_id=branch_id,
        status="active", created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    ctx.db.add(member)
    await ctx.db.flush()
    ctx.db.add(Membership(account_id=account.id, shop_id=ctx.shop_id, staff_id=member.id))
    return account.id, member.id


async def _session(ctx: Ctx, account_id: UUID) -> UUID:
    session = DeviceSession(
        id=new_id(), account_id=account_id, device_id=new_id(), device_name="Bench", platform="bench", ip=None,
        user_agent=None, remember=False, created_at=ctx.now, last_seen_at=ctx.now,
        expires_at=ctx.now + timedelta(days=1),
    )  # fmt: skip
    ctx.db.add(session)
    await ctx.db.flush()
    return session.id


def barcode(number: int) -> str:
    """Give the barcode of a shop's n-th item, from the numbers that shops may give themselves."""
    digits = f"20{number:010}"
    return digits + str(ean.calc_check_digit(digits))


async def _goods(ctx: Ctx, tax_class_id: UUID, showroom_id: UUID, count: int) -> tuple[UUID, ...]:
    """Put goods on sale, priced long ago, and open their stock: more than a bench can sell."""
    owned: Row = {"shop_id": ctx.shop_id}
    dated: Row = {"created_at": ctx.now, "updated_at": ctx.now}
    since = ctx.now - timedelta(days=400)
    products: list[Row] = [
        {**owned, **dated, "id": new_id(), "name": f"Item {n:05}", "tax_class_id": tax_class_id,
         "min_stock_milli": 5000} for n in range(count)
    ]  # fmt: skip
    variants: list[Row] = [
        {**owned, **dated, "id": new_id(), "product_id": product["id"], "name": product["name"], "sku": f"B{n:06}",
         "barcode": barcode(n), "search": f"{product['name'].lower()} b{n:06} {barcode(n)}"}
        for n, product in enumerate(products)
    ]  # fmt: skip
    prices = [
        {**owned, "id": new_id(), "variant_id": v["id"], "price_minor": 1180 + 100 * (n % 50), "tax_included": True,
         "valid_from": since} for n, v in enumerate(variants)
    ]  # fmt: skip
    costs = [
        {**owned, "id": new_id(), "variant_id": v["id"], "cost_minor": _COST_MINOR, "valid_from": since}
        for v in variants
    ]  # fmt: skip
    for model, rows in ((Product, products), (Variant, variants), (Price, prices), (Cost, costs)):
        await ctx.db.execute(insert(model), rows)
    ids = tuple(v["id"] for v in variants)
    await _open_stock(ctx, showroom_id, ids)
    return ids


async def _open_stock(ctx: Ctx, showroom_id: UUID, variants: Sequence[UUID]) -> None:
    """Write what a correction with the reason `opening` writes, for many variants at once."""
    day, reason = ctx.today(), "opening"
    owned: Row = {"shop_id": ctx.shop_id, "at": ctx.now, "staff_id": ctx.staff_id}
    stands: list[Row] = [
        {"shop_id": ctx.shop_id, "variant_id": variant, "location_id": showroom_id, "quantity_milli": _STOCK_MILLI}
        for variant in variants
    ]
    papers: list[Row] = [
        {**owned, **place, "id": new_id(), "unit_cost_minor": _COST_MINOR, "reason": reason, "note": "",
         "business_date": day, "body_hash": bytes(32)} for place in stands
    ]  # fmt: skip
    moved = [
        {**owned, **place, "id": new_id(), "kind": reason, "unit_cost_minor": _COST_MINOR, "source": "adjustment",
         "source_id": paper["id"], "source_line_id": paper["id"], "reason": reason, "business_date": day}
        for place, paper in zip(stands, papers, strict=True)
    ]  # fmt: skip
    booked = [
        {"shop_id": ctx.shop_id, "id": new_id(), "debit": chart.STOCK, "credit": chart.OPENING_EQUITY,
         "amount_minor": value_minor(_STOCK_MILLI, _COST_MINOR), "source": "adjustment", "source_id": paper["id"],
         "business_date": day, "posted_on": day, "at": ctx.now} for paper in papers
    ]  # fmt: skip
    trail = [
        {"shop_id": ctx.shop_id, **audit.entry(ctx, "adjust", "stock_adjustment", paper["id"], reason=reason)}
        for paper in papers
    ]
    for model, rows in (
        (Balance, stands), (Adjustment, papers), (Movement, moved), (Posting, booked), (AuditEntry, trail)
    ):  # fmt: skip
        await ctx.db.execute(insert(model), rows)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a bench's coroutine; whoever ends it has its servers stopped and its folders removed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asyncio.run(main)
