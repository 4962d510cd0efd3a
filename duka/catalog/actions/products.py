"""Putting products on sale, many or one: the one way in for the API, imports and demonstrations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from duka.catalog import codes, shelf
from duka.catalog.errors import (
    BarcodeTaken,
    ExternalRefTaken,
    SkuTaken,
    TaxClassNotInUse,
    TooManyVariants,
    VariantStands,
)
from duka.catalog.models import Cost, Price, Product, Variant
from duka.platform import audit, db, events
from duka.platform.context import Ctx
from duka.platform.errors import Busy, NotFound, ValidationError
from duka.platform.ids import new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.writes import Writes
from duka.shops import settings


@dataclass(frozen=True, slots=True)
class NewVariant:
    """What is sold. A missing SKU is made up; a missing `tax_included` is the shop's setting."""

    price_minor: int
    sku: str | None = None
    barcode: str | None = None
    cost_minor: int | None = None
    tax_included: bool | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    active: bool = True
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product to be put on sale, with at least one variant. Quantities in thousandths. A missing tax class is the
    shop's oldest one in use."""

    name: str
    variants: Sequence[NewVariant]
    tax_class_id: UUID | None = None
    group_id: UUID | None = None
    kind: str = "goods"
    tracking: str | None = None
    description: str = ""
    brand: str = ""
    unit: str = "piece"
    hsn: str | None = None
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    warranty_months: int = 0
    min_stock_milli: int = 5_000
    reorder_level_milli: int | None = None
    reorder_quantity_milli: int | None = None
    auto_reorder: bool = False
    picture: str | None = None
    external_ref: str | None = None
    favourite: bool = False
    active: bool = True
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """The ids of a product that was put on sale and of its variants, in the order they were given."""

    product_id: UUID
    variant_ids: tuple[UUID, ...]
    skus: tuple[str, ...]


@dataclass(slots=True)
class Rows:
    """The rows of new goods, table by table. `places` says beside each variant where its fields were sent."""

    products: list[dict[str, Any]] = field(default_factory=list)
    variants: list[dict[str, Any]] = field(default_factory=list)
    prices: list[dict[str, Any]] = field(default_factory=list)
    costs: list[dict[str, Any]] = field(default_factory=list)
    audits: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)


async def add_product(ctx: Ctx, new: NewProduct) -> Added:
    """Put a product on sale.

    SkuTaken, BarcodeTaken, ExternalRefTaken, TaxClassNotInUse, TooManyVariants, VariantStands; NotFound for a group
    or tax class that the shop does not have; Forbidden where it has a cost and the caller may not see costs.
    """
    return (await add_products(ctx, [new]))[0]


async def add_products(ctx: Ctx, new: Sequence[NewProduct]) -> list[Added]:
    """Put many products on sale in two statements; up to about a thousand at once. Refusals as for `add_product`."""
    if not new:
        return []
    rows = Rows()
    added = [_plan_product(ctx, rows, product) for product in new]
    await _check(ctx, rows)
    await write(ctx, rows)
    return added


def _plan_product(ctx: Ctx, rows: Rows, new: NewProduct) -> Added:
    """Make the rows of a product and its variants."""
    if not 0 < len(new.variants) <= codes.VARIANTS_MAX:
        raise TooManyVariants(asked=len(new.variants))
    if len({tuple(sorted(variant.choices.items())) for variant in new.variants}) < len(new.variants):
        raise VariantStands
    product_id = new.id or new_id()
    several = len(new.variants) > 1
    skus = codes.variant_skus(codes.sku_base(new.name, product_id), [variant.choices for variant in new.variants])
    planned = [
        plan_variant(ctx, rows, (product_id, new.name, new.brand), variant, sku, f"variants.{at}." if several else "")
        for at, (variant, sku) in enumerate(zip(new.variants, skus, strict=True))
    ]
    rows.products.append({
        "id": product_id, "group_id": new.group_id, "tax_class_id": new.tax_class_id, "name": new.name,
        "kind": new.kind, "description": new.description, "brand": new.brand, "unit": new.unit, "hsn": new.hsn,
        "tracking": new.tracking or ("none" if new.kind == "service" else "quantity"),
        "attributes": grown_attributes(new.attributes, [variant.choices for variant in new.variants]),
        "warranty_months": new.warranty_months, "min_stock_milli": new.min_stock_milli,
        "reorder_level_milli": new.reorder_level_milli, "reorder_quantity_milli": new.reorder_quantity_milli,
        "auto_reorder": new.auto_reorder, "picture": new.picture, "external_ref": new.external_ref,
        "favourite": new.favourite, "active": new.active,
        "version": 1, "created_at": ctx.now, "updated_at": ctx.now,
    })  # fmt: skip
    after = {"name": new.name, "variants": [
        {"sku": row["sku"], "price_minor": variant.price_minor, "cost_minor": variant.cost_minor}
        for row, variant in zip(planned, new.variants, strict=True)
    ]}  # fmt: skip
    rows.audits.append(audit.entry(ctx, "create", "product", product_id, after=after))
    rows.events.append(events.entry(ctx, "product.created", product_id))
    return Added(product_id, tuple(row["id"] for row in planned), tuple(row["sku"] for row in planned))


def plan_variant(ctx: Ctx, rows: Rows, product: tuple[UUID, str, str], new: NewVariant, made_up_sku: str,
                 place: str) -> dict[str, Any]:
    """Make the rows of a variant of `product` (its id, name and brand) with its first price and cost."""
    product_id, product_name, brand = product
    name = codes.variant_name(product_name, new.choices)
    sku = new.sku or made_up_sku
    row = {
        "id": new.id or new_id(), "product_id": product_id, "name": name, "choices": dict(new.choices), "sku": sku,
        "barcode": new.barcode, "search": codes.search_text(name, sku, new.barcode, brand), "active": new.active,
        "version": 1, "created_at": ctx.now, "updated_at": ctx.now,
    }  # fmt: skip
    rows.variants.append(row)
    rows.places.append(place)
    of = {"id": new_id(), "variant_id": row["id"], "valid_from": ctx.now}
    included = settings.of(ctx).tax_included if new.tax_included is None else new.tax_included
    rows.prices.append({**of, "price_minor": new.price_minor, "tax_included": included})
    if new.cost_minor is not None:
        rows.costs.append({**of, "cost_minor": new.cost_minor})
    return row


def grown_attributes(attributes: Mapping[str, Any], choices: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """Give a product's attributes with the choices of its variants among them, in the order they came."""
    grown = {name: list(values) for name, values in attributes.items()}
    for each in choices:
        for name, value in each.items():
            values = grown.setdefault(name, [])
            if value not in values:
                values.append(value)
    return grown


async def _check(ctx: Ctx, rows: Rows) -> None:
    """Refuse codes in use and tax classes that are not; give products without a tax class the shop's first."""
    refs = [row["external_ref"] for row in rows.products if row["external_ref"]]
    classes = {row["tax_class_id"] for row in rows.products if row["tax_class_id"]}
    found = await shelf.standing(ctx, *codes_of(rows), refs, list(classes))
    refuse_taken(rows, found)
    for row in rows.products:
        if row["external_ref"] in found.external_refs:
            raise ExternalRefTaken(external_ref=row["external_ref"])
        row["tax_class_id"] = row["tax_class_id"] or found.first_class
        refuse_tax_class(row["tax_class_id"], found)
    if len(set(refs)) < len(refs):
        raise ExternalRefTaken(external_ref=next(ref for ref in refs if refs.count(ref) > 1))


def codes_of(rows: Rows) -> tuple[list[str], list[str]]:
    """Give the SKUs and barcodes of new variants."""
    return [row["sku"] for row in rows.variants], [row["barcode"] for row in rows.variants if row["barcode"]]


def refuse_tax_class(tax_class_id: UUID | None, found: shelf.Standing) -> None:
    """Refuse a tax class that is not there or switched off."""
    if tax_class_id is None:
        raise ValidationError(fields={"tax_class_id": ["The shop has no tax class. Make one first."]})
    if tax_class_id not in found.tax_classes:
        raise NotFound(what="tax class")
    if not found.tax_classes[tax_class_id]:
        raise TaxClassNotInUse


def refuse_taken(rows: Rows, found: shelf.Standing) -> None:
    """Refuse a SKU or barcode that is in use or comes twice."""
    skus, barcodes = set(found.skus), set(found.barcodes)
    for row, place in zip(rows.variants, rows.places, strict=True):
        if row["sku"] in skus:
            raise SkuTaken(sku=row["sku"], field=f"{place}sku")
        if row["barcode"] in barcodes:
            raise BarcodeTaken(barcode=row["barcode"], field=f"{place}barcode")
        skus.add(row["sku"])
        if row["barcode"]:
            barcodes.add(row["barcode"])


async def write(ctx: Ctx, rows: Rows) -> None:
    """Store the rows in one statement. Forbidden where there are costs and the caller may not see costs."""
    if rows.costs:
        ctx.need("products:cost")
    writes = Writes(ctx)
    for table, table_rows in (
        (Product, rows.products), (Variant, rows.variants), (Price, rows.prices), (Cost, rows.costs),
        (AuditEntry, rows.audits), (OutboxEvent, rows.events),
    ):  # fmt: skip
        writes.insert(table, table_rows)
    async with db.refusing(ctx, REFUSALS):
        await writes.send()


REFUSALS: Final[db.Refusals] = {
    # What was free a moment ago was taken by somebody else meanwhile: repeating tells what.
    "uq_variants_sku": Busy,
    "uq_variants_barcode": Busy,
    "uq_products_external_ref": Busy,
    "fk_products_group_id": lambda: NotFound(what="group"),
    "fk_products_tax_class_id": lambda: NotFound(what="tax class"),
    "ck_products_service": lambda: ValidationError(fields={"tracking": ["A service has no stock to track."]}),
}
"""What the database refuses of goods, said in the catalogue's words."""
