"""What must be known before something is ordered or received: the goods, their last prices, the place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from duka.platform.errors import NotFound, ValidationError
from duka.platform.money import LIMIT_MINOR
from duka.platform.reads import Facts, Reads
from duka.purchasing.errors import GoodsUnknown, NoStockKept, PlaceRequired

PLACES: Final = """
SELECT l.id, l.branch_id FROM locations l WHERE l.shop_id = %(shop)s AND l.active
    AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
    AND (l.id = %(location)s::uuid OR (%(location)s::uuid IS NULL AND l.kind = 'showroom'))
ORDER BY l.id LIMIT 2
"""
"""The location that was named, if the caller may use it; else the showrooms, of which there should be one."""

SOME_PLACE: Final = """
SELECT l.id, l.branch_id FROM locations l WHERE l.shop_id = %(shop)s
    AND (l.id = %(location)s::uuid OR l.branch_id = %(branch)s::uuid)
ORDER BY l.id = %(location)s::uuid DESC NULLS LAST, l.kind = 'showroom' DESC, l.active DESC, l.id LIMIT 1
"""
"""Where goods stand that came in already: at the location that was named, whatever became of it, else at one of the
branch."""

_GOODS: Final = """
SELECT v.id AS variant_id, v.name, v.deleted_at IS NOT NULL AS gone, p.kind, p.tracking,
    i.price_minor AS last_minor, cost.cost_minor
FROM unnest(%(goods)s::uuid[]) AS w(id)
CROSS JOIN LATERAL (SELECT * FROM variants v WHERE v.shop_id = %(shop)s AND v.id = w.id OFFSET 0) v
CROSS JOIN LATERAL (SELECT * FROM products p WHERE p.shop_id = %(shop)s AND p.id = v.product_id OFFSET 0) p
LEFT JOIN supplier_items i ON i.shop_id = %(shop)s AND i.supplier_id = %(goods_of)s AND i.variant_id = v.id
LEFT JOIN LATERAL (
    SELECT c.cost_minor FROM costs c
    WHERE c.shop_id = %(shop)s AND c.variant_id = v.id AND c.valid_from <= %(goods_at)s::timestamptz
    ORDER BY c.valid_from DESC, c.id DESC LIMIT 1
) cost ON true
WHERE v.deleted_at IS NULL OR %(goods_gone)s
"""


@dataclass(frozen=True, slots=True)
class Ware:
    """A variant that is bought: its name, the price that is taken where none is said (None: none is known), and how the
    shop follows it."""

    name: str
    price_minor: int | None
    tracking: str


def ask_goods(reads: Reads, variants: Sequence[UUID], supplier_id: UUID) -> None:
    """Ask about the goods of some lines (`goods`, a row for each known variant); of what happened already also about
    goods that were deleted since."""
    reads.ask("goods", _GOODS, goods=sorted(set(variants)), goods_of=supplier_id, goods_at=reads.ctx.now,
              goods_gone=reads.ctx.recording)


def goods_by_id(wanted: Sequence[UUID], rows: Sequence[Facts]) -> dict[UUID, Ware]:
    """Read the answer of `ask_goods`. GoodsUnknown, NoStockKept, each naming all that are meant."""
    found = {UUID(row["variant_id"]): row for row in rows}
    unknown = tuple(sorted(set(wanted) - found.keys()))
    if unknown:
        raise GoodsUnknown(variant_ids=unknown)
    unkept = sorted(row["name"] for row in rows if not _is_kept(row))
    if unkept:
        raise NoStockKept(", ".join(unkept[:10]))
    return {variant: _ware(row) for variant, row in found.items()}


def goods_kept(rows: Sequence[Facts]) -> dict[UUID, Ware]:
    """Read of the answer of `ask_goods` what the shop keeps stock of, for goods that came in already."""
    return {UUID(row["variant_id"]): _ware(row) for row in rows if _is_kept(row)}


def place(rows: Sequence[Facts], asked: UUID | None) -> Facts:
    """Read the answer of `PLACES`. NotFound for a location the caller may not use, PlaceRequired where it is not
    clear."""
    if asked is not None and not rows:
        raise NotFound(what="location")
    if len(rows) != 1:
        raise PlaceRequired
    return rows[0]


def refuse_too_much(amounts_minor: Sequence[int]) -> None:
    """Refuse lines that come to more than can be booked. ValidationError."""
    if sum(amounts_minor) > LIMIT_MINOR:
        raise ValidationError(fields={"lines": ["This is worth more than Duka can book."]})


def _is_kept(row: Facts) -> bool:
    return bool(row["kind"] != "service" and row["tracking"] != "none")


def _ware(row: Facts) -> Ware:
    return Ware(row["name"], _price(row), row["tracking"])


def _price(row: Facts) -> int | None:
    known: Any = row["cost_minor"] if row["last_minor"] is None else row["last_minor"]
    return None if known is None else int(min(known, LIMIT_MINOR))
