"""What is asked about shops: the till a document is made at, and its series."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select

from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.reads import Reads
from duka.shops.models import Branch, Logo, Register, RegisterCode, Series, Shop, Staff

TILL: Final = """
SELECT g.id AS register_id, g.code, g.kind, g.branch_id, g.closed_at, g.replaced_at, b.name AS branch_name,
    b.active AS branch_active, s.country, s.state_code,
    (SELECT l.id FROM locations l WHERE l.shop_id = %(shop)s AND l.branch_id = g.branch_id AND l.kind = 'showroom'
        AND l.active) AS location_id
FROM registers g
JOIN branches b ON b.shop_id = g.shop_id AND b.id = g.branch_id
JOIN shops s ON s.shop_id = g.shop_id
WHERE g.shop_id = %(shop)s AND b.shop_id = %(shop)s AND (
    g.id = %(till_register)s::uuid
    OR (%(till_register)s::uuid IS NULL AND g.kind = 'server' AND g.closed_at IS NULL
        AND (%(till_branch)s::uuid IS NULL OR g.branch_id = %(till_branch)s::uuid))
)
ORDER BY g.id LIMIT 1
"""
"""A register with its branch and showroom; reads `till_register` and `till_branch`, both of which may be null."""

_SERIES: Final = """
SELECT id, register_id, kind, code, financial_year, highest_seen, encode(head_hash, 'hex') AS head_hash, closed_at
FROM series WHERE shop_id = %(shop)s AND register_id = {register} AND kind = %(series_kind)s
ORDER BY financial_year DESC LIMIT 3
"""


_SELLER: Final = """
SELECT s.id, s.name, s.status, r.permissions, r.discount_ceiling_bp
FROM staff s JOIN roles r ON r.shop_id = s.shop_id AND r.id = s.role_id
WHERE s.shop_id = %(shop)s AND r.shop_id = %(shop)s AND s.id = %(seller)s
"""
_APPROVER: Final = """
SELECT s.id, r.permissions, r.discount_ceiling_bp
FROM staff s JOIN roles r ON r.shop_id = s.shop_id AND r.id = s.role_id
WHERE s.shop_id = %(shop)s AND r.shop_id = %(shop)s AND s.id = %(approver)s AND s.status = 'active'
"""


def ask_till(reads: Reads, register_id: UUID | None, branch_id: UUID | None, series_kind: str, *,
             hold: bool = False) -> None:
    """Ask for a register with its branch and showroom (`till`) and its newest series of a kind (`series`).

    Without a register it is the first open `server` register of the branch, or of the shop. With `hold` the series are
    locked, for a document that the register has numbered itself.
    """
    reads.ask("till", TILL, till_register=register_id, till_branch=branch_id)
    series = _SERIES.replace("{register}", till_id(register_id))
    reads.ask("series", f"{series} FOR UPDATE OF series" if hold else series, series_kind=series_kind)


def registers_of(branch_id: UUID | None) -> Select[UUID]:
    """Select the ids of a branch's registers, for statements of other domains."""
    return select(Register.id).where(Register.branch_id == branch_id)


async def has_code(ctx: Ctx, register_id: UUID, code: str) -> bool:
    """Say whether a code is one of those that a register's numbers start with."""
    own = select(RegisterCode.code).where(RegisterCode.register_id == register_id, RegisterCode.code == code)
    return (await ctx.db.scalars(own)).one_or_none() is not None


async def only_branch(ctx: Ctx, branch_id: UUID | None) -> UUID | None:
    """Give the active branch of an id, or without one the shop's only active branch; None where there is none such."""
    active = select(Branch.id).where(Branch.active)
    if branch_id is not None:
        active = active.where(Branch.id == branch_id)
    found = (await ctx.db.scalars(active.limit(2))).all()
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What a shop's papers say of it: itself, the branch, the register, whoever served.

    It is the shop of today. The logo too: a reprint of an old document carries today's, not that of its day."""

    shop_name: str
    shop_address: str
    shop_phone: str | None
    country: str
    state_code: str | None
    tax_id: str | None
    branch_name: str
    branch_address: str
    branch_phone: str | None
    register_code: str
    staff_name: str
    logo: bytes | None


async def letterhead(ctx: Ctx, branch_id: UUID, register_id: UUID | None, staff_id: UUID | None) -> Letterhead:
    """Give the head of a paper that a branch issues. NotFound."""
    query = (
        select(
            Shop.name, Shop.address, Shop.phone, Shop.country, Shop.state_code, Shop.tax_id, Branch.name,
            Branch.address, Branch.phone, func.coalesce(Register.code, ""), func.coalesce(Staff.name, ""),
            Logo.content,
        )
        .join_from(Shop, Branch, Branch.shop_id == Shop.shop_id)
        .outerjoin(Register, (Register.shop_id == Shop.shop_id) & (Register.id == register_id))
        .outerjoin(Staff, (Staff.shop_id == Shop.shop_id) & (Staff.id == staff_id))
        .outerjoin(Logo, Logo.shop_id == Shop.shop_id)
        .where(Branch.id == branch_id)
    )  # fmt: skip
    row: tuple[Any, ...] | None = (await ctx.db.execute(query)).one_or_none()
    if row is None:
        raise NotFound(what="branch")
    return Letterhead(*row)


@dataclass(frozen=True, slots=True)
class Names:
    """What the shop calls its branches, its registers (their codes) and its staff, those of the past too, by id."""

    branches: Mapping[UUID, str]
    registers: Mapping[UUID, str]
    staff: Mapping[UUID, str]


async def names(ctx: Ctx) -> Names:
    """Give the names that lists of documents show instead of ids."""
    asked = (select(Branch.id, Branch.name), select(Register.id, Register.code), select(Staff.id, Staff.name))
    return Names(*[{row[0]: row[1] for row in await ctx.db.execute(query)} for query in asked])


@dataclass(frozen=True, slots=True)
class SeriesHead:
    """How far a series has come. `head_hash` is that of document `highest_seen`."""

    register_id: UUID
    code: str
    financial_year: str
    highest_seen: int
    complete_to: int
    head_hash: bytes


async def series_head(ctx: Ctx, series_id: UUID) -> SeriesHead:
    """Give how far a series has come."""
    query = select(
        Series.register_id, Series.code, Series.financial_year, Series.highest_seen, Series.complete_to,
        Series.head_hash,
    ).where(Series.id == series_id)  # fmt: skip
    return SeriesHead(*(await ctx.db.execute(query)).one())


async def series_register(ctx: Ctx, series_id: UUID) -> UUID:
    """Say which register issues the documents of a series."""
    return (await series_head(ctx, series_id)).register_id


def ask_seller(reads: Reads, staff_id: UUID) -> None:
    """Ask who a document says has sold (`seller`, at most one row), with what their role may do."""
    reads.ask("seller", _SELLER, seller=staff_id)


def ask_approver(reads: Reads, staff_id: UUID) -> None:
    """Ask whose PIN a till says has allowed something (`approver`, at most one row: nobody who was suspended)."""
    reads.ask("approver", _APPROVER, approver=staff_id)


def till_id(register_id: UUID | None) -> str:
    """Give the SQL of the till's register that `ask_till` with the same argument asks for."""
    return "%(till_register)s::uuid" if register_id else f"(SELECT register_id FROM ({TILL}) t)"  # noqa: S608 - ours
