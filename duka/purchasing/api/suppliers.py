"""The door to suppliers: who they are, what they supply, what was paid, what they are owed."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.platform import edge, exports, uploads, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, NotFound, StaleVersion, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.sheets_limits import ColumnUnknown, SheetTooLarge, SheetUnreadable, TitleMissing, TitleTwice
from duka.platform.uploads import ImportAsked, SheetReport, Upload
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.purchasing import rating_queries, supplier_queries
from duka.purchasing.actions import items as supplying
from duka.purchasing.actions import price_lists
from duka.purchasing.actions import suppliers as acting
from duka.purchasing.errors import SupplierHasDocuments, SupplierNotFound, SupplierRefTaken
from duka.purchasing.models import Supplier
from duka.purchasing.schemas import (
    ItemEdit,
    ItemOut,
    PriceOut,
    RatingOut,
    StatementLine,
    SupplierEdit,
    SupplierGone,
    SupplierIn,
    SupplierOut,
)
from duka.purchasing.supplier_queries import Bought
from duka.shops.phones import PhoneNotValid

suppliers = edge.router("/suppliers", "suppliers")
prices = edge.router("/purchase-prices", "purchasing")
ratings = edge.router("/supplier-ratings", "purchasing")

Reader = Annotated[Ctx, allow("suppliers:read")]
Editor = Annotated[Ctx, allow("suppliers:update")]
Asked = Annotated[Paging, Depends(wire.paging)]

_SUPPLIERS: Final = (
    Column("name", "Name"), Column("contact", "Contact"), Column("phone", "Phone"), Column("email", "E-mail"),
    Column("address", "Address"), Column("tax_id", "Tax number"), Column("credit_days", "Credit days", "integer"),
    Column("lead_time_days", "Lead time in days", "integer"), Column("owed_minor", "Owed", "money"),
    Column("external_ref", "External reference"), Column("notes", "Notes"), Column("active", "Active", "flag"),
    Column("created_at", "Added at", "time"),
)  # fmt: skip
_ITEMS: Final = (
    Column("variant_name", "Item"), Column("sku", "SKU"), Column("supplier_code", "Supplier's code"),
    Column("pack_size_milli", "Pack size", "quantity"), Column("unit", "Unit"), Column("priced_on", "Price of", "date"),
    Column("preferred", "Preferred", "flag"),
)  # fmt: skip
_PRICES: Final = (
    Column("business_date", "Date", "date"), Column("supplier_name", "Supplier"), Column("variant_name", "Item"),
    Column("sku", "SKU"), Column("accepted_milli", "Quantity", "quantity"), Column("receipt_number", "Receipt"),
)  # fmt: skip
_STATEMENT: Final = (
    Column("business_date", "Date", "date"), Column("kind", "Kind"), Column("number", "Number"),
    Column("due_on", "Due on", "date"), Column("amount", "Amount", "money"),
)  # fmt: skip
_RATINGS: Final = (
    Column("supplier_name", "Supplier"), Column("stars", "Stars", "integer"), Column("orders", "Orders", "integer"),
    Column("on_time_bp", "On time (1/100 %)", "integer"), Column("delay_days", "Days late"),
    Column("fill_bp", "Filled (1/100 %)", "integer"), Column("reject_bp", "Rejected (1/100 %)", "integer"),
    Column("price_trend_bp", "Price trend (1/100 %)", "integer"),
)  # fmt: skip
_PRICE: Final = Column("price", "Price", "money")
_UNIT_COST: Final = Column("unit_cost", "Unit cost", "money")


@suppliers.get("", summary="List suppliers", response_model=Page[SupplierOut], responses=refusals(BadCursor))
async def list_suppliers(
    ctx: Reader, asked: Asked,
    active: Annotated[bool | None, Query(description="Only active ones, or only deactivated ones.")] = None,
    external_ref: Annotated[str | None, Query(max_length=64, description="The one with this reference.")] = None,
) -> Page[SupplierOut] | Response:  # fmt: skip
    """Suppliers by name. `q` is part of a name, contact, phone or e-mail.

    Sorts: `name`, `created_at`, `owed`. A file (`format`) needs `suppliers:export`.
    """
    file_format = exports.wanted(ctx, asked, "suppliers:export")

    async def some(part: Paging) -> Any:
        return await supplier_queries.suppliers(ctx, part, active=active, external_ref=external_ref)

    if file_format:
        return await exports.file_response(ctx, exports.parts(asked, some), _SUPPLIERS, "suppliers", file_format)
    rows, info = await some(asked)
    return Page(data=[_shown(ctx, row) for row in rows], page=info)


@suppliers.post(
    "", status_code=201, summary="Add a supplier",
    responses=refusals(SupplierRefTaken, PhoneNotValid, IdempotencyConflict),
)  # fmt: skip
async def add_supplier(
    ctx: Annotated[Ctx, allow("suppliers:create")], body: SupplierIn, response: Response
) -> Answer[SupplierOut]:
    """Add somebody the shop buys from. All purchases are in the shop's own currency."""
    done = await acting.add(ctx, body)
    response.headers["Location"] = f"/api/suppliers/{done.supplier.id}"
    if done.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return Answer(data=_shown(ctx, done.supplier), message="Supplier added.")


@suppliers.get("/{supplier_id}", summary="Show a supplier", responses=refusals(SupplierNotFound))
async def show_supplier(ctx: Reader, supplier_id: UUID) -> Answer[SupplierOut]:
    """One supplier, with what it is owed."""
    return Answer(data=_shown(ctx, await supplier_queries.get(ctx, supplier_id)))


@suppliers.put(
    "/{supplier_id}", summary="Change or deactivate a supplier",
    responses=refusals(SupplierNotFound, SupplierRefTaken, PhoneNotValid, StaleVersion, VersionRequired),
)  # fmt: skip
async def edit_supplier(
    ctx: Editor, supplier_id: UUID, body: SupplierEdit, if_match: versions.IfMatch
) -> Answer[SupplierOut]:
    """Change what is known of a supplier: absent fields stay, null clears. `active: false` deactivates: nothing new is
    ordered from it; what is on order may still come in."""
    supplier = await acting.edit(ctx, supplier_id, body, versions.of(body, if_match))
    return Answer(data=_shown(ctx, supplier), message="Supplier changed.")


@suppliers.delete(
    "/{supplier_id}", summary="Delete a supplier without documents",
    responses=refusals(SupplierNotFound, SupplierHasDocuments),
)  # fmt: skip
async def delete_supplier(
    ctx: Annotated[Ctx, allow("suppliers:delete")], supplier_id: UUID
) -> Answer[SupplierGone]:
    """Delete a supplier whom no order, receipt, bill or payment names; deactivate the others instead."""
    await acting.remove(ctx, supplier_id)
    return Answer(data=SupplierGone(id=supplier_id), message="Supplier deleted.")


@suppliers.get(
    "/{supplier_id}/items", summary="List what a supplier supplies", response_model=Page[ItemOut],
    responses=refusals(SupplierNotFound, BadCursor),
)  # fmt: skip
async def list_items(
    ctx: Reader, supplier_id: UUID, asked: Asked,
    variant_id: Annotated[UUID | None, Query(description="One variant.")] = None,
) -> Page[ItemOut] | Response:  # fmt: skip
    """The variants a supplier supplies, with their code, pack and last price. `q` finds by part of name, SKU, barcode.

    Sorts: `name`, `variant_id`. `price` is shown to those with `products:cost`. A file needs `suppliers:export`.
    """
    file_format = exports.wanted(ctx, asked, "suppliers:export")

    async def some(part: Paging) -> Any:
        return await supplier_queries.items(ctx, supplier_id, part, variant_id=variant_id)

    if file_format:
        columns = (*_ITEMS, _PRICE) if ctx.may("products:cost") else _ITEMS
        return await exports.file_response(ctx, exports.parts(asked, some), columns, "supplier-items", file_format)
    rows, info = await some(asked)
    return Page(data=[ItemOut.model_validate(row) for row in rows], page=info)


@suppliers.post(
    "/{supplier_id}/items/import", summary="Take in a supplier's price list",
    openapi_extra=uploads.described(ImportAsked),
    responses=refusals(SupplierNotFound, SheetUnreadable, SheetTooLarge, ColumnUnknown, TitleTwice, TitleMissing),
)  # fmt: skip
async def import_items(
    ctx: Editor, supplier_id: UUID, sent: Annotated[Upload, Depends(uploads.received)]
) -> Answer[SheetReport]:
    """Put the items of a sheet (CSV or XLSX with titles in the first row, up to 5,000 rows) on a supplier's list, or
    change how they stand there. Items are found by SKU, barcode or the supplier's own code.

    Titles that are known: `SKU`, `Barcode`, `Supplier code`, `Price` (of one unit), `Pack size`, `Preferred`, and usual
    other words for them; any other is named in `columns`. Blank cells change nothing. Wrong rows are left out and
    reported by their number; the others stand. The list as a file (`format`) has the titles that are read here: taken
    in again, it puts back what stood before. Prices need `products:cost`.
    """
    asked = uploads.fields(sent, ImportAsked)
    report = await price_lists.take_in(
        ctx, supplier_id, sent.data, sent.filename, asked.columns, dry_run=asked.dry_run
    )
    done = f"{report.created} added, {report.updated} changed."
    return Answer(data=report, message=f"Nothing is stored yet. It would be: {done}" if asked.dry_run else done)


@suppliers.put(
    "/{supplier_id}/items/{variant_id}", summary="Say how a supplier supplies a variant",
    responses=refusals(SupplierNotFound, NotFound, StaleVersion, VersionRequired),
)  # fmt: skip
async def set_item(
    ctx: Editor, supplier_id: UUID, variant_id: UUID, body: ItemEdit, if_match: versions.IfMatch
) -> Answer[ItemOut]:
    """Put a variant on a supplier's list, or change how it stands there. Preferring it here ends another supplier's
    preference. `version` is 1 where it is not on the list yet."""
    row = await supplying.set_item(ctx, supplier_id, variant_id, body, versions.of(body, if_match))
    return Answer(data=ItemOut.model_validate(row), message="Item set.")


@suppliers.delete(
    "/{supplier_id}/items/{variant_id}", summary="Take a variant off a supplier's list",
    responses=refusals(SupplierNotFound, NotFound),
)  # fmt: skip
async def drop_item(ctx: Editor, supplier_id: UUID, variant_id: UUID) -> Answer[SupplierGone]:
    """Take a variant off the list of what a supplier supplies. What was bought stays as it is."""
    await supplying.drop_item(ctx, supplier_id, variant_id)
    return Answer(data=SupplierGone(id=supplier_id), message="Item taken off.")


@suppliers.get(
    "/{supplier_id}/statement", summary="List what a supplier is owed and was paid", response_model=Page[StatementLine],
    responses=refusals(SupplierNotFound, BadCursor),
)  # fmt: skip
async def list_statement(
    ctx: Annotated[Ctx, allow("purchasing:read")], supplier_id: UUID, asked: Asked
) -> Page[StatementLine] | Response:
    """Bills, payments and debit notes, the newest first; over all of them `amount` comes to what the supplier is owed.

    Sorts: `id`, `at`. A file needs `purchasing:export`.
    """
    file_format = exports.wanted(ctx, asked, "purchasing:export")
    if file_format:
        parts = exports.parts(asked, lambda part: supplier_queries.statement(ctx, supplier_id, part))
        return await exports.file_response(ctx, parts, _STATEMENT, "supplier-statement", file_format)
    rows, info = await supplier_queries.statement(ctx, supplier_id, asked)
    return Page(data=[StatementLine.model_validate(row) for row in rows], page=info)


async def _bought(
    variant_id: Annotated[UUID | None, Query(description="One variant.")] = None,
    supplier_id: Annotated[UUID | None, Query(description="One supplier.")] = None,
    since: Annotated[date | None, Query(alias="from", description="First business day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last business day.")] = None,
) -> Bought:
    return Bought(variant_id, supplier_id, since, until)


@prices.get("", summary="List prices paid", response_model=Page[PriceOut], responses=refusals(BadCursor))
async def list_prices(
    ctx: Annotated[Ctx, allow("purchasing:read")], asked: Annotated[Paging, Depends(wire.paging)],
    bought: Annotated[Bought, Depends(_bought)],
) -> Page[PriceOut] | Response:  # fmt: skip
    """What was paid for goods at each receipt, the newest first. `q` is part of an item's name, SKU or barcode, or of
    the supplier's name.

    Sorts: `id`, `price`, `business_date`. `price` and `unit_cost` are shown to those with `products:cost`. A file needs
    `purchasing:export`.
    """
    file_format = exports.wanted(ctx, asked, "purchasing:export")
    if file_format:
        columns = (*_PRICES, _PRICE, _UNIT_COST) if ctx.may("products:cost") else _PRICES
        parts = exports.parts(asked, lambda part: supplier_queries.prices(ctx, part, bought))
        return await exports.file_response(ctx, parts, columns, "purchase-prices", file_format)
    rows, info = await supplier_queries.prices(ctx, asked, bought)
    return Page(data=[PriceOut.model_validate(row) for row in rows], page=info)


@ratings.get("", summary="Rate suppliers", response_model=Page[RatingOut], responses=refusals(BadCursor))
async def list_ratings(
    ctx: Annotated[Ctx, allow("purchasing:read")], asked: Asked,
    since: Annotated[date | None, Query(alias="from", description="First day; else a year before the last.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last day; else today.")] = None,
) -> Page[RatingOut] | Response:  # fmt: skip
    """How the active suppliers have delivered in a period, from orders and receipts alone.

    Sorts: `name`, `on_time`, `fill`, `reject`. A file needs `purchasing:export`.
    """
    file_format = exports.wanted(ctx, asked, "purchasing:export")
    if file_format:
        parts = exports.parts(asked, lambda part: rating_queries.ratings(ctx, part, since, until))
        return await exports.file_response(ctx, parts, _RATINGS, "supplier-ratings", file_format)
    rows, info = await rating_queries.ratings(ctx, asked, since, until)
    return Page(data=[RatingOut.model_validate(row) for row in rows], page=info)


def _shown(ctx: Ctx, supplier: Supplier) -> SupplierOut:
    columns = {column.key: getattr(supplier, column.key) for column in supplier.__table__.columns}
    return SupplierOut.model_validate({**columns, "currency": ctx.currency})
