"""Random tampering with issued documents: values flipped, rows swapped, deleted, or a table's end cut off."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

Row = dict[str, Any]
_CUT_MAX: Final = 5

# The columns that something else in the shop proves. What is left out nothing repeats: a row's own id where no other
# row names it, units, list prices and tax classes, fingerprints of requests.
PROVEN: Final[Mapping[str, Sequence[str]]] = {
    "invoices": (
        "id", "kind", "series_id", "counter", "number", "sale_id", "original_id", "branch_id", "staff_id", "currency",
        "net_minor", "tax_minor", "rounding_minor", "total_minor", "reason", "canonical", "previous_hash", "hash",
        "business_date", "issued_at",
    ),
    "sale_lines": (
        "sale_id", "revision", "position", "variant_id", "description", "hsn", "quantity_milli", "unit_price_minor",
        "tax_included", "gross_minor", "discount", "line_discount_minor", "cart_discount_minor", "net_minor", "taxes",
        "tax_minor", "total_minor", "unit_cost_minor", "stocked",
    ),
    "invoice_lines": (
        "invoice_id", "position", "sale_line_id", "variant_id", "description", "hsn", "quantity_milli",
        "unit_price_minor", "net_minor", "taxes", "tax_minor", "total_minor", "restock",
    ),
    "sold_components": ("sale_line_id", "variant_id", "quantity_milli", "unit_cost_minor"),
    "stock_assembly_lines": ("assembly_id", "variant_id", "quantity_milli", "unit_cost_minor"),
    "postings": (
        "debit", "credit", "amount_minor", "source", "source_id", "business_date", "posted_on", "at",
    ),
    "stock_movements": (
        "variant_id", "location_id", "kind", "quantity_milli", "unit_cost_minor", "source", "source_id",
        "source_line_id", "staff_id", "reason", "note", "business_date", "at",
    ),
}  # fmt: skip

# Lines of sales that have no invoice are nobody's document yet.
_ISSUED: Final = {
    "sale_lines": "AND (sale_id, revision) IN (SELECT s.id, s.revision FROM sales s JOIN invoices i ON i.shop_id = "
    "s.shop_id AND i.sale_id = s.id AND i.kind = 'invoice' WHERE s.shop_id = %s)"
}


@dataclass(frozen=True, slots=True)
class Tamperer:
    """Whoever has the server's own key and bad intentions, with luck that can be repeated."""

    connection: psycopg.Connection[Any]
    shop_id: UUID
    luck: random.Random

    def strike(self) -> str | None:
        """Tamper once and say how; None where the tables themselves refused it, or nothing was changed by it."""
        table = self.luck.choice(list(PROVEN))
        how = self.luck.choice((self._flip, self._flip, self._flip, self._swap, self._swap, self._delete, self._cut))
        try:
            with self.connection.transaction():
                return how(table)
        except psycopg.IntegrityError:
            return None

    def _flip(self, table: str) -> str | None:
        rows = self._rows(table)
        row, column = self.luck.choice(rows), self.luck.choice(PROVEN[table])
        value = changed(row[column], [each[column] for each in rows], self.luck)
        if value == row[column]:
            return None
        # Sums that the table itself checks are forged together with the sum.
        values = {column: value}
        if column in ("net_minor", "tax_minor", "rounding_minor"):
            values["total_minor"] = row["total_minor"] + value - row[column]
        if column == "total_minor":
            values["net_minor"] = row["net_minor"] + value - row[column]
        self._set(table, row["id"], values)
        return f"flip {table}.{column} of {row['id']}: {row[column]!r} -> {value!r}"

    def _swap(self, table: str) -> str | None:
        rows = self._rows(table)
        one, other = self.luck.choice(rows), self.luck.choice(rows)
        column = self.luck.choice([name for name in PROVEN[table] if name != "id"])
        proven = [name for name in PROVEN[table] if name != column]
        if one[column] == other[column] or all(one[name] == other[name] for name in proven):
            return None
        swapped = [column]
        if column.endswith("_minor") and column in ("net_minor", "tax_minor", "rounding_minor", "total_minor"):
            swapped = [name for name in ("net_minor", "tax_minor", "rounding_minor", "total_minor") if name in one]
        aside = changed(one[column], [each[column] for each in rows], self.luck)
        if len(swapped) == 1:  # a value that must be unique makes room first
            self._set(table, one["id"], {column: aside})
        self._set(table, other["id"], {name: one[name] for name in swapped})
        self._set(table, one["id"], {name: other[name] for name in swapped})
        return f"swap {table}.{column} of {one['id']} and {other['id']}"

    def _delete(self, table: str) -> str:
        row = self.luck.choice(self._rows(table))
        self._drop(table, [row["id"]])
        return f"delete {row['id']} of {table}"

    def _cut(self, table: str) -> str:
        last = [row["id"] for row in self._rows(table)[-self.luck.randint(1, _CUT_MAX) :]]
        self._drop(table, last)
        return f"cut the last {len(last)} of {table}"

    def _rows(self, table: str) -> list[Row]:
        issued = _ISSUED.get(table, "")
        with self.connection.cursor(row_factory=dict_row) as cursor:
            query = f"SELECT * FROM {table} WHERE shop_id = %s {issued} ORDER BY id"
            return cursor.execute(query.encode(), [self.shop_id] * (2 if issued else 1)).fetchall()

    def _set(self, table: str, row_id: UUID, values: Mapping[str, Any]) -> None:
        sets = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in values)
        update = sql.SQL("UPDATE {} SET {} WHERE shop_id = %s AND id = %s").format(sql.Identifier(table), sets)
        plain = [Jsonb(value) if isinstance(value, list | dict) else value for value in values.values()]
        assert self.connection.execute(update, [*plain, self.shop_id, row_id]).rowcount == 1

    def _drop(self, table: str, ids: Sequence[UUID]) -> None:
        delete = sql.SQL("DELETE FROM {} WHERE shop_id = %s AND id = ANY (%s)").format(sql.Identifier(table))
        assert self.connection.execute(delete, [self.shop_id, ids]).rowcount == len(ids)


def changed(value: Any, others: Sequence[Any], luck: random.Random) -> Any:
    """Give another value of the same kind: near it, or one that another row has."""
    if value is None:
        return luck.choice(others)
    make = next(make for kind, make in _CHANGES if isinstance(value, kind))
    return make(value, [each for each in others if each is not None], luck)


def _bit(value: bytes, _others: Sequence[bytes], luck: random.Random) -> bytes:
    place = luck.randrange(len(value))
    return value[:place] + bytes([value[place] ^ 1 << luck.randrange(8)]) + value[place + 1 :]


def _text(value: str, others: Sequence[str], luck: random.Random) -> str:
    return luck.choice([*others, value + "x", value[:-1]])


def _taxes(value: list[Row], others: Sequence[Any], luck: random.Random) -> Any:
    forged = [dict(tax) for tax in value]
    if not forged:
        return luck.choice(others)
    tax, name = luck.choice(forged), luck.choice(("rate_bp", "amount_minor", "code"))
    tax[name] = "GST" if name == "code" else tax[name] + luck.choice((-1, 1, 100))
    return forged


def _discount(value: Row, others: Sequence[Any], luck: random.Random) -> Any:
    return luck.choice([None, {name: amount + 1 for name, amount in value.items()}, *others])


_CHANGES: Final[Sequence[tuple[Any, Callable[[Any, Sequence[Any], random.Random], Any]]]] = (
    (bool, lambda value, _others, _luck: not value),
    (int, lambda value, _others, luck: value + luck.choice((-1000, -1, 1, 1000)) if luck.random() < 0.8 else -value),
    (datetime, lambda value, _others, luck: value + timedelta(seconds=luck.choice((-1, 1, 3600)))),
    (date, lambda value, _others, luck: value + timedelta(days=luck.choice((-1, 1, 365)))),
    (UUID, lambda _value, others, luck: luck.choice([uuid4(), *others])),
    (bytes, _bit),
    (str, _text),
    (list, _taxes),
    (dict, _discount),
)
