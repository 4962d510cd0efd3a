"""What is asked about shops: the till a document is made at, and its series."""

from typing import Final
from uuid import UUID

from duka.platform.reads import Reads

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
FROM series WHERE shop_id = %(shop)s AND register_id = (SELECT register_id FROM ({till}) t) AND kind = %(series_kind)s
ORDER BY financial_year DESC LIMIT 3
"""


def ask_till(reads: Reads, register_id: UUID | None, branch_id: UUID | None, series_kind: str) -> None:
    """Ask for a register with its branch and showroom (`till`) and its newest series of a kind (`series`).

    Without a register it is the first open `server` register of the branch, or of the shop.
    """
    reads.ask("till", TILL, till_register=register_id, till_branch=branch_id)
    reads.ask("series", _SERIES.replace("{till}", TILL), series_kind=series_kind)
