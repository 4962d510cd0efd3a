"""The tables of what is sold: groups, products, variants, prices, costs, taxes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from duka.platform.tables import ShopFact, ShopRow, ShopTable, Versioned, belongs_to


class TaxClass(ShopRow, Versioned):
    """How a kind of goods is taxed; the rates are dated rows beside it."""

    __tablename__ = "tax_classes"
    __table_args__ = (
        belongs_to("shops", key=()),
        UniqueConstraint("shop_id", "name", name="uq_tax_classes_name"),
        CheckConstraint("treatment IN ('taxed', 'zero', 'exempt', 'nil')", name="treatment"),
    )

    name: Mapped[str]
    treatment: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)


class TaxRate(ShopFact):
    """A rate of a tax class, in force from a date until a newer row of the same code."""

    __tablename__ = "tax_rates"
    __table_args__ = (
        belongs_to("tax_classes", "tax_class_id"),
        UniqueConstraint("shop_id", "tax_class_id", "code", "valid_from", name="uq_tax_rates_from"),
        CheckConstraint("kind IN ('gst', 'vat', 'cess')", name="kind"),
        CheckConstraint("rate_bp BETWEEN 0 AND 100000", name="rate"),
    )

    tax_class_id: Mapped[UUID]
    kind: Mapped[str]
    code: Mapped[str]
    rate_bp: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date]


class Group(ShopRow, Versioned):
    """A group of products on the till, nested and ordered."""

    __tablename__ = "groups"
    __table_args__ = (
        belongs_to("shops", key=()),
        belongs_to("groups", "parent_id"),
        Index("uq_groups_name", "shop_id", text("coalesce(parent_id, shop_id)"), "name", unique=True),
    )

    parent_id: Mapped[UUID | None]
    name: Mapped[str]
    position: Mapped[int] = mapped_column(Integer, default=0)
    colour: Mapped[str | None]
    icon: Mapped[str | None]


class Product(ShopRow, Versioned):
    """What is sold: one or more variants under a name. A `service` has no stock."""

    __tablename__ = "products"
    __table_args__ = (
        belongs_to("groups", "group_id"),
        belongs_to("tax_classes", "tax_class_id"),
        Index("uq_products_external_ref", "shop_id", "external_ref", unique=True),
        Index("ix_products_group", "shop_id", "group_id"),
        Index("ix_products_name", "shop_id", "name", "id"),
        CheckConstraint("kind IN ('goods', 'service')", name="kind"),
        CheckConstraint("tracking IN ('none', 'quantity', 'batch', 'serial')", name="tracking"),
        CheckConstraint("kind = 'goods' OR tracking = 'none'", name="service"),
    )  # fmt: skip

    group_id: Mapped[UUID | None]
    tax_class_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="goods")
    description: Mapped[str] = mapped_column(default="")
    brand: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(default="piece")
    hsn: Mapped[str | None]
    tracking: Mapped[str] = mapped_column(default="quantity")
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The choices its variants are made of: {"size": ["S", "M"], "colour": ["red"]}."""
    warranty_months: Mapped[int] = mapped_column(Integer, default=0)
    min_stock_milli: Mapped[int] = mapped_column(default=5000)
    reorder_level_milli: Mapped[int | None]
    reorder_quantity_milli: Mapped[int | None]
    auto_reorder: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Ordered by itself of the preferred supplier when it runs low."""
    picture: Mapped[str | None]
    external_ref: Mapped[str | None]
    favourite: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Tills show it as a button."""
    active: Mapped[bool] = mapped_column(default=True)
    deleted_at: Mapped[datetime | None]
    """Set when it was deleted before anything happened to it. Its dated prices stay, so the row stays, unseen and
    without its codes."""


class Variant(ShopRow, Versioned):
    """The sellable unit: its own SKU, barcode, price and cost. A simple product has exactly one."""

    __tablename__ = "variants"
    __table_args__ = (
        belongs_to("products", "product_id"),
        Index("uq_variants_sku", "shop_id", "sku", unique=True),
        Index("uq_variants_barcode", "shop_id", "barcode", unique=True),
        Index("ix_variants_product", "shop_id", "product_id"),
        Index(
            "ix_variants_search", "shop_id", text("search gin_trgm_ops"), postgresql_using="gin",
        ),
    )  # fmt: skip

    product_id: Mapped[UUID]
    name: Mapped[str]
    """The product's name with the variant's choices: what stands on the till and the receipt."""
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sku: Mapped[str]
    barcode: Mapped[str | None]
    search: Mapped[str]
    """Lower-case name, SKU, barcode and brand together: one index finds by any part of them."""
    active: Mapped[bool] = mapped_column(default=True)
    deleted_at: Mapped[datetime | None]


class Component(ShopTable):
    """One thing that a set is made of, and how much of it is in one set.

    A set whose own stock is not followed is taken from its components when it is sold; one whose own stock is followed
    is built of them beforehand.
    """

    __tablename__ = "variant_components"
    __table_args__ = (
        belongs_to("variants", "variant_id"),
        belongs_to("variants", "component_id"),
        Index("ix_variant_components_component", "shop_id", "component_id"),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        CheckConstraint("variant_id <> component_id", name="itself"),
    )

    variant_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The set."""
    component_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    quantity_milli: Mapped[int]


class Price(ShopFact):
    """A selling price of a variant, in force from a moment until a newer row."""

    __tablename__ = "prices"
    __table_args__ = (
        belongs_to("variants", "variant_id"),
        Index("ix_prices_variant", "shop_id", "variant_id", text("valid_from DESC"), text("id DESC")),
        CheckConstraint("price_minor >= 0", name="price"),
    )

    variant_id: Mapped[UUID]
    price_minor: Mapped[int]
    tax_included: Mapped[bool]
    valid_from: Mapped[datetime]


class Cost(ShopFact):
    """What one unit of a variant costs the shop, in force from a moment until a newer row."""

    __tablename__ = "costs"
    __table_args__ = (
        belongs_to("variants", "variant_id"),
        Index("ix_costs_variant", "shop_id", "variant_id", text("valid_from DESC"), text("id DESC")),
        CheckConstraint("cost_minor >= 0", name="cost"),
    )

    variant_id: Mapped[UUID]
    cost_minor: Mapped[int]
    valid_from: Mapped[datetime]


class ImportRun(ShopRow):
    """One import of a file: how far it has come and what it reports."""

    __tablename__ = "import_runs"
    __table_args__ = (
        belongs_to("shops", key=()),
        CheckConstraint("state IN ('running', 'done', 'failed', 'undoing', 'undone')", name="state"),
        CheckConstraint("rows_done BETWEEN 0 AND rows_total", name="progress"),
    )

    filename: Mapped[str]
    state: Mapped[str]
    dry_run: Mapped[bool]
    """Only tried, for its report: nothing of it was kept."""
    columns: Mapped[dict[str, Any]]
    """The title of the column that each field is read from."""
    preset: Mapped[str | None]
    file: Mapped[bytes | None]
    """The file itself while a job still has to read it."""
    rows_total: Mapped[int] = mapped_column(Integer)
    rows_done: Mapped[int] = mapped_column(Integer, default=0)
    report: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    finished_at: Mapped[datetime | None]


class ImportItem(ShopFact):
    """One thing that a row of an import made or changed, so that it can be undone."""

    __tablename__ = "import_items"
    __table_args__ = (
        belongs_to("import_runs", "run_id"),
        Index("ix_import_items_run", "shop_id", "run_id", "entity_id"),
        CheckConstraint("did IN ('make_group', 'make_product', 'make_variant', 'change')", name="did"),
    )

    run_id: Mapped[UUID]
    did: Mapped[str]
    entity_id: Mapped[UUID]
    """The group or product."""
    variant_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(Integer)
    """The group's or product's version as the row left it: a higher one now means that somebody edited it since."""
    before: Mapped[dict[str, Any] | None]
    """What a change replaced."""


class PriceChange(ShopRow):
    """A change of many prices at once: worked out for people to look at, then applied as it was shown."""

    __tablename__ = "price_changes"
    __table_args__ = (
        belongs_to("shops", key=()),
        belongs_to("price_changes", "undoes_id"),
        Index("ix_price_changes_created", "shop_id", "created_at", "id"),
        CheckConstraint("state IN ('drafting', 'ready', 'applying', 'applied', 'stopped', 'failed')", name="state"),
        CheckConstraint("rows_done BETWEEN 0 AND rows_total", name="progress"),
    )

    note: Mapped[str]
    state: Mapped[str]
    asked: Mapped[dict[str, Any]]
    """Which items and how: the words of whoever asked."""
    undoes_id: Mapped[UUID | None]
    """The change that this one takes back."""
    price_from: Mapped[datetime | None]
    """When the new prices begin; empty: when they are applied."""
    rows_total: Mapped[int] = mapped_column(Integer)
    """Variants that the step at work looks at."""
    rows_done: Mapped[int] = mapped_column(Integer, default=0)
    reached: Mapped[UUID | None]
    """The last variant that the step at work has done."""
    totals: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    applied_at: Mapped[datetime | None]
    applied_by: Mapped[UUID | None]


class PriceChangeLine(ShopRow):
    """One price of a change, as it is and as it becomes. The price that it becomes has the line's own id."""

    __tablename__ = "price_change_lines"
    __table_args__ = (
        belongs_to("price_changes", "change_id"),
        belongs_to("variants", "variant_id"),
        Index("uq_price_change_lines_variant", "shop_id", "change_id", "variant_id", unique=True),
        CheckConstraint("price_minor > 0", name="price"),
    )

    change_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    before_minor: Mapped[int]
    price_minor: Mapped[int]
    tax_included: Mapped[bool]
