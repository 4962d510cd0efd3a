"""What is asked about units with serial numbers and batches: which there are, where they stand, what expires."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from duka.platform.context import Ctx
from duka.platform.reads import Reads
from duka.platform.wire import PageInfo, Paging, page
from duka.shops import settings
from duka.stock.choosing import code_of
from duka.stock.errors import BatchNotFound, UnitNotFound
from duka.stock.queries import PLACES, PRODUCTS, VARIANTS
from duka.stock.units.models import Batch, BatchBalance, Unit, UnitCode

_variants, _products, _places = VARIANTS.c, PRODUCTS.c, PLACES.c


@dataclass(frozen=True, slots=True)
class Which:
    """What a list of units or batches is narrowed to. A serial number is found however it is written."""

    serial: str | None = None
    variant_id: UUID | None = None
    product_id: UUID | None = None
    location_id: UUID | None = None
    state: str | None = None
    expiring: bool | None = None
    days: int | None = None


def serials_of(table: str, document: str) -> ColumnElement[Any]:
    """Give a column: the serial numbers of what moved with a line, null where none has one. `table` is the lines',
    `document` its column with the id of the document whose movements they are."""
    return literal_column(f"""(
        SELECT jsonb_agg(c.code ORDER BY p.id) FROM stock_movements m
        JOIN stock_parts p ON p.shop_id = m.shop_id AND p.movement_id = m.id AND p.fault IS NULL
        JOIN stock_unit_codes c ON c.shop_id = p.shop_id AND c.unit_id = p.unit_id AND c.position = 0
        WHERE m.shop_id = {table}.shop_id AND m.source_id = {table}.{document} AND m.source_line_id = {table}.id
    )""", JSONB())  # noqa: S608 - names of ours


def batches_of(table: str, document: str) -> ColumnElement[Any]:
    """Give a column: the batches of what moved with a line with how much of each, null where it has none."""
    return literal_column(f"""(
        SELECT jsonb_agg(jsonb_build_object('number', b.number, 'expires_on', b.expires_on,
            'quantity_milli', abs(p.quantity_milli)) ORDER BY p.id) FROM stock_movements m
        JOIN stock_parts p ON p.shop_id = m.shop_id AND p.movement_id = m.id AND p.fault IS NULL
        JOIN stock_batches b ON b.shop_id = p.shop_id AND b.id = p.batch_id
        WHERE m.shop_id = {table}.shop_id AND m.source_id = {table}.{document} AND m.source_line_id = {table}.id
    )""", JSONB())  # noqa: S608 - names of ours


# Each variant's units and batches under their own names; the id puts every row in its place.
_BY_NAME: Final = func.lower(_variants.name)

_of_unit: Final = UnitCode.__table__.c
_IN_TURN: Final = (_of_unit.position, _of_unit.code)
_OF_UNIT: Final = (_of_unit.shop_id == Unit.shop_id, _of_unit.unit_id == Unit.id)
_CODES: Final = (
    select(func.jsonb_agg(aggregate_order_by(_of_unit.code, *_IN_TURN))).where(*_OF_UNIT).scalar_subquery()
)
_CODES_TEXT: Final = (
    select(func.string_agg(_of_unit.code, aggregate_order_by(literal(", "), *_IN_TURN)))
    .where(*_OF_UNIT)
    .scalar_subquery()
)


async def units(ctx: Ctx, asked: Paging, which: Which) -> tuple[Sequence[Any], PageInfo]:
    """List units, the newest first, in all branches: whoever may see stock sees all of it."""
    query = (
        select(
            Unit.id, Unit.variant_id, _variants.name.label("variant_name"), _variants.sku, _variants.product_id,
            _CODES.label("serials"), _CODES_TEXT.label("serial"), Unit.state, Unit.location_id,
            _places.name.label("location_name"), _places.branch_id, Unit.changed_at,
        )
        .join_from(Unit, VARIANTS, and_(_variants.shop_id == Unit.shop_id, _variants.id == Unit.variant_id))
        .outerjoin(PLACES, and_(_places.shop_id == Unit.shop_id, _places.id == Unit.location_id))
        .where(Unit.shop_id == ctx.shop_id)
    )  # fmt: skip
    narrowings = (
        (which.variant_id, Unit.variant_id), (which.product_id, _variants.product_id),
        (which.location_id, Unit.location_id), (which.state, Unit.state),
    )  # fmt: skip
    query = query.where(*(place == value for value, place in narrowings if value is not None))
    if which.serial is not None:
        known = select(UnitCode.unit_id).where(
            UnitCode.shop_id == ctx.shop_id, UnitCode.code == code_of(which.serial)
        )
        query = query.where(Unit.id.in_(known))
    if asked.q:
        begins = select(UnitCode.unit_id).where(
            UnitCode.shop_id == ctx.shop_id, UnitCode.code.contains(code_of(asked.q), autoescape=True)
        )
        query = query.where(Unit.id.in_(begins) | _variants.search.contains(asked.q.lower(), autoescape=True))
    sorts: dict[str, Any] = {"id": Unit.id, "changed_at": Unit.changed_at}
    return await page(ctx, query, asked, sorts, Unit.id, default="-id")


async def batches(ctx: Ctx, asked: Paging, which: Which) -> tuple[list[dict[str, Any]], PageInfo]:
    """List batches of which something is left, what expires first before; with `expiring` only those whose last day is
    over or within the shop's days of warning (or `days`)."""
    today = ctx.today(settings.of(ctx).day_start_minutes)
    left = (
        select(BatchBalance.batch_id, func.sum(BatchBalance.quantity_milli).label("milli"), func.jsonb_agg(
            func.jsonb_build_object(
                "location_id", BatchBalance.location_id, "location_name", _places.name,
                "branch_id", _places.branch_id, "quantity_milli", BatchBalance.quantity_milli,
            )
        ).label("places"))
        .join(PLACES, and_(_places.shop_id == BatchBalance.shop_id, _places.id == BatchBalance.location_id))
        .where(BatchBalance.shop_id == ctx.shop_id, BatchBalance.quantity_milli > 0)
        .group_by(BatchBalance.batch_id)
    )  # fmt: skip
    if which.location_id is not None:
        left = left.where(BatchBalance.location_id == which.location_id)
    held = left.subquery("held").c
    last_day = func.coalesce(cast(Batch.expires_on, Text()), "9999-12-31")
    query = (
        select(
            Batch.id, Batch.variant_id, _variants.name.label("variant_name"), _variants.sku, _variants.product_id,
            _products.unit, Batch.number, Batch.expires_on, held.milli.label("quantity_milli"), held.places,
        )
        .join_from(Batch, held.batch_id.table, held.batch_id == Batch.id)
        .join(VARIANTS, and_(_variants.shop_id == Batch.shop_id, _variants.id == Batch.variant_id))
        .join(PRODUCTS, and_(_products.shop_id == Batch.shop_id, _products.id == _variants.product_id))
        .where(Batch.shop_id == ctx.shop_id)
    )  # fmt: skip
    narrowings = ((which.variant_id, Batch.variant_id), (which.product_id, _variants.product_id))
    query = query.where(*(place == value for value, place in narrowings if value is not None))
    if which.expiring is not None:
        until = today + timedelta(days=settings.of(ctx).expiry_warning_days if which.days is None else which.days)
        soon = Batch.expires_on <= until
        query = query.where(soon if which.expiring else func.coalesce(~soon, True))
    if asked.q:
        words = asked.q.lower()
        query = query.where(
            func.lower(Batch.number).contains(words, autoescape=True)
            | _variants.search.contains(words, autoescape=True)
        )
    sorts: dict[str, Any] = {"expires_on": last_day, "name": _BY_NAME, "id": Batch.id}
    rows, info = await page(ctx, query, asked, sorts, Batch.id, default="expires_on")
    return [{**row._mapping, "days_left": _days_left(row.expires_on, today)} for row in rows], info


def _days_left(expires_on: date | None, today: date) -> int | None:
    return None if expires_on is None else (expires_on - today).days


_UNIT: Final = """
SELECT u.id, u.variant_id, v.name AS variant_name, v.sku, v.product_id, u.state, u.location_id,
    l.name AS location_name, l.branch_id, u.changed_at, (
        SELECT jsonb_agg(c.code ORDER BY c.position, c.code) FROM stock_unit_codes c
        WHERE c.shop_id = %(shop)s AND c.unit_id = u.id
    ) AS serials
FROM stock_units u JOIN variants v ON v.shop_id = %(shop)s AND v.id = u.variant_id
LEFT JOIN locations l ON l.shop_id = %(shop)s AND l.id = u.location_id
WHERE u.shop_id = %(shop)s AND u.id = %(unit)s
"""

_WAY: Final = """
SELECT m.at, m.business_date, m.kind, CASE WHEN p.quantity_milli > 0 THEN 'in' ELSE 'out' END AS direction,
    p.location_id, l.name AS location_name, m.source, m.source_id, m.source_line_id, m.staff_id, m.reason, p.fault
FROM stock_parts p JOIN stock_movements m ON m.shop_id = %(shop)s AND m.id = p.movement_id
JOIN locations l ON l.shop_id = %(shop)s AND l.id = p.location_id
WHERE p.shop_id = %(shop)s AND p.unit_id = %(unit)s ORDER BY p.id
"""


async def unit(ctx: Ctx, unit_id: UUID) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give one unit, and its way from where it came to where it is, the oldest step first. UnitNotFound."""
    reads = Reads(ctx)
    reads.ask("unit", _UNIT, unit=unit_id)
    reads.ask("way", _WAY)
    facts = await reads.send()
    if not facts["unit"]:
        raise UnitNotFound
    return facts["unit"][0], facts["way"]


async def batch(ctx: Ctx, batch_id: UUID) -> Batch:
    """Give one batch. BatchNotFound."""
    mine = select(Batch).where(Batch.shop_id == ctx.shop_id, Batch.id == batch_id)
    found = (await ctx.db.scalars(mine)).one_or_none()
    if found is None:
        raise BatchNotFound
    return found
