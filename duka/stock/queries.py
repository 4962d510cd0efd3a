"""What is asked about stock: what stands where, what moved, what runs low, what was corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Numeric,
    Select,
    Text,
    Uuid,
    and_,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    table,
    true,
    union_all,
)  # fmt: skip

from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.wire import PageInfo, Paging, page
from duka.stock.costs.models import CostCorrection
from duka.stock.models import Adjustment, AdjustmentRequest, Balance, Movement
from duka.stock.rules import reorder_milli
from duka.stock.schemas import Kind, State

# Names of goods and places, for lists that are one statement. They are the catalogue's and the shop's own tables:
# read here, never written, and always joined by shop.
VARIANTS: Final = table(
    "variants", column("shop_id", Uuid()), column("id", Uuid()), column("product_id", Uuid()), column("name", Text()),
    column("sku", Text()), column("search", Text()), column("active", Boolean()), column("deleted_at", DateTime()),
)  # fmt: skip
PRODUCTS: Final = table(
    "products", column("shop_id", Uuid()), column("id", Uuid()), column("unit", Text()), column("kind", Text()),
    column("tracking", Text()), column("active", Boolean()), column("min_stock_milli", BigInteger()),
    column("reorder_quantity_milli", BigInteger()),
)  # fmt: skip
PLACES: Final = table(
    "locations", column("shop_id", Uuid()), column("id", Uuid()), column("branch_id", Uuid()), column("name", Text()),
    column("kind", Text()), column("active", Boolean()),
)  # fmt: skip

_variants, _products, _places = VARIANTS.c, PRODUCTS.c, PLACES.c
_LEVEL: Final = func.coalesce(Balance.min_stock_milli, _products.min_stock_milli)
_HELD: Final = func.coalesce(Balance.quantity_milli, 0)
# What left another location for this one and did not arrive yet. Few transfers are under way: an index names them.
_IN_TRANSIT: Final[ColumnElement[int]] = literal_column(
    "coalesce((SELECT sum(l.dispatched_milli) FROM stock_transfers t JOIN stock_transfer_lines l "
    "ON l.shop_id = t.shop_id AND l.transfer_id = t.id WHERE t.shop_id = stock_balances.shop_id "
    "AND t.state = 'dispatched' AND t.to_location_id = stock_balances.location_id "
    "AND l.variant_id = stock_balances.variant_id), 0)::bigint", BigInteger(),
)  # fmt: skip
# What suppliers are still to bring here: purchasing stands above stock, and is read by name. An index of order lines by
# variant finds them.
_INCOMING: Final[ColumnElement[int]] = literal_column(
    "coalesce((SELECT sum(greatest(least(n.quantity_milli, n.confirmed_milli) - n.received_milli, 0)) "
    "FROM purchase_order_lines n "
    "JOIN purchase_orders o ON o.shop_id = n.shop_id AND o.id = n.order_id "
    "WHERE n.shop_id = stock_balances.shop_id AND n.variant_id = stock_balances.variant_id "
    "AND o.location_id = stock_balances.location_id "
    "AND o.state IN ('requested', 'approved', 'ordered', 'part_received')), 0)::bigint", BigInteger(),
)  # fmt: skip
# One variant stands at several locations: its name with its id, then the location, put every row in its place.
_BY_NAME: Final = func.lower(_variants.name) + literal("\x1f") + cast(_variants.id, Text())


@dataclass(frozen=True, slots=True)
class Where:
    """What a list of stock is narrowed to."""

    variant_id: UUID | None = None
    location_id: UUID | None = None
    branch_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What a list of movements or corrections is narrowed to; days are business days, both included."""

    variant_id: UUID | None = None
    location_id: UUID | None = None
    kind: Kind | None = None
    state: State | None = None
    source_id: UUID | None = None
    decided: bool | None = None
    product_id: UUID | None = None
    since: date | None = None
    until: date | None = None


async def balances(
    ctx: Ctx, asked: Paging, where: Where, *, low: bool | None = None, negative: bool | None = None
) -> tuple[Sequence[Any], PageInfo]:
    """List what stands where, in all branches: whoever may see stock sees all of it. `low` keeps only what is at its
    warning level or below, `negative` what stands below zero; or only the rest."""
    query = _balances(ctx)
    if low is not None:
        fallen = _HELD <= _LEVEL
        query = query.where(fallen if low else ~fallen)
    if negative is not None:
        query = query.where(Balance.quantity_milli < 0 if negative else Balance.quantity_milli >= 0)
    sorts: dict[str, Any] = {"name": _BY_NAME, "variant_id": Balance.variant_id}
    return await page(ctx, _narrowed(query, asked, where), asked, sorts, Balance.location_id, default="name")


async def balance(ctx: Ctx, variant_id: UUID, location_id: UUID) -> Any:
    """Give one line of `balances`. NotFound where the variant never stood and has no level."""
    query = _balances(ctx)
    found = await ctx.db.execute(query.where(Balance.variant_id == variant_id, Balance.location_id == location_id))
    row = found.one_or_none()
    if row is None:
        raise NotFound(what="stock")
    return row


async def low(ctx: Ctx, asked: Paging, where: Where) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List what has fallen to its warning level where it is sold or stored, with a suggestion of what to order.

    A variant that never stood anywhere is low in each showroom whose level it does not reach.
    """
    # Looked up by its whole key (LIMIT keeps it so): a new shop's rows are not counted yet, and a plan made for a
    # handful of them takes minutes for thousands.
    columns = (Balance.variant_id, Balance.quantity_milli, Balance.min_stock_milli)
    of_both = (Balance.variant_id == _variants.id, Balance.location_id == _places.id)
    here = select(*columns).where(Balance.shop_id == ctx.shop_id, *of_both).limit(1).lateral("here").c
    held = func.coalesce(here.quantity_milli, 0)
    level = func.coalesce(here.min_stock_milli, _products.min_stock_milli)
    elsewhere = Balance.__table__.alias("elsewhere")
    stood = exists().where(elsewhere.c.shop_id == ctx.shop_id, elsewhere.c.variant_id == _variants.id)
    query = _named((
        *_NAMES, held.label("quantity_milli"), level.label("min_stock_milli"), _products.reorder_quantity_milli,
    ), ctx).join(PLACES, and_(_places.shop_id == ctx.shop_id, _places.active)).outerjoin(here.variant_id.table, true())
    query = query.where(
        _variants.active, _variants.deleted_at.is_(None), _products.active, _products.kind == "goods",
        _products.tracking != "none", _places.kind.notin_(("damaged", "transit")), held <= level,
        or_(here.variant_id.is_not(None), and_(_places.kind == "showroom", ~stood)),
    )  # fmt: skip
    rows, info = await page(ctx, _narrowed(query, asked, where), asked, {"name": _BY_NAME}, _places.id, default="name")
    return [
        {**row._mapping, "suggested_milli": reorder_milli(
            row.quantity_milli, row.min_stock_milli, row.reorder_quantity_milli
        )} for row in rows
    ], info  # fmt: skip


async def movements(ctx: Ctx, asked: Paging, where: Moved) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List movements, the newest first; those of their own branch for whoever is bound to one."""
    corrected = select(cast(func.coalesce(func.sum(CostCorrection.value_minor), 0), BigInteger())).where(
        CostCorrection.shop_id == ctx.shop_id, CostCorrection.movement_id == Movement.id
    ).scalar_subquery()  # fmt: skip
    query = _named((
        Movement.id, Movement.kind, *_NAMES, Movement.quantity_milli, Movement.source, Movement.source_id,
        Movement.source_line_id, Movement.reason, Movement.note, Movement.staff_id, Movement.business_date, Movement.at,
        Movement.unit_cost_minor.label("unit_cost"), corrected.label("cost_correction"),
    ), ctx).join(Movement, and_(Movement.shop_id == ctx.shop_id, Movement.variant_id == _variants.id)).join(
        PLACES, and_(_places.shop_id == ctx.shop_id, _places.id == Movement.location_id)
    )  # fmt: skip
    narrowings = (
        (where.variant_id, Movement.variant_id), (where.location_id, Movement.location_id),
        (where.kind, Movement.kind), (where.source_id, Movement.source_id), (where.product_id, _variants.product_id),
    )  # fmt: skip
    query = query.where(*(place == value for value, place in narrowings if value is not None))
    query = query.where(*_between(Movement.business_date, where), *_within(ctx, Movement.staff_id))
    sorts: dict[str, Any] = {"id": Movement.id, "at": Movement.at, "business_date": Movement.business_date}
    rows, info = await page(ctx, query, asked, sorts, Movement.id, default="-id")
    return [_without_cost(ctx, row, "unit_cost", "cost_correction") for row in rows], info


async def adjustments(ctx: Ctx, asked: Paging, where: Moved) -> tuple[Sequence[dict[str, Any]], PageInfo]:
    """List corrections by hand, waiting and rejected requests among them, the newest first."""
    all_of_them = union_all(_applied(ctx), _requested(ctx).where(AdjustmentRequest.state != "approved"))
    rows = all_of_them.subquery("corrections").c
    query = _document(ctx, rows)
    narrowings = (
        (where.variant_id, rows.variant_id), (where.location_id, rows.location_id), (where.state, rows.state),
        (where.product_id, _variants.product_id),
    )  # fmt: skip
    query = query.where(*(place == value for value, place in narrowings if value is not None))
    query = query.where(*_between(rows.business_date, where), *_within(ctx, rows.staff_id))
    if where.decided is not None:
        query = query.where(rows.decided_at.is_not(None) if where.decided else rows.decided_at.is_(None))
    found, info = await page(ctx, query, asked, {"id": rows.id, "at": rows.at}, rows.id, default="-id")
    return [_without_cost(ctx, row, "unit_cost", "value") for row in found], info


async def adjustment(ctx: Ctx, adjustment_id: UUID) -> dict[str, Any]:
    """Give one correction as it stands. NotFound when the shop has none, or it is out of the caller's scope."""
    return await _one(ctx, adjustment_id, union_all(
        _applied(ctx), _requested(ctx).where(AdjustmentRequest.state != "approved")
    ))  # fmt: skip


async def first_state(ctx: Ctx, adjustment_id: UUID) -> dict[str, Any]:
    """Give one correction as it was first answered: a request as it was made, whatever was decided since."""
    asked = _requested(ctx, as_made=True)
    straight = _applied(ctx).where(AdjustmentRequest.id.is_(None))
    return await _one(ctx, adjustment_id, union_all(asked, straight))


# Each branch has a showroom: in a file only the branch's name tells them apart.
_BRANCH_NAME: Final[ColumnElement[str]] = literal_column(
    "(SELECT b.name FROM branches b WHERE b.shop_id = locations.shop_id AND b.id = locations.branch_id)", Text()
)
_NAMES: Final = (
    _variants.id.label("variant_id"), _variants.name.label("variant_name"), _variants.sku, _variants.product_id,
    _products.unit, _places.id.label("location_id"), _places.name.label("location_name"), _places.branch_id,
    _BRANCH_NAME.label("branch_name"),
)  # fmt: skip


def _named(columns: Sequence[Any], ctx: Ctx) -> Select[Any]:
    """Start a select of columns from the shop's variants with their products; `PLACES` is joined by the caller."""
    return (
        select(*columns)
        .select_from(VARIANTS)
        .join(PRODUCTS, and_(_products.shop_id == _variants.shop_id, _products.id == _variants.product_id))
        .where(_variants.shop_id == ctx.shop_id)
    )


def _balances(ctx: Ctx) -> Select[Any]:
    columns = (
        *_NAMES, Balance.quantity_milli, Balance.reserved_milli,
        (Balance.quantity_milli - Balance.reserved_milli).label("available_milli"),
        _INCOMING.label("incoming_milli"), _IN_TRANSIT.label("in_transit_milli"), _LEVEL.label("min_stock_milli"),
        Balance.min_stock_milli.label("min_stock_here_milli"), (_HELD <= _LEVEL).label("low"), Balance.version,
    )  # fmt: skip
    standing = and_(Balance.shop_id == ctx.shop_id, Balance.variant_id == _variants.id)
    there = and_(_places.shop_id == ctx.shop_id, _places.id == Balance.location_id)
    return _named(columns, ctx).join(Balance, standing).join(PLACES, there)


def _narrowed(query: Select[Any], asked: Paging, where: Where) -> Select[Any]:
    narrowings = (
        (where.variant_id, _variants.id), (where.location_id, _places.id), (where.branch_id, _places.branch_id),
    )  # fmt: skip
    query = query.where(*(place == value for value, place in narrowings if value is not None))
    return query.where(_variants.search.contains(asked.q.lower(), autoescape=True)) if asked.q else query


def _applied(ctx: Ctx) -> Select[Any]:
    decided = and_(AdjustmentRequest.shop_id == ctx.shop_id, AdjustmentRequest.id == Adjustment.id)
    columns: tuple[Any, ...] = (
        Adjustment.id, literal("applied").label("state"), Adjustment.variant_id, Adjustment.location_id,
        Adjustment.quantity_milli, Adjustment.unit_cost_minor, Adjustment.reason, Adjustment.note,
        func.coalesce(AdjustmentRequest.requested_by, Adjustment.staff_id).label("staff_id"), Adjustment.at,
        Adjustment.business_date, AdjustmentRequest.decided_by, AdjustmentRequest.decided_at,
        AdjustmentRequest.decision_reason,
    )  # fmt: skip
    return select(*columns).outerjoin_from(Adjustment, AdjustmentRequest, decided).where(
        Adjustment.shop_id == ctx.shop_id
    )  # fmt: skip


def _requested(ctx: Ctx, *, as_made: bool = False) -> Select[Any]:
    asked = AdjustmentRequest
    decision: tuple[Any, ...] = (asked.decided_by, asked.decided_at, asked.decision_reason)
    if as_made:
        decision = (
            cast(null(), Uuid()).label("decided_by"), cast(null(), DateTime(timezone=True)).label("decided_at"),
            cast(null(), Text()).label("decision_reason"),
        )  # fmt: skip
    columns: tuple[Any, ...] = (
        asked.id, (literal("requested") if as_made else asked.state).label("state"), asked.variant_id,
        asked.location_id, asked.quantity_milli, asked.unit_cost_minor, asked.reason, asked.note,
        asked.requested_by.label("staff_id"), asked.at, cast(null(), Date()).label("business_date"), *decision,
    )  # fmt: skip
    return select(*columns).where(asked.shop_id == ctx.shop_id)


async def _one(ctx: Ctx, adjustment_id: UUID, source: Any) -> dict[str, Any]:
    rows = source.subquery("corrections").c
    query = _document(ctx, rows).where(rows.id == adjustment_id, *_within(ctx, rows.staff_id))
    row = (await ctx.db.execute(query)).one_or_none()
    if row is None:
        raise NotFound(what="stock adjustment")
    return _without_cost(ctx, row, "unit_cost", "value")


def _document(ctx: Ctx, rows: Any) -> Select[Any]:
    worth = func.round(cast(rows.quantity_milli, Numeric()) * rows.unit_cost_minor / 1000)
    return _named((
        rows.id, rows.state, *_NAMES, rows.quantity_milli, rows.reason, rows.note, rows.staff_id, rows.at,
        rows.business_date, rows.decided_by, rows.decided_at, rows.decision_reason,
        rows.unit_cost_minor.label("unit_cost"), cast(worth, BigInteger()).label("value"),
    ), ctx).join(rows.id.table, rows.variant_id == _variants.id).join(
        PLACES, and_(_places.shop_id == ctx.shop_id, _places.id == rows.location_id)
    )  # fmt: skip


def _between(day: ColumnElement[Any] | Any, where: Moved) -> list[ColumnElement[bool]]:
    ends = [day >= where.since] if where.since else []
    return [*ends, day <= where.until] if where.until else ends


def _within(ctx: Ctx, staff_id: ColumnElement[Any] | Any) -> list[ColumnElement[bool]]:
    match ctx.permissions.get("stock:read"):
        case "shop":
            return []
        case "branch":
            return [_places.branch_id == ctx.branch_id]
    return [staff_id == ctx.staff_id]


def _without_cost(ctx: Ctx, row: Any, *costs: str) -> dict[str, Any]:
    shown = dict(row._mapping)
    if not ctx.may("products:cost"):
        for name in costs:
            del shown[name]
    return shown
