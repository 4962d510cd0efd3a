"""The rows a sale writes, made from its draft."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.ids import new_id
from duka.platform.writes import Writes
from duka.sales import sets
from duka.sales.drafts import Draft
from duka.sales.pricing import PricedLine
from duka.sales.rules import LineTax
from duka.shops import settings
from duka.shops.phones import PhoneNotValid, e164
from duka.stock.actions import Goods
from duka.stock.actions.parting import TRACKED
from duka.stock.choosing import Named, Wanted
from duka.stock.units.schemas import named, stored

Row = dict[str, Any]

STANDING: Final = (
    "state", "subtotal_minor", "discount_minor", "net_minor", "tax_minor", "rounding_minor", "total_minor",
    "cost_minor", "paid_minor", "customer_id", "staff_id", "register_session_id", "place_of_supply", "due_on",
    "review", "note", "business_date",
)  # fmt: skip
"""What a step writes down of the sale's own row: from it the first answer can be given again for ever."""

_DAY: Final = """
INSERT INTO daily_totals AS d (shop_id, branch_id, business_date, sales, discount_minor, net_minor, tax_minor,
    rounding_minor, total_minor, cost_minor, credit_notes, credited_minor)
SELECT %(shop)s, r.branch_id, r.business_date, r.sales, r.discount_minor, r.net_minor, r.tax_minor, r.rounding_minor,
    r.total_minor, r.cost_minor, r.credit_notes, r.credited_minor
FROM first, jsonb_to_recordset(%(day)s::jsonb) AS r(branch_id uuid, business_date date, sales bigint,
    discount_minor bigint, net_minor bigint, tax_minor bigint, rounding_minor bigint, total_minor bigint,
    cost_minor bigint, credit_notes bigint, credited_minor bigint)
ON CONFLICT (shop_id, branch_id, business_date) DO UPDATE SET sales = d.sales + excluded.sales,
    discount_minor = d.discount_minor + excluded.discount_minor, net_minor = d.net_minor + excluded.net_minor,
    tax_minor = d.tax_minor + excluded.tax_minor, rounding_minor = d.rounding_minor + excluded.rounding_minor,
    total_minor = d.total_minor + excluded.total_minor, cost_minor = d.cost_minor + excluded.cost_minor,
    credit_notes = d.credit_notes + excluded.credit_notes, credited_minor = d.credited_minor + excluded.credited_minor
RETURNING 1
"""

# Not its key: whoever begins a series of this register meanwhile need not wait, and may hold what this one waits for.
_REGISTER_LOCK: Final = """
SELECT g.sale_counter + 1 AS counter, g.code || '-' || (g.sale_counter + 1) AS number
FROM registers g WHERE g.shop_id = %(shop)s AND g.id = %(counting_register)s FOR NO KEY UPDATE OF g
"""
_REGISTER_NEXT: Final = """
UPDATE registers g SET sale_counter = n.counter FROM register_locked n, first
WHERE g.shop_id = %(shop)s AND g.id = %(counting_register)s RETURNING g.id
"""


def sale_row(ctx: Ctx, draft: Draft) -> Row:
    """Make the sale's own row, all but its number."""
    sale, till, bill = draft.sale, draft.facts.till, draft.priced.bill
    review = settings.of(ctx).review_sales and draft.completed
    return {
        "id": sale.id, "body_hash": ctx.body_hash, "body_schema": sale.body_schema, "register_id": till.register_id,
        "register_session_id": till.session_id, "branch_id": till.branch_id, "location_id": till.location_id,
        "staff_id": sale.staff_id if draft.facts.seller else ctx.staff_id,
        "customer_id": draft.facts.customer and sale.customer_id,
        "session_id": ctx.session_id, "state": "completed" if draft.completed else "incomplete", "revision": 1,
        "currency": ctx.currency, "subtotal_minor": bill.subtotal_minor, "discount_minor": bill.discount_minor,
        "net_minor": bill.net_minor, "tax_minor": bill.tax_minor, "rounding_minor": bill.rounding_minor,
        "total_minor": bill.total_minor, "cost_minor": draft.priced.cost_minor, "paid_minor": draft.paid_minor,
        "credited_minor": 0, "debited_minor": 0,
        "discount": sale.discount and sale.discount.model_dump(exclude_none=True),
        "place_of_supply": draft.place_of_supply, "note": sale.note, "external_ref": sale.external_ref,
        "due_on": draft.due_on, "review": "submitted" if review else None, "business_date": till.business_date,
        "made_at": sale.made_at or ctx.now, "received_at": ctx.now, "version": 1,
    }  # fmt: skip


def line_rows(draft: Draft, revision: int = 1) -> list[Row]:
    """Make the rows of the sale's lines. What they name of units and batches is a column only where a line does."""
    kept = [stored(named_of(line)) for line in draft.priced.lines]
    lines = [
        {
            "id": line.source.id, "sale_id": draft.sale.id, "revision": revision, "position": position,
            "variant_id": line.variant_id, "tax_class_id": line.tax_class_id,
            "description": line.description, "unit": line.unit, "hsn": line.hsn,
            "quantity_milli": line.source.quantity, "unit_price_minor": line.unit_price_minor,
            "list_price_minor": line.list_price_minor, "tax_included": line.tax_included,
            "gross_minor": billed.gross_before_minor,
            "discount": line.source.discount and line.source.discount.model_dump(exclude_none=True),
            "line_discount_minor": billed.line_discount_minor, "cart_discount_minor": billed.cart_discount_minor,
            "net_minor": billed.net_minor, "taxes": tax_rows(billed.taxes), "tax_minor": billed.tax_minor,
            "total_minor": billed.total_minor, "unit_cost_minor": line.unit_cost_minor, "stocked": line.stocked,
        }
        for position, (line, billed) in enumerate(zip(draft.priced.lines, draft.priced.bill.lines, strict=True), 1)
    ]  # fmt: skip
    return [row | {"named": named} for row, named in zip(lines, kept, strict=True)] if any(kept) else lines


def named_of(line: PricedLine) -> Named:
    """Say which units or batches the seller named of a line."""
    return named(line.source.serials, line.source.batches)


def wanted(draft: Draft) -> list[Wanted]:
    """Name the goods of which it must be said which ones leave."""
    plain = [
        Wanted(line.source.id, line.variant_id, line.description, line.tracking, line.source.quantity, named_of(line))
        for line in draft.priced.lines
        if line.stocked and line.variant_id and line.tracking in TRACKED
    ]
    of_sets = (sets.wanted(line.components, named_of(line)) for line in draft.priced.lines)
    return [*plain, *(each for of in of_sets for each in of)]


def component_rows(draft: Draft, lines: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Make the rows of what the sale's sets take of their components. `lines` are the sale's own."""
    return [
        component
        for row, line in zip(lines, draft.priced.lines, strict=True)
        for component in sets.rows(line.components, sale_line_id=row["id"])
    ]


def with_components(lines: Sequence[Mapping[str, Any]], components: Sequence[Row]) -> list[Row]:
    """Give the rows of lines with their components beside them, as `queries.whole` reads them."""
    return [
        {**line, "components": [each for each in components if each["sale_line_id"] == line["id"]]} for line in lines
    ]


def tax_rows(taxes: Sequence[LineTax]) -> list[Row]:
    """Write a line's taxes as they are stored."""
    return [
        {"code": tax.code, "rate_bp": tax.rate_bp, "parts": tax.parts, "amount_minor": tax.amount_minor}
        for tax in taxes
    ]


def party_row(ctx: Ctx, draft: Draft) -> Row | None:
    """Make the snapshot of the buyer as they were, from what the till heard and what the shop knows of them."""
    told, known = draft.sale.customer, draft.facts.customer
    if told is None and known is None:
        return None
    heard = told.model_dump(exclude_none=True) if told else {}
    if "phone" in heard:
        # What cannot be read is kept as it was typed: the sale happened, and somebody may still make sense of it.
        heard["phone"] = readable_phone(heard["phone"], draft.facts.till.country) or heard["phone"]
    fields = ("name", "phone", "type", "tax_id", "address", "state_code")
    return {"sale_id": draft.sale.id} | {name: heard.get(name) or (known or {}).get(name) for name in fields}


def readable_phone(text: str, country: str) -> str | None:
    """Write a phone as it is stored; None for what is no phone number."""
    try:
        return e164(text, country)
    except PhoneNotValid:
        return None


def goods(draft: Draft, lines: Sequence[Mapping[str, Any]]) -> list[Goods]:
    """Name what leaves the stock: lines of stocked variants, and the components of sets."""
    plain = [
        Goods(
            row["variant_id"], row["quantity_milli"], row["unit_cost_minor"], row["id"], line.min_stock_milli,
            line.tracking, draft.parts.get(row["id"], ()),
        )
        for row, line in zip(lines, draft.priced.lines, strict=True)
        if line.stocked
    ]
    return [*plain, *(each for line in draft.priced.lines for each in sets.goods(line.components, draft.parts))]


def standing(row: Mapping[str, Any], invoice_id: UUID | None) -> Row:
    """Write down how the sale stands after a step."""
    return {name: row[name] for name in STANDING} | {"invoice_id": invoice_id}


def step(ctx: Ctx, sale_id: UUID, name: str, state_from: str | None, state_to: str, stands: Row, *,
         revision: int = 1, reason: str | None = None) -> Row:
    """Make the row of one step in a sale's life."""
    return {
        "id": new_id(), "sale_id": sale_id, "step": name, "state_from": state_from, "state_to": state_to,
        "revision": revision, "staff_id": ctx.staff_id, "reason": reason, "standing": stands, "at": ctx.now,
    }  # fmt: skip


def number_incomplete(writes: Writes, register_id: UUID) -> None:
    """Take the next number of a `server` register for a sale without invoice (`S1-17`); read it as
    `register_locked.number`."""
    writes.value("counting_register", register_id)
    writes.lock("register_locked", _REGISTER_LOCK)
    writes.step("register_next", _REGISTER_NEXT)
    writes.result("incomplete_number", "SELECT number FROM register_locked")


def count_day(writes: Writes, draft: Draft) -> None:
    """Add a completed sale to its branch's totals of the day."""
    bill, till = draft.priced.bill, draft.facts.till
    add_to_day(writes, {
        "branch_id": till.branch_id, "business_date": till.business_date, "sales": 1,
        "discount_minor": bill.discount_minor, "net_minor": bill.net_minor, "tax_minor": bill.tax_minor,
        "rounding_minor": bill.rounding_minor, "total_minor": bill.total_minor,
        "cost_minor": draft.priced.cost_minor, "credit_notes": 0, "credited_minor": 0,
    })  # fmt: skip


def add_to_day(writes: Writes, row: Row) -> None:
    """Add figures to a branch's totals of a day; the last part of a statement, since many documents meet there."""
    writes.rows("day", [row])
    writes.step("day_counted", _DAY)
