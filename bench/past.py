"""A past for a shop: as many sales as asked for, each with every row that Duka would have written for it.

A few real sales, sold through Duka at each register beforehand, are copied over the months behind: other ids, days,
numbers, and the canonical bytes and hashes that follow from them. So the past has the shape of what the code writes
today, and `duka verify` holds on it. A shop with a past can itself be copied to become many.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from bench.place import Seller
from duka.main import READERS
from duka.platform.ids import new_id
from duka.platform.tables import Base, ShopTable
from duka.sales.invoices import chain
from duka.shops.settings import ShopSettings

Connection = psycopg.Connection[Any]

_CHUNK: Final = 100_000
_DAYS_MAX: Final = 140

# What differs in a copy: the column that names the template's sale, and the columns that get a value of their own.
# `c` is the copy, `t` the template's row, {t.id} the copy's own id in place of one in the template.
_COPIED: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "sales": ("id", {
        "id": "c.sale_id", "number": "c.number", "business_date": "c.day", "made_at": "c.at", "received_at": "c.at",
    }),
    "sale_lines": ("sale_id", {"id": "{t.id}", "sale_id": "c.sale_id"}),
    "sale_steps": ("sale_id", {
        "id": "{t.id}", "sale_id": "c.sale_id", "at": "c.at",
        "standing": "t.standing || jsonb_build_object('number', c.number, 'business_date', c.day, "
                    "'invoice_id', c.invoice_id)",
    }),
    "invoices": ("sale_id", {
        "id": "c.invoice_id", "sale_id": "c.sale_id", "counter": "c.counter", "number": "c.number",
        "canonical": "c.canonical", "previous_hash": "c.previous_hash", "hash": "c.hash", "business_date": "c.day",
        "issued_at": "c.at",
    }),
    "payments": ("source_id", {"id": "{t.id}", "source_id": "c.sale_id", "business_date": "c.day", "at": "c.at"}),
    "stock_movements": ("source_id", {
        "id": "{t.id}", "source_id": "c.sale_id", "source_line_id": "{t.source_line_id}", "business_date": "c.day",
        "at": "c.at",
    }),
    "postings": ("source_id", {
        "id": "{t.id}", "source_id": "c.sale_id", "business_date": "c.day", "posted_on": "c.day", "at": "c.at",
    }),
    "audit_entries": ("entity_id", {"id": "{t.id}", "entity_id": "c.sale_id", "at": "c.at"}),
    "outbox": ("entity_id", {"id": "{t.id}", "entity_id": "c.sale_id", "at": "c.at", "position": "c.position"}),
}  # fmt: skip

TABLES: Final = (*_COPIED, "daily_totals")
"""The tables that grow with every sale."""

# A UUIDv7 of the copy's own moment whose other digits follow from the copy's number and the template's id: two rows of
# the template that point to one another do so in the copy too.
_OWN_ID: Final = (
    "overlay(overlay(md5(c.place::text || {old}::text) placing c.stem from 1) placing '8' from 17)::uuid"
)

_TEMPLATES: Final = """
SELECT s.id AS sale_id, i.id AS invoice_id, i.canonical, i.business_date, i.issued_at, r.id AS series_id, r.code,
    r.financial_year, r.highest_seen, r.head_hash, h.time_zone
FROM sales s JOIN invoices i ON i.shop_id = s.shop_id AND i.sale_id = s.id
JOIN series r ON r.shop_id = i.shop_id AND r.id = i.series_id JOIN shops h ON h.shop_id = s.shop_id
WHERE s.shop_id = %s ORDER BY s.id
"""

_COPIES: Final = """
CREATE TEMPORARY TABLE copies (place bigint, template uuid, sale_id uuid, invoice_id uuid, stem text,
    at timestamptz, day date, position bigint, counter bigint, number text, canonical bytea, previous_hash bytea,
    hash bytea)
"""
_COPY_TYPES: Final = (
    "int8", "uuid", "uuid", "uuid", "text", "timestamptz", "date", "int8", "int8", "text", "bytea", "bytea", "bytea"
)

_BALANCES: Final = """
UPDATE stock_balances b SET quantity_milli = m.quantity_milli FROM (
    SELECT variant_id, location_id, sum(quantity_milli) AS quantity_milli FROM stock_movements
    WHERE shop_id = %(shop)s GROUP BY 1, 2
) m WHERE b.shop_id = %(shop)s AND b.variant_id = m.variant_id AND b.location_id = m.location_id
"""
_DAYS: Final = """
INSERT INTO daily_totals (shop_id, branch_id, business_date, sales, discount_minor, net_minor, tax_minor,
    rounding_minor, total_minor, cost_minor, credit_notes, credited_minor)
SELECT shop_id, branch_id, business_date, count(*), sum(discount_minor), sum(net_minor), sum(tax_minor),
    sum(rounding_minor), sum(total_minor), sum(cost_minor), 0, 0
FROM sales WHERE shop_id = %(shop)s GROUP BY 1, 2, 3
"""


@dataclass(slots=True)
class Template:
    """A real sale to copy, and the series it is numbered in."""

    sale_id: UUID
    invoice_id: UUID
    canonical: bytes
    business_date: date
    issued_at: datetime
    series: "Head"


@dataclass(slots=True)
class Head:
    """Where a series has come to."""

    id: UUID
    code: str
    financial_year: str
    counter: int
    hash: bytes


def give(connection: Connection, shop_id: UUID, sales: int) -> None:
    """Give a shop sales, the real ones included, up to a number.

    `connection` comes from `bulk.loading(..., TABLES)`. They are spread evenly over the months of this financial year
    that have passed, 140 days at most, so that every register goes on in the series it has begun.
    """
    rows = connection.cursor(row_factory=dict_row).execute(_TEMPLATES, [shop_id]).fetchall()
    heads = {
        row["series_id"]: Head(
            row["series_id"], row["code"], row["financial_year"], row["highest_seen"], row["head_hash"]
        )
        for row in rows
    }
    templates = [
        Template(
            row["sale_id"], row["invoice_id"], row["canonical"], row["business_date"], row["issued_at"],
            heads[row["series_id"]],
        )
        for row in rows
    ]  # fmt: skip
    (head,) = _one(connection, "SELECT coalesce(max(position), 0) FROM outbox WHERE shop_id = %s", [shop_id])
    copies = sales - len(templates)
    assert copies > 0, "fewer sales than there are to copy"
    made = _made(templates, copies, ZoneInfo(rows[0]["time_zone"]), head)
    connection.execute(_COPIES)
    for table, (link, _) in _COPIED.items():
        connection.execute(
            f"CREATE TEMPORARY TABLE template_{table} AS SELECT * FROM {table} "
            f"WHERE shop_id = '{shop_id}' AND {link} = ANY (%s)", [[each.sale_id for each in templates]],
        )  # fmt: skip
    for begin in range(0, copies, _CHUNK):
        _write(connection, made, min(_CHUNK, copies - begin))
    _settle(connection, shop_id, heads.values(), head + copies)
    for table in ("copies", *(f"template_{table}" for table in _COPIED)):
        connection.execute(f"DROP TABLE {table}")


def _made(templates: Sequence[Template], count: int, zone: ZoneInfo, position: int) -> Iterator[tuple[Any, ...]]:
    """Make the copies, in the order of time: each the next in its series."""
    since, length = _span(templates[0].business_date, zone)
    for place in range(count):
        template = templates[place % len(templates)]
        series = template.series
        at = since + timedelta(milliseconds=length // timedelta(milliseconds=1) * place // count)
        day = at.astimezone(zone).date()
        stem = f"{int(at.timestamp() * 1000):012x}7"
        sale_id, invoice_id = (_own_id(place, stem, old) for old in (template.sale_id, template.invoice_id))
        canonical = (
            template.canonical.replace(str(template.sale_id).encode(), str(sale_id).encode())
            .replace(_day(template.business_date), _day(day))
            .replace(_moment(template.issued_at), _moment(at))
        )
        series.counter += 1
        previous, name = series.hash, chain.series_name(series.code, series.financial_year)
        series.hash = chain.invoice_hash(previous, name, series.counter, canonical)
        number = chain.document_number(series.code, series.financial_year, series.counter)
        yield (
            place, template.sale_id, sale_id, invoice_id, stem, at, day, position + place + 1, series.counter, number,
            canonical, previous, series.hash,
        )  # fmt: skip


def _span(today: date, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    """Give the beginning and the length of the past: whole days before today in today's financial year."""
    days = max(n for n in range(_DAYS_MAX + 1) if _year(today - timedelta(days=n)) == _year(today))
    begin = datetime.combine(today - timedelta(days=days), time(), zone).astimezone(UTC)
    end = datetime.combine(today, time(), zone).astimezone(UTC) if days else datetime.now(UTC)
    return begin, end - begin


def _year(day: date) -> str:
    return chain.financial_year(day, ShopSettings().financial_year_month)


def _day(day: date) -> bytes:
    return f'"business_date":"{day.isoformat()}"'.encode()


def _moment(at: datetime) -> bytes:
    return f'"issued_at":"{chain.instant(at)}"'.encode()


def _own_id(place: int, stem: str, old: UUID) -> UUID:
    """Give the id of a copy's row, as `_OWN_ID` does."""
    digits = hashlib.md5(f"{place}{old}".encode(), usedforsecurity=False).hexdigest()
    return UUID(f"{stem}{digits[13:16]}8{digits[17:]}")


def _write(connection: Connection, made: Iterator[tuple[Any, ...]], count: int) -> None:
    """Write the next so many copies."""
    connection.execute("TRUNCATE copies")
    with connection.cursor() as cursor, cursor.copy("COPY copies FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(_COPY_TYPES)
        for _ in range(count):
            copy.write_row(next(made))
    connection.execute("ANALYZE copies")
    for table, (link, own) in _COPIED.items():
        columns = _columns(connection, table)
        values = ", ".join(_value(column, own.get(column)) for column in columns)
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM copies c "
            f"JOIN template_{table} t ON t.{link} = c.template"
        )


def _value(column: str, own: str | None) -> str:
    if own is None:
        return f"t.{column}"
    return _OWN_ID.format(old=own[1:-1]) if own.startswith("{") else own


def _settle(connection: Connection, shop_id: UUID, heads: Iterable[Head], position: int) -> None:
    """Bring up to date what is kept beside the rows: series, balances, totals of the days, places of the readers."""
    for each in heads:
        connection.execute(
            "UPDATE series SET highest_seen = %s, complete_to = %s, head_hash = %s WHERE shop_id = %s AND id = %s",
            [each.counter, each.counter, each.hash, shop_id, each.id],
        )
    connection.execute(_BALANCES, {"shop": shop_id})
    connection.execute("DELETE FROM daily_totals WHERE shop_id = %s", [shop_id])
    connection.execute(_DAYS, {"shop": shop_id})
    connection.execute("UPDATE event_heads SET position = %s WHERE shop_id = %s", [position, shop_id])
    for reader in READERS:
        connection.execute(
            "INSERT INTO event_consumers (shop_id, consumer, position) VALUES (%s, %s, %s) "
            "ON CONFLICT (shop_id, consumer) DO UPDATE SET position = excluded.position",
            [shop_id, reader.name, position],
        )


def shop_tables() -> list[str]:
    """Give the names of all tables that hold rows of shops."""
    return sorted(
        str(mapper.class_.__tablename__)
        for mapper in Base.registry.mappers if issubclass(mapper.class_, ShopTable)
    )  # fmt: skip


def multiply(connection: Connection, seller: Seller, count: int) -> list[Seller]:
    """Copy a shop until there are `count` of it, each with an owner, a login and all rows of its own; give a seller
    of each, the first one's included.

    `connection` comes from `bulk.loading(..., shop_tables())`. Ids are the same in every copy: all keys begin with
    the shop's.
    """
    sellers = [
        replace(seller, shop_id=new_id(), account_id=new_id(), session_id=new_id()) for _ in range(count - 1)
    ]
    connection.execute("CREATE TEMPORARY TABLE twins (shop uuid, account uuid, session uuid, slug text)")
    with connection.cursor() as cursor, cursor.copy("COPY twins FROM STDIN") as copy:
        for each in sellers:
            copy.write_row((each.shop_id, each.account_id, each.session_id, f"bench-{each.shop_id.hex}"))
    mail = {"id": "c.account", "email": "c.slug || '@example.com'"}
    login = {"id": "c.session", "account_id": "c.account"}
    _multiply(connection, "accounts", mail, "t.id = %s", seller.account_id)
    _multiply(connection, "device_sessions", login, "t.id = %s", seller.session_id)
    of_shop = "t.shop_id = %s"
    _multiply(connection, "shop_directory", {"shop_id": "c.shop", "slug": "c.slug"}, of_shop, seller.shop_id)
    member = {"shop_id": "c.shop", "account_id": "c.account"}
    _multiply(connection, "memberships", member, of_shop, seller.shop_id)
    own = {"shops": {"slug": "c.slug"}, "staff": {"account_id": "c.account"}}
    for table in shop_tables():
        _multiply(connection, table, {"shop_id": "c.shop"} | own.get(table, {}), of_shop, seller.shop_id)
    connection.execute("DROP TABLE twins")
    return [seller, *sellers]


def _multiply(connection: Connection, table: str, own: Mapping[str, str], which: str, value: UUID) -> None:
    columns = _columns(connection, table)
    values = ", ".join(own.get(column, f"t.{column}") for column in columns)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} t, twins c WHERE {which}", [value]
    )


def _columns(connection: Connection, table: str) -> list[str]:
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "ORDER BY attnum", [table],
    )  # fmt: skip
    return [str(name) for (name,) in found.fetchall()]


def _one(connection: Connection, statement: str, values: Sequence[Any]) -> tuple[Any, ...]:
    row = connection.execute(statement, values).fetchone()
    assert row
    return tuple(row)
