"""Products and their variants over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Path, Query, Response

from duka.catalog import codes, sheet, sheet_queries, showing
from duka.catalog.actions import composing, editing
from duka.catalog.actions.products import NewProduct, NewVariant, add_product
from duka.catalog.errors import (
    BarcodeTaken,
    ComponentNotFit,
    ComponentUnknown,
    ExternalRefTaken,
    LastVariant,
    PartOfSets,
    PriceInThePast,
    SetFollowed,
    SeveralVariants,
    SkuTaken,
    TaxClassNotInUse,
    TooManyVariants,
    TrackingHasStock,
    VariantStands,
)
from duka.catalog.schemas import (
    Deleted,
    FoundOut,
    ProductEdit,
    ProductIn,
    ProductOut,
    Tracking,
    VariantEdit,
    VariantIn,
)
from duka.catalog.set_schemas import ComponentsEdit
from duka.catalog.showing import ProductFilter
from duka.platform import answers, edge, exports, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import (
    Forbidden,
    IdTaken,
    NotFound,
    StaleVersion,
    ValidationError,
    VersionRequired,
)
from duka.platform.openapi import refusals
from duka.platform.sheets_limits import ListTooLong
from duka.platform.wire import Answer, BadCursor, Page, Paging

router = edge.router("/products", "products")

_STORED_AS: Final = {
    "min_stock": "min_stock_milli", "reorder_level": "reorder_level_milli",
    "reorder_quantity": "reorder_quantity_milli", "price": "price_minor", "cost": "cost_minor",
}  # fmt: skip
"""What the wire calls otherwise than the tables, which name the unit."""

_REMOVED: Final = {
    "deleted": "It was deleted.",
    "deactivated": "It was taken off sale. It is kept because things happened to it.",
}


@router.get(
    "", summary="List products", response_model=Page[ProductOut],
    responses=refusals(BadCursor, ValidationError, ListTooLong),
)  # fmt: skip
async def list_products(
    ctx: Annotated[Ctx, allow("products:read")],
    asked: Annotated[Paging, Depends(wire.paging)],
    group_id: Annotated[UUID | None, Query(description="Only products of this group.")] = None,
    active: Annotated[bool | None, Query(description="Only what is on sale, or only what is not.")] = None,
    tracking: Annotated[Tracking | None, Query(description="Only products tracked like this.")] = None,
    external_ref: Annotated[str | None, Query(max_length=100, description="The one with this reference.")] = None,
) -> Response:
    """Products with their variants at today's prices. Sort by name, created_at or updated_at.

    `q` finds by any part of a name, SKU, barcode or brand, and where nothing has it, what is written nearly like it.
    `cost` is there only for those with `products:cost`. With `format` one row for each variant, which an import
    takes in again.
    """
    wanted = ProductFilter(group_id, active, tracking, external_ref)
    file_format = exports.wanted(ctx, asked, "products:export")
    if file_format:
        parts = sheet_queries.goods(ctx, wanted, asked.q)
        columns = (*sheet.COLUMNS, sheet.COST_COLUMN) if ctx.may("products:cost") else sheet.COLUMNS
        return await exports.file_response(ctx, parts, columns, "products", file_format)
    return answers.page(ctx, *await showing.products(ctx, asked, wanted))


@router.get(
    "/barcode/{code:path}", summary="Find what a barcode stands for", response_model=Answer[FoundOut],
    responses=refusals(NotFound),
)  # fmt: skip
async def find_barcode(
    ctx: Annotated[Ctx, allow("products:read")], code: Annotated[str, Path(min_length=1, max_length=200)]
) -> Response:
    """The product and which of its variants. A GTIN is found with fewer or more leading zeros too (UPC and EAN).

    A GS1 code, as a scanner gives it or with its identifiers in brackets, finds the item of its GTIN; batch, expiry,
    serial number, quantity and price that it holds stand beside it. A scale's label is read by the shop's setting
    `scale_codes`. An item that has just this code comes first.
    """
    return answers.one(ctx, await showing.by_barcode(ctx, code))


@router.get(
    "/{product_id}", summary="Show a product", response_model=Answer[ProductOut], responses=refusals(NotFound)
)
async def show_product(ctx: Annotated[Ctx, allow("products:read")], product_id: UUID) -> Response:
    """One product with its variants, at today's prices and taxes."""
    return answers.one(ctx, await showing.product(ctx, product_id))


@router.post(
    "", status_code=201, summary="Put a product on sale", response_model=Answer[ProductOut],
    responses=refusals(
        ValidationError, SkuTaken, BarcodeTaken, ExternalRefTaken, TaxClassNotInUse, TooManyVariants, VariantStands,
        Forbidden, NotFound, IdTaken,
    ),
)  # fmt: skip
async def create_product(ctx: Annotated[Ctx, allow("products:create")], body: ProductIn) -> Response:
    """Puts a product on sale: a simple one with its `price`, or one with several `variants`, or one with `attributes`
    and `generate`, which makes a variant of each combination.

    A missing SKU is made up; generated variants put their choices behind the product's. A missing `tax_class_id` is
    the shop's first tax class, a missing `tax_included` its setting. A barcode of 8, 12, 13 or 14 digits must have the
    right check digit.
    """
    added = await add_product(ctx, _new_product(body))
    return await _answer(ctx, added.product_id, "The product is on sale.", created=True)


@router.put(
    "/{product_id}", summary="Change a product", response_model=Answer[ProductOut],
    responses=refusals(
        ValidationError, VersionRequired, StaleVersion, SeveralVariants, SkuTaken, BarcodeTaken, ExternalRefTaken,
        TrackingHasStock, PartOfSets, SetFollowed,
        TaxClassNotInUse, PriceInThePast, Forbidden, NotFound,
    ),
)  # fmt: skip
async def edit_product(
    ctx: Annotated[Ctx, allow("products:update")], product_id: UUID, body: ProductEdit, if_match: versions.IfMatch
) -> Response:
    """Merges the change into the product: an absent field stays, null clears it.

    SKU, barcode, price and cost are those of a product's only variant. A changed price (needs `prices:update`) is a
    new row that begins at `price_from`, now unless said; what was sold before keeps the price it had.
    """
    await editing.edit_product(ctx, product_id, _stored(versions.given(body)), versions.of(body, if_match))
    return await _answer(ctx, product_id, "The product was changed.")


@router.delete("/{product_id}", summary="Delete a product", responses=refusals(PartOfSets, NotFound))
async def delete_product(ctx: Annotated[Ctx, allow("products:delete")], product_id: UUID) -> Answer[Deleted]:
    """Deletes a product to which nothing happened yet; one with history is taken off sale instead."""
    outcome = await editing.delete_product(ctx, product_id)
    return Answer(data=Deleted(id=product_id, outcome=outcome), message=_REMOVED[outcome])


@router.post(
    "/{product_id}/variants", status_code=201, summary="Add a variant", response_model=Answer[ProductOut],
    responses=refusals(
        ValidationError, SkuTaken, BarcodeTaken, VariantStands, TooManyVariants, Forbidden, NotFound,
        IdTaken,
    ),
)  # fmt: skip
async def add_variant(
    ctx: Annotated[Ctx, allow("products:create")], product_id: UUID, body: VariantIn
) -> Response:
    """Gives the product one more variant, with `choices` that no other has."""
    await editing.add_variant(ctx, product_id, _new_variant(body))
    return await _answer(ctx, product_id, "The variant is on sale.", created=True)


@router.put(
    "/{product_id}/variants/{variant_id}", summary="Change a variant", response_model=Answer[ProductOut],
    responses=refusals(
        ValidationError, VersionRequired, StaleVersion, SkuTaken, BarcodeTaken, PriceInThePast, PartOfSets, Forbidden,
        NotFound,
    ),
)  # fmt: skip
async def edit_variant(
    ctx: Annotated[Ctx, allow("products:update")], product_id: UUID, variant_id: UUID, body: VariantEdit,
    if_match: versions.IfMatch,
) -> Response:  # fmt: skip
    """Merges the change into the variant, as for a product; `version` is the variant's."""
    changes = _stored(versions.given(body))
    await editing.edit_variant(ctx, product_id, variant_id, changes, versions.of(body, if_match))
    return await _answer(ctx, product_id, "The variant was changed.")


@router.put(
    "/{product_id}/variants/{variant_id}/components", summary="Say what a set is made of",
    response_model=Answer[ProductOut],
    responses=refusals(
        ValidationError, VersionRequired, StaleVersion, ComponentNotFit, ComponentUnknown, PartOfSets, SetFollowed,
        NotFound,
    ),
)  # fmt: skip
async def compose(
    ctx: Annotated[Ctx, allow("products:update")], product_id: UUID, variant_id: UUID, body: ComponentsEdit,
    if_match: versions.IfMatch,
) -> Response:  # fmt: skip
    """Makes the variant a set of other variants, or with an empty list a plain item again; `version` is the variant's.

    Where the shop follows no stock of the set itself (`tracking` none), each sale of it takes its components out of
    stock. Where it does, sets are built beforehand: `POST /api/assemblies`. What was sold before keeps what it took.
    """
    made_of = [(each.variant_id, each.quantity) for each in body.components]
    await composing.compose(ctx, product_id, variant_id, made_of, versions.of(body, if_match))
    return await _answer(ctx, product_id, "The set was changed." if made_of else "It is no set any more.")


@router.delete(
    "/{product_id}/variants/{variant_id}", summary="Delete a variant",
    responses=refusals(LastVariant, PartOfSets, NotFound),
)  # fmt: skip
async def delete_variant(
    ctx: Annotated[Ctx, allow("products:delete")], product_id: UUID, variant_id: UUID
) -> Answer[Deleted]:
    """Deletes a variant to which nothing happened yet; one with history is taken off sale instead."""
    outcome = await editing.delete_variant(ctx, product_id, variant_id)
    return Answer(data=Deleted(id=variant_id, outcome=outcome), message=_REMOVED[outcome])


async def _answer(ctx: Ctx, product_id: UUID, message: str, *, created: bool = False) -> Response:
    shown = await showing.product(ctx, product_id)
    headers = {"Location": f"/api/products/{product_id}"} if created else None
    return answers.one(ctx, shown, message, status=201 if created else 200, headers=headers)


def _stored(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {_STORED_AS.get(name, name): value for name, value in changes.items()}


def _new_product(body: ProductIn) -> NewProduct:
    if body.generate:
        count = codes.combination_count(body.attributes)
        if count > codes.VARIANTS_MAX:
            raise TooManyVariants(asked=count)
        combinations = codes.combinations(body.attributes)
        skus = codes.variant_skus(body.sku, combinations) if body.sku else [None] * count
        variants = [_single(body, *each) for each in zip(skus, combinations, strict=True)]
    else:
        variants = [_new_variant(each) for each in body.variants] or [_single(body, body.sku, {})]
    return NewProduct(
        name=body.name, variants=variants, tax_class_id=body.tax_class_id, group_id=body.group_id, kind=body.kind,
        tracking=body.tracking, description=body.description, brand=body.brand, unit=body.unit, hsn=body.hsn,
        attributes=body.attributes, warranty_months=body.warranty_months, min_stock_milli=body.min_stock,
        reorder_level_milli=body.reorder_level, reorder_quantity_milli=body.reorder_quantity,
        auto_reorder=body.auto_reorder, picture=body.picture, external_ref=body.external_ref,
        favourite=body.favourite, active=body.active, id=body.id,
    )  # fmt: skip


def _single(body: ProductIn, sku: str | None, choices: Mapping[str, str]) -> NewVariant:
    """Make the only variant of a simple product, or one of the generated ones, which have all the same price."""
    assert body.price is not None, "checked with the body"
    return NewVariant(price_minor=body.price, sku=sku, barcode=body.barcode, cost_minor=body.cost,
                      tax_included=body.tax_included, choices=choices)


def _new_variant(body: VariantIn) -> NewVariant:
    return NewVariant(price_minor=body.price, sku=body.sku, barcode=body.barcode, cost_minor=body.cost,
                      tax_included=body.tax_included, choices=body.choices, id=body.id)
