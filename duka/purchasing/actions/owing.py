"""What bills, payments and returns share: they hold their supplier, look at what was received, change what is owed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import IdempotencyConflict, NotFound
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Facts, Reads
from duka.platform.writes import Writes
from duka.purchasing.errors import BranchRequired, SupplierNotFound


@dataclass(frozen=True, slots=True)
class Came:
    """A receipt's line and what became of it, in thousandths and minor units. `billed_minor` is what bills asked."""

    id: UUID
    receipt_id: UUID
    variant_id: UUID
    branch_id: UUID
    location_id: UUID
    accepted_milli: int
    value_minor: int
    billed_milli: int
    returned_milli: int
    credited_milli: int
    billed_minor: int

    @property
    def cleared_milli(self) -> int:
        """How much of it was billed, or went back before it was billed."""
        return self.billed_milli + self.returned_milli


_HOLD: Final = """
SELECT owed_minor, credit_days FROM suppliers WHERE shop_id = %(shop)s AND id = %(supplier)s FOR NO KEY UPDATE
"""

_CAME: Final = """
SELECT l.id, l.receipt_id, l.variant_id, r.branch_id, r.location_id, l.accepted_milli, l.value_minor,
    p.billed_milli, p.returned_milli, p.credited_milli, coalesce((
        SELECT sum(b.net_minor) FROM supplier_bill_lines b WHERE b.shop_id = %(shop)s AND b.receipt_line_id = l.id
    ), 0)::bigint AS billed_minor
FROM goods_receipt_lines l
JOIN goods_receipts r ON r.shop_id = %(shop)s AND r.id = l.receipt_id
JOIN goods_receipt_progress p ON p.shop_id = %(shop)s AND p.receipt_line_id = l.id
WHERE l.shop_id = %(shop)s AND l.id = ANY(%(came)s::uuid[]) AND r.supplier_id = %(supplier)s
    AND (%(branch)s::uuid IS NULL OR r.branch_id = %(branch)s::uuid)
"""

_BRANCHES: Final = """
SELECT b.id FROM branches b WHERE b.shop_id = %(shop)s AND b.active
    AND (%(own)s::uuid IS NULL OR b.id = %(own)s::uuid) AND (%(asked)s::uuid IS NULL OR b.id = %(asked)s::uuid)
ORDER BY b.id LIMIT 2
"""

_OWE: Final = """
UPDATE suppliers s SET owed_minor = s.owed_minor + %(owed_change)s::bigint FROM first
WHERE s.shop_id = %(shop)s AND s.id = %(owed_to)s RETURNING s.id
"""

_PROGRESS: Final = """
UPDATE goods_receipt_progress p SET billed_milli = p.billed_milli + r.billed_milli,
    returned_milli = p.returned_milli + r.returned_milli, credited_milli = p.credited_milli + r.credited_milli
FROM first, jsonb_to_recordset(%(cleared)s::jsonb)
    AS r(id uuid, billed_milli bigint, returned_milli bigint, credited_milli bigint)
WHERE p.shop_id = %(shop)s AND p.receipt_line_id = r.id RETURNING 1
"""


async def standing(ctx: Ctx, table: str, document_id: UUID) -> bool:
    """Say whether a document stands already. IdempotencyConflict where it does with another body."""
    rows = await fetch(
        ctx, f"SELECT body_hash FROM {table} WHERE shop_id = %(shop)s AND id = %(document)s",  # noqa: S608 - a name of ours
        {"document": document_id},
    )  # fmt: skip
    if rows and bytes(rows[0].body_hash) != ctx.body_hash:
        raise IdempotencyConflict
    return bool(rows)


async def hold(ctx: Ctx, supplier_id: UUID) -> Any:
    """Lock a supplier: its bills, payments and returns are written one after the other. Gives what it is owed and its
    credit days. SupplierNotFound."""
    rows = await fetch(ctx, _HOLD, {"supplier": supplier_id})
    if not rows:
        raise SupplierNotFound
    return rows[0]


async def came(ctx: Ctx, supplier_id: UUID, line_ids: Collection[UUID]) -> dict[UUID, Came]:
    """Give what came of some receipt lines of a held supplier. NotFound for one that is another one's, or another
    branch's."""
    values = {"supplier": supplier_id, "came": list(line_ids), "branch": ctx.branch_id}
    found = {row.id: Came(**row._mapping) for row in await fetch(ctx, _CAME, values)}
    if found.keys() != set(line_ids):
        raise NotFound(what="line of a goods receipt")
    return found


async def branch(ctx: Ctx, asked: UUID | None) -> UUID:
    """Give the branch that a document without goods is for. NotFound for one that is not the caller's, BranchRequired
    where it is not clear."""
    reads = Reads(ctx)
    reads.ask("branches", _BRANCHES, own=ctx.branch_id, asked=asked)
    rows: Sequence[Facts] = (await reads.send())["branches"]
    if asked is not None and not rows:
        raise NotFound(what="branch")
    if len(rows) != 1:
        raise BranchRequired
    return UUID(rows[0]["id"])


def owe(writes: Writes, supplier_id: UUID, change_minor: int) -> None:
    """Change what a held supplier is owed."""
    writes.value("owed_to", supplier_id)
    writes.value("owed_change", change_minor)
    writes.step("owed", _OWE)


def clear(writes: Writes, rows: Sequence[dict[str, Any]]) -> None:
    """Note how much of receipt lines was billed (`billed_milli`), went back before (`returned_milli`) or after it
    (`credited_milli`)."""
    writes.rows("cleared", rows)
    writes.step("cleared_lines", _PROGRESS)


def tell(
    writes: Writes, event: str, action: str, entity: str, document_id: UUID, supplier_id: UUID, amount_minor: int,
    reason: str | None = None,
) -> None:  # fmt: skip
    """Write the audit entry and the event of a document."""
    facts = {"supplier_id": supplier_id, "amount_minor": amount_minor}
    entry = audit.entry(writes.ctx, action, entity, document_id, after=facts, reason=reason)
    writes.insert(AuditEntry, [entry])
    writes.insert(OutboxEvent, [events.entry(writes.ctx, event, document_id, facts)])
