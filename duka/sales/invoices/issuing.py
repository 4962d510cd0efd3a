"""Issuing an invoice: its canonical bytes, its number and its link in the chain, for both kinds of register.

A `server` register gets the next number in the sale's own statement, from the row of its series, which is locked
after the stock and held only to the commit. An installation's register has numbered and hashed its document itself;
here it is checked and stored under what it claims, in any order of arrival.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.writes import Writes
from duka.sales import claims
from duka.sales.invoices import chain
from duka.sales.models import Invoice
from duka.sales.schemas import IssuedIn
from duka.shops import settings
from duka.shops.series import Kind, series_for


@dataclass(frozen=True, slots=True)
class Document:
    """What an invoice, credit or debit note says. `canonical` is what its hash is taken of."""

    id: UUID
    kind: str
    sale_id: UUID | None
    original_id: UUID | None
    branch_id: UUID
    staff_id: UUID | None
    currency: str
    net_minor: int
    tax_minor: int
    rounding_minor: int
    total_minor: int
    reason: str | None
    canonical: bytes
    business_date: date
    issued_at: datetime
    body_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """The series a document is numbered in."""

    id: UUID
    code: str
    financial_year: str

    @property
    def name(self) -> str:
        """Give the series' name as the hash takes it."""
        return chain.series_name(self.code, self.financial_year)


_LOCK: Final = """
SELECT s.highest_seen + 1 AS counter, s.head_hash AS previous,
    s.code || '/' || s.financial_year || '/'
        || lpad((s.highest_seen + 1)::text, greatest(6, length((s.highest_seen + 1)::text)), '0') AS number,
    sha256(s.head_hash || convert_to(s.code || '/' || s.financial_year, 'UTF8') || int8send(s.highest_seen + 1)
        || sha256(%(issued_bytes)s)) AS hash
FROM series s WHERE s.shop_id = %(shop)s AND s.id = %(issued_series)s AND s.closed_at IS NULL{after} FOR UPDATE OF s
"""

_NEXT: Final = """
UPDATE series s SET highest_seen = n.counter, complete_to = n.counter, head_hash = n.hash
FROM series_locked n, first WHERE s.shop_id = %(shop)s AND s.id = %(issued_series)s RETURNING s.id
"""

_HOLD: Final = """
SELECT id FROM series WHERE shop_id = %(shop)s AND register_id = %(register)s AND kind = %(kind)s
ORDER BY id FOR UPDATE
"""

# Numbers may arrive in any order: the head is the hash of the highest one seen, and what is complete grows by the run
# of numbers that stand one after the other from the new one on.
_CLAIM: Final = """
UPDATE series s SET
    highest_seen = greatest(s.highest_seen, %(issued_counter)s),
    head_hash = CASE WHEN %(issued_counter)s > s.highest_seen THEN %(issued_hash)s ELSE s.head_hash END,
    complete_to = CASE WHEN s.complete_to + 1 <> %(issued_counter)s THEN s.complete_to ELSE coalesce((
        SELECT v.counter FROM invoices v
        WHERE v.shop_id = %(shop)s AND v.series_id = s.id AND v.counter > %(issued_counter)s
            AND EXISTS (SELECT 1 FROM invoices a WHERE a.shop_id = %(shop)s AND a.series_id = s.id
                AND a.counter = %(issued_counter)s + 1)
            AND NOT EXISTS (SELECT 1 FROM invoices n WHERE n.shop_id = %(shop)s AND n.series_id = s.id
                AND n.counter = v.counter + 1)
        ORDER BY v.counter LIMIT 1
    ), %(issued_counter)s) END
FROM first WHERE s.shop_id = %(shop)s AND s.id = %(issued_series)s RETURNING s.id
"""


async def series_of(ctx: Ctx, register_id: UUID, kind: Kind, on: date, known: Sequence[Mapping[str, Any]]) -> SeriesRow:
    """Give the register's series of a kind for the financial year of a business day, opening it on first use.

    `known` are rows already asked for, so that the usual sale asks nothing more.
    """
    year = chain.financial_year(on, settings.of(ctx).financial_year_month)
    for row in known:
        if row["financial_year"] == year and row["kind"] == kind:
            return SeriesRow(UUID(row["id"]), row["code"], year)
    opened = await series_for(ctx, register_id, kind, year)
    return SeriesRow(opened.id, opened.code, opened.financial_year)


async def hold(ctx: Ctx, register_id: UUID, kind: Kind) -> None:
    """Lock a register's series of a kind before the statement that stores what it has issued.

    Only so does that statement see every neighbour: one that waited for another document of the series while it ran
    would not see it. `shops.queries.ask_till` can hold them too.
    """
    await fetch(ctx, _HOLD, {"register": register_id, "kind": kind})


def issue_here(writes: Writes, document: Document, series: SeriesRow, *, after: str | None) -> None:
    """Issue a document of a `server` register: number and hash are made in the statement itself.

    Locks `series_locked` (counter, number, previous, hash), which others may read, once the lock named `after` is
    held. A closed series fails the guard `series_open`.
    """
    waits = f" AND (SELECT count(*) FROM {after}) >= 0" if after else ""  # noqa: S608 - a name of ours
    writes.value("issued_bytes", document.canonical)
    writes.value("issued_series", series.id)
    writes.lock("series_locked", _LOCK.replace("{after}", waits))
    writes.guard("series_open", "EXISTS (SELECT 1 FROM series_locked)")
    computed = {
        "canonical": "%(issued_bytes)s", "counter": "series_locked.counter", "number": "series_locked.number",
        "previous_hash": "series_locked.previous", "hash": "series_locked.hash",
    }  # fmt: skip
    writes.insert(Invoice, [_row(document, series)], computed=computed, reads=("series_locked",))
    writes.step("series_next", _NEXT)
    writes.result("issued", "SELECT jsonb_build_object('number', number, 'previous', encode(previous, 'hex'), "
                  "'hash', encode(hash, 'hex')) FROM series_locked")


def store_issued(writes: Writes, document: Document, series: SeriesRow, issued: IssuedIn) -> None:
    """Store a document that an installation's register has issued, under the number and hash it claims.

    The series must be held (see `hold`). Raises what `claims.check` raises; a number that is taken and neighbours that
    disagree fail the guards of `claims.guard` (see `claims.refusal`).
    """
    claims.check(issued, series.name, document.canonical)
    writes.value("issued_bytes", document.canonical)
    writes.value("issued_series", series.id)
    writes.value("issued_counter", issued.counter)
    writes.value("issued_hash", bytes.fromhex(issued.hash))
    writes.value("issued_previous", bytes.fromhex(issued.previous_hash))
    claims.guard(writes, issued)
    row = _row(document, series) | {"counter": issued.counter, "number": number_of(issued)}
    computed = {
        "canonical": "%(issued_bytes)s", "previous_hash": "%(issued_previous)s", "hash": "%(issued_hash)s",
    }  # fmt: skip
    writes.insert(Invoice, [row], computed=computed)
    writes.step("series_claimed", _CLAIM)


def number_of(issued: IssuedIn) -> str:
    """Write the number an installation's register gave."""
    return claims.number(issued)


def _row(document: Document, series: SeriesRow) -> dict[str, Any]:
    return {
        "id": document.id, "kind": document.kind, "series_id": series.id, "sale_id": document.sale_id,
        "original_id": document.original_id, "branch_id": document.branch_id, "staff_id": document.staff_id,
        "currency": document.currency, "net_minor": document.net_minor, "tax_minor": document.tax_minor,
        "rounding_minor": document.rounding_minor, "total_minor": document.total_minor, "reason": document.reason,
        "business_date": document.business_date, "issued_at": document.issued_at, "body_hash": document.body_hash,
    }  # fmt: skip
