"""What is asked about sales: one sale with everything that belongs to it, now or as it was first answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import NotFound
from duka.platform.reads import Reads
from duka.sales import present

Row = Mapping[str, Any]

_SALES: Final = """
SELECT s.*, s.id AS of_sale, encode(s.body_hash, 'hex') AS hash_text FROM sales s
WHERE s.shop_id = %(shop)s AND s.id = ANY(%(sales)s)
"""
_LINES: Final = """
SELECT l.*, l.sale_id AS of_sale, (
    SELECT coalesce(json_agg(json_build_object('id', c.id, 'variant_id', c.variant_id, 'description', c.description,
        'quantity_milli', c.quantity_milli, 'unit_cost_minor', c.unit_cost_minor) ORDER BY c.position), '[]'::json)
    FROM sold_components c WHERE c.shop_id = %(shop)s AND c.sale_line_id = l.id
) AS components FROM sale_lines l WHERE l.shop_id = %(shop)s AND l.sale_id = ANY(%(sales)s)
ORDER BY revision, position
"""
_STEPS: Final = """
SELECT t.*, t.sale_id AS of_sale FROM sale_steps t WHERE t.shop_id = %(shop)s AND t.sale_id = ANY(%(sales)s)
ORDER BY coalesce((standing ->> 'version')::int, 1), id
"""
_PARTIES: Final = """
SELECT y.*, y.sale_id AS of_sale FROM sale_parties y WHERE y.shop_id = %(shop)s AND y.sale_id = ANY(%(sales)s)
"""
# Money given back by a credit note is the note's; it belongs to its sale all the same.
_PAYMENTS: Final = """
SELECT p.*, d.of_sale FROM (
    SELECT w.id, w.id AS of_sale FROM unnest(%(sales)s::uuid[]) AS w(id)
    UNION ALL SELECT i.id, i.sale_id FROM invoices i WHERE i.shop_id = %(shop)s AND i.sale_id = ANY(%(sales)s)
) d JOIN payments p ON p.shop_id = %(shop)s AND p.source_id = d.id ORDER BY p.id
"""
_INVOICES: Final = """
SELECT id, kind, number, total_minor, issued_at, encode(previous_hash, 'hex') AS previous_hash,
    encode(hash, 'hex') AS hash, reason, original_id, sale_id AS of_sale
FROM invoices WHERE shop_id = %(shop)s AND sale_id = ANY(%(sales)s) ORDER BY id
"""
_EXCEPTIONS: Final = """
SELECT id, code, facts, at, document_id AS of_sale FROM document_exceptions
WHERE shop_id = %(shop)s AND document_id = ANY(%(sales)s) ORDER BY id
"""
_PARTS: Final = {
    "sale": _SALES, "lines": _LINES, "steps": _STEPS, "party": _PARTIES, "payments": _PAYMENTS,
    "invoices": _INVOICES, "exceptions": _EXCEPTIONS,
}  # fmt: skip
"""What belongs to some sales; `of_sale` says to which."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A sale with all that belongs to it. Lines of all revisions, steps and payments in the order they came."""

    sale: Row
    lines: Sequence[Row]
    steps: Sequence[Row]
    party: Row | None
    payments: Sequence[Row]
    invoices: Sequence[Row]
    exceptions: Sequence[Row]

    @property
    def invoice(self) -> Row | None:
        """The sale's invoice, where it has one."""
        return next((each for each in self.invoices if each["kind"] == "invoice"), None)

    @property
    def current_lines(self) -> list[Row]:
        """The lines of the newest revision."""
        return [line for line in self.lines if line["revision"] == self.sale["revision"]]


async def whole(ctx: Ctx, sale_id: UUID) -> Whole:
    """Give a sale with all that belongs to it, in one statement. NotFound for a sale the shop does not have."""
    found = await wholes(ctx, [sale_id])
    if not found:
        raise NotFound(what="sale")
    return found[0]


async def wholes(ctx: Ctx, sale_ids: Sequence[UUID]) -> list[Whole]:
    """Give those of some sales that the shop has, each with all that belongs to it, in one statement."""
    if not sale_ids:
        return []
    reads = Reads(ctx)
    for name, sql in _PARTS.items():
        reads.ask(name, sql, sales=list(sale_ids))
    of_sale: dict[str, dict[str, list[Row]]] = {}
    for name, rows in (await reads.send()).items():
        for row in rows:
            parts = of_sale.setdefault(row.pop("of_sale"), {each: [] for each in _PARTS})
            parts[name].append(_typed(row))
    return [
        Whole(
            parts["sale"][0], parts["lines"], parts["steps"], next(iter(parts["party"]), None), parts["payments"],
            parts["invoices"], parts["exceptions"],
        )
        for parts in of_sale.values() if parts["sale"]
    ]  # fmt: skip


async def stands(ctx: Ctx, sale_id: UUID) -> bool:
    """Say whether the shop has a sale, also one that was committed while the caller's statement ran."""
    sql = "SELECT 1 FROM sales WHERE shop_id = %(shop)s AND id = %(sale)s"
    return bool(await fetch(ctx, sql, {"sale": sale_id}))


async def first_state(ctx: Ctx, sale_id: UUID) -> tuple[dict[str, Any], datetime, str]:
    """Rebuild the first answer a sale got, from rows that never change: what is shown, when, and the body's hash."""
    found = await whole(ctx, sale_id)
    first = found.steps[0]
    return state_after(ctx, found, first), first["at"], found.sale["hash_text"]


def state_after(ctx: Ctx, found: Whole, step: Row) -> dict[str, Any]:
    """Show a sale as it stood after one of its steps, for the answer to a step that is repeated."""
    steps = found.steps[: found.steps.index(step) + 1]
    first = {"credited_minor": 0, "debited_minor": 0, "locked_at": None, "version": 1}
    row = {**found.sale, **_typed({**first, **step["standing"]})}
    taken = {payment for each in steps for payment in each["standing"].get("payment_ids", ())}
    moments = {each["at"] for each in steps}
    return present.sale(
        ctx, row, [line for line in found.lines if line["revision"] == step["revision"]],
        [each for each in found.payments if each["at"] == steps[0]["at"] or each["id"] in taken],
        found.invoice if step["standing"]["invoice_id"] else None, found.party,
        [each for each in found.exceptions if each["at"] in moments],
        today=step["at"].astimezone(ctx.zone()).date(),
    )  # fmt: skip


async def payments_of(ctx: Ctx, document_id: UUID) -> list[Row]:
    """Give the payments of a document of its own, as a note without receipt is."""
    sql = "SELECT * FROM payments WHERE shop_id = %(shop)s AND source_id = %(document)s ORDER BY id"
    reads = Reads(ctx)
    reads.ask("payments", sql, document=document_id)
    return [_typed(row) for row in (await reads.send())["payments"]]


async def show(ctx: Ctx, sale_id: UUID) -> dict[str, Any]:
    """Show a sale as it stands now."""
    found = await whole(ctx, sale_id)
    return present.sale(
        ctx, found.sale, found.current_lines, found.payments, found.invoice, found.party, found.exceptions
    )


_TOUCH: Final = """
SELECT s.*, EXISTS (
    SELECT 1 FROM stock_reservations r WHERE r.shop_id = %(shop)s AND r.document_id = s.id AND r.state = 'open'
) AS keeps_goods FROM sales s WHERE s.shop_id = %(shop)s AND s.id = %(sale)s FOR UPDATE OF s
"""


async def touch(ctx: Ctx, sale_id: UUID) -> Row:
    """Lock a sale's own row for a step in its life and give it; `keeps_goods` says whether some are put aside for it.
    NotFound for a sale the shop does not have."""
    rows = await fetch(ctx, _TOUCH, {"sale": sale_id})
    if not rows:
        raise NotFound(what="sale")
    row: Row = rows[0]._mapping
    return row


_MOMENTS: Final = ("at", "made_at", "received_at", "issued_at", "locked_at")
_DATES: Final = ("business_date", "due_on")


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """Read moments and dates, which come as text in JSON."""
    for name in _MOMENTS:
        if row.get(name):
            row[name] = datetime.fromisoformat(row[name])
    for name in _DATES:
        if row.get(name):
            row[name] = date.fromisoformat(row[name])
    return row

