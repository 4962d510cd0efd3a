"""The words of the catalogue on the wire. Prices and costs are minor units, quantities numbers, rates basis points."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from duka.catalog import codes
from duka.platform import quantity, versions
from duka.platform.money import Price
from duka.platform.quantity import QuantityOrZero
from duka.platform.wire import Body, Clock, LongText, Moment, Name, ShortText, Shown, shown_as

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Icon = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z0-9-]+$")]
Position = Annotated[int, Field(strict=True, ge=0, le=10_000)]
Treatment = Literal["taxed", "zero", "exempt", "nil"]
TaxKind = Literal["gst", "vat", "cess"]
TaxCode = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9 ._-]+$")]
RateBp = Annotated[int, Field(strict=True, ge=0, le=100_000, description="Basis points: 1800 is 18 %.")]


class GroupIn(Body):
    """A new group of products."""

    model_config = shown_as(name="Cables", colour="#1f6feb")

    id: UUID | None = None
    name: Name
    parent_id: UUID | None = None
    position: Position = 0
    colour: Colour | None = None
    icon: Icon | None = None


class GroupEdit(versions.Edit):
    """A change of a group: absent stays, null clears."""

    model_config = shown_as(version=3, name="Cables and adapters", colour="#1f6feb")

    name: Name = versions.kept()
    parent_id: UUID | None = None
    position: Position = versions.kept()
    colour: Colour | None = None
    icon: Icon | None = None


class GroupOut(Shown):
    """A group of products; `parent_id` says where it stands, `position` in which order."""

    id: UUID
    name: str
    parent_id: UUID | None
    position: int
    colour: str | None
    icon: str | None
    version: int
    created_at: Moment
    updated_at: Moment


class Deleted(Shown):
    """What became of it: `deleted`, or `deactivated` because something happened to it and that must stay true."""

    id: UUID
    outcome: Literal["deleted", "deactivated"]


class TaxRateIn(Body):
    """A rate that begins on a day and holds until a newer one of the same code."""

    model_config = shown_as(kind="vat", code="VAT", rate_bp=1800, valid_from="2026-01-01")

    id: UUID | None = None
    kind: TaxKind
    code: TaxCode
    rate_bp: RateBp
    valid_from: date


class TaxClassIn(Body):
    """A new tax class, with its rates."""

    model_config = shown_as(
        name="VAT 8 %", rates=[{"kind": "vat", "code": "VAT", "rate_bp": 800, "valid_from": "2026-01-01"}]
    )

    id: UUID | None = None
    name: Name
    treatment: Treatment = "taxed"
    rates: Annotated[list[TaxRateIn], Field(max_length=20)] = []  # noqa: RUF012 - pydantic copies it

    @model_validator(mode="after")
    def _rates_once(self) -> Self:
        if len({(rate.code, rate.valid_from) for rate in self.rates}) < len(self.rates):
            raise ValueError("a code has one rate from a day")
        return self


class TaxClassEdit(versions.Edit):
    """A change of a tax class. Its treatment and its rates never change: make a new class, or add a newer rate."""

    name: Name = versions.kept()
    active: bool = versions.kept()


class TaxRateOut(Shown):
    """A dated rate."""

    id: UUID
    kind: TaxKind
    code: str
    rate_bp: RateBp
    valid_from: date


class TaxClassOut(Shown):
    """A tax class with all its dated rates, the oldest first."""

    id: UUID
    name: str
    treatment: Treatment
    active: bool
    rates: list[TaxRateOut]
    version: int
    created_at: Moment
    updated_at: Moment


def _checked_barcode(code: str) -> str:
    fault = codes.barcode_fault(code)
    if fault:
        raise ValueError(fault)
    return code


Sku = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Barcode = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$"), AfterValidator(_checked_barcode)
]
"""A barcode's text. Eight, twelve, thirteen or fourteen digits are a GTIN and must have the right check digit."""

Unit = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Hsn = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")]
Picture = Annotated[str, StringConstraints(max_length=500, pattern=r"^(https?://|/)[^\s<>\"']+$")]
ExternalRef = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Kind = Literal["goods", "service"]
Tracking = Literal["none", "quantity", "batch", "serial"]
Months = Annotated[int, Field(strict=True, ge=0, le=600)]
Choice = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Attribute = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Choices = Annotated[dict[Attribute, Choice], Field(max_length=6)]
ChoiceList = Annotated[list[Choice], Field(min_length=1, max_length=codes.VARIANTS_MAX)]
Attributes = Annotated[dict[Attribute, ChoiceList], Field(max_length=6)]
Level = Annotated[
    int, PlainSerializer(quantity.from_milli, return_type=float),
    WithJsonSchema({"type": "number", "multipleOf": 0.001}),
]  # fmt: skip
"""A quantity that is shown: held in thousandths."""


class VariantIn(Body):
    """A new variant: what is sold, with its own codes and price."""

    id: UUID | None = None
    choices: Choices = {}  # noqa: RUF012 - pydantic copies it
    sku: Sku | None = None
    barcode: Barcode | None = None
    price: Price
    tax_included: bool | None = None
    cost: Price | None = None


class VariantEdit(versions.Edit):
    """A change of a variant. A new price or cost begins at `price_from`, now unless said."""

    model_config = shown_as(version=3, price=160_000)

    sku: Sku = versions.kept()
    barcode: Barcode | None = None
    price: Price = versions.kept()
    tax_included: bool = versions.kept()
    cost: Price = versions.kept()
    price_from: Clock | None = None
    active: bool = versions.kept()


class _ProductFields(Body):
    group_id: UUID | None = None
    description: LongText = ""
    brand: ShortText = ""
    unit: Unit = "piece"
    hsn: Hsn | None = None
    warranty_months: Months = 0
    min_stock: QuantityOrZero = 5_000
    reorder_level: QuantityOrZero | None = None
    reorder_quantity: QuantityOrZero | None = None
    auto_reorder: bool = False
    """When it falls to the level at which you are warned, it goes on an order for its preferred supplier, which waits
    for approval."""
    picture: Picture | None = None
    external_ref: ExternalRef | None = None
    favourite: bool = False
    """Tills show it as a button, to be sold with one tap."""
    active: bool = True


class ProductIn(_ProductFields):
    """A new product. Either a simple one (`price` and the other fields of one variant), or one with `variants`, or one
    with `attributes` and `generate`, which makes a variant of every combination at the same price."""

    model_config = shown_as(name="USB-C cable", price=150_000, cost=90_000, sku="CABLE-C1")

    id: UUID | None = None
    name: Name
    tax_class_id: UUID | None = None
    kind: Kind = "goods"
    tracking: Tracking | None = None
    attributes: Attributes = {}  # noqa: RUF012 - pydantic copies it
    generate: bool = False
    variants: Annotated[list[VariantIn], Field(max_length=codes.VARIANTS_MAX)] = []  # noqa: RUF012 - pydantic copies it
    sku: Sku | None = None
    barcode: Barcode | None = None
    price: Price | None = None
    tax_included: bool | None = None
    cost: Price | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        own = [name for name in ("sku", "barcode", "price", "tax_included", "cost") if getattr(self, name) is not None]
        if self.variants and (own or self.generate):
            raise ValueError("send variants, or the fields of a single one, not both")
        if not self.variants and self.price is None:
            raise ValueError("price is needed")
        if self.generate and (not self.attributes or self.barcode):
            raise ValueError("generate needs attributes, and a barcode belongs to one variant only")
        if self.attributes and not (self.generate or self.variants):
            raise ValueError("attributes need generate or variants")
        if self.kind == "service" and self.tracking not in (None, "none"):
            raise ValueError("a service has no stock to track")
        return self


class ProductEdit(versions.Edit):
    """A change of a product: absent stays, null clears. The fields from `sku` on are those of its only variant."""

    model_config = shown_as(version=3, price=160_000)

    name: Name = versions.kept()
    group_id: UUID | None = None
    tax_class_id: UUID = versions.kept()
    tracking: Tracking = versions.kept()
    description: LongText = versions.kept()
    brand: ShortText = versions.kept()
    unit: Unit = versions.kept()
    hsn: Hsn | None = None
    warranty_months: Months = versions.kept()
    min_stock: QuantityOrZero = versions.kept()
    reorder_level: QuantityOrZero | None = None
    reorder_quantity: QuantityOrZero | None = None
    auto_reorder: bool = versions.kept()
    picture: Picture | None = None
    external_ref: ExternalRef | None = None
    favourite: bool = versions.kept()
    active: bool = versions.kept()
    sku: Sku = versions.kept()
    barcode: Barcode | None = None
    price: Price = versions.kept()
    tax_included: bool = versions.kept()
    cost: Price = versions.kept()
    price_from: Clock | None = None


class NextPrice(Shown):
    """A price that is set already and begins later."""

    price: int
    tax_included: bool
    valid_from: Moment


class VariantOut(Shown):
    """A variant as it is sold now. `cost` is there only for those who may see costs, where one is known."""

    id: UUID
    name: str
    choices: dict[str, Any]
    sku: str
    barcode: str | None
    price: int | None
    tax_included: bool | None
    cost: int | None = Field(default=None, exclude_if=lambda cost: cost is None)
    next_price: NextPrice | None
    active: bool
    version: int
    can_make: int | None = Field(default=None, exclude_if=lambda sets: sets is None)
    """Of a set that is made as it is sold: for how many there are components, all places together. For those with
    `stock:read`."""


class RateNow(Shown):
    """A rate in force today."""

    kind: TaxKind
    code: str
    rate_bp: RateBp


class TaxClassNow(Shown):
    """How a product is taxed today."""

    id: UUID
    name: str
    treatment: Treatment
    rates: list[RateNow]


class ProductOut(Shown):
    """A product with its variants, at today's prices."""

    id: UUID
    name: str
    group_id: UUID | None
    tax_class: TaxClassNow
    kind: Kind
    tracking: Tracking
    description: str
    brand: str
    unit: str
    hsn: str | None
    attributes: dict[str, Any]
    warranty_months: int
    min_stock: Level
    reorder_level: Level | None
    reorder_quantity: Level | None
    auto_reorder: bool
    picture: str | None
    external_ref: str | None
    favourite: bool
    active: bool
    variants: list[VariantOut]
    version: int
    created_at: Moment
    updated_at: Moment


class FoundOut(Shown):
    """What a barcode stands for: the product, and which of its variants. What a GS1 code or a scale's label says
    beyond that stands beside it, else null; `price` is of the whole, `quantity` what it weighs or holds."""

    variant_id: UUID
    product: ProductOut
    batch: str | None = None
    expiry: date | None = None
    serial: str | None = None
    quantity: Level | None = None
    price: int | None = None
