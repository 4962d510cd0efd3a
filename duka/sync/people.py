"""The rows of people: customers with what they owe, and the colleagues who take turns at a till."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from duka.platform.context import Ctx
from duka.platform.reads import Reads
from duka.shops import permissions
from duka.sync.reach import Reach

_CUSTOMER: Final = """
SELECT c.id, c.name, c.phone, c.type, c.tax_id, c.state_code, c.credit_limit_minor, coalesce(due.owed_minor, 0)
    AS owed_minor, c.external_ref, c.active
FROM ({wanted}) w
CROSS JOIN LATERAL (SELECT * FROM customers c WHERE c.shop_id = %(shop)s AND c.id = w.id OFFSET 0) c
CROSS JOIN LATERAL (
    SELECT sum(s.total_minor + s.debited_minor - s.paid_minor - s.credited_minor)::bigint AS owed_minor FROM sales s
    WHERE s.shop_id = %(shop)s AND s.customer_id = c.id AND s.state = 'completed'
        AND s.paid_minor + s.credited_minor < s.total_minor + s.debited_minor
) due
"""
"""A customer as a till needs them. Notes, addresses, birthdays and ID numbers stay at the server."""

_SEEN: Final = "shop_id = %(shop)s AND (%(registered_by)s::uuid IS NULL OR created_by = %(registered_by)s::uuid)"
_CUSTOMER_PAGE: Final = f"""
SELECT id FROM customers WHERE {_SEEN} AND id > %(customer_after)s ORDER BY id LIMIT %(customer_limit)s
"""  # noqa: S608 - no outside text
_CUSTOMERS_OF: Final = f"""
SELECT id FROM customers WHERE {_SEEN} AND (id = ANY(%(customers)s) OR id IN (
    SELECT customer_id FROM sales WHERE shop_id = %(shop)s AND id = ANY(%(sales)s)))
"""  # noqa: S608 - no outside text

_STAFF: Final = """
SELECT st.id, st.name, st.branch_id, st.status, r.name AS role_name, r.permissions, r.discount_ceiling_bp,
    CASE WHEN n.staff_id IS NOT NULL THEN json_build_object(
        'salt', encode(n.salt, 'hex'), 'iterations', n.iterations, 'hash', encode(n.hash, 'hex')
    ) END AS pin
FROM staff st JOIN roles r ON r.shop_id = %(shop)s AND r.id = st.role_id
LEFT JOIN till_pins n ON n.shop_id = %(shop)s AND n.staff_id = st.id AND st.status = 'active' AND %(is_device)s
WHERE st.shop_id = %(shop)s AND st.status IN ('active', 'suspended') AND (
    st.id = %(me)s::uuid OR %(whole_shop)s
    OR (%(staff_branch)s::uuid IS NOT NULL AND (st.branch_id = %(staff_branch)s::uuid
        OR (%(is_device)s AND st.branch_id IS NULL)))
)
"""
"""Who may take a turn at the till. Everybody sees themselves; a till's own device sees who works in its branch."""


def ask_customers(ctx: Ctx, reads: Reads, after: UUID, limit: int) -> None:
    """Ask for the next customers (`customer`) by id."""
    sql = _CUSTOMER.format(wanted=_CUSTOMER_PAGE)
    reads.ask("customer", sql, registered_by=_registered_by(ctx), customer_after=after, customer_limit=limit)


def ask_customers_of(ctx: Ctx, reads: Reads, customers: Sequence[UUID], sales: Sequence[UUID]) -> None:
    """Ask for some customers (`customer`), and for those who bought by some sales."""
    sql = _CUSTOMER.format(wanted=_CUSTOMERS_OF)
    reads.ask("customer", sql, registered_by=_registered_by(ctx), customers=list(customers), sales=list(sales))


def _registered_by(ctx: Ctx) -> UUID | None:
    return ctx.staff_id if ctx.permissions.get("customers:read") == "own" else None


def ask_staff(ctx: Ctx, reads: Reads, reach: Reach, some: tuple[Sequence[UUID], Sequence[UUID]] | None) -> None:
    """Ask for staff (`staff`): all in reach, or some by their own ids and by those of their roles."""
    reads_staff = ctx.permissions.get("staff:read")
    branch_id = reach.branch_id if reach.is_device else ctx.branch_id if reads_staff == "branch" else None
    values = {
        "me": ctx.staff_id, "whole_shop": reads_staff == "shop" and not reach.is_device, "staff_branch": branch_id,
        "is_device": reach.is_device,
    }  # fmt: skip
    if some is None:
        reads.ask("staff", _STAFF, **values)
    else:
        which = " AND (st.id = ANY(%(staff)s) OR st.role_id = ANY(%(roles)s))"
        reads.ask("staff", _STAFF + which, **values, staff=list(some[0]), roles=list(some[1]))


def staff_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Write a colleague: what they may do is as wide as their branch lets it be."""
    granted = orjson.dumps(row["permissions"]).decode()
    return {**row, "permissions": dict(permissions.read(granted, in_branch=row["branch_id"] is not None))}
